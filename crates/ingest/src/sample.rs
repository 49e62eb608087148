//! Decides how a file writes dates and numbers, by its first rows.
//!
//! The sample grows as long as it leaves a question open, up to [`MAX_SAMPLE_BYTES`]. A row that contradicts it later is
//! rejected.

use super::dates::{DateEvidence, DateOrder, DateStyle, DecidedDates};
use super::frame::RowCells;
use super::layout::{ColumnLayout, RowKind};
use super::numbers::{NumberEvidence, NumberStyle};
use super::options::ImportOptions;
use super::problem::ImportError;
use poolkeeper_core::text::shorten;

/// Bytes of the first sample.
pub(super) const SAMPLE_BYTES: usize = 256 * 1024;

/// Bytes of the largest sample.
pub(super) const MAX_SAMPLE_BYTES: usize = 4 * 1024 * 1024;

/// How a file writes dates and numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CellFormats {
    pub(super) dates: DateStyle,
    /// Whether the order of day and month is only likely.
    pub(super) is_order_likely: bool,
    pub(super) numbers: NumberStyle,
}

/// What the sampled rows show.
#[derive(Debug, Default)]
pub(super) struct SampleEvidence {
    dates: DateEvidence,
    numbers: [NumberEvidence; 4],
}

impl SampleEvidence {
    pub(super) fn add(&mut self, layout: &ColumnLayout, cells: &RowCells<'_>) {
        self.dates.add(cells.get(layout.date));
        match layout.kind {
            RowKind::Counts(counts) => {
                for (evidence, at) in self.numbers.iter_mut().zip(counts) {
                    evidence.add(cells.get(at));
                }
            }
            RowKind::Metric { value, .. } => {
                if let Some(evidence) = self.numbers.first_mut() {
                    evidence.add(cells.get(value));
                }
            }
            RowKind::Message { .. } => {}
        }
    }

    /// Whether more rows could show more.
    pub(super) fn needs_more(&self, options: &ImportOptions) -> bool {
        options.date_order.is_none() && self.dates.needs_more()
    }

    pub(super) fn decide(&self, layout: &ColumnLayout, options: &ImportOptions) -> Result<CellFormats, ImportError> {
        let (dates, is_order_likely) = match self.dates.decide(options.date_order) {
            // A message is sent at any time of a day.
            DecidedDates::Certain(DateStyle::LocalMidnight) if matches!(layout.kind, RowKind::Message { .. }) => {
                (DateStyle::Standard, false)
            }
            DecidedDates::Certain(style) => (style, false),
            DecidedDates::Likely(order) => (DateStyle::Numeric(order), true),
            DecidedDates::Unclear(example) => {
                let example = shorten(&example);
                return Err(ImportError::UnclearDates { example });
            }
        };
        Ok(CellFormats {
            dates,
            is_order_likely,
            numbers: NumberEvidence::decide(&self.numbers),
        })
    }
}

impl DateOrder {
    /// The other order.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::MonthFirst => Self::DayFirst,
            Self::DayFirst => Self::MonthFirst,
        }
    }
}
