//! A whole record as one file: a line of JSON, then the snapshot's bytes.

use super::plan::{RecoverableState, StoreContents, StoreKey, StoreValue, StoreWrite, Unrecoverable, recover};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// How a record's file begins. A snapshot by itself begins otherwise.
const START: &[u8] = b"{\"poolkeeper_record\":";

/// The version of the file's layout.
const FILE_FORMAT: u32 = 1;

/// A record in quarantine, or saved with its changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFile {
    raw: StoreContents,
}

/// Why bytes are not a record's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a record file of Poolkeeper, or cut short")]
pub struct InvalidRecordFile;

/// The first line.
#[derive(Serialize, Deserialize)]
struct RecordFileIndex {
    poolkeeper_record: u32,
    head: Option<String>,
    entries: BTreeMap<u64, String>,
    /// Length of each snapshot; they follow in this order.
    snapshots: BTreeMap<u64, usize>,
}

impl RecordFile {
    fn of(raw: &StoreContents) -> Self {
        Self { raw: raw.clone() }
    }

    /// Whether bytes begin as such a file does.
    #[must_use]
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(START)
    }

    /// Reads the file's bytes.
    ///
    /// # Errors
    /// [`InvalidRecordFile`] when they are something else or incomplete.
    pub fn read(bytes: &[u8]) -> Result<Self, InvalidRecordFile> {
        let end = memchr::memchr(b'\n', bytes).ok_or(InvalidRecordFile)?;
        let line = bytes.get(..end).ok_or(InvalidRecordFile)?;
        let index: RecordFileIndex = serde_json::from_slice(line).map_err(|_| InvalidRecordFile)?;
        if index.poolkeeper_record != FILE_FORMAT {
            return Err(InvalidRecordFile);
        }
        let mut rest = bytes.get(end + 1..).ok_or(InvalidRecordFile)?;
        let mut snapshots = BTreeMap::new();
        for (revision, length) in index.snapshots {
            let (snapshot, after) = rest.split_at_checked(length).ok_or(InvalidRecordFile)?;
            snapshots.insert(revision, snapshot.to_vec());
            rest = after;
        }
        let raw = StoreContents {
            head: index.head,
            snapshots,
            entries: index.entries,
        };
        if rest.is_empty() {
            Ok(Self { raw })
        } else {
            Err(InvalidRecordFile)
        }
    }

    /// The file's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let index = RecordFileIndex {
            poolkeeper_record: FILE_FORMAT,
            head: self.raw.head.clone(),
            entries: self.raw.entries.clone(),
            snapshots: self
                .raw
                .snapshots
                .iter()
                .map(|(&at, bytes)| (at, bytes.len()))
                .collect(),
        };
        // Maps and strings are always JSON.
        let mut bytes = serde_json::to_vec(&index).unwrap_or_default();
        bytes.push(b'\n');
        for snapshot in self.raw.snapshots.values() {
            bytes.extend_from_slice(snapshot);
        }
        bytes
    }

    /// The record in it.
    ///
    /// # Errors
    /// [`Unrecoverable`] when it cannot be restored; that of a newer version by that version.
    pub fn recover(&self) -> Result<Option<RecoverableState>, Unrecoverable> {
        recover(&self.raw)
    }
}

/// Moves everything a store holds into one file under a name. The store is then empty, ready for a new record.
#[must_use]
pub fn quarantine(raw: &StoreContents, name: &str) -> Vec<StoreWrite> {
    let file = RecordFile::of(raw).to_bytes();
    let mut writes = vec![
        StoreWrite::Put(StoreKey::Quarantine(name.to_owned()), StoreValue::Bytes(file)),
        StoreWrite::Delete(StoreKey::Head),
    ];
    writes.extend(
        raw.snapshots
            .keys()
            .map(|&revision| StoreWrite::Delete(StoreKey::Snapshot(revision))),
    );
    writes.extend(
        raw.entries
            .keys()
            .map(|&revision| StoreWrite::Delete(StoreKey::Entry(revision))),
    );
    writes
}
