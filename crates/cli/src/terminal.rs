//! Messages for the person at the terminal.

use poolkeeper_core::model::escape_unprintable;
use poolkeeper_core::text;
use std::io::Write;

/// A longer message loses its middle. What it is about is at the start, and the reason at the end.
const LONGEST_CHARS: usize = 2_000;

/// How much of a longer message's end is kept.
const END_CHARS: usize = 500;

/// Says something on standard error. Later lines are indented, so that no name in a message can begin a message.
pub(crate) fn say(message: &str) {
    let message = format!("poolkeeper: {}\n", printable(message).replace('\n', "\n  "));
    write_error(&message);
}

/// Writes to standard error. There is no place left to report to when that is closed.
pub(crate) fn write_error(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// A message as a terminal may get it: no control characters but line breaks, and not too long.
pub(crate) fn printable(message: &str) -> String {
    let safe = escape_unprintable(message);
    let chars = safe.chars().count();
    let Some(cut) = chars.checked_sub(LONGEST_CHARS).filter(|cut| *cut > 0) else {
        return safe;
    };
    let start: String = safe.chars().take(LONGEST_CHARS - END_CHARS).collect();
    let end: String = safe.chars().skip(chars - END_CHARS).collect();
    format!("{start} … ({} characters cut) … {end}", text::count(cut as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_keeps_its_start_and_its_reason() {
        let longest = "é".repeat(2_000);
        assert_eq!(printable(&longest), longest);
        let message = printable(&format!("reading {}: no such file", "x".repeat(100_000)));
        // 8 + 100,000 + 14 characters, of which 2,000 stay.
        assert!(message.contains(" … (98,022 characters cut) … "), "{message}");
        assert!(message.starts_with("reading xxx") && message.ends_with("xxx: no such file"));
        assert!(message.chars().count() < 2_050);
    }
}
