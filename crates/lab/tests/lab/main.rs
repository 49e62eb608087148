//! Jobs, replays, reports, and the protocol with a worker.

mod lab;
mod protocol;
mod replay;
mod report;
