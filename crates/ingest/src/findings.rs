//! Finds what to note about a file that was read to its end.

use super::cells::FIRST_DAY;
use super::columns::CsvColumn;
use super::dates::DateStyle;
use super::encoding::TextEncoding;
use super::layout::RowKind;
use super::notes::ImportNote;
use super::numbers::NumberStyle;
use super::outlying::longest_pause;
use super::periods::{find_period, partial_days};
use super::report::RejectReason;
use super::rows::RowCollector;
use std::ops::Range;

/// A result is partial if more than one row in this many is rejected.
const PARTIAL_SHARE: u64 = 100;

/// Notes on how the files are written, at most.
const MAX_FILE_NOTES: usize = 100;

impl ImportNote {
    /// The notes on a file that was read to its end.
    pub(super) fn of(collector: &RowCollector, days: &Range<usize>) -> Vec<Self> {
        let mut notes = Self::of_files(collector);
        if let Some(found) = find_period(&collector.days, days) {
            let period = found.period;
            notes.push(Self::PeriodsAsDays { period });
        } else {
            notes.extend(Self::of_partial_days(collector, days));
        }
        let left_out = [RejectReason::Header, RejectReason::Total, RejectReason::FarDate];
        let left_out: u64 = left_out
            .iter()
            .filter_map(|reason| collector.notes.by_reason.get(reason))
            .sum();
        let rejected = collector.notes.rejected.count - left_out;
        let of = rejected + collector.rows;
        if rejected.saturating_mul(PARTIAL_SHARE) > of && collector.rows > 0 {
            notes.push(Self::Partial { rejected, of });
        }
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
        if rows > 0 && matches!(collector.layout.kind, RowKind::Counts(_)) {
            notes.push(Self::RowsAdded { rows });
        }
        if let Some((domain, spelling)) = collector.index.spellings.shown.first() {
            notes.push(Self::Spellings {
                count: collector.index.spellings.count,
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

impl ImportNote {
    /// The notes on a first and a last day that may be incomplete.
    fn of_partial_days(collector: &RowCollector, days: &Range<usize>) -> impl Iterator<Item = Self> {
        let found = partial_days(&collector.days, days);
        found.into_iter().map(|found| Self::PartialDay {
            day: FIRST_DAY.plus(i32::try_from(found.at).unwrap_or(i32::MAX)),
            is_last: found.is_last,
            messages: found.messages,
            usual: found.usual,
        })
    }

    /// The notes on how the files are written. A note that only some files have names the first of them.
    fn of_files(collector: &RowCollector) -> Vec<Self> {
        let mut found: Vec<(Option<&str>, Self, u64)> = Vec::new();
        for (file, note) in &collector.file_notes {
            match found.iter_mut().find(|(_, known, _)| known.clone().absorb(note)) {
                Some((_, known, files)) => {
                    known.absorb(note);
                    *files += 1;
                }
                None => found.push((file.as_deref(), note.clone(), 1)),
            }
        }
        let all = collector.notes.files.len() as u64;
        let notes = found.into_iter().map(|(file, note, files)| match file {
            Some(file) if files < all => Self::OfFiles {
                file: file.to_owned(),
                more: files - 1,
                note: Box::new(note),
            },
            _ => note,
        });
        notes.take(MAX_FILE_NOTES).collect()
    }

    /// The notes on how a file is written.
    pub(super) fn of_format(collector: &RowCollector) -> Vec<Self> {
        let mut notes = Vec::new();
        if collector.title_lines > 0 {
            let lines = collector.title_lines;
            notes.push(Self::TitleLines { lines });
        }
        if !collector.layout.renamed.is_empty() {
            let columns = collector.layout.renamed.clone();
            notes.push(Self::Columns { columns });
        }
        let uncounted = collector.uncounted;
        match collector.layout.kind {
            RowKind::Counts(_) => {}
            RowKind::Metric { .. } => notes.push(Self::OneMetricARow { uncounted }),
            RowKind::Message { format, .. } => notes.push(Self::OneMessageARow {
                program: format.program().to_owned(),
                uncounted,
            }),
        }
        if let Some(encoding) = collector.encoding.filter(|encoding| *encoding != TextEncoding::Utf8) {
            notes.push(Self::Encoding { encoding });
        }
        if collector.formats.dates != DateStyle::Standard {
            notes.push(Self::Dates {
                style: collector.formats.dates,
                is_likely: collector.formats.is_order_likely,
            });
        }
        if collector.formats.has_short_years {
            notes.push(Self::ShortYears);
        }
        if let Some(zone) = collector.options.mapping.date_zone {
            notes.push(Self::DayZone { zone });
        }
        let style = collector.formats.numbers;
        if matches!(style, NumberStyle::DecimalPoint | NumberStyle::DecimalComma) {
            notes.push(Self::Numbers { style });
        }
        notes
    }
}
