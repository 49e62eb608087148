//! Writes CSV rows, for every export.

/// One row of CSV by RFC 4180, its CR LF included. A cell that a spreadsheet would take for a formula (it starts with `=`,
/// `+`, `-`, `@`, a tab or a carriage return) gets a leading apostrophe, unless it is a number.
///
/// # Examples
/// ```
/// use poolkeeper_core::text::csv_row;
/// assert_eq!(csv_row(["a, b", "=1+1", "-3"]), "\"a, b\",'=1+1,-3\r\n");
/// ```
#[must_use]
pub fn csv_row<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let mut row = String::new();
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            row.push(',');
        }
        push_cell(&mut row, cell.as_ref());
    }
    row.push_str("\r\n");
    row
}

fn push_cell(row: &mut String, cell: &str) {
    let is_number = cell.parse::<f64>().is_ok_and(f64::is_finite);
    let is_risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    let guard = if is_risky { "'" } else { "" };
    if cell.contains([',', '"', '\n', '\r']) {
        row.push('"');
        row.push_str(guard);
        row.push_str(&cell.replace('"', "\"\""));
        row.push('"');
    } else {
        row.push_str(guard);
        row.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_made_safe_and_numbers_stay() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+x", "'+x"),
            ("-x", "'-x"),
            ("-inf", "'-inf"),
            ("@sum", "'@sum"),
            ("\t=1", "'\t=1"),
            ("\rx", "\"'\rx\""),
            ("-cmd,\"x\"", "\"'-cmd,\"\"x\"\"\""),
            ("-5", "-5"),
            ("+0.25", "+0.25"),
            ("news.example.com", "news.example.com"),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
        ] {
            assert_eq!(csv_row([cell]), format!("{written}\r\n"));
        }
    }
}
