//! What was understood or decided about a file as a whole.

use super::cells::FIRST_DAY;
use super::columns::CsvColumn;
use super::outlying::longest_pause;
use super::rows::RowCollector;
use poolkeeper_core::model::Day;
use poolkeeper_core::text::{count, counted};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// Something about a file as a whole that its reader should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportNote {
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
    /// The notes on a file that was read to its end.
    pub(super) fn of(collector: &RowCollector, days: &Range<usize>) -> Vec<Self> {
        let mut notes = Vec::new();
        for (column, rows) in CsvColumn::COUNTS.into_iter().zip(collector.empty_as_zero) {
            if rows > 0 {
                notes.push(Self::EmptyAsZero { column, rows });
            }
        }
        let rows = collector.repeated;
        match (rows, collector.are_repeats_added()) {
            (0, _) => {}
            (_, true) => notes.push(Self::RepeatsAdded { rows }),
            (_, false) => notes.push(Self::RepeatsLeftOut { rows }),
        }
        if collector.repeats.is_full {
            notes.push(Self::RepeatsNotAllFound);
        }
        let rows = collector
            .added_up
            .saturating_sub(if collector.are_repeats_added() { rows } else { 0 });
        if rows > 0 {
            notes.push(Self::RowsAdded { rows });
        }
        if let Some((domain, spelling)) = collector.spellings.shown.first() {
            notes.push(Self::Spellings {
                count: collector.spellings.count,
                domain: domain.as_str().to_owned(),
                spelling: spelling.as_str().to_owned(),
            });
        }
        if let Some((after, before)) = longest_pause(&collector.days, days) {
            let day = |at: usize| FIRST_DAY.plus(i32::try_from(at).unwrap_or(i32::MAX));
            notes.push(Self::LongPause {
                after: day(after),
                before: day(before),
            });
        }
        notes
    }
}

/// `is` or `are`, for so many rows.
const fn are(rows: u64) -> &'static str {
    if rows == 1 { "is" } else { "are" }
}

impl fmt::Display for ImportNote {
    /// A sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyAsZero { column, rows } => {
                write!(f, "Empty cells of {column} count as 0, in {}.", counted(*rows, "row"))
            }
            Self::RepeatsLeftOut { rows } => write!(
                f,
                "{} an earlier row of {} domain and day, and {} left out.",
                verb(*rows, "repeats", "repeat"),
                if *rows == 1 { "its" } else { "their" },
                are(*rows)
            ),
            Self::RepeatsAdded { rows } => write!(
                f,
                "{} an earlier row of {} domain and day, and {} added to it.",
                verb(*rows, "repeats", "repeat"),
                if *rows == 1 { "its" } else { "their" },
                are(*rows)
            ),
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

/// `1 row repeats`, `2 rows repeat`.
fn verb(rows: u64, one: &str, many: &str) -> String {
    format!("{} {}", counted(rows, "row"), if rows == 1 { one } else { many })
}
