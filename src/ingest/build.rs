//! From packed rows to the table.

use super::cells::FIRST_DAY;
use super::problem::{DayLines, Problem};
use super::reader::Limits;
use super::report::{Imported, Listing, RejectReason, Report};
use super::rows::{Collector, DayTally, Row};
use crate::model::Day;
use crate::traffic::{Added, Table};
use std::collections::BTreeMap;

/// Days named when dates lie too far apart.
const OUTLYING_SHOWN: usize = 10;

/// A file read to its end whose table is being built.
#[derive(Debug)]
pub struct Building {
    table: Table,
    collector: Collector,
    /// Rows of the first block that are in the table.
    done: usize,
    report: Report,
}

impl Building {
    pub(super) fn new(mut collector: Collector, limits: Limits, bytes: u64, lines: u64) -> Result<Self, Problem> {
        let (first_day, day_count) = span(&collector.days, limits.days)?;
        let report = Report {
            separator: collector.layout.separator,
            has_account: collector.layout.account.is_some(),
            ignored_columns: std::mem::take(&mut collector.layout.ignored),
            bytes,
            lines,
            blank_lines: collector.blank_lines,
            rows: 0,
            added_up: 0,
            domains: collector.domains.len() as u64,
            first_day,
            last_day: first_day.map(|day| day.plus(i32::try_from(day_count).unwrap_or(i32::MAX) - 1)),
            gaps: 0,
            rejected: Listing::default(),
            rejected_by_reason: Vec::new(),
            warnings: Listing::default(),
            warnings_by_kind: Vec::new(),
        };
        let domains = collector.domains.len() as u64;
        if domains * u64::from(day_count) > limits.cells {
            return Err(Problem::TooManyCells {
                domains,
                days: day_count,
                limit: limits.cells,
            });
        }
        let table = Table::empty(
            first_day.unwrap_or(FIRST_DAY),
            day_count,
            std::mem::take(&mut collector.accounts),
            std::mem::take(&mut collector.domains),
        );
        let building = Self {
            table,
            collector,
            done: 0,
            report,
        };
        if first_day.is_some() {
            return Ok(building);
        }
        let report = Box::new(building.imported().report);
        Err(Problem::NoRows { report })
    }

    /// Puts at most so many more rows into the table and says whether all are in.
    pub fn step(&mut self, rows: u32) -> bool {
        let mut left = rows as usize;
        while left > 0 {
            let Some(block) = self.collector.blocks.pop_front() else {
                return true;
            };
            let end = self.done.saturating_add(left).min(block.len());
            for row in block.get(self.done..end).unwrap_or_default() {
                self.add(row);
            }
            left -= end - self.done;
            self.done = end;
            if end < block.len() {
                self.collector.blocks.push_front(block);
            } else {
                self.done = 0;
            }
        }
        self.collector.blocks.is_empty()
    }

    fn add(&mut self, row: &Row) {
        match self.table.add(row.domain as usize, row.day, &row.counts()) {
            Ok(added) => {
                self.report.rows += 1;
                self.report.added_up += u64::from(added == Added::ToRow);
            }
            Err(_) => {
                let [processed, ..] = row.counts;
                let text = || format!("processed {processed}");
                let line = u64::from(row.line);
                self.collector.notes.reject(line, RejectReason::SumTooLarge, text);
            }
        }
    }

    /// The result; all rows that are not in yet go in first.
    #[must_use]
    pub fn imported(mut self) -> Imported {
        while !self.step(u32::MAX) {}
        let notes = self.collector.notes;
        let mut report = self.report;
        report.gaps = (self.table.domains().len() as u64 * u64::from(self.table.day_count()))
            .saturating_sub(report.rows - report.added_up);
        report.rejected = notes.rejected;
        report.rejected.shown.sort_by_key(|rejected| rejected.line);
        report.rejected_by_reason = most_first(notes.by_reason);
        report.warnings = notes.warnings;
        report.warnings_by_kind = most_first(notes.by_kind);
        Imported {
            table: self.table,
            report,
        }
    }
}

fn most_first<K: Ord>(tally: BTreeMap<K, u64>) -> Vec<(K, u64)> {
    let mut tally: Vec<_> = tally.into_iter().collect();
    tally.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    tally
}

/// The first day with rows and the number of days from it to the last; `None` and 0 without any.
fn span(days: &[DayTally], limit: u32) -> Result<(Option<Day>, u32), Problem> {
    let with_rows = |(_, tally): &(usize, &DayTally)| tally.rows > 0;
    let mut found = days.iter().enumerate().filter(with_rows).map(|(at, _)| at);
    let Some(first) = found.next() else {
        return Ok((None, 0));
    };
    let last = found.next_back().unwrap_or(first);
    let count = last - first + 1;
    if count <= limit as usize {
        return Ok((Some(day(first)), u32::try_from(count).unwrap_or(u32::MAX)));
    }
    let inside = fullest(days, limit as usize);
    let mut outlying = Listing::default();
    for (at, tally) in days
        .iter()
        .enumerate()
        .filter(with_rows)
        .filter(|(at, _)| !inside.contains(at))
    {
        outlying.push(OUTLYING_SHOWN, || DayLines {
            day: day(at),
            first_line: tally.first_line,
            rows: tally.rows,
        });
    }
    Err(Problem::DatesTooFarApart {
        first: day(first),
        last: day(last),
        limit_days: limit,
        outlying,
    })
}

/// The `length` days in a row that hold the most rows; the earliest of equals.
fn fullest(days: &[DayTally], length: usize) -> std::ops::Range<usize> {
    let (mut best, mut best_rows, mut rows) = (0..length, 0, 0_u64);
    for (at, tally) in days.iter().enumerate() {
        rows += tally.rows;
        let leaving = at.checked_sub(length).and_then(|left| days.get(left));
        rows -= leaving.map_or(0, |tally| tally.rows);
        if rows > best_rows {
            (best, best_rows) = ((at + 1).saturating_sub(length)..at + 1, rows);
        }
    }
    best
}

fn day(since: usize) -> Day {
    FIRST_DAY.plus(i32::try_from(since).unwrap_or(i32::MAX))
}
