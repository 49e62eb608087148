//! Rows checked and added up, one after another.

use super::cells::{BadCount, BadDate, DAYS, FIRST_DAY, count, date};
use super::frame::RowCells;
use super::header::{ColumnLayout, CsvColumn};
use super::problem::ImportError;
use super::reader::ImportLimits;
use super::report::{CountedSample, RejectReason, RejectedRow, RowWarning, WarningReason, quote, shorten};
use super::tiles::Tiles;
use poolkeeper_core::model::{Day, DomainName};
use poolkeeper_core::traffic::{AddedRow, CountOverflow, TableDomain};
use std::collections::{BTreeMap, HashMap};

/// How many rows a day has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DayTally {
    pub(super) rows: u64,
    pub(super) first_line: u64,
}

/// A row that is not to go in.
type RowRejection<'a> = (RejectReason, &'a [u8]);

/// Rejected rows and warnings.
#[derive(Debug, Default)]
pub(super) struct RowNotes {
    pub(super) keep: usize,
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
        self.rejected.push(self.keep, text);
    }

    fn warn(&mut self, line: u64, caution: WarningReason, domain: &DomainName, text: impl FnOnce() -> String) {
        *self.by_kind.entry(caution).or_default() += 1;
        self.warnings.push(self.keep, || RowWarning {
            line,
            caution,
            domain: domain.as_str().to_owned(),
            text: text(),
        });
    }
}

/// Takes rows' cells, keeps what is needed of them.
#[derive(Debug)]
pub(super) struct RowCollector {
    pub(super) layout: ColumnLayout,
    pub(super) notes: RowNotes,
    pub(super) domains: Vec<TableDomain>,
    pub(super) accounts: Vec<String>,
    pub(super) tiles: Tiles,
    pub(super) days: Vec<DayTally>,
    /// Rows that went in.
    pub(super) rows: u64,
    /// Those of them that added to a domain and day which already had one.
    pub(super) added_up: u64,
    /// Why no more fits.
    pub(super) full: Option<ImportError>,
    limits: ImportLimits,
    /// The first and the last day of any row, from [`FIRST_DAY`]; before there is one, the last is before the first.
    first: usize,
    last: usize,
    pub(super) blank_lines: u64,
    /// Domains by every spelling seen.
    domain_at: HashMap<Box<[u8]>, u32>,
    account_at: HashMap<Box<[u8]>, u32>,
    /// Domains for which another account was already warned about.
    warned: Vec<bool>,
    /// For each domain the one whose row came after its last row.
    followed_by: Vec<u32>,
    last_domain: u32,
    /// The last date cell and its day: files are mostly sorted by date.
    last_date: (Vec<u8>, Day),
}

impl RowCollector {
    pub(super) fn new(layout: ColumnLayout, limits: ImportLimits) -> Self {
        Self {
            layout,
            notes: RowNotes {
                keep: limits.details,
                ..RowNotes::default()
            },
            domains: Vec::new(),
            accounts: Vec::new(),
            tiles: Tiles::default(),
            days: vec![DayTally::default(); DAYS],
            rows: 0,
            added_up: 0,
            full: None,
            limits,
            first: DAYS,
            last: 0,
            blank_lines: 0,
            domain_at: HashMap::new(),
            account_at: HashMap::new(),
            warned: Vec::new(),
            followed_by: Vec::new(),
            last_domain: 0,
            last_date: (Vec::new(), FIRST_DAY),
        }
    }

    /// Gives back what only reading takes.
    pub(super) fn forget_names(&mut self) {
        self.domain_at = HashMap::new();
        self.account_at = HashMap::new();
        self.followed_by = Vec::new();
    }

    /// Takes a row or lists it as rejected. Once nothing more fits, rows are passed over.
    pub(super) fn take(&mut self, cells: &RowCells<'_>, raw: &[u8], line: u64) {
        if self.full.is_some() {
            return;
        }
        if cells.iter().all(<[u8]>::is_empty) {
            self.blank_lines += 1;
        } else if let Err((reason, text)) = self.accept(cells, raw, line) {
            let text = || match reason {
                RejectReason::CellCount => format!("{} cells for {} columns", cells.len(), self.layout.cells),
                RejectReason::SumTooLarge => format!("processed {}", quote(text)),
                _ => quote(text),
            };
            self.notes.reject(line, reason, text);
        }
    }

    fn accept<'a>(&mut self, cells: &RowCells<'a>, raw: &'a [u8], line: u64) -> Result<(), RowRejection<'a>> {
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
            *slot = count(cells.get(at)).map_err(|bad| (bad_count(bad, column), cells.get(at)))?;
        }
        let account = self.layout.account.map_or(&b""[..], |at| cells.get(at));
        let domain = match known {
            Ok(at) => at,
            Err(parsed) => self.intern(name, parsed, account),
        };
        self.check_account(domain, account, line);
        self.check_counts(domain, counts, line);
        let [processed, ..] = self.layout.counts;
        let is_in = self.keep(domain, day, counts, line);
        is_in.map_err(|CountOverflow| (RejectReason::SumTooLarge, cells.get(processed)))
    }

    fn day<'a>(&mut self, cell: &'a [u8]) -> Result<Day, RowRejection<'a>> {
        if self.last_date.0 == cell && !cell.is_empty() {
            return Ok(self.last_date.1);
        }
        let day = date(cell).map_err(|bad| match bad {
            _ if cell.is_empty() => (RejectReason::Empty(CsvColumn::Date), cell),
            BadDate::Form => (RejectReason::Date, cell),
            BadDate::Year => (RejectReason::Year, cell),
        })?;
        self.last_date.0.clear();
        self.last_date.0.extend_from_slice(cell);
        self.last_date.1 = day;
        Ok(day)
    }

    /// The position of a name in a spelling seen before. Most often it is the one that came after the last row's domain
    /// the last time as well.
    fn lookup(&self, spelling: &[u8]) -> Option<u32> {
        let next = self.followed_by.get(self.last_domain as usize).copied();
        let guess = next.and_then(|next| Some((next, self.domains.get(next as usize)?)));
        match guess {
            Some((at, domain)) if domain.name.as_str().as_bytes() == spelling => Some(at),
            _ => self.domain_at.get(spelling).copied(),
        }
    }

    /// The position of a name in a spelling not seen before.
    fn intern(&mut self, spelling: &[u8], name: DomainName, account: &[u8]) -> u32 {
        let known = self.domain_at.get(name.as_str().as_bytes()).copied();
        let at = known.unwrap_or_else(|| {
            let at = u32::try_from(self.domains.len()).unwrap_or(u32::MAX);
            self.domain_at.insert(name.as_str().as_bytes().into(), at);
            let account = self.account(account);
            self.domains.push(TableDomain { name, account });
            self.warned.push(false);
            self.followed_by.push(0);
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
        let kept = self.accounts.get(entry.account as usize).map_or("", String::as_str);
        if kept.as_bytes() == account {
            return;
        }
        if let Some(warned) = self.warned.get_mut(domain as usize).filter(|warned| !**warned) {
            *warned = true;
            let text = || {
                format!(
                    "account {}, kept under {}",
                    named(&quote(account)),
                    named(&shorten(kept))
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

    fn keep(&mut self, domain: u32, day: Day, counts: [u32; 4], line: u64) -> Result<(), CountOverflow> {
        if let Some(next) = self.followed_by.get_mut(self.last_domain as usize) {
            *next = domain;
        }
        self.last_domain = domain;
        let since = usize::try_from(day.since(FIRST_DAY)).unwrap_or(usize::MAX);
        if let Some(tally) = self.days.get_mut(since) {
            if tally.rows == 0 {
                tally.first_line = line;
            }
            tally.rows += 1;
        }
        (self.first, self.last) = (self.first.min(since), self.last.max(since));
        if self.fits(line) && self.tiles.add(domain, since, counts)? == AddedRow::ToRow {
            self.added_up += 1;
        }
        self.rows += 1;
        Ok(())
    }

    /// Whether counts are worth keeping: not where dates lie too far apart already. Only which ones is then of interest, and
    /// that is known at the end.
    fn fits(&mut self, line: u64) -> bool {
        let days = u32::try_from(self.last - self.first + 1).unwrap_or(u32::MAX);
        if days > self.limits.days {
            self.tiles = Tiles::default();
            return false;
        }
        let (domains, limit) = (self.domains.len() as u64, self.limits.cells);
        let fits = domains * u64::from(days) <= limit;
        if !fits {
            self.tiles = Tiles::default();
            self.full = Some(ImportError::TooManyCells {
                line,
                domains,
                days,
                limit,
            });
        }
        fits
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

fn named(account: &str) -> String {
    if account.is_empty() {
        "(none)".to_owned()
    } else {
        format!("“{account}”")
    }
}
