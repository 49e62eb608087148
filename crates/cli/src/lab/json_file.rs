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
    serde_json::from_str(&text).map_err(|error| match serde_json::from_str::<Value>(&text) {
        Ok(value) => error_answer(&value).map_or_else(|| failed(&error), |says| failed(&says)),
        Err(_) => failed(&error),
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
    let mut value: Value = serde_json::from_str(&text).map_err(|error| failed(&error))?;
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
    policy.map_err(|error| failed(&error))
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
    if fields.contains_key("items") || fields.len() > 3 {
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
