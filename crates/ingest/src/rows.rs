//! Checks rows and adds up their counts.

use super::cells::{BadCount, BadDate, DAYS, FIRST_DAY, parse_count, parse_date};
use super::columns::CsvColumn;
use super::frame::RowCells;
use super::header::ColumnLayout;
use super::limits::ImportLimits;
use super::problem::ImportError;
use super::report::{CountedSample, RejectReason, RejectedRow, RowWarning, WarningReason};
use super::tiles::Tiles;
use poolkeeper_core::model::{Day, DomainName};
use poolkeeper_core::text::{quote, shorten};
use poolkeeper_core::traffic::{AddedRow, CountOverflow, TableDomain};
use std::collections::{BTreeMap, HashMap};

/// The rows of a day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DayTally {
    pub(super) rows: u64,
    pub(super) first_line: u64,
}

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
    /// Set once the table would be too large.
    pub(super) limit_error: Option<ImportError>,
    limits: ImportLimits,
    /// The first and the last day of any row, counted from [`FIRST_DAY`]. Without rows the last is before the first.
    first: usize,
    last: usize,
    pub(super) blank_lines: u64,
    /// Domains by each spelling seen.
    domain_at: HashMap<Box<[u8]>, u32>,
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
    pub(super) fn new(layout: ColumnLayout, limits: ImportLimits) -> Self {
        Self {
            layout,
            notes: RowNotes {
                max_details: limits.details,
                ..RowNotes::default()
            },
            domains: Vec::new(),
            accounts: Vec::new(),
            tiles: Tiles::default(),
            days: vec![DayTally::default(); DAYS],
            rows: 0,
            added_up: 0,
            limit_error: None,
            limits,
            first: DAYS,
            last: 0,
            blank_lines: 0,
            domain_at: HashMap::new(),
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
        self.account_at = HashMap::new();
        self.next_domain = Vec::new();
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
        let mut counts = [0; 4];
        for ((column, at), slot) in CsvColumn::COUNTS.into_iter().zip(self.layout.counts).zip(&mut counts) {
            *slot = parse_count(cells.get(at)).map_err(|bad| (bad_count(bad, column), cells.get(at)))?;
        }
        let account = self.layout.account.map_or(&b""[..], |at| cells.get(at));
        let domain = match known {
            Ok(at) => at,
            Err(parsed) => self.intern(name, parsed, account),
        };
        self.check_account(domain, account, line);
        self.check_counts(domain, counts, line);
        let [processed, ..] = self.layout.counts;
        let added = self.add_counts(domain, day, counts, line);
        added.map_err(|CountOverflow| (RejectReason::SumTooLarge, cells.get(processed)))
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
    fn intern(&mut self, spelling: &[u8], name: DomainName, account: &[u8]) -> u32 {
        let known = self.domain_at.get(name.as_str().as_bytes()).copied();
        let at = known.unwrap_or_else(|| {
            let at = u32::try_from(self.domains.len()).unwrap_or(u32::MAX);
            self.domain_at.insert(name.as_str().as_bytes().into(), at);
            let account = self.account(account);
            self.domains.push(TableDomain { name, account });
            self.warned.push(false);
            self.next_domain.push(0);
            at
        });
        self.domain_at.insert(spelling.into(), at);
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

    fn add_counts(&mut self, domain: u32, day: Day, counts: [u32; 4], line: u64) -> Result<(), CountOverflow> {
        if let Some(next) = self.next_domain.get_mut(self.last_domain as usize) {
            *next = domain;
        }
        self.last_domain = domain;
        let day_index = usize::try_from(day.since(FIRST_DAY)).unwrap_or(usize::MAX);
        if let Some(tally) = self.days.get_mut(day_index) {
            if tally.rows == 0 {
                tally.first_line = line;
            }
            tally.rows += 1;
        }
        (self.first, self.last) = (self.first.min(day_index), self.last.max(day_index));
        if self.has_room(line) && self.tiles.add(domain, day_index, counts)? == AddedRow::ToRow {
            self.added_up += 1;
        }
        self.rows += 1;
        Ok(())
    }

    /// Whether the table still fits. If the dates are too far apart, only the days with rows are recorded from then on,
    /// for the error at the end.
    fn has_room(&mut self, line: u64) -> bool {
        let days = u32::try_from(self.last - self.first + 1).unwrap_or(u32::MAX);
        if days > self.limits.days {
            self.tiles = Tiles::default();
            return false;
        }
        let (domains, limit) = (self.domains.len() as u64, self.limits.cells);
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

fn domain_name(cell: &[u8]) -> Result<DomainName, RowRejection<'_>> {
    if cell.is_empty() {
        return Err((RejectReason::Empty(CsvColumn::Domain), cell));
    }
    let text = std::str::from_utf8(cell).map_err(|_| (RejectReason::NotUtf8, cell))?;
    DomainName::parse(text).map_err(|_| (RejectReason::Domain, cell))
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
