//! Characters that show nothing, or turn the direction of writing: with one, a name reads as another.

/// Whether a character shows nothing by itself: the code points that Unicode marks as ignorable by default, such as the
/// zero-width space and the marks of direction, and annotation marks.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Escapes control and invisible characters, such as the zero-width space to `\u{200b}`. Line breaks stay.
#[must_use]
pub fn escape_unprintable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if (character.is_control() && character != '\n') || is_invisible(character) {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::{escape_unprintable, is_invisible};

    #[test]
    fn what_shows_nothing_is_escaped_and_line_breaks_stay() {
        assert_eq!(
            escape_unprintable("a\u{1b}[31mé\n\u{202e}b"),
            "a\\u{1b}[31mé\n\\u{202e}b"
        );
        assert_eq!(escape_unprintable("a\tb\r\u{9b}\u{7f}"), "a\\tb\\r\\u{9b}\\u{7f}");
        assert_eq!(escape_unprintable("pay\u{200b}pal.example"), "pay\\u{200b}pal.example");
    }

    #[test]
    fn marks_and_joiners_are_told_from_letters() {
        let hidden = [
            '\u{200b}',
            '\u{200d}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{ad}',
            '\u{feff}',
            '\u{e0041}',
        ];
        assert!(hidden.into_iter().all(is_invisible));
        assert!(!"aéя日ا-.1".chars().any(is_invisible));
    }
}
