//! The record of changes: what was about to be sent, was sent and was answered, in the order in which it happened. Pure.
//!
//! A change begins with [`RecordEntry::Intended`], which is stored before anything is sent. Each of its items is then sent and
//! answered. Nothing stored is ever changed: what a change came to is what its entries add up to ([`ChangeRecord`]). An item
//! without an answer is unknown until reading the account shows whether it was made. No entry has a place for a key.

mod changes;
mod entry;
mod file;
mod filter;
mod former;

pub use changes::{ChangeOrigin, ChangeOutcome, ChangeRecord, ItemState, OutcomeCounts, RecordedChange};
pub use entry::{
    ChangeId, ChangeIntent, ItemAnswer, ItemRequest, MOST_ITEMS, RecordAccount, RecordEntry, RecordedItem, SentRequest,
};
pub use file::{NotARecord, RECORD_HEADER, RecordContents, RecordDamage};
pub use filter::{ChangeKind, RecordFilter};
