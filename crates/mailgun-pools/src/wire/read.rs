//! Reads JSON tolerantly; errors have the path of the value.

use super::time;
use chrono::{DateTime, Utc};
use poolkeeper_core::model::{AccountId, Ip, PoolName, Rate};
use serde_json::{Map, Value};
use std::fmt;
use thiserror::Error;

/// A known field has a wrong type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ShapeError {
    /// The field's path: `items[3].bounce_rate`; empty for the whole response.
    pub path: String,
    /// What was expected and what was received.
    pub problem: String,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path.is_empty() { "the answer" } else { &self.path };
        write!(f, "{place}: {}", self.problem)
    }
}

impl ShapeError {
    fn expected(what: &str, got: &Value) -> Self {
        let got = match got {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => format!("the number {number}"),
            Value::String(text) => format!("the text “{}”", text.chars().take(40).collect::<String>()),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        Self {
            path: String::new(),
            problem: format!("expected {what}, got {got}"),
        }
    }

    fn under(mut self, place: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("{place}{dot}{}", self.path);
        self
    }
}

pub type ShapeResult<T> = Result<T, ShapeError>;

/// An object of a response. Fields are found by exact name, then in any case.
#[derive(Clone, Copy)]
pub struct JsonObject<'a>(&'a Map<String, Value>);

impl<'a> JsonObject<'a> {
    /// Reads a value that must be an object.
    pub fn read(value: &'a Value) -> ShapeResult<Self> {
        value
            .as_object()
            .map(Self)
            .ok_or_else(|| ShapeError::expected("an object", value))
    }

    /// Reads a value that must be an object or missing.
    pub fn maybe(value: &'a Value) -> ShapeResult<Option<Self>> {
        if value.is_null() {
            Ok(None)
        } else {
            Self::read(value).map(Some)
        }
    }

    /// A field; `null` when missing.
    pub fn get(self, key: &str) -> &'a Value {
        const NULL: &Value = &Value::Null;
        let any_case = || self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        self.0
            .get(key)
            .or_else(|| any_case().map(|(_, value)| value))
            .unwrap_or(NULL)
    }

    /// Whether a field is present, even if `null`.
    pub fn has(self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The fields, in order of name.
    pub fn fields(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Reads a field with a function; adds the field to the path of an error.
    pub fn with<T>(self, key: &str, read: impl FnOnce(&'a Value) -> ShapeResult<T>) -> ShapeResult<T> {
        read(self.get(key)).map_err(|error| error.under(key))
    }

    pub fn text(self, key: &str) -> ShapeResult<Option<String>> {
        self.with(key, text)
    }

    /// A text, empty when missing.
    pub fn text_or_empty(self, key: &str) -> ShapeResult<String> {
        Ok(self.text(key)?.unwrap_or_default())
    }

    /// A text; `None` also when empty.
    pub fn nonempty(self, key: &str) -> ShapeResult<Option<String>> {
        Ok(self.text(key)?.filter(|text| !text.is_empty()))
    }

    pub fn account(self, key: &str) -> ShapeResult<AccountId> {
        self.text_or_empty(key).map(AccountId)
    }

    /// A pool name; `None` when missing, `null` or empty.
    pub fn pool(self, key: &str) -> ShapeResult<Option<PoolName>> {
        Ok(self.nonempty(key)?.map(|name| PoolName::parse(&name)))
    }

    pub fn flag(self, key: &str) -> ShapeResult<Option<bool>> {
        self.with(key, flag)
    }

    pub fn number(self, key: &str) -> ShapeResult<Option<f64>> {
        self.with(key, number)
    }

    pub fn rate(self, key: &str) -> ShapeResult<Option<Rate>> {
        Ok(self.number(key)?.map(Rate))
    }

    pub fn count(self, key: &str) -> ShapeResult<Option<u64>> {
        self.with(key, count)
    }

    /// An instant in either date format; `None` when missing, empty or "never".
    pub fn instant(self, key: &str) -> ShapeResult<Option<DateTime<Utc>>> {
        self.with(key, instant)
    }

    /// Reads a list with a function for its entries. Missing and `null` are empty, and `null` entries are skipped.
    pub fn list<T>(self, key: &str, entry: impl Fn(&'a Value) -> ShapeResult<T>) -> ShapeResult<Vec<T>> {
        self.with(key, |value| list(value, entry))
    }

    pub fn ips(self, key: &str) -> ShapeResult<Vec<Ip>> {
        self.list(key, ip)
    }
}

/// A string; numbers are converted.
pub fn text(value: &Value) -> ShapeResult<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(ShapeError::expected("a text", value)),
    }
}

pub fn ip(value: &Value) -> ShapeResult<Ip> {
    match value {
        Value::String(text) => Ok(Ip::as_sent(text)),
        _ => Err(ShapeError::expected("an IP address", value)),
    }
}

fn flag(value: &Value) -> ShapeResult<Option<bool>> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(*flag)),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "true" | "yes" | "1" => Ok(Some(true)),
            "false" | "no" | "0" => Ok(Some(false)),
            _ => Err(ShapeError::expected("true or false", value)),
        },
        _ => Err(ShapeError::expected("true or false", value)),
    }
}

/// A number, or a string with a number: `"0.8300"`, but not `"25%"`.
pub fn number(value: &Value) -> ShapeResult<Option<f64>> {
    let wrong = || ShapeError::expected("a number", value);
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => number.as_f64().map(Some).ok_or_else(wrong),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "only for whole, non-negative numbers below 2^64"
)]
fn count(value: &Value) -> ShapeResult<Option<u64>> {
    if let Some(exact) = value.as_u64() {
        return Ok(Some(exact));
    }
    if let Some(exact) = value.as_str().and_then(|text| text.trim().parse().ok()) {
        return Ok(Some(exact));
    }
    match number(value)? {
        None => Ok(None),
        Some(whole) if (0.0..1.8e19).contains(&whole) => Ok(Some(whole as u64)),
        Some(_) => Err(ShapeError::expected("a count", value)),
    }
}

fn instant(value: &Value) -> ShapeResult<Option<DateTime<Utc>>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => match time::parse(text) {
            Some(at) => Ok((!time::is_never(at)).then_some(at)),
            None => Err(ShapeError::expected("a time", value)),
        },
        _ => Err(ShapeError::expected("a time", value)),
    }
}

/// Reads a list with a function for its entries. `null` is empty, and `null` entries are skipped.
pub fn list<'a, T>(value: &'a Value, entry: impl Fn(&'a Value) -> ShapeResult<T>) -> ShapeResult<Vec<T>> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(entries) => entries
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_null())
            .map(|(at, value)| entry(value).map_err(|error| error.under(&format!("[{at}]"))))
            .collect(),
        _ => Err(ShapeError::expected("a list", value)),
    }
}
