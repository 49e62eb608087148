//! The record of the live account's changes. It is read once the account is connected; the simulator's changes are not in it.

mod recorder;
mod store;

use crate::browser;
use crate::persistence::{ChangeLock, RecordLines, locked_changes};
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::Client;
use mailgun_pools::transport::{ApiKey, BaseUrl};
use poolkeeper_account::change::Proposal;
use poolkeeper_account::former_senders::FormerSenders;
use poolkeeper_account::record::{
    ChangeId, ChangeIntent, ChangeOrigin, ChangeRecord, ItemAnswer, RecordAccount, RecordEntry, RecordedChange,
};
use poolkeeper_account::sending::{StopReason, is_made};
use recorder::ItemRecorder;
use std::rc::Rc;
use store::{EntryStore, ProgramRecord};

/// Whether the record is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum RecordPhase {
    /// No live account is looked at.
    #[default]
    Off,
    Reading,
    Ready,
    /// It can't be read, or not all of it; why.
    Problem(String),
}

/// The program's record, for an account that is reached through the program that serves this page.
#[derive(Clone)]
pub(crate) struct ProgramRecordAddress {
    /// The page's origin.
    pub(crate) root: BaseUrl,
    pub(crate) token: ApiKey,
    /// The account's name there.
    pub(crate) account: String,
}

/// A handle on the record. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct AccountRecord {
    store: StoredValue<Option<Rc<dyn EntryStore>>, LocalStorage>,
    account: RwSignal<RecordAccount>,
    changes: RwSignal<ChangeRecord>,
    phase: RwSignal<RecordPhase>,
    /// One line about a change that was left in the middle; empty where there is none.
    unfinished: RwSignal<String>,
    /// Changes that this tab sends now.
    sending: StoredValue<usize>,
}

/// A change that is being recorded.
pub(crate) struct RecordedSending {
    recorder: Rc<ItemRecorder>,
    change: ChangeId,
    lock: ChangeLock,
}

impl RecordedSending {
    pub(super) fn recorder(&self) -> Rc<dyn poolkeeper_account::sending::SendRecorder> {
        Rc::<ItemRecorder>::clone(&self.recorder)
    }

    /// Its name in the record, and the item of each step.
    pub(super) fn place(&self) -> (ChangeId, Vec<usize>) {
        (self.change.clone(), self.recorder.items.clone())
    }

    /// Notes that no more of it is sent for now.
    pub(super) async fn end(self) {
        let record = self.recorder.record;
        self.recorder.store_waiting().await;
        record.store_end(&self.change).await;
        drop(self.lock);
        record.sending.update_value(|sending| *sending -= 1);
        record.look_for_unfinished().await;
    }
}

impl AccountRecord {
    pub(super) fn new() -> Self {
        Self {
            store: StoredValue::new_local(None),
            account: RwSignal::new(RecordAccount::default()),
            changes: RwSignal::new(ChangeRecord::default()),
            phase: RwSignal::new(RecordPhase::Off),
            unfinished: RwSignal::new(String::new()),
            sending: StoredValue::new(0),
        }
    }

    /// One line about a change that was left in the middle; empty where there is none. Reactive.
    pub(crate) fn unfinished(&self) -> String {
        self.unfinished.get()
    }

    /// Whether it is there. Reactive.
    pub(crate) fn phase(&self) -> RecordPhase {
        self.phase.get()
    }

    /// Looks at the changes. Reactive.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&ChangeRecord) -> R) -> R {
        self.changes.with(look)
    }

    /// The account whose changes are recorded. Reactive.
    pub(crate) fn account(&self) -> RecordAccount {
        self.account.get()
    }

    /// Forgets the account; what is stored stays.
    pub(super) fn disconnect(&self) {
        self.store.set_value(None);
        self.changes.set(ChangeRecord::default());
        self.phase.set(RecordPhase::Off);
        self.unfinished.set(String::new());
    }

    /// Records the changes of an account from now on, and reads what is recorded.
    pub(super) fn connect(&self, account: RecordAccount, program: Option<ProgramRecordAddress>) {
        let store: Rc<dyn EntryStore> = match program {
            Some(program) => Rc::new(ProgramRecord::new(program.root, program.token, program.account)),
            None => Rc::new(RecordLines::new()),
        };
        self.store.set_value(Some(store));
        self.account.set(account);
        self.read();
    }

    /// Reads the record anew.
    pub(crate) fn read(self) {
        self.phase.set(RecordPhase::Reading);
        self.read_stored();
    }

    /// Takes in what other tabs and people have changed since the record was read.
    pub(crate) fn refresh(self) {
        let is_ready = self.phase.with_untracked(|phase| *phase == RecordPhase::Ready);
        // What this tab sends is here before it is stored.
        if is_ready && self.sending.get_value() == 0 {
            self.read_stored();
        }
    }

    fn read_stored(self) {
        let Some(store) = self.store.get_value() else { return };
        spawn_local(async move {
            let read = store.read().await;
            // Another account may be looked at by now.
            if !self.is_current(&store) || self.sending.get_value() != 0 {
                return;
            }
            match read {
                Ok(found) => {
                    self.phase.set(found.damage.map_or(RecordPhase::Ready, |damage| {
                        RecordPhase::Problem(format!("line {}: {}", damage.line, damage.problem))
                    }));
                    self.changes.set(found.entries.into_iter().collect());
                    self.look_for_unfinished().await;
                }
                Err(problem) => self.phase.set(RecordPhase::Problem(problem)),
            }
        });
    }

    fn is_current(&self, store: &Rc<dyn EntryStore>) -> bool {
        self.store
            .with_value(|current| current.as_ref().is_some_and(|current| Rc::ptr_eq(current, store)))
    }

    async fn look_for_unfinished(&self) {
        let locked = locked_changes().await;
        let account = self.account.get_untracked();
        let words = self.changes.with_untracked(|changes| {
            changes
                .unfinished(&account, |change| locked.contains(change.as_str()))
                .map(|change| format!("“{}” was left unfinished: {}.", change.intent.title, change.progress()))
        });
        self.unfinished.set(words.unwrap_or_default());
    }

    /// Takes in an entry that is stored, or that the program stores.
    fn take_in(&self, entry: RecordEntry) {
        self.changes.try_update(|changes| changes.add(entry));
    }

    async fn store(&self, entries: Vec<RecordEntry>) -> Result<(), String> {
        let Some(store) = self.store.get_value() else {
            return Err("no live account is connected".to_owned());
        };
        store.append(&entries).await?;
        if self.is_current(&store) {
            entries.into_iter().for_each(|entry| self.take_in(entry));
        }
        Ok(())
    }

    /// Stores that a change is about to be sent.
    ///
    /// # Errors
    /// Why it must not be sent: it can't be stored, or it goes on elsewhere.
    pub(super) async fn begin(
        self,
        proposal: &Proposal,
        origin: ChangeOrigin,
        former_senders: FormerSenders,
    ) -> Result<RecordedSending, StopReason> {
        let store = self.store.get_value().ok_or_else(not_connected)?;
        self.sending.update_value(|sending| *sending += 1);
        let begun = self.begin_locked(&store, proposal, origin, former_senders).await;
        let (change, items, lock) = begun.inspect_err(|_| self.sending.update_value(|sending| *sending -= 1))?;
        self.unfinished.set(String::new());
        let recorder = ItemRecorder {
            record: self,
            store,
            change: change.clone(),
            items,
            waiting: Default::default(),
            attempts: Default::default(),
        };
        Ok(RecordedSending {
            recorder: Rc::new(recorder),
            change,
            lock,
        })
    }

    async fn begin_locked(
        self,
        store: &Rc<dyn EntryStore>,
        proposal: &Proposal,
        origin: ChangeOrigin,
        former_senders: FormerSenders,
    ) -> Result<(ChangeId, Vec<usize>, ChangeLock), StopReason> {
        let undoes = match origin {
            ChangeOrigin::GoesOn(change, items) => {
                let lock = lock(&change).await?;
                store.take_turn(&change).await?;
                self.check_not_gone_on(store, &change, &items).await?;
                return Ok((change, items, lock));
            }
            ChangeOrigin::New => None,
            ChangeOrigin::PutsBack(undone) => Some(undone),
        };
        let at = browser::now_utc();
        let change = ChangeId::new(at, js_sys::Math::random().to_bits());
        let lock = lock(&change).await?;
        let intent = ChangeIntent {
            undoes,
            former_senders: Box::new(former_senders),
            ..ChangeIntent::of(
                proposal,
                change.clone(),
                at,
                self.account.get_untracked(),
                proposal.summary.clone(),
            )
        };
        let entries = vec![RecordEntry::Intended(intent)];
        self.store(entries).await.map_err(StopReason::NotRecorded)?;
        Ok((change, (0..proposal.steps.len()).collect(), lock))
    }

    /// Another tab, or another person, may have gone on with a change since the record was read.
    async fn check_not_gone_on(
        &self,
        store: &Rc<dyn EntryStore>,
        change: &ChangeId,
        items: &[usize],
    ) -> Result<(), StopReason> {
        let stored = store.read().await.map_err(StopReason::NotRecorded)?;
        let stored: ChangeRecord = stored.entries.into_iter().collect();
        if !stored.has_made(change, items) {
            return Ok(());
        }
        if self.is_current(store) {
            self.changes.set(stored);
        }
        Err(StopReason::GoneOnElsewhere)
    }

    async fn store_end(&self, change: &ChangeId) {
        let entry = RecordEntry::Ended {
            change: change.clone(),
            at: browser::now_utc(),
        };
        // Where it can't be stored, the change shows as unfinished again.
        let _ = self.store(vec![entry]).await;
    }

    /// Leaves a change as it is.
    pub(crate) async fn end(self, change: &ChangeId) {
        self.store_end(change).await;
        self.look_for_unfinished().await;
    }

    /// Looks in the account for what of a change is unknown, and notes what it finds; how many are known now.
    ///
    /// # Errors
    /// Why the account can't be read, or the record not written.
    pub(crate) async fn check(self, client: Client, change: RecordedChange) -> Result<usize, String> {
        let mut known = 0;
        for (item, of) in change.in_doubt() {
            let Some(write) = of.write() else { continue };
            let made = is_made(&client, write).await.map_err(|error| error.advice().happened)?;
            let Some(made) = made else { continue };
            let answer = if made { ItemAnswer::Made } else { ItemAnswer::NotMade };
            let entry = RecordEntry::Answered {
                change: change.intent.id.clone(),
                item,
                at: browser::now_utc(),
                answer,
            };
            self.store(vec![entry]).await?;
            known += 1;
        }
        self.look_for_unfinished().await;
        Ok(known)
    }
}

async fn lock(change: &ChangeId) -> Result<ChangeLock, StopReason> {
    let locked = ChangeLock::take(change.as_str()).await;
    locked.map_err(|_| StopReason::SentElsewhere)
}

fn not_connected() -> StopReason {
    StopReason::NotRecorded("no live account is connected".to_owned())
}
