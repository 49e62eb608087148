//! Choices of an import.

use super::dates::DateOrder;
use super::limits::ImportLimits;
use poolkeeper_core::model::DomainName;
use serde::{Deserialize, Serialize};

/// What to do with a row that repeats an earlier row of its domain and day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedRows {
    /// Keep the first and leave out its repeats, because overlapping exports would count mail twice.
    #[default]
    KeepOne,
    /// Add it, as any other row.
    Add,
}

/// Choices of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Limits of the table's size and of the report.
    pub limits: ImportLimits,
    /// What to do with repeated rows.
    pub repeated_rows: RepeatedRows,
    /// The order of day and month; `None` to find it by the whole column.
    pub date_order: Option<DateOrder>,
    /// The domain of all rows of a file that has no column for it.
    pub domain: Option<DomainName>,
    /// Whether to read a file whose rows are months.
    pub takes_months: bool,
}
