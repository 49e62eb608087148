//! What went in, what did not, and why.

use super::header::{CsvColumn, Separator};
use poolkeeper_core::model::Day;
use poolkeeper_core::traffic::Table;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// Characters of a cell that a report quotes.
const MAX_QUOTED: usize = 80;

/// A file that went in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its counts. Domains in the order of their first rows.
    pub table: Table,
    /// How it was read.
    pub report: ImportReport,
}

/// How a file was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// What stands between its cells.
    pub separator: Separator,
    /// Whether it has a column `account`.
    pub has_account: bool,
    /// Its columns that were not read, at most 100.
    pub ignored_columns: Vec<String>,
    /// Bytes of the file.
    pub bytes: u64,
    /// Lines of the file, the first included.
    pub lines: u64,
    /// Lines passed over because nothing is in them.
    pub blank_lines: u64,
    /// Rows that went in.
    pub rows: u64,
    /// Those of them that added to a domain and day which already had a row.
    pub added_up: u64,
    /// Domains that have a row.
    pub domains: u64,
    /// The first day that has a row.
    pub first_day: Option<Day>,
    /// The last day that has a row.
    pub last_day: Option<Day>,
    /// Days without a row, over all domains, from the first day to the last.
    pub gaps: u64,
    /// Rows that did not go in.
    pub rejected: CountedSample<RejectedRow>,
    /// How many rows each reason rejected, the most first.
    pub rejected_by_reason: Vec<(RejectReason, u64)>,
    /// Rows that went in although something about them is odd.
    pub warnings: CountedSample<RowWarning>,
    /// How many warnings of each kind there are, the most first.
    pub warnings_by_kind: Vec<(WarningReason, u64)>,
}

/// A count, and the first so many in detail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedSample<T> {
    /// How many there are.
    pub count: u64,
    /// The first of them, by line.
    pub shown: Vec<T>,
}

impl<T> Default for CountedSample<T> {
    fn default() -> Self {
        Self {
            count: 0,
            shown: Vec::new(),
        }
    }
}

impl<T> CountedSample<T> {
    /// Counts one more and keeps it while there are fewer than `keep`.
    pub(super) fn push(&mut self, keep: usize, item: impl FnOnce() -> T) {
        self.count += 1;
        if self.shown.len() < keep {
            self.shown.push(item());
        }
    }
}

/// A row that did not go in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// The line it starts on, the first being 1.
    pub line: u64,
    /// Why.
    pub reason: RejectReason,
    /// The cell it is about, or the start of the line; long ones are cut and end in `…`.
    pub text: String,
}

/// Why a row did not go in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// More or fewer cells than the first line.
    #[error("not as many cells as columns")]
    CellCount,
    /// An empty cell.
    #[error("no {0}")]
    Empty(CsvColumn),
    /// A date in no form that is read, or that the calendar lacks.
    #[error("not a date such as 2026-04-01 or Wed, 01 Apr 2026 00:00:00 +0000")]
    Date,
    /// A date before 2000 or after 2100.
    #[error("not a date between 2000 and 2100")]
    Year,
    /// Not a domain name.
    #[error("not a domain name")]
    Domain,
    /// A count that is not plain digits.
    #[error("{0} is not a whole number")]
    Count(CsvColumn),
    /// A count above 4 294 967 295.
    #[error("{0} is more than 4,294,967,295 on one day")]
    TooLarge(CsvColumn),
    /// Rows of one domain and day that add up to more than 4 294 967 295.
    #[error("the day's rows add up to more than 4,294,967,295")]
    SumTooLarge,
    /// Bytes that are not UTF-8.
    #[error("the row is not UTF-8 text")]
    NotUtf8,
    /// Quotes that do not pair up within the line.
    #[error("its quotes do not pair up")]
    Quotes,
    /// A line of more than 64 KB.
    #[error("the line is longer than 64 KB")]
    TooLong,
}

impl fmt::Display for RejectedRow {
    /// `line 3: processed “n/a” is not a whole number`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, reason, text } = self;
        write!(f, "line {}: ", grouped(*line))?;
        match reason {
            RejectReason::Empty(_) | RejectReason::SumTooLarge | RejectReason::NotUtf8 => write!(f, "{reason}"),
            RejectReason::Date | RejectReason::Year | RejectReason::Domain => write!(f, "“{text}” is {reason}"),
            RejectReason::Count(column) => write!(f, "{column} “{text}” is not a whole number"),
            RejectReason::TooLarge(column) => write!(f, "{column} {text} is more than 4,294,967,295 on one day"),
            RejectReason::CellCount => f.write_str(text),
            RejectReason::Quotes | RejectReason::TooLong => write!(f, "{reason}: {text}"),
        }
    }
}

/// Something odd about a row that went in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowWarning {
    /// The line the row starts on, the first being 1.
    pub line: u64,
    /// What is odd.
    pub caution: WarningReason,
    /// The row's domain.
    pub domain: String,
    /// The cells it is about, such as `delivered 20, processed 10`.
    pub text: String,
}

/// What is odd about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningReason {
    /// More delivered than processed.
    #[error("more delivered than processed")]
    DeliveredAboveProcessed,
    /// More delivered and bounced together than processed.
    #[error("more sent than processed")]
    SentAboveProcessed,
    /// More complaints than delivered.
    #[error("more complained than delivered")]
    ComplainedAboveDelivered,
    /// An account other than the one of the domain's first row. Said once a domain; the first account is kept.
    #[error("the domain is under another account before")]
    OtherAccount,
}

impl fmt::Display for RowWarning {
    /// `line 3: a.example: more delivered than processed (delivered 20, processed 10)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            caution,
            domain,
            text,
        } = self;
        write!(f, "line {}: {domain}: {caution} ({text})", grouped(*line))
    }
}

/// A text of at most 80 characters, on one line, for quoting.
pub(super) fn shorten(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut chars = text.chars().map(plain);
    let mut short: String = chars.by_ref().take(MAX_QUOTED).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// Bytes for quoting; what is not UTF-8 shows as `�`.
pub(super) fn quote(bytes: &[u8]) -> String {
    // Four bytes a character at most, and one more to see that there is more.
    let start = bytes.get(..MAX_QUOTED * 4 + 4).unwrap_or(bytes);
    shorten(&String::from_utf8_lossy(start))
}

/// `12345` as `12,345`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
