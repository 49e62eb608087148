//! Regular expressions on domain names, with a bound on their work.

use mailgun_pools::wire::query::InvalidParam;
use regex_lite::{Regex, RegexBuilder};
use std::collections::HashSet;

/// Steps an expression may take over all names. A step is one state of the expression at one character.
const MOST_STEPS: usize = 50_000_000;
/// A state takes at least this much memory.
const STATE_BYTES: usize = 32;
/// Compiled expressions may take this much however many names there are, and this much however few.
const SMALL_BYTES: usize = 4_096;
const LARGE_BYTES: usize = 262_144;

/// An expression that names are compared with.
pub(super) enum NamePattern {
    /// `^(one\.example|two\.example)$`, which is how clients ask for names: they are looked up, however many there are.
    Names(HashSet<String>),
    Expression(Regex),
}

impl NamePattern {
    /// Reads an expression that will be compared with names of some bytes in all.
    pub(super) fn new(text: &str, name_bytes: usize) -> Result<Self, InvalidParam> {
        if let Some(names) = listed(text) {
            return Ok(Self::Names(names));
        }
        let most_bytes = MOST_STEPS / name_bytes.max(1) * STATE_BYTES;
        let built = RegexBuilder::new(text)
            // Names compare without case, so expressions do too.
            .case_insensitive(true)
            .size_limit(most_bytes.clamp(SMALL_BYTES, LARGE_BYTES))
            .build();
        built.map(Self::Expression).map_err(|error| {
            let error = error.to_string();
            let problem = if error.contains("size limit") {
                "the expression is too large for this many domains; take a shorter one, or one that repeats less"
                    .to_owned()
            } else {
                format!("“{text}” is not a regular expression: {error}")
            };
            InvalidParam::new("domain", text, problem)
        })
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Names(names) => names.contains(name),
            Self::Expression(expression) => expression.is_match(name),
        }
    }
}

/// The names of an expression that is nothing but a list of them.
fn listed(text: &str) -> Option<HashSet<String>> {
    let names = text.strip_prefix("^(")?.strip_suffix(")$")?;
    let name = |escaped: &str| {
        let name = escaped.replace("\\.", ".").to_lowercase();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_name = escaped.split("\\.").all(|label| label.bytes().all(is_plain));
        is_name.then_some(name)
    };
    names.split('|').map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_names_means_what_the_expression_means() {
        let names = [
            "one.example",
            "two.example",
            "three-3.example",
            "onexexample",
            "",
            "sub.one.example",
        ];
        for (text, is_list) in [
            (r"^(one\.example)$", true),
            (r"^(ONE\.example|three-3\.example)$", true),
            (r"^(one\.example|)$", true),
            (r"^(one.example)$", false),
            (r"^(one\.example|t.*)$", false),
            (r"^(one\.example)|(two\.example)$", false),
            (r"one\.example", false),
        ] {
            assert_eq!(listed(text).is_some(), is_list, "{text}");
            let pattern = NamePattern::new(text, 100).unwrap();
            let plain = RegexBuilder::new(text).case_insensitive(true).build().unwrap();
            for name in names {
                assert_eq!(pattern.matches(name), plain.is_match(name), "{text} on {name}");
            }
        }
    }

    #[test]
    fn more_names_leave_room_for_a_smaller_expression() {
        let nested = "(.{0,20}){0,20}x";
        assert!(NamePattern::new(nested, 1_000).is_ok());
        assert!(NamePattern::new(nested, 2_000_000).is_err());
        assert!(NamePattern::new(r"^(mail|news)\..*shop[0-9]+\.example$", 2_000_000).is_ok());
        assert!(NamePattern::new("(.{0,100}){0,100}x", 1).is_err());
    }
}
