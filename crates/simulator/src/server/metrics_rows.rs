//! Counts grouped by the dimensions of a metrics query.

use crate::sim::{AccountIx, DomainIx, Sim};
use chrono::Datelike;
use poolkeeper_core::model::{Counts, Day};
use std::collections::BTreeMap;

/// A domain whose counts are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct CountedDomain {
    pub(super) ix: DomainIx,
    pub(super) account: AccountIx,
}

/// One row: its place in each dimension that was asked for, and its counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupRow {
    /// The first day of its step of time.
    pub(super) time: Option<Day>,
    pub(super) domain: Option<DomainIx>,
    pub(super) account: Option<AccountIx>,
    pub(super) counts: Counts,
}

/// A row's place in order: time, then the domain's rank by name, then the account.
type GroupKey = (Option<Day>, Option<usize>, Option<u32>);

/// How many rows each day has when rows are domains' days, and what they add up to.
#[derive(Debug, Default)]
pub(super) struct DayTallies {
    pub(super) rows: Vec<u32>,
    pub(super) sum: Counts,
}

/// What is grouped, over which days, by what.
pub(super) struct Grouping<'a> {
    pub(super) sim: &'a Sim,
    /// In the order of their names.
    pub(super) senders: &'a [CountedDomain],
    pub(super) first: Day,
    pub(super) last: Day,
    pub(super) is_by_month: bool,
    pub(super) has_time: bool,
    pub(super) has_domain: bool,
    pub(super) has_account: bool,
}

impl Grouping<'_> {
    /// Whether rows are single domains on single days, so that they can be found page by page.
    pub(super) const fn is_daily_by_domain(&self) -> bool {
        self.has_time && self.has_domain && !self.is_by_month
    }

    /// Rows there are at most.
    pub(super) fn most_rows(&self) -> usize {
        let senders = if self.has_domain { self.senders.len() } else { 1 };
        senders.saturating_mul(if self.has_time { self.day_count() } else { 1 })
    }

    /// Days of single domains that are looked up.
    pub(super) fn domain_days(&self) -> usize {
        self.senders.len().saturating_mul(self.day_count())
    }

    fn day_count(&self) -> usize {
        usize::try_from(self.last.since(self.first).saturating_add(1)).unwrap_or(0)
    }

    fn days(&self) -> impl Iterator<Item = Day> + use<> {
        (self.first.0..=self.last.0).map(Day)
    }

    fn step_of(&self, day: Day) -> Day {
        if self.is_by_month {
            day.plus(1 - i32::try_from(day.date().day()).unwrap_or(1))
        } else {
            day
        }
    }

    fn row(&self, sender: CountedDomain, day: Day, counts: Counts) -> GroupRow {
        GroupRow {
            time: self.has_time.then(|| self.step_of(day)),
            domain: self.has_domain.then_some(sender.ix),
            account: self.has_account.then_some(sender.account),
            counts,
        }
    }

    /// All rows, in order of time and then of name. Days without traffic add none.
    pub(super) fn rows(&self) -> Vec<GroupRow> {
        let mut groups: BTreeMap<GroupKey, GroupRow> = BTreeMap::new();
        for (at, sender) in self.senders.iter().enumerate() {
            for day in self.days() {
                let Some(counts) = self.sim.counts(sender.ix, day) else {
                    continue;
                };
                let row = self.row(*sender, day, counts);
                let key = (row.time, row.domain.map(|_| at), row.account.map(|account| account.0));
                let sum = groups.entry(key).or_insert(GroupRow {
                    counts: Counts::ZERO,
                    ..row
                });
                sum.counts += counts;
            }
        }
        groups.into_values().collect()
    }

    /// How many rows each day has, when rows are domains' days.
    pub(super) fn count_days(&self) -> DayTallies {
        let mut days = DayTallies::default();
        for day in self.days() {
            let mut rows = 0;
            for counts in self.senders.iter().filter_map(|sender| self.sim.counts(sender.ix, day)) {
                rows += 1;
                days.sum += counts;
            }
            days.rows.push(rows);
        }
        days
    }

    /// A page of rows, when rows are domains' days: only the days of the page are looked at.
    pub(super) fn daily_page(
        &self,
        days: &DayTallies,
        skip: usize,
        limit: usize,
        is_latest_first: bool,
    ) -> Vec<GroupRow> {
        let mut counted: Vec<_> = self.days().zip(&days.rows).collect();
        if is_latest_first {
            counted.reverse();
        }
        let (mut skip, mut page) = (skip, Vec::new());
        for (day, rows) in counted {
            let rows = *rows as usize;
            if skip >= rows {
                skip -= rows;
                continue;
            }
            let found = self
                .senders
                .iter()
                .filter_map(|sender| Some((*sender, self.sim.counts(sender.ix, day)?)));
            let wanted = found.skip(skip).take(limit - page.len());
            page.extend(wanted.map(|(sender, counts)| self.row(sender, day, counts)));
            skip = 0;
            if page.len() >= limit {
                break;
            }
        }
        page
    }
}
