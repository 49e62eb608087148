//! Errors of a whole file.

use super::columns::CsvColumn;
use super::mapping::RowPeriod;
use super::report::{CountedSample, ImportReport, RejectedRow};
use poolkeeper_core::model::{Day, escape_unprintable};
use poolkeeper_core::text::count;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a file cannot be imported. The text is for its owner and says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum ImportError {
    /// No line with text.
    #[error("The file is empty. It needs a first line that names the columns, and a row for each domain and day.")]
    Empty,
    /// Not text, or text in another encoding.
    #[error("{0}")]
    Unreadable(UnsupportedEncoding),
    /// The header is longer than 64 KB, or has a quote that never closes.
    #[error("The first line should name the columns, but it has no end: a quote may be left open in it.")]
    EndlessHeader,
    /// The header lacks columns.
    #[error(
        "The first line names no column {}. It has: {}. Needed are date, domain, processed, delivered, bounced and \
         complained, in any order; account is optional.",
        list(missing),
        found_list(found)
    )]
    MissingColumns {
        /// The missing columns.
        missing: Vec<CsvColumn>,
        /// The names in the header, at most 40.
        found: Vec<String>,
    },
    /// The file has rates and grades instead of counts.
    #[error(
        "The file has {} and no counts for {}. A health check adds up the messages of several days, and rates of unknown \
         numbers cannot be added up. Export daily counts from the service that sends the mail; Google's Postmaster Tools and \
         Microsoft's SNDS have none.",
        found_list(columns),
        list(missing)
    )]
    RatiosOnly {
        /// The missing columns.
        missing: Vec<CsvColumn>,
        /// Columns that have rates or grades, at most 10.
        columns: Vec<String>,
    },
    /// A column of counts has shares or percentages.
    #[error(
        "The column of {} has rates such as “{}” and not counts. A health check needs whole messages: export the counts.",
        column,
        example
    )]
    Ratios {
        /// The column.
        column: CsvColumn,
        /// A cell.
        example: String,
    },
    /// A column that the mapping names is not in the file.
    #[error(
        "The mapping reads {} from a column “{}”, which the file does not have. It has: {}.",
        column,
        name,
        found_list(found)
    )]
    MappedColumnMissing {
        /// What the column is for.
        column: CsvColumn,
        /// Its name in the mapping.
        name: String,
        /// The names in the header, at most 40.
        found: Vec<String>,
    },
    /// An archive without a file of traffic.
    #[error(
        "The archive has no file of traffic, only {}. The names of such files end in csv, tsv, txt, json, jsonl, ndjson or log.",
        found_list(members)
    )]
    NoTrafficInArchive {
        /// The files in it, at most 10.
        members: Vec<String>,
    },
    /// The header has a column more than once.
    #[error(
        "The first line names {} more than once, so it is not clear which to read. Rename or remove one.",
        list(columns)
    )]
    RepeatedColumns {
        /// The repeated columns.
        columns: Vec<CsvColumn>,
    },
    /// There is no column for the domain.
    #[error(
        "No column names the sending domain. If all rows are of one domain, give its name (on the command line: \
         --domain NAME); otherwise add a column “domain”."
    )]
    NoDomainColumn,
    /// A domain was given for a file that has a column for it.
    #[error(
        "The file has a column for the domain, so a domain for the whole file cannot be given. Leave out --domain."
    )]
    DomainNotNeeded,
    /// The order of day and month cannot be told.
    #[error(
        "Dates such as “{}” do not show whether the day or the month is first. Write them as 2026-04-01, or say which is \
         first (on the command line: --date-order day-first or month-first).",
        example
    )]
    UnclearDates {
        /// A date.
        example: String,
    },
    /// Each row is a week or a month.
    #[error(
        "All {} days with rows, from {} to {}, are {}, so each row seems to be a {}. Health checks need daily counts: export \
         them by day. To read the rows as the mail of these days anyway, use {} on the command line; a window of days then \
         has {}.",
        count(*days), first, last, period_start(*period, *first), period.word(), period.option(), period.in_window()
    )]
    Periods {
        /// What each row seems to be.
        period: RowPeriod,
        /// How many days have rows.
        days: u64,
        /// The first of them.
        first: Day,
        /// The last of them.
        last: Day,
    },
    /// JSON that cannot be read.
    #[error("Line {}: {}. Save the service's answer as it came, or export CSV.", count(*line), text)]
    Json {
        /// The line.
        line: u64,
        /// What is wrong.
        text: String,
    },
    /// A JSON document that is too large to be read whole.
    #[error("The JSON is larger than {} MB. Save it in several files, as JSON lines, or as CSV.", limit_bytes / 1_000_000)]
    JsonTooLarge {
        /// The most bytes of a document.
        limit_bytes: u64,
    },
    /// The first and the last date are too far apart.
    #[error(
        "The dates lie too far apart: {} to {}, where at most {} days fit. Correct or remove {}.",
        first, last, count(u64::from(*limit_days)), day_lines(outlying)
    )]
    DatesTooFarApart {
        /// The first day of any row.
        first: Day,
        /// The last day of any row.
        last: Day,
        /// Days a table may span.
        limit_days: u32,
        /// Days outside the span of that length with the most rows; at most 10 are listed.
        outlying: CountedSample<RowsPerDay>,
    },
    /// The table would not fit in memory.
    #[error(
        "Up to line {}, {} domains over {} days make {} days to keep, where at most {} fit. Split the file by date or by \
         domain.",
        count(*line), count(*domains), count(u64::from(*days)), count(domains * u64::from(*days)), count(*limit)
    )]
    TooManyCells {
        /// The line of the first row that does not fit.
        line: u64,
        /// Domains up to that line.
        domains: u64,
        /// Days from the first to the last up to that line.
        days: u32,
        /// Domain-days that fit.
        limit: u64,
    },
    /// There is a header, but no valid row.
    #[error("{}", no_rows(&report.rejected))]
    NoRows {
        /// The report, with the rejected rows.
        report: Box<ImportReport>,
    },
}

impl ImportError {
    /// Whether a line of a title gives this problem when it is taken for the header.
    pub(super) const fn is_of_a_title(&self) -> bool {
        matches!(
            self,
            Self::MissingColumns { .. } | Self::RatiosOnly { .. } | Self::MappedColumnMissing { .. }
        )
    }
}

impl RowPeriod {
    /// `week` or `month`.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The option of the command line that reads such rows.
    const fn option(self) -> &'static str {
        match self {
            Self::Week => "--weeks",
            Self::Month => "--months",
        }
    }

    /// What a window of days has of such rows.
    pub(super) const fn in_window(self) -> &'static str {
        match self {
            Self::Week => "whole weeks' mail on single days",
            Self::Month => "a whole month's mail or none",
        }
    }
}

fn period_start(period: RowPeriod, first: Day) -> String {
    match period {
        RowPeriod::Week => format!("{}s", first.date().format("%A")),
        RowPeriod::Month => "the first of a month".to_owned(),
    }
}

/// The format of a file that is not UTF-8 text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnsupportedEncoding {
    /// Not text.
    #[error("The file is not text. Save it as “CSV UTF-8” and try again.")]
    Binary,
    /// A spreadsheet's own format.
    #[error("The file is a spreadsheet. Save the sheet as “CSV UTF-8” and try again.")]
    Workbook,
    /// Parquet or Arrow.
    #[error(
        "The file is Parquet or Arrow, which is not read. Export it as CSV, for example with DuckDB: COPY (FROM 'in.parquet') TO \
         'out.csv'."
    )]
    Columnar,
    /// A compressed file inside another.
    #[error("The file is compressed twice. Unpack it once and try again.")]
    TwiceCompressed,
    /// A compressed file with an error in it, or that ends too early.
    #[error("The compressed file is damaged or cut off. Make or download it again.")]
    Damaged,
    /// A compressed file that becomes too large.
    #[error("The compressed file becomes more than 1,000 times as large. Unpack it, and look at what is in it.")]
    TooDense,
    /// zstd with a large window.
    #[error("The file is compressed with a window of more than 32 MB. Compress it without --long or --ultra.")]
    LargeWindow,
    /// An encrypted archive.
    #[error("The archive is encrypted. Unpack it and try again.")]
    Encrypted,
    /// An archive whose files are not packed by deflate.
    #[error("The archive is packed by a method that is not read. Pack it as an ordinary ZIP file, or unpack it.")]
    ArchiveMethod,
}

/// Rows of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsPerDay {
    /// The file of its first row, if there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The day.
    pub day: Day,
    /// The line of its first row.
    pub first_line: u64,
    /// How many rows it has.
    pub rows: u64,
}

fn list(columns: &[CsvColumn]) -> String {
    let names: Vec<_> = columns.iter().map(|column| format!("“{column}”")).collect();
    names.join(", ")
}

fn found_list(found: &[String]) -> String {
    let named = found.iter().filter(|name| !name.is_empty());
    let names: Vec<_> = named.map(|name| format!("“{name}”")).collect();
    if names.is_empty() {
        "no names at all".to_owned()
    } else {
        names.join(", ")
    }
}

fn day_lines(outlying: &CountedSample<RowsPerDay>) -> String {
    let shown = outlying.shown.iter().map(|at| {
        let file = at.file.as_ref().map(|file| format!("{} ", escape_unprintable(file)));
        let (file, line) = (file.unwrap_or_default(), count(at.first_line));
        match at.rows {
            1 => format!("{file}line {line} ({})", at.day),
            rows => format!("{file}line {line} and {} more ({})", count(rows - 1), at.day),
        }
    });
    let mut text = shown.collect::<Vec<_>>().join(", ");
    let rest = outlying.count.saturating_sub(outlying.shown.len() as u64);
    if rest > 0 {
        text.push_str(&format!(" and the rows of {} more days", count(rest)));
    }
    text
}

fn no_rows(rejected: &CountedSample<RejectedRow>) -> String {
    match rejected.shown.first() {
        None => "The file has a first line that names the columns, and no rows.".to_owned(),
        Some(first) => format!(
            "None of the {} rows could be used. The first: {first}.",
            count(rejected.count)
        ),
    }
}
