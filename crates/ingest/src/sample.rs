//! Decides how a file writes dates and numbers, by its first rows.
//!
//! The sample grows as long as it leaves a question open, up to [`MAX_SAMPLE_BYTES`]. A row that contradicts it later is
//! rejected.

use super::columns::CsvColumn;
use super::date_evidence::{DateEvidence, DecidedDates};
use super::dates::DateStyle;
use super::frame::RowCells;
use super::layout::{ColumnLayout, RowKind};
use super::mapping::Mapping;
use super::numbers::{NumberEvidence, NumberStyle};
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
    /// Whether years have two digits.
    pub(super) has_short_years: bool,
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
                for (count, at) in &layout.more_counts {
                    if let Some(evidence) = self.numbers.get_mut(*count) {
                        evidence.add(cells.get(*at));
                    }
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

    /// Sampled dates of a style, and all of them. A date that repeats the one before counts once.
    pub(super) fn fitting_dates(&self, style: DateStyle) -> (u64, u64) {
        self.dates.fitting(style)
    }

    /// Sampled counts with digits only, and all that are not empty.
    pub(super) fn plain_numbers(&self) -> (u64, u64) {
        let sums = self.numbers.iter().map(NumberEvidence::plain);
        sums.fold((0, 0), |(plain, of), (more, more_of)| (plain + more, of + more_of))
    }

    /// Whether more rows could show more.
    pub(super) fn needs_more(&self, mapping: &Mapping) -> bool {
        mapping.dates.is_none() && mapping.date_order.is_none() && self.dates.needs_more()
    }

    pub(super) fn decide(&self, layout: &ColumnLayout, mapping: &Mapping) -> Result<CellFormats, ImportError> {
        let shares = CsvColumn::COUNTS.into_iter().zip(&self.numbers);
        let mut shares = shares.filter_map(|(column, evidence)| Some((column, evidence.share()?)));
        if let (Some((column, example)), RowKind::Counts(_)) = (shares.next(), layout.kind) {
            let example = shorten(example);
            return Err(ImportError::Ratios { column, example });
        }
        let is_of_messages = matches!(layout.kind, RowKind::Message { .. });
        let decided = match mapping.dates {
            Some(style) => DecidedDates::Certain(style),
            None => self.dates.decide(mapping.date_order),
        };
        let (dates, is_order_likely) = match decided {
            // A message is sent at any time of a day, and a person may name the zone.
            DecidedDates::Certain(DateStyle::LocalMidnight)
                if is_of_messages || (mapping.dates.is_none() && mapping.date_zone.is_some()) =>
            {
                (DateStyle::Standard, false)
            }
            DecidedDates::Certain(DateStyle::NearestMidnight)
                if is_of_messages || (mapping.dates.is_none() && mapping.date_zone.is_some()) =>
            {
                (self.dates.of_times(), false)
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
            has_short_years: self.dates.has_short_years()
                && matches!(dates, DateStyle::Numeric(_) | DateStyle::MonthName),
            numbers: mapping.numbers.unwrap_or_else(|| NumberEvidence::decide(&self.numbers)),
        })
    }
}
