//! The header: the separator and the names of the columns.

use super::columns::Separator;
use super::encoding::decode_cell;
use super::frame::{FileStart, RowScanner};
use super::layout::{ColumnLayout, find_layout, known_columns};
use super::mapping::Mapping;
use super::problem::ImportError;

/// The separator of a line `sep=;`, which some spreadsheets write before the header.
pub(super) fn declared_separator(line: &[u8]) -> Option<Separator> {
    let unquoted = line.strip_prefix(b"\"").and_then(|line| {
        let line = line.trim_ascii_end();
        line.strip_suffix(b"\"")
    });
    let line = unquoted.unwrap_or(line);
    // Not trimmed: the separator may be a tab.
    let rest = line
        .get(4..)
        .filter(|_| line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"sep=")))?;
    let [byte, line_end @ ..] = rest else { return None };
    let separator = Separator::ALL.into_iter().find(|separator| separator.byte() == *byte)?;
    line_end.trim_ascii().is_empty().then_some(separator)
}

/// Parses the header. Without a declared separator it takes the one that gives the most known columns, and among equals
/// the most cells. An error comes with the number of known columns.
pub(super) fn parse_header(
    line: &[u8],
    declared: Option<Separator>,
    mapping: &Mapping,
) -> Result<ColumnLayout, (usize, ImportError)> {
    let names = |separator: Separator| -> Vec<String> {
        let mut scanner = RowScanner::new(separator.byte());
        let mut line = line.to_vec();
        line.push(b'\n');
        match scanner.next(&line) {
            FileStart::Row { cells, .. } => cells.iter().map(|cell| decode_cell(cell).0.trim().to_owned()).collect(),
            _ => Vec::new(),
        }
    };
    let choices = declared.map_or(Separator::ALL.to_vec(), |separator| vec![separator]);
    let best = choices
        .into_iter()
        .rev()
        .map(|separator| (separator, names(separator)))
        .max_by_key(|(_, names)| (known_columns(names, mapping), names.len()));
    let Some((separator, names)) = best else {
        return Err((0, ImportError::Empty));
    };
    find_layout(separator, &names, mapping).map_err(|problem| (known_columns(&names, mapping), problem))
}
