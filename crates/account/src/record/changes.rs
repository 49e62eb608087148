//! What the entries add up to.

use super::{ChangeId, ChangeIntent, ItemAnswer, RecordAccount, RecordEntry, RecordedItem};
use crate::change::{ChangeStep, Proposal, to_type};
use crate::former_senders::FormerSender;
use chrono::{DateTime, Utc};
use mailgun_pools::api::Write;
use poolkeeper_core::model::DomainName;
use poolkeeper_core::text::{count, counted};
use std::collections::{BTreeSet, HashMap};

/// What a change that is about to be sent is in the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ChangeOrigin {
    /// A change of its own.
    #[default]
    New,
    /// What takes this change back.
    PutsBack(ChangeId),
    /// These items of this change.
    GoesOn(ChangeId, Vec<usize>),
}

/// How far an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// Not sent.
    Waiting,
    /// Sent, without an answer: it may have been made.
    Sent,
    /// It has an outcome.
    Answered(ItemAnswer),
}

impl ItemState {
    /// Whether the service made it.
    #[must_use]
    pub const fn is_made(&self) -> bool {
        matches!(self, Self::Answered(ItemAnswer::Made))
    }

    /// Whether nobody knows if it was made.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Sent | Self::Answered(ItemAnswer::Unknown(_)))
    }

    /// Whether it was never answered and is not in doubt, so that it may be sent.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Waiting | Self::Answered(ItemAnswer::NotMade))
    }

    /// For people and files.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "not sent",
            Self::Sent | Self::Answered(ItemAnswer::Unknown(_)) => "unknown",
            Self::Answered(ItemAnswer::Made) => "made",
            Self::Answered(ItemAnswer::Refused(_)) => "refused",
            Self::Answered(ItemAnswer::Failed(_)) => "failed",
            Self::Answered(ItemAnswer::NotMade) => "not made",
        }
    }
}

/// What a change came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// It was left in the middle: neither over nor left as it is.
    Unfinished,
    /// Of some of it nobody knows whether it was made.
    Unknown,
    /// All of it was made.
    Made,
    /// Some of it was made.
    Partly,
    /// None of it was made.
    NotMade,
}

impl ChangeOutcome {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Unfinished, Self::Unknown, Self::Made, Self::Partly, Self::NotMade];

    /// For people and addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Unknown => "unknown",
            Self::Made => "made",
            Self::Partly => "partly made",
            Self::NotMade => "not made",
        }
    }
}

/// How many items are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    /// All items.
    pub total: usize,
    /// Those that were made.
    pub made: usize,
    /// Those of which nobody knows.
    pub unknown: usize,
    /// Those that may be sent.
    pub open: usize,
    /// Those that were refused or failed.
    pub failed: usize,
}

/// One change, with all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedChange {
    /// What was intended.
    pub intent: ChangeIntent,
    /// How far each item is, in their order.
    pub states: Vec<ItemState>,
    /// When the latest entry about it was written.
    pub latest_at: DateTime<Utc>,
    /// The changes that take it back.
    pub undone_by: Vec<ChangeId>,
    is_ended: bool,
}

impl RecordedChange {
    fn new(intent: ChangeIntent) -> Self {
        Self {
            states: vec![ItemState::Waiting; intent.items.len()],
            latest_at: intent.at,
            undone_by: Vec::new(),
            is_ended: false,
            intent,
        }
    }

    /// Its items, each with its state.
    pub fn items(&self) -> impl DoubleEndedIterator<Item = (&RecordedItem, &ItemState)> {
        self.intent.items.iter().zip(&self.states)
    }

    /// What it is and what it is about: `Pin to poor: news.example.com`, `Pin to poor: 25 domains`.
    #[must_use]
    pub fn label(&self) -> String {
        let title = &self.intent.title;
        let domains = self.intent.items.iter().filter_map(|item| item.write()?.domain());
        let domains: BTreeSet<&DomainName> = domains.collect();
        let about = match (domains.len(), domains.first()) {
            (1, Some(name)) => name.to_string(),
            (several, _) => counted(several as u64, "domain"),
        };
        // Some titles say it already: `Enroll 3 domains`.
        if domains.is_empty() || title.ends_with(&about) {
            return title.clone();
        }
        format!("{title}: {about}")
    }

    /// How many items are in which state.
    #[must_use]
    pub fn counts(&self) -> OutcomeCounts {
        let number = |is: fn(&ItemState) -> bool| self.states.iter().filter(|state| is(state)).count();
        let (made, unknown, open) = (
            number(ItemState::is_made),
            number(ItemState::is_unknown),
            number(ItemState::is_open),
        );
        let total = self.states.len();
        OutcomeCounts {
            total,
            made,
            unknown,
            open,
            failed: total - made - unknown - open,
        }
    }

    /// What it came to.
    #[must_use]
    pub fn outcome(&self) -> ChangeOutcome {
        let OutcomeCounts {
            total,
            made,
            unknown,
            open,
            ..
        } = self.counts();
        if !self.is_ended && open + unknown > 0 {
            ChangeOutcome::Unfinished
        } else if unknown > 0 {
            ChangeOutcome::Unknown
        } else if made == total {
            ChangeOutcome::Made
        } else if made > 0 {
            ChangeOutcome::Partly
        } else {
            ChangeOutcome::NotMade
        }
    }

    /// The items of which nobody knows whether they were made, by number. Reading the account shows it.
    pub fn in_doubt(&self) -> impl Iterator<Item = (usize, &RecordedItem)> {
        let items = self.items().enumerate();
        items.filter_map(|(number, (item, state))| state.is_unknown().then_some((number, item)))
    }

    /// What is left to send, by number: never what was answered, and nothing in doubt. Steps that depend on each other go on
    /// only where everything before them was made.
    #[must_use]
    pub fn rest(&self) -> Vec<(usize, ChangeStep)> {
        let is_blocked = |number: usize| {
            let before = self.states.iter().take(number);
            !self.intent.is_bulk && before.into_iter().any(|state| !state.is_made() && !state.is_open())
        };
        let items = self.items().enumerate();
        items
            .filter(|(number, (_, state))| state.is_open() && !is_blocked(*number))
            .filter_map(|(number, (item, _))| Some((number, item.step()?)))
            .collect()
    }

    /// What sends the rest, and the items' numbers; `None` where nothing is left to send.
    #[must_use]
    pub fn go_on(&self) -> Option<(Proposal, Vec<usize>)> {
        let (numbers, steps): (Vec<usize>, Vec<ChangeStep>) = self.rest().into_iter().unzip();
        if steps.is_empty() {
            return None;
        }
        let requests = counted(steps.len() as u64, "request");
        let proposal = Proposal {
            type_to_confirm: to_type(&requests, steps.len()),
            is_bulk: self.intent.is_bulk,
            confirm: "Go on".to_owned(),
            done: format!("{}: {requests} made", self.intent.title),
            summary: vec![format!("{requests} of “{}” not sent yet", self.intent.title)],
            steps,
            undone: None,
        };
        Some((proposal, numbers))
    }

    /// How far it is, for people: `312 of 1,000 made, 1 unknown, 687 not sent`.
    #[must_use]
    pub fn progress(&self) -> String {
        let OutcomeCounts {
            total,
            made,
            unknown,
            open,
            failed,
        } = self.counts();
        let part = |number: usize, what: &str| (number > 0).then(|| format!("{} {what}", count(number as u64)));
        let made = Some(format!("{} of {} made", count(made as u64), count(total as u64)));
        let parts = [
            made,
            part(failed, "failed"),
            part(unknown, "unknown"),
            part(open, "not sent"),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// What takes back all that was made and can be taken back; `None` where that is nothing. A domain that was enrolled goes to
    /// what it sent from before, where that was noted.
    #[must_use]
    pub fn put_back(&self) -> Option<Proposal> {
        let former = self.intent.former_senders.by_domain();
        let (mut steps, mut unknown_senders, mut lasting) = (Vec::new(), 0_u64, 0_u64);
        for step in self
            .items()
            .filter(|(_, state)| state.is_made())
            .map(|(item, _)| item.step())
        {
            let is_enrollment = step
                .as_ref()
                .is_some_and(|step| matches!(step.write, Write::Enroll { .. }));
            match step.and_then(|step| reversed(step, &former)) {
                Some(back) => steps.push(back),
                None if is_enrollment => unknown_senders += 1,
                None => lasting += 1,
            }
        }
        if steps.is_empty() {
            return None;
        }
        if !self.intent.is_bulk {
            steps.reverse();
        }
        let who = match (steps.as_slice(), self.intent.is_bulk) {
            ([one], _) => one
                .write
                .domain()
                .map_or_else(|| counted(1, "change"), ToString::to_string),
            (several, true) => counted(several.len() as u64, "domain"),
            (several, false) => counted(several.len() as u64, "change"),
        };
        let leaves = steps
            .iter()
            .any(|step| matches!(step.write, Write::RemoveDomain { .. }));
        let mut summary = vec![if leaves {
            format!("{who}: out of the dynamic pools, back to what was used before enrollment")
        } else {
            format!("{who} put back to what was before")
        }];
        let stays = |number: u64, why: &str| {
            let stay = if number == 1 {
                "stays as it is"
            } else {
                "stay as they are"
            };
            (number > 0).then(|| format!("{} {stay}: {why}", counted(number, "change")))
        };
        summary.extend(stays(lasting, "the API has no request that takes that back"));
        summary.extend(stays(
            unknown_senders,
            "what was used before enrollment was not noted. Remove such a domain on its page",
        ));
        Some(Proposal {
            type_to_confirm: if leaves {
                Some(who.clone())
            } else {
                to_type(&who, steps.len())
            },
            is_bulk: self.intent.is_bulk,
            confirm: "Put back".to_owned(),
            done: format!("{who} put back"),
            summary,
            steps,
            undone: None,
        })
    }

    fn add(&mut self, entry: RecordEntry) {
        self.latest_at = entry.at();
        match entry {
            RecordEntry::Intended(_) => {}
            RecordEntry::Ended { .. } => self.is_ended = true,
            RecordEntry::Sent { item, .. } => self.set(item, ItemState::Sent),
            RecordEntry::Answered { item, answer, .. } => self.set(item, ItemState::Answered(answer)),
        }
    }

    fn set(&mut self, item: usize, to: ItemState) {
        if to == ItemState::Sent {
            self.is_ended = false;
        }
        // What was made stays made, however a later attempt ends.
        if let Some(state) = self.states.get_mut(item).filter(|state| !state.is_made()) {
            *state = to;
        }
    }
}

/// What takes a step back.
fn reversed(step: ChangeStep, former: &HashMap<&DomainName, &FormerSender>) -> Option<ChangeStep> {
    let Write::Enroll { domain, .. } = &step.write else {
        return step.reversed();
    };
    let write = Write::RemoveDomain {
        domain: domain.clone(),
        replacement: former.get(domain)?.replacement(),
    };
    Some(ChangeStep { write, ..step })
}

/// All changes, in the order in which they were begun.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeRecord {
    changes: Vec<RecordedChange>,
    places: HashMap<ChangeId, usize>,
}

impl ChangeRecord {
    /// Takes in an entry. One of a change that is not here, or that begins a second time, is left out.
    pub fn add(&mut self, entry: RecordEntry) {
        let place = self.places.get(entry.change()).copied();
        match (entry, place) {
            (RecordEntry::Intended(intent), None) => {
                let undone = intent.undoes.as_ref().and_then(|undone| self.places.get(undone));
                if let Some(undone) = undone.and_then(|place| self.changes.get_mut(*place)) {
                    undone.undone_by.push(intent.id.clone());
                }
                self.places.insert(intent.id.clone(), self.changes.len());
                self.changes.push(RecordedChange::new(intent));
            }
            (entry, Some(place)) => {
                if let Some(change) = self.changes.get_mut(place) {
                    change.add(entry);
                }
            }
            (_, None) => {}
        }
    }

    /// The changes, the latest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &RecordedChange> {
        self.changes.iter().rev()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: &ChangeId) -> Option<&RecordedChange> {
        self.places.get(id).and_then(|place| self.changes.get(*place))
    }

    /// The latest change of an account that was left in the middle. `is_sent_now` tells those that are still being sent.
    #[must_use]
    pub fn unfinished(
        &self,
        account: &RecordAccount,
        is_sent_now: impl Fn(&ChangeId) -> bool,
    ) -> Option<&RecordedChange> {
        self.newest_first()
            .filter(|change| change.intent.account.is_same(account) && !is_sent_now(&change.intent.id))
            .find(|change| change.outcome() == ChangeOutcome::Unfinished)
    }

    /// Whether one of these items of a change was made.
    #[must_use]
    pub fn has_made(&self, id: &ChangeId, items: &[usize]) -> bool {
        let states = self.get(id).map_or(&[][..], |change| change.states.as_slice());
        items
            .iter()
            .filter_map(|item| states.get(*item))
            .any(ItemState::is_made)
    }
}

impl FromIterator<RecordEntry> for ChangeRecord {
    fn from_iter<T: IntoIterator<Item = RecordEntry>>(entries: T) -> Self {
        let mut record = Self::default();
        entries.into_iter().for_each(|entry| record.add(entry));
        record
    }
}
