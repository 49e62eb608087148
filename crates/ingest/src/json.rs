//! JSON: a service's answer as one document, or a record a line.
//!
//! Each record becomes a row of cells, so that columns are found and checked as in a CSV.

use super::columns::Separator;
use super::frame::{FileStart, MAX_ROW_BYTES, RowCells, first_line};
use super::json_record::{flatten, look_up, unwrap_record};
use super::layout::{ColumnLayout, RowKind, find_layout, has_daily_counts, message_layout};
use super::mapping::Mapping;
use super::options::ImportOptions;
use super::problem::ImportError;
use super::report::RejectReason;
use super::rows::RowCollector;
use super::sample::SampleEvidence;
use super::shapes::{MessageShape, find_shape};
use poolkeeper_core::text::{quote, shorten};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most bytes of a document, which is parsed whole.
pub(super) const MAX_DOCUMENT_BYTES: usize = 32 * 1024 * 1024;

/// What the first bytes of JSON are.
pub(super) enum JsonStart {
    /// More bytes are needed.
    More,
    Document,
    /// A record a line.
    Lines(Box<JsonScanner>),
}

/// Tells a document from a record a line.
pub(super) fn json_start(bytes: &[u8], at_end: bool) -> JsonStart {
    let (line, after) = match first_line(bytes) {
        Some(length) => bytes.split_at_checked(length).unwrap_or_default(),
        None if at_end || bytes.len() >= MAX_ROW_BYTES => return JsonStart::Document,
        None => return JsonStart::More,
    };
    let Ok(object @ Value::Object(_)) = serde_json::from_slice::<Value>(line) else {
        return JsonStart::Document;
    };
    let has_list = |name: &&str| matches!(object.get(*name), Some(Value::Array(_)));
    // An error answer has one or two fields.
    let is_wrapped = object.get("event-data").is_some() || object.get("msys").is_some();
    let fields = object.as_object().map_or(0, serde_json::Map::len);
    if !is_wrapped && (fields <= 2 || LISTS.iter().any(has_list)) {
        return JsonStart::Document;
    }
    // A record may have a list too, but a document is alone in its file.
    if has_records(&object) && after.trim_ascii().is_empty() {
        return if at_end { JsonStart::Document } else { JsonStart::More };
    }
    JsonStart::Lines(Box::new(JsonScanner::of(unwrap_record(object))))
}

/// Whether an object has a list of objects.
fn has_records(object: &Value) -> bool {
    let is_records = |value: &Value| {
        value
            .as_array()
            .is_some_and(|list| list.first().is_some_and(Value::is_object))
    };
    object.as_object().is_some_and(|fields| fields.values().any(is_records))
}

/// Turns records into rows.
#[derive(Debug)]
pub(super) struct JsonScanner {
    fields: RecordFields,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// What of a record is read.
#[derive(Debug)]
enum RecordFields {
    /// The fields of these names, as the first record has them.
    Named(Vec<String>),
    /// What an event needs.
    Event(&'static MessageShape),
}

impl JsonScanner {
    /// A scanner for records like this one.
    fn of(first: Value) -> Self {
        let names = flatten(first).into_iter().map(|(name, _)| name).collect();
        Self {
            fields: RecordFields::Named(names),
            text: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// The columns, by the names in the first record.
    pub(super) fn layout(&mut self, mapping: &Mapping) -> Result<ColumnLayout, ImportError> {
        let RecordFields::Named(names) = &self.fields else {
            return Err(ImportError::Empty);
        };
        let found = find_layout(Separator::Comma, names, mapping);
        let is_of_days = match &found {
            Ok(layout) => !matches!(layout.kind, RowKind::Message { .. }),
            Err(_) => has_daily_counts(names, mapping),
        };
        match find_shape(names).filter(|_| !is_of_days && mapping.columns.is_empty()) {
            // Each kind of event has its own fields, so those of the first record are not enough.
            Some(shape) => {
                self.fields = RecordFields::Event(shape);
                message_layout(shape, mapping)
            }
            _ => found,
        }
    }

    /// Reads the record on the line at the start of `bytes`.
    pub(super) fn next<'a>(&'a mut self, bytes: &'a [u8]) -> FileStart<'a> {
        let window = bytes.get(..MAX_ROW_BYTES).unwrap_or(bytes);
        let Some(length) = first_line(window) else {
            return if window.len() == MAX_ROW_BYTES {
                FileStart::TooLong
            } else {
                FileStart::More
            };
        };
        let raw = window.get(..length).unwrap_or_default().trim_ascii();
        if raw.is_empty() {
            return FileStart::Blank { bytes: length };
        }
        match serde_json::from_slice(raw) {
            Ok(record @ Value::Object(_)) => FileStart::Row {
                cells: self.cells(unwrap_record(record)),
                raw,
                bytes: length,
            },
            _ => FileStart::NotJson { bytes: length },
        }
    }

    /// A record's cells, in the order of the names. A missing one is empty.
    fn cells(&mut self, record: Value) -> RowCells<'_> {
        self.text.clear();
        self.ends.clear();
        match &self.fields {
            RecordFields::Named(names) => {
                let mut fields = flatten(record);
                for (at, name) in names.iter().enumerate() {
                    // Records of one kind have their fields in one order.
                    let place = match fields.get(at) {
                        Some((same, _)) if same == name => Some(at),
                        _ => fields.iter().position(|(other, _)| other == name),
                    };
                    if let Some((_, value)) = place.and_then(|place| fields.get_mut(place)) {
                        self.text.extend_from_slice(value.as_bytes());
                    }
                    self.ends.push(self.text.len());
                }
            }
            RecordFields::Event(shape) => {
                for field in [shape.date, shape.sender, shape.event].into_iter().chain(shape.details) {
                    let found = field.iter().find_map(|path| look_up(&record, path));
                    self.text.extend_from_slice(found.unwrap_or_default().as_bytes());
                    self.ends.push(self.text.len());
                }
            }
        }
        RowCells::of(&self.text, &self.ends)
    }
}

/// Names of the list of records in a service's answer, the preferred ones first. Without them, it is the only list.
const LISTS: [&str; 2] = ["items", "results"];

/// What is in a document with a list of records: the list, or what an error answer says.
fn records(text: &str) -> Result<Vec<&RawValue>, ImportError> {
    let not_json = |error: serde_json::Error| problem(error.line() as u64, shorten(&error.to_string()));
    if text.trim_start().starts_with('[') {
        return serde_json::from_str::<Vec<&RawValue>>(text).map_err(not_json);
    }
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(not_json)?;
    let list = |value: &&'_ RawValue| value.get().starts_with('[');
    let mut lists = fields.values().filter(|value| list(value) && value.get().contains('{'));
    let named = LISTS
        .iter()
        .find_map(|name| fields.get(*name).filter(|value| list(value)));
    let found = named.or_else(|| lists.next().filter(|_| lists.next().is_none()));
    if let Some(found) = found {
        return serde_json::from_str(found.get()).map_err(not_json);
    }
    let says = ["message", "error", "errors", "Error"]
        .iter()
        .find_map(|name| fields.get(*name));
    Err(match says {
        Some(says) => problem(
            1,
            format!("the file is a service's error answer, {}", shorten(says.get())),
        ),
        None => problem(1, "the document has no list of records, such as “items”".to_owned()),
    })
}

/// Reads a whole document into a collector, which may have the rows of other files.
pub(super) fn read_document(
    bytes: &[u8],
    options: &ImportOptions,
    held: Option<Box<RowCollector>>,
    file: Option<&Arc<str>>,
    preview_rows: usize,
) -> Result<Box<RowCollector>, ImportError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        problem(1 + line_feeds(before), "the text is not UTF-8".to_owned())
    })?;
    let records = records(text)?;
    let first = records.first().ok_or(ImportError::Empty)?;
    let mut scanner = JsonScanner::of(parse(first));
    let layout = scanner.layout(&options.mapping)?;
    let mut evidence = SampleEvidence::default();
    for record in &records {
        evidence.add(&layout, &scanner.cells(parse(record)));
    }
    let formats = evidence.decide(&layout, &options.mapping)?;
    let mut collector = RowCollector::continued(held, layout, options, file);
    collector.formats = formats;
    collector.preview.max_rows = preview_rows;
    collector.preview.evidence = Some(Box::new(evidence));
    let (mut line, mut read) = (1, 0);
    for record in records {
        let at = (record.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        line += line_feeds(bytes.get(read..at).unwrap_or_default());
        read = at;
        let raw = record.get().as_bytes();
        match parse(record) {
            record @ Value::Object(_) => collector.add_row(&scanner.cells(record), raw, line),
            _ if raw.len() > MAX_ROW_BYTES => collector.notes.reject(line, RejectReason::TooLong, || quote(raw)),
            _ => collector.notes.reject(line, RejectReason::NotJson, || quote(raw)),
        }
    }
    Ok(collector)
}

/// A record; null if it is longer than a row may be.
fn parse(record: &RawValue) -> Value {
    let text = Some(record.get()).filter(|text| text.len() <= MAX_ROW_BYTES);
    text.and_then(|text| serde_json::from_str(text).ok())
        .map_or(Value::Null, unwrap_record)
}

fn line_feeds(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

const fn problem(line: u64, text: String) -> ImportError {
    ImportError::Json { line, text }
}
