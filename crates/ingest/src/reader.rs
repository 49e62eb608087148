//! The reader: takes bytes, collects rows, and returns a table.

use super::body::{BodyReader, RowSource};
use super::build::TableBuilder;
use super::columns::Separator;
use super::decoder::TextDecoder;
use super::frame::{MAX_ROW_BYTES, RowScanner, blank_lines, first_line, has_open_quote, line_count};
use super::header::{declared_separator, parse_header};
use super::json::{JsonStart, MAX_DOCUMENT_BYTES, json_start, read_document};
use super::layout::ColumnLayout;
use super::limits::ImportLimits;
use super::notes::ImportNote;
use super::options::ImportOptions;
use super::problem::{ImportError, UnsupportedEncoding};
use super::report::{CountedSample, Imported};
use super::rows::RowCollector;
use super::unpack::Unpacker;
use super::unpacked::Unpacked;
use poolkeeper_core::text::shorten;
use std::sync::Arc;

/// Bytes handled at once, so that a large piece is not copied whole.
const PIECE_BYTES: usize = 256 * 1024;

/// Lines with text before the header, such as a title.
const MAX_TITLE_LINES: u64 = 20;

/// Names of files of an archive that are not read, at most.
const MAX_LEFT_OUT: usize = 10;

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
    unpacker: Unpacker,
    decoder: TextDecoder,
    /// Bytes not yet split into rows.
    pending: Vec<u8>,
    bytes: u64,
    /// The line that `pending` starts on, from 1.
    line: u64,
    phase: ReaderPhase,
    /// The rows of the files before.
    held: Option<Box<RowCollector>>,
    /// The name of the file, where there are several.
    file: Option<Arc<str>>,
    /// The name of an archive, among several files.
    archive: Option<Arc<str>>,
    /// Whether a file of an archive has begun.
    has_member: bool,
    /// Files of an archive that are not read.
    left_out: CountedSample<String>,
    /// Lines of the files before.
    lines_before: u64,
    /// Rows to keep for a preview.
    preview_rows: usize,
    failed: Option<ImportError>,
}

#[derive(Debug)]
enum ReaderPhase {
    /// Before the header.
    Header(HeaderSearch),
    /// A JSON document, which is read at its end.
    Document,
    /// The end of a JSON document.
    ReadDocument(Box<RowCollector>),
    /// Reading rows.
    Rows(Box<BodyReader>),
}

/// What was read before the header.
#[derive(Debug, Default)]
struct HeaderSearch {
    /// The separator of a `sep=` line, if any.
    declared: Option<Separator>,
    /// Lines with text that are not the header.
    title_lines: u64,
    /// Why the line with the most known columns is not the header, and how many columns it has.
    best: Option<(usize, ImportError)>,
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
    pub fn with_options(options: ImportOptions) -> Self {
        let encoding = options.mapping.encoding;
        Self {
            options,
            unpacker: Unpacker::default(),
            decoder: TextDecoder::new(encoding),
            pending: Vec::new(),
            bytes: 0,
            line: 1,
            phase: ReaderPhase::Header(HeaderSearch::default()),
            held: None,
            file: None,
            archive: None,
            has_member: false,
            left_out: CountedSample::default(),
            lines_before: 0,
            preview_rows: 0,
            failed: None,
        }
    }

    /// Begins the next of several files, whose rows are added to those of the files before. A row that repeats one of
    /// another file is a repeat, too. Each file may be written in its own way; messages have its name.
    ///
    /// # Errors
    /// An [`ImportError`] when the file before cannot be used.
    pub fn begin_file(&mut self, name: &str) -> Result<(), ImportError> {
        let result = if self.file.is_some() || self.bytes > 0 {
            self.end_file()
        } else {
            Ok(())
        };
        result.inspect_err(|problem| self.failed = Some(problem.clone()))?;
        self.file = Some(name.into());
        self.archive.clone_from(&self.file);
        Ok(())
    }

    /// Reads what is left of a file.
    fn end_file(&mut self) -> Result<(), ImportError> {
        if let Some(problem) = &self.failed {
            return Err(problem.clone());
        }
        let unpacker = std::mem::take(&mut self.unpacker);
        unpacker.finish(&mut |found| self.take(found))?;
        if self.left_out.count > 0 && !self.has_member {
            let members = std::mem::take(&mut self.left_out.shown);
            return Err(ImportError::NoTrafficInArchive { members });
        }
        self.end_text()?;
        self.has_member = false;
        let left_out = std::mem::take(&mut self.left_out);
        if let (Some(held), Some(first)) = (&mut self.held, left_out.shown.first()) {
            let (members, first) = (left_out.count, first.clone());
            let note = ImportNote::MembersLeftOut { members, first };
            held.file_notes.push((self.archive.clone(), note));
        }
        Ok(())
    }

    /// Reads what is left of a text.
    fn end_text(&mut self) -> Result<(), ImportError> {
        self.decoder.finish(&mut self.pending)?;
        let is_cut = !matches!(self.pending.last(), None | Some(b'\n'));
        if is_cut {
            self.pending.push(b'\n');
        }
        self.advance(true)?;
        let phase = std::mem::replace(&mut self.phase, ReaderPhase::Header(HeaderSearch::default()));
        let mut collector = match phase {
            ReaderPhase::Rows(body) => Box::new(body.collector),
            ReaderPhase::ReadDocument(collector) => collector,
            ReaderPhase::Header(search) => return Err(search.best.map_or(ImportError::Empty, |(_, problem)| problem)),
            ReaderPhase::Document => return Err(ImportError::Empty),
        };
        if let Some(problem) = collector.limit_error.take() {
            return Err(problem);
        }
        collector.end_file(self.decoder.encoding());
        self.held = Some(collector);
        self.lines_before += self.line - 1;
        self.line = 1;
        self.decoder = TextDecoder::new(self.options.mapping.encoding);
        self.pending.clear();
        Ok(())
    }

    /// A reader that keeps the first rows, for a preview.
    pub(super) fn for_preview(options: ImportOptions, rows: usize) -> Self {
        Self {
            preview_rows: rows,
            ..Self::with_options(options)
        }
    }

    /// Ends the input after the first bytes of a file, whose last line may be cut, and returns what was read.
    pub(super) fn into_collector(mut self, is_whole: bool) -> Result<Box<RowCollector>, ImportError> {
        if !is_whole {
            let whole_lines = memchr::memrchr2(b'\n', b'\r', &self.pending).map_or(0, |at| at + 1);
            self.pending.truncate(whole_lines);
            self.unpacker = Unpacker::default();
        }
        self.end_file()?;
        self.held.ok_or(ImportError::Empty)
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
            self.unpack(piece)
                .inspect_err(|problem| self.failed = Some(problem.clone()))?;
        }
        Ok(())
    }

    /// Unpacks and decodes a piece, and reads it as far as possible.
    fn unpack(&mut self, piece: &[u8]) -> Result<(), ImportError> {
        let mut unpacker = std::mem::take(&mut self.unpacker);
        let result = unpacker.unpack(piece, &mut |found| self.take(found));
        self.unpacker = unpacker;
        result
    }

    /// Takes what was unpacked.
    fn take(&mut self, found: Unpacked<'_>) -> Result<(), ImportError> {
        match found {
            Unpacked::Bytes(bytes) => {
                self.decoder.decode(bytes, &mut self.pending)?;
                self.advance(false)
            }
            Unpacked::Member(name) => {
                if std::mem::replace(&mut self.has_member, true) {
                    self.end_text()?;
                }
                let archive = self.archive.as_ref();
                let name = archive.map_or_else(|| name.to_owned(), |archive| format!("{archive}/{name}"));
                self.file = Some(name.into());
                Ok(())
            }
            Unpacked::LeftOut(name) => {
                self.left_out.push(MAX_LEFT_OUT, || shorten(name));
                Ok(())
            }
        }
    }

    /// Its progress.
    #[must_use]
    pub fn progress(&self) -> ReadProgress {
        let (rows, rejected) = match &self.phase {
            ReaderPhase::Rows(body) => (body.collector.rows, body.collector.notes.rejected.count),
            ReaderPhase::ReadDocument(collector) => (collector.rows, collector.notes.rejected.count),
            ReaderPhase::Header(_) | ReaderPhase::Document => {
                let held = self.held.as_ref();
                held.map_or((0, 0), |held| (held.rows, held.notes.rejected.count))
            }
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
        self.end_file()?;
        let collector = self.held.map(|held| *held).ok_or(ImportError::Empty)?;
        TableBuilder::new(collector, &self.options, self.bytes, self.lines_before)
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
                ReaderPhase::Header(search) => {
                    let blank = rest.len() - rest.trim_ascii_start().len();
                    let blank_lines = blank_lines(rest.get(..blank).unwrap_or_default(), at_end || blank < rest.len());
                    if blank_lines > 0 {
                        // All at once: one by one, each would be looked at again for every other.
                        self.line += line_count(rest.get(..blank_lines).unwrap_or_default());
                        consumed += blank_lines;
                        continue;
                    }
                    let is_first = search.title_lines == 0 && search.declared.is_none();
                    match rest.get(blank) {
                        Some(b'{' | b'[') if is_first => {
                            match json_start(rest.get(blank..).unwrap_or_default(), at_end) {
                                JsonStart::More => return Ok(consumed),
                                JsonStart::Document => self.phase = ReaderPhase::Document,
                                JsonStart::Lines(mut scanner) => {
                                    consumed += blank;
                                    let layout = scanner.layout(&self.options.mapping)?;
                                    self.begin_rows(RowSource::Json(*scanner), layout, 0);
                                }
                            }
                        }
                        _ => match self.read_header(rest, at_end)? {
                            Some(read) => consumed += read,
                            None => return Ok(consumed),
                        },
                    }
                }
                ReaderPhase::Document if rest.len() > MAX_DOCUMENT_BYTES => {
                    let limit_bytes = MAX_DOCUMENT_BYTES as u64;
                    return Err(ImportError::JsonTooLarge { limit_bytes });
                }
                ReaderPhase::Document if at_end => {
                    let collector = read_document(
                        rest,
                        &self.options,
                        self.held.take(),
                        self.file.as_ref(),
                        self.preview_rows,
                    )?;
                    self.line += line_count(rest);
                    self.phase = ReaderPhase::ReadDocument(collector);
                    return Ok(bytes.len());
                }
                ReaderPhase::Document | ReaderPhase::ReadDocument(_) => return Ok(consumed),
                ReaderPhase::Rows(body) => {
                    if !body.take_sample(rest, at_end, &self.options)? {
                        return Ok(consumed);
                    }
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
        let ReaderPhase::Header(search) = &mut self.phase else {
            return Ok(None);
        };
        let mut length = 0;
        // A line end counts only if the quotes before it pair up.
        loop {
            let tail = rest.get(length..).unwrap_or_default();
            let Some(line) = first_line(tail) else {
                let is_endless = rest.len() >= MAX_ROW_BYTES || (at_end && !rest.is_empty());
                return if is_endless {
                    Err(search
                        .best
                        .take()
                        .map_or(ImportError::EndlessHeader, |(_, problem)| problem))
                } else {
                    Ok(None)
                };
            };
            length += line;
            if length >= MAX_ROW_BYTES {
                return Err(search
                    .best
                    .take()
                    .map_or(ImportError::EndlessHeader, |(_, problem)| problem));
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
            return Err(ImportError::Unreadable(UnsupportedEncoding::Binary));
        }
        if let Some(separator) = declared_separator(line).filter(|_| search.declared.is_none()) {
            search.declared = Some(separator);
            return Ok(Some(length));
        }
        let separator = self.options.mapping.separator.or(search.declared);
        match parse_header(line, separator, &self.options.mapping) {
            Ok(layout) => {
                let title_lines = search.title_lines;
                let source = RowSource::Csv(Box::new(RowScanner::new(layout.separator.byte())));
                self.begin_rows(source, layout, title_lines);
            }
            // Only a header names so many columns.
            Err((_, problem)) if !problem.is_of_a_title() => return Err(problem),
            Err((known, problem)) => {
                search.title_lines += 1;
                if search.best.as_ref().is_none_or(|(best, _)| known > *best) {
                    search.best = Some((known, problem));
                }
                if search.title_lines > MAX_TITLE_LINES {
                    let best = search.best.take();
                    return Err(best.map_or(ImportError::Empty, |(_, problem)| problem));
                }
            }
        }
        Ok(Some(length))
    }

    fn begin_rows(&mut self, source: RowSource, layout: ColumnLayout, title_lines: u64) {
        let mut collector = RowCollector::continued(self.held.take(), layout, &self.options, self.file.as_ref());
        collector.title_lines = title_lines;
        collector.preview.max_rows = self.preview_rows;
        self.phase = ReaderPhase::Rows(Box::new(BodyReader::new(source, *collector)));
    }
}
