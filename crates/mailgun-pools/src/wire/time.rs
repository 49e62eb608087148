//! The contract's two date formats, and its value for "never".

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, Utc};

/// An instant in a JSON body: `2025-06-26T19:31:51.870037Z`.
#[must_use]
pub fn to_rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// "Never" in a JSON body.
pub const NEVER: &str = "0001-01-01T00:00:00Z";

/// An instant in a query: RFC 1123 with the zone name GMT, in whole seconds.
#[must_use]
pub fn to_rfc1123(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// An instant in the metrics query: RFC 2822 with a numeric zone, in whole seconds.
#[must_use]
pub fn to_rfc2822(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// Parses either format: RFC 3339 (`T` or a space between, any offset, any fraction) or RFC 1123/2822 (weekday
/// optional, `GMT`, `UTC`, `Z` or a numeric zone). `None` for anything else.
#[must_use]
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    if let Ok(at) = DateTime::parse_from_rfc2822(text) {
        return Some(at.to_utc());
    }
    // Chrono does not know the zone name UTC, and refuses a wrong weekday, which we ignore.
    let unnamed = text.split_once(',').map_or(text, |(_, rest)| rest).trim();
    let naive = ["UTC", "GMT", "Z"]
        .into_iter()
        .find_map(|zone| unnamed.strip_suffix(zone));
    if let Some(naive) = naive {
        return NaiveDateTime::parse_from_str(naive.trim(), "%d %b %Y %H:%M:%S")
            .ok()
            .map(|at| at.and_utc());
    }
    DateTime::parse_from_str(unnamed, "%d %b %Y %H:%M:%S %z")
        .ok()
        .map(|at| at.to_utc())
}

/// Whether an instant is the service's "never": its year 1.
#[must_use]
pub fn is_never(at: DateTime<Utc>) -> bool {
    at.year() <= 1
}
