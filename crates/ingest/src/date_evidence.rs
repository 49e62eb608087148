//! Finds a column's style of dates by its cells.

use super::cells::{DAY_SECONDS, standard_date};
use super::dates::{DateOrder, DateStyle, utc_seconds};
use poolkeeper_core::model::Day;

/// The times of day that dates with a time in UTC have, as far as they are few.
#[derive(Clone, Debug, Default)]
struct TimesOfDay {
    /// Cells that are such a date.
    cells: u64,
    /// Seconds of the day, at most three.
    shown: Vec<i64>,
}

impl TimesOfDay {
    fn add(&mut self, utc_seconds: Option<i64>) {
        let Some(seconds) = utc_seconds else { return };
        self.cells += 1;
        let time = seconds.rem_euclid(DAY_SECONDS);
        if self.shown.len() < 3 && !self.shown.contains(&time) {
            self.shown.push(time);
        }
    }

    /// Whether all dates are midnight of one zone east of UTC, which is the evening before in UTC: one time of day, or two
    /// an hour apart because of summer time. Of zones to the west, midnight is on the UTC day anyway.
    fn are_midnight_elsewhere(&self, cells: u64) -> bool {
        const NOON: i64 = DAY_SECONDS / 2;
        let is_quarter = |time: &i64| time % 900 == 0;
        let is_one_zone = match self.shown.as_slice() {
            [time] => *time > NOON,
            [one, other] => {
                let apart = (one - other).rem_euclid(DAY_SECONDS);
                (apart == 3_600 || apart == DAY_SECONDS - 3_600) && *one.max(other) > NOON
            }
            _ => false,
        };
        self.cells == cells && cells >= 2 && is_one_zone && self.shown.iter().all(is_quarter)
    }
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
    times: TimesOfDay,
    /// Dates whose year has two digits.
    short_years: u64,
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
            if date.has_offset() && date.is_midnight() {
                self.local_midnights += 1;
            } else if date.has_offset() || !date.is_midnight() {
                self.other_times += 1;
            }
        }
        self.times.add(utc_seconds(cell));
        for (style, (count, days)) in DateStyle::ALL.into_iter().zip(&mut self.styles) {
            let Ok(day) = style.parse(cell, 0) else {
                continue;
            };
            *count += 1;
            let (first, last) = days.unwrap_or((day, day));
            *days = Some((first.min(day), last.max(day)));
            if matches!(style, DateStyle::Numeric(DateOrder::DayFirst) | DateStyle::MonthName) {
                let has_year = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
                self.short_years += u64::from(!cell.windows(4).any(has_year));
            }
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

    /// The style of times in UTC that are no day's midnight.
    pub(super) fn of_times(&self) -> DateStyle {
        let [standard, .., epoch] = &self.styles;
        if epoch.0 > standard.0 {
            DateStyle::Epoch
        } else {
            DateStyle::Standard
        }
    }

    /// The cells of a style, and all of them.
    pub(super) fn fitting(&self, style: DateStyle) -> (u64, u64) {
        let alike = match style {
            DateStyle::LocalMidnight => DateStyle::Standard,
            DateStyle::NearestMidnight => self.of_times(),
            DateStyle::SpreadsheetSerial1904 => DateStyle::SpreadsheetSerial,
            style => style,
        };
        let mut styles = DateStyle::ALL.into_iter().zip(&self.styles);
        let fitting = styles
            .find(|(known, _)| *known == alike)
            .map_or(0, |(_, (cells, _))| *cells);
        (fitting, self.cells)
    }

    /// Whether years are written with two digits.
    pub(super) const fn has_short_years(&self) -> bool {
        self.short_years > 0
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
            DateStyle::Standard | DateStyle::Epoch if self.times.are_midnight_elsewhere(self.cells) => {
                DecidedDates::Certain(DateStyle::NearestMidnight)
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

    /// Midnight in Berlin is 22:00 UTC of the day before in summer, and 23:00 in winter.
    #[test]
    fn a_constant_evening_in_utc_is_midnight_elsewhere() {
        use DateStyle::{Epoch, NearestMidnight, Standard};
        for (cells, style) in [
            (&["2026-03-31T22:00:00Z", "2026-04-01T22:00:00Z"][..], NearestMidnight),
            (&["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"], NearestMidnight),
            (&["1774994400", "1775080800"], NearestMidnight),
            (&["2026-03-31T22:00:00Z"], Standard),
            (&["2026-03-31T22:00:00Z", "2026-04-01T20:00:00Z"], Standard),
            (&["2026-03-31T23:59:59Z", "2026-04-01T23:59:59Z"], Standard),
            (&["2026-04-01T05:00:00Z", "2026-04-02T05:00:00Z"], Standard),
            (&["2026-03-31 22:00:00", "2026-04-01 22:00:00"], Standard),
            (&["1775001600", "1775088000"], Epoch),
        ] {
            assert_eq!(decide(cells), DecidedDates::Certain(style), "{cells:?}");
        }
    }
}
