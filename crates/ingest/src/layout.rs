//! What the columns of a file are: daily counts, one metric a row, or one message a row.

use super::cells::{parse_count, parse_date};
use super::columns::{CsvColumn, Separator, normal_name};
use super::frame::{RowCells, cells_with_text_after_quote, has_line_break};
use super::messages::MessageFormat;
use super::options::ImportOptions;
use super::problem::ImportError;
use poolkeeper_core::text::shorten;

/// What a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    /// Counts of a domain and day, or a part of it; columns in the order of [`CsvColumn::COUNTS`].
    Counts([usize; 4]),
    /// One metric of a domain and day.
    Metric { metric: usize, value: usize },
    /// An event of one message.
    Message { event: usize, format: MessageFormat },
}

/// The positions of the columns.
#[derive(Clone, Debug)]
pub(super) struct ColumnLayout {
    pub(super) separator: Separator,
    pub(super) date: usize,
    /// `None` if all rows are of the domain that the options name.
    pub(super) domain: Option<usize>,
    pub(super) kind: RowKind,
    pub(super) account: Option<usize>,
    /// The number of cells of a row.
    pub(super) cells: usize,
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
    options: &ImportOptions,
) -> Result<ColumnLayout, ImportError> {
    let (account, accounts) = positions(names, CsvColumn::Account);
    let mut layout = ColumnLayout {
        separator,
        date: 0,
        domain: None,
        kind: RowKind::Counts([0; 4]),
        account,
        cells: names.len(),
        ignored: Vec::new(),
        renamed: Vec::new(),
        read: Vec::new(),
    };
    let shape = daily_counts(names, accounts);
    match (long_shape(names), &shape) {
        (Some((date, domain, kind)), Err(ImportError::MissingColumns { .. })) => {
            (layout.date, layout.domain, layout.kind) = (date, Some(domain), kind);
        }
        _ => {
            let (date, domain, counts) = shape?;
            (layout.date, layout.domain, layout.kind) = (date, domain, RowKind::Counts(counts));
        }
    }
    match (layout.domain, &options.domain) {
        (None, None) => return Err(ImportError::NoDomainColumn),
        (Some(_), Some(_)) => return Err(ImportError::DomainNotNeeded),
        _ => {}
    }
    let of_kind = match layout.kind {
        RowKind::Counts(counts) => counts.to_vec(),
        RowKind::Metric { metric, value } => vec![metric, value],
        RowKind::Message { event, .. } => vec![event],
    };
    layout.read = [layout.date]
        .into_iter()
        .chain(layout.domain)
        .chain(layout.account)
        .collect();
    layout.read.extend(of_kind);
    let named = names.iter().enumerate();
    let ignored = named.filter(|(at, name)| !layout.read.contains(at) && !name.is_empty());
    layout.ignored = ignored.map(|(_, name)| shorten(name)).take(100).collect();
    layout.renamed = renamed(&layout, names);
    Ok(layout)
}

/// The number of columns whose name is known.
pub(super) fn known_columns(names: &[String]) -> usize {
    names.iter().filter(|name| CsvColumn::of(name).is_some()).count()
}

/// The position of a column, and whether there are several of the same name.
fn positions(names: &[String], column: CsvColumn) -> (Option<usize>, bool) {
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
    (best.map(|(_, at)| at), is_repeated)
}

type DailyCounts = (usize, Option<usize>, [usize; 4]);

/// The columns of daily counts. The domain may be missing.
fn daily_counts(names: &[String], has_several_accounts: bool) -> Result<DailyCounts, ImportError> {
    let mut found = [None; 6];
    let (mut missing, mut repeated) = (Vec::new(), Vec::new());
    for (column, place) in CsvColumn::NEEDED.into_iter().zip(&mut found) {
        match positions(names, column) {
            (None, _) => missing.push(column),
            (Some(_), true) => repeated.push(column),
            (Some(at), false) => *place = Some(at),
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
        ] if repeated.is_empty() => Ok((date, domain, [processed, delivered, bounced, complained])),
        _ => Err(ImportError::RepeatedColumns { columns: repeated }),
    }
}

/// The columns of files with one metric or one message a row: the date, the domain and the rest.
fn long_shape(names: &[String]) -> Option<(usize, usize, RowKind)> {
    let at = |name: &str| names.iter().position(|named| normal_name(named) == name);
    if let (Some(metric), Some(value)) = (at("metric"), at("volume").or_else(|| at("value"))) {
        let date = positions(names, CsvColumn::Date).0?;
        let domain = positions(names, CsvColumn::Domain).0?;
        return Some((date, domain, RowKind::Metric { metric, value }));
    }
    let message = |date: &str, sender: &str, event: &str, format: MessageFormat| {
        let event = at(event)?;
        Some((at(date)?, at(sender)?, RowKind::Message { event, format }))
    };
    message("timelogged", "orig", "type", MessageFormat::PowerMta)
        .or_else(|| at("recipient").and_then(|_| message("timestamp", "sender", "type", MessageFormat::KumoMta)))
        .or_else(|| at("email_address").and_then(|_| message("date", "sender", "status", MessageFormat::Mandrill)))
}

/// The columns of daily counts that have another name than the documented one.
fn renamed(layout: &ColumnLayout, names: &[String]) -> Vec<(CsvColumn, String)> {
    let RowKind::Counts(counts) = layout.kind else {
        return Vec::new();
    };
    let columns = [(CsvColumn::Date, Some(layout.date)), (CsvColumn::Domain, layout.domain)];
    let counts = CsvColumn::COUNTS.into_iter().zip(counts.map(Some));
    let columns = columns
        .into_iter()
        .chain(counts)
        .chain([(CsvColumn::Account, layout.account)]);
    let named = columns.filter_map(|(column, at)| Some((column, names.get(at?)?)));
    named
        .filter(|(column, name)| !name.eq_ignore_ascii_case(column.name()))
        .map(|(column, name)| (column, shorten(name)))
        .collect()
}

impl ColumnLayout {
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
