//! The record of the live account's changes. It is read once the account is connected; the simulator's changes are not in it.

mod recorder;
mod store;

use crate::browser;
use crate::persistence::RecordLines;
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::Client;
use mailgun_pools::transport::{ApiKey, BaseUrl};
use poolkeeper_account::change::Proposal;
use poolkeeper_account::record::{
    ChangeId, ChangeIntent, ChangeRecord, ItemAnswer, RecordAccount, RecordEntry, RecordedChange,
};
use poolkeeper_account::sending::is_made;
use recorder::ItemRecorder;
use std::rc::Rc;
use store::{EntryStore, ProgramRecord};

/// What a change that is about to be sent is in the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ChangeOrigin {
    /// A change of its own.
    #[default]
    New,
    /// What takes this change back.
    PutsBack(ChangeId),
    /// These items of this change.
    GoesOn(ChangeId, Vec<usize>),
}

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
}

/// A change that is being recorded.
pub(crate) struct RecordedSending {
    recorder: Rc<ItemRecorder>,
    change: ChangeId,
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
        record.end(&self.change).await;
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
        let Some(store) = self.store.get_value() else { return };
        self.phase.set(RecordPhase::Reading);
        spawn_local(async move {
            let read = store.read().await;
            // Another account may be looked at by now.
            if !self.is_current(&store) {
                return;
            }
            match read {
                Ok(found) => {
                    self.phase.set(found.damage.map_or(RecordPhase::Ready, |damage| {
                        RecordPhase::Problem(format!("line {}: {}", damage.line, damage.problem))
                    }));
                    self.changes.set(found.entries.into_iter().collect());
                    self.look_for_unfinished();
                }
                Err(problem) => self.phase.set(RecordPhase::Problem(problem)),
            }
        });
    }

    fn is_current(&self, store: &Rc<dyn EntryStore>) -> bool {
        self.store
            .with_value(|current| current.as_ref().is_some_and(|current| Rc::ptr_eq(current, store)))
    }

    fn look_for_unfinished(&self) {
        let account = self.account.get_untracked();
        let words = self.changes.with_untracked(|changes| {
            changes
                .unfinished(&account)
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
    /// When it can't be stored; it must not be sent then.
    pub(super) async fn begin(self, proposal: &Proposal, origin: ChangeOrigin) -> Result<RecordedSending, String> {
        let store = self.store.get_value().ok_or("no live account is connected")?;
        let new_items = (0..proposal.steps.len()).collect();
        let (change, items) = match origin {
            ChangeOrigin::GoesOn(change, items) => (change, items),
            ChangeOrigin::New => (self.announce(proposal, None).await?, new_items),
            ChangeOrigin::PutsBack(undone) => (self.announce(proposal, Some(undone)).await?, new_items),
        };
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
        })
    }

    async fn announce(&self, proposal: &Proposal, undoes: Option<ChangeId>) -> Result<ChangeId, String> {
        let at = browser::now_utc();
        let id = ChangeId::new(at, js_sys::Math::random().to_bits());
        let account = self.account.get_untracked();
        let intent = ChangeIntent {
            undoes,
            ..ChangeIntent::of(proposal, id.clone(), at, account, proposal.summary.clone())
        };
        self.store(vec![RecordEntry::Intended(intent)]).await?;
        Ok(id)
    }

    /// Leaves a change as it is.
    pub(crate) async fn end(self, change: &ChangeId) {
        let entry = RecordEntry::Ended {
            change: change.clone(),
            at: browser::now_utc(),
        };
        // Where it can't be stored, the change shows as unfinished again.
        let _ = self.store(vec![entry]).await;
        self.look_for_unfinished();
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
        self.look_for_unfinished();
        Ok(known)
    }
}
