//! Builds the table from tiles.

use super::cells::FIRST_DAY;
use super::encoding::TextEncoding;
use super::notes::ImportNote;
use super::options::ImportOptions;
use super::outlying::{FarDay, near_days};
use super::periods::find_period;
use super::problem::{ImportError, RowsPerDay};
use super::report::{CountedSample, ImportReport, Imported, RejectReason, RejectedRow};
use super::rows::{DayTally, RowCollector};
use poolkeeper_core::model::Day;
use poolkeeper_core::traffic::Table;
use std::collections::BTreeMap;
use std::ops::Range;

/// Processed, delivered, bounced, complained.
const COLUMNS: usize = 4;

/// Days listed when dates are too far apart.
const MAX_OUTLYING_SHOWN: usize = 10;

/// Builds the table of a file that was read to its end.
#[derive(Debug)]
pub struct TableBuilder {
    collector: RowCollector,
    report: ImportReport,
    /// The table's days, counted from [`FIRST_DAY`].
    days: Range<usize>,
    /// The finished columns, and the one being built.
    columns: Vec<Vec<u32>>,
    present: Vec<u64>,
    /// The positions of the domains that have a row, in the collector's order.
    domains: Vec<u32>,
    /// Domains in the last column.
    domains_done: usize,
}

impl TableBuilder {
    pub(super) fn new(
        mut collector: RowCollector,
        options: &ImportOptions,
        bytes: u64,
        lines: u64,
    ) -> Result<Self, ImportError> {
        let all = collector.day_range();
        if all.len() > options.limits.days as usize {
            return Err(too_far_apart(&collector, options.limits.days));
        }
        let (days, far) = near_days(&collector.days, &all);
        let period = find_period(&collector.days, &days);
        if let Some(found) = period.filter(|found| options.mapping.row_period != Some(found.period)) {
            return Err(ImportError::Periods {
                period: found.period,
                days: found.days,
                first: day(found.first),
                last: day(found.last),
            });
        }
        let first = days.start;
        let domains = if far.is_empty() {
            (0..u32::try_from(collector.index.domains.len()).unwrap_or(u32::MAX)).collect()
        } else {
            leave_out(&mut collector, &days, &far)
        };
        let has_rows = collector.rows > 0;
        let day_count = days.len() as u64;
        let notes = ImportNote::of(&collector, &days);
        let report = ImportReport {
            separator: collector.layout.separator,
            encoding: collector.encoding.unwrap_or(TextEncoding::Utf8),
            has_account: collector.layout.account.is_some(),
            ignored_columns: std::mem::take(&mut collector.layout.ignored),
            bytes,
            lines,
            blank_lines: collector.blank_lines,
            rows: collector.rows,
            added_up: collector.added_up,
            repeated: collector.repeated,
            repeated_rows: options.mapping.repeated_rows,
            domains: domains.len() as u64,
            first_day: has_rows.then(|| day(first)),
            last_day: has_rows.then(|| day(days.end.saturating_sub(1))),
            gaps: (domains.len() as u64 * day_count).saturating_sub(collector.rows - collector.added_up),
            rejected: std::mem::take(&mut collector.notes.rejected),
            rejected_by_reason: sort_by_count(std::mem::take(&mut collector.notes.by_reason)),
            warnings: std::mem::take(&mut collector.notes.warnings),
            warnings_by_kind: sort_by_count(std::mem::take(&mut collector.notes.by_kind)),
            notes,
        };
        if !has_rows {
            return Err(ImportError::NoRows {
                report: Box::new(report),
            });
        }
        collector.free_lookups();
        Ok(Self {
            collector,
            report,
            days,
            columns: Vec::new(),
            present: Vec::new(),
            domains,
            domains_done: 0,
        })
    }

    /// Builds at most `cells` more cells (a count of one domain and day); returns whether the table is complete.
    pub fn step(&mut self, cells: u32) -> bool {
        let domains = self.domains.len();
        let mut domains_left = (cells as usize / self.days.len().max(1)).max(1);
        while domains_left > 0 && (self.columns.len() < COLUMNS || self.domains_done < domains) {
            if self.columns.is_empty() || self.domains_done == domains {
                // A finished column does not need its tiles any more.
                if let Some(whole) = self.columns.len().checked_sub(1) {
                    self.collector.tiles.free(whole);
                }
                self.columns.push(Vec::with_capacity(domains * self.days.len()));
                self.domains_done = 0;
            }
            let to = domains.min(self.domains_done.saturating_add(domains_left));
            domains_left -= to - self.domains_done;
            let (tiles, at) = (&self.collector.tiles, self.columns.len() - 1);
            for &domain in self.domains.get(self.domains_done..to).unwrap_or_default() {
                let domain = domain as usize;
                if let Some(column) = self.columns.last_mut() {
                    tiles.append(at, domain, self.days.clone(), column);
                }
                if at == 0 {
                    tiles.append_present(domain, self.days.clone(), &mut self.present);
                }
            }
            self.domains_done = to;
        }
        self.columns.len() == COLUMNS && self.domains_done == domains
    }

    /// Builds the rest, and returns the result.
    #[must_use]
    pub fn finish(mut self) -> Imported {
        while !self.step(u32::MAX) {}
        let mut columns = self.columns.into_iter();
        let mut next = || columns.next().unwrap_or_default();
        let columns = [next(), next(), next(), next()];
        let first_day = self.report.first_day.unwrap_or(FIRST_DAY);
        let mut names = self.collector.index.domains;
        if names.len() > self.domains.len() {
            let names_kept = self.domains.iter().filter_map(|&at| names.get(at as usize).cloned());
            names = names_kept.collect();
        }
        let domains = (self.collector.index.accounts, names);
        Imported {
            table: Table::from_columns(first_day, self.days.len(), domains, columns, self.present),
            report: self.report,
        }
    }
}

/// Takes rows of far days out of the numbers, and lists them as rejected; returns the domains that still have a row.
fn leave_out(collector: &mut RowCollector, days: &Range<usize>, far: &[FarDay]) -> Vec<u32> {
    let domain_count = u32::try_from(collector.index.domains.len()).unwrap_or(u32::MAX);
    let mut far_cells = 0;
    for far in far {
        let one_day = far.at..far.at + 1;
        let domains = 0..domain_count as usize;
        far_cells += domains
            .map(|domain| collector.tiles.present_days(domain, one_day.clone()))
            .sum::<u64>();
        collector.rows -= far.tally.rows;
        let file = collector.notes.file(far.tally.file);
        collector.notes.reject_days(far.tally.rows, || RejectedRow {
            file,
            line: far.tally.first_line,
            reason: RejectReason::FarDate,
            text: day(far.at).to_string(),
        });
    }
    let far_rows: u64 = far.iter().map(|far| far.tally.rows).sum();
    collector.added_up = collector.added_up.saturating_sub(far_rows.saturating_sub(far_cells));
    let has_row = |domain: &u32| collector.tiles.present_days(*domain as usize, days.clone()) > 0;
    (0..domain_count).filter(has_row).collect()
}

fn sort_by_count<K: Ord>(tally: BTreeMap<K, u64>) -> Vec<(K, u64)> {
    let mut tally: Vec<_> = tally.into_iter().collect();
    tally.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    tally
}

/// The error that the first and the last day with rows are more than `limit` days apart.
fn too_far_apart(collector: &RowCollector, limit: u32) -> ImportError {
    let days = collector.days.as_slice();
    let with_rows = |(_, tally): &(usize, &DayTally)| tally.rows > 0;
    let mut days_with_rows = days.iter().enumerate().filter(with_rows).map(|(at, _)| at);
    let first = days_with_rows.next().unwrap_or(0);
    let last = days_with_rows.next_back().unwrap_or(first);
    let inside = densest_days(days, limit as usize);
    let mut outlying = CountedSample::default();
    for (at, tally) in days
        .iter()
        .enumerate()
        .filter(with_rows)
        .filter(|(at, _)| !inside.contains(at))
    {
        outlying.push(MAX_OUTLYING_SHOWN, || RowsPerDay {
            file: collector.notes.file(tally.file),
            day: day(at),
            first_line: tally.first_line,
            rows: tally.rows,
        });
    }
    ImportError::DatesTooFarApart {
        first: day(first),
        last: day(last),
        limit_days: limit,
        outlying,
    }
}

/// The `length` consecutive days with the most rows; the earliest of equals.
fn densest_days(days: &[DayTally], length: usize) -> std::ops::Range<usize> {
    let (mut best, mut best_rows, mut rows) = (0..length, 0, 0_u64);
    for (at, tally) in days.iter().enumerate() {
        rows += tally.rows;
        let leaving = at.checked_sub(length).and_then(|domains_left| days.get(domains_left));
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
