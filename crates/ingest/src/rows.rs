//! Checks rows and adds up their counts.

use super::cells::{BadCount, BadDate, DAYS, FIRST_DAY, parse_count};
use super::columns::CsvColumn;
use super::domains::DomainIndex;
use super::encoding::{TextEncoding, decode_cell};
use super::frame::RowCells;
use super::layout::{ColumnLayout, RowKind};
use super::mapping::{RepeatedRows, UtcOffset};
use super::messages::{domain_of_address, metric_counts};
use super::names::{ParsedName, is_null, parse_domain};
use super::notes::ImportNote;
use super::numbers::parse_styled;
use super::options::ImportOptions;
use super::preview::RowPreview;
use super::problem::ImportError;
use super::repeats::{RepeatFinder, RowIdentity, text_hash};
use super::report::RejectReason;
use super::row_notes::RowNotes;
use super::sample::CellFormats;
use super::tiles::{TileRow, Tiles};
use poolkeeper_core::model::Day;
use poolkeeper_core::text::{counted, quote, shorten};
use poolkeeper_core::traffic::CountOverflow;
use std::borrow::Cow;
use std::sync::Arc;

/// The rows of a day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DayTally {
    pub(super) rows: u64,
    pub(super) first_line: u64,
    /// The file that this line is in, among [`RowNotes`]' files.
    pub(super) file: u32,
    /// Their processed messages.
    pub(super) processed: u64,
}

/// Why a row is rejected, and the text that shows it.
pub(super) type RowRejection<'a> = (RejectReason, &'a [u8]);

/// A row's counts, and which of its cells are empty.
type RowCounts = ([u32; 4], [bool; 4]);

/// Checks rows and collects their counts.
#[derive(Debug)]
pub(super) struct RowCollector {
    pub(super) layout: ColumnLayout,
    pub(super) formats: CellFormats,
    pub(super) notes: RowNotes,
    pub(super) index: DomainIndex,
    pub(super) tiles: Tiles,
    pub(super) days: Vec<DayTally>,
    /// Imported rows.
    pub(super) rows: u64,
    /// Of those, rows of a domain and day that already had one.
    pub(super) added_up: u64,
    /// Rows that repeat an earlier one.
    pub(super) repeated: u64,
    pub(super) repeats: RepeatFinder,
    /// Rows of a metric or an event that is not counted.
    pub(super) uncounted: u64,
    /// Rows whose empty cell was read as 0, for each of [`CsvColumn::COUNTS`].
    pub(super) empty_as_zero: [u64; 4],
    pub(super) title_lines: u64,
    pub(super) blank_lines: u64,
    /// The notes on how each file before was written, with its name.
    pub(super) file_notes: Vec<(Option<Arc<str>>, ImportNote)>,
    /// The encoding, once a name or an account that is not ASCII has shown it.
    pub(super) encoding: Option<TextEncoding>,
    /// The first rows, if they are wanted.
    pub(super) preview: RowPreview,
    /// Set once the table would be too large.
    pub(super) limit_error: Option<ImportError>,
    pub(super) options: ImportOptions,
    /// The first and the last day of any row, counted from [`FIRST_DAY`]. Without rows the last is before the first.
    first: usize,
    last: usize,
    /// The domain of all rows, if the options name it.
    pub(super) only_domain: Option<u32>,
    /// The zone whose days are counted, in seconds east of UTC.
    zone: i32,
    /// Whether each domain has had its warning about another account.
    pub(super) warned: Vec<bool>,
    /// The last date cell and its day. Most files are sorted by date, so it often repeats.
    last_date: (Vec<u8>, Day),
}

impl RowCollector {
    pub(super) fn new(layout: ColumnLayout, options: ImportOptions) -> Self {
        let mut index = DomainIndex::default();
        let named = options
            .mapping
            .domain
            .as_ref()
            .and_then(|name| parse_domain(name.as_str()).ok());
        let only_domain = named.map(|name| index.intern(b"", name, ""));
        let zone = options.mapping.date_zone.map_or(0, UtcOffset::seconds);
        Self {
            layout,
            formats: CellFormats::default(),
            notes: RowNotes {
                max_details: options.limits.details,
                ..RowNotes::default()
            },
            index,
            tiles: Tiles::default(),
            days: vec![DayTally::default(); DAYS],
            rows: 0,
            added_up: 0,
            repeated: 0,
            repeats: RepeatFinder::default(),
            uncounted: 0,
            empty_as_zero: [0; 4],
            title_lines: 0,
            blank_lines: 0,
            file_notes: Vec::new(),
            encoding: None,
            preview: RowPreview::default(),
            limit_error: None,
            options,
            first: DAYS,
            last: 0,
            only_domain,
            zone,
            warned: Vec::new(),
            last_date: (Vec::new(), FIRST_DAY),
        }
    }

    /// A collector for a file, which keeps the rows of the files before.
    pub(super) fn continued(
        held: Option<Box<Self>>,
        layout: ColumnLayout,
        options: &ImportOptions,
        file: Option<&Arc<str>>,
    ) -> Box<Self> {
        let mut collector = match held {
            None => Box::new(Self::new(layout, options.clone())),
            Some(mut held) => {
                held.layout = layout;
                held.formats = CellFormats::default();
                held.last_date.0.clear();
                (held.title_lines, held.uncounted, held.encoding) = (0, 0, None);
                held
            }
        };
        collector.notes.files.extend(file.cloned());
        collector
    }

    /// Notes how a file was written that was read to its end. The first bytes show the encoding, unless a cell did.
    pub(super) fn end_file(&mut self, encoding: Option<TextEncoding>) {
        if let Some(utf16 @ (TextEncoding::Utf16LittleEndian | TextEncoding::Utf16BigEndian)) = encoding {
            self.encoding = Some(utf16);
        }
        let file = self.notes.files.last().cloned();
        let notes = ImportNote::of_format(self);
        self.file_notes
            .extend(notes.into_iter().map(|note| (file.clone(), note)));
    }

    /// Frees the memory that only reading needs.
    pub(super) fn free_lookups(&mut self) {
        self.index.free_lookups();
        self.repeats = RepeatFinder::default();
        self.tiles.free_lookups();
    }

    /// From the first day of any row to the last, counted from [`FIRST_DAY`].
    pub(super) fn day_range(&self) -> std::ops::Range<usize> {
        self.first..(self.last + 1).max(self.first)
    }

    /// Whether a repeated row is added.
    pub(super) fn are_repeats_added(&self) -> bool {
        self.options.mapping.repeated_rows == RepeatedRows::Add
    }

    /// Adds a row, or reports it as rejected. Once the table is too large, rows are skipped.
    pub(super) fn add_row(&mut self, cells: &RowCells<'_>, raw: &[u8], line: u64) {
        if self.limit_error.is_some() {
            return;
        }
        if cells.iter().all(<[u8]>::is_empty) {
            self.blank_lines += 1;
            return;
        }
        let is_shown = self.preview.has_room().then_some((self.uncounted, self.repeated));
        self.check_or_reject(cells, raw, line);
        if let Some(before) = is_shown {
            self.show(cells, line, before);
        }
    }

    /// Adds a row, or reports it as rejected.
    fn check_or_reject(&mut self, cells: &RowCells<'_>, raw: &[u8], line: u64) {
        if let Err((reason, text)) = self.check_and_add(cells, raw, line) {
            let text = || match reason {
                RejectReason::CellCount => format!(
                    "{} for {}",
                    counted(cells.len() as u64, "cell"),
                    counted(self.layout.cells as u64, "column")
                ),
                RejectReason::SumTooLarge => format!("processed {}", quote(text)),
                RejectReason::NotUtf8 => quote(text),
                _ => shorten(&decode_cell(text.get(..400).unwrap_or(text)).0),
            };
            self.notes.reject(line, reason, text);
        }
    }

    fn check_and_add<'a>(&mut self, cells: &RowCells<'a>, raw: &'a [u8], line: u64) -> Result<(), RowRejection<'a>> {
        let is_extra = |at: usize| !cells.get(at).is_empty();
        if cells.len() < self.layout.cells || (self.layout.cells..cells.len()).any(is_extra) {
            return Err((RejectReason::CellCount, raw));
        }
        if !self.is_counted(cells) {
            self.uncounted += 1;
            return Ok(());
        }
        let day = self.day(cells)?;
        let name = self.name(cells);
        let known = match self.only_domain.or_else(|| self.index.lookup(name)) {
            Some(at) => Ok(at),
            None => Err(self.domain_name(name)?),
        };
        let (counts, empty) = self.counts(cells)?;
        let account = self.layout.account.map_or(&b""[..], |at| cells.get(at));
        let domain = match known {
            Ok(at) => at,
            Err(parsed) => self.index.intern(name, parsed, &decode_cell(account).0),
        };
        self.check_account(domain, account, line);
        let is_plain = matches!(self.layout.kind, RowKind::Counts(_))
            && self.layout.cells == self.layout.read.len()
            && cells.get(self.layout.date).len() == 10;
        let row = RowIdentity {
            domain,
            day_index: usize::try_from(day.since(FIRST_DAY)).unwrap_or(usize::MAX),
            counts,
            text_hash: if is_plain { 0 } else { text_hash(raw) },
        };
        let added = self.add_counts(&row, line);
        let is_imported = added.map_err(|CountOverflow| (RejectReason::SumTooLarge, self.first_count(cells)))?;
        if is_imported && matches!(self.layout.kind, RowKind::Counts(_)) {
            self.check_counts(domain, counts, line);
            if empty != [false; 4] {
                for (rows, is_empty) in self.empty_as_zero.iter_mut().zip(empty) {
                    *rows += u64::from(is_empty);
                }
            }
        }
        Ok(())
    }

    /// Whether the row's metric or event is one that is counted.
    fn is_counted(&self, cells: &RowCells<'_>) -> bool {
        match self.layout.kind {
            RowKind::Counts(_) => true,
            RowKind::Metric { metric, .. } => metric_counts(&decode_cell(cells.get(metric)).0, 0).is_some(),
            RowKind::Message { .. } => self.message_counts(cells).is_some(),
        }
    }

    /// What an event of one message adds.
    fn message_counts(&self, cells: &RowCells<'_>) -> Option<[u32; 4]> {
        let RowKind::Message { event, details, format } = self.layout.kind else {
            return None;
        };
        let details = details.map(|at| at.map_or(Cow::Borrowed(""), |at| decode_cell(cells.get(at)).0));
        format.counts(
            &decode_cell(cells.get(event)).0,
            details.each_ref().map(|detail| &**detail),
        )
    }

    /// The cell with the domain's name, or the part of it that is the name.
    pub(super) fn name<'a>(&self, cells: &RowCells<'a>) -> &'a [u8] {
        let cell = self.layout.domain.map_or(&b""[..], |at| cells.get(at));
        match self.layout.kind {
            RowKind::Counts(_) => cell,
            RowKind::Metric { .. } | RowKind::Message { .. } => domain_of_address(cell),
        }
    }

    /// The cell with the first count.
    fn first_count<'a>(&self, cells: &RowCells<'a>) -> &'a [u8] {
        match self.layout.kind {
            RowKind::Counts([processed, ..]) => cells.get(processed),
            RowKind::Metric { value, .. } => cells.get(value),
            RowKind::Message { .. } => b"1",
        }
    }

    pub(super) fn counts<'a>(&mut self, cells: &RowCells<'a>) -> Result<RowCounts, RowRejection<'a>> {
        let no_cell_is_empty = [false; 4];
        match self.layout.kind {
            RowKind::Counts(columns) => self.daily_counts(columns, cells),
            RowKind::Metric { metric, value } => {
                let count = self.count(CsvColumn::Processed, cells.get(value))?.unwrap_or(0);
                let counts = metric_counts(&decode_cell(cells.get(metric)).0, count);
                Ok((counts.unwrap_or_default(), no_cell_is_empty))
            }
            RowKind::Message { .. } => Ok((self.message_counts(cells).unwrap_or_default(), no_cell_is_empty)),
        }
    }

    /// The counts of a domain and day. An empty cell beside filled ones is 0, because databases and joins leave out zeros.
    /// Without a number of processed messages, delivered and bounced ones would have no base.
    fn daily_counts<'a>(&mut self, columns: [usize; 4], cells: &RowCells<'a>) -> Result<RowCounts, RowRejection<'a>> {
        let (mut counts, mut empty) = ([0; 4], [false; 4]);
        let slots = counts.iter_mut().zip(&mut empty);
        for ((column, at), (slot, is_empty)) in CsvColumn::COUNTS.into_iter().zip(columns).zip(slots) {
            match parse_count(cells.get(at)) {
                Ok(count) => *slot = count,
                Err(_) => match self.count(column, cells.get(at))? {
                    Some(count) => *slot = count,
                    None => *is_empty = true,
                },
            }
        }
        if !self.layout.more_counts.is_empty() {
            self.add_more_counts(cells, &mut counts, &mut empty)?;
        }
        let ([is_without_processed, ..], [_, delivered, bounced, _]) = (empty, counts);
        if is_without_processed && (delivered > 0 || bounced > 0 || empty == [true; 4]) {
            return Err((RejectReason::Empty(CsvColumn::Processed), self.first_count(cells)));
        }
        Ok((counts, empty))
    }

    /// Adds the columns of which several make up a count.
    fn add_more_counts<'a>(
        &mut self,
        cells: &RowCells<'a>,
        counts: &mut [u32; 4],
        empty: &mut [bool; 4],
    ) -> Result<(), RowRejection<'a>> {
        for (count, at) in self.layout.more_counts.clone() {
            let slots = counts.get_mut(count).zip(empty.get_mut(count));
            let Some((column, (slot, is_empty))) = CsvColumn::COUNTS.get(count).zip(slots) else {
                continue;
            };
            let cell = cells.get(at);
            if let Some(more) = self.count(*column, cell)? {
                *slot = slot.checked_add(more).ok_or((RejectReason::TooLarge(*column), cell))?;
                *is_empty = false;
            }
        }
        Ok(())
    }

    /// A count in the file's style; `None` if the cell is empty.
    fn count<'a>(&mut self, column: CsvColumn, cell: &'a [u8]) -> Result<Option<u32>, RowRejection<'a>> {
        match parse_styled(cell, self.formats.numbers) {
            Ok((count, style)) => {
                self.formats.numbers = style;
                Ok(Some(count))
            }
            Err(BadCount::Empty) => Ok(None),
            Err(BadCount::NotWhole) if is_null(cell) => Ok(None),
            Err(BadCount::NotWhole) => Err((RejectReason::Count(column), cell)),
            Err(BadCount::Unclear) => Err((RejectReason::UnclearCount(column), cell)),
            Err(BadCount::TooLarge) => Err((RejectReason::TooLarge(column), cell)),
        }
    }

    pub(super) fn day<'a>(&mut self, cells: &RowCells<'a>) -> Result<Day, RowRejection<'a>> {
        let cell = cells.get(self.layout.date);
        if self.last_date.0 == cell && !cell.is_empty() {
            return Ok(self.last_date.1);
        }
        let style = self.formats.dates;
        let day = style.parse(cell, self.zone).map_err(|bad| match bad {
            BadDate::Year => (RejectReason::Year, cell),
            BadDate::Form => self.why_no_date(cells),
        })?;
        self.last_date.0.clear();
        self.last_date.0.extend_from_slice(cell);
        self.last_date.1 = day;
        Ok(day)
    }

    /// Parses a name. A file has one encoding: once a name has shown it, names in another one are rejected.
    fn domain_name<'a>(&mut self, cell: &'a [u8]) -> Result<ParsedName, RowRejection<'a>> {
        if cell.is_empty() {
            return Err((RejectReason::Empty(CsvColumn::Domain), cell));
        }
        let (text, encoding) = decode_cell(cell);
        if !cell.is_ascii() && *self.encoding.get_or_insert(encoding) != encoding {
            return Err((RejectReason::NotUtf8, cell));
        }
        parse_domain(&text).map_err(|reason| (reason, cell))
    }

    /// Adds a row to the table; returns whether it was added, and not left out as a repeat.
    fn add_counts(&mut self, row: &RowIdentity, line: u64) -> Result<bool, CountOverflow> {
        self.index.follow(row.domain);
        (self.first, self.last) = (self.first.min(row.day_index), self.last.max(row.day_index));
        if self.has_room(line) {
            let is_repeat_kept = self.are_repeats_added();
            let (added, is_repeat) = self.tiles.add(row, &mut self.repeats, is_repeat_kept)?;
            if is_repeat {
                self.note_repeat(row, is_repeat_kept, line);
            }
            match added {
                TileRow::Repeated => return Ok(false),
                TileRow::Added => self.added_up += 1,
                TileRow::First | TileRow::Outside => {}
            }
        }
        if let Some(tally) = self.days.get_mut(row.day_index) {
            if tally.rows == 0 {
                tally.first_line = line;
                tally.file = self.notes.file_at();
            }
            tally.rows += 1;
            let [processed, ..] = row.counts;
            tally.processed += u64::from(processed);
        }
        self.rows += 1;
        Ok(true)
    }

    /// Whether the table still fits. If the dates are too far apart, only the days with rows are recorded from then on,
    /// for the error at the end.
    fn has_room(&mut self, line: u64) -> bool {
        let days = u32::try_from(self.last - self.first + 1).unwrap_or(u32::MAX);
        if days > self.options.limits.days {
            self.tiles = Tiles::default();
            return false;
        }
        let (domains, limit) = (self.index.domains.len() as u64, self.options.limits.cells);
        let has_room = domains * u64::from(days) <= limit;
        if !has_room {
            self.tiles = Tiles::default();
            self.limit_error = Some(ImportError::TooManyCells {
                line,
                domains,
                days,
                limit,
            });
        }
        has_room
    }
}
