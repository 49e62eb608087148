//! What is kept of a simulated account so that a reload, a crash or a second tab loses nothing. No browser here.
//!
//! The record is a store of values by key: a **snapshot** of the whole state at some revision, an **entry** for each
//! change since, and a **head** that says which of them count. So a change writes some hundred bytes and not megabytes,
//! and what is stored is the snapshot with the entries applied in order. From time to time a new snapshot takes the
//! entries' place.
//!
//! Two things keep it whole:
//!
//! - A write is planned from the head as stored. Where that is not the one the writer last saw, another tab was faster,
//!   and the plan is a [`Refused`] and no write at all. The store makes reading the head and the writes one transaction.
//! - A plan's writes come in an order in which the record is whole after each of them: it is what it was up to the one
//!   that puts the head, and what it should be from then on. So not even a store that loses atomicity can break it.
//!
//! What cannot be read is never overwritten: it is moved aside as one file that can be saved, and opened by a version
//! that can read it.

mod file;
mod plan;
mod queue;
mod replay;

pub use file::{InvalidRecordFile, RecordFile};
pub use plan::{
    FORMAT, KnownState, PendingEntry, RecoverableState, StoreContents, StoreHead, StoreKey, StoreValue, StoreWrite,
    StoredHead, Unrecoverable, WriteRefused, append, changes_since, compact, is_current, is_snapshot_due, recover,
    replace, set_aside,
};
pub use queue::{WriteBatch, WriteQueue};
pub use replay::{JournalReplay, SnapshotAndChanges, change, repeat};
