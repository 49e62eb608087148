//! What was understood or decided about a file as a whole.

use super::columns::CsvColumn;
use super::dates::{DateOrder, DateStyle};
use super::encoding::TextEncoding;
use super::mapping::{RowPeriod, UtcOffset};
use super::numbers::NumberStyle;
use poolkeeper_core::model::{Day, escape_unprintable};
use poolkeeper_core::text::{count, counted};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something about a file as a whole that its reader should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportNote {
    /// What only some of several files have.
    OfFiles {
        /// The first of them.
        file: String,
        /// How many more there are.
        more: u64,
        /// What they have.
        note: Box<Self>,
    },
    /// Files of an archive that are not read.
    MembersLeftOut {
        /// How many.
        members: u64,
        /// The name of one.
        first: String,
    },
    /// Lines before the header.
    TitleLines {
        /// How many have text.
        lines: u64,
    },
    /// Columns that have another name than the documented one.
    Columns {
        /// Each with its name in the file.
        columns: Vec<(CsvColumn, String)>,
    },
    /// Each row has one metric.
    OneMetricARow {
        /// Rows of metrics that are not read.
        uncounted: u64,
    },
    /// Each row is an event of one message.
    OneMessageARow {
        /// The program whose log it is.
        program: String,
        /// Rows of events that are not counted.
        uncounted: u64,
    },
    /// An encoding other than UTF-8.
    Encoding {
        /// The encoding.
        encoding: TextEncoding,
    },
    /// A style of dates other than ISO 8601 and RFC 2822.
    Dates {
        /// The style.
        style: DateStyle,
        /// Whether the order of day and month is only the likelier one.
        is_likely: bool,
    },
    /// A style of numbers other than plain digits.
    Numbers {
        /// The style.
        style: NumberStyle,
    },
    /// Years with two digits.
    ShortYears,
    /// The zone whose days are counted.
    DayZone {
        /// The zone.
        zone: UtcOffset,
    },
    /// Rows that are weeks or months, read as days.
    PeriodsAsDays {
        /// What each row is.
        period: RowPeriod,
    },
    /// The first or the last day has much less mail than the days beside it.
    PartialDay {
        /// The day.
        day: Day,
        /// Whether it is the last.
        is_last: bool,
        /// Its messages.
        messages: u64,
        /// The messages of the weakest day of the week beside it.
        usual: u64,
    },
    /// So many rows are rejected that a result is of a part of the traffic only.
    Partial {
        /// Rejected rows.
        rejected: u64,
        /// Rejected and imported rows.
        of: u64,
    },
    /// Empty cells of a column that were read as 0.
    EmptyAsZero {
        /// The column.
        column: CsvColumn,
        /// Rows with such a cell.
        rows: u64,
    },
    /// Repeated rows that were left out.
    RepeatsLeftOut {
        /// How many.
        rows: u64,
    },
    /// Repeated rows that were added.
    RepeatsAdded {
        /// How many.
        rows: u64,
    },
    /// There are too many rows of one domain and day to find all that repeat.
    RepeatsNotAllFound,
    /// Rows that were added to another of their domain and day.
    RowsAdded {
        /// How many.
        rows: u64,
    },
    /// Domains that have several spellings.
    Spellings {
        /// How many spellings belong to a domain with another name.
        count: u64,
        /// A domain.
        domain: String,
        /// Another spelling of it.
        spelling: String,
    },
    /// Many days in a row without any row.
    LongPause {
        /// The day before them.
        after: Day,
        /// The day after them.
        before: Day,
    },
}

impl ImportNote {
    /// Whether the file could mean something else, or a part of it was not taken as it is.
    #[must_use]
    pub fn is_assumption(&self) -> bool {
        match self {
            Self::OfFiles { note, .. } => note.is_assumption(),
            Self::TitleLines { .. }
            | Self::Columns { .. }
            | Self::OneMetricARow { .. }
            | Self::OneMessageARow { .. }
            | Self::Numbers { .. }
            | Self::LongPause { .. }
            | Self::DayZone { .. }
            | Self::PeriodsAsDays { .. } => false,
            Self::Encoding { encoding } => matches!(encoding, TextEncoding::Windows1252),
            Self::Dates { style, is_likely } => {
                *is_likely || matches!(style, DateStyle::LocalMidnight | DateStyle::NearestMidnight)
            }
            Self::MembersLeftOut { .. }
            | Self::ShortYears
            | Self::PartialDay { .. }
            | Self::EmptyAsZero { .. }
            | Self::Partial { .. }
            | Self::RepeatsLeftOut { .. }
            | Self::RepeatsAdded { .. }
            | Self::RepeatsNotAllFound
            | Self::RowsAdded { .. }
            | Self::Spellings { .. } => true,
        }
    }
}

impl ImportNote {
    /// Takes in another file's note, if it says the same. Rows that are not counted are added up.
    pub(super) fn absorb(&mut self, other: &Self) -> bool {
        match (&mut *self, other) {
            (Self::OneMetricARow { uncounted }, Self::OneMetricARow { uncounted: more }) => *uncounted += more,
            (
                Self::OneMessageARow { program, uncounted },
                Self::OneMessageARow {
                    program: other,
                    uncounted: more,
                },
            ) if program == other => *uncounted += more,
            (known, other) => return known == other,
        }
        true
    }
}

/// `is` or `are`, for a number of rows.
const fn are(rows: u64) -> &'static str {
    if rows == 1 { "is" } else { "are" }
}

impl fmt::Display for ImportNote {
    /// A sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfFiles { file, more, note } => write_of_files(f, file, *more, note),
            Self::MembersLeftOut { members, first } => write!(
                f,
                "{} in the archive {} left out, such as “{}”.",
                counted(*members, "file"),
                are(*members),
                escape_unprintable(first)
            ),
            Self::TitleLines { lines } => write!(f, "{} before the names of the columns.", counted(*lines, "line")),
            Self::Columns { columns } => {
                let columns = columns.iter().map(|(column, name)| format!("{column} from “{name}”"));
                write!(f, "Columns: {}.", columns.collect::<Vec<_>>().join(", "))
            }
            Self::OneMetricARow { uncounted } => {
                f.write_str("Each row has one metric; bounces are permanent and transient ones together.")?;
                write_uncounted(f, *uncounted, "metrics")
            }
            Self::OneMessageARow { program, uncounted } => {
                write!(
                    f,
                    "Each row is an event of one message{}. It counts on its own day, for the \
                     sender's domain: a delivery as processed and delivered, a message given up as processed and bounced, \
                     a bounce after the delivery as bounced, a complaint as complained.",
                    if program.is_empty() {
                        String::new()
                    } else {
                        format!(", as {program} writes them")
                    }
                )?;
                write_uncounted(f, *uncounted, "events")
            }
            Self::Encoding { encoding } => write!(f, "The text is {encoding}."),
            Self::Dates { style, is_likely } => write_dates(f, *style, *is_likely),
            Self::Numbers { style } => f.write_str(match style {
                NumberStyle::DecimalComma => "Numbers have points between thousands and a comma before decimals.",
                _ => "Numbers have commas between thousands and a point before decimals.",
            }),
            Self::ShortYears => f.write_str("Years have two digits; they come last and are 2000 to 2099."),
            Self::DayZone { zone } => write!(f, "Times count for their day at {zone} from UTC."),
            Self::PeriodsAsDays { period } => write!(
                f,
                "Each row seems to be a {}. Its counts are read as those of its first day, so a window of days has {}.",
                period.word(),
                period.in_window()
            ),
            Self::PartialDay {
                day,
                is_last,
                messages,
                usual,
            } => write!(
                f,
                "The {} day, {day}, has {} messages, less than half of any day of the week {} it ({} at least). It may be \
                 incomplete; if it is, leave it out.",
                if *is_last { "last" } else { "first" },
                count(*messages),
                if *is_last { "before" } else { "after" },
                count(*usual)
            ),
            Self::Partial { rejected, of } => write!(
                f,
                "The traffic is incomplete: {} of {} rejected. Results are of the other rows only.",
                count(*rejected),
                verb(*of, "is", "are")
            ),
            Self::EmptyAsZero { column, rows } => {
                write!(f, "Empty cells of {column} count as 0, in {}.", counted(*rows, "row"))
            }
            Self::RepeatsLeftOut { rows } => write_repeats(f, *rows, "left out"),
            Self::RepeatsAdded { rows } => write_repeats(f, *rows, "added to it"),
            Self::RepeatsNotAllFound => f.write_str(
                "Only a part of the rows was compared with earlier ones: there are too many for each domain and day.",
            ),
            Self::RowsAdded { rows } => write!(
                f,
                "{} added to another row of the same domain and day.",
                verb(*rows, "was", "were")
            ),
            Self::Spellings {
                count: spellings,
                domain,
                spelling,
            } => write!(
                f,
                "“{spelling}” is another spelling of “{domain}”{}; they are one domain.",
                match spellings {
                    1 => String::new(),
                    more => format!(", and there are {} more such pairs", count(more - 1)),
                }
            ),
            Self::LongPause { after, before } => {
                write!(f, "No domain has a row between {after} and {before}.")
            }
        }
    }
}

/// `a.csv and 2 more: The text is UTF-16.`
fn write_of_files(f: &mut fmt::Formatter<'_>, file: &str, more: u64, note: &ImportNote) -> fmt::Result {
    write!(f, "{}", escape_unprintable(file))?;
    if more > 0 {
        write!(f, " and {} more", count(more))?;
    }
    write!(f, ": {note}")
}

/// `2 rows repeat an earlier row of their domain and day, and are left out.`
fn write_repeats(f: &mut fmt::Formatter<'_>, rows: u64, what: &str) -> fmt::Result {
    write!(
        f,
        "{} an earlier row of {} domain and day, and {} {what}.",
        verb(rows, "repeats", "repeat"),
        if rows == 1 { "its" } else { "their" },
        are(rows)
    )
}

/// `1 row repeats`, `2 rows repeat`.
fn verb(rows: u64, one: &str, many: &str) -> String {
    format!("{} {}", counted(rows, "row"), if rows == 1 { one } else { many })
}

fn write_dates(f: &mut fmt::Formatter<'_>, style: DateStyle, is_likely: bool) -> fmt::Result {
    let text = match style {
        DateStyle::Standard => "Dates are ISO 8601 or RFC 2822.",
        DateStyle::LocalMidnight => {
            "Each date is midnight in a zone that is not UTC, and counts for its day in that zone."
        }
        DateStyle::NearestMidnight => {
            "Each date is the same evening hour in UTC, which is midnight in a zone to the east, and counts for the day that \
             begins then."
        }
        DateStyle::YearFirst => "Dates have the year first.",
        DateStyle::MonthName => "Dates have the month's name.",
        DateStyle::Numeric(DateOrder::MonthFirst) => "Dates have the month first: 4/1/2026 is 1 April.",
        DateStyle::Numeric(DateOrder::DayFirst) => "Dates have the day first: 1/4/2026 is 1 April.",
        DateStyle::SpreadsheetSerial => "Dates are a spreadsheet's day numbers, counted from 1900.",
        DateStyle::SpreadsheetSerial1904 => "Dates are a spreadsheet's day numbers, counted from 1904.",
        DateStyle::Epoch => "Dates are times since 1970, and count for their UTC day.",
    };
    f.write_str(text)?;
    if is_likely {
        f.write_str(" No date shows it for certain; the other order would spread the days further.")?;
    }
    Ok(())
}

/// ` 2 rows of other events are not counted.`, if there are any.
fn write_uncounted(f: &mut fmt::Formatter<'_>, rows: u64, what: &str) -> fmt::Result {
    if rows == 0 {
        return Ok(());
    }
    write!(
        f,
        " {} of other {what} {} not counted.",
        counted(rows, "row"),
        are(rows)
    )
}
