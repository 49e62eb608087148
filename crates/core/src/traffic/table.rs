//! A table of daily counts, column by column.

use super::columns::DomainColumns;
use super::window_index::{CachedIndex, ChunkIndex, WindowIndexes};
use crate::model::{Counts, Day, DomainName};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use thiserror::Error;

/// A domain of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDomain {
    /// Its name.
    pub name: DomainName,
    /// Position of its account's name in [`Table::accounts`].
    pub account: u32,
}

/// Counts per domain and day, one column per metric, domain-major: a domain's days are contiguous.
///
/// A cell is a `u32`: at most 4 294 967 295 messages a day for one domain.
///
/// # Examples
/// ```
/// use poolkeeper_core::model::{Counts, Day, DomainName};
/// use poolkeeper_core::traffic::{Table, TableDomain};
/// let domain = TableDomain { name: DomainName::as_sent("news.example.com"), account: 0 };
/// let mut table = Table::empty(Day(20_000), 30, vec!["Acme".to_owned()], vec![domain]);
/// let row = Counts { processed: 500, delivered: 480, bounced: 20, complained: 0 };
/// table.add(0, Day(20_003), &row).unwrap();
/// assert_eq!(table.get(0, Day(20_003)), Some(row));
/// assert_eq!(table.get(0, Day(20_004)), None, "a day without a row is a gap");
/// // The index bounds what any window of 7 days can hold, without reading every day.
/// let index = table.window_index(7);
/// let summary = index.chunk(0).unwrap().domain_summary(0).unwrap();
/// assert_eq!(summary.whole.most_processed, 500);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    first_day: Day,
    day_count: u32,
    /// Account names, which `TableDomain::account` indexes. Never empty when there are domains.
    pub accounts: Vec<String>,
    domains: Vec<TableDomain>,
    processed: Vec<u32>,
    delivered: Vec<u32>,
    bounced: Vec<u32>,
    complained: Vec<u32>,
    /// One bit per cell: whether the day has a row. Each domain begins a new word.
    present: Vec<u64>,
    #[serde(skip)]
    window_indexes: WindowIndexes,
}

/// The sum of two rows of one domain and day does not fit a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the day's counts add up to more than 4,294,967,295")]
pub struct CountOverflow;

/// The columns' length does not match the domains and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the columns are not as long as the domains and days ask for")]
pub struct ColumnMismatch;

/// What adding a row did to its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddedRow {
    /// The cell had no row before.
    ToGap,
    /// The cell had a row; the counts were added to it.
    ToRow,
    /// The table has no such cell; nothing changed.
    Outside,
}

impl Table {
    /// A table of `day_count` days from `first_day`, without rows.
    #[must_use]
    pub fn empty(first_day: Day, day_count: u32, accounts: Vec<String>, domains: Vec<TableDomain>) -> Self {
        let cells = domains.len() * day_count as usize;
        let words = domains.len() * day_count.div_ceil(64) as usize;
        Self {
            first_day,
            day_count,
            accounts,
            domains,
            processed: vec![0; cells],
            delivered: vec![0; cells],
            bounced: vec![0; cells],
            complained: vec![0; cells],
            present: vec![0; words],
            window_indexes: WindowIndexes::default(),
        }
    }

    /// A table from its columns, domain by domain: processed, delivered, bounced, complained. `present` has a bit for
    /// each day with a row; each domain begins a new word.
    pub fn from_columns(
        first_day: Day,
        day_count: usize,
        (accounts, domains): (Vec<String>, Vec<TableDomain>),
        [processed, delivered, bounced, complained]: [Vec<u32>; 4],
        present: Vec<u64>,
    ) -> Self {
        debug_assert_eq!(processed.len(), domains.len() * day_count);
        debug_assert_eq!(present.len(), domains.len() * day_count.div_ceil(64));
        Self {
            first_day,
            day_count: u32::try_from(day_count).unwrap_or(u32::MAX),
            accounts,
            domains,
            processed,
            delivered,
            bounced,
            complained,
            present,
            window_indexes: WindowIndexes::default(),
        }
    }

    /// The first day any domain could have a row.
    #[must_use]
    pub const fn first_day(&self) -> Day {
        self.first_day
    }

    /// Days from the first to the last.
    #[must_use]
    pub const fn day_count(&self) -> u32 {
        self.day_count
    }

    /// The domains, in row order.
    #[must_use]
    pub fn domains(&self) -> &[TableDomain] {
        &self.domains
    }

    /// The columns of the domain at a position of [`Table::domains`].
    #[must_use]
    pub fn columns(&self, domain: usize) -> Option<DomainColumns<'_>> {
        self.columns_of(domain..domain.checked_add(1)?)
    }

    /// The columns of adjacent domains, one domain's days after another's.
    #[must_use]
    pub fn columns_of(&self, domains: Range<usize>) -> Option<DomainColumns<'_>> {
        let each = |length: u32| {
            let length = length as usize;
            Some(domains.start.checked_mul(length)?..domains.end.checked_mul(length)?)
        };
        let cells = each(self.day_count)?;
        Some(DomainColumns {
            processed: self.processed.get(cells.clone())?,
            delivered: self.delivered.get(cells.clone())?,
            bounced: self.bounced.get(cells.clone())?,
            complained: self.complained.get(cells)?,
            present: self.present.get(each(self.day_count.div_ceil(64))?)?,
        })
    }

    /// Reserves capacity for this many more domains, if there is memory for so many: a number may come from elsewhere.
    pub fn reserve(&mut self, domains: usize) {
        let cells = domains.saturating_mul(self.day_count as usize);
        let words = domains.saturating_mul(self.day_count.div_ceil(64) as usize);
        // What can't be had now is asked for when the domains come.
        let _ = self.domains.try_reserve_exact(domains).and_then(|()| {
            self.processed.try_reserve_exact(cells)?;
            self.delivered.try_reserve_exact(cells)?;
            self.bounced.try_reserve_exact(cells)?;
            self.complained.try_reserve_exact(cells)?;
            self.present.try_reserve_exact(words)
        });
    }

    /// Whether rows are only on the table's days: bytes from elsewhere may say otherwise.
    #[must_use]
    pub fn has_rows_on_its_days_only(&self) -> bool {
        self.are_its_days(&self.present)
    }

    /// Whether these words have no day behind the last one.
    fn are_its_days(&self, present: &[u64]) -> bool {
        let (words, days) = (self.day_count.div_ceil(64) as usize, self.day_count % 64);
        let ends = present.iter().skip(words.saturating_sub(1)).step_by(words.max(1));
        days == 0 || ends.into_iter().all(|word| word >> days == 0)
    }

    /// Adds domains with their columns from [`Table::columns_of`] of a table with the same number of days.
    ///
    /// # Errors
    /// [`ColumnMismatch`] when the columns have another length or other days; nothing was added.
    pub fn append(&mut self, domains: Vec<TableDomain>, columns: &DomainColumns<'_>) -> Result<(), ColumnMismatch> {
        let cells = domains.len().checked_mul(self.day_count as usize);
        let words = domains.len().checked_mul(self.day_count.div_ceil(64) as usize);
        let counts = [
            columns.processed,
            columns.delivered,
            columns.bounced,
            columns.complained,
        ];
        if counts.iter().any(|column| Some(column.len()) != cells)
            || Some(columns.present.len()) != words
            || !self.are_its_days(columns.present)
        {
            return Err(ColumnMismatch);
        }
        self.window_indexes.clear();
        self.domains.extend(domains);
        self.processed.extend_from_slice(columns.processed);
        self.delivered.extend_from_slice(columns.delivered);
        self.bounced.extend_from_slice(columns.bounced);
        self.complained.extend_from_slice(columns.complained);
        self.present.extend_from_slice(columns.present);
        Ok(())
    }

    /// A copy with only some adjacent domains; `None` when they are not all in this table.
    #[must_use]
    pub fn part(&self, domains: Range<usize>) -> Option<Self> {
        let mut part = Self::empty(self.first_day, self.day_count, self.accounts.clone(), Vec::new());
        part.reserve(domains.len());
        let named = self.domains.get(domains.clone())?.to_vec();
        part.append(named, &self.columns_of(domains)?).ok()?;
        Some(part)
    }

    /// Summaries of the windows of `window_days`, computed when they are first read.
    pub fn window_index(&self, window_days: u32) -> WindowIndex<'_> {
        WindowIndex {
            table: self,
            cached: self.window_indexes.of(self.domains.len(), window_days),
        }
    }

    /// The counts of one domain on one day; `None` for a gap or outside the table.
    #[must_use]
    pub fn get(&self, domain: usize, day: Day) -> Option<Counts> {
        let at = usize::try_from(day.since(self.first_day)).ok()?;
        self.columns(domain)?.get(at)
    }

    /// Adds a row's counts to a cell, so duplicate rows add up. Does nothing for a cell outside the table.
    ///
    /// # Errors
    /// [`CountOverflow`] when a sum exceeds `u32::MAX`; the cell does not change.
    pub fn add(&mut self, domain: usize, day: Day, row: &Counts) -> Result<AddedRow, CountOverflow> {
        let at = match usize::try_from(day.since(self.first_day)) {
            Ok(at) if at < self.day_count as usize && domain < self.domains.len() => at,
            _ => return Ok(AddedRow::Outside),
        };
        let cell = domain * self.day_count as usize + at;
        let (Some(processed), Some(delivered), Some(bounced), Some(complained)) = (
            self.processed.get_mut(cell),
            self.delivered.get_mut(cell),
            self.bounced.get_mut(cell),
            self.complained.get_mut(cell),
        ) else {
            return Ok(AddedRow::Outside);
        };
        let sum = |held: &u32, more: u64| {
            let sum = u64::from(*held).checked_add(more);
            sum.and_then(|sum| u32::try_from(sum).ok()).ok_or(CountOverflow)
        };
        let sums = [
            sum(processed, row.processed)?,
            sum(delivered, row.delivered)?,
            sum(bounced, row.bounced)?,
            sum(complained, row.complained)?,
        ];
        [*processed, *delivered, *bounced, *complained] = sums;
        let words = self.day_count.div_ceil(64) as usize;
        let Some(word) = self.present.get_mut(domain * words + at / 64) else {
            return Ok(AddedRow::Outside);
        };
        self.window_indexes.clear();
        let bit = 1 << (at % 64);
        let added = if *word & bit == 0 {
            AddedRow::ToGap
        } else {
            AddedRow::ToRow
        };
        *word |= bit;
        Ok(added)
    }
}

/// The summaries of a table's windows of one length.
pub struct WindowIndex<'a> {
    table: &'a Table,
    cached: CachedIndex,
}

impl WindowIndex<'_> {
    /// The summaries of the chunk that a domain is in, by its position in the table.
    pub fn chunk(&self, domain: usize) -> Option<&ChunkIndex> {
        let size = (self.table.domains().len(), self.table.day_count() as usize);
        self.cached.chunk(domain, size, |domain| self.table.columns(domain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_add_up_and_gaps_are_not_zeros() {
        let domain = TableDomain {
            name: DomainName::as_sent("a.example"),
            account: 0,
        };
        let mut table = Table::empty(Day(10), 70, vec![String::new()], vec![domain.clone(), domain]);
        let row = Counts {
            processed: 5,
            delivered: 4,
            bounced: 1,
            complained: 0,
        };
        assert_eq!(table.add(1, Day(75), &row), Ok(AddedRow::ToGap));
        assert_eq!(table.add(1, Day(75), &row), Ok(AddedRow::ToRow));
        assert_eq!(table.add(1, Day(80), &row), Ok(AddedRow::Outside));
        assert_eq!(table.add(2, Day(75), &row), Ok(AddedRow::Outside));
        assert_eq!(table.get(1, Day(75)), Some(row + row));
        assert_eq!(
            (table.get(0, Day(75)), table.get(1, Day(74)), table.get(1, Day(80))),
            (None, None, None)
        );
        let full = Counts {
            processed: u64::from(u32::MAX),
            ..Counts::ZERO
        };
        assert_eq!(table.add(1, Day(75), &full), Err(CountOverflow));
        assert_eq!(table.get(1, Day(75)), Some(row + row));
    }

    #[test]
    fn parts_put_together_are_the_table() {
        let domains = ["a.example", "b.example", "c.example"].map(|name| TableDomain {
            name: DomainName::as_sent(name),
            account: 0,
        });
        let mut table = Table::empty(Day(10), 70, vec!["Acme".to_owned()], domains.to_vec());
        for domain in 0..3 {
            let row = Counts {
                processed: 5 + domain,
                delivered: 4,
                bounced: 1,
                complained: domain,
            };
            let day = Day(10).plus(30 * i32::try_from(domain).unwrap());
            assert_eq!(
                table.add(usize::try_from(domain).unwrap(), day, &row),
                Ok(AddedRow::ToGap)
            );
        }
        let mut whole = table.part(0..1).unwrap();
        assert_eq!(whole.domains(), &domains[..1]);
        assert_eq!(whole.get(0, Day(10)), table.get(0, Day(10)));
        let rest = table.columns_of(1..3).unwrap();
        assert_eq!(whole.append(domains[1..2].to_vec(), &rest), Err(ColumnMismatch));
        assert_eq!(whole, table.part(0..1).unwrap());
        assert_eq!(whole.append(domains[1..].to_vec(), &rest), Ok(()));
        assert_eq!(whole, table);
        assert_eq!(table.part(2..4), None);

        // Day 70 is behind the last one; it is bit 6 of the second word.
        assert!(whole.has_rows_on_its_days_only());
        let strayed = [0, 1 << 6];
        let columns = DomainColumns {
            present: &strayed,
            ..table.columns_of(0..1).unwrap()
        };
        assert_eq!(whole.append(domains[..1].to_vec(), &columns), Err(ColumnMismatch));
        whole.present[5] |= 1 << 6;
        assert!(!whole.has_rows_on_its_days_only());
    }
}
