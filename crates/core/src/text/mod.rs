//! The one place that words counts, rates, thresholds, dates and durations. The viewer's zone is an argument.

pub mod rates;

use crate::model::{Day, PoolName};
use chrono::{DateTime, FixedOffset, Utc};

/// A pool as people call it: its band's word, or its name where that is not known.
#[must_use]
pub fn pool_word(pool: &PoolName) -> &str {
    match pool.band() {
        Some(band) => band.word(),
        None => pool.as_str(),
    }
}

/// A count with its thousands grouped: `1,234`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A difference with its sign: `+3`, `−2`, `0`.
#[must_use]
pub fn signed(n: i64) -> String {
    let size = count(n.unsigned_abs());
    match n.signum() {
        1 => format!("+{size}"),
        -1 => format!("−{size}"),
        _ => size,
    }
}

/// A count and its noun, plural with `s` unless it is one: `1 domain`, `2 domains`.
#[must_use]
pub fn counted(n: u64, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{} {noun}s", count(n))
    }
}

/// A short number for an axis or a card: `950`, `12.5k`, `3M`.
#[must_use]
pub fn compact(n: f64) -> String {
    let scaled = |value: f64, suffix: &str| {
        let text = format!("{value:.1}");
        format!("{}{suffix}", text.strip_suffix(".0").unwrap_or(&text))
    };
    match n.abs() {
        size if size >= 1e9 => scaled(n / 1e9, "G"),
        size if size >= 1e6 => scaled(n / 1e6, "M"),
        size if size >= 1e4 => scaled(n / 1e3, "k"),
        _ if (n - libm::round(n)).abs() < 1e-9 => format!("{n:.0}"),
        _ => scaled(n, ""),
    }
}

/// A share of a whole as percent without decimals, or with one below 10 %: `61 %`, `4.1 %`; `0 %` of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a share for display")]
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 || part == 0 {
        return "0 %".to_owned();
    }
    let percent = part as f64 / whole as f64 * 100.0;
    if percent < 0.1 {
        "<0.1 %".to_owned()
    } else if percent < 9.95 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// A threshold in parts per million with its unit: `5 %`, `0.1 %`, `0.0001 %`.
#[must_use]
pub fn limit(ppm: u64) -> String {
    let text = format!("{}.{:04}", count(ppm / 10_000), ppm % 10_000);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// `23 Jul 2026`
#[must_use]
pub fn day(day: Day) -> String {
    day.date().format("%-d %b %Y").to_string()
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

/// Names as a sentence lists them: `a`, `a and b`, `a, b and c`; beyond `most` the rest is counted.
#[must_use]
pub fn listed(names: &[String], most: usize) -> String {
    let shown = names.iter().take(most).cloned().collect::<Vec<_>>();
    let rest = names.len() - shown.len();
    if rest > 0 {
        return format!("{} and {} more", shown.join(", "), count(rest as u64));
    }
    match shown.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(28_365), "28,365");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(signed(-1_200), "−1,200");
        assert_eq!(counted(1, "domain"), "1 domain");
        assert_eq!(counted(0, "domain"), "0 domains");
    }

    #[test]
    fn short_numbers_and_shares() {
        assert_eq!(compact(950.0), "950");
        assert_eq!(compact(12_500.0), "12.5k");
        assert_eq!(compact(3_000_000.0), "3M");
        assert_eq!(compact(0.5), "0.5");
        assert_eq!(share(61, 100), "61 %");
        assert_eq!(share(41, 1_000), "4.1 %");
        assert_eq!(share(1, 10_000), "<0.1 %");
        assert_eq!(share(0, 0), "0 %");
        assert_eq!(
            [50_000, 1_000, 1, 123_456, 1_000_000].map(limit),
            ["5 %", "0.1 %", "0.0001 %", "12.3456 %", "100 %"]
        );
    }

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

    #[test]
    fn lists_read_as_sentences() {
        let names = ["a", "b", "c", "d"].map(str::to_owned);
        assert_eq!(listed(&names[..1], 3), "a");
        assert_eq!(listed(&names[..3], 3), "a, b and c");
        assert_eq!(listed(&names, 2), "a, b and 2 more");
    }
}
