//! Parses counts in the number styles that programs write.

use super::cells::{BadCount, parse_count};
use super::encoding::decode_cell;
use serde::{Deserialize, Serialize};

/// How a file writes numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberStyle {
    /// Digits only, as far as seen.
    #[default]
    Plain,
    /// `1,234.0`
    DecimalPoint,
    /// `1.234,0`
    DecimalComma,
    /// Numbers such as `40,000` only, which are 40 or 40,000.
    Unclear,
}

/// Parses a count in a style; also returns the style that the cell shows, if it is not plain.
pub(super) fn parse_styled(cell: &[u8], style: NumberStyle) -> Result<(u32, NumberStyle), BadCount> {
    match parse_count(cell) {
        Ok(count) => Ok((count, style)),
        Err(BadCount::NotWhole) => {
            let (point, comma) = (parse(cell, '.', ','), parse(cell, ',', '.'));
            let (value, shown) = match (style, point, comma) {
                (NumberStyle::DecimalPoint, Some(value), _) | (NumberStyle::DecimalComma, _, Some(value)) => {
                    (value, style)
                }
                (NumberStyle::Plain | NumberStyle::Unclear, Some(point), Some(comma)) if point == comma => {
                    (point, style)
                }
                (NumberStyle::Plain | NumberStyle::Unclear, Some(value), None) => (value, NumberStyle::DecimalPoint),
                (NumberStyle::Plain | NumberStyle::Unclear, None, Some(value)) => (value, NumberStyle::DecimalComma),
                // Many plain numbers came before: a program that writes decimals would have written them there too.
                (NumberStyle::Plain, Some(point), Some(comma)) if point > comma => (point, NumberStyle::DecimalPoint),
                (NumberStyle::Plain, Some(_), Some(comma)) => (comma, NumberStyle::DecimalComma),
                (NumberStyle::Unclear, Some(_), Some(_)) => return Err(BadCount::Unclear),
                _ => return Err(BadCount::NotWhole),
            };
            let count = u32::try_from(value).map_err(|_| BadCount::TooLarge)?;
            Ok((count, shown))
        }
        Err(bad) => Err(bad),
    }
}

/// What the cells of one column show about the style.
#[derive(Clone, Debug, Default)]
pub(super) struct NumberEvidence {
    plain: u64,
    point_only: u64,
    comma_only: u64,
    /// Numbers such as `40,000` and such as `40.000`.
    unclear_comma: u64,
    unclear_point: u64,
    /// Shares such as `0.02`, and percentages; and all cells that are not 0.
    shares: u64,
    filled: u64,
    /// The first share.
    example: String,
}

impl NumberEvidence {
    pub(super) fn add(&mut self, cell: &[u8]) {
        match parse_count(cell) {
            Ok(count) => {
                self.plain += 1;
                self.filled += u64::from(count > 0);
            }
            Err(BadCount::NotWhole) if is_share(cell) => {
                self.shares += 1;
                self.filled += 1;
                if self.example.is_empty() {
                    self.example = decode_cell(cell).0.into_owned();
                }
            }
            Err(BadCount::NotWhole) => match (parse(cell, '.', ','), parse(cell, ',', '.')) {
                (Some(point), Some(comma)) if point > comma => self.unclear_comma += 1,
                (Some(point), Some(comma)) if point < comma => self.unclear_point += 1,
                (Some(_), None) => self.point_only += 1,
                (None, Some(_)) => self.comma_only += 1,
                _ => {}
            },
            Err(_) => {}
        }
    }

    /// The cells with digits only, and all that are numbers.
    pub(super) const fn plain(&self) -> (u64, u64) {
        let others = self.point_only + self.comma_only + self.unclear_comma + self.unclear_point + self.shares;
        (self.plain, self.plain + others)
    }

    /// An example, if at least half of the cells are shares and not counts.
    pub(super) fn share(&self) -> Option<&str> {
        let are_shares = self.shares > 0 && self.shares.saturating_mul(2) >= self.filled;
        are_shares.then_some(&self.example)
    }

    /// The style of a file, by its columns. Numbers such as `40,000` have thousands if some cell shows that commas
    /// separate thousands, or if the column also has plain numbers.
    pub(super) fn decide(columns: &[Self]) -> NumberStyle {
        let sum = |field: fn(&Self) -> u64| columns.iter().map(field).sum::<u64>();
        let point = sum(|column| column.point_only);
        let comma = sum(|column| column.comma_only);
        let (unclear_comma, unclear_point) = (sum(|column| column.unclear_comma), sum(|column| column.unclear_point));
        let is_never_plain = |column: &Self| column.plain == 0 && column.unclear_comma + column.unclear_point > 0;
        match (point, comma) {
            (0, 0) if unclear_comma + unclear_point == 0 => NumberStyle::Plain,
            (0, 0) if columns.iter().any(is_never_plain) || (unclear_comma > 0 && unclear_point > 0) => {
                NumberStyle::Unclear
            }
            (0, 0) if unclear_comma > 0 => NumberStyle::DecimalPoint,
            (0, 0) => NumberStyle::DecimalComma,
            (point, comma) if point >= comma => NumberStyle::DecimalPoint,
            _ => NumberStyle::DecimalComma,
        }
    }
}

/// Whether a cell is a percentage, or a number between 0 and 1.
pub(super) fn is_share(cell: &[u8]) -> bool {
    let text = decode_cell(cell).0.trim().replace(',', ".");
    let text = text.trim_start_matches(['<', '>', '~', ' ']);
    let (number, is_percent) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (text, false),
    };
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let share = number.parse::<f64>().ok().filter(|_| is_plain);
    share.is_some_and(|share| is_percent || (share > 0.0 && share < 1.0))
}

/// A whole number with a decimal mark and a mark between groups of three digits, an exponent or both. Spaces and
/// apostrophes separate groups in any style.
fn parse(cell: &[u8], decimal: char, group: char) -> Option<u64> {
    let (text, _) = decode_cell(cell);
    let text = text.trim();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            exponent.parse::<i32>().ok().filter(|at| (-20..=20).contains(at))?,
        ),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once(decimal).unwrap_or((mantissa, ""));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if mantissa.contains(decimal) && !is_digits(fraction) {
        return None;
    }
    let is_mark = |c: char| c == group || matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’');
    let mut digits = String::new();
    match whole.find(is_mark) {
        None if is_digits(whole) => digits.push_str(whole),
        None => return None,
        Some(at) => {
            let mark = whole.get(at..)?.chars().next()?;
            let mut groups = whole.split(mark);
            let first = groups.next()?;
            let is_first = is_digits(first) && first.len() <= 3 && !first.starts_with('0');
            if !is_first || !groups.clone().all(|group| is_digits(group) && group.len() == 3) {
                return None;
            }
            digits.push_str(first);
            groups.for_each(|group| digits.push_str(group));
        }
    }
    digits.push_str(fraction);
    let shift = exponent - i32::try_from(fraction.len()).ok()?;
    if shift >= 0 {
        digits.extend(std::iter::repeat_n('0', usize::try_from(shift).ok()?));
    } else {
        let rest = usize::try_from(shift.unsigned_abs()).ok()?;
        let kept = digits.len().checked_sub(rest)?;
        if digits.get(kept..)?.bytes().any(|byte| byte != b'0') {
            return None;
        }
        digits.truncate(kept);
    }
    let add = |sum: u64, digit: u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Some(digits.bytes().fold(0, add))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str, style: NumberStyle) -> Result<u32, BadCount> {
        parse_styled(cell.as_bytes(), style).map(|(count, _)| count)
    }

    fn style(cells: &[&str]) -> NumberStyle {
        let mut evidence = NumberEvidence::default();
        cells.iter().for_each(|cell| evidence.add(cell.as_bytes()));
        NumberEvidence::decide(&[evidence])
    }

    #[test]
    fn numbers_in_each_style() {
        use NumberStyle::{DecimalComma, DecimalPoint, Plain};
        for (cell, style, expected) in [
            ("400.0", Plain, 400),
            ("400.00", DecimalPoint, 400),
            ("400,0", DecimalComma, 400),
            ("40,000", DecimalPoint, 40_000),
            ("40.000", DecimalComma, 40_000),
            ("40,000", DecimalComma, 40),
            ("1,234,567", Plain, 1_234_567),
            ("1.234.567,00", Plain, 1_234_567),
            ("1 234", Plain, 1_234),
            ("1\u{202f}234", DecimalComma, 1_234),
            ("1’234", Plain, 1_234),
            ("1e5", Plain, 100_000),
            ("1e+05", DecimalComma, 100_000),
            ("1.5E3", Plain, 1_500),
            ("1200e-2", Plain, 12),
            ("40,000", Plain, 40_000),
        ] {
            assert_eq!(read(cell, style), Ok(expected), "{cell}");
        }
        for bad in [
            "1.5",
            "1,23",
            "12,34,567",
            "01,234",
            "1,234 567",
            "-5",
            "+5",
            "5 %",
            "0x1",
            ".5",
            "5.",
            "1e",
            "e5",
            "1e-1",
            "٣",
        ] {
            assert_eq!(read(bad, Plain), Err(BadCount::NotWhole), "{bad}");
        }
        assert_eq!(read("1.234", DecimalPoint), Err(BadCount::NotWhole));
        assert_eq!(read("40,000", NumberStyle::Unclear), Err(BadCount::Unclear));
        assert_eq!(read("5,000,000,000", Plain), Err(BadCount::TooLarge));
        assert_eq!(read("1e20", Plain), Err(BadCount::TooLarge));
    }

    /// A program on a French system writes the space between thousands as byte 0xa0.
    #[test]
    fn spaces_of_an_older_encoding_separate_thousands() {
        assert_eq!(
            parse_styled(b"40\xa0000", NumberStyle::Plain).map(|(count, _)| count),
            Ok(40_000)
        );
    }

    #[test]
    fn shares_are_no_counts() {
        for share in ["0.98", "0,02", ".5", "98 %", "98.00%", "< 0.1%", "0%"] {
            assert!(is_share(share.as_bytes()), "{share}");
        }
        for count in [
            "0", "1", "0.0", "1.0", "1.5", "40,000", "0,000", "", "%", "x", "-0.5", "1e-3",
        ] {
            assert!(!is_share(count.as_bytes()), "{count}");
        }
        let share = |cells: &[&str]| {
            let mut evidence = NumberEvidence::default();
            cells.iter().for_each(|cell| evidence.add(cell.as_bytes()));
            evidence.share().map(str::to_owned)
        };
        assert_eq!(share(&["0.02", "0", "1"]), Some("0.02".to_owned()));
        assert_eq!(share(&["0.02", "2", "1"]), None);
        assert_eq!(share(&["0", "0"]), None);
    }

    #[test]
    fn the_style_is_that_of_the_column() {
        use NumberStyle::{DecimalComma, DecimalPoint, Plain, Unclear};
        assert_eq!(style(&["1", "20"]), Plain);
        assert_eq!(style(&["40,000", "39,200"]), DecimalPoint);
        assert_eq!(style(&["40,000", "0,000"]), DecimalComma);
        assert_eq!(style(&["40,000", "800"]), DecimalPoint);
        assert_eq!(style(&["40.000", "800"]), DecimalComma);
        assert_eq!(style(&["40,000", "5,000"]), Unclear);
        assert_eq!(style(&["400.0", "1.0"]), DecimalPoint);
    }
}
