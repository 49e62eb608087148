//! The record of changes in a file: an entry is on disk before the change that it is of goes out, and its answer follows it.

mod file;
mod open_items;
mod turns;

pub(crate) use file::{ChangeRecordFile, read_record, record_path, written_elsewhere};
pub(crate) use turns::LONGEST_NAME_BYTES;

use poolkeeper_account::record::ChangeId;

/// An item of a change that is being sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordPlace {
    change: ChangeId,
    item: usize,
}
