//! JSON: a service's answer as one document, or a record a line.
//!
//! Each record becomes a row of cells, so that columns are found and checked as in a CSV.

use super::columns::Separator;
use super::frame::{FileStart, MAX_ROW_BYTES, RowCells, first_line};
use super::layout::{ColumnLayout, find_layout};
use super::options::ImportOptions;
use super::problem::ImportError;
use super::report::RejectReason;
use super::rows::RowCollector;
use super::sample::SampleEvidence;
use poolkeeper_core::text::{quote, shorten};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

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
    let line = match first_line(bytes) {
        Some(length) => bytes.get(..length).unwrap_or_default(),
        None if at_end || bytes.len() >= MAX_ROW_BYTES => return JsonStart::Document,
        None => return JsonStart::More,
    };
    match serde_json::from_slice::<Value>(line) {
        // An error answer has one or two fields.
        Ok(Value::Object(record))
            if record.len() > 2 && !["items", "results"].iter().any(|list| record.contains_key(*list)) =>
        {
            let names = flatten(Value::Object(record))
                .into_iter()
                .map(|(name, _)| name)
                .collect();
            JsonStart::Lines(Box::new(JsonScanner::new(names)))
        }
        _ => JsonStart::Document,
    }
}

/// Turns records into rows.
#[derive(Debug)]
pub(super) struct JsonScanner {
    names: Vec<String>,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl JsonScanner {
    const fn new(names: Vec<String>) -> Self {
        Self {
            names,
            text: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// The columns, by the names in the first record.
    pub(super) fn layout(&self, options: &ImportOptions) -> Result<ColumnLayout, ImportError> {
        find_layout(Separator::Comma, &self.names, options)
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
                cells: self.cells(record),
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
        let mut fields = flatten(record);
        for (at, name) in self.names.iter().enumerate() {
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
        RowCells::of(&self.text, &self.ends)
    }
}

/// A record's fields as texts. Those of Mailgun's metrics are in lists of dimensions and metrics.
fn flatten(record: Value) -> Vec<(String, String)> {
    let Value::Object(mut record) = record else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    if let (Some(Value::Array(dimensions)), Some(Value::Object(metrics))) =
        (record.get("dimensions"), record.get("metrics"))
    {
        for dimension in dimensions {
            let text = |key: &str| dimension.get(key).and_then(Value::as_str).map(str::to_owned);
            if let (Some(name), Some(value)) = (text("dimension"), text("value")) {
                fields.push((name, value));
            }
        }
        let metrics = metrics.iter().map(|(name, value)| (name.clone(), scalar(value)));
        fields.extend(metrics.filter_map(|(name, value)| Some((name, value?))));
        return fields;
    }
    for (name, value) in &mut record {
        if let Some(value) = scalar(value) {
            fields.push((name.clone(), value));
        }
    }
    fields
}

/// A value as text; `None` for lists and objects.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::String(value) => Some(value.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// A document that lists records.
#[derive(Deserialize)]
struct DocumentLists<'a> {
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    results: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
}

/// Reads a whole document into a collector.
pub(super) fn read_document(bytes: &[u8], options: &ImportOptions) -> Result<RowCollector, ImportError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        problem(1 + line_feeds(before), "the text is not UTF-8".to_owned())
    })?;
    let not_json = |error: serde_json::Error| problem(error.line() as u64, shorten(&error.to_string()));
    let records = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<&RawValue>>(text).map_err(not_json)?
    } else {
        let lists: DocumentLists<'_> = serde_json::from_str(text).map_err(not_json)?;
        let says = lists.message.or(lists.error).or(lists.errors);
        lists.items.or(lists.results).ok_or_else(|| match says {
            Some(says) => problem(
                1,
                format!("the file is a service's error answer, {}", shorten(says.get())),
            ),
            None => problem(1, "the document has no list “items” or “results”".to_owned()),
        })?
    };
    let first = records.first().ok_or(ImportError::Empty)?;
    let names = flatten(parse(first)).into_iter().map(|(name, _)| name).collect();
    let mut scanner = JsonScanner::new(names);
    let layout = scanner.layout(options)?;
    let mut evidence = SampleEvidence::default();
    for record in &records {
        evidence.add(&layout, &scanner.cells(parse(record)));
    }
    let formats = evidence.decide(&layout, options)?;
    let mut collector = RowCollector::new(layout, options.clone());
    collector.formats = formats;
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
        .unwrap_or(Value::Null)
}

fn line_feeds(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

const fn problem(line: u64, text: String) -> ImportError {
    ImportError::Json { line, text }
}
