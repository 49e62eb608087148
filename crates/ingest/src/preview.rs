//! The first rows of a file, as they are and as they were understood.

use super::encoding::decode_cell;
use super::frame::RowCells;
use super::report::RejectReason;
use super::rows::RowCollector;
use super::sample::SampleEvidence;
use poolkeeper_core::model::Day;
use poolkeeper_core::text::shorten;
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

impl RowCollector {
    /// Keeps a row for the preview, given the numbers of uncounted and repeated rows before it.
    pub(super) fn show(&mut self, cells: &RowCells<'_>, line: u64, (uncounted, repeated): (u64, u64)) {
        let rejected = self.notes.rejected.shown.last().filter(|row| row.line == line);
        let outcome = match rejected {
            Some(row) => Some(RowOutcome::Rejected { reason: row.reason }),
            None if self.uncounted > uncounted => Some(RowOutcome::NotCounted),
            None => self.counted(cells, self.repeated > repeated),
        };
        let cells = cells.iter().map(|cell| shorten(&decode_cell(cell).0)).collect();
        self.preview
            .rows
            .extend(outcome.map(|outcome| PreviewRow { line, cells, outcome }));
    }

    fn counted(&mut self, cells: &RowCells<'_>, is_repeat: bool) -> Option<RowOutcome> {
        let day = self.day(cells).ok()?;
        let (counts, _) = self.counts(cells).ok()?;
        let name = self.name(cells);
        let domain = self.only_domain.or_else(|| self.index.lookup(name))?;
        Some(RowOutcome::Counted {
            day,
            domain: self.index.get(domain)?.name.as_str().to_owned(),
            counts,
            is_repeat,
        })
    }
}
