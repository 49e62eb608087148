//! Copies of an account, and many changes of one.

mod fork;
mod fork_notes;
mod sending;
