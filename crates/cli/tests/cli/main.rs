//! The program `poolkeeper`, run as a user runs it.

mod bounds;
mod command_line;
mod console;
mod imports;
mod live;
mod serve;
mod torture;
mod watch;
