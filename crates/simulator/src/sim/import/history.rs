//! The history of a copy, and what follows from it: events, moves and totals of each day.

use super::{HistoryRecord, ImportNotes, Timestamp};
use crate::sim::{DayTotals, DomainEvent, DomainEventKind, DomainIx, MoveReason, MoveRecord, PersonIx, Sim};
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::{Band, Counts};
use std::sync::Arc;

impl Sim {
    /// Writes the records a copy can hold, oldest first, and what they imply.
    pub(super) fn adopt_past(&mut self, mut history: Vec<HistoryRecord>, notes: &mut ImportNotes) {
        let mut left_out = OmittedHistory::default();
        // Lists come newest first; within an instant that order is turned round too.
        history.reverse();
        history.sort_by_key(|record| record.timestamp);
        let mut records = Vec::with_capacity(history.len());
        for record in &history {
            if let Some(record) = self.adopted(record, &mut left_out) {
                records.push(record);
            }
        }
        for record in records {
            self.write(record);
        }
        self.adopt_events(notes);
        self.adopt_totals();
        left_out.tell(notes);
    }

    fn adopted(&mut self, told: &HistoryRecord, left_out: &mut OmittedHistory) -> Option<MoveRecord> {
        let Some(at) = told.timestamp.map(Timestamp::from).filter(|at| *at <= self.now) else {
            left_out.without_time += 1;
            return None;
        };
        if at < self.first_day.start() {
            left_out.too_old += 1;
            return None;
        }
        let Some(domain) = self.directory.find(&told.domain_name) else {
            left_out.of_others += 1;
            return None;
        };
        let Some(new_band) = told.new_band.as_ref().and_then(poolkeeper_core::model::PoolName::band) else {
            left_out.without_band += 1;
            return None;
        };
        let prev_band = told.prev_band.as_ref().and_then(poolkeeper_core::model::PoolName::band);
        let reason = reason_of(&told.reason, new_band).unwrap_or_else(|| {
            left_out.other_reasons += 1;
            if prev_band.is_none() {
                MoveReason::Enrolled
            } else {
                MoveReason::Multiple
            }
        });
        let rates = (told.bounce_rate, told.complaint_rate);
        let counts = self.counts_behind(domain, at, told.processed_count, rates);
        let by = match told.initiated_by.as_deref() {
            None | Some("") => {
                left_out.by_nobody += 1;
                PersonIx::SYSTEM
            }
            Some("system") => PersonIx::SYSTEM,
            Some(person) => self.person_ix(person),
        };
        Some(MoveRecord {
            at,
            domain,
            prev_band,
            new_band,
            reason,
            counts,
            by,
        })
    }

    /// What happened to each domain besides checks, as far as records and the present tell: when an override was taken
    /// off is not recorded, only that a check moved the domain afterwards.
    fn adopt_events(&mut self, notes: &mut ImportNotes) {
        let mut events: Vec<(DomainIx, DomainEvent)> = Vec::new();
        let (mut never_enrolled, mut never_pinned) = (0, 0);
        for ix in (0..self.domain_count()).map(DomainIx) {
            let records = self.records_oldest_first(ix);
            let standing = self.standing(ix);
            let has = |is_it: fn(&MoveRecord) -> bool| records.iter().any(is_it);
            never_enrolled += u64::from(standing.is_some() && !has(|record| record.prev_band.is_none()));
            let is_pinned = standing.is_some_and(|now| now.is_overridden);
            never_pinned += u64::from(is_pinned && !has(|record| record.reason == MoveReason::OverrideSet));
            self.note_enrolment(ix, &records);
            events.extend(self.events_of(ix, &records).into_iter().map(|event| (ix, event)));
        }
        events.sort_by_key(|(_, event)| event.at);
        for (domain, event) in events {
            self.note(domain, event);
        }
        notes.stand_in(
            "Domains whose enrolment is in no record that was copied",
            never_enrolled,
            "The copy has them enrolled since its first day",
        );
        notes.stand_in(
            "Domains whose override is in no record that was copied",
            never_pinned,
            "The copy has it set at their latest record, or on its first day",
        );
    }

    fn records_oldest_first(&self, ix: DomainIx) -> Vec<MoveRecord> {
        let mut records: Vec<MoveRecord> = self.records_of(ix).map(|view| view.record).collect();
        records.reverse();
        records
    }

    /// Since when the domain has been enrolled, where a record says.
    fn note_enrolment(&mut self, ix: DomainIx, records: &[MoveRecord]) {
        let enrolled = records.iter().rev().find(|record| record.prev_band.is_none());
        if let (Some(enrolled), Some(state)) = (enrolled, Arc::make_mut(&mut self.domains).get_mut(ix.0 as usize))
            && let Some(enrolment) = state.enrolment.as_mut()
        {
            enrolment.since = enrolled.at;
        }
    }

    fn events_of(&self, ix: DomainIx, records: &[MoveRecord]) -> Vec<DomainEvent> {
        let first = self.first_day.start();
        let mut events = Vec::new();
        let mut is_pinned = false;
        let standing = self.standing(ix);
        let starts_as = records
            .first()
            .map_or(standing.map(|now| now.band), |record| record.prev_band);
        if let Some(band) = starts_as {
            let kind = DomainEventKind::Enrolled { band };
            events.push(DomainEvent { at: first, kind });
        }
        for record in records {
            let kind = match record.reason {
                MoveReason::Enrolled => {
                    is_pinned = false;
                    DomainEventKind::Enrolled { band: record.new_band }
                }
                MoveReason::OverrideSet => {
                    is_pinned = true;
                    DomainEventKind::Pinned { band: record.new_band }
                }
                _ if is_pinned => {
                    is_pinned = false;
                    DomainEventKind::Unpinned
                }
                _ => continue,
            };
            // An override taken off before a check moved the domain was off when that check's day ended.
            let at = match kind {
                DomainEventKind::Unpinned => record.at.plus_seconds(-1).max(first),
                _ => record.at,
            };
            events.push(DomainEvent { at, kind });
        }
        let last = records.last().map_or(first, |record| record.at);
        match standing {
            Some(now) if now.is_overridden && !is_pinned => {
                let kind = DomainEventKind::Pinned { band: now.band };
                events.push(DomainEvent { at: last, kind });
            }
            Some(now) if !now.is_overridden && is_pinned => {
                events.push(DomainEvent {
                    at: self.now,
                    kind: DomainEventKind::Unpinned,
                });
            }
            None if !events.is_empty() => events.push(DomainEvent {
                at: self.now,
                kind: DomainEventKind::Unenrolled,
            }),
            _ => {}
        }
        events
    }

    /// Totals of each complete day: the bands follow from the records, back from where each domain is now.
    fn adopt_totals(&mut self) {
        let days = usize::try_from(self.now.day().since(self.first_day)).unwrap_or(0);
        let mut totals = vec![DayTotals::default(); days];
        for ix in (0..self.domain_count()).map(DomainIx) {
            let records = self.records_oldest_first(ix);
            let now = self.standing(ix).map(|standing| standing.band);
            for (offset, day_totals) in totals.iter_mut().enumerate() {
                let day = self.first_day.plus(i32::try_from(offset).unwrap_or(i32::MAX));
                let counts = self.traffic.counts(ix.0, day).unwrap_or(Counts::ZERO);
                let (carried_by, after) = match now {
                    // When it left is not recorded.
                    None => (None, None),
                    Some(now) => (
                        band_at(&records, now, |record| record.at < day.end()),
                        band_at(&records, now, |record| record.day() <= day),
                    ),
                };
                match carried_by {
                    Some(band) => *day_totals.counts.get_mut(band) += counts,
                    None => day_totals.outside_counts += counts,
                }
                match after {
                    Some(band) => *day_totals.domains.get_mut(band) += 1,
                    None => day_totals.outside_domains += 1,
                }
            }
        }
        self.totals = totals;
    }
}

/// The band after the last record that had happened; before the first, the one it left; without any, the one it is in.
fn band_at(records: &[MoveRecord], now: Band, had_happened: impl Fn(&MoveRecord) -> bool) -> Option<Band> {
    let count = records.partition_point(|record| had_happened(record));
    match count.checked_sub(1).and_then(|at| records.get(at)) {
        Some(record) => Some(record.new_band),
        None => records.first().map_or(Some(now), |first| first.prev_band),
    }
}

/// The reason behind the service's words; `None` for words this version does not know.
fn reason_of(text: &str, new_band: Band) -> Option<MoveReason> {
    let metrics = Metric::ALL.into_iter().map(MoveReason::Metric);
    let others = [
        MoveReason::Enrolled,
        MoveReason::OverrideSet,
        MoveReason::Multiple,
        MoveReason::BelowMinimum,
    ];
    metrics.chain(others).find(|reason| reason.text(new_band) == text)
}

/// Records the copy does not hold as they were.
#[derive(Default)]
struct OmittedHistory {
    too_old: u64,
    of_others: u64,
    without_band: u64,
    without_time: u64,
    other_reasons: u64,
    by_nobody: u64,
}

impl OmittedHistory {
    fn tell(&self, notes: &mut ImportNotes) {
        let so = "They are left out";
        notes.miss("History records older than the days that were copied", self.too_old, so);
        notes.miss(
            "History records of domains the account does not list",
            self.of_others,
            so,
        );
        notes.miss(
            "History records that name no pool this version knows",
            self.without_band,
            so,
        );
        notes.miss(
            "History records that have no time, or one to come",
            self.without_time,
            so,
        );
        notes.stand_in(
            "History records that give reasons in other words",
            self.other_reasons,
            "The copy words them in its own",
        );
        notes.stand_in(
            "History records that do not say who made the change",
            self.by_nobody,
            "The copy says “system”",
        );
    }
}
