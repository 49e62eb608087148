//! Reads the parameters of a request.

use crate::wire::time;
use chrono::{DateTime, Utc};
use poolkeeper_core::model::PoolName;
use thiserror::Error;

/// An invalid parameter, described for the sender.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct InvalidParam {
    /// The parameter's name.
    pub field: String,
    /// Its value.
    pub value: String,
    /// What is wrong and what to send instead.
    pub problem: String,
}

impl InvalidParam {
    /// An invalid parameter: its name, its value and the problem.
    #[must_use]
    pub fn new(field: &str, value: &str, problem: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            value: value.to_owned(),
            problem: problem.into(),
        }
    }
}

/// The parameters of a request, from its query or its form: pairs in order, a name may repeat.
#[derive(Clone, Copy, Debug)]
pub struct RequestParams<'a>(pub &'a [(String, String)]);

impl<'a> RequestParams<'a> {
    /// Whether a parameter is present, even if empty.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// Every value of a parameter as sent.
    pub fn all(self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every value of a list: repeated, comma-separated, or both; also under `name[]`, or `name[0]`, `name[1]` and so on. Blank
    /// values are skipped.
    #[must_use]
    pub fn list(self, name: &str) -> Vec<&'a str> {
        let is_index = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
        let is_named = |key: &str| match key.strip_prefix(name) {
            Some("") => true,
            Some(rest) => rest
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
                .is_some_and(is_index),
            None => false,
        };
        let named = self.0.iter().filter(|(key, _)| is_named(key));
        named
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// A parameter with one value; an empty one counts as missing.
    #[must_use]
    pub fn one(self, name: &str) -> Option<&'a str> {
        let mut named = self.0.iter().filter(|(key, _)| key == name);
        named.find_map(|(_, value)| Some(value.trim()).filter(|value| !value.is_empty()))
    }

    /// A whole number within bounds.
    ///
    /// # Errors
    /// [`InvalidParam`] with the bounds.
    pub fn whole(self, name: &str, min: u64, max: u64) -> Result<Option<u64>, InvalidParam> {
        let Some(text) = self.one(name) else {
            return Ok(None);
        };
        match text.parse::<u64>() {
            Ok(number) if (min..=max).contains(&number) => Ok(Some(number)),
            Ok(number) => {
                let problem = format!("{number} is out of range; take {min} to {max}");
                Err(InvalidParam::new(name, text, problem))
            }
            Err(_) => {
                let problem = format!("“{text}” is not a whole number; take {min} to {max}");
                Err(InvalidParam::new(name, text, problem))
            }
        }
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// [`InvalidParam`] for anything else.
    pub fn flag(self, name: &str) -> Result<Option<bool>, InvalidParam> {
        match self.one(name) {
            None => Ok(None),
            Some("true" | "True" | "yes" | "1") => Ok(Some(true)),
            Some("false" | "False" | "no" | "0") => Ok(Some(false)),
            Some(other) => Err(InvalidParam::new(
                name,
                other,
                format!("“{other}” is neither true nor false"),
            )),
        }
    }

    /// A time.
    ///
    /// # Errors
    /// [`InvalidParam`] with a valid example.
    pub fn instant(self, name: &str) -> Result<Option<DateTime<Utc>>, InvalidParam> {
        let Some(text) = self.one(name) else {
            return Ok(None);
        };
        time::parse(text).map(Some).ok_or_else(|| {
            let problem = format!("“{text}” is not a time such as Thu, 23 Jul 2026 15:04:05 GMT");
            InvalidParam::new(name, text, problem)
        })
    }

    /// A dynamic pool's name.
    ///
    /// # Errors
    /// [`InvalidParam`] for any other name.
    pub fn pool(self, name: &str) -> Result<Option<PoolName>, InvalidParam> {
        self.one(name).map(|text| known_pool(name, text)).transpose()
    }
}

/// Parses a pool name, which must be one of the three.
///
/// # Errors
/// [`InvalidParam`] naming the three.
pub(super) fn known_pool(field: &str, text: &str) -> Result<PoolName, InvalidParam> {
    match PoolName::parse(text) {
        known @ PoolName::Known(_) => Ok(known),
        PoolName::Unknown(name) => {
            let problem = format!("“{name}” is not a pool; take dynamic_good, dynamic_poor or dynamic_new");
            Err(InvalidParam::new(field, &name, problem))
        }
    }
}

/// One of a few words.
pub(super) fn word<T: Clone>(
    params: RequestParams<'_>,
    name: &str,
    words: &[(&str, T)],
) -> Result<Option<T>, InvalidParam> {
    let Some(text) = params.one(name) else {
        return Ok(None);
    };
    if let Some((_, found)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(Some(found.clone()));
    }
    let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    Err(InvalidParam::new(
        name,
        text,
        format!("“{text}” is unknown; take one of {known}"),
    ))
}
