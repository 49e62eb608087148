//! Notes each item of a change while it is sent.

use super::AccountRecord;
use super::store::EntryStore;
use crate::browser;
use futures::future::LocalBoxFuture;
use poolkeeper_account::record::{ChangeId, ItemAnswer, RecordEntry};
use poolkeeper_account::sending::SendRecorder;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Outcomes that wait before they are told to a program, which knows most of them itself.
const MOST_WAITING: usize = 100;

pub(super) struct ItemRecorder {
    pub(super) record: AccountRecord,
    pub(super) store: Rc<dyn EntryStore>,
    pub(super) change: ChangeId,
    /// The item of each step.
    pub(super) items: Vec<usize>,
    pub(super) waiting: RefCell<Vec<RecordEntry>>,
    /// Attempts of the step that is being sent.
    pub(super) attempts: Cell<u32>,
}

impl ItemRecorder {
    async fn note_sending(&self, place: usize) -> Result<(), String> {
        self.attempts.set(self.attempts.get() + 1);
        let Some(item) = self.items.get(place).copied() else {
            return Err("this request is not part of the change".to_owned());
        };
        let entry = RecordEntry::Sent {
            change: self.change.clone(),
            item,
            at: browser::now_utc(),
        };
        if !self.store.sees_requests() {
            self.store.append(std::slice::from_ref(&entry)).await?;
        }
        self.record.take_in(entry);
        Ok(())
    }

    async fn note_answer(&self, place: usize, answer: ItemAnswer) {
        let Some(item) = self.items.get(place).copied() else {
            return;
        };
        // What was made at the first attempt, the program has seen.
        let is_known = self.store.sees_requests() && self.attempts.replace(0) == 1 && answer == ItemAnswer::Made;
        let entry = RecordEntry::Answered {
            change: self.change.clone(),
            item,
            at: browser::now_utc(),
            answer,
        };
        self.record.take_in(entry.clone());
        if !is_known {
            self.waiting.borrow_mut().push(entry);
        }
        if !self.store.sees_requests() || self.waiting.borrow().len() >= MOST_WAITING {
            self.store_waiting().await;
        }
    }

    /// Stores the outcomes that wait. Those that can't be stored now are stored with the next.
    pub(super) async fn store_waiting(&self) {
        let entries = self.waiting.take();
        if !entries.is_empty() && self.store.append(&entries).await.is_err() {
            self.waiting.borrow_mut().splice(0..0, entries);
        }
    }
}

impl SendRecorder for ItemRecorder {
    fn sending(&self, place: usize) -> LocalBoxFuture<'_, Result<(), String>> {
        Box::pin(self.note_sending(place))
    }

    fn answered(&self, place: usize, answer: ItemAnswer) -> LocalBoxFuture<'_, ()> {
        Box::pin(self.note_answer(place, answer))
    }
}
