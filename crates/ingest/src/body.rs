//! Reads the rows after the header.

use super::frame::{FileStart, RowScanner, first_line, has_line_break, line_count};
use super::json::JsonScanner;
use super::options::ImportOptions;
use super::problem::ImportError;
use super::report::RejectReason;
use super::rows::RowCollector;
use super::sample::{MAX_SAMPLE_BYTES, SAMPLE_BYTES, SampleEvidence};
use poolkeeper_core::text::quote;

/// Where rows come from.
#[derive(Debug)]
pub(super) enum RowSource {
    Csv(Box<RowScanner>),
    Json(JsonScanner),
}

impl RowSource {
    fn next<'a>(&'a mut self, bytes: &'a [u8]) -> FileStart<'a> {
        match self {
            Self::Csv(scanner) => scanner.next(bytes),
            Self::Json(scanner) => scanner.next(bytes),
        }
    }
}

/// Reads rows after the header.
#[derive(Debug)]
pub(super) struct BodyReader {
    source: RowSource,
    pub(super) collector: RowCollector,
    /// The size of the sample that decides the formats of cells; `None` once they are decided.
    sample_bytes: Option<usize>,
    /// Inside a line that is too long, which is skipped.
    is_skipping: bool,
}

impl BodyReader {
    pub(super) const fn new(source: RowSource, collector: RowCollector) -> Self {
        Self {
            source,
            collector,
            sample_bytes: Some(SAMPLE_BYTES),
            is_skipping: false,
        }
    }

    /// Decides the formats of cells by the first rows; returns whether they are decided. The sample depends only on the
    /// bytes, and not on where they are cut.
    pub(super) fn take_sample(
        &mut self,
        rest: &[u8],
        at_end: bool,
        options: &ImportOptions,
    ) -> Result<bool, ImportError> {
        while let Some(size) = self.sample_bytes {
            let sample = match rest.get(..size) {
                Some(sample) => sample,
                None if at_end => rest,
                None => return Ok(false),
            };
            let evidence = self.evidence(sample);
            let is_all = sample.len() == rest.len() && at_end;
            if !is_all && size < MAX_SAMPLE_BYTES && evidence.needs_more(&options.mapping) {
                self.sample_bytes = Some(size * 4);
                continue;
            }
            self.collector.formats = evidence.decide(&self.collector.layout, &options.mapping)?;
            self.collector.preview.evidence = Some(Box::new(evidence));
            self.sample_bytes = None;
        }
        Ok(true)
    }

    /// What the rows in these bytes show.
    fn evidence(&mut self, bytes: &[u8]) -> SampleEvidence {
        let mut evidence = SampleEvidence::default();
        let mut read = 0;
        loop {
            let rest = bytes.get(read..).unwrap_or_default();
            read += match self.source.next(rest) {
                FileStart::Row { cells, bytes, .. } => {
                    evidence.add(&self.collector.layout, &cells);
                    bytes
                }
                FileStart::Blank { bytes } | FileStart::OpenQuote { bytes } | FileStart::NotJson { bytes } => bytes,
                FileStart::TooLong => first_line(rest).unwrap_or(rest.len()).max(1),
                FileStart::More => return evidence,
            };
        }
    }

    /// Reads rows from the start of `bytes`; returns how many bytes it consumed, and advances `line`.
    pub(super) fn read(&mut self, bytes: &[u8], at_end: bool, line: &mut u64) -> usize {
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
        let is_csv = matches!(self.source, RowSource::Csv(_));
        let open_quote = match self.source.next(rest) {
            FileStart::Blank { bytes } => {
                self.collector.blank_lines += 1;
                return Some((bytes, 1));
            }
            FileStart::Row { cells, raw, bytes } => {
                let lines = if has_line_break(raw) { line_count(raw) + 1 } else { 1 };
                if !is_csv || !cells.are_quoted() || self.collector.layout.is_whole(&cells, raw) {
                    self.collector.add_row(&cells, raw, line);
                    return Some((bytes, lines));
                }
                first_line(rest)
            }
            FileStart::NotJson { bytes } => {
                let text = || quote(rest.get(..bytes).unwrap_or_default().trim_ascii());
                self.collector.notes.reject(line, RejectReason::NotJson, text);
                return Some((bytes, 1));
            }
            FileStart::OpenQuote { bytes } => Some(bytes),
            FileStart::More if at_end => first_line(rest),
            FileStart::More => return None,
            FileStart::TooLong => None,
        };
        let (reason, length) = match open_quote {
            Some(length) => {
                if let RowSource::Csv(scanner) = &mut self.source {
                    scanner.count_open_quote();
                }
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
