//! A simulator that is kept: restored when the page opens, written after each change, in step with other tabs.

use super::{OpenedRecord, RecordEvent, StorageError, StoreEvent, StoredRecord};
use crate::browser::{self, Slices};
use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use gloo_events::EventListener;
use poolkeeper_simulator::persistence::{JournalReplay, SnapshotAndChanges, Unrecoverable, WriteRefused, repeat};
use poolkeeper_simulator::server::{Simulator, SimulatorChange, Subscription};
use poolkeeper_simulator::sim::{AccountOrigin, Sim};
use std::cell::Cell;
use std::rc::Rc;

/// Something the person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreNotice {
    /// The simulator is as it was left.
    Restored,
    /// Another tab changed the simulator, and this one shows it.
    Followed,
    /// Another tab was faster: it is shown, and what was just done in this one is not kept.
    Overtaken,
    /// What was kept could not be restored, or not all of it.
    SetAside {
        why: Unrecoverable,
        /// The name under which it was moved aside, or why it could not be; then it is
        /// untouched, and nothing is kept of this tab.
        quarantined: Result<String, StorageError>,
        /// Whether the state up to a change that could not be repeated is shown.
        is_partly_restored: bool,
    },
    /// A change is being stored, or all are. While one is, the browser asks before it leaves the page.
    Saving(bool),
    /// Changes are not stored at the moment; it is tried again.
    Unsaved(StorageError),
    /// They are stored again.
    SavedAgain,
    /// Nothing is kept.
    Off(StorageError),
}

/// Keeps a simulator. Copies are handles on the same one; it goes on as long as one is held.
#[derive(Clone)]
pub(crate) struct SimulatorStore(Rc<KeeperState>);

struct KeeperState {
    record: StoredRecord,
    simulator: Simulator,
    notify: Box<dyn Fn(StoreNotice)>,
    /// The simulator is being set to what the record holds, which is not to be written back.
    is_setting: Cell<bool>,
    /// Another simulator was chosen while one was being restored.
    is_replaced: Cell<bool>,
    /// A change was made that is not kept.
    is_dropped: Cell<bool>,
    is_unsaved: Cell<bool>,
    /// A change was made that is not known to be stored.
    is_pending: Cell<bool>,
    question: Cell<Option<EventListener>>,
    is_tidying: Cell<bool>,
    listening: Cell<Option<Subscription>>,
}

impl SimulatorStore {
    /// Opens the record and sets the simulator to what it holds; where it holds nothing, keeps the simulator as it is.
    /// Returns once that is done, so that the page can wait for it. `tell` is called for whatever the person should know.
    pub(crate) async fn start(simulator: Simulator, notify: impl Fn(StoreNotice) + 'static) -> Self {
        let (record, opened, events) = StoredRecord::open().await;
        let keeper = Self(Rc::new(KeeperState {
            record,
            simulator: simulator.clone(),
            notify: Box::new(notify),
            is_setting: Cell::new(false),
            is_replaced: Cell::new(false),
            is_dropped: Cell::new(false),
            is_unsaved: Cell::new(false),
            is_pending: Cell::new(false),
            question: Cell::new(None),
            is_tidying: Cell::new(false),
            listening: Cell::new(None),
        }));
        let weak = Rc::downgrade(&keeper.0);
        let subscription = simulator.subscribe(move |change, sim| {
            if let Some(inner) = weak.upgrade() {
                inner.changed(change, sim);
            }
        });
        keeper.0.listening.set(Some(subscription));
        keeper.show(opened, StoreNotice::Restored).await;
        let weak = Rc::downgrade(&keeper.0);
        wasm_bindgen_futures::spawn_local(async move {
            let mut events: UnboundedReceiver<StoreEvent> = events;
            while let Some(event) = events.next().await {
                let Some(inner) = weak.upgrade() else { return };
                Self(inner).handle(event).await;
            }
        });
        keeper
    }

    fn notify(&self, notice: StoreNotice) {
        (self.0.notify)(notice);
    }

    async fn handle(&self, event: StoreEvent) {
        match event {
            StoreEvent::Saved => {
                self.0.pending(false);
                if self.0.is_unsaved.replace(false) {
                    self.notify(StoreNotice::SavedAgain);
                }
                self.tidy_when_idle();
            }
            StoreEvent::Unsaved(problem) => {
                if !self.0.is_unsaved.replace(true) {
                    self.notify(StoreNotice::Unsaved(problem));
                }
            }
            StoreEvent::ChangedElsewhere => self.follow().await,
            StoreEvent::Refused(WriteRefused::Gone) => self.keep_shown(),
            StoreEvent::Refused(_) => {
                let is_lost = self.0.is_pending.get();
                self.0.pending(false);
                let opened = self.0.record.reload().await;
                self.show(
                    opened,
                    if is_lost {
                        StoreNotice::Overtaken
                    } else {
                        StoreNotice::Followed
                    },
                )
                .await;
            }
        }
    }

    async fn follow(&self) {
        match self.0.record.catch_up().await {
            RecordEvent::Changes(changes) if changes.is_empty() => self.0.record.resume(),
            RecordEvent::Changes(changes) => {
                // All at once: a change made in between would be one of another state.
                let mut sim = (*self.0.simulator.sim()).clone();
                if changes.iter().try_for_each(|change| repeat(&mut sim, change)).is_ok() {
                    self.set(sim);
                    self.notify(StoreNotice::Followed);
                } else {
                    let opened = self.0.record.reload().await;
                    self.show(opened, StoreNotice::Followed).await;
                }
            }
            RecordEvent::Other(opened) => self.show(opened, StoreNotice::Followed).await,
        }
    }

    /// Shows what the record holds.
    async fn show(&self, opened: OpenedRecord, done: StoreNotice) {
        match opened {
            OpenedRecord::Nothing => self.keep_shown(),
            OpenedRecord::Off(problem) => self.notify(StoreNotice::Off(problem)),
            OpenedRecord::Broken { why, quarantined } => {
                self.notify(StoreNotice::SetAside {
                    why,
                    quarantined,
                    is_partly_restored: false,
                });
                self.keep_shown();
            }
            OpenedRecord::Found { opening, .. } => self.restore(opening, done).await,
        }
    }

    async fn restore(&self, opening: SnapshotAndChanges, done: StoreNotice) {
        self.0.is_replaced.set(false);
        self.0.is_dropped.set(false);
        let result = self.replay(opening).await;
        if self.0.is_replaced.get() {
            // The person has chosen another one meanwhile, and that is kept.
            return;
        }
        match result {
            Ok(sim) => {
                self.set(sim);
                let done = if self.0.is_dropped.get() {
                    StoreNotice::Overtaken
                } else {
                    done
                };
                self.notify(done);
            }
            Err((why, sim)) => {
                let quarantined = self.0.record.set_aside().await;
                let is_partly_restored = sim.is_some();
                if let Some(sim) = sim {
                    self.set(sim);
                }
                self.notify(StoreNotice::SetAside {
                    why,
                    quarantined,
                    is_partly_restored,
                });
                self.keep_shown();
            }
        }
    }

    /// Repeats the changes, a slice at a time; where that does not go through, the state before the one that fails.
    async fn replay(&self, opening: SnapshotAndChanges) -> Result<Sim, (Unrecoverable, Option<Sim>)> {
        let mut replay = JournalReplay::new(opening).map_err(|why| (why, None))?;
        let mut slices = Slices::new();
        loop {
            match replay.step() {
                Ok(true) => {}
                Ok(false) => return Ok(replay.sim()),
                Err(why) => return Err((why, Some(replay.sim()))),
            }
            if slices.is_over() {
                slices.pause().await;
            }
        }
    }

    /// Sets the simulator to what the record holds.
    fn set(&self, sim: Sim) {
        self.0.is_setting.set(true);
        self.0.simulator.replace(sim);
        self.0.is_setting.set(false);
        self.0.record.resume();
        self.0.pending(false);
    }

    /// Keeps what the page shows, in place of whatever there was.
    fn keep_shown(&self) {
        let sim = self.0.simulator.sim();
        self.0.record.replace(&name_of(&sim), &sim);
    }

    fn tidy_when_idle(&self) {
        if !self.0.record.is_tidy_due() || self.0.is_tidying.replace(true) {
            return;
        }
        let keeper = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            browser::idle().await;
            keeper.0.is_tidying.set(false);
            keeper.0.record.tidy(&keeper.0.simulator.sim());
        });
    }
}

impl KeeperState {
    fn changed(&self, change: SimulatorChange<'_>, sim: &Sim) {
        match change {
            _ if self.is_setting.get() => {}
            SimulatorChange::Applied { actor, command } => {
                if self.record.append(actor, command, sim) {
                    self.pending(true);
                } else {
                    self.is_dropped.set(true);
                }
            }
            SimulatorChange::Replaced => {
                self.is_replaced.set(true);
                if self.record.replace(&name_of(sim), sim) {
                    self.pending(true);
                }
            }
        }
    }

    fn pending(&self, is_pending: bool) {
        if self.is_pending.replace(is_pending) != is_pending {
            self.question.set(is_pending.then(browser::ask_before_leaving));
            (self.notify)(StoreNotice::Saving(is_pending));
        }
    }
}

/// What a simulator is called.
fn name_of(sim: &Sim) -> String {
    match sim.origin() {
        AccountOrigin::Scenario(spec) => spec.kind().name().to_owned(),
        AccountOrigin::Table { name } => name.clone(),
    }
}
