//! What changed in the latest days, a row for each domain: where it was, where it is, why, and how it comes back.

use crate::counterfactual::domain_counterfactuals;
use crate::export::Sheet;
use crate::history_filters::account_name;
use crate::labels::Labels;
use crate::record_time::RecordTime;
use crate::what_if::counterfactual::way_back;
use poolkeeper_core::health::{Vote, check};
use poolkeeper_core::model::{Band, Counts, Day, DomainName, HistoryRecord, PoolName, Rate};
use poolkeeper_core::text;
use poolkeeper_lab::PoorCause;
use poolkeeper_simulator::sim::{DomainIx, MoveReason, MoveRecord, Sim};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How a domain's pool changed over a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeriodChange {
    /// To a worse pool.
    Fell,
    /// To a better pool.
    Rose,
    /// It moved, and is where it was.
    Returned,
    /// A person pinned it last.
    Pinned,
    /// It was enrolled.
    Enrolled,
}

impl PeriodChange {
    /// All kinds, in the order of the list.
    pub const ALL: [Self; 5] = [Self::Fell, Self::Rose, Self::Returned, Self::Pinned, Self::Enrolled];

    /// Its word, also in the address.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fell => "fell",
            Self::Rose => "rose",
            Self::Returned => "returned",
            Self::Pinned => "pinned",
            Self::Enrolled => "enrolled",
        }
    }
}

/// One domain's change.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedDomain {
    /// Its name.
    pub name: DomainName,
    /// The name of its account; its identifier where no name is known.
    pub account: String,
    /// How it changed.
    pub kind: PeriodChange,
    /// Where it was before the period; `None` where it was not enrolled.
    pub from: Option<Band>,
    /// Where its last change put it; `None` for a pool that is none of the three.
    pub to: Option<Band>,
    /// When that was.
    pub time: Option<RecordTime>,
    /// Who did it.
    pub by: String,
    cause: ChangeCause,
}

/// What is known of why a domain changed.
#[derive(Clone, Debug, PartialEq)]
enum ChangeCause {
    /// The simulator's own record: its daily counts tell the day that did it.
    Simulated { domain: DomainIx, reason: MoveReason },
    /// What the service's history says.
    Recorded {
        reason: String,
        bounce: Option<Rate>,
        complaint: Option<Rate>,
    },
}

/// The changes of a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
    /// The domains that changed, those that fell first, the latest first.
    pub domains: Vec<ChangedDomain>,
}

impl Changes {
    /// The changes of a simulated account in the latest days, and in as many days before.
    #[must_use]
    pub fn latest(sim: &Sim, days: u32) -> (Self, Self) {
        let [now, before] = latest_periods(sim.last_complete_day(), days);
        (Self::between(sim, now.0, now.1), Self::between(sim, before.0, before.1))
    }

    /// The same of any account by its history, the newest record first; `last` is the last day that counts.
    #[must_use]
    pub fn latest_recorded(records: &[Arc<HistoryRecord>], last: Day, days: u32) -> (Self, Self) {
        let [now, before] = latest_periods(last, days);
        (
            Self::recorded(records, now.0, now.1),
            Self::recorded(records, before.0, before.1),
        )
    }

    fn recorded(records: &[Arc<HistoryRecord>], first: Day, last: Day) -> Self {
        let mut found: BTreeMap<&DomainName, (&HistoryRecord, &HistoryRecord)> = BTreeMap::new();
        for record in records {
            let day = RecordTime::of(record).map(|time| time.day);
            if day.is_some_and(|day| first <= day && day <= last) {
                let (oldest, _) = found.entry(&record.domain_name).or_insert((record, record));
                *oldest = record;
            }
        }
        let row = |(name, (oldest, newest)): (&DomainName, (&HistoryRecord, &HistoryRecord))| {
            let band = |pool: &Option<PoolName>| pool.as_ref().and_then(PoolName::band);
            let (from, to) = (band(&oldest.prev_band), band(&newest.new_band));
            let is_pinned = newest.reason == MoveReason::OverrideSet.text(Band::Good);
            ChangedDomain {
                name: name.clone(),
                account: account_name(newest).to_owned(),
                kind: kind(oldest.prev_band.is_some(), from, to, is_pinned),
                from,
                to,
                time: RecordTime::of(newest),
                by: newest.initiated_by.clone().unwrap_or_default(),
                cause: ChangeCause::Recorded {
                    reason: newest.reason.clone(),
                    bounce: newest.bounce_rate,
                    complaint: newest.complaint_rate,
                },
            }
        };
        Self::sorted(first, last, found.into_iter().map(row).collect())
    }

    fn sorted(first: Day, last: Day, mut domains: Vec<ChangedDomain>) -> Self {
        let at = |domain: &ChangedDomain| domain.time.map(|time| time.at);
        domains.sort_by(|a, b| (a.kind, at(b)).cmp(&(b.kind, at(a))).then_with(|| a.name.cmp(&b.name)));
        Self { first, last, domains }
    }

    fn between(sim: &Sim, first: Day, last: Day) -> Self {
        let row = |(domain, (oldest, newest)): (DomainIx, (MoveRecord, MoveRecord))| {
            let known = sim.domain(domain)?;
            Some(ChangedDomain {
                name: known.name.clone(),
                account: sim
                    .account(known.account)
                    .map(|account| account.name.clone())
                    .unwrap_or_default(),
                kind: kind_of(&oldest, &newest),
                from: oldest.prev_band,
                to: Some(newest.new_band),
                time: Some(RecordTime::of_simulated(&newest)),
                by: sim.person(newest.by).to_owned(),
                cause: ChangeCause::Simulated {
                    domain,
                    reason: newest.reason,
                },
            })
        };
        let domains = records(sim, first, last).into_iter().filter_map(row).collect();
        Self::sorted(first, last, domains)
    }

    /// The accounts of the domains that changed, in the order of names.
    #[must_use]
    pub fn accounts(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.domains.iter().map(|domain| domain.account.as_str()).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// How many domains changed in a way.
    #[must_use]
    pub fn count(&self, kind: PeriodChange) -> u64 {
        self.domains.iter().filter(|domain| domain.kind == kind).count() as u64
    }

    /// `6 fell, 3 rose, 1 returned`; the ways that did not happen are left out, but for the first two.
    #[must_use]
    pub fn sentence(&self) -> String {
        sentence(|kind| self.count(kind))
    }
}

/// The sentence of the latest days alone, for the overview.
#[must_use]
pub fn latest_sentence(sim: &Sim, days: u32) -> String {
    let [(first, last), _] = latest_periods(sim.last_complete_day(), days);
    let mut counts = [0; PeriodChange::ALL.len()];
    for (oldest, newest) in records(sim, first, last).values() {
        if let Some(count) = counts.get_mut(kind_of(oldest, newest) as usize) {
            *count += 1;
        }
    }
    sentence(|kind| counts.get(kind as usize).copied().unwrap_or(0))
}

fn sentence(count: impl Fn(PeriodChange) -> u64) -> String {
    let mut said = String::new();
    for kind in PeriodChange::ALL {
        if matches!(kind, PeriodChange::Fell | PeriodChange::Rose) || count(kind) > 0 {
            if !said.is_empty() {
                said.push_str(", ");
            }
            said.push_str(&text::count(count(kind)));
            said.push(' ');
            said.push_str(kind.word());
        }
    }
    said
}

/// The oldest and the newest record of each domain in a period.
fn records(sim: &Sim, first: Day, last: Day) -> BTreeMap<DomainIx, (MoveRecord, MoveRecord)> {
    let mut found: BTreeMap<DomainIx, (MoveRecord, MoveRecord)> = BTreeMap::new();
    let newest_first = (0..sim.history_len()).rev().filter_map(|ix| sim.record(ix));
    let records = newest_first
        .map(|view| view.record)
        .take_while(|record| record.day() >= first);
    for record in records.filter(|record| record.day() <= last) {
        let (oldest, _) = found.entry(record.domain).or_insert((record, record));
        *oldest = record;
    }
    found
}

impl ChangedDomain {
    /// Why: for a fall in the simulator the day that did it, otherwise the service's words with the rates of then.
    #[must_use]
    pub fn why(&self, sim: &Sim) -> String {
        match &self.cause {
            ChangeCause::Simulated { domain, reason } => {
                let cause = self
                    .time
                    .filter(|_| self.to == Some(Band::Poor) && *reason != MoveReason::OverrideSet)
                    .and_then(|time| poor_cause(sim, *domain, time.day));
                let words = || self.to.map(|to| reason.text(to)).unwrap_or_default();
                cause.map_or_else(words, |cause| cause.sentence())
            }
            ChangeCause::Recorded {
                reason,
                bounce,
                complaint,
            } => {
                let rate = |rate: &Option<Rate>, noun: &str| rate.map(|rate| format!("{} {noun}", rate.percent()));
                let rates = [rate(bounce, "bounces"), rate(complaint, "complaints")];
                let rates: Vec<String> = rates.into_iter().flatten().collect();
                if rates.is_empty() {
                    reason.clone()
                } else {
                    format!("{reason}: {}", rates.join(", "))
                }
            }
        }
    }

    /// How it comes back to good; empty where it is good, and where nothing can be said: a history alone tells no daily counts.
    #[must_use]
    pub fn way_back(&self, sim: &Sim) -> String {
        let ChangeCause::Simulated { domain, .. } = &self.cause else {
            return String::new();
        };
        let is_good = sim.domain(*domain).and_then(|domain| domain.band()) == Some(Band::Good);
        let found = (!is_good).then(|| domain_counterfactuals(sim, *domain)).flatten();
        found.map_or_else(String::new, |found| way_back(&found, sim.policy()))
    }
}

/// The first and last days of the latest period and of the one before it.
#[must_use]
pub fn latest_periods(last: Day, days: u32) -> [(Day, Day); 2] {
    let length = i32::try_from(days.max(1)).unwrap_or(i32::MAX);
    let first = last.plus(1 - length);
    [(first, last), (first.plus(-length), first.plus(-1))]
}

/// The cause of a check's poor verdict on a day; `None` where the present policy gives no such verdict.
#[must_use]
pub fn poor_cause(sim: &Sim, domain: DomainIx, on: Day) -> Option<PoorCause> {
    let policy = sim.policy();
    let first = on.plus(1 - i32::try_from(policy.window_days).ok()?);
    let days = sim.daily_counts(domain, first, on);
    let window: Vec<Counts> = days.map(|(_, counts)| counts.unwrap_or_default()).collect();
    let verdict = check(policy, &window.iter().copied().sum());
    let metric = (verdict.vote == Vote::For(Band::Poor))
        .then(|| verdict.deciding().next())
        .flatten()?;
    PoorCause::of(policy, metric, &window, on)
}

/// The changes as a table for a file.
#[must_use]
pub fn sheet(sim: &Sim, domains: &[ChangedDomain], labels: &Labels) -> Sheet {
    let columns = [
        "domain", "account", "customer", "change", "from", "to", "on", "why", "way_back", "by",
    ];
    let mut sheet = Sheet::new(&columns);
    let word = |band: Option<Band>| band.map_or_else(String::new, |band| band.word().to_owned());
    let row = |domain: &ChangedDomain| {
        vec![
            domain.name.to_string(),
            domain.account.clone(),
            labels.of(&domain.name, &domain.account).customer,
            domain.kind.word().to_owned(),
            word(domain.from),
            word(domain.to),
            domain.time.map(|time| time.day.to_string()).unwrap_or_default(),
            domain.why(sim),
            domain.way_back(sim),
            domain.by.clone(),
        ]
    };
    sheet.rows = domains.iter().map(row).collect();
    sheet
}

fn kind_of(oldest: &MoveRecord, newest: &MoveRecord) -> PeriodChange {
    let is_pinned = newest.reason == MoveReason::OverrideSet;
    kind(
        oldest.prev_band.is_some(),
        oldest.prev_band,
        Some(newest.new_band),
        is_pinned,
    )
}

/// A pool that is none of the three is neither better nor worse: the domain counts as returned.
fn kind(was_enrolled: bool, from: Option<Band>, to: Option<Band>, is_pinned: bool) -> PeriodChange {
    match (from, to) {
        _ if !was_enrolled => PeriodChange::Enrolled,
        _ if is_pinned => PeriodChange::Pinned,
        (Some(from), Some(to)) if to > from => PeriodChange::Rose,
        (Some(from), Some(to)) if to < from => PeriodChange::Fell,
        _ => PeriodChange::Returned,
    }
}

#[cfg(test)]
mod tests;
