//! Names in sentences, and texts cut to a length for quoting.

use super::counts::count;

/// Characters of a text that [`shorten`] keeps.
const MAX_QUOTED_CHARS: usize = 80;

/// Names as a sentence lists them: `a`, `a and b`, `a, b and c`. After `max` names the rest is counted.
#[must_use]
pub fn listed(names: &[String], max: usize) -> String {
    let shown = names.iter().take(max).cloned().collect::<Vec<_>>();
    let rest = names.len() - shown.len();
    if rest > 0 {
        return format!("{} and {} more", shown.join(", "), count(rest as u64));
    }
    match shown.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

/// A text of at most 80 characters, on one line, for quoting; a longer one ends in `…`.
#[must_use]
pub fn shorten(text: &str) -> String {
    let replace_control = |c: char| if c.is_control() { ' ' } else { c };
    let mut chars = text.chars().map(replace_control);
    let mut short: String = chars.by_ref().take(MAX_QUOTED_CHARS).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// Bytes for quoting, shortened like [`shorten`]. Invalid UTF-8 becomes `�`.
#[must_use]
pub fn quote(bytes: &[u8]) -> String {
    // A character has at most four bytes. One extra character makes `shorten` add its ellipsis.
    let start = bytes.get(..MAX_QUOTED_CHARS * 4 + 4).unwrap_or(bytes);
    shorten(&String::from_utf8_lossy(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn lists_read_as_sentences() {
        let names = ["a", "b", "c", "d"].map(str::to_owned);
        assert_eq!(listed(&names[..1], 3), "a");
        assert_eq!(listed(&names[..3], 3), "a, b and c");
        assert_eq!(listed(&names, 2), "a, b and 2 more");
    }

    #[test]
    fn quoted_texts_are_one_short_line() {
        assert_eq!(shorten("a\tb\nc"), "a b c");
        assert_eq!(shorten(&"ä".repeat(80)), "ä".repeat(80));
        assert_eq!(shorten(&"ä".repeat(81)), format!("{}…", "ä".repeat(80)));
        assert_eq!(quote(b"caf\xe9"), "caf\u{fffd}");
        assert_eq!(quote("€".repeat(500).as_bytes()), format!("{}…", "€".repeat(80)));
    }
}
