//! How a file became traffic, for the results made of it.

use serde::{Deserialize, Serialize};

/// What a reader of a result should know about how its traffic was read. Texts are sentences or name a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSummary {
    /// Imported rows.
    pub rows: u64,
    /// Rejected rows.
    pub rejected: u64,
    /// Warnings.
    pub warnings: u64,
    /// Imported rows that were added to another of their domain and day.
    pub added: u64,
    /// Rows that repeat an earlier one.
    pub repeated: u64,
    /// What was understood or assumed about the file.
    pub notes: Vec<String>,
    /// The first rejected rows, each with its reason.
    pub rejected_rows: Vec<String>,
    /// The first warnings.
    pub warned_rows: Vec<String>,
}
