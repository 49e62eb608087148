//! Parses dates and counts.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};
use poolkeeper_core::model::Day;

/// The first day allowed: 2000-01-01.
pub(super) const FIRST_DAY: Day = Day(10_957);

/// Days from [`FIRST_DAY`] to 2100-12-31, both included.
pub(super) const DAYS: usize = 36_890;

/// Why a cell is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadDate {
    /// Not an accepted format, or a day that does not exist.
    Form,
    /// A date outside 2000 to 2100.
    Year,
}

/// What a date shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StandardDate {
    /// Seconds since 1970; of a date without a zone as if it were UTC.
    seconds: i64,
    /// Seconds east of UTC; `None` without a zone.
    offset: Option<i32>,
}

impl StandardDate {
    fn of(at: DateTime<FixedOffset>) -> Self {
        Self {
            seconds: at.timestamp(),
            offset: Some(at.offset().local_minus_utc()),
        }
    }

    /// The day in a zone, given in seconds east of UTC. A date without a zone is its own day.
    pub(super) fn day(self, zone: i32) -> Day {
        let zone = self.offset.map_or(0, |_| zone);
        day_of_seconds(self.seconds.saturating_add(i64::from(zone)))
    }

    /// The day in the date's own zone.
    pub(super) fn local(self) -> Day {
        self.day(self.offset.unwrap_or(0))
    }

    /// Whether it has a zone other than UTC.
    pub(super) fn has_offset(self) -> bool {
        self.offset.is_some_and(|offset| offset != 0)
    }

    /// Whether it is the start of a day in its own zone.
    pub(super) fn is_midnight(self) -> bool {
        (self.seconds + i64::from(self.offset.unwrap_or(0))).rem_euclid(DAY_SECONDS) == 0
    }

    /// Seconds since 1970, if it has a zone and this is UTC.
    pub(super) fn utc_seconds(self) -> Option<i64> {
        self.offset.filter(|offset| *offset == 0).map(|_| self.seconds)
    }
}

/// Seconds of a day.
pub(super) const DAY_SECONDS: i64 = 86_400;

/// The UTC day of a time since 1970.
pub(super) fn day_of_seconds(seconds: i64) -> Day {
    Day(i32::try_from(seconds.div_euclid(DAY_SECONDS)).unwrap_or(i32::MAX))
}

/// Parses a date and returns its UTC day: ISO 8601 with or without a time and a zone, or RFC 2822.
pub(super) fn parse_date(cell: &[u8]) -> Result<Day, BadDate> {
    standard_date(cell).and_then(|date| checked_year(date.day(0)))
}

/// Parses a date: ISO 8601 with or without a time and a zone, or RFC 2822.
pub(super) fn standard_date(cell: &[u8]) -> Result<StandardDate, BadDate> {
    let text = std::str::from_utf8(cell).map_err(|_| BadDate::Form)?;
    match iso_date(cell) {
        Some(day) if cell.len() == 10 => Ok(StandardDate {
            seconds: i64::from(day.0) * DAY_SECONDS,
            offset: None,
        }),
        Some(_) => iso_instant(text).ok_or(BadDate::Form),
        None => rfc2822_instant(text).ok_or(BadDate::Form),
    }
}

/// A day from 2000 to 2100.
pub(super) fn checked_year(day: Day) -> Result<Day, BadDate> {
    match usize::try_from(day.since(FIRST_DAY)) {
        Ok(since) if since < DAYS => Ok(day),
        _ => Err(BadDate::Year),
    }
}

/// The day of `2026-04-01…`.
fn iso_date(cell: &[u8]) -> Option<Day> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, ..] = *cell else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |sum, digit| {
            digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
        })
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?).map(Day::from_date)
}

/// The date of `2026-04-01T12:00…` or `2026-04-01 12:00…`. Without a zone it is UTC.
fn iso_instant(text: &str) -> Option<StandardDate> {
    let (date, time) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let time = ["UTC", "GMT", "z"]
        .iter()
        .find_map(|zone| time.strip_suffix(zone))
        .map_or_else(|| time.to_owned(), |time| format!("{}Z", time.trim_end()));
    let text = format!("{date}T{time}");
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"].iter().find_map(|form| {
        let local = NaiveDateTime::parse_from_str(&text, form).map(|at| StandardDate {
            seconds: at.and_utc().timestamp(),
            offset: None,
        });
        let zoned = || DateTime::parse_from_str(&text, &format!("{form} %#z")).map(StandardDate::of);
        local.or_else(|_| zoned()).ok()
    })
}

/// The date of `Wed, 01 Apr 2026 00:00:00 +0000`.
fn rfc2822_instant(text: &str) -> Option<StandardDate> {
    // "UTC" is common but not in the standard.
    let at = match text.strip_suffix("UTC") {
        Some(rest) => DateTime::parse_from_rfc2822(&format!("{rest}GMT")),
        None => DateTime::parse_from_rfc2822(text),
    };
    at.ok().map(StandardDate::of)
}

/// Why a cell is not a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadCount {
    /// Empty.
    Empty,
    /// Not only digits.
    NotWhole,
    /// Two numbers, by the style, and nothing shows which.
    Unclear,
    /// Larger than `u32`.
    TooLarge,
}

/// Parses a count, which must be digits only.
pub(super) fn parse_count(cell: &[u8]) -> Result<u32, BadCount> {
    if cell.is_empty() {
        return Err(BadCount::Empty);
    }
    let mut sum = 0_u64;
    for byte in cell {
        if !byte.is_ascii_digit() {
            return Err(BadCount::NotWhole);
        }
        sum = (sum * 10 + u64::from(byte - b'0')).min(u64::from(u32::MAX) + 1);
    }
    u32::try_from(sum).map_err(|_| BadCount::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_last_day_are_what_they_say() {
        assert_eq!(Day::from_ymd(2000, 1, 1), Some(FIRST_DAY));
        let last = i32::try_from(DAYS).unwrap() - 1;
        assert_eq!(Day::from_ymd(2100, 12, 31), Some(FIRST_DAY.plus(last)));
        assert_eq!(parse_date(b"1999-12-31"), Err(BadDate::Year));
        assert_eq!(parse_date(b"2101-01-01"), Err(BadDate::Year));
        assert_eq!(parse_date(b"2100-12-31"), Ok(FIRST_DAY.plus(last)));
    }

    #[test]
    fn every_form_of_one_day() {
        let day = Day::from_ymd(2026, 4, 1).unwrap();
        for text in [
            "2026-04-01",
            "2026-04-01T00:00:00Z",
            "2026-04-01t23:59:59z",
            "2026-04-01 23:59:59",
            "2026-04-01 23:59:59 UTC",
            "2026-04-01 23:59:59.999",
            "2026-04-01T23:59",
            "2026-04-01T23:59Z",
            "2026-04-01T00:00+00:00",
            "2026-04-02T01:30:00+02:00",
            "2026-04-02T01:30:00.5+0200",
            "2026-03-31 20:00:00 -04",
            "Wed, 01 Apr 2026 00:00:00 +0000",
            "Wed, 1 Apr 2026 23:59:59 GMT",
            "Wed, 01 Apr 2026 00:00:00 UTC",
            "Tue, 31 Mar 2026 20:00:00 -0400",
            "01 Apr 2026 00:00:00 +0000",
        ] {
            assert_eq!(parse_date(text.as_bytes()), Ok(day), "{text}");
        }
    }

    #[test]
    fn what_could_mean_another_day_is_refused() {
        for text in [
            "",
            "2026-4-1",
            "2026/04/01",
            "01/04/2026",
            "04-01-2026",
            "20260401",
            "2026-02-29",
            "2026-13-01",
            "2026-04-01x",
            "2026-04-01T",
            "2026-04-01T25:00:00",
            "2026-04-01T00:00:00 CEST",
            "2026-04-01T00:00:00Z trailing",
            "2026-04-01T00:00:00+02:00 trailing",
            "Thu, 01 Apr 2026 00:00:00 +0000",
            "Wed, 01 Apr 2026",
            "46113",
            "+2026-04-01",
            "２０２６-04-01",
        ] {
            assert_eq!(parse_date(text.as_bytes()), Err(BadDate::Form), "{text}");
        }
        assert_eq!(parse_date(b"2026-04-0\xff"), Err(BadDate::Form));
    }

    #[test]
    fn counts_are_digits() {
        assert_eq!(parse_count(b"0"), Ok(0));
        assert_eq!(parse_count(b"007"), Ok(7));
        assert_eq!(parse_count(b"4294967295"), Ok(u32::MAX));
        assert_eq!(parse_count(b"4294967296"), Err(BadCount::TooLarge));
        assert_eq!(parse_count(b"99999999999999999999999999"), Err(BadCount::TooLarge));
        assert_eq!(parse_count(b""), Err(BadCount::Empty));
        for bad in ["n/a", "1,234", "1.234", "12.0", "-5", "+5", "1e3", "1 234", "0x1", "٣"] {
            assert_eq!(parse_count(bad.as_bytes()), Err(BadCount::NotWhole), "{bad}");
        }
    }
}
