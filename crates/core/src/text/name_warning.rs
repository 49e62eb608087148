//! Domain names that may be taken for another: letters of other alphabets that look like Latin ones, letters of several
//! alphabets in one word, invisible characters, and the encoded form that hides all of them.

use crate::model::{escape_unprintable, is_invisible};
use idna::punycode;
use std::fmt;
use unicode_security::{MixedScript, RestrictionLevel, RestrictionLevelDetection, skeleton};

/// What to know about a name before trusting it. As text it follows the name: `looks like paypal.com`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameWarning {
    /// The name in letters, if it is in its encoded form (`xn--`).
    pub decoded_name: Option<String>,
    /// The name that it may be taken for.
    pub looks_like: Option<String>,
    /// Whether one of its words has letters of several alphabets that do not belong together.
    pub mixes_alphabets: bool,
    /// Whether it has characters that show nothing.
    pub is_partly_invisible: bool,
}

impl NameWarning {
    /// Whether the name may deceive, and is not only written in its encoded form.
    #[must_use]
    pub const fn is_deceptive(&self) -> bool {
        self.looks_like.is_some() || self.mixes_alphabets || self.is_partly_invisible
    }
}

impl fmt::Display for NameWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(name) = &self.decoded_name {
            parts.push(format!("is {name}"));
        }
        if let Some(name) = &self.looks_like {
            parts.push(format!("looks like {name}"));
        }
        if self.mixes_alphabets {
            parts.push("mixes alphabets".to_owned());
        }
        if self.is_partly_invisible {
            parts.push("has invisible characters".to_owned());
        }
        f.write_str(&parts.join(", "))
    }
}

/// The warning about a domain's name; `None` for the usual ones. Whatever shows a name shows it too.
///
/// A name counts as looking like another if each of its letters is a Latin letter or digit, or Unicode's list of confusable
/// characters has exactly one for it. Japanese, Chinese and Korean names may have Latin letters in them.
///
/// # Examples
/// ```
/// use poolkeeper_core::text::name_warning;
/// assert_eq!(name_warning("paypal.com"), None);
/// assert_eq!(name_warning("münchen.example"), None);
/// // Its first “a” is Cyrillic.
/// let warning = name_warning("pаypal.com").unwrap();
/// assert_eq!(warning.to_string(), "looks like paypal.com, mixes alphabets");
/// ```
#[must_use]
pub fn name_warning(name: &str) -> Option<NameWarning> {
    if is_plain_name(name) {
        return None;
    }
    let decoded = |label: &str| {
        let encoded = label.get(4..).filter(|_| is_encoded(label));
        encoded
            .and_then(punycode::decode_to_string)
            .filter(|decoded| !decoded.is_empty())
            .unwrap_or_else(|| label.to_owned())
    };
    let labels: Vec<String> = name.split('.').map(decoded).collect();
    let shown = labels.join(".");
    let looks_like = labels.iter().map(|label| latin(label)).collect::<Option<Vec<_>>>();
    let warning = NameWarning {
        looks_like: looks_like
            .map(|labels| labels.join("."))
            .filter(|latin| *latin != shown),
        mixes_alphabets: labels.iter().any(|label| mixes_alphabets(label)),
        is_partly_invisible: shown.chars().any(is_invisible),
        decoded_name: (shown != name).then_some(shown),
    };
    (warning != NameWarning::default()).then_some(warning)
}

/// Whether a name has only ASCII characters and no part in its encoded form, so that nothing has to be said about it.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    name.is_ascii() && !name.split('.').any(is_encoded)
}

fn is_encoded(label: &str) -> bool {
    label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
}

/// A name as text for people: characters that show nothing are escaped, and the warning follows.
///
/// # Examples
/// ```
/// use poolkeeper_core::text::marked_name;
/// assert_eq!(marked_name("paypal.com"), "paypal.com");
/// assert_eq!(marked_name("m\u{131}crosoft.com"), "m\u{131}crosoft.com (⚠ looks like microsoft.com)");
/// ```
#[must_use]
pub fn marked_name(name: &str) -> String {
    let shown = escape_unprintable(name);
    match name_warning(name) {
        None => shown,
        Some(warning) => format!("{shown} (⚠ {})", escape_unprintable(&warning.to_string())),
    }
}

/// A label in the Latin letters that it looks like; `None` if it does not look Latin.
fn latin(label: &str) -> Option<String> {
    let letter = |character: char| {
        if character.is_ascii() || is_invisible(character) {
            return Some(character);
        }
        let mut buffer = [0; 4];
        let mut alike = skeleton(character.encode_utf8(&mut buffer));
        let first = alike.next().filter(char::is_ascii_alphanumeric)?;
        alike.next().is_none().then_some(first.to_ascii_lowercase())
    };
    let visible = |character: &char| !is_invisible(*character);
    label.chars().filter(visible).map(letter).collect()
}

fn mixes_alphabets(label: &str) -> bool {
    let visible: String = label.chars().filter(|character| !is_invisible(*character)).collect();
    let level = visible.detect_restriction_level();
    !visible.as_str().is_single_script() && level > RestrictionLevel::HighlyRestrictive
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> String {
        name_warning(name)
            .map(|warning| warning.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn names_of_one_alphabet_that_look_like_no_other_pass() {
        for name in [
            "paypal.com",
            "mail-2.example.co.uk",
            "münchen.example",
            "café.fr",
            "smørrebrød.dk",
            "почта.рф",
            "παράδειγμα.gr",
            "例え.jp",
            "日本news.jp",
            "例子.cn",
            "한국mail.kr",
            "مثال.sa",
            "",
            "xn--",
        ] {
            assert_eq!(said(name), "", "{name}");
        }
    }

    #[test]
    fn letters_of_other_alphabets_are_named() {
        for (name, warning) in [
            // Cyrillic а in the first word.
            ("p\u{430}ypal.com", "looks like paypal.com, mixes alphabets"),
            // All of the first word is Cyrillic: а р р ӏ е.
            ("\u{430}\u{440}\u{440}\u{4cf}\u{435}.com", "looks like apple.com"),
            // Greek omicron.
            ("g\u{3bf}\u{3bf}gle.com", "looks like google.com, mixes alphabets"),
            // Latin, but the i has no dot.
            ("m\u{131}crosoft.com", "looks like microsoft.com"),
            // Cyrillic ж looks like no Latin letter.
            ("m\u{436}il.example", "mixes alphabets"),
            ("pay\u{200b}pal.com", "looks like paypal.com, has invisible characters"),
        ] {
            assert_eq!(said(name), warning, "{name}");
        }
    }

    #[test]
    fn an_encoded_name_is_shown_decoded() {
        assert_eq!(said("xn--mnchen-3ya.example"), "is münchen.example");
        let plain = name_warning("xn--mnchen-3ya.example").unwrap();
        assert!(!plain.is_deceptive());
        // Registered in 2017 to show the problem: all letters are Cyrillic.
        let deceptive = name_warning("XN--80ak6aa92e.com").unwrap();
        assert!(deceptive.is_deceptive());
        assert_eq!(
            deceptive.to_string(),
            "is \u{430}\u{440}\u{440}\u{4cf}\u{435}.com, looks like apple.com"
        );
        // Not an encoding: it stays as it is.
        assert_eq!(said("xn--\u{e9}.example"), "");
        assert_eq!(said("xn--99999999.example"), "");
    }
}
