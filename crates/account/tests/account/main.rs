//! Copies of an account, and changes of one.

mod fork;
mod fork_notes;
mod retry;
mod sending;
