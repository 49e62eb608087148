//! Rows for a terminal, for a spreadsheet, or for a program.

use super::TargetArgs;
use crate::Failure;
use chrono::{DateTime, SecondsFormat, Utc};
use comfy_table::{CellAlignment, Table, presets};
use poolkeeper_core::model::{Rate, escape_unprintable};
use poolkeeper_core::text;
use serde_json::{Map, Value};
use std::io::Write;

/// How a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutputFormat {
    Table,
    Json,
    Csv,
}

impl OutputFormat {
    pub(super) const fn of(target: &TargetArgs) -> Self {
        match (target.json, target.csv) {
            (true, _) => Self::Json,
            (false, true) => Self::Csv,
            (false, false) => Self::Table,
        }
    }
}

/// A value of a row. What is not known is empty in a table and in CSV, and `null` in JSON.
pub(super) enum Cell {
    Text(String),
    /// A domain's name. A terminal marks one that may be taken for another.
    Domain(String),
    Number(Option<u64>),
    /// A fraction.
    Rate(Option<Rate>),
    Flag(Option<bool>),
    Time(Option<DateTime<Utc>>),
}

impl Cell {
    /// A text that may not be known.
    pub(super) fn text(text: Option<impl ToString>) -> Self {
        Self::Text(text.map(|text| text.to_string()).unwrap_or_default())
    }

    fn shown(&self) -> String {
        match self {
            Self::Text(text) => escape_unprintable(text),
            Self::Domain(name) => escape_unprintable(&text::marked_name(name)),
            Self::Number(number) => number.map(text::count).unwrap_or_default(),
            Self::Rate(rate) => rate.map(Rate::percent).unwrap_or_default(),
            Self::Flag(flag) => flag
                .map(|flag| if flag { "yes" } else { "no" })
                .unwrap_or_default()
                .to_owned(),
            Self::Time(at) => at.map(text::instant_utc).unwrap_or_default(),
        }
    }

    fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::Domain(text) => text.clone(),
            Self::Number(number) => number.map(|number| number.to_string()).unwrap_or_default(),
            Self::Rate(rate) => rate.map(|rate| rate.0.to_string()).unwrap_or_default(),
            Self::Flag(flag) => flag.map(|flag| flag.to_string()).unwrap_or_default(),
            Self::Time(at) => at.map(time).unwrap_or_default(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) if text.is_empty() => Value::Null,
            Self::Text(text) | Self::Domain(text) => text.clone().into(),
            Self::Number(number) => (*number).into(),
            Self::Rate(rate) => rate.map(|rate| rate.0).into(),
            Self::Flag(flag) => (*flag).into(),
            Self::Time(at) => at.map(time).into(),
        }
    }

    const fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Rate(_))
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Rows with named columns.
pub(super) struct Listing {
    columns: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
}

impl Listing {
    pub(super) const fn new(columns: &'static [&'static str]) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// Prints it all.
    pub(super) fn print(&self, format: OutputFormat) -> Result<(), Failure> {
        print(&match format {
            OutputFormat::Table => self.table(),
            OutputFormat::Csv => self.csv(),
            OutputFormat::Json => json_text(&self.json()),
        })
    }

    fn table(&self) -> String {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        table.set_header(self.columns.iter().map(|name| name.replace('_', " ")));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| {
                let alignment = if cell.is_number() {
                    CellAlignment::Right
                } else {
                    CellAlignment::Left
                };
                comfy_table::Cell::new(cell.shown()).set_alignment(alignment)
            }));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        let lines = table.lines().map(|line| format!("{}\n", line.trim_end()));
        lines.collect()
    }

    fn csv(&self) -> String {
        let mut csv = text::csv_row(self.columns);
        for row in &self.rows {
            csv += &text::csv_row(row.iter().map(Cell::plain));
        }
        csv
    }

    fn json(&self) -> Value {
        let object = |row: &Vec<Cell>| {
            let fields = self.columns.iter().zip(row);
            Value::Object(
                fields
                    .map(|(name, cell)| ((*name).to_owned(), cell.json()))
                    .collect::<Map<_, _>>(),
            )
        };
        self.rows.iter().map(object).collect()
    }
}

pub(super) fn json_text(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Prints to standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::of("writing to standard output", error)),
        Ok(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        let mut listing = Listing::new(&["name", "processed_count", "bounce_rate", "overridden"]);
        listing.push(vec![
            Cell::Text("=news.example".to_owned()),
            Cell::Number(Some(12_345)),
            Cell::Rate(Some(Rate(0.0388))),
            Cell::Flag(Some(true)),
        ]);
        listing.push(vec![
            Cell::Text("\u{1b}[31m.example".to_owned()),
            Cell::Number(None),
            Cell::Rate(None),
            Cell::Flag(None),
        ]);
        listing
    }

    #[test]
    fn a_table_is_for_people_and_hides_no_control_character() {
        let table = listing().table();
        assert!(
            table.contains("12,345") && table.contains("3.88 %") && table.contains("yes"),
            "{table}"
        );
        assert!(!table.contains('\u{1b}'), "{table:?}");
        assert!(table.lines().all(|line| line == line.trim()), "{table:?}");
    }

    #[test]
    fn files_have_plain_digits_and_unknown_is_not_zero() {
        let csv = listing().csv();
        assert!(csv.starts_with("name,processed_count,bounce_rate,overridden\r\n'=news.example,12345,0.0388,true\r\n"));
        assert!(csv.ends_with(",,,\r\n"), "{csv}");
        let json = listing().json();
        assert_eq!(json[0]["bounce_rate"], 0.0388);
        assert_eq!(
            (&json[1]["processed_count"], &json[1]["overridden"]),
            (&Value::Null, &Value::Null)
        );
    }
}
