//! The system clock, for what says when it happened.

use chrono::{DateTime, Utc};
use std::time::{SystemTime, UNIX_EPOCH};

/// The time, in whole milliseconds.
#[expect(
    clippy::disallowed_methods,
    reason = "an edge: this program says when things happened"
)]
pub(crate) fn now_utc() -> DateTime<Utc> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    DateTime::from_timestamp_millis(i64::try_from(since.as_millis()).unwrap_or_default()).unwrap_or_default()
}
