//! The record of changes, of the pages that this program serves.
//!
//! Every request that may change an account goes through [`ChangeRecordFile::sending`]. The page announces what it is about to send;
//! a request that equals an announced item is recorded as that item, and any other as a change of its own.

mod api;
mod note;
mod request;

pub(super) use api::{RecordApi, RecordSource, not_recorded, record_account};
pub(super) use note::ChangeNote;
pub(super) use request::sent_request;
