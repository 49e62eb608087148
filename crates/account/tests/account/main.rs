//! Copies of an account, and changes of one.

mod cache;
mod forecast;
mod fork;
mod fork_notes;
mod former_senders;
mod list_service;
mod optional_reads;
mod record;
mod recorded_bulk;
mod retry;
mod sending;
