//! The first line: its separator and where the columns are.

use super::cells::{count, date};
use super::frame::{FileStart, RowCells, RowScanner, breaks, loose_quotes};
use super::problem::{ImportError, UnsupportedEncoding};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CsvColumn {
    /// `date`
    Date,
    /// `domain`
    Domain,
    /// `processed`
    Processed,
    /// `delivered`
    Delivered,
    /// `bounced`
    Bounced,
    /// `complained`
    Complained,
    /// `account`, the only one that may be missing.
    Account,
}

impl CsvColumn {
    /// The columns a file must have, in the order they are documented.
    pub const NEEDED: [Self; 6] = [
        Self::Date,
        Self::Domain,
        Self::Processed,
        Self::Delivered,
        Self::Bounced,
        Self::Complained,
    ];

    /// The columns that hold counts.
    pub const COUNTS: [Self; 4] = [Self::Processed, Self::Delivered, Self::Bounced, Self::Complained];

    /// Its name in the first line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Domain => "domain",
            Self::Processed => "processed",
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Account => "account",
        }
    }

    fn of(name: &str) -> Option<Self> {
        let mut all = Self::NEEDED.into_iter().chain([Self::Account]);
        all.find(|column| name.eq_ignore_ascii_case(column.name()))
    }
}

impl fmt::Display for CsvColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
}

impl Separator {
    const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
        })
    }
}

/// Where the columns are.
#[derive(Clone, Debug)]
pub(super) struct ColumnLayout {
    pub(super) separator: Separator,
    pub(super) date: usize,
    pub(super) domain: usize,
    /// In the order of [`Column::COUNTS`].
    pub(super) counts: [usize; 4],
    pub(super) account: Option<usize>,
    /// Cells a row must have.
    pub(super) cells: usize,
    /// Names of the columns that are not read.
    pub(super) ignored: Vec<String>,
}

/// What the bytes at the very start of a file give away.
pub(super) fn sniff(start: &[u8]) -> Option<UnsupportedEncoding> {
    match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..] => Some(UnsupportedEncoding::Utf16),
        [b'P', b'K', 3, 4, ..] => Some(UnsupportedEncoding::Workbook),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(UnsupportedEncoding::Workbook),
        [0x1f, 0x8b, ..] => Some(UnsupportedEncoding::Compressed),
        _ => None,
    }
}

/// The separator of a line `sep=;`, which spreadsheets write before the header.
pub(super) fn declared_separator(line: &[u8]) -> Option<Separator> {
    // Not trimmed: the separator may be a tab.
    let rest = line
        .get(4..)
        .filter(|_| line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"sep=")))?;
    let [byte, line_end @ ..] = rest else { return None };
    let separator = Separator::ALL.into_iter().find(|separator| separator.byte() == *byte)?;
    line_end.trim_ascii().is_empty().then_some(separator)
}

/// Reads the header. Without a declared separator it is the one under which most columns are found, and among equals
/// the one under which most cells are.
pub(super) fn layout(line: &[u8], declared: Option<Separator>) -> Result<ColumnLayout, ImportError> {
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
    best.map_or(Err(ImportError::Empty), |(separator, names)| place(separator, &names))
}

/// Finds each column's position.
fn place(separator: Separator, names: &[String]) -> Result<ColumnLayout, ImportError> {
    let positions = |column: CsvColumn| {
        let named = names.iter().enumerate();
        let mut at = named.filter(move |(_, name)| CsvColumn::of(name) == Some(column));
        (at.next().map(|(at, _)| at), at.next().is_some())
    };
    let mut places = [0; 6];
    let (mut missing, mut twice) = (Vec::new(), Vec::new());
    for (column, place) in CsvColumn::NEEDED.into_iter().zip(&mut places) {
        match positions(column) {
            (None, _) => missing.push(column),
            (Some(_), true) => twice.push(column),
            (Some(at), false) => *place = at,
        }
    }
    let (account, accounts) = positions(CsvColumn::Account);
    if accounts {
        twice.push(CsvColumn::Account);
    }
    if !missing.is_empty() {
        let found = names.iter().map(|name| super::report::shorten(name)).take(40).collect();
        return Err(ImportError::MissingColumns { missing, found });
    }
    if !twice.is_empty() {
        return Err(ImportError::RepeatedColumns { columns: twice });
    }
    let [date, domain, counts @ ..] = places;
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
        ignored: ignored.map(|name| super::report::shorten(name)).take(100).collect(),
    })
}

fn text(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().to_owned()
}

impl ColumnLayout {
    /// Whether a row with quotes is one row, and not several that a stray quote runs together. Text after a closing quote
    /// is let pass in a cell that is not read, as long as the row is on one line. A row of several lines has the right
    /// number of cells, no break in a cell that is read, and no line in the others that would do as a row.
    pub(super) fn is_whole(&self, cells: &RowCells<'_>, raw: &[u8]) -> bool {
        let is_read = |cell: usize| {
            let mut read = [self.date, self.domain]
                .into_iter()
                .chain(self.counts)
                .chain(self.account);
            read.any(|at| at == cell)
        };
        let separator = self.separator.byte();
        if !breaks(raw) {
            return !loose_quotes(raw, separator).any(is_read);
        }
        let is_sound = |cell: usize| {
            let text = cells.get(cell);
            !breaks(text) || (!is_read(cell) && !self.holds_row(text))
        };
        cells.len() == self.cells && (0..cells.len()).all(is_sound) && loose_quotes(raw, separator).next().is_none()
    }

    /// Whether a line of a cell's text, after its first, has a date and counts where they belong.
    fn holds_row(&self, text: &[u8]) -> bool {
        let separator = self.separator.byte();
        let mut lines = text.split(|byte| matches!(byte, b'\r' | b'\n')).skip(1);
        lines.any(|line| {
            let cell = |at| {
                line.split(|&byte| byte == separator)
                    .nth(at)
                    .unwrap_or_default()
                    .trim_ascii()
            };
            date(cell(self.date)).is_ok() && self.counts.iter().all(|&at| count(cell(at)).is_ok())
        })
    }
}
