//! The timeline: enrolments and overrides during the traffic's days.

use poolkeeper_core::model::{Band, Timestamp};
use poolkeeper_simulator::sim::{self, Sim};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// The kind of an event of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimelineEventKind {
    /// It was enrolled. Its first band is the vote of the window that ends with the last complete day, or new on a
    /// Hold.
    Enrolled,
    /// It was unenrolled.
    Unenrolled,
    /// A person pinned it to a band (R10): checks do not move it.
    Pinned(Band),
    /// The pin was removed: it stays where it is until the next check.
    Unpinned,
}

/// An event of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimelineEvent {
    /// When. An event at midnight belongs to the day that begins: it is after the check that ends the day before.
    pub at: Timestamp,
    /// Its kind.
    pub kind: TimelineEventKind,
}

/// The events of a table's domains, by position in the table.
///
/// A domain whose first event is not its enrolment is enrolled from the table's first day, as new. So is a domain
/// without events if [`Timeline::others_enrolled`] is true. Events before the table's first day set the initial state.
/// A domain enrolled then, or at the table's first instant, starts as new, because there is no traffic to judge it by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// Whether domains without events are enrolled from the first day on, or never.
    pub others_enrolled: bool,
    domains: BTreeMap<u32, Vec<TimelineEvent>>,
}

impl From<sim::DomainEvent> for TimelineEvent {
    fn from(event: sim::DomainEvent) -> Self {
        use sim::DomainEventKind as Happened;
        let kind = match event.kind {
            // The replayed policy decides the first band.
            Happened::Enrolled { band: _ } => TimelineEventKind::Enrolled,
            Happened::Unenrolled => TimelineEventKind::Unenrolled,
            Happened::Pinned { band } => TimelineEventKind::Pinned(band),
            Happened::Unpinned => TimelineEventKind::Unpinned,
        };
        Self { at: event.at, kind }
    }
}

impl Timeline {
    /// The timeline of a simulated account's domains, for tables made by [`Sim::to_table`].
    #[must_use]
    pub fn of(sim: &Sim) -> Self {
        let mut timeline = Self::new(false);
        timeline.add_from(sim, 0..sim.domain_count());
        timeline
    }

    /// Adds the events of some domains of a simulated account, for callers that work in slices.
    pub fn add_from(&mut self, sim: &Sim, domains: Range<u32>) {
        for domain in domains {
            for event in sim.domain_events(sim::DomainIx(domain)) {
                self.push(domain, event.into());
            }
        }
    }

    /// A timeline without events. Domains without events are enrolled from the first day, or never.
    #[must_use]
    pub const fn new(others_enrolled: bool) -> Self {
        Self {
            others_enrolled,
            domains: BTreeMap::new(),
        }
    }

    /// Adds an event of the domain at a position. Events of one instant keep their order of insertion.
    pub fn push(&mut self, domain: u32, event: TimelineEvent) {
        let events = self.domains.entry(domain).or_default();
        let after = events.partition_point(|earlier| earlier.at <= event.at);
        events.insert(after, event);
    }

    /// A domain's events, by time.
    #[must_use]
    pub fn events(&self, domain: u32) -> &[TimelineEvent] {
        self.domains.get(&domain).map_or(&[], Vec::as_slice)
    }

    /// The domains that have events, by position.
    pub fn domains(&self) -> impl Iterator<Item = u32> + '_ {
        self.domains.keys().copied()
    }

    /// Whether a domain is enrolled before its first event.
    #[must_use]
    pub fn is_enrolled_from_start(&self, domain: u32) -> bool {
        match self.events(domain).first() {
            None => self.others_enrolled,
            Some(first) => first.kind != TimelineEventKind::Enrolled,
        }
    }
}
