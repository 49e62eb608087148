//! Parses dates in the styles that programs write, and finds a column's style.

use super::cells::{BadDate, FIRST_DAY, checked_year, parse_date, standard_date};
use chrono::{DateTime, NaiveDate, NaiveTime};
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
    /// `2026/4/1`, `20260401`
    YearFirst,
    /// `1-Apr-2026`, `April 1, 2026`
    MonthName,
    /// `4/1/2026`, `01.04.2026`
    Numeric(DateOrder),
    /// Days since 30 December 1899, as spreadsheets store them.
    SpreadsheetSerial,
    /// Seconds since 1970, or a thousandth, millionth or billionth of a second.
    Epoch,
}

impl DateStyle {
    /// Parses a date of this style.
    pub(super) fn parse(self, cell: &[u8]) -> Result<Day, BadDate> {
        let text = std::str::from_utf8(cell).map_err(|_| BadDate::Form)?;
        let day = match self {
            Self::Standard => return parse_date(cell),
            Self::LocalMidnight => {
                let date = standard_date(cell)?;
                (date.is_midnight || !date.has_offset).then_some(date.local)
            }
            Self::YearFirst => year_first(text),
            Self::MonthName => month_name(text),
            Self::Numeric(order) => numeric(text, order),
            Self::SpreadsheetSerial => serial(text),
            Self::Epoch => epoch(text),
        };
        day.ok_or(BadDate::Form).and_then(checked_year)
    }

    /// All styles but [`Self::LocalMidnight`], which is a variant of the first.
    const ALL: [Self; 7] = [
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

fn ymd(year: &str, month: &str, day: &str) -> Option<Day> {
    let number = |text: &str, most: usize| {
        let is_number = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    let year = number(year, 4).filter(|_| year.len() == 4)?;
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
    ymd(year, month, day)
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
    let words = date.split([' ', '-', ',', '/', '.']).filter(|word| !word.is_empty());
    let mut words: Vec<&str> = words.take(5).collect();
    if words.len() == 4 && is_weekday(words.first()?) {
        words.remove(0);
    }
    let [first, second, year] = words.as_slice() else {
        return None;
    };
    let month = |word: &str| {
        let names = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let word = word.to_ascii_lowercase();
        let at = names
            .iter()
            .position(|name| word.len() >= 3 && name.starts_with(&word))?;
        Some((at + 1).to_string())
    };
    match (month(first), month(second)) {
        (Some(month), _) => ymd(year, &month, second),
        (_, Some(month)) => ymd(year, &month, first),
        _ => None,
    }
}

fn is_weekday(word: &str) -> bool {
    let names = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let word = word.to_ascii_lowercase();
    word.len() >= 3 && names.iter().any(|name| name.starts_with(&word))
}

fn serial(text: &str) -> Option<Day> {
    let (days, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if days.len() != 5 || !is_digits(days) || !is_digits(fraction) {
        return None;
    }
    // Day 36,526 is 1 January 2000.
    Some(FIRST_DAY.plus(days.parse::<i32>().ok()?.checked_sub(36_526)?))
}

fn epoch(text: &str) -> Option<Day> {
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
    let at = DateTime::from_timestamp(whole.parse::<i64>().ok()?.checked_div(per_second)?, 0)?;
    Some(Day::from_date(at.date_naive()))
}

/// What the cells of a column show about its style.
#[derive(Clone, Debug, Default)]
pub(super) struct DateEvidence {
    /// For each of [`DateStyle::ALL`], the cells that have this style, and their first and last day.
    styles: [(u64, Option<(Day, Day)>); 7],
    cells: u64,
    last: Vec<u8>,
    local_midnights: u64,
    other_times: u64,
    /// Whether numeric dates have dots, and the first of them.
    has_dots: bool,
    example: String,
}

/// A column's style, and how certain it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DecidedDates {
    Certain(DateStyle),
    /// The order of day and month is the likelier one.
    Likely(DateOrder),
    /// Day and month cannot be told apart; an example.
    Unclear(String),
}

impl DateEvidence {
    pub(super) fn add(&mut self, cell: &[u8]) {
        if cell.is_empty() || cell == self.last {
            return;
        }
        self.last = cell.to_vec();
        self.cells += 1;
        if let Ok(date) = standard_date(cell) {
            if date.has_offset && date.is_midnight {
                self.local_midnights += 1;
            } else if date.has_offset || !date.is_midnight {
                self.other_times += 1;
            }
        }
        for (style, (count, days)) in DateStyle::ALL.into_iter().zip(&mut self.styles) {
            let Ok(day) = style.parse(cell) else {
                continue;
            };
            *count += 1;
            let (first, last) = days.unwrap_or((day, day));
            *days = Some((first.min(day), last.max(day)));
            if matches!(style, DateStyle::Numeric(_)) && self.example.is_empty() {
                self.has_dots = cell.contains(&b'.');
                self.example = String::from_utf8_lossy(cell).into_owned();
            }
        }
    }

    /// Whether more cells could show more.
    pub(super) fn needs_more(&self) -> bool {
        match self.decide(None) {
            DecidedDates::Certain(style) => style == DateStyle::LocalMidnight && self.cells < 2,
            DecidedDates::Likely(_) | DecidedDates::Unclear(_) => true,
        }
    }

    /// The style that most cells have.
    pub(super) fn decide(&self, order: Option<DateOrder>) -> DecidedDates {
        let mut best = (DateStyle::Standard, 0);
        for (style, (count, _)) in DateStyle::ALL.into_iter().zip(&self.styles) {
            if *count > best.1 {
                best = (style, *count);
            }
        }
        match best.0 {
            DateStyle::Standard if self.local_midnights > 0 && self.other_times == 0 => {
                DecidedDates::Certain(DateStyle::LocalMidnight)
            }
            DateStyle::Numeric(_) => self.decide_order(order),
            style => DecidedDates::Certain(style),
        }
    }

    fn decide_order(&self, order: Option<DateOrder>) -> DecidedDates {
        let [.., month_first, day_first, _, _] = &self.styles;
        let certain = |order| DecidedDates::Certain(DateStyle::Numeric(order));
        if let Some(order) = order {
            return certain(order);
        }
        if month_first.0 != day_first.0 {
            return certain(if month_first.0 > day_first.0 {
                DateOrder::MonthFirst
            } else {
                DateOrder::DayFirst
            });
        }
        // Daily counts are of days close together: the other order spreads them over months.
        let span = |days: Option<(Day, Day)>| days.map_or(0, |(first, last)| last.since(first));
        let (month_first, day_first) = (span(month_first.1), span(day_first.1));
        if month_first.saturating_mul(2) < day_first {
            DecidedDates::Likely(DateOrder::MonthFirst)
        } else if day_first.saturating_mul(2) < month_first || self.has_dots {
            DecidedDates::Likely(DateOrder::DayFirst)
        } else {
            DecidedDates::Unclear(self.example.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(cells: &[&str]) -> DecidedDates {
        let mut evidence = DateEvidence::default();
        cells.iter().for_each(|cell| evidence.add(cell.as_bytes()));
        evidence.decide(None)
    }

    #[test]
    fn one_day_in_each_style() {
        use DateOrder::{DayFirst, MonthFirst};
        let day = Day::from_ymd(2026, 4, 1).unwrap();
        for (style, text) in [
            (DateStyle::LocalMidnight, "2026-04-01T00:00:00+02:00"),
            (DateStyle::LocalMidnight, "Wed, 01 Apr 2026 00:00:00 -0500"),
            (DateStyle::YearFirst, "2026/4/1"),
            (DateStyle::YearFirst, "2026.04.01 00:00"),
            (DateStyle::YearFirst, "20260401"),
            (DateStyle::MonthName, "1-Apr-2026"),
            (DateStyle::MonthName, "April 1, 2026"),
            (DateStyle::MonthName, "Wed 1 Apr 2026 0:00"),
            (DateStyle::Numeric(MonthFirst), "4/1/2026"),
            (DateStyle::Numeric(MonthFirst), "04/01/2026 12:30:00 PM"),
            (DateStyle::Numeric(DayFirst), "01.04.2026"),
            (DateStyle::Numeric(DayFirst), "1-4-2026 00:00:00"),
            // 26 years with 7 leap days after day 36,526, which is 1 January 2000, are 9,497 days; 1 April is 90 later.
            (DateStyle::SpreadsheetSerial, "46113"),
            (DateStyle::SpreadsheetSerial, "46113.5"),
            // 20,544 days of 86,400 seconds.
            (DateStyle::Epoch, "1775001600"),
            (DateStyle::Epoch, "1775087999999"),
        ] {
            assert_eq!(style.parse(text.as_bytes()), Ok(day), "{text}");
        }
        for (style, text) in [
            (DateStyle::LocalMidnight, "2026-04-01T01:00:00+02:00"),
            (DateStyle::Numeric(MonthFirst), "13/1/2026"),
            (DateStyle::Numeric(MonthFirst), "4/1/26"),
            (DateStyle::Numeric(MonthFirst), "4/1/2026 25:00"),
            (DateStyle::Numeric(DayFirst), "4/1.2026"),
            (DateStyle::MonthName, "1 Foo 2026"),
            (DateStyle::SpreadsheetSerial, "4611"),
            (DateStyle::Epoch, "-1775001600"),
        ] {
            assert_eq!(style.parse(text.as_bytes()), Err(BadDate::Form), "{text}");
        }
    }

    #[test]
    fn the_order_is_that_of_the_column() {
        use DateOrder::{DayFirst, MonthFirst};
        let certain = |order| DecidedDates::Certain(DateStyle::Numeric(order));
        assert_eq!(decide(&["4/1/2026", "4/13/2026"]), certain(MonthFirst));
        assert_eq!(decide(&["4/1/2026", "13/4/2026"]), certain(DayFirst));
        // 1, 2 and 3 April, or the fourth of three months.
        assert_eq!(
            decide(&["4/1/2026", "4/2/2026", "4/3/2026"]),
            DecidedDates::Likely(MonthFirst)
        );
        assert_eq!(decide(&["01.04.2026"]), DecidedDates::Likely(DayFirst));
        assert_eq!(decide(&["4/1/2026"]), DecidedDates::Unclear("4/1/2026".to_owned()));
        assert_eq!(decide(&["4/4/2026"]), DecidedDates::Unclear("4/4/2026".to_owned()));
        assert_eq!(decide(&["2026-04-01", "x"]), DecidedDates::Certain(DateStyle::Standard));
    }
}
