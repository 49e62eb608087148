//! Copies of an account, and changes of one.

mod fork;
mod fork_notes;
mod record;
mod recorded_bulk;
mod retry;
mod sending;
