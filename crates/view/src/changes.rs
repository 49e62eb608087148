//! What changed in the latest days, a row for each domain: where it was, where it is, why, and how it comes back.

use crate::counterfactual::domain_counterfactuals;
use crate::export::Sheet;
use crate::record_time::RecordTime;
use crate::what_if::counterfactual::way_back;
use poolkeeper_core::health::{Vote, check};
use poolkeeper_core::model::{Band, Counts, Day, DomainName};
use poolkeeper_core::text;
use poolkeeper_lab::PoorCause;
use poolkeeper_simulator::sim::{DomainIx, MoveReason, MoveRecord, Sim};
use std::collections::BTreeMap;

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
    domain: DomainIx,
    /// Its name.
    pub name: DomainName,
    /// How it changed.
    pub kind: PeriodChange,
    /// Where it was before the period; `None` where it was not enrolled.
    pub from: Option<Band>,
    /// Where its last change put it.
    pub to: Band,
    /// When that was.
    pub time: RecordTime,
    /// Who did it.
    pub by: String,
    reason: MoveReason,
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
    /// The changes of the latest days, and those of as many days before.
    #[must_use]
    pub fn latest(sim: &Sim, days: u32) -> (Self, Self) {
        let length = i32::try_from(days.max(1)).unwrap_or(i32::MAX);
        let last = sim.last_complete_day();
        let first = last.plus(1 - length);
        (
            Self::between(sim, first, last),
            Self::between(sim, first.plus(-length), first.plus(-1)),
        )
    }

    fn between(sim: &Sim, first: Day, last: Day) -> Self {
        let row = |(domain, (oldest, newest)): (DomainIx, (MoveRecord, MoveRecord))| {
            Some(ChangedDomain {
                domain,
                name: sim.domain(domain)?.name.clone(),
                kind: kind(&oldest, &newest),
                from: oldest.prev_band,
                to: newest.new_band,
                time: RecordTime::of_simulated(&newest),
                by: sim.person(newest.by).to_owned(),
                reason: newest.reason,
            })
        };
        let mut domains: Vec<ChangedDomain> = records(sim, first, last).into_iter().filter_map(row).collect();
        domains.sort_by(|a, b| {
            (a.kind, b.time.at)
                .cmp(&(b.kind, a.time.at))
                .then_with(|| a.name.cmp(&b.name))
        });
        Self { first, last, domains }
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
    let last = sim.last_complete_day();
    let first = last.plus(1 - i32::try_from(days.max(1)).unwrap_or(i32::MAX));
    let mut counts = [0; PeriodChange::ALL.len()];
    for (oldest, newest) in records(sim, first, last).values() {
        if let Some(count) = counts.get_mut(kind(oldest, newest) as usize) {
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
    /// Why: for a fall the day that did it, otherwise the service's words.
    #[must_use]
    pub fn why(&self, sim: &Sim) -> String {
        let cause = (self.to == Band::Poor && self.reason != MoveReason::OverrideSet)
            .then(|| poor_cause(sim, self.domain, self.time.day))
            .flatten();
        cause.map_or_else(|| self.reason.text(self.to), |cause| cause.sentence())
    }

    /// How it comes back to good; empty where it is good, and where nothing can be said.
    #[must_use]
    pub fn way_back(&self, sim: &Sim) -> String {
        let is_good = sim.domain(self.domain).and_then(|domain| domain.band()) == Some(Band::Good);
        let found = (!is_good).then(|| domain_counterfactuals(sim, self.domain)).flatten();
        found.map_or_else(String::new, |found| way_back(&found, sim.policy()))
    }
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
pub fn sheet(sim: &Sim, domains: &[ChangedDomain]) -> Sheet {
    let mut sheet = Sheet::new(&["domain", "change", "from", "to", "on", "why", "way_back", "by"]);
    let row = |domain: &ChangedDomain| {
        vec![
            domain.name.to_string(),
            domain.kind.word().to_owned(),
            domain.from.map_or_else(String::new, |band| band.word().to_owned()),
            domain.to.word().to_owned(),
            domain.time.day.to_string(),
            domain.why(sim),
            domain.way_back(sim),
            domain.by.clone(),
        ]
    };
    sheet.rows = domains.iter().map(row).collect();
    sheet
}

fn kind(oldest: &MoveRecord, newest: &MoveRecord) -> PeriodChange {
    match oldest.prev_band {
        None => PeriodChange::Enrolled,
        Some(_) if newest.reason == MoveReason::OverrideSet => PeriodChange::Pinned,
        Some(from) if newest.new_band > from => PeriodChange::Rose,
        Some(from) if newest.new_band < from => PeriodChange::Fell,
        Some(_) => PeriodChange::Returned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::traffic::{Table, TableDomain};
    use std::sync::Arc;

    /// Thirty days of 1,000 messages each. `fell` bounces 700 on the 28th day, `back` on the 18th alone.
    fn account() -> Sim {
        let domains = ["fell.example", "back.example", "calm.example"].map(|name| TableDomain {
            name: DomainName::as_sent(name),
            account: 0,
        });
        let mut table = Table::empty(Day(20_000), 30, vec!["main".to_owned()], domains.to_vec());
        for day in 0..30 {
            let mut add = |domain, bad_day| {
                let bounced = if day == bad_day { 700 } else { 10 };
                let counts = Counts {
                    processed: 1_000,
                    delivered: 1_000 - bounced,
                    bounced,
                    complained: 0,
                };
                table.add(domain, Day(20_000 + day), &counts).unwrap();
            };
            add(0, 27);
            add(1, 17);
            add(2, -1);
        }
        Sim::from_table(Arc::new(table), "three")
    }

    #[test]
    fn a_week_is_told_from_the_week_before() {
        let sim = account();
        // Days 24 to 30 and 17 to 23, counted from 1: `back` falls on the 18th and rises on the 25th, 7 days later.
        let (week, before) = Changes::latest(&sim, 7);
        assert_eq!((week.first, week.last), (Day(20_023), Day(20_029)));
        assert_eq!(week.sentence(), "1 fell, 1 rose");
        assert_eq!(latest_sentence(&sim, 7), week.sentence());
        assert_eq!(before.sentence(), "1 fell, 0 rose");
        let [fell, rose] = &week.domains[..] else {
            panic!("{week:?}")
        };
        assert_eq!(
            (fell.name.as_str(), fell.from, fell.to),
            ("fell.example", Some(Band::Good), Band::Poor)
        );
        assert_eq!((rose.name.as_str(), rose.kind), ("back.example", PeriodChange::Rose));
        // Over the last 20 days it moved, and is where it was.
        let (longer, _) = Changes::latest(&sim, 20);
        assert_eq!(longer.sentence(), "1 fell, 0 rose, 1 returned");
    }

    #[test]
    fn a_fall_names_the_day_that_did_it_and_the_way_back() {
        let sim = account();
        let (week, _) = Changes::latest(&sim, 7);
        let fell = &week.domains[0];
        // Six days of 10 and one of 700 are 760 of 7,000 messages: 10.86 %. Day 20,027 is 31 Oct 2024.
        assert_eq!(
            fell.why(&sim),
            "700 of 1,000 messages bounced on 31 Oct 2024: 10.86 % over 7 days, limit 10 %"
        );
        // The bad day leaves the window of seven days with the check of 7 Nov.
        assert_eq!(
            fell.way_back(&sim),
            "Good on 7 Nov 2024 if there are no more bounces or complaints."
        );
        let table = sheet(&sim, &week.domains);
        assert_eq!(table.rows.len(), 2);
    }
}
