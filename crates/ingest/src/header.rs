//! The header: the separator and the columns' positions.

use super::cells::{parse_count, parse_date};
use super::columns::{CsvColumn, Separator};
use super::frame::{FileStart, RowCells, RowScanner, cells_with_text_after_quote, has_line_break};
use super::problem::{ImportError, UnsupportedEncoding};
use poolkeeper_core::text::shorten;

/// The positions of the columns.
#[derive(Clone, Debug)]
pub(super) struct ColumnLayout {
    pub(super) separator: Separator,
    pub(super) date: usize,
    pub(super) domain: usize,
    /// In the order of [`CsvColumn::COUNTS`].
    pub(super) counts: [usize; 4],
    pub(super) account: Option<usize>,
    /// The number of cells of a row.
    pub(super) cells: usize,
    /// Names of the columns that are not read.
    pub(super) ignored: Vec<String>,
}

/// Detects an unsupported encoding by a file's first bytes.
pub(super) fn sniff(start: &[u8]) -> Option<UnsupportedEncoding> {
    match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..] => Some(UnsupportedEncoding::Utf16),
        [b'P', b'K', 3, 4, ..] => Some(UnsupportedEncoding::Workbook),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(UnsupportedEncoding::Workbook),
        [0x1f, 0x8b, ..] => Some(UnsupportedEncoding::Compressed),
        _ => None,
    }
}

/// The separator of a line `sep=;`, which some spreadsheets write before the header.
pub(super) fn declared_separator(line: &[u8]) -> Option<Separator> {
    // Not trimmed: the separator may be a tab.
    let rest = line
        .get(4..)
        .filter(|_| line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"sep=")))?;
    let [byte, line_end @ ..] = rest else { return None };
    let separator = Separator::ALL.into_iter().find(|separator| separator.byte() == *byte)?;
    line_end.trim_ascii().is_empty().then_some(separator)
}

/// Parses the header. Without a declared separator it takes the one that gives the most known columns, and among equals
/// the most cells.
pub(super) fn parse_header(line: &[u8], declared: Option<Separator>) -> Result<ColumnLayout, ImportError> {
    if std::str::from_utf8(line).is_err() {
        return Err(ImportError::Unreadable(UnsupportedEncoding::NotUtf8));
    }
    let names = |separator: Separator| -> Vec<String> {
        let mut scanner = RowScanner::new(separator.byte());
        let mut line = line.to_vec();
        line.push(b'\n');
        match scanner.next(&line) {
            FileStart::Row { cells, .. } => cells.iter().map(text).collect(),
            _ => Vec::new(),
        }
    };
    let known = |names: &[String]| names.iter().filter(|name| CsvColumn::of(name).is_some()).count();
    let choices = declared.map_or(Separator::ALL.to_vec(), |separator| vec![separator]);
    let best = choices
        .into_iter()
        .rev()
        .map(|separator| (separator, names(separator)))
        .max_by_key(|(_, names)| (known(names), names.len()));
    best.map_or(Err(ImportError::Empty), |(separator, names)| {
        find_columns(separator, &names)
    })
}

/// Finds each column's position.
fn find_columns(separator: Separator, names: &[String]) -> Result<ColumnLayout, ImportError> {
    let positions = |column: CsvColumn| {
        let named = names.iter().enumerate();
        let mut at = named.filter(move |(_, name)| CsvColumn::of(name) == Some(column));
        (at.next().map(|(at, _)| at), at.next().is_some())
    };
    let mut positions_found = [0; 6];
    let (mut missing, mut repeated) = (Vec::new(), Vec::new());
    for (column, position) in CsvColumn::NEEDED.into_iter().zip(&mut positions_found) {
        match positions(column) {
            (None, _) => missing.push(column),
            (Some(_), true) => repeated.push(column),
            (Some(at), false) => *position = at,
        }
    }
    let (account, accounts) = positions(CsvColumn::Account);
    if accounts {
        repeated.push(CsvColumn::Account);
    }
    if !missing.is_empty() {
        let found = names.iter().map(|name| shorten(name)).take(40).collect();
        return Err(ImportError::MissingColumns { missing, found });
    }
    if !repeated.is_empty() {
        return Err(ImportError::RepeatedColumns { columns: repeated });
    }
    let [date, domain, counts @ ..] = positions_found;
    let ignored = names
        .iter()
        .filter(|name| CsvColumn::of(name).is_none() && !name.is_empty());
    Ok(ColumnLayout {
        separator,
        date,
        domain,
        counts,
        account,
        cells: names.len(),
        ignored: ignored.map(|name| shorten(name)).take(100).collect(),
    })
}

fn text(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().to_owned()
}

impl ColumnLayout {
    /// Whether a row with quotes is one row, and not several joined by a stray quote. On one line, text after a closing
    /// quote is allowed in ignored columns only. On several lines, the row must have the right number of cells, line
    /// breaks in ignored columns only, and no line in them that looks like a row.
    pub(super) fn is_whole(&self, cells: &RowCells<'_>, raw: &[u8]) -> bool {
        let is_read = |cell: usize| {
            let mut read = [self.date, self.domain]
                .into_iter()
                .chain(self.counts)
                .chain(self.account);
            read.any(|at| at == cell)
        };
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
            parse_date(cell(self.date)).is_ok() && self.counts.iter().all(|&at| parse_count(cell(at)).is_ok())
        })
    }
}
