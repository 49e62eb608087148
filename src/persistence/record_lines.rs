//! The record of changes in this browser, where no program keeps it: the same lines as in a file, by number.

use super::connection::{StoreConnection, committed};
use super::problem::StorageError;
use idb::{KeyRange, Query, TransactionMode};
use poolkeeper_account::record::{RecordContents, RecordEntry};
use wasm_bindgen::JsValue;

pub(super) const RECORD_DATABASE: &str = "poolkeeper-record";
const STORE: &str = "lines";

/// The latest lines that are read: a change of 20,000 domains takes 40,000.
const MOST_READ: u32 = 200_000;

/// A longer record takes no more lines.
const MOST_KEPT: u32 = 1_000_000;

pub(crate) struct RecordLines {
    connection: StoreConnection,
}

impl RecordLines {
    pub(crate) const fn new() -> Self {
        Self {
            connection: StoreConnection::new(RECORD_DATABASE, STORE),
        }
    }

    /// Appends entries. They are all stored when this returns, or none is.
    pub(crate) async fn append(&self, entries: &[RecordEntry]) -> Result<(), StorageError> {
        let (transaction, store) = self.connection.begin(TransactionMode::ReadWrite).await?;
        let stored = store.count(None)?.await?;
        if stored >= MOST_KEPT {
            return Err(StorageError::Failed(
                "it is full. Export it, then erase what is stored in this browser".to_owned(),
            ));
        }
        for (number, entry) in (stored + 1..).zip(entries) {
            let line = entry
                .line(u64::from(number))
                .map_err(|error| StorageError::Failed(error.to_string()))?;
            // A number that is taken fails, so nothing is overwritten.
            store.add(&JsValue::from_str(&line), Some(&JsValue::from_f64(f64::from(number))))?;
        }
        committed(transaction, &store).await
    }

    /// The latest entries.
    pub(crate) async fn read(&self) -> Result<RecordContents, StorageError> {
        let (_transaction, store) = self.connection.begin(TransactionMode::ReadOnly).await?;
        let stored = store.count(None)?.await?;
        let first = stored.saturating_sub(MOST_READ) + 1;
        let range = KeyRange::lower_bound(&JsValue::from_f64(f64::from(first)), None).map(Query::from)?;
        let lines = store.get_all(Some(range), None)?.await?;
        let text: String = lines.iter().map(|line| line.as_string().unwrap_or_default()).collect();
        Ok(RecordContents::read_lines(text.as_bytes(), u64::from(first)))
    }
}
