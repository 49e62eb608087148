//! The reader: bytes in, rows out, a result at the end.

use super::build::TableBuilder;
use super::frame::{FileStart, MAX_ROW_BYTES, RowScanner, breaks, first_line, line_count, odd_quotes};
use super::header::{declared_separator, layout, sniff};
use super::problem::{ImportError, UnsupportedEncoding};
use super::report::{Imported, RejectReason, quote};
use super::rows::RowCollector;

/// Bytes handled in one go, so that a large piece is not copied whole.
const PIECE_BYTES: usize = 256 * 1024;

const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// How much a file may make, and how much is said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportLimits {
    /// Rejected rows, and warnings, listed in detail. All are counted.
    pub details: usize,
    /// Days from the first to the last.
    pub days: u32,
    /// Domains times days; each takes 16 bytes and a bit, and 4 more while the table is built. Rows take nothing.
    pub cells: u64,
}

impl Default for ImportLimits {
    /// 1 000 details, ten years, 40 million domain-days: well under the 4 GB of a browser's tab.
    fn default() -> Self {
        Self {
            details: 1_000,
            days: 3_653,
            cells: 40_000_000,
        }
    }
}

/// How far the reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadProgress {
    /// Bytes taken.
    pub bytes: u64,
    /// Rows that will go in.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
}

/// Reads a CSV as it comes; see [the module](crate).
#[derive(Debug)]
pub struct Ingest {
    limits: ImportLimits,
    /// Bytes taken and not yet made into rows.
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
    /// Before the first line with names; whether a `sep=` line stood before it, and which.
    Header(Option<super::header::Separator>),
    /// Reading rows.
    Rows(Box<BodyReader>),
}

#[derive(Debug)]
struct BodyReader {
    scanner: RowScanner,
    collector: RowCollector,
    /// Inside a line that is too long, which is passed over up to its end.
    skipping: bool,
}

impl Ingest {
    /// A reader that has seen nothing.
    #[must_use]
    pub const fn new(limits: ImportLimits) -> Self {
        Self {
            limits,
            pending: Vec::new(),
            bytes: 0,
            line: 1,
            phase: ReaderPhase::Start,
            failed: None,
        }
    }

    /// Takes the next bytes, as many as there are.
    ///
    /// # Errors
    /// A [`Problem`] when the file as a whole cannot be read. More bytes then give the same one again.
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

    /// How far it is.
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

    /// Says that no more bytes come, and builds the table.
    ///
    /// # Errors
    /// A [`Problem`] when the file as a whole cannot be used.
    pub fn finish(self) -> Result<Imported, ImportError> {
        let mut building = self.close()?;
        while !building.step(u32::MAX) {}
        Ok(building.imported())
    }

    /// Says that no more bytes come. The table is then built in steps, so that a page can draw between them.
    ///
    /// # Errors
    /// A [`Problem`] when the file as a whole cannot be used.
    pub fn close(mut self) -> Result<TableBuilder, ImportError> {
        if let Some(problem) = self.failed {
            return Err(problem);
        }
        let is_cut = !matches!(self.pending.last(), None | Some(b'\n'));
        if is_cut {
            self.pending.push(b'\n');
        }
        self.advance(true)?;
        match self.phase {
            ReaderPhase::Rows(body) => TableBuilder::new(body.collector, self.limits, self.bytes, self.line - 1),
            _ => Err(ImportError::Empty),
        }
    }

    /// Makes rows of what is pending, as far as it goes; to the very end when nothing follows.
    fn advance(&mut self, at_end: bool) -> Result<(), ImportError> {
        let mut pending = std::mem::take(&mut self.pending);
        let result = self.consume(&pending, at_end);
        pending.drain(..*result.as_ref().unwrap_or(&0));
        self.pending = pending;
        result.map(drop)
    }

    /// Reads from the start of `bytes` and says how many it used up.
    fn consume(&mut self, bytes: &[u8], at_end: bool) -> Result<usize, ImportError> {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            match &mut self.phase {
                ReaderPhase::Start => {
                    if rest.len() < 4 && !at_end {
                        return Ok(used);
                    }
                    if let Some(unreadable) = sniff(rest) {
                        return Err(ImportError::Unreadable(unreadable));
                    }
                    used += if rest.starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
                    self.phase = ReaderPhase::Header(None);
                }
                ReaderPhase::Header(_) => match self.header(rest, at_end)? {
                    Some(read) => used += read,
                    None => return Ok(used),
                },
                ReaderPhase::Rows(body) => {
                    used += body.read(rest, at_end, &mut self.line);
                    return match &body.collector.full {
                        Some(problem) => Err(problem.clone()),
                        None => Ok(used),
                    };
                }
            }
        }
    }

    /// Reads a line before the rows and says how long it is; `None` when it is not all here.
    fn header(&mut self, rest: &[u8], at_end: bool) -> Result<Option<usize>, ImportError> {
        let ReaderPhase::Header(declared) = self.phase else {
            return Ok(None);
        };
        let mut length = 0;
        // A line ends where the quotes up to it pair up.
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
            if !odd_quotes(rest.get(..length).unwrap_or_default()) {
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
                let layout = layout(line, declared)?;
                ReaderPhase::Rows(Box::new(BodyReader {
                    scanner: RowScanner::new(layout.separator.byte()),
                    collector: RowCollector::new(layout, self.limits),
                    skipping: false,
                }))
            }
        };
        Ok(Some(length))
    }
}

impl BodyReader {
    /// Reads rows from the start of `bytes` and says how many bytes it used up; `line` counts on.
    fn read(&mut self, bytes: &[u8], at_end: bool, line: &mut u64) -> usize {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            if rest.is_empty() {
                return used;
            }
            if self.skipping {
                match first_line(rest) {
                    Some(length) => {
                        self.skipping = false;
                        *line += 1;
                        used += length;
                        continue;
                    }
                    // A CR at the very end stays: an LF may follow.
                    None => return used + rest.len() - usize::from(rest.ends_with(b"\r")),
                }
            }
            let read = self.row(rest, at_end, *line);
            match read {
                Some((length, lines)) => {
                    used += length;
                    *line += lines;
                }
                None => return used,
            }
        }
    }

    /// Reads the row at the start of `rest`: how many bytes and lines it takes. `None` when it is not all here.
    fn row(&mut self, rest: &[u8], at_end: bool, line: u64) -> Option<(usize, u64)> {
        let open_quote = match self.scanner.next(rest) {
            FileStart::Blank { bytes } => {
                self.collector.blank_lines += 1;
                return Some((bytes, 1));
            }
            FileStart::Row { cells, raw, bytes } => {
                let lines = if breaks(raw) { line_count(raw) + 1 } else { 1 };
                if !cells.are_quoted() || self.collector.layout.is_whole(&cells, raw) {
                    self.collector.take(&cells, raw, line);
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
                self.skipping = true;
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
