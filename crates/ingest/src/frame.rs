//! Splits bytes into rows of cells: line ends, quotes, and unpaired quotes.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::{memchr, memchr2, memchr3, memrchr2};

/// The maximum length of a row with its line end.
pub(super) const MAX_ROW_BYTES: usize = 64 * 1024;

/// After this many open quotes, a quoted cell must end on its line. Without this limit a hostile file would be read
/// many times over.
const MAX_OPEN_QUOTES: u32 = 1_000;

/// The cells of one row, unquoted.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowCells<'a> {
    text: &'a [u8],
    /// The end of each cell in `text`.
    ends: &'a [usize],
    /// Bytes between two cells: 1 if `text` still has its separators, else 0.
    separator_len: usize,
}

impl<'a> RowCells<'a> {
    /// Cells without separators between them.
    pub(super) const fn of(text: &'a [u8], ends: &'a [usize]) -> Self {
        Self {
            text,
            ends,
            separator_len: 0,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// The trimmed cell at a position; empty after the last.
    pub(super) fn get(&self, at: usize) -> &'a [u8] {
        let start = match at.checked_sub(1) {
            None => 0,
            Some(before) => self.ends.get(before).map_or(usize::MAX, |end| end + self.separator_len),
        };
        let end = self.ends.get(at).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default().trim_ascii()
    }

    /// Whether the row has quotes.
    pub(super) const fn are_quoted(&self) -> bool {
        self.separator_len == 0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        let cells = *self;
        (0..cells.len()).map(move |at| cells.get(at))
    }
}

/// The result of reading at the start of the bytes.
#[derive(Debug)]
pub(super) enum FileStart<'a> {
    /// More bytes are needed.
    More,
    /// An empty line.
    Blank { bytes: usize },
    /// A row. `raw` is its text without the line end, `bytes` its length with it.
    Row {
        cells: RowCells<'a>,
        raw: &'a [u8],
        bytes: usize,
    },
    /// A quote opens on this line and does not close within the limits; `bytes` is the length of this line only.
    OpenQuote { bytes: usize },
    /// A line of more than [`MAX_ROW_BYTES`].
    TooLong,
    /// A line that should be a JSON object, and is not.
    NotJson { bytes: usize },
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

    /// Reads the row at the start of `bytes`. The result depends only on a whole row or [`MAX_ROW_BYTES`] of it, so it
    /// does not depend on where the input is cut.
    pub(super) fn next<'a>(&'a mut self, bytes: &'a [u8]) -> FileStart<'a> {
        let window = bytes.get(..MAX_ROW_BYTES).unwrap_or(bytes);
        let is_full = window.len() == MAX_ROW_BYTES;
        match memchr3(b'\n', b'\r', b'"', window) {
            None if is_full => FileStart::TooLong,
            None => FileStart::More,
            Some(at) if window.get(at) == Some(&b'"') => self.next_quoted(window, is_full),
            Some(at) => match line_end(window, at) {
                None if is_full => FileStart::TooLong,
                None => FileStart::More,
                Some(next) if at == 0 => FileStart::Blank { bytes: next },
                Some(next) => {
                    let raw = window.get(..at).unwrap_or_default();
                    self.split(raw);
                    FileStart::Row {
                        cells: RowCells {
                            text: raw,
                            ends: &self.ends,
                            separator_len: 1,
                        },
                        raw,
                        bytes: next,
                    }
                }
            },
        }
    }

    /// Splits a line without quotes.
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

    /// Reads a row with quotes, by the state machine of `csv_core`.
    fn next_quoted<'a>(&'a mut self, window: &'a [u8], is_full: bool) -> FileStart<'a> {
        let first_line = first_line(window);
        let (input, is_final) = match first_line {
            Some(bytes) if self.open_quotes > MAX_OPEN_QUOTES => (window.get(..bytes).unwrap_or_default(), true),
            _ => (window, is_full),
        };
        match self.parse(input) {
            Some((raw, bytes, cells)) => FileStart::Row {
                cells: RowCells {
                    text: self.text.get(..cells.0).unwrap_or_default(),
                    ends: self.ends.get(..cells.1).unwrap_or_default(),
                    separator_len: 0,
                },
                raw: window.get(..raw).unwrap_or_default(),
                bytes,
            },
            None if is_final => first_line.map_or(FileStart::TooLong, |bytes| FileStart::OpenQuote { bytes }),
            None => FileStart::More,
        }
    }

    /// Parses one row. Returns the length of its text, its length with the line end, and the used lengths of `text` and
    /// `ends`. `None` when it does not end in `input`.
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

    /// Counts an open quote.
    pub(super) const fn count_open_quote(&mut self) {
        self.open_quotes = self.open_quotes.saturating_add(1);
    }
}

/// The start of the next line, given the position of a CR or LF. `None` after a CR at the end, which may be the first
/// half of a CRLF.
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

/// Whether the bytes have a line break.
pub(super) fn has_line_break(bytes: &[u8]) -> bool {
    memchr2(b'\n', b'\r', bytes).is_some()
}

/// The number of line ends in the bytes.
pub(super) fn line_count(mut bytes: &[u8]) -> u64 {
    let mut lines = 0;
    while let Some(at) = memchr2(b'\n', b'\r', bytes) {
        lines += 1;
        bytes = bytes.get(line_end(bytes, at).unwrap_or(at + 1)..).unwrap_or_default();
    }
    lines
}

/// The length of the blank lines at the start of white space, with their ends. If more may follow, a CR at the end may be
/// the first half of a CRLF.
pub(super) fn blank_lines(space: &[u8], is_end_known: bool) -> usize {
    let space = if is_end_known {
        space
    } else {
        space.strip_suffix(b"\r").unwrap_or(space)
    };
    memrchr2(b'\n', b'\r', space).map_or(0, |at| at + 1)
}

/// Whether the number of quotes is odd.
pub(super) fn has_open_quote(mut bytes: &[u8]) -> bool {
    let mut is_open = false;
    while let Some(at) = memchr(b'"', bytes) {
        is_open = !is_open;
        bytes = bytes.get(at + 1..).unwrap_or_default();
    }
    is_open
}

/// The positions of cells with text after a closing quote: `"a"b`.
pub(super) fn cells_with_text_after_quote(raw: &[u8], separator: u8) -> impl Iterator<Item = usize> {
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
