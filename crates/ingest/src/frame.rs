//! Bytes into rows of cells: line ends, quotes, and what to do when quotes do not pair up.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::{memchr, memchr2, memchr3};

/// Bytes a row may take, line end included.
pub(super) const MAX_ROW_BYTES: usize = 64 * 1024;

/// After so many quotes left open, a quoted cell has to end on its line: it keeps a hostile file from being read over
/// and over.
const MAX_OPEN_QUOTES: u32 = 1_000;

/// The cells of one row, unquoted.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowCells<'a> {
    text: &'a [u8],
    /// Where each cell ends in `text`.
    ends: &'a [usize],
    /// Bytes between two cells: 1 where `text` still has its separators.
    gap: usize,
}

impl<'a> RowCells<'a> {
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cell at a position, without the white space around it; empty past the end.
    pub(super) fn get(&self, at: usize) -> &'a [u8] {
        let start = match at.checked_sub(1) {
            None => 0,
            Some(before) => self.ends.get(before).map_or(usize::MAX, |end| end + self.gap),
        };
        let end = self.ends.get(at).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default().trim_ascii()
    }

    /// Whether the row has quotes.
    pub(super) const fn are_quoted(&self) -> bool {
        self.gap == 0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        let cells = *self;
        (0..cells.len()).map(move |at| cells.get(at))
    }
}

/// What stands at the start of the bytes.
#[derive(Debug)]
pub(super) enum FileStart<'a> {
    /// The row, or the decision about it, needs bytes that are not here yet.
    More,
    /// A line without anything in it.
    Blank { bytes: usize },
    /// A row. `raw` is its text without the line end.
    Row {
        cells: RowCells<'a>,
        raw: &'a [u8],
        bytes: usize,
    },
    /// A quote opens on this line and closes nowhere near; `bytes` is the line alone.
    OpenQuote { bytes: usize },
    /// A line of more than [`MAX_ROW_BYTES`].
    TooLong,
}

/// Splits bytes into rows for one separator.
#[derive(Debug)]
pub(super) struct RowScanner {
    separator: u8,
    csv: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    open_quotes: u32,
}

impl RowScanner {
    pub(super) fn new(separator: u8) -> Self {
        Self {
            separator,
            csv: ReaderBuilder::new().delimiter(separator).build(),
            text: Vec::new(),
            ends: Vec::new(),
            open_quotes: 0,
        }
    }

    /// Reads what stands at the start of `bytes`. The answer does not depend on what follows it, nor on where the bytes
    /// are cut: a decision is made on a whole row or on [`MAX_ROW_BYTES`] of it.
    pub(super) fn next<'a>(&'a mut self, bytes: &'a [u8]) -> FileStart<'a> {
        let window = bytes.get(..MAX_ROW_BYTES).unwrap_or(bytes);
        let full = window.len() == MAX_ROW_BYTES;
        match memchr3(b'\n', b'\r', b'"', window) {
            None if full => FileStart::TooLong,
            None => FileStart::More,
            Some(at) if window.get(at) == Some(&b'"') => self.quoted(window, full),
            Some(at) => match line_end(window, at) {
                None if full => FileStart::TooLong,
                None => FileStart::More,
                Some(next) if at == 0 => FileStart::Blank { bytes: next },
                Some(next) => {
                    let raw = window.get(..at).unwrap_or_default();
                    self.split(raw);
                    FileStart::Row {
                        cells: RowCells {
                            text: raw,
                            ends: &self.ends,
                            gap: 1,
                        },
                        raw,
                        bytes: next,
                    }
                }
            },
        }
    }

    /// Splits a line that holds no quote.
    fn split(&mut self, raw: &[u8]) {
        self.ends.clear();
        let separator = self.separator;
        self.ends.extend(
            raw.iter()
                .enumerate()
                .filter(|&(_, &byte)| byte == separator)
                .map(|(at, _)| at),
        );
        self.ends.push(raw.len());
    }

    /// Reads a row with quotes in it by the csv family's state machine.
    fn quoted<'a>(&'a mut self, window: &'a [u8], full: bool) -> FileStart<'a> {
        let first_line = first_line(window);
        let (input, last_chance) = match first_line {
            Some(bytes) if self.open_quotes > MAX_OPEN_QUOTES => (window.get(..bytes).unwrap_or_default(), true),
            _ => (window, full),
        };
        match self.parse(input) {
            Some((raw, bytes, cells)) => FileStart::Row {
                cells: RowCells {
                    text: self.text.get(..cells.0).unwrap_or_default(),
                    ends: self.ends.get(..cells.1).unwrap_or_default(),
                    gap: 0,
                },
                raw: window.get(..raw).unwrap_or_default(),
                bytes,
            },
            None if last_chance => first_line.map_or(FileStart::TooLong, |bytes| FileStart::OpenQuote { bytes }),
            None => FileStart::More,
        }
    }

    /// Parses one row: the length of its text, its length with the line end, and how much of `text` and `ends` it took.
    /// `None` when it does not end in `input`.
    fn parse(&mut self, input: &[u8]) -> Option<(usize, usize, (usize, usize))> {
        self.csv.reset();
        self.text.resize(MAX_ROW_BYTES, 0);
        self.ends.resize(self.ends.len().max(64), 0);
        let (mut read, mut written, mut ended) = (0, 0, 0);
        loop {
            let (result, nin, nout, nend) = self.csv.read_record(
                input.get(read..)?,
                self.text.get_mut(written..)?,
                self.ends.get_mut(ended..)?,
            );
            read += nin;
            written += nout;
            ended += nend;
            match result {
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => break,
                _ => return None,
            }
        }
        let raw = read.checked_sub(1)?;
        Some((raw, line_end(input, raw)?, (written, ended)))
    }

    /// Notes that a quote was left open.
    pub(super) const fn count_open_quote(&mut self) {
        self.open_quotes = self.open_quotes.saturating_add(1);
    }
}

/// Where the next line starts, given where this one's CR or LF is; `None` after a CR that nothing follows yet, which may
/// be the first half of a CRLF.
fn line_end(bytes: &[u8], at: usize) -> Option<usize> {
    match (bytes.get(at)?, bytes.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(at + 2),
        (b'\r', None) => None,
        _ => Some(at + 1),
    }
}

/// The length of the first line with its line end.
pub(super) fn first_line(bytes: &[u8]) -> Option<usize> {
    line_end(bytes, memchr2(b'\n', b'\r', bytes)?)
}

/// Whether the bytes hold a line break.
pub(super) fn breaks(bytes: &[u8]) -> bool {
    memchr2(b'\n', b'\r', bytes).is_some()
}

/// How many lines end within the bytes.
pub(super) fn line_count(mut bytes: &[u8]) -> u64 {
    let mut lines = 0;
    while let Some(at) = memchr2(b'\n', b'\r', bytes) {
        lines += 1;
        bytes = bytes.get(line_end(bytes, at).unwrap_or(at + 1)..).unwrap_or_default();
    }
    lines
}

/// Whether a quote is still open after the bytes, counting quotes alone.
pub(super) fn odd_quotes(mut bytes: &[u8]) -> bool {
    let mut odd = false;
    while let Some(at) = memchr(b'"', bytes) {
        odd = !odd;
        bytes = bytes.get(at + 1..).unwrap_or_default();
    }
    odd
}

/// The positions of the cells in which text follows a closing quote: `"a"b`.
pub(super) fn loose_quotes(raw: &[u8], separator: u8) -> impl Iterator<Item = usize> {
    let mut rest = raw;
    let mut cell = 0;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let is_loose = match rest {
                [b'"', quoted @ ..] => {
                    let mut close = memchr(b'"', quoted);
                    while let Some(at) = close.filter(|at| quoted.get(at + 1) == Some(&b'"')) {
                        let more = quoted.get(at + 2..).and_then(|more| memchr(b'"', more));
                        close = more.map(|more| at + 2 + more);
                    }
                    rest = close.and_then(|at| quoted.get(at + 1..)).unwrap_or_default();
                    !matches!(rest.first(), None | Some(b'\r' | b'\n')) && rest.first() != Some(&separator)
                }
                _ => false,
            };
            let end = memchr(separator, rest).map_or(rest.len(), |at| at + 1);
            rest = rest.get(end..).unwrap_or_default();
            cell += 1;
            if is_loose {
                return Some(cell - 1);
            }
        }
    })
}
