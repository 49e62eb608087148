//! JSON files that people write and services answer: policies, observations, saved answers.

use crate::Failure;
use poolkeeper_core::health::{PPM, Policy};
use poolkeeper_core::text::rates::{plain_percent, ppm_of};
use poolkeeper_core::text::{count, shorten};
use poolkeeper_ingest::decode_text;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;

/// The thresholds of a policy, which people write as a share or a percentage.
const THRESHOLDS: [&str; 2] = ["good_at_most_ppm", "poor_at_least_ppm"];

/// Reads a JSON file. It may have a byte order mark, comments and a comma after the last item.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    decode(path, &bytes(path)?)
}

/// Reads the bytes of a JSON file.
pub(crate) fn decode<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::of(format!("reading {}", path.display()), error);
    let text = text(path, bytes)?;
    serde_json::from_str(&text).map_err(|error| {
        let value = serde_json::from_str::<Value>(&text).ok();
        let says = value.as_ref().and_then(error_answer);
        failed(&says.unwrap_or_else(|| json_problem(&text, &error)))
    })
}

/// Reads a policy. A threshold may be a percentage in quotes.
pub(super) fn policy(path: &Path) -> Result<Policy, Failure> {
    decode_policy(path, &bytes(path)?)
}

/// Reads the bytes of a policy's file.
pub(crate) fn decode_policy(path: &Path, bytes: &[u8]) -> Result<Policy, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::of(format!("reading {}", path.display()), error);
    let text = text(path, bytes)?;
    let mut value: Value = serde_json::from_str(&text).map_err(|error| failed(&json_problem(&text, &error)))?;
    if let Some(says) = error_answer(&value) {
        return Err(failed(&says));
    }
    let mut is_changed = false;
    for metric in ["bounce", "complaint"] {
        for threshold in THRESHOLDS {
            let Some(held) = value.get_mut(metric).and_then(|metric| metric.get_mut(threshold)) else {
                continue;
            };
            match whole_ppm(held) {
                Ok(None) => {}
                Ok(Some(ppm)) => {
                    *held = Value::from(ppm);
                    is_changed = true;
                }
                Err(problem) => {
                    let line = line_of(&text, &[metric, threshold]);
                    return Err(failed(&format!(
                        "line {}: {metric}.{threshold}: {problem}",
                        count(line)
                    )));
                }
            }
        }
    }
    // From the text where possible, because then a problem has its line.
    let policy = if is_changed {
        serde_json::from_value(value)
    } else {
        serde_json::from_str(&text)
    };
    policy.map_err(|error| failed(&json_problem(&text, &error)))
}

/// A threshold in parts per million, if it is a percentage; an error if it is not a whole number.
fn whole_ppm(value: &Value) -> Result<Option<u64>, String> {
    match value {
        Value::Number(number) if !number.is_u64() => {
            let share = number.as_f64().unwrap_or(f64::NAN);
            let advice = if share > 0.0 && share < 1.0 {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a share from 0 to 1 gives at most a million"
                )]
                let ppm = (share * f64::from(PPM)).round() as u64;
                format!("write {ppm} for {}", plain_percent(share))
            } else {
                "write 50000 for 5 %".to_owned()
            };
            Err(format!("{number} is not a whole number of parts per million; {advice}"))
        }
        Value::String(text) => {
            let percent = text
                .trim()
                .strip_suffix('%')
                .and_then(|number| ppm_of(number.trim_end()));
            let problem = || format!("“{}” is not a percentage; write 50000 or “5 %”", shorten(text));
            percent.map(Some).ok_or_else(problem)
        }
        _ => Ok(None),
    }
}

/// What a service's error answer says; `None` for other JSON.
pub(super) fn error_answer(value: &Value) -> Option<String> {
    let fields = value.as_object()?;
    if fields.contains_key("items") || fields.len() > 8 {
        return None;
    }
    let says = ["message", "Error", "error", "errors"]
        .iter()
        .find_map(|key| fields.get(*key))?;
    let words = says.as_str().map_or_else(|| says.to_string(), str::to_owned);
    Some(format!(
        "the file is an error answer of the service, “{}”, and not what was asked for; repeat the request and save its answer",
        shorten(&words)
    ))
}

/// What is wrong with a text of JSON, where, and what to write.
fn json_problem(text: &str, error: &serde_json::Error) -> String {
    let start = text.trim_start();
    if start.is_empty() {
        return "the file is empty".to_owned();
    }
    let line = error.line();
    if error.is_syntax() || error.is_eof() {
        if !start.starts_with(['{', '[', '"']) {
            let first = start.lines().next().unwrap_or_default();
            return format!("the file is not JSON: it begins with “{}”", shorten(first));
        }
        if error.is_eof() {
            return "the file ends too early: a bracket or a quote is left open, or it was cut off".to_owned();
        }
    }
    // The parser ends its messages with the place.
    let whole = error.to_string();
    let says = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(says, _)| says);
    if line == 0 {
        return in_words(says);
    }
    let field = text
        .lines()
        .nth(line - 1)
        .and_then(|line| field_before(line, error.column()));
    let field = field.map_or_else(String::new, |field| format!("{}: ", shorten(field)));
    format!("line {}: {field}{}", count(line as u64), in_words(says))
}

/// The last name of a field on a line, up to a column.
fn field_before(line: &str, column: usize) -> Option<&str> {
    let before = line.get(..column.min(line.len()))?;
    let (names, _) = before.rsplit_once(':')?;
    let names = names.trim_end().strip_suffix('"')?;
    names.rsplit_once('"').map(|(_, name)| name)
}

/// A message of the parser, without names of Rust's types.
fn in_words(says: &str) -> String {
    let words = [
        ("invalid type: ", "it is "),
        ("invalid value: ", "it is "),
        ("expected u32", "a whole number is needed"),
        ("expected u64", "a whole number is needed"),
        ("expected a boolean", "true or false is needed"),
        ("expected struct ", "fields in braces are needed, those of "),
    ];
    words
        .iter()
        .fold(says.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::of(format!("reading {}", path.display()), error))
}

fn text(path: &Path, bytes: &[u8]) -> Result<String, Failure> {
    let text = decode_text(bytes).map_err(|problem| Failure::of(format!("reading {}", path.display()), problem))?;
    Ok(without_comments(&text))
}

/// The line of a field in a text of JSON, from 1.
fn line_of(text: &str, path: &[&str]) -> u64 {
    let mut at = 0;
    for name in path {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.find(&format!("\"{name}\"")).unwrap_or(0);
    }
    1 + text.get(..at).unwrap_or_default().matches('\n').count() as u64
}

/// Replaces comments, and commas before a closing bracket, by spaces. Own code, so that every other character keeps its
/// line and column for the parser's messages.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // The last character that is not white space is a comma, here.
    let mut last_comma = None;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, chars.peek()) {
            ('"', _) => {
                last_comma = None;
                out.push('"');
                let mut is_escaped = false;
                for char in chars.by_ref() {
                    out.push(char);
                    if char == '"' && !is_escaped {
                        break;
                    }
                    is_escaped = char == '\\' && !is_escaped;
                }
            }
            ('/', Some('/')) => {
                out.push(' ');
                while let Some(char) = chars.next_if(|char| *char != '\n') {
                    out.extend(std::iter::repeat_n(' ', char.len_utf8()));
                }
            }
            ('/', Some('*')) => {
                chars.next();
                out.push_str("  ");
                let mut before = ' ';
                for char in chars.by_ref() {
                    out.push(if char == '\n' { '\n' } else { ' ' });
                    if before == '*' && char == '/' {
                        break;
                    }
                    before = char;
                }
            }
            (',', _) => {
                last_comma = Some(out.len());
                out.push(',');
            }
            ('}' | ']', _) => {
                if let Some(at) = last_comma.take() {
                    out.replace_range(at..=at, " ");
                }
                out.push(char);
            }
            (space, _) if space.is_whitespace() => out.push(space),
            _ => {
                last_comma = None;
                out.push(char);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn comments_and_last_commas_are_no_json() {
        for (text, expected) in [
            ("{\"a\": 1, // b\n \"c\": [1, 2,],\n}", json!({"a": 1, "c": [1, 2]})),
            (
                "/* a\n b */ {\"a\": /* , */ \"// no /* comment\"}",
                json!({"a": "// no /* comment"}),
            ),
            ("{\"a\": \"\\\"//\", /* x */ }", json!({"a": "\"//"})),
            ("[1,2]", json!([1, 2])),
        ] {
            let plain = without_comments(text);
            assert_eq!(serde_json::from_str::<Value>(&plain).unwrap(), expected, "{text}");
            assert_eq!(plain.lines().count(), text.lines().count(), "{text}");
        }
        for wrong in ["[,1]", "[1,,2]", "{\"a\": 1 \"b\": 2}", "/", "[1 /* ", "// only"] {
            assert!(
                serde_json::from_str::<Value>(&without_comments(wrong)).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_problem_has_its_line_and_field_and_says_what_is_needed() {
        let problem = |text: &str| {
            let error = serde_json::from_str::<Policy>(text).unwrap_err();
            json_problem(text, &error)
        };
        for (text, expected) in [
            (" \n", "the file is empty"),
            ("date,domain\n", "the file is not JSON: it begins with “date,domain”"),
            ("<html>", "the file is not JSON: it begins with “<html>”"),
            (
                "{\"window_days\": 7,",
                "the file ends too early: a bracket or a quote is left open, or it was cut off",
            ),
            (
                "{\n \"window_days\": \"7\"}",
                "line 2: window_days: it is string \"7\", a whole number is needed",
            ),
            ("{\n \"window_days\" 7}", "line 2: expected `:`"),
        ] {
            assert_eq!(problem(text), expected, "{text}");
        }
        let unknown = problem("{\"window_dayz\": 7}");
        assert!(
            unknown.starts_with("line 1: unknown field `window_dayz`, expected one of `window_days`"),
            "{unknown}"
        );
    }

    #[test]
    fn thresholds_are_parts_per_million_or_percentages() {
        assert_eq!(whole_ppm(&json!(50_000)), Ok(None));
        assert_eq!(whole_ppm(&json!("5 %")), Ok(Some(50_000)));
        assert_eq!(whole_ppm(&json!("0.1%")), Ok(Some(1_000)));
        // One in 20 is 5 %, or 50,000 in a million.
        let problem = whole_ppm(&json!(0.05)).unwrap_err();
        assert_eq!(
            problem,
            "0.05 is not a whole number of parts per million; write 50000 for 5 %"
        );
        assert!(whole_ppm(&json!("5")).is_err() && whole_ppm(&json!(-5)).is_err());
    }
}
