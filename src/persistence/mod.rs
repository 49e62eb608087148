//! The simulator's record in this browser: [`poolkeeper_simulator::persistence`] over IndexedDB, and the news between tabs.
//!
//! [`SimulatorStore`] ties a simulator to it: that is all a page needs. [`StoredRecord`] is what the keeper is made of. Writing goes on
//! in the background, in order; [`StoreEvent`]s say how it went.

mod change_lock;
mod connection;
mod indexed_db;
mod keeper;
mod problem;
mod record_lines;
mod tabs;

pub(crate) use change_lock::{ChangeLock, locked_changes};
pub(crate) use keeper::{SimulatorStore, StoreNotice};
pub(crate) use problem::StorageError;
pub(crate) use record_lines::RecordLines;

use crate::browser;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use indexed_db::IndexedDb;
use poolkeeper_simulator::persistence::{
    KnownState, SnapshotAndChanges, StoreHead, Unrecoverable, WriteQueue, WriteRefused, change, changes_since,
    is_current, quarantine, recover,
};
use poolkeeper_simulator::sim::{Actor, Command, Sim};
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use tabs::TabChannel;

/// Whether something may be kept in this browser. `true` when the browser can't tell without opening it.
pub(crate) async fn may_be_there() -> bool {
    browser::has_database(indexed_db::DATABASE).await.unwrap_or(true)
}

/// Removes all that is kept in this browser's databases.
///
/// # Errors
/// [`StorageError`] in the browser's words.
pub(crate) async fn erase_all() -> Result<(), StorageError> {
    connection::erase(record_lines::RECORD_DATABASE).await?;
    connection::erase(indexed_db::DATABASE).await
}

/// How long to wait before a write that failed is tried again.
const RETRY_MS: u32 = 5_000;

/// What the record held when it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OpenedRecord {
    /// Nothing: start with a scenario and [`StoredRecord::replace`].
    Nothing,
    /// A state, to be restored with [`poolkeeper_simulator::persistence::JournalReplay`]. Then comes [`StoredRecord::resume`].
    Found {
        /// What it is called.
        name: String,
        opening: SnapshotAndChanges,
    },
    /// Something that could not be restored. Start with a scenario and say so.
    Broken {
        why: Unrecoverable,
        /// The name under which it was moved aside; or why it could not be moved, in which case it
        /// stays where it is and nothing is kept of this tab.
        quarantined: Result<String, StorageError>,
    },
    /// No storage: everything works, and nothing is kept.
    Off(StorageError),
}

/// What another tab did, for this one to follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RecordEvent {
    /// Changes to be repeated in order, with [`poolkeeper_simulator::persistence::repeat`]. Then comes [`StoredRecord::resume`], or
    /// [`StoredRecord::reload`] when one cannot be repeated.
    Changes(Vec<String>),
    /// Another state.
    Other(OpenedRecord),
}

/// How the writing goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreEvent {
    /// Everything so far is stored.
    Saved,
    /// The last write failed. It is tried again; the tab works on.
    Unsaved(StorageError),
    /// Another tab changed the record: [`StoredRecord::catch_up`].
    ChangedElsewhere,
    /// What this tab did since it last saw the record is not kept. For a conflict: [`StoredRecord::reload`]. Where the record is
    /// gone: [`StoredRecord::replace`] with what the tab shows.
    Refused(WriteRefused),
}

/// The record. Copies are handles on the same one.
#[derive(Clone)]
pub(crate) struct StoredRecord(Rc<RecordState>);

struct RecordState {
    store: IndexedDb,
    queue: RefCell<WriteQueue>,
    /// Why nothing is kept.
    off: RefCell<Option<StorageError>>,
    is_writing: Cell<bool>,
    /// Counts how often the queue was started, so that a write that was under way then is not counted for it.
    starts: Cell<u32>,
    events: UnboundedSender<StoreEvent>,
    tabs: OnceCell<TabChannel>,
}

impl StoredRecord {
    /// Opens the record, and moves aside what cannot be restored.
    pub(crate) async fn open() -> (Self, OpenedRecord, UnboundedReceiver<StoreEvent>) {
        let (events, receiver) = unbounded();
        let record = Self(Rc::new(RecordState {
            store: IndexedDb::default(),
            queue: RefCell::default(),
            off: RefCell::default(),
            is_writing: Cell::new(false),
            starts: Cell::new(0),
            events,
            tabs: OnceCell::new(),
        }));
        let weak = Rc::downgrade(&record.0);
        let tabs = TabChannel::open(move |heard| {
            if let Some(inner) = weak.upgrade() {
                Self(inner).on_other_tab(heard);
            }
        });
        // Set here and nowhere else.
        let _ = record.0.tabs.set(tabs);
        let opened = record.reload().await;
        (record, opened, receiver)
    }

    /// Reads the record anew. What this tab has not written yet is dropped.
    pub(crate) async fn reload(&self) -> OpenedRecord {
        // Another tab may move the record aside, or start one, in between; the second look then finds what it made.
        for _ in 0..2 {
            let raw = match self.0.store.read().await {
                Ok(raw) => raw,
                Err(problem) => return self.turn_off(problem),
            };
            match recover(&raw) {
                Ok(None) => {
                    self.start(None);
                    return OpenedRecord::Nothing;
                }
                Ok(Some(found)) => {
                    self.start(Some(found.head.clone()));
                    let name = found.head.name.clone();
                    let opening = found.into();
                    return OpenedRecord::Found { name, opening };
                }
                Err(why) => match self.quarantine_broken().await {
                    Ok(None) => {}
                    Ok(Some(name)) => {
                        return OpenedRecord::Broken {
                            why,
                            quarantined: Ok(name),
                        };
                    }
                    Err(problem) => {
                        self.turn_off(problem.clone());
                        return OpenedRecord::Broken {
                            why,
                            quarantined: Err(problem),
                        };
                    }
                },
            }
        }
        self.turn_off(StorageError::Failed("another tab keeps changing it".to_owned()))
    }

    /// What other tabs did since this one last saw the record. Nothing while this tab has changes of its own to write:
    /// they are about to be refused, and an [`StoreEvent`] says so.
    pub(crate) async fn catch_up(&self) -> RecordEvent {
        let seen = self.0.queue.borrow().seen();
        if self.0.queue.borrow().refusal().is_none()
            && let Some(seen) = seen
        {
            let changes = self.0.store.read_entries(|stored| changes_since(stored, &seen)).await;
            if !self.0.queue.borrow().is_empty() {
                return RecordEvent::Changes(Vec::new());
            }
            if let Ok(Some((head, entries))) = changes {
                self.start(Some(head));
                return RecordEvent::Changes(entries);
            }
        }
        RecordEvent::Other(self.reload().await)
    }

    /// Says that the tab shows what [`StoredRecord::reload`] or [`StoredRecord::catch_up`] found.
    pub(crate) fn resume(&self) {
        self.0.queue.borrow_mut().resume();
    }

    /// Keeps a command that was carried out; `after` is the simulator as it is then. `false` when it is not kept, because
    /// the tab shows something else than what is stored, or nothing is kept at all.
    pub(crate) fn append(&self, actor: &Actor, command: &Command, after: &Sim) -> bool {
        let is_taken = self.0.queue.borrow_mut().append(change(actor, command, after));
        if is_taken {
            self.write();
        }
        is_taken
    }

    /// Keeps another simulator in place of what there was; `false` when it is not kept.
    pub(crate) fn replace(&self, name: &str, sim: &Sim) -> bool {
        let is_taken = self.problem().is_none() && self.0.queue.borrow_mut().replace(name, sim.to_bytes());
        if is_taken {
            self.write();
        }
        is_taken
    }

    /// Writes a snapshot where one is due. `sim` is the simulator with every change appended so far. To be called when
    /// the page is idle: at 100 000 domains it takes a while.
    pub(crate) fn tidy(&self, sim: &Sim) {
        if self.is_tidy_due() && self.0.queue.borrow_mut().compact(sim.to_bytes()) {
            self.write();
        }
    }

    /// Whether [`StoredRecord::tidy`] would do something.
    #[must_use]
    pub(crate) fn is_tidy_due(&self) -> bool {
        self.problem().is_none() && self.0.queue.borrow().is_snapshot_due()
    }

    /// Why nothing is kept; `None` when all is well.
    #[must_use]
    pub(crate) fn problem(&self) -> Option<StorageError> {
        self.0.off.borrow().clone()
    }

    /// Moves the record aside although it could be read, because its snapshot or its changes could not; the name under
    /// which it is kept. Go on with [`StoredRecord::replace`].
    ///
    /// # Errors
    /// [`StorageError`] when it could not be moved. Nothing is kept of this tab then, so that nothing is lost.
    pub(crate) async fn set_aside(&self) -> Result<String, StorageError> {
        let name = indexed_db::now();
        let seen = self.0.queue.borrow().seen();
        let moved = self.0.store.rewrite(|raw| {
            let is_same = is_current(raw.head.as_deref(), seen.as_ref());
            if is_same { quarantine(raw, &name) } else { Vec::new() }
        });
        match moved.await {
            Ok(_) => {
                self.start(None);
                Ok(name)
            }
            Err(problem) => {
                self.turn_off(problem.clone());
                Err(problem)
            }
        }
    }

    /// Moves aside what cannot be restored; `None` when that is no longer there.
    async fn quarantine_broken(&self) -> Result<Option<String>, StorageError> {
        let name = indexed_db::now();
        let moved = self.0.store.rewrite(|raw| {
            let is_broken = recover(raw).is_err();
            if is_broken { quarantine(raw, &name) } else { Vec::new() }
        });
        if moved.await? {
            self.start(None);
            return Ok(Some(name));
        }
        Ok(None)
    }

    fn start(&self, head: Option<StoreHead>) {
        self.0.starts.set(self.0.starts.get().wrapping_add(1));
        self.0.is_writing.set(false);
        self.0.queue.borrow_mut().start(head);
        *self.0.off.borrow_mut() = None;
    }

    fn turn_off(&self, problem: StorageError) -> OpenedRecord {
        self.start(None);
        *self.0.off.borrow_mut() = Some(problem.clone());
        OpenedRecord::Off(problem)
    }

    fn notify(&self, event: StoreEvent) {
        // Nobody listening is fine.
        let _ = self.0.events.unbounded_send(event);
    }

    /// Writes what waits, in the background.
    fn write(&self) {
        if !self.0.is_writing.replace(true) {
            wasm_bindgen_futures::spawn_local(self.clone().write_all());
        }
    }

    async fn write_all(self) {
        let start = self.0.starts.get();
        loop {
            let batch = self.0.queue.borrow_mut().next(indexed_db::new_lineage);
            let Some(batch) = batch else { break };
            let result = self.0.store.write(|stored| batch.plan(stored)).await;
            if self.0.starts.get() != start {
                // The queue was started anew, and its own writing with it.
                return;
            }
            match result {
                Ok(Ok(head)) => {
                    let seen = KnownState::from(&head);
                    self.0.queue.borrow_mut().written(head);
                    if let Some(tabs) = self.0.tabs.get() {
                        tabs.notify(&seen);
                    }
                    if self.0.queue.borrow().is_empty() {
                        self.notify(StoreEvent::Saved);
                    }
                }
                Ok(Err(refused)) => {
                    self.0.queue.borrow_mut().refused(refused);
                    self.notify(StoreEvent::Refused(refused));
                }
                Err(problem) => {
                    self.0.queue.borrow_mut().failed();
                    if !self.0.queue.borrow().is_empty() {
                        self.notify(StoreEvent::Unsaved(problem));
                        gloo_timers::future::TimeoutFuture::new(RETRY_MS).await;
                        if self.0.starts.get() != start {
                            return;
                        }
                    }
                }
            }
        }
        self.0.is_writing.set(false);
    }

    /// Another tab wrote, or this one came to the front again.
    fn on_other_tab(&self, heard: Option<KnownState>) {
        if self.problem().is_some() || self.0.queue.borrow().refusal().is_some() {
            return;
        }
        let record = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // The word of another tab may be old by the time it is heard; the store knows.
            let start = record.0.starts.get();
            let Ok(stored) = record.0.store.head().await else {
                return;
            };
            let is_news = {
                let queue = record.0.queue.borrow();
                start == record.0.starts.get()
                    && queue.is_empty()
                    && !is_current(stored.as_deref(), queue.seen().as_ref())
            };
            if is_news && (stored.is_some() || heard.is_some()) {
                record.notify(StoreEvent::ChangedElsewhere);
            }
        });
    }
}
