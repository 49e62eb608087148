//! Checks rows and adds up their counts.

use super::cells::{BadCount, BadDate, DAYS, FIRST_DAY, parse_count, parse_date};
use super::columns::CsvColumn;
use super::frame::RowCells;
use super::header::ColumnLayout;
use super::names::{ParsedName, is_null, parse_domain};
use super::options::{ImportOptions, RepeatedRows};
use super::problem::ImportError;
use super::repeats::{RepeatFinder, RowIdentity, text_hash};
use super::report::{CountedSample, RejectReason, RejectedRow, RowWarning, WarningReason};
use super::tiles::{TileRow, Tiles};
use poolkeeper_core::model::{Day, DomainName};
use poolkeeper_core::text::{quote, shorten};
use poolkeeper_core::traffic::{CountOverflow, TableDomain};
use std::collections::{BTreeMap, HashMap};

/// The rows of a day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DayTally {
    pub(super) rows: u64,
    pub(super) first_line: u64,
}

/// Domains with several spellings to list.
const MAX_SPELLINGS: usize = 20;

/// Why a row is rejected, and the text that shows it.
type RowRejection<'a> = (RejectReason, &'a [u8]);

/// Rejected rows and warnings.
#[derive(Debug, Default)]
pub(super) struct RowNotes {
    pub(super) max_details: usize,
    pub(super) rejected: CountedSample<RejectedRow>,
    pub(super) by_reason: BTreeMap<RejectReason, u64>,
    pub(super) warnings: CountedSample<RowWarning>,
    pub(super) by_kind: BTreeMap<WarningReason, u64>,
}

impl RowNotes {
    pub(super) fn reject(&mut self, line: u64, reason: RejectReason, text: impl FnOnce() -> String) {
        *self.by_reason.entry(reason).or_default() += 1;
        let text = || RejectedRow {
            line,
            reason,
            text: text(),
        };
        self.rejected.push(self.max_details, text);
    }

    /// Lists the first row of a day, all of whose `rows` are rejected.
    pub(super) fn reject_days(&mut self, rows: u64, first: impl FnOnce() -> RejectedRow) {
        let first = first();
        *self.by_reason.entry(first.reason).or_default() += rows;
        self.rejected.count += rows;
        let at = self.rejected.shown.partition_point(|row| row.line < first.line);
        if at < self.max_details {
            self.rejected.shown.insert(at, first);
            self.rejected.shown.truncate(self.max_details);
        }
    }

    fn warn(&mut self, line: u64, caution: WarningReason, domain: &DomainName, text: impl FnOnce() -> String) {
        *self.by_kind.entry(caution).or_default() += 1;
        self.warnings.push(self.max_details, || RowWarning {
            line,
            caution,
            domain: domain.as_str().to_owned(),
            text: text(),
        });
    }
}

/// Checks rows and collects their counts.
#[derive(Debug)]
pub(super) struct RowCollector {
    pub(super) layout: ColumnLayout,
    pub(super) notes: RowNotes,
    pub(super) domains: Vec<TableDomain>,
    pub(super) accounts: Vec<String>,
    pub(super) tiles: Tiles,
    pub(super) days: Vec<DayTally>,
    /// Imported rows.
    pub(super) rows: u64,
    /// Of those, rows of a domain and day that already had one.
    pub(super) added_up: u64,
    /// Rows that repeat an earlier one.
    pub(super) repeated: u64,
    pub(super) repeats: RepeatFinder,
    /// Rows whose empty cell was read as 0, for each of [`CsvColumn::COUNTS`].
    pub(super) empty_as_zero: [u64; 4],
    /// Domains with more than one spelling: the name, and another spelling of it.
    pub(super) spellings: CountedSample<(DomainName, DomainName)>,
    /// Set once the table would be too large.
    pub(super) limit_error: Option<ImportError>,
    options: ImportOptions,
    /// The first and the last day of any row, counted from [`FIRST_DAY`]. Without rows the last is before the first.
    first: usize,
    last: usize,
    pub(super) blank_lines: u64,
    /// Domains by each spelling seen.
    domain_at: HashMap<Box<[u8]>, u32>,
    /// Domains that may have a spelling with `xn--`, by that one.
    international_at: HashMap<Box<[u8]>, u32>,
    account_at: HashMap<Box<[u8]>, u32>,
    /// Whether each domain has had its warning about another account.
    warned: Vec<bool>,
    /// For each domain, the domain of the row after its last row.
    next_domain: Vec<u32>,
    last_domain: u32,
    /// The last date cell and its day. Most files are sorted by date, so it often repeats.
    last_date: (Vec<u8>, Day),
}

impl RowCollector {
    pub(super) fn new(layout: ColumnLayout, options: ImportOptions) -> Self {
        Self {
            layout,
            notes: RowNotes {
                max_details: options.limits.details,
                ..RowNotes::default()
            },
            domains: Vec::new(),
            accounts: Vec::new(),
            tiles: Tiles::default(),
            days: vec![DayTally::default(); DAYS],
            rows: 0,
            added_up: 0,
            repeated: 0,
            repeats: RepeatFinder::default(),
            empty_as_zero: [0; 4],
            spellings: CountedSample::default(),
            limit_error: None,
            options,
            first: DAYS,
            last: 0,
            blank_lines: 0,
            domain_at: HashMap::new(),
            international_at: HashMap::new(),
            account_at: HashMap::new(),
            warned: Vec::new(),
            next_domain: Vec::new(),
            last_domain: 0,
            last_date: (Vec::new(), FIRST_DAY),
        }
    }

    /// Frees the memory that only reading needs.
    pub(super) fn free_lookups(&mut self) {
        self.domain_at = HashMap::new();
        self.international_at = HashMap::new();
        self.account_at = HashMap::new();
        self.next_domain = Vec::new();
        self.repeats = RepeatFinder::default();
        self.tiles.free_lookups();
    }

    /// Whether a repeated row is added.
    pub(super) fn are_repeats_added(&self) -> bool {
        self.options.repeated_rows == RepeatedRows::Add
    }

    /// Adds a row, or reports it as rejected. Once the table is too large, rows are skipped.
    pub(super) fn add_row(&mut self, cells: &RowCells<'_>, raw: &[u8], line: u64) {
        if self.limit_error.is_some() {
            return;
        }
        if cells.iter().all(<[u8]>::is_empty) {
            self.blank_lines += 1;
        } else if let Err((reason, text)) = self.check_and_add(cells, raw, line) {
            let text = || match reason {
                RejectReason::CellCount => format!("{} cells for {} columns", cells.len(), self.layout.cells),
                RejectReason::SumTooLarge => format!("processed {}", quote(text)),
                _ => quote(text),
            };
            self.notes.reject(line, reason, text);
        }
    }

    fn check_and_add<'a>(&mut self, cells: &RowCells<'a>, raw: &'a [u8], line: u64) -> Result<(), RowRejection<'a>> {
        if std::str::from_utf8(raw).is_err() {
            return Err((RejectReason::NotUtf8, raw));
        }
        let is_extra = |at: usize| !cells.get(at).is_empty();
        if cells.len() < self.layout.cells || (self.layout.cells..cells.len()).any(is_extra) {
            return Err((RejectReason::CellCount, raw));
        }
        let day = self.day(cells.get(self.layout.date))?;
        let name = cells.get(self.layout.domain);
        let known = match self.lookup(name) {
            Some(at) => Ok(at),
            None => Err(domain_name(name)?),
        };
        let (counts, empty) = self.counts(cells)?;
        let account = self.layout.account.map_or(&b""[..], |at| cells.get(at));
        let domain = match known {
            Ok(at) => at,
            Err(parsed) => self.intern(name, parsed, account),
        };
        self.check_account(domain, account, line);
        let has_more = !self.layout.ignored.is_empty() || cells.get(self.layout.date).len() != 10;
        let row = RowIdentity {
            domain,
            day_index: usize::try_from(day.since(FIRST_DAY)).unwrap_or(usize::MAX),
            counts,
            text_hash: if has_more { text_hash(raw) } else { 0 },
        };
        let [processed, ..] = self.layout.counts;
        let added = self.add_counts(&row, line);
        let is_imported = added.map_err(|CountOverflow| (RejectReason::SumTooLarge, cells.get(processed)))?;
        if is_imported {
            self.check_counts(domain, counts, line);
            if empty != [false; 4] {
                for (rows, is_empty) in self.empty_as_zero.iter_mut().zip(empty) {
                    *rows += u64::from(is_empty);
                }
            }
        }
        Ok(())
    }

    /// A row's counts, and which of its cells are empty. An empty cell beside filled ones is 0, because databases and
    /// joins leave out zeros. Without a number of processed messages, delivered and bounced ones would have no base.
    fn counts<'a>(&self, cells: &RowCells<'a>) -> Result<([u32; 4], [bool; 4]), RowRejection<'a>> {
        let (mut counts, mut empty) = ([0; 4], [false; 4]);
        let slots = counts.iter_mut().zip(&mut empty);
        for ((column, at), (slot, is_empty)) in CsvColumn::COUNTS.into_iter().zip(self.layout.counts).zip(slots) {
            match parse_count(cells.get(at)) {
                Ok(count) => *slot = count,
                Err(BadCount::Empty) => *is_empty = true,
                Err(BadCount::NotWhole) if is_null(cells.get(at)) => *is_empty = true,
                Err(bad) => return Err((bad_count(bad, column), cells.get(at))),
            }
        }
        let ([is_without_processed, ..], [_, delivered, bounced, _], [processed, ..]) =
            (empty, counts, self.layout.counts);
        if is_without_processed && (delivered > 0 || bounced > 0 || empty == [true; 4]) {
            return Err((RejectReason::Empty(CsvColumn::Processed), cells.get(processed)));
        }
        Ok((counts, empty))
    }

    fn day<'a>(&mut self, cell: &'a [u8]) -> Result<Day, RowRejection<'a>> {
        if self.last_date.0 == cell && !cell.is_empty() {
            return Ok(self.last_date.1);
        }
        let day = parse_date(cell).map_err(|bad| match bad {
            _ if cell.is_empty() => (RejectReason::Empty(CsvColumn::Date), cell),
            BadDate::Form => (RejectReason::Date, cell),
            BadDate::Year => (RejectReason::Year, cell),
        })?;
        self.last_date.0.clear();
        self.last_date.0.extend_from_slice(cell);
        self.last_date.1 = day;
        Ok(day)
    }

    /// The position of a domain by a spelling seen before. Most often it follows the last row's domain as it did the
    /// last time, so that guess is tried first.
    fn lookup(&self, spelling: &[u8]) -> Option<u32> {
        let next = self.next_domain.get(self.last_domain as usize).copied();
        let guess = next.and_then(|next| Some((next, self.domains.get(next as usize)?)));
        match guess {
            Some((at, domain)) if domain.name.as_str().as_bytes() == spelling => Some(at),
            _ => self.domain_at.get(spelling).copied(),
        }
    }

    /// The position of a domain by a new spelling; adds the domain if it is new.
    fn intern(&mut self, spelling: &[u8], parsed: ParsedName, account: &[u8]) -> u32 {
        let ParsedName {
            name,
            ascii,
            is_international,
        } = parsed;
        let by_ascii = if is_international {
            &self.international_at
        } else {
            &self.domain_at
        };
        let at = match by_ascii.get(ascii.as_bytes()).copied() {
            Some(at) => at,
            None => self.add_domain(name.clone(), account),
        };
        if is_international {
            self.international_at.insert(ascii.into_bytes().into(), at);
        } else {
            self.domain_at.insert(ascii.into_bytes().into(), at);
        }
        if let Some(first) = self.domains.get(at as usize).filter(|first| first.name != name) {
            self.spellings.push(MAX_SPELLINGS, || (first.name.clone(), name));
        }
        self.domain_at.insert(spelling.into(), at);
        at
    }

    fn add_domain(&mut self, name: DomainName, account: &[u8]) -> u32 {
        let at = u32::try_from(self.domains.len()).unwrap_or(u32::MAX);
        let account = self.account(account);
        self.domains.push(TableDomain { name, account });
        self.warned.push(false);
        self.next_domain.push(0);
        at
    }

    fn account(&mut self, name: &[u8]) -> u32 {
        if let Some(&at) = self.account_at.get(name) {
            return at;
        }
        let at = u32::try_from(self.accounts.len()).unwrap_or(u32::MAX);
        self.accounts.push(String::from_utf8_lossy(name).into_owned());
        self.account_at.insert(name.into(), at);
        at
    }

    fn check_account(&mut self, domain: u32, account: &[u8], line: u64) {
        let Some(entry) = self.domains.get(domain as usize) else {
            return;
        };
        let first_account = self.accounts.get(entry.account as usize).map_or("", String::as_str);
        if first_account.as_bytes() == account {
            return;
        }
        if let Some(warned) = self.warned.get_mut(domain as usize).filter(|warned| !**warned) {
            *warned = true;
            let text = || {
                format!(
                    "account {}, kept under {}",
                    display_account(&quote(account)),
                    display_account(&shorten(first_account))
                )
            };
            self.notes.warn(line, WarningReason::OtherAccount, &entry.name, text);
        }
    }

    fn check_counts(&mut self, domain: u32, counts: [u32; 4], line: u64) {
        let [processed, delivered, bounced, complained] = counts;
        let Some(name) = self.domains.get(domain as usize).map(|domain| &domain.name) else {
            return;
        };
        if delivered > processed {
            let text = || format!("delivered {delivered}, processed {processed}");
            self.notes
                .warn(line, WarningReason::DeliveredAboveProcessed, name, text);
        } else if u64::from(delivered) + u64::from(bounced) > u64::from(processed) {
            let text = || format!("delivered {delivered}, bounced {bounced}, processed {processed}");
            self.notes.warn(line, WarningReason::SentAboveProcessed, name, text);
        }
        if complained > delivered {
            let text = || format!("complained {complained}, delivered {delivered}");
            self.notes
                .warn(line, WarningReason::ComplainedAboveDelivered, name, text);
        }
    }

    /// Adds a row to the table; returns whether it was added, and not left out as a repeat.
    fn add_counts(&mut self, row: &RowIdentity, line: u64) -> Result<bool, CountOverflow> {
        if let Some(next) = self.next_domain.get_mut(self.last_domain as usize) {
            *next = row.domain;
        }
        self.last_domain = row.domain;
        (self.first, self.last) = (self.first.min(row.day_index), self.last.max(row.day_index));
        if self.has_room(line) {
            let is_repeat_kept = self.are_repeats_added();
            let (added, is_repeat) = self.tiles.add(row, &mut self.repeats, is_repeat_kept)?;
            if is_repeat {
                self.note_repeat(row, is_repeat_kept, line);
            }
            match added {
                TileRow::Repeated => return Ok(false),
                TileRow::Added => self.added_up += 1,
                TileRow::First | TileRow::Outside => {}
            }
        }
        if let Some(tally) = self.days.get_mut(row.day_index) {
            if tally.rows == 0 {
                tally.first_line = line;
            }
            tally.rows += 1;
        }
        self.rows += 1;
        Ok(true)
    }

    fn note_repeat(&mut self, row: &RowIdentity, is_added: bool, line: u64) {
        self.repeated += 1;
        let reason = if is_added {
            WarningReason::RepeatAdded
        } else {
            WarningReason::RepeatLeftOut
        };
        if let Some(domain) = self.domains.get(row.domain as usize) {
            let text = || {
                let day = FIRST_DAY.plus(i32::try_from(row.day_index).unwrap_or(0));
                let [processed, ..] = row.counts;
                format!("{day}, processed {processed}")
            };
            self.notes.warn(line, reason, &domain.name, text);
        }
    }

    /// Whether the table still fits. If the dates are too far apart, only the days with rows are recorded from then on,
    /// for the error at the end.
    fn has_room(&mut self, line: u64) -> bool {
        let days = u32::try_from(self.last - self.first + 1).unwrap_or(u32::MAX);
        if days > self.options.limits.days {
            self.tiles = Tiles::default();
            return false;
        }
        let (domains, limit) = (self.domains.len() as u64, self.options.limits.cells);
        let has_room = domains * u64::from(days) <= limit;
        if !has_room {
            self.tiles = Tiles::default();
            self.limit_error = Some(ImportError::TooManyCells {
                line,
                domains,
                days,
                limit,
            });
        }
        has_room
    }
}

fn domain_name(cell: &[u8]) -> Result<ParsedName, RowRejection<'_>> {
    if cell.is_empty() {
        return Err((RejectReason::Empty(CsvColumn::Domain), cell));
    }
    let text = std::str::from_utf8(cell).map_err(|_| (RejectReason::NotUtf8, cell))?;
    parse_domain(text).map_err(|reason| (reason, cell))
}

const fn bad_count(bad: BadCount, column: CsvColumn) -> RejectReason {
    match bad {
        BadCount::Empty => RejectReason::Empty(column),
        BadCount::NotWhole => RejectReason::Count(column),
        BadCount::TooLarge => RejectReason::TooLarge(column),
    }
}

fn display_account(account: &str) -> String {
    if account.is_empty() {
        "(none)".to_owned()
    } else {
        format!("“{account}”")
    }
}
