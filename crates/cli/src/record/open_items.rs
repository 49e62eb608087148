//! What was announced and not made yet, found by its request.

use super::RecordPlace;
use poolkeeper_account::record::{ChangeIntent, ChangeRecord, ItemAnswer, RecordAccount, SentRequest};
use std::collections::HashMap;

/// What tells an announced item from others: the account and the request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ItemKey {
    address: String,
    on_behalf_of: Option<String>,
    request: SentRequest,
}

impl ItemKey {
    fn new(account: &RecordAccount, request: SentRequest) -> Self {
        Self {
            address: account.address.clone(),
            on_behalf_of: account.on_behalf_of.as_ref().map(|id| id.0.clone()),
            request,
        }
    }
}

/// The announced items. Of several that ask for the same, the latest announced counts.
#[derive(Default)]
pub(super) struct OpenItems {
    places: HashMap<ItemKey, RecordPlace>,
}

impl OpenItems {
    /// Those of the changes that were left in the middle.
    pub(super) fn of_unfinished(record: &ChangeRecord) -> Self {
        let mut open = Self::default();
        let changes: Vec<_> = record.newest_first().collect();
        for change in changes.into_iter().rev() {
            for (number, state) in change.states.iter().enumerate() {
                if state.is_open() || state.is_unknown() {
                    open.add_item(&change.intent, number);
                }
            }
        }
        open
    }

    /// Adds an announced change.
    pub(super) fn add(&mut self, intent: &ChangeIntent) {
        for number in 0..intent.items.len() {
            self.add_item(intent, number);
        }
    }

    fn add_item(&mut self, intent: &ChangeIntent, number: usize) {
        let Some(item) = intent.items.get(number) else { return };
        let mut account = intent.account.clone();
        if item.on_behalf_of.is_some() {
            account.on_behalf_of.clone_from(&item.on_behalf_of);
        }
        if let Some(request) = item.sent() {
            let place = RecordPlace {
                change: intent.id.clone(),
                item: number,
            };
            self.places.insert(ItemKey::new(&account, request), place);
        }
    }

    /// The item that a request is of.
    pub(super) fn find(&self, account: &RecordAccount, request: &SentRequest) -> Option<RecordPlace> {
        self.places.get(&ItemKey::new(account, request.clone())).cloned()
    }

    /// Takes in an item's answer. One that was made is no longer open; another may be sent again.
    pub(super) fn answered(&mut self, account: &RecordAccount, request: &SentRequest, answer: &ItemAnswer) {
        if *answer == ItemAnswer::Made {
            self.places.remove(&ItemKey::new(account, request.clone()));
        }
    }
}
