//! Why a file is read as it is, in words.

use super::columns::CsvColumn;
use super::encoding::TextEncoding;
use super::layout::RowKind;
use super::mapping::{Mapping, RepeatedRows};
use super::notes::ImportNote;
use super::numbers::NumberStyle;
use super::rows::RowCollector;
use poolkeeper_core::text::{count, counted};
use serde::{Deserialize, Serialize};

/// A part of a [`Mapping`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappingItem {
    /// The separator of cells.
    Separator,
    /// The encoding.
    Encoding,
    /// The column of a use.
    Column(CsvColumn),
    /// What a row is.
    Rows,
    /// How dates are written.
    Dates,
    /// The zone whose days are counted.
    DateZone,
    /// How numbers are written.
    Numbers,
    /// What is done with repeated rows.
    RepeatedRows,
}

/// Why a part of a mapping is as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingEvidence {
    /// The part.
    pub item: MappingItem,
    /// What it is, such as “semicolon”.
    pub value: String,
    /// Why, as a sentence.
    pub why: String,
    /// Whether a person said so.
    pub is_chosen: bool,
}

/// The evidence so far.
#[derive(Default)]
struct EvidenceList(Vec<MappingEvidence>);

impl EvidenceList {
    fn add(&mut self, item: MappingItem, is_chosen: bool, value: impl Into<String>, why: impl Into<String>) {
        self.0.push(MappingEvidence {
            item,
            value: value.into(),
            why: if is_chosen {
                "You chose it.".to_owned()
            } else {
                why.into()
            },
            is_chosen,
        });
    }
}

/// The evidence for each part, in the order of [`MappingItem`].
pub(super) fn evidence(collector: &RowCollector, given: &Mapping, uses: &[(usize, CsvColumn)]) -> Vec<MappingEvidence> {
    let mut list = EvidenceList::default();
    let layout = &collector.layout;
    let known = layout.names.iter().filter(|name| CsvColumn::of(name).is_some()).count() as u64;
    let why = format!(
        "It gives {}, and the names of {} are known.",
        counted(layout.cells as u64, "column"),
        count(known)
    );
    list.add(
        MappingItem::Separator,
        given.separator.is_some(),
        layout.separator.to_string(),
        why,
    );
    let encoding = collector.encoding.unwrap_or(TextEncoding::Utf8);
    let why = match collector.encoding {
        None => "No name needs another one.",
        Some(TextEncoding::Utf8) => "Names are valid in it.",
        Some(TextEncoding::Windows1252) => "A name is not valid UTF-8.",
        Some(TextEncoding::Utf16LittleEndian | TextEncoding::Utf16BigEndian) => "The first bytes show it.",
    };
    list.add(
        MappingItem::Encoding,
        given.encoding.is_some(),
        encoding.to_string(),
        why,
    );
    for column in CsvColumn::NEEDED.into_iter().chain([CsvColumn::Account]) {
        add_column(&mut list, collector, given, uses, column);
    }
    let notes = ImportNote::of_format(collector);
    let is_of_rows = |note: &&ImportNote| {
        matches!(
            note,
            ImportNote::OneMetricARow { .. } | ImportNote::OneMessageARow { .. }
        )
    };
    if let Some(note) = notes.iter().find(is_of_rows) {
        let is_metric = matches!(layout.kind, RowKind::Metric { .. });
        let value = if is_metric { "one metric" } else { "one message" };
        list.add(MappingItem::Rows, false, value, note.to_string());
    }
    let (value, why) = dates(collector, &notes);
    list.add(
        MappingItem::Dates,
        given.dates.is_some() || given.date_order.is_some(),
        value,
        why,
    );
    let zone = given
        .date_zone
        .map_or_else(|| "UTC".to_owned(), |zone| zone.to_string());
    let why = "Only times with a zone depend on it.";
    list.add(MappingItem::DateZone, given.date_zone.is_some(), zone, why);
    let (value, why) = numbers(collector);
    list.add(MappingItem::Numbers, given.numbers.is_some(), value, why);
    let is_added = given.repeated_rows == RepeatedRows::Add;
    let value = if is_added { "added" } else { "kept once" };
    let why = "Overlapping exports would count mail twice.";
    list.add(MappingItem::RepeatedRows, is_added, value, why);
    list.0
}

/// Adds the columns of a use.
fn add_column(
    list: &mut EvidenceList,
    collector: &RowCollector,
    given: &Mapping,
    uses: &[(usize, CsvColumn)],
    column: CsvColumn,
) {
    let names = uses.iter().filter(|(_, used)| *used == column);
    let names: Vec<_> = names
        .filter_map(|(at, _)| Some(format!("“{}”", collector.layout.names.get(*at)?)))
        .collect();
    let item = MappingItem::Column(column);
    let is_chosen = given.names(column).is_some();
    match (column, names.len(), &given.domain) {
        (CsvColumn::Domain, 0, Some(domain)) => list.add(item, true, format!("all rows: {}", domain.as_str()), ""),
        (_, 0, _) => {}
        (_, 1, _) => list.add(item, is_chosen, names.concat(), "Its name is known."),
        _ => list.add(
            item,
            is_chosen,
            names.join(" + "),
            "Their names are known; they are added up.",
        ),
    }
}

fn dates(collector: &RowCollector, notes: &[ImportNote]) -> (String, String) {
    let said = notes.iter().find(|note| matches!(note, ImportNote::Dates { .. }));
    let value = said.map_or_else(|| "Dates are ISO 8601 or RFC 2822.".to_owned(), ToString::to_string);
    let sample = collector.preview.evidence.as_ref();
    let why = sample.map_or_else(String::new, |sample| {
        let (fitting, of) = sample.fitting_dates(collector.formats.dates);
        format!("{} of {} fit.", count(fitting), counted(of, "sampled date"))
    });
    (value, why)
}

fn numbers(collector: &RowCollector) -> (&'static str, String) {
    let value = match collector.formats.numbers {
        NumberStyle::Plain => "digits only",
        NumberStyle::DecimalPoint => "1,234.0",
        NumberStyle::DecimalComma => "1.234,0",
        NumberStyle::Unclear => "not clear",
    };
    let sample = collector.preview.evidence.as_ref();
    let why = sample.map_or_else(String::new, |sample| {
        let (plain, of) = sample.plain_numbers();
        format!(
            "{} of {} have digits only.",
            count(plain),
            counted(of, "sampled number")
        )
    });
    (value, why)
}
