//! The first rows of a file, as they are and as they were understood.

use super::report::RejectReason;
use super::sample::SampleEvidence;
use poolkeeper_core::model::Day;
use serde::{Deserialize, Serialize};

/// The first rows, and what the sampled rows show.
#[derive(Debug, Default)]
pub(super) struct RowPreview {
    pub(super) max_rows: usize,
    pub(super) rows: Vec<PreviewRow>,
    pub(super) evidence: Option<Box<SampleEvidence>>,
}

impl RowPreview {
    pub(super) const fn has_room(&self) -> bool {
        self.rows.len() < self.max_rows
    }
}

/// A row of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewRow {
    /// The line it starts on, from 1.
    pub line: u64,
    /// Its cells, in the order of the columns. A long text is cut and ends in `…`.
    pub cells: Vec<String>,
    /// What became of it.
    pub outcome: RowOutcome,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// It counts.
    Counted {
        /// The day.
        day: Day,
        /// The domain.
        domain: String,
        /// Processed, delivered, bounced and complained messages.
        counts: [u32; 4],
        /// Whether it repeats an earlier row, and is left out unless repeats are added.
        is_repeat: bool,
    },
    /// Its metric or event is not counted.
    NotCounted,
    /// It is rejected.
    Rejected {
        /// Why.
        reason: RejectReason,
    },
}
