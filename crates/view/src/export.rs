//! Tables as text: CSV that a spreadsheet cannot be tricked with, and JSON.

use serde_json::{Map, Value};

/// A filtered view on its way out: column names and rows of texts, all rows as long as the names.
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

    /// CSV by RFC 4180 (CRLF). A cell that a spreadsheet would take for a formula (it starts with `=`, `+`, `-`, `@`, a
    /// tab or a carriage return) gets a leading apostrophe, unless it is a plain number.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut text = String::new();
        for row in std::iter::once(&self.columns).chain(&self.rows) {
            for (at, cell) in row.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                push_cell(&mut text, cell);
            }
            text.push_str("\r\n");
        }
        text
    }

    /// JSON: an array with one object a row, every value a string as shown.
    #[must_use]
    pub fn json(&self) -> String {
        let rows = self.rows.iter().map(|row| {
            let pairs = self.columns.iter().cloned().zip(row.iter().cloned().map(Value::String));
            Value::Object(pairs.collect::<Map<_, _>>())
        });
        format!("{:#}\n", Value::Array(rows.collect()))
    }
}

fn push_cell(text: &mut String, cell: &str) {
    let is_risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    let guard = if is_risky { "'" } else { "" };
    if cell.contains([',', '"', '\n', '\r']) {
        text.push('"');
        text.push_str(guard);
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(guard);
        text.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(cell: &str) -> String {
        let sheet = Sheet {
            columns: vec!["a".to_owned()],
            rows: vec![vec![cell.to_owned()]],
        };
        sheet.csv().trim_start_matches("a\r\n").to_owned()
    }

    #[test]
    fn formulas_are_made_safe_and_numbers_stay() {
        assert_eq!(one("=1+1"), "'=1+1\r\n");
        assert_eq!(one("@SUM(A1)"), "'@SUM(A1)\r\n");
        assert_eq!(one("+cmd"), "'+cmd\r\n");
        assert_eq!(one("\tx"), "'\tx\r\n");
        assert_eq!(one("\rx"), "\"'\rx\"\r\n");
        assert_eq!(one("-cmd,\"x\""), "\"'-cmd,\"\"x\"\"\"\r\n");
        assert_eq!(one("-5"), "-5\r\n");
        assert_eq!(one("news.example.com"), "news.example.com\r\n");
    }

    #[test]
    fn json_has_an_object_a_row() {
        let mut sheet = Sheet::new(&["name", "pool"]);
        sheet.rows.push(vec!["a.example".to_owned(), "dynamic_good".to_owned()]);
        let read: Value = serde_json::from_str(&sheet.json()).unwrap();
        assert_eq!(read, serde_json::json!([{"name": "a.example", "pool": "dynamic_good"}]));
    }
}
