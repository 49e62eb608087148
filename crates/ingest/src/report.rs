//! The result of an import: imported rows, rejected rows and warnings.

use super::columns::{CsvColumn, Separator};
use super::encoding::TextEncoding;
use super::mapping::RepeatedRows;
use super::notes::ImportNote;
use poolkeeper_core::model::{Day, escape_unprintable};
use poolkeeper_core::text::count;
use poolkeeper_core::traffic::{ImportSummary, Table};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// An imported file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its counts, with domains in the order of their first rows.
    pub table: Table,
    /// How it was read.
    pub report: ImportReport,
}

/// How a file was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Its separator; of several files that of the last, as the next three are.
    pub separator: Separator,
    /// Its encoding. Other text than ASCII shows it.
    pub encoding: TextEncoding,
    /// Whether it has a column `account`.
    pub has_account: bool,
    /// Its ignored columns, at most 100.
    pub ignored_columns: Vec<String>,
    /// Bytes of the file.
    pub bytes: u64,
    /// Lines of the file, with the header.
    pub lines: u64,
    /// Empty lines.
    pub blank_lines: u64,
    /// Imported rows.
    pub rows: u64,
    /// Of those, rows of a domain and day that already had one.
    pub added_up: u64,
    /// Rows that repeat an earlier row of their domain and day. They are in `rows` and `added_up` only if they are added.
    pub repeated: u64,
    /// What was done with them.
    pub repeated_rows: RepeatedRows,
    /// Domains that have a row.
    pub domains: u64,
    /// The first day that has a row.
    pub first_day: Option<Day>,
    /// The last day that has a row.
    pub last_day: Option<Day>,
    /// Days without a row, over all domains, from the first day to the last.
    pub gaps: u64,
    /// Rejected rows.
    pub rejected: CountedSample<RejectedRow>,
    /// Rejected rows by reason, the most frequent first.
    pub rejected_by_reason: Vec<(RejectReason, u64)>,
    /// Rows with a warning. They are imported, unless the warning says otherwise.
    pub warnings: CountedSample<RowWarning>,
    /// Warnings by kind, the most frequent first.
    pub warnings_by_kind: Vec<(WarningReason, u64)>,
    /// What was understood or decided about the file as a whole.
    pub notes: Vec<ImportNote>,
}

/// Rejected rows, and warnings, in an [`ImportSummary`].
const MAX_SUMMARY_ROWS: usize = 20;

impl ImportReport {
    /// What a result on this traffic should carry.
    #[must_use]
    pub fn summary(&self) -> ImportSummary {
        let rejected = self.rejected.shown.iter().take(MAX_SUMMARY_ROWS);
        let warned = self.warnings.shown.iter().take(MAX_SUMMARY_ROWS);
        ImportSummary {
            rows: self.rows,
            rejected: self.rejected.count,
            warnings: self.warnings.count,
            added: self.added_up,
            repeated: self.repeated,
            notes: self.notes.iter().map(ToString::to_string).collect(),
            rejected_rows: rejected.map(ToString::to_string).collect(),
            warned_rows: warned.map(ToString::to_string).collect(),
        }
    }

    /// Whether every row was read as it is: none rejected, warned of, added, left out or read by a guess.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let is_clean = self.rejected.count == 0 && self.warnings.count == 0 && self.added_up == 0;
        is_clean && self.repeated == 0 && !self.notes.iter().any(ImportNote::is_assumption)
    }
}

/// A count of items, and the first of them.
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
    /// Counts one more item, and keeps it if there are fewer than `max_shown`.
    pub(super) fn push(&mut self, max_shown: usize, item: impl FnOnce() -> T) {
        self.count += 1;
        if self.shown.len() < max_shown {
            self.shown.push(item());
        }
    }
}

/// A rejected row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// The file, if there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line it starts on, from 1.
    pub line: u64,
    /// Why.
    pub reason: RejectReason,
    /// The invalid cell or the start of the line. A long text is cut and ends in `…`.
    pub text: String,
}

/// Why a row is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// More or fewer cells than the first line.
    #[error("not as many cells as columns")]
    CellCount,
    /// An empty cell.
    #[error("no {0}")]
    Empty(CsvColumn),
    /// A date in another format, or one that does not exist.
    #[error("not a date such as 2026-04-01 or Wed, 01 Apr 2026 00:00:00 +0000")]
    Date,
    /// A date before 2000 or after 2100.
    #[error("not a date between 2000 and 2100")]
    Year,
    /// Not the name of a domain that can send mail, such as `null`, `*` or an IP address.
    #[error("not a domain name")]
    Domain,
    /// The names of the columns again, as where two files were put one after the other.
    #[error("the names of the columns again")]
    Header,
    /// A row that sums up others.
    #[error("a row of totals, not of a domain")]
    Total,
    /// A date whose day and month are in another order than in the rows before.
    #[error("a date with day and month in another order than before")]
    DateOrder,
    /// A date with a time of day, where all dates before began at midnight of their zone.
    #[error("a date with a time of day, unlike those before")]
    TimeOfDay,
    /// A record that is not a JSON object.
    #[error("the record is not a JSON object")]
    NotJson,
    /// A few rows whose date is far from all others.
    #[error("far from the other dates")]
    FarDate,
    /// A count that is not plain digits.
    #[error("{0} is not a whole number")]
    Count(CsvColumn),
    /// A count such as `40,000`, where nothing shows whether it is 40 or 40 thousand.
    #[error("{0} could be two numbers")]
    UnclearCount(CsvColumn),
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
        let Self {
            file,
            line,
            reason,
            text,
        } = self;
        write_place(f, file.as_deref(), *line)?;
        match reason {
            RejectReason::Empty(_) | RejectReason::SumTooLarge | RejectReason::NotUtf8 => write!(f, "{reason}"),
            RejectReason::Date
            | RejectReason::Year
            | RejectReason::Domain
            | RejectReason::Total
            | RejectReason::DateOrder
            | RejectReason::TimeOfDay
            | RejectReason::FarDate => write!(f, "“{text}” is {reason}"),
            RejectReason::Count(column) => write!(f, "{column} “{text}” is not a whole number"),
            RejectReason::UnclearCount(column) => write!(
                f,
                "{column} “{text}” could have decimals or thousands; write it in digits only"
            ),
            RejectReason::TooLarge(column) => write!(f, "{column} {text} is more than 4,294,967,295 on one day"),
            RejectReason::CellCount => f.write_str(text),
            RejectReason::Header => write!(f, "{reason}"),
            RejectReason::Quotes | RejectReason::TooLong | RejectReason::NotJson => write!(f, "{reason}: {text}"),
        }
    }
}

/// `line 3: `, after the name of the file if there are several.
fn write_place(f: &mut fmt::Formatter<'_>, file: Option<&str>, line: u64) -> fmt::Result {
    if let Some(file) = file {
        write!(f, "{}, ", escape_unprintable(file))?;
    }
    write!(f, "line {}: ", count(line))
}

/// A warning about an imported row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowWarning {
    /// The file, if there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line the row starts on, from 1.
    pub line: u64,
    /// The kind of warning.
    pub caution: WarningReason,
    /// The row's domain.
    pub domain: String,
    /// The cells that disagree, such as `delivered 20, processed 10`.
    pub text: String,
}

/// The kind of a warning.
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
    /// Another account than in the domain's first row, which is kept. Reported once per domain.
    #[error("the domain is under another account before")]
    OtherAccount,
    /// The row repeats an earlier row of its domain and day, and is left out.
    #[error("the row repeats an earlier one and is left out")]
    RepeatLeftOut,
    /// The row repeats an earlier row of its domain and day, and is added to it.
    #[error("the row repeats an earlier one and is added to it")]
    RepeatAdded,
}

impl fmt::Display for RowWarning {
    /// `line 3: a.example: more delivered than processed (delivered 20, processed 10)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            caution,
            domain,
            text,
        } = self;
        write_place(f, file.as_deref(), *line)?;
        write!(f, "{domain}: {caution} ({text})")
    }
}
