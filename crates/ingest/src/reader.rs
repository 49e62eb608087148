//! The reader: takes bytes, collects rows, and returns a table.

use super::build::TableBuilder;
use super::columns::Separator;
use super::frame::{FileStart, MAX_ROW_BYTES, RowScanner, first_line, has_line_break, has_open_quote, line_count};
use super::header::{declared_separator, parse_header, sniff};
use super::limits::ImportLimits;
use super::options::ImportOptions;
use super::problem::{ImportError, UnsupportedEncoding};
use super::report::{Imported, RejectReason};
use super::rows::RowCollector;
use poolkeeper_core::text::quote;

/// Bytes handled at once, so that a large piece is not copied whole.
const PIECE_BYTES: usize = 256 * 1024;

const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// The progress of reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadProgress {
    /// Bytes read.
    pub bytes: u64,
    /// Rows accepted.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
}

/// Reads a CSV as a stream; see [the crate](crate).
#[derive(Debug)]
pub struct Ingest {
    options: ImportOptions,
    /// Bytes not yet split into rows.
    pending: Vec<u8>,
    bytes: u64,
    /// The line that `pending` starts on, from 1.
    line: u64,
    phase: ReaderPhase,
    failed: Option<ImportError>,
}

#[derive(Debug)]
enum ReaderPhase {
    /// Nothing read yet.
    Start,
    /// Before the header, with the separator of a `sep=` line, if any.
    Header(Option<Separator>),
    /// Reading rows.
    Rows(Box<BodyReader>),
}

#[derive(Debug)]
struct BodyReader {
    scanner: RowScanner,
    collector: RowCollector,
    /// Inside a line that is too long, which is skipped.
    is_skipping: bool,
}

impl Ingest {
    /// A reader at the start of a file.
    #[must_use]
    pub fn new(limits: ImportLimits) -> Self {
        Self::with_options(ImportOptions {
            limits,
            ..ImportOptions::default()
        })
    }

    /// A reader at the start of a file, with choices.
    #[must_use]
    pub const fn with_options(options: ImportOptions) -> Self {
        Self {
            options,
            pending: Vec::new(),
            bytes: 0,
            line: 1,
            phase: ReaderPhase::Start,
            failed: None,
        }
    }

    /// Reads the next bytes, any number of them.
    ///
    /// # Errors
    /// An [`ImportError`] when the file as a whole cannot be read. Further calls return the same error.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        for piece in bytes.chunks(PIECE_BYTES) {
            if let Some(problem) = &self.failed {
                return Err(problem.clone());
            }
            self.bytes += piece.len() as u64;
            self.pending.extend_from_slice(piece);
            self.advance(false)
                .inspect_err(|problem| self.failed = Some(problem.clone()))?;
        }
        Ok(())
    }

    /// Its progress.
    #[must_use]
    pub fn progress(&self) -> ReadProgress {
        let (rows, rejected) = match &self.phase {
            ReaderPhase::Rows(body) => (body.collector.rows, body.collector.notes.rejected.count),
            _ => (0, 0),
        };
        ReadProgress {
            bytes: self.bytes,
            rows,
            rejected,
        }
    }

    /// Ends the input and builds the table.
    ///
    /// # Errors
    /// An [`ImportError`] when the file as a whole cannot be used.
    pub fn finish(self) -> Result<Imported, ImportError> {
        let mut builder = self.into_table_builder()?;
        while !builder.step(u32::MAX) {}
        Ok(builder.finish())
    }

    /// Ends the input. The table is then built in steps, so that a page can draw between them.
    ///
    /// # Errors
    /// An [`ImportError`] when the file as a whole cannot be used.
    pub fn into_table_builder(mut self) -> Result<TableBuilder, ImportError> {
        if let Some(problem) = self.failed {
            return Err(problem);
        }
        let is_cut = !matches!(self.pending.last(), None | Some(b'\n'));
        if is_cut {
            self.pending.push(b'\n');
        }
        self.advance(true)?;
        match self.phase {
            ReaderPhase::Rows(body) => TableBuilder::new(body.collector, &self.options, self.bytes, self.line - 1),
            _ => Err(ImportError::Empty),
        }
    }

    /// Reads the pending bytes as far as possible; all of them if `at_end`.
    fn advance(&mut self, at_end: bool) -> Result<(), ImportError> {
        let mut pending = std::mem::take(&mut self.pending);
        let result = self.consume(&pending, at_end);
        pending.drain(..*result.as_ref().unwrap_or(&0));
        self.pending = pending;
        result.map(drop)
    }

    /// Reads from the start of `bytes`; returns how many it consumed.
    fn consume(&mut self, bytes: &[u8], at_end: bool) -> Result<usize, ImportError> {
        let mut consumed = 0;
        loop {
            let rest = bytes.get(consumed..).unwrap_or_default();
            match &mut self.phase {
                ReaderPhase::Start => {
                    if rest.len() < 4 && !at_end {
                        return Ok(consumed);
                    }
                    if let Some(unreadable) = sniff(rest) {
                        return Err(ImportError::Unreadable(unreadable));
                    }
                    consumed += if rest.starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
                    self.phase = ReaderPhase::Header(None);
                }
                ReaderPhase::Header(_) => match self.read_header(rest, at_end)? {
                    Some(read) => consumed += read,
                    None => return Ok(consumed),
                },
                ReaderPhase::Rows(body) => {
                    consumed += body.read(rest, at_end, &mut self.line);
                    return match &body.collector.limit_error {
                        Some(problem) => Err(problem.clone()),
                        None => Ok(consumed),
                    };
                }
            }
        }
    }

    /// Reads a line before the rows; returns its length, or `None` when it is incomplete.
    fn read_header(&mut self, rest: &[u8], at_end: bool) -> Result<Option<usize>, ImportError> {
        let ReaderPhase::Header(declared) = self.phase else {
            return Ok(None);
        };
        let mut length = 0;
        // A line end counts only if the quotes before it pair up.
        loop {
            let tail = rest.get(length..).unwrap_or_default();
            let Some(line) = first_line(tail) else {
                let is_endless = rest.len() >= MAX_ROW_BYTES || (at_end && !rest.is_empty());
                return if is_endless {
                    Err(ImportError::EndlessHeader)
                } else {
                    Ok(None)
                };
            };
            length += line;
            if length >= MAX_ROW_BYTES {
                return Err(ImportError::EndlessHeader);
            }
            if !has_open_quote(rest.get(..length).unwrap_or_default()) {
                break;
            }
        }
        let line = rest.get(..length).unwrap_or_default();
        self.line += line_count(line);
        if line.trim_ascii().is_empty() {
            return Ok(Some(length));
        }
        if line.contains(&0) {
            return Err(ImportError::Unreadable(UnsupportedEncoding::Utf16));
        }
        let separator = declared_separator(line).filter(|_| declared.is_none());
        self.phase = match separator {
            Some(separator) => ReaderPhase::Header(Some(separator)),
            None => {
                let layout = parse_header(line, declared)?;
                ReaderPhase::Rows(Box::new(BodyReader {
                    scanner: RowScanner::new(layout.separator.byte()),
                    collector: RowCollector::new(layout, self.options.clone()),
                    is_skipping: false,
                }))
            }
        };
        Ok(Some(length))
    }
}

impl BodyReader {
    /// Reads rows from the start of `bytes`; returns how many bytes it consumed, and advances `line`.
    fn read(&mut self, bytes: &[u8], at_end: bool, line: &mut u64) -> usize {
        let mut consumed = 0;
        loop {
            let rest = bytes.get(consumed..).unwrap_or_default();
            if rest.is_empty() {
                return consumed;
            }
            if self.is_skipping {
                match first_line(rest) {
                    Some(length) => {
                        self.is_skipping = false;
                        *line += 1;
                        consumed += length;
                        continue;
                    }
                    // Keep a CR at the end: an LF may follow.
                    None => return consumed + rest.len() - usize::from(rest.ends_with(b"\r")),
                }
            }
            let read = self.read_row(rest, at_end, *line);
            match read {
                Some((length, lines)) => {
                    consumed += length;
                    *line += lines;
                }
                None => return consumed,
            }
        }
    }

    /// Reads the row at the start of `rest`; returns its bytes and lines, or `None` when it is incomplete.
    fn read_row(&mut self, rest: &[u8], at_end: bool, line: u64) -> Option<(usize, u64)> {
        let open_quote = match self.scanner.next(rest) {
            FileStart::Blank { bytes } => {
                self.collector.blank_lines += 1;
                return Some((bytes, 1));
            }
            FileStart::Row { cells, raw, bytes } => {
                let lines = if has_line_break(raw) { line_count(raw) + 1 } else { 1 };
                if !cells.are_quoted() || self.collector.layout.is_whole(&cells, raw) {
                    self.collector.add_row(&cells, raw, line);
                    return Some((bytes, lines));
                }
                first_line(rest)
            }
            FileStart::OpenQuote { bytes } => Some(bytes),
            FileStart::More if at_end => first_line(rest),
            FileStart::More => return None,
            FileStart::TooLong => None,
        };
        let (reason, length) = match open_quote {
            Some(length) => {
                self.scanner.count_open_quote();
                (RejectReason::Quotes, length)
            }
            None => {
                self.is_skipping = true;
                (RejectReason::TooLong, 0)
            }
        };
        let text = || {
            quote(
                rest.get(..first_line(rest).unwrap_or(rest.len()))
                    .unwrap_or_default()
                    .trim_ascii(),
            )
        };
        self.collector.notes.reject(line, reason, text);
        Some((length, u64::from(length > 0)))
    }
}
