//! Tables as files: JSON, and CSV without formulas that a spreadsheet would run.

use poolkeeper_core::text::csv_row;
use serde_json::{Map, Value};

/// A table to export. Every row is as long as the column names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows, in the order shown.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// A sheet with these columns and no rows.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        Self {
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// As CSV, safe to open in a spreadsheet: see [`csv_row`].
    #[must_use]
    pub fn csv(&self) -> String {
        let rows = std::iter::once(&self.columns).chain(&self.rows);
        rows.map(csv_row).collect()
    }

    /// As JSON: an array with one object for each row. Every value is a string, as shown.
    #[must_use]
    pub fn json(&self) -> String {
        let rows = self.rows.iter().map(|row| {
            let pairs = self.columns.iter().cloned().zip(row.iter().cloned().map(Value::String));
            Value::Object(pairs.collect::<Map<_, _>>())
        });
        format!("{:#}\n", Value::Array(rows.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_its_columns_and_rows_made_safe() {
        let mut sheet = Sheet::new(&["name", "change"]);
        sheet.rows.push(vec!["=1+1".to_owned(), "-5".to_owned()]);
        assert_eq!(sheet.csv(), "name,change\r\n'=1+1,-5\r\n");
    }

    #[test]
    fn json_has_an_object_a_row() {
        let mut sheet = Sheet::new(&["name", "pool"]);
        sheet.rows.push(vec!["a.example".to_owned(), "dynamic_good".to_owned()]);
        let read: Value = serde_json::from_str(&sheet.json()).unwrap();
        assert_eq!(read, serde_json::json!([{"name": "a.example", "pool": "dynamic_good"}]));
    }
}
