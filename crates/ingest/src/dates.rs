//! Parses dates in the styles that programs write, and finds a column's style.

use super::cells::{BadDate, DAY_SECONDS, FIRST_DAY, checked_year, day_of_seconds, standard_date};
use super::encoding::decode_cell;
use super::month_names::{is_weekday, month};
use chrono::{NaiveDate, NaiveTime};
use poolkeeper_core::model::Day;
use serde::{Deserialize, Serialize};

/// The order of day and month in dates such as `4/1/2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `4/1/2026` is 1 April.
    MonthFirst,
    /// `4/1/2026` is 4 January.
    DayFirst,
}

/// How a column writes dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateStyle {
    /// ISO 8601 or RFC 2822. With a zone a date is its UTC day.
    #[default]
    Standard,
    /// The same, always at midnight of a zone that is not UTC. A date is its day in that zone.
    LocalMidnight,
    /// Times in UTC that are midnight of another zone, such as `2026-03-31T22:00:00Z`. Each counts for the day that begins
    /// nearest to it.
    NearestMidnight,
    /// `2026/4/1`, `20260401`
    YearFirst,
    /// `1-Apr-2026`, `April 1, 2026`, `1. März 2026`
    MonthName,
    /// `4/1/2026`, `01.04.2026`
    Numeric(DateOrder),
    /// Days since 30 December 1899, as spreadsheets store them.
    SpreadsheetSerial,
    /// Days since 1 January 1904, as some older spreadsheets store them. Only a person can know this.
    #[serde(rename = "spreadsheet_serial_1904")]
    SpreadsheetSerial1904,
    /// Seconds since 1970, or a thousandth, millionth or billionth of a second.
    Epoch,
}

impl DateStyle {
    /// Parses a date of this style. A time with a zone counts for its day in `zone`, in seconds east of UTC.
    pub(super) fn parse(self, cell: &[u8], zone: i32) -> Result<Day, BadDate> {
        if self == Self::Standard {
            return standard_date(cell).and_then(|date| checked_year(date.day(zone)));
        }
        let (text, _) = decode_cell(cell);
        let day = match self {
            Self::Standard => None,
            Self::LocalMidnight => {
                let date = standard_date(cell)?;
                (date.is_midnight() || !date.has_offset()).then(|| date.local())
            }
            Self::NearestMidnight => utc_seconds(cell).map(|at| day_of_seconds(at.saturating_add(DAY_SECONDS / 2))),
            Self::YearFirst => year_first(&text),
            Self::MonthName => month_name(&text),
            Self::Numeric(order) => numeric(&text, order),
            Self::SpreadsheetSerial => serial(&text, 36_526),
            // Day 35,064 is 1 January 2000.
            Self::SpreadsheetSerial1904 => serial(&text, 35_064),
            Self::Epoch => epoch(&text).map(|at| day_of_seconds(at.saturating_add(i64::from(zone)))),
        };
        day.ok_or(BadDate::Form).and_then(checked_year)
    }

    /// The styles that a cell alone can show.
    pub(super) const ALL: [Self; 7] = [
        Self::Standard,
        Self::YearFirst,
        Self::MonthName,
        Self::Numeric(DateOrder::MonthFirst),
        Self::Numeric(DateOrder::DayFirst),
        Self::SpreadsheetSerial,
        Self::Epoch,
    ];
}

/// Splits off a time of day, such as `0:00` or `12:30:00 PM`; `None` if what follows the date is no time.
fn without_time(text: &str) -> Option<&str> {
    let Some(at) = text.find([' ', 'T']) else {
        return Some(text);
    };
    let (date, time) = (text.get(..at)?, text.get(at + 1..)?.trim());
    let forms = ["%H:%M", "%H:%M:%S%.f", "%I:%M %p", "%I:%M:%S %p", "%I:%M:%S%p"];
    let is_time = forms.iter().any(|form| NaiveTime::parse_from_str(time, form).is_ok());
    is_time.then_some(date)
}

/// The day of a year, with two or four digits, a month and a day.
fn ymd(year: &str, month: &str, day: &str) -> Option<Day> {
    let number = |text: &str, most: usize| {
        let is_number = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    let year = match year.len() {
        2 => 2_000 + number(year, 2)?,
        4 => number(year, 4)?,
        _ => return None,
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, number(month, 2)?, number(day, 2)?)?;
    Some(Day::from_date(date))
}

/// The three parts of a date with one kind of mark.
fn parts(date: &str) -> Option<[&str; 3]> {
    let mark = date.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let mut parts = date.trim_end_matches('.').split(mark).map(str::trim);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

fn year_first(text: &str) -> Option<Day> {
    let date = without_time(text)?;
    if date.len() == 8 && date.is_ascii() && !date.contains(['/', '.', '-']) {
        return ymd(date.get(..4)?, date.get(4..6)?, date.get(6..)?);
    }
    let [year, month, day] = parts(date)?;
    (year.len() == 4).then(|| ymd(year, month, day)).flatten()
}

fn numeric(text: &str, order: DateOrder) -> Option<Day> {
    let [first, second, year] = parts(without_time(text)?)?;
    match order {
        DateOrder::MonthFirst => ymd(year, first, second),
        DateOrder::DayFirst => ymd(year, second, first),
    }
}

fn month_name(text: &str) -> Option<Day> {
    let (date, time) = match text.find(':').and_then(|colon| text.get(..colon)?.rfind(' ')) {
        Some(at) => (text.get(..at)?, Some(text.get(at..)?.trim())),
        None => (text, None),
    };
    if time.is_some_and(|time| without_time(&format!("1 {time}")).is_none()) {
        return None;
    }
    // “1 de abril de 2026”
    let words = date
        .split([' ', '-', ',', '/', '.'])
        .filter(|word| !matches!(*word, "" | "de" | "of"));
    let mut words: Vec<&str> = words.take(5).collect();
    if words.len() == 4 && is_weekday(words.first()?) {
        words.remove(0);
    }
    let [first, second, year] = words.as_slice() else {
        return None;
    };
    match (month(first), month(second)) {
        (Some(month), _) => ymd(year, &month.to_string(), second),
        (_, Some(month)) => ymd(year, &month.to_string(), first),
        _ => None,
    }
}

/// The day of a spreadsheet's number, given the number of 1 January 2000.
fn serial(text: &str, of_2000: i32) -> Option<Day> {
    let (days, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if days.len() != 5 || !is_digits(days) || !is_digits(fraction) {
        return None;
    }
    Some(FIRST_DAY.plus(days.parse::<i32>().ok()?.checked_sub(of_2000)?))
}

/// Whole seconds since 1970.
pub(super) fn epoch(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let per_second = match whole.len() {
        9 | 10 => 1,
        12 | 13 => 1_000,
        15 | 16 => 1_000_000,
        18 | 19 => 1_000_000_000,
        _ => return None,
    };
    whole.parse::<i64>().ok()?.checked_div(per_second)
}

/// Seconds since 1970 of a time in UTC.
pub(super) fn utc_seconds(cell: &[u8]) -> Option<i64> {
    match standard_date(cell) {
        Ok(date) => date.utc_seconds(),
        Err(_) => epoch(std::str::from_utf8(cell).ok()?),
    }
}

impl DateOrder {
    /// The other order.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::MonthFirst => Self::DayFirst,
            Self::DayFirst => Self::MonthFirst,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_day_in_each_style() {
        use DateOrder::{DayFirst, MonthFirst};
        let day = Day::from_ymd(2026, 4, 1).unwrap();
        for (style, text) in [
            (DateStyle::LocalMidnight, "2026-04-01T00:00:00+02:00"),
            (DateStyle::LocalMidnight, "Wed, 01 Apr 2026 00:00:00 -0500"),
            (DateStyle::NearestMidnight, "2026-03-31T22:00:00Z"),
            (DateStyle::NearestMidnight, "2026-04-01T05:00:00+00:00"),
            (DateStyle::NearestMidnight, "1774994400"),
            (DateStyle::YearFirst, "2026/4/1"),
            (DateStyle::YearFirst, "2026.04.01 00:00"),
            (DateStyle::YearFirst, "20260401"),
            (DateStyle::MonthName, "1-Apr-2026"),
            (DateStyle::MonthName, "April 1, 2026"),
            (DateStyle::MonthName, "Wed 1 Apr 2026 0:00"),
            (DateStyle::MonthName, "01-Apr-26"),
            (DateStyle::MonthName, "Mi., 1. April 2026"),
            (DateStyle::MonthName, "1 avril 2026"),
            (DateStyle::MonthName, "1 de abril de 2026"),
            (DateStyle::Numeric(MonthFirst), "4/1/2026"),
            (DateStyle::Numeric(MonthFirst), "04/01/2026 12:30:00 PM"),
            (DateStyle::Numeric(MonthFirst), "4/1/26"),
            (DateStyle::Numeric(DayFirst), "01.04.2026"),
            (DateStyle::Numeric(DayFirst), "1-4-2026 00:00:00"),
            // 26 years with 7 leap days after day 36,526, which is 1 January 2000, are 9,497 days; 1 April is 90 later.
            (DateStyle::SpreadsheetSerial, "46113"),
            (DateStyle::SpreadsheetSerial, "46113.5"),
            // 1,462 days less, from 1 January 1904 on.
            (DateStyle::SpreadsheetSerial1904, "44651"),
            // 20,544 days of 86,400 seconds.
            (DateStyle::Epoch, "1775001600"),
            (DateStyle::Epoch, "1775087999999"),
        ] {
            assert_eq!(style.parse(text.as_bytes(), 0), Ok(day), "{text}");
        }
        for (style, text) in [
            (DateStyle::LocalMidnight, "2026-04-01T01:00:00+02:00"),
            (DateStyle::Numeric(MonthFirst), "13/1/2026"),
            (DateStyle::Numeric(MonthFirst), "4/1/226"),
            (DateStyle::YearFirst, "26-4-1"),
            (DateStyle::NearestMidnight, "2026-04-01"),
            (DateStyle::Numeric(MonthFirst), "4/1/2026 25:00"),
            (DateStyle::Numeric(DayFirst), "4/1.2026"),
            (DateStyle::MonthName, "1 Foo 2026"),
            (DateStyle::SpreadsheetSerial, "4611"),
            (DateStyle::Epoch, "-1775001600"),
        ] {
            assert_eq!(style.parse(text.as_bytes(), 0), Err(BadDate::Form), "{text}");
        }
    }

    /// A letter that is not ASCII may be in either encoding.
    #[test]
    fn months_with_an_umlaut_in_two_encodings() {
        let day = Day::from_ymd(2026, 3, 1).unwrap();
        for cell in ["1. März 2026".as_bytes(), b"1. M\xe4rz 2026"] {
            assert_eq!(DateStyle::MonthName.parse(cell, 0), Ok(day));
        }
    }

    #[test]
    fn a_time_with_a_zone_counts_for_its_day_in_the_chosen_zone() {
        let parse = |style: DateStyle, text: &str, hours: i32| style.parse(text.as_bytes(), hours * 3_600);
        let (first, second) = (Day::from_ymd(2026, 4, 1).unwrap(), Day::from_ymd(2026, 4, 2).unwrap());
        assert_eq!(parse(DateStyle::Standard, "2026-04-01T22:00:00Z", 0), Ok(first));
        assert_eq!(parse(DateStyle::Standard, "2026-04-01T22:00:00Z", 2), Ok(second));
        assert_eq!(parse(DateStyle::Standard, "2026-04-02T01:00:00+02:00", -5), Ok(first));
        assert_eq!(parse(DateStyle::Standard, "2026-04-01 22:00:00", 2), Ok(first));
        assert_eq!(parse(DateStyle::Epoch, "1775001600", -5), Ok(first.plus(-1)));
    }
}
