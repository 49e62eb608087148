//! All that watching adds up to, entry by entry.

use crate::digest::Digest;
use crate::memory::WatchMemory;
use crate::notice::{NoticeKind, WatchNotice, notice_id};
use crate::routing::WatchRule;
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// Notices of one message, at most.
const MOST_OF_A_MESSAGE: usize = 200;

/// Notices are kept for this many days, and no more than that many.
const KEPT_DAYS: i64 = 92;
const MOST_KEPT: usize = 10_000;

/// A notice, and the receivers for whom no message has it yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToldNotice {
    /// The notice.
    pub notice: WatchNotice,
    /// Receivers by name.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub to: BTreeSet<String>,
}

/// What a message has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutgoingContent {
    /// These notices, by identifier.
    Notices(Vec<String>),
    /// A digest.
    Digest(Box<Digest>),
}

/// A message to one receiver. It keeps its identifier however often it is tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutMessage {
    /// Its identifier.
    pub id: String,
    /// The receiver, by name.
    pub receiver: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// What it has.
    pub content: OutgoingContent,
}

/// One entry of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchEntry {
    /// All there is: the file begins with it.
    Whole(Box<WatchState>),
    /// An account was looked at.
    Looked {
        /// The account.
        account: String,
        /// What is remembered of it from now on.
        memory: Box<WatchMemory>,
        /// What is new.
        notices: Vec<ToldNotice>,
    },
    /// A message is about to be sent.
    Sending(OutMessage),
    /// Its receiver has taken it, or is no longer there.
    Delivered {
        /// The message.
        id: String,
    },
    /// The digest of a rule was due, and is about to be sent. The first entry of a rule has no messages: digests are counted
    /// from there.
    Digested {
        /// The rule.
        rule: String,
        /// When it was due.
        due: DateTime<Utc>,
        /// One for each receiver.
        messages: Vec<OutMessage>,
    },
}

/// What all entries add up to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WatchState {
    /// What is remembered of each account.
    pub accounts: BTreeMap<String, WatchMemory>,
    /// The notices, oldest first.
    pub notices: VecDeque<ToldNotice>,
    /// Messages that no receiver has taken yet, by identifier.
    pub messages: BTreeMap<String, OutMessage>,
    /// When the latest digest of each rule was due.
    pub digests: BTreeMap<String, DateTime<Utc>>,
}

impl WatchState {
    /// Takes the next entry.
    pub fn apply(&mut self, entry: WatchEntry) {
        match entry {
            WatchEntry::Whole(state) => *self = *state,
            WatchEntry::Looked {
                account,
                memory,
                notices,
            } => {
                self.accounts.insert(account, *memory);
                self.notices.extend(notices);
            }
            WatchEntry::Sending(message) => {
                if let OutgoingContent::Notices(ids) = &message.content {
                    self.mark_sent(ids, &message.receiver);
                }
                self.messages.insert(message.id.clone(), message);
            }
            WatchEntry::Delivered { id } => {
                self.messages.remove(&id);
            }
            WatchEntry::Digested { rule, due, messages } => {
                self.digests.insert(rule, due);
                let messages = messages.into_iter().map(|message| (message.id.clone(), message));
                self.messages.extend(messages);
            }
        }
    }

    /// What concerned a rule in the days before an instant.
    #[must_use]
    pub fn digest(&self, rule: &WatchRule, until: DateTime<Utc>, zone: FixedOffset) -> Digest {
        let is_open = |notice: &WatchNotice| {
            let memory = self.accounts.get(&notice.account);
            notice.kind == NoticeKind::AboutToFall && memory.is_some_and(|memory| memory.is_open(notice))
        };
        let notices = self.notices.iter().map(|told| &told.notice);
        Digest::new(notices, is_open, rule, until, zone)
    }

    fn mark_sent(&mut self, ids: &[String], receiver: &str) {
        let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        for told in &mut self.notices {
            if ids.contains(told.notice.id.as_str()) {
                told.to.remove(receiver);
            }
        }
    }

    /// Receivers that a notice waits for.
    #[must_use]
    pub fn receivers_waited_for(&self) -> BTreeSet<String> {
        let of_notices = self.notices.iter().flat_map(|told| &told.to);
        let of_messages = self.messages.values().map(|message| &message.receiver);
        of_notices.chain(of_messages).cloned().collect()
    }

    /// The next message of waiting notices to a receiver; `None` if none waits.
    #[must_use]
    pub fn next_message(&self, receiver: &str, now: DateTime<Utc>) -> Option<OutMessage> {
        let waiting = self.notices.iter().filter(|told| told.to.contains(receiver));
        let ids: Vec<String> = waiting
            .take(MOST_OF_A_MESSAGE)
            .map(|told| told.notice.id.clone())
            .collect();
        let mut parts: Vec<&str> = vec![receiver];
        parts.extend(ids.iter().map(String::as_str));
        (!ids.is_empty()).then(|| OutMessage {
            id: notice_id(&parts),
            receiver: receiver.to_owned(),
            at: now,
            content: OutgoingContent::Notices(ids.clone()),
        })
    }

    /// The notices of a message, by kind and then in the order they happened.
    #[must_use]
    pub fn notices_of(&self, ids: &[String]) -> Vec<&WatchNotice> {
        let by_id: HashMap<&str, &WatchNotice> = self
            .notices
            .iter()
            .map(|told| (told.notice.id.as_str(), &told.notice))
            .collect();
        ids.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect()
    }

    /// How many notices and messages wait for a receiver.
    #[must_use]
    pub fn waiting(&self, receiver: &str) -> usize {
        let notices = self.notices.iter().filter(|told| told.to.contains(receiver)).count();
        let messages = self.messages.values().filter(|message| message.receiver == receiver);
        notices + messages.count()
    }

    /// The same without old notices that every receiver has.
    #[must_use]
    pub fn compacted(&self, now: DateTime<Utc>) -> Self {
        let on_the_way: BTreeSet<&str> = self
            .messages
            .values()
            .filter_map(|message| match &message.content {
                OutgoingContent::Notices(ids) => Some(ids),
                OutgoingContent::Digest(_) => None,
            })
            .flatten()
            .map(String::as_str)
            .collect();
        let oldest = now - TimeDelta::days(KEPT_DAYS);
        let surplus = self.notices.len().saturating_sub(MOST_KEPT);
        let is_kept = |(at, told): &(usize, &ToldNotice)| {
            let is_needed = !told.to.is_empty() || on_the_way.contains(told.notice.id.as_str());
            is_needed || (*at >= surplus && told.notice.at >= oldest)
        };
        let notices = self.notices.iter().enumerate().filter(is_kept);
        Self {
            notices: notices.map(|(_, told)| told.clone()).collect(),
            ..self.clone()
        }
    }
}
