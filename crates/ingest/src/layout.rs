//! What the columns of a file are: daily counts, one metric a row, or one message a row.

use super::cells::{parse_count, parse_date};
use super::columns::{BOUNCE_PAIRS, CsvColumn, Separator, normal_name};
use super::frame::{RowCells, cells_with_text_after_quote, has_line_break};
use super::mapping::Mapping;
use super::messages::MessageFormat;
use super::problem::ImportError;
use super::ratios::names_of_ratios;
use super::shapes::{MessageShape, find_shape, position};
use poolkeeper_core::text::shorten;

/// What a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    /// Counts of a domain and day, or a part of it; columns in the order of [`CsvColumn::COUNTS`].
    Counts([usize; 4]),
    /// One metric of a domain and day.
    Metric { metric: usize, value: usize },
    /// An event of one message.
    Message {
        event: usize,
        details: [Option<usize>; 3],
        format: MessageFormat,
    },
}

/// The positions of the columns.
#[derive(Clone, Debug)]
pub(super) struct ColumnLayout {
    pub(super) separator: Separator,
    pub(super) date: usize,
    /// `None` if all rows are of the domain that the options name.
    pub(super) domain: Option<usize>,
    pub(super) kind: RowKind,
    /// Columns whose counts are added to those of the first: the place in [`CsvColumn::COUNTS`] and the column.
    pub(super) more_counts: Vec<(usize, usize)>,
    pub(super) account: Option<usize>,
    /// The number of cells of a row.
    pub(super) cells: usize,
    /// The names of all columns.
    pub(super) names: Vec<String>,
    /// Names of the columns that are not read.
    pub(super) ignored: Vec<String>,
    /// Columns whose name is not the documented one.
    pub(super) renamed: Vec<(CsvColumn, String)>,
    /// The positions of all columns that are read.
    pub(super) read: Vec<usize>,
}

/// Finds out what the columns are by their names.
pub(super) fn find_layout(
    separator: Separator,
    names: &[String],
    mapping: &Mapping,
) -> Result<ColumnLayout, ImportError> {
    let account = positions(names, CsvColumn::Account, mapping)?;
    let mut layout = ColumnLayout {
        separator,
        date: 0,
        domain: None,
        kind: RowKind::Counts([0; 4]),
        more_counts: Vec::new(),
        account: account.first(),
        cells: names.len(),
        names: names.iter().map(|name| shorten(name)).collect(),
        ignored: Vec::new(),
        renamed: Vec::new(),
        read: Vec::new(),
    };
    let shape = daily_counts(names, account.is_repeated, mapping);
    match (long_shape(names, mapping)?, shape) {
        (Some((date, domain, kind)), Err(ImportError::MissingColumns { .. })) => {
            (layout.date, layout.domain, layout.kind) = (date, domain, kind);
        }
        (_, Err(ImportError::MissingColumns { missing, found })) => {
            return Err(match names_of_ratios(names) {
                ratios if ratios.is_empty() => ImportError::MissingColumns { missing, found },
                columns => ImportError::RatiosOnly { missing, columns },
            });
        }
        (_, shape) => {
            let counts = shape?;
            (layout.date, layout.domain) = (counts.date, counts.domain);
            (layout.kind, layout.more_counts) = (RowKind::Counts(counts.counts), counts.more);
        }
    }
    layout.complete(names, mapping)
}

/// What is read of each event.
const EVENT_FIELDS: [&str; 6] = ["time", "sender", "event", "kind", "reason", "delayed"];

/// The layout of events that a program writes as JSON. The cells are the date, the sender, the event and its details.
pub(super) fn message_layout(shape: &MessageShape, mapping: &Mapping) -> Result<ColumnLayout, ImportError> {
    let layout = ColumnLayout {
        separator: Separator::Comma,
        date: 0,
        domain: (!shape.sender.is_empty()).then_some(1),
        kind: RowKind::Message {
            event: 2,
            details: [Some(3), Some(4), Some(5)],
            format: shape.format,
        },
        more_counts: Vec::new(),
        account: None,
        cells: 6,
        names: EVENT_FIELDS.map(str::to_owned).to_vec(),
        ignored: Vec::new(),
        renamed: Vec::new(),
        read: Vec::new(),
    };
    layout.complete(&[], mapping)
}

/// The number of columns whose name is known.
pub(super) fn known_columns(names: &[String], mapping: &Mapping) -> usize {
    let mapped = |name: &String| {
        let mut columns = mapping.columns.values();
        columns.any(|of_use| of_use.as_slice().iter().any(|mapped| is_same_name(mapped, name)))
    };
    names
        .iter()
        .filter(|name| CsvColumn::of(name).is_some() || mapped(name))
        .count()
}

/// Whether a name that a person gave is a column's.
fn is_same_name(mapped: &str, name: &str) -> bool {
    mapped.trim() == name.trim() || normal_name(mapped) == normal_name(name)
}

/// The columns of one use.
#[derive(Default)]
struct FoundColumns {
    at: Vec<usize>,
    /// Whether several have the same name, so that it is not clear which is meant.
    is_repeated: bool,
}

impl FoundColumns {
    fn first(&self) -> Option<usize> {
        self.at.first().copied()
    }
}

/// The columns of a use: those that a person names, or the one with the best known name.
fn positions(names: &[String], column: CsvColumn, mapping: &Mapping) -> Result<FoundColumns, ImportError> {
    let Some(mapped) = mapping.names(column) else {
        return Ok(known_positions(names, column));
    };
    let mut at = Vec::new();
    for wanted in mapped {
        match names.iter().position(|name| is_same_name(wanted, name)) {
            Some(found) => at.push(found),
            None if CsvColumn::COUNTS.contains(&column) => {
                return Err(ImportError::MappedColumnMissing {
                    column,
                    name: shorten(wanted),
                    found: names.iter().map(|name| shorten(name)).take(40).collect(),
                });
            }
            None => {}
        }
    }
    if !CsvColumn::COUNTS.contains(&column) {
        at.truncate(1);
    }
    Ok(FoundColumns { at, is_repeated: false })
}

fn known_positions(names: &[String], column: CsvColumn) -> FoundColumns {
    let named = names.iter().enumerate();
    let ranks = named.filter_map(|(at, name)| match CsvColumn::of(name) {
        Some((known, rank)) if known == column => Some((rank, at)),
        _ => None,
    });
    let mut ranks: Vec<_> = ranks.collect();
    ranks.sort_unstable();
    let mut ranks = ranks.into_iter();
    let best = ranks.next();
    let second = ranks.next();
    let is_repeated = best.zip(second).is_some_and(|(best, second)| best.0 == second.0);
    let mut at: Vec<usize> = best.map(|(_, at)| at).into_iter().collect();
    if at.is_empty() && column == CsvColumn::Bounced {
        let place = |name: &str| names.iter().position(|named| normal_name(named) == name);
        let mut pairs = BOUNCE_PAIRS.iter().map(|[hard, soft]| place(hard).zip(place(soft)));
        at = pairs.find_map(|pair| pair).map_or(at, |(hard, soft)| vec![hard, soft]);
    }
    FoundColumns { at, is_repeated }
}

/// The columns of daily counts. The domain may be missing.
struct DailyCounts {
    date: usize,
    domain: Option<usize>,
    counts: [usize; 4],
    more: Vec<(usize, usize)>,
}

fn daily_counts(names: &[String], has_several_accounts: bool, mapping: &Mapping) -> Result<DailyCounts, ImportError> {
    let mut found = [None; 6];
    let (mut missing, mut repeated, mut more) = (Vec::new(), Vec::new(), Vec::new());
    for (column, place) in CsvColumn::NEEDED.into_iter().zip(&mut found) {
        let columns = positions(names, column, mapping)?;
        match columns.first() {
            None => missing.push(column),
            Some(_) if columns.is_repeated => repeated.push(column),
            Some(at) => *place = Some(at),
        }
        if let Some(count) = CsvColumn::COUNTS.iter().position(|known| *known == column) {
            more.extend(columns.at.iter().skip(1).map(|at| (count, *at)));
        }
    }
    if has_several_accounts {
        repeated.push(CsvColumn::Account);
    }
    if !missing.is_empty() && missing != [CsvColumn::Domain] {
        let found = names.iter().map(|name| shorten(name)).take(40).collect();
        return Err(ImportError::MissingColumns { missing, found });
    }
    match found {
        [
            Some(date),
            domain,
            Some(processed),
            Some(delivered),
            Some(bounced),
            Some(complained),
        ] if repeated.is_empty() => Ok(DailyCounts {
            date,
            domain,
            counts: [processed, delivered, bounced, complained],
            more,
        }),
        _ => Err(ImportError::RepeatedColumns { columns: repeated }),
    }
}

/// Whether the columns are those of daily counts.
pub(super) fn has_daily_counts(names: &[String], mapping: &Mapping) -> bool {
    daily_counts(names, false, mapping).is_ok()
}

type LongShape = (usize, Option<usize>, RowKind);

/// The columns of files with one metric or one message a row: the date, the domain and the rest.
fn long_shape(names: &[String], mapping: &Mapping) -> Result<Option<LongShape>, ImportError> {
    let at = |name: &str| names.iter().position(|named| normal_name(named) == name);
    let date = positions(names, CsvColumn::Date, mapping)?.first();
    let domain = positions(names, CsvColumn::Domain, mapping)?.first();
    if let (Some(metric), Some(value), Some(date), Some(domain)) =
        (at("metric"), at("volume").or_else(|| at("value")), date, domain)
    {
        return Ok(Some((date, Some(domain), RowKind::Metric { metric, value })));
    }
    let Some(shape) = find_shape(names) else {
        return Ok(None);
    };
    let kind = |event| RowKind::Message {
        event,
        details: shape.details.map(|field| position(names, field)),
        format: shape.format,
    };
    let mapped = |column: CsvColumn, at: Option<usize>| mapping.names(column).and(at);
    let date = mapped(CsvColumn::Date, date).or_else(|| position(names, shape.date));
    let sender = mapped(CsvColumn::Domain, domain).or_else(|| position(names, shape.sender));
    let event = position(names, shape.event);
    Ok(date.zip(event).map(|(date, event)| (date, sender, kind(event))))
}

/// The columns of daily counts that have another name than the documented one.
fn renamed(layout: &ColumnLayout, names: &[String]) -> Vec<(CsvColumn, String)> {
    let RowKind::Counts(counts) = layout.kind else {
        return Vec::new();
    };
    let columns = [(CsvColumn::Date, Some(layout.date)), (CsvColumn::Domain, layout.domain)];
    let counts = CsvColumn::COUNTS.into_iter().zip(counts.map(Some));
    let more = layout.more_counts.iter();
    let more = more.filter_map(|(count, at)| Some((*CsvColumn::COUNTS.get(*count)?, Some(*at))));
    let columns = columns
        .into_iter()
        .chain(counts)
        .chain(more)
        .chain([(CsvColumn::Account, layout.account)]);
    let named = columns.filter_map(|(column, at)| Some((column, names.get(at?)?)));
    let mut renamed: Vec<_> = named
        .filter(|(column, name)| !name.eq_ignore_ascii_case(column.name()))
        .map(|(column, name)| (column, shorten(name)))
        .collect();
    renamed.sort_by_key(|(column, _)| *column);
    renamed
}

impl ColumnLayout {
    /// Checks the domain, and finds what is read, ignored and renamed.
    fn complete(mut self, names: &[String], mapping: &Mapping) -> Result<Self, ImportError> {
        match (self.domain, &mapping.domain) {
            (None, None) => return Err(ImportError::NoDomainColumn),
            (Some(_), Some(_)) => return Err(ImportError::DomainNotNeeded),
            _ => {}
        }
        self.read = [self.date].into_iter().chain(self.domain).chain(self.account).collect();
        match self.kind {
            RowKind::Counts(counts) => self.read.extend(counts),
            RowKind::Metric { metric, value } => self.read.extend([metric, value]),
            RowKind::Message { event, details, .. } => self
                .read
                .extend([event].into_iter().chain(details.into_iter().flatten())),
        }
        self.read.extend(self.more_counts.iter().map(|(_, at)| *at));
        let named = names.iter().enumerate();
        let ignored = named.filter(|(at, name)| !self.read.contains(at) && !name.is_empty());
        self.ignored = ignored.map(|(_, name)| shorten(name)).take(100).collect();
        self.renamed = renamed(&self, names);
        Ok(self)
    }

    /// Whether a row with quotes is one row, and not several joined by a stray quote. On one line, text after a closing
    /// quote is allowed in ignored columns only. On several lines, the row must have the right number of cells, line
    /// breaks in ignored columns only, and no line in them that looks like a row.
    pub(super) fn is_whole(&self, cells: &RowCells<'_>, raw: &[u8]) -> bool {
        let is_read = |cell: usize| self.read.contains(&cell);
        let separator = self.separator.byte();
        if !has_line_break(raw) {
            return !cells_with_text_after_quote(raw, separator).any(is_read);
        }
        let is_valid = |cell: usize| {
            let text = cells.get(cell);
            !has_line_break(text) || (!is_read(cell) && !self.contains_row(text))
        };
        cells.len() == self.cells
            && (0..cells.len()).all(is_valid)
            && cells_with_text_after_quote(raw, separator).next().is_none()
    }

    /// Whether a line of a cell's text, after the first, has a date and counts at their positions.
    fn contains_row(&self, text: &[u8]) -> bool {
        let separator = self.separator.byte();
        let mut lines = text.split(|byte| matches!(byte, b'\r' | b'\n')).skip(1);
        lines.any(|line| {
            let cell = |at| {
                line.split(|&byte| byte == separator)
                    .nth(at)
                    .unwrap_or_default()
                    .trim_ascii()
            };
            let has_counts = match self.kind {
                RowKind::Counts(counts) => counts.iter().all(|&at| parse_count(cell(at)).is_ok()),
                RowKind::Metric { value, .. } => parse_count(cell(value)).is_ok(),
                RowKind::Message { event, .. } => !cell(event).is_empty(),
            };
            parse_date(cell(self.date)).is_ok() && has_counts
        })
    }
}
