//! The clock: days of traffic, scheduled health checks (R9, R12), and what was planned for an instant.
//!
//! Domains don't touch each other, so a span of time is worked through domain by domain; what it wrote to history is then
//! put in order of time, and of position within an instant. Advancing in one step or in many gives the same account.

use super::state::{DomainState, RecordLink, TrafficData};
use super::{
    DayMoves, DayTotals, DomainEvent, DomainEventKind, DomainIx, Enrolment, LastCheck, MoveReason, MoveRecord,
    PersonIx, Sim,
};
use poolkeeper_core::health::{Latch, Policy, Vote, check};
use poolkeeper_core::model::{Band, Counts, Day, Timestamp};
use std::sync::Arc;

/// A domain that is to be enrolled at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlannedEnrolment {
    pub(super) domain: DomainIx,
    pub(super) at: Timestamp,
    pub(super) by: PersonIx,
}

/// What a span of time wrote.
#[derive(Default)]
struct AdvanceResult {
    records: Vec<MoveRecord>,
    events: Vec<(DomainIx, DomainEvent)>,
    totals: Vec<DayTotals>,
}

/// What a span of time goes by.
struct AdvanceContext<'a> {
    traffic: &'a TrafficData,
    policy: &'a Policy,
    account_first_day: Day,
    /// First and last of the days that end within the span; none when `last < first`.
    first: Day,
    last: Day,
    to: Timestamp,
}

impl Sim {
    /// Moves the clock to an instant that is not before now. `plan` is in order of domains, one entry a domain at most;
    /// entries up to now have happened already.
    pub(super) fn run_to(&mut self, to: Timestamp, plan: &[PlannedEnrolment]) {
        let from = self.now;
        let job_plan = self.job_plan(to);
        let plan = if job_plan.is_empty() { plan } else { &job_plan };
        let span = AdvanceContext {
            traffic: &self.traffic,
            policy: &self.policy,
            account_first_day: self.first_day,
            first: from.day(),
            last: to.day().plus(-1),
            to,
        };
        let days = usize::try_from(span.last.since(span.first).saturating_add(1)).unwrap_or(0);
        let mut written = AdvanceResult {
            totals: vec![DayTotals::default(); days],
            ..AdvanceResult::default()
        };
        let mut fresh = Vec::with_capacity(days);
        let plan = plan.iter().filter(|planned| planned.at > from && planned.at <= to);
        let domains = Arc::make_mut(&mut self.domains);
        if days == 0 {
            for planned in plan {
                if let Some(state) = domains.get_mut(planned.domain.0 as usize) {
                    span.run_domain(planned.domain, state, Some(*planned), &mut fresh, &mut written);
                }
            }
        } else {
            let mut plan = plan.copied().peekable();
            for (ix, state) in (0..).zip(domains.iter_mut()) {
                let planned = plan.next_if(|planned| planned.domain.0 == ix);
                span.run_domain(DomainIx(ix), state, planned, &mut fresh, &mut written);
            }
        }
        self.now = to;
        self.totals.append(&mut written.totals);
        written.records.sort_by_key(|record| record.at);
        for record in written.records {
            self.write(record);
        }
        written.events.sort_by_key(|(_, event)| event.at);
        for (domain, event) in written.events {
            self.note(domain, event);
        }
        self.finish_job_slots();
    }

    /// Appends a history record.
    pub(super) fn write(&mut self, record: MoveRecord) {
        let Some(state) = Arc::make_mut(&mut self.domains).get_mut(record.domain.0 as usize) else {
            return;
        };
        let ix = self.history.push(RecordLink {
            entry: record,
            before: state.last_record,
        });
        state.last_record = Some(ix);
        let Ok(day) = usize::try_from(record.day().since(self.first_day)) else {
            return;
        };
        if self.moves.len() <= day {
            self.moves.resize(day + 1, DayMoves::default());
        }
        let Some(moves) = self.moves.get_mut(day) else { return };
        match record.prev_band {
            None => moves.enrolled = moves.enrolled.saturating_add(1),
            Some(prev) if record.new_band > prev => moves.promoted = moves.promoted.saturating_add(1),
            Some(_) => moves.demoted = moves.demoted.saturating_add(1),
        }
    }

    /// Appends a domain event.
    pub(super) fn note(&mut self, domain: DomainIx, event: DomainEvent) {
        let Some(state) = Arc::make_mut(&mut self.domains).get_mut(domain.0 as usize) else {
            return;
        };
        state.last_event = Some(self.events.push(RecordLink {
            entry: (domain, event),
            before: state.last_event,
        }));
    }

    /// Sums every domain's window anew: after a change of its length, and after loading.
    pub(super) fn sum_windows(&mut self) {
        let last_day = self.last_complete_day();
        for (ix, state) in (0..).zip(Arc::make_mut(&mut self.domains).iter_mut()) {
            state.window = self.traffic.window(ix, last_day, self.policy.window_days);
        }
    }
}

/// The band a domain is enrolled into: the vote itself; what holds starts as new.
pub(super) fn first_band(policy: &Policy, window: &Counts) -> Band {
    match check(policy, window).vote {
        Vote::For(band) => band,
        Vote::Hold => Band::New,
    }
}

impl DomainState {
    /// Enrolls the domain by a first check over its window; gives what is to be written.
    pub(super) fn enroll(&mut self, policy: &Policy, planned: PlannedEnrolment) -> (MoveRecord, DomainEvent) {
        let PlannedEnrolment { domain, at, by } = planned;
        let band = first_band(policy, &self.window);
        self.enrolment = Some(Enrolment {
            latch: Latch::new(band),
            is_overridden: false,
            since: at,
        });
        self.last_check = Some(LastCheck {
            at,
            counts: self.window,
        });
        let record = MoveRecord {
            at,
            domain,
            prev_band: None,
            new_band: band,
            reason: MoveReason::Enrolled,
            counts: self.window,
            by,
        };
        (
            record,
            DomainEvent {
                at,
                kind: DomainEventKind::Enrolled { band },
            },
        )
    }

    /// The scheduled check of a day, if the domain is enrolled and not pinned.
    fn scheduled_check(&mut self, domain: DomainIx, policy: &Policy, at: Timestamp) -> Option<MoveRecord> {
        let counts = self.window;
        let enrolment = self.enrolment.as_mut().filter(|enrolment| !enrolment.is_overridden)?;
        self.last_check = Some(LastCheck { at, counts });
        let verdict = check(policy, &counts);
        let prev_band = enrolment.latch.band;
        let new_band = enrolment.latch.next_band(policy, verdict.vote)?;
        Some(MoveRecord {
            at,
            domain,
            prev_band: Some(prev_band),
            new_band,
            reason: MoveReason::of(&verdict),
            counts,
            by: PersonIx::SYSTEM,
        })
    }
}

impl AdvanceContext<'_> {
    /// Takes one domain through the span. `fresh` is room for the span's daily counts.
    fn run_domain(
        &self,
        domain: DomainIx,
        state: &mut DomainState,
        planned: Option<PlannedEnrolment>,
        fresh: &mut Vec<Counts>,
        written: &mut AdvanceResult,
    ) {
        fresh.clear();
        let mut waiting = planned.filter(|_| state.enrolment.is_none());
        let mut enroll_by = |instant: Timestamp, state: &mut DomainState, written: &mut AdvanceResult| {
            if let Some(planned) = waiting.take_if(|planned| planned.at < instant) {
                let (record, event) = state.enroll(self.policy, planned);
                written.records.push(record);
                written.events.push((domain, event));
            }
        };
        let window_days = i32::try_from(self.policy.window_days).unwrap_or(i32::MAX);
        let check_every = i32::try_from(self.policy.check_every_days).unwrap_or(1).max(1);
        for offset in 0..written.totals.len() {
            let day = self.first.plus(i32::try_from(offset).unwrap_or(i32::MAX));
            enroll_by(day.end(), state, written);
            let today = self.traffic.counts(domain.0, day).unwrap_or(Counts::ZERO);
            fresh.push(today);
            let leaving_day = day.plus(-window_days);
            let leaving = match usize::try_from(leaving_day.since(self.first)) {
                Ok(at) => fresh.get(at).copied(),
                Err(_) => self.traffic.counts(domain.0, leaving_day),
            };
            state.window += today;
            state.window -= leaving.unwrap_or(Counts::ZERO);
            if let Some(totals) = written.totals.get_mut(offset) {
                match state.enrolment {
                    Some(enrolment) => *totals.counts.get_mut(enrolment.latch.band) += today,
                    None => totals.outside_counts += today,
                }
            }
            if (day.since(self.account_first_day) + 1) % check_every == 0
                && let Some(record) = state.scheduled_check(domain, self.policy, day.end())
            {
                written.records.push(record);
            }
            if let Some(totals) = written.totals.get_mut(offset) {
                match state.enrolment {
                    Some(enrolment) => *totals.domains.get_mut(enrolment.latch.band) += 1,
                    None => totals.outside_domains += 1,
                }
            }
        }
        enroll_by(self.to.plus_seconds(1), state, written);
    }
}
