//! The record of changes in a file: an entry is on disk before the change that it is of goes out, and its answer follows it.
//!
//! Every request that may change an account goes through [`ChangeRecordFile::sending`]. The page announces what it is about to send;
//! a request that equals an announced item is recorded as that item, and any other as a change of its own.

mod api;
mod file;
mod note;
mod open_items;
mod request;
mod turns;

pub(super) use api::{RecordApi, RecordSource, not_recorded, record_account};
pub(super) use file::{ChangeRecordFile, usual_path};
pub(super) use note::ChangeNote;
pub(super) use request::sent_request;

use poolkeeper_account::record::ChangeId;

/// An item of a change that is being sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordPlace {
    change: ChangeId,
    item: usize,
}
