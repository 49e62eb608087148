//! Looks at the first bytes of a file: how it is written, why that is likely, and what its rows would give.

use super::columns::{CsvColumn, Separator};
use super::decoder::decode_text;
use super::encoding::{TextEncoding, decode_cell};
use super::evidence::{MappingEvidence, evidence};
use super::frame::{FileStart, RowCells, RowScanner, first_line};
use super::header::declared_separator;
use super::layout::{RowKind, known_columns};
use super::limits::ImportLimits;
use super::mapping::{ColumnNames, Mapping};
use super::notes::ImportNote;
use super::numbers::NumberStyle;
use super::options::ImportOptions;
use super::preview::{PreviewRow, RowOutcome};
use super::problem::ImportError;
use super::reader::Ingest;
use super::report::RejectReason;
use super::rows::RowCollector;
use poolkeeper_core::model::Day;
use poolkeeper_core::text::shorten;
use serde::{Deserialize, Serialize};

/// Rows of a preview.
const PREVIEW_ROWS: usize = 20;

/// Lines that are looked at for the names of the columns, if nothing is understood.
const GUESSED_LINES: usize = 20;

/// What the first bytes of a file show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sniffed {
    /// How the file is read: what was given, and what was found for the rest. Reading the file with it gives the same.
    pub mapping: Mapping,
    /// Why, for each item.
    pub evidence: Vec<MappingEvidence>,
    /// The columns in the order of the file, also where the file cannot be read.
    pub columns: Vec<SniffedColumn>,
    /// The first rows.
    pub rows: Vec<PreviewRow>,
    /// What the bytes would give, or why the file cannot be read so.
    pub outcome: Result<PreviewTotals, ImportError>,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SniffedColumn {
    /// Its name.
    pub name: String,
    /// What it is read as.
    pub column: Option<CsvColumn>,
}

/// What the first bytes of a file would give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewTotals {
    /// Rows that count.
    pub rows: u64,
    /// Domains.
    pub domains: u64,
    /// The first and the last day.
    pub days: Option<(Day, Day)>,
    /// Processed, delivered, bounced and complained messages.
    pub counts: [u64; 4],
    /// Rejected rows, by reason, the most frequent first.
    pub rejected: Vec<(RejectReason, u64)>,
    /// What else should be known.
    pub notes: Vec<ImportNote>,
}

/// Looks at the first bytes of a file, or at all of them, with what a person has said about it so far. 64 KB are enough for
/// a preview; of JSON that is one document the whole file is needed, and of other files 4 MB decide as the reader does.
#[must_use]
pub fn sniff(start: &[u8], is_whole: bool, mapping: &Mapping) -> Sniffed {
    let options = ImportOptions {
        limits: ImportLimits::default(),
        mapping: mapping.clone(),
    };
    let mut ingest = Ingest::for_preview(options, PREVIEW_ROWS);
    let fed = ingest.feed(start);
    match fed.and_then(|()| ingest.into_collector(is_whole)) {
        Ok(collector) => understood(&collector, mapping),
        Err(problem) => guessed(start, mapping, problem),
    }
}

fn understood(collector: &RowCollector, given: &Mapping) -> Sniffed {
    let layout = &collector.layout;
    let mut mapping = given.clone();
    let formats = &collector.formats;
    let encoding = collector.encoding.unwrap_or(TextEncoding::Utf8);
    mapping.encoding.get_or_insert(encoding);
    mapping.separator.get_or_insert(layout.separator);
    mapping.dates = Some(formats.dates);
    mapping.date_order = None;
    if formats.numbers != NumberStyle::Unclear {
        mapping.numbers = Some(formats.numbers);
    }
    let uses = uses(collector);
    if matches!(layout.kind, RowKind::Counts(_)) {
        for column in CsvColumn::NEEDED.into_iter().chain([CsvColumn::Account]) {
            let names = uses.iter().filter(|(_, used)| *used == column);
            let mut names: Vec<String> = names.filter_map(|(at, _)| layout.names.get(*at).cloned()).collect();
            let names = match names.len() {
                0 => continue,
                1 => ColumnNames::One(names.remove(0)),
                _ => ColumnNames::Several(names),
            };
            mapping.columns.insert(column, names);
        }
    }
    let columns = layout.names.iter().enumerate().map(|(at, name)| SniffedColumn {
        name: name.clone(),
        column: uses.iter().find(|(used, _)| *used == at).map(|(_, column)| *column),
    });
    Sniffed {
        evidence: evidence(collector, given, &uses),
        columns: columns.collect(),
        rows: collector.preview.rows.clone(),
        outcome: Ok(totals(collector)),
        mapping,
    }
}

/// The columns that are read, each with its use. The columns of one use are in the order in which they are read.
fn uses(collector: &RowCollector) -> Vec<(usize, CsvColumn)> {
    let layout = &collector.layout;
    let mut uses = vec![(layout.date, CsvColumn::Date)];
    uses.extend(layout.domain.map(|at| (at, CsvColumn::Domain)));
    if let RowKind::Counts(counts) = layout.kind {
        uses.extend(counts.into_iter().zip(CsvColumn::COUNTS));
    }
    let more = layout.more_counts.iter();
    uses.extend(more.filter_map(|(count, at)| Some((*at, *CsvColumn::COUNTS.get(*count)?))));
    uses.extend(layout.account.map(|at| (at, CsvColumn::Account)));
    uses
}

fn totals(collector: &RowCollector) -> PreviewTotals {
    let days = collector.day_range();
    let domains = collector.index.domains.len();
    let mut counts = [0; 4];
    let mut cells = Vec::new();
    for domain in 0..domains {
        for (column, sum) in counts.iter_mut().enumerate() {
            cells.clear();
            collector.tiles.append(column, domain, days.clone(), &mut cells);
            *sum += cells.iter().map(|count| u64::from(*count)).sum::<u64>();
        }
    }
    let mut rejected: Vec<_> = collector
        .notes
        .by_reason
        .iter()
        .map(|(reason, rows)| (*reason, *rows))
        .collect();
    rejected.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    let day = |at: usize| super::cells::FIRST_DAY.plus(i32::try_from(at).unwrap_or(i32::MAX));
    PreviewTotals {
        rows: collector.rows,
        domains: domains as u64,
        days: (collector.rows > 0).then(|| (day(days.start), day(days.end.saturating_sub(1)))),
        counts,
        rejected,
        notes: ImportNote::of(collector, &days),
    }
}

/// The columns of a file that cannot be read, so that a person can say what they are.
fn guessed(start: &[u8], mapping: &Mapping, problem: ImportError) -> Sniffed {
    let text = decode_text(start).unwrap_or_default();
    let mut best: (usize, usize, Option<Separator>, Vec<String>, usize) = (0, 0, None, Vec::new(), 0);
    let mut at = 0;
    let mut declared = mapping.separator;
    for _ in 0..GUESSED_LINES {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let length = first_line(rest).unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        declared = declared.or_else(|| declared_separator(line));
        for separator in Separator::ALL
            .into_iter()
            .filter(|separator| declared.is_none_or(|known| known == *separator))
        {
            let names = cells_of(line, separator);
            let known = known_columns(&names, mapping);
            if (known, names.len()) > (best.0, best.1) {
                best = (known, names.len(), Some(separator), names, at + length);
            }
        }
        at += length;
    }
    let (_, _, separator, names, rows_at) = best;
    let rows = separator.map_or_else(Vec::new, |separator| raw_rows(&text, rows_at, separator));
    Sniffed {
        mapping: Mapping {
            separator: mapping.separator.or(separator),
            ..mapping.clone()
        },
        evidence: Vec::new(),
        columns: names
            .into_iter()
            .map(|name| SniffedColumn { name, column: None })
            .collect(),
        rows,
        outcome: Err(problem),
    }
}

fn cells_of(line: &[u8], separator: Separator) -> Vec<String> {
    let mut scanner = RowScanner::new(separator.byte());
    let line = [line.trim_ascii_end(), b"\n"].concat();
    match scanner.next(&line) {
        FileStart::Row { cells, .. } => texts(&cells),
        _ => Vec::new(),
    }
}

fn texts(cells: &RowCells<'_>) -> Vec<String> {
    cells.iter().map(|cell| shorten(&decode_cell(cell).0)).collect()
}

/// The first rows after a header, as they are.
fn raw_rows(text: &str, from: usize, separator: Separator) -> Vec<PreviewRow> {
    let mut scanner = RowScanner::new(separator.byte());
    let before = text.get(..from).unwrap_or_default();
    let mut line = 1 + super::frame::line_count(before.as_bytes());
    let mut rest = text.as_bytes().get(from..).unwrap_or_default();
    let mut rows = Vec::new();
    while rows.len() < PREVIEW_ROWS {
        let length = match scanner.next(rest) {
            FileStart::Row { cells, bytes, .. } => {
                rows.push(PreviewRow {
                    line,
                    cells: texts(&cells),
                    outcome: RowOutcome::NotCounted,
                });
                bytes
            }
            FileStart::Blank { bytes } | FileStart::OpenQuote { bytes } | FileStart::NotJson { bytes } => bytes,
            FileStart::More | FileStart::TooLong => break,
        };
        line += super::frame::line_count(rest.get(..length).unwrap_or_default()).max(1);
        rest = rest.get(length..).unwrap_or_default();
    }
    rows
}
