//! Dates, instants and durations. The viewer's zone is an argument.

use crate::model::Day;
use chrono::{DateTime, FixedOffset, Utc};

/// `23 Jul 2026`
#[must_use]
pub fn day(day: Day) -> String {
    day.date().format("%-d %b %Y").to_string()
}

/// When a domain is good again without any further event: `Good on 23 Jul 2026 if there are no more bounces or complaints`
#[must_use]
pub fn good_on(on: Day) -> String {
    format!("Good on {} if there are no more bounces or complaints", day(on))
}

/// `23 Jul`
#[must_use]
pub fn day_short(day: Day) -> String {
    day.date().format("%-d %b").to_string()
}

/// `Thu`
#[must_use]
pub fn weekday(day: Day) -> String {
    day.date().format("%a").to_string()
}

/// `Thu 23 Jul 2026`
#[must_use]
pub fn day_long(day: Day) -> String {
    day.date().format("%a %-d %b %Y").to_string()
}

/// An instant in a zone: `23 Jul 2026, 14:05`.
#[must_use]
pub fn instant(at: DateTime<Utc>, zone: FixedOffset) -> String {
    at.with_timezone(&zone).format("%-d %b %Y, %H:%M").to_string()
}

/// An instant in UTC, to the second: `2026-07-23 12:05:00 UTC`.
#[must_use]
pub fn instant_utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A duration: `40 ms`, `1.2 s`, `45 s`, `3 min 5 s`, `2 h 10 min`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "tenths of a second for display")]
pub fn duration_ms(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0 => format!("{ms} ms"),
        1..=9 => format!("{:.1} s", ms as f64 / 1e3),
        10..=59 => format!("{seconds} s"),
        60..=3_599 => match seconds % 60 {
            0 => format!("{} min", seconds / 60),
            rest => format!("{} min {rest} s", seconds / 60),
        },
        _ => match seconds % 3_600 / 60 {
            0 => format!("{} h", seconds / 3_600),
            rest => format!("{} h {rest} min", seconds / 3_600),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn dates_in_the_viewers_zone() {
        let at = DateTime::from_timestamp(1_784_808_300, 0).unwrap();
        assert_eq!(instant_utc(at), "2026-07-23 12:05:00 UTC");
        assert_eq!(instant(at, FixedOffset::east_opt(7_200).unwrap()), "23 Jul 2026, 14:05");
        let thursday = Day::from_ymd(2026, 7, 23).unwrap();
        assert_eq!(day_long(thursday), "Thu 23 Jul 2026");
    }

    #[test]
    fn durations_round_to_what_matters() {
        assert_eq!(duration_ms(40), "40 ms");
        assert_eq!(duration_ms(1_240), "1.2 s");
        assert_eq!(duration_ms(185_000), "3 min 5 s");
        assert_eq!(duration_ms(7_800_000), "2 h 10 min");
    }
}
