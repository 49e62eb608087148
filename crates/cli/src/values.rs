//! Values as people write them on the command line and in files.

use chrono::{DateTime, NaiveDate, Utc};
use poolkeeper_core::model::{Band, DomainName, Ip, Replacement};

/// Reads a domain's name.
pub(crate) fn domain(text: &str) -> Result<DomainName, String> {
    DomainName::parse(text).map_err(|error| error.to_string())
}

/// Reads a pool: `good`, `poor`, `new`, or Mailgun's own name of one.
pub(crate) fn band(text: &str) -> Result<Band, String> {
    let known = Band::ALL
        .into_iter()
        .find(|band| band.word() == text || band.pool_name() == text);
    known.ok_or_else(|| "enter good, poor or new".to_owned())
}

/// Reads an IP address.
pub(crate) fn ip(text: &str) -> Result<Ip, String> {
    Ip::parse(text).map_err(|error| error.to_string())
}

/// Reads what a domain goes to when it leaves.
pub(crate) fn replacement(text: &str) -> Result<Replacement, String> {
    Ok(match (text, text.strip_prefix("pool:")) {
        ("shared", _) => Replacement::Shared,
        (_, Some(id)) if !id.is_empty() => Replacement::DedicatedPool(id.to_owned()),
        _ => Replacement::Ips(text.split(',').map(|one| ip(one.trim())).collect::<Result<_, _>>()?),
    })
}

/// Reads an instant: `2026-07-22T10:00:00Z`.
pub(crate) fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    text.parse()
        .map_err(|_| "enter a time such as 2026-07-22T10:00:00Z".to_owned())
}

/// Reads a day: `2026-07-22`.
pub(crate) fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "enter a day such as 2026-07-22".to_owned())
}
