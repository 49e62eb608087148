//! A connection to one store of one database, opened when first used and again when the browser closed it.

use super::problem::StorageError;
use futures::future::{Either, select};
use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use idb::{Database, DatabaseEvent, Factory, ObjectStore, ObjectStoreParams, Transaction, TransactionMode};
use std::cell::RefCell;
use std::future::{Future, IntoFuture};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::IdbTransaction;

/// Stays at 1: what may change is the format of what is stored, which older versions can tell.
const DATABASE_VERSION: u32 = 1;

/// How long the browser may take to open a database, milliseconds. Chromium was seen to take a second on a busy machine.
const OPEN_MS: u32 = 10_000;

pub(super) struct StoreConnection {
    database_name: &'static str,
    store_name: &'static str,
    database: RefCell<Option<Rc<Database>>>,
}

impl Drop for StoreConnection {
    fn drop(&mut self) {
        if let Some(database) = self.database.get_mut().take() {
            database.close();
        }
    }
}

impl StoreConnection {
    pub(super) const fn new(database_name: &'static str, store_name: &'static str) -> Self {
        Self {
            database_name,
            store_name,
            database: RefCell::new(None),
        }
    }

    /// Begins a transaction; on a new connection where the browser has closed the one there was.
    pub(super) async fn begin(&self, mode: TransactionMode) -> Result<(Transaction, ObjectStore), StorageError> {
        let held = self.database.borrow().clone();
        let stores = [self.store_name];
        let transaction = match held.and_then(|database| database.transaction(&stores, mode).ok()) {
            Some(transaction) => transaction,
            None => {
                let database = Rc::new(self.open().await?);
                let transaction = database.transaction(&stores, mode)?;
                *self.database.borrow_mut() = Some(database);
                transaction
            }
        };
        let store = transaction.object_store(self.store_name)?;
        Ok((transaction, store))
    }

    async fn open(&self) -> Result<Database, StorageError> {
        let store_name = self.store_name;
        let mut request = Factory::new()?.open(self.database_name, Some(DATABASE_VERSION))?;
        request.on_upgrade_needed(move |event| {
            // A store that could not be made shows as the failing of every transaction.
            if let Ok(database) = event.database() {
                let _ = database.create_object_store(store_name, ObjectStoreParams::new());
            }
        });
        let mut database = within(OPEN_MS, request.into_future()).await??;
        // A newer version of the app, or who erases it, waits for this connection to be closed.
        database.on_version_change(|event| {
            let database = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::IdbDatabase>().ok());
            if let Some(database) = database {
                database.close();
            }
        });
        Ok(database)
    }
}

/// A database once it is open. One that opens after the time is up is closed again.
async fn within(
    ms: u32,
    opening: impl Future<Output = Result<Database, idb::Error>> + 'static,
) -> Result<Result<Database, idb::Error>, StorageError> {
    let (sender, opened) = futures::channel::oneshot::channel();
    // Goes on by itself: what the browser calls must be there whenever it answers.
    wasm_bindgen_futures::spawn_local(async move {
        if let Err(Ok(late)) = sender.send(opening.await) {
            late.close();
        }
    });
    match select(opened, TimeoutFuture::new(ms)).await {
        Either::Left((Ok(database), _)) => Ok(database),
        _ => Err(StorageError::Silent(ms / 1_000)),
    }
}

/// Commits what a transaction was asked for, and waits until it is all stored; when one fails, none is.
pub(super) async fn committed(transaction: Transaction, store: &ObjectStore) -> Result<(), StorageError> {
    // Another handle on the same transaction, to ask why it was aborted.
    let aborted = store.transaction();
    // A browser that can't be told commits by itself once the requests are through.
    let _ = store.transaction().commit();
    if is_committed(transaction.into()).await {
        return Ok(());
    }
    let why = aborted.error().map(|exception| StorageError::of_exception(&exception));
    Err(why.unwrap_or_else(|| StorageError::Failed("it stopped half way".to_owned())))
}

/// Waits for a transaction's end. The library's own wait takes the first error of a request for the end, and fails when a second
/// one comes: an aborted transaction has one for each request.
async fn is_committed(transaction: IdbTransaction) -> bool {
    let (commits, committed) = futures::channel::oneshot::channel();
    let (aborts, aborted) = futures::channel::oneshot::channel();
    // Whoever waits may be gone.
    let on_complete = EventListener::once(&transaction, "complete", move |_| {
        let _ = commits.send(());
    });
    let on_abort = EventListener::once(&transaction, "abort", move |_| {
        let _ = aborts.send(());
    });
    let end = select(committed, aborted).await;
    drop((on_complete, on_abort));
    matches!(end, Either::Left((Ok(()), _)))
}

/// Removes a database with all that is in it. Returns once no page uses it any more.
pub(super) async fn erase(database_name: &str) -> Result<(), StorageError> {
    Factory::new()?.delete(database_name)?.await?;
    Ok(())
}
