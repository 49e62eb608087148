//! The store: one IndexedDB object store of values by key.

use super::connection::{StoreConnection, committed};
use super::problem::StorageError;
use idb::{KeyRange, ObjectStore, Query, Transaction, TransactionMode};
use poolkeeper_simulator::persistence::{StoreContents, StoreHead, StoreKey, StoreValue, StoreWrite, WriteRefused};
use std::ops::RangeInclusive;
use wasm_bindgen::{JsCast, JsValue};

pub(super) const DATABASE: &str = "poolkeeper";
const STORE: &str = "record";

/// The store of the simulator.
pub(super) struct IndexedDb {
    connection: StoreConnection,
}

impl Default for IndexedDb {
    fn default() -> Self {
        Self {
            connection: StoreConnection::new(DATABASE, STORE),
        }
    }
}

impl IndexedDb {
    /// Everything but what was moved aside.
    pub(super) async fn read(&self) -> Result<StoreContents, StorageError> {
        let (_transaction, store) = self.connection.begin(TransactionMode::ReadOnly).await?;
        read(&store).await
    }

    /// The stored head.
    pub(super) async fn head(&self) -> Result<Option<String>, StorageError> {
        let (_transaction, store) = self.connection.begin(TransactionMode::ReadOnly).await?;
        read_head(&store).await
    }

    /// The head and the entries of the revisions that are asked for, if they are and all are there.
    pub(super) async fn read_entries(
        &self,
        ask: impl FnOnce(Option<&str>) -> Option<(StoreHead, RangeInclusive<u64>)>,
    ) -> Result<Option<(StoreHead, Vec<String>)>, StorageError> {
        let (_transaction, store) = self.connection.begin(TransactionMode::ReadOnly).await?;
        let stored = read_head(&store).await?;
        let Some((head, revisions)) = ask(stored.as_deref()) else {
            return Ok(None);
        };
        let mut entries = Vec::new();
        for revision in revisions {
            match store
                .get(key(&StoreKey::Entry(revision)))?
                .await?
                .and_then(|value| value.as_string())
            {
                Some(entry) => entries.push(entry),
                None => return Ok(None),
            }
        }
        Ok(Some((head, entries)))
    }

    /// Plans writes from the stored head and carries them out, in one transaction with the reading of the head.
    pub(super) async fn write<T>(
        &self,
        plan: impl FnOnce(Option<&str>) -> Result<(T, Vec<StoreWrite>), WriteRefused>,
    ) -> Result<Result<T, WriteRefused>, StorageError> {
        let (transaction, store) = self.connection.begin(TransactionMode::ReadWrite).await?;
        let stored = read_head(&store).await?;
        match plan(stored.as_deref()) {
            Ok((planned, writes)) => {
                carry_out(transaction, &store, writes).await?;
                Ok(Ok(planned))
            }
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// Plans writes from all that is stored and carries them out, in one transaction; whether there were any.
    pub(super) async fn rewrite(
        &self,
        plan: impl FnOnce(&StoreContents) -> Vec<StoreWrite>,
    ) -> Result<bool, StorageError> {
        let (transaction, store) = self.connection.begin(TransactionMode::ReadWrite).await?;
        let writes = plan(&read(&store).await?);
        let is_changed = !writes.is_empty();
        carry_out(transaction, &store, writes).await?;
        Ok(is_changed)
    }
}

async fn read_head(store: &ObjectStore) -> Result<Option<String>, StorageError> {
    let value = store.get(key(&StoreKey::Head))?.await?;
    // A head that is no text reads as one that is empty, which no head is.
    Ok(value.map(|value| value.as_string().unwrap_or_default()))
}

async fn read(store: &ObjectStore) -> Result<StoreContents, StorageError> {
    let mut raw = StoreContents {
        head: read_head(store).await?,
        ..StoreContents::default()
    };
    // Entries, snapshots and the head sort after what was moved aside, which stays where it is.
    let range = || KeyRange::lower_bound(&JsValue::from_str("b"), None).map(Query::from);
    let keys = store.get_all_keys(Some(range()?), None)?.await?;
    let values = store.get_all(Some(range()?), None)?.await?;
    for (key, value) in keys.iter().zip(&values) {
        match key.as_string().as_deref().and_then(StoreKey::read) {
            Some(StoreKey::Entry(revision)) => {
                if let Some(text) = value.as_string() {
                    raw.entries.insert(revision, text);
                }
            }
            Some(StoreKey::Snapshot(revision)) => {
                if let Some(bytes) = bytes(value) {
                    raw.snapshots.insert(revision, bytes);
                }
            }
            _ => {}
        }
    }
    Ok(raw)
}

/// Carries out writes and waits until they are all stored; when one fails, none is. Nothing is waited for in between: a
/// page that is left from here on leaves the browser to finish them.
async fn carry_out(transaction: Transaction, store: &ObjectStore, writes: Vec<StoreWrite>) -> Result<(), StorageError> {
    for write in writes {
        match write {
            StoreWrite::Put(at, value) => {
                let value = match value {
                    StoreValue::Text(text) => JsValue::from_str(&text),
                    StoreValue::Bytes(bytes) => js_sys::Uint8Array::from(bytes.as_slice()).into(),
                };
                store.put(&value, Some(&key(&at)))?;
            }
            StoreWrite::Delete(at) => {
                store.delete(key(&at))?;
            }
        }
    }
    committed(transaction, store).await
}

fn key(key: &StoreKey) -> JsValue {
    JsValue::from_str(&key.spelled())
}

fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    value.dyn_ref::<js_sys::Uint8Array>().map(js_sys::Uint8Array::to_vec)
}

/// A name that no other record has.
pub(super) fn new_lineage() -> String {
    let random = || format!("{:x}", js_sys::Math::random().to_bits());
    format!("{}-{}{}", now(), random(), random())
}

/// The wall clock, as a name that sorts by time.
pub(super) fn now() -> String {
    js_sys::Date::new_0().to_iso_string().into()
}
