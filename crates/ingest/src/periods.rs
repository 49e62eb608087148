//! Rows that are weeks or months, and days that are only partly there.

use super::cells::FIRST_DAY;
use super::mapping::RowPeriod;
use super::outlying::with_rows;
use super::rows::DayTally;
use chrono::Datelike;
use std::ops::Range;

/// Fewer months than these may be a coincidence.
const MIN_MONTHS: u64 = 3;

/// Fewer weeks than these may be a coincidence, such as a newsletter's three Mondays.
const MIN_WEEKS: u64 = 4;

/// Days that a first or a last day is compared with.
const WEEK_DAYS: usize = 7;

/// What each row seems to be, with the number of days that have a row, the first and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FoundPeriod {
    pub(super) period: RowPeriod,
    pub(super) days: u64,
    pub(super) first: usize,
    pub(super) last: usize,
}

/// Whether the days with a row show that each row is a month or a week: all are the first of a month, or the same day of
/// the week.
pub(super) fn find_period(days: &[DayTally], inside: &Range<usize>) -> Option<FoundPeriod> {
    let mut found: Option<FoundPeriod> = None;
    let (mut are_months, mut are_weeks) = (true, true);
    for (at, _) in with_rows(days, inside) {
        let so_far = found.get_or_insert(FoundPeriod {
            period: RowPeriod::Month,
            days: 0,
            first: at,
            last: at,
        });
        are_months &= FIRST_DAY.plus(i32::try_from(at).ok()?).date().day() == 1;
        are_weeks &= (at - so_far.first).is_multiple_of(WEEK_DAYS);
        if !are_months && !are_weeks {
            return None;
        }
        so_far.days += 1;
        so_far.last = at;
    }
    let found = found?;
    if are_months && found.days >= MIN_MONTHS {
        return Some(found);
    }
    (are_weeks && found.days >= MIN_WEEKS).then_some(FoundPeriod {
        period: RowPeriod::Week,
        ..found
    })
}

/// A first or last day that has much less mail than the days beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PartialDay {
    pub(super) at: usize,
    pub(super) is_last: bool,
    pub(super) messages: u64,
    /// The messages of the weakest of the other days.
    pub(super) usual: u64,
}

/// The first and the last day, where it has less than half of the mail of any of the seven days beside it. All seven need
/// rows, so that a sender's own rhythm does not look like a part of a day.
pub(super) fn partial_days(days: &[DayTally], inside: &Range<usize>) -> Vec<PartialDay> {
    let week = WEEK_DAYS + 1;
    if inside.len() < week {
        return Vec::new();
    }
    let ends = [
        (false, inside.start, inside.start + 1..inside.start + week),
        (true, inside.end - 1, inside.end - week..inside.end - 1),
    ];
    let partial = ends.into_iter().filter_map(|(is_last, at, beside)| {
        let messages = days.get(at)?.processed;
        let usual = days.get(beside)?.iter().map(|day| day.processed).min()?;
        (messages.saturating_mul(2) < usual).then_some(PartialDay {
            at,
            is_last,
            messages,
            usual,
        })
    });
    partial.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(rows: &[(usize, u64)]) -> Vec<DayTally> {
        let mut days = vec![DayTally::default(); 400];
        for &(at, processed) in rows {
            days[at] = DayTally {
                rows: 1,
                processed,
                ..DayTally::default()
            };
        }
        days
    }

    #[test]
    fn weeks_and_months_are_found_by_their_days() {
        let period = |at: &[usize]| {
            let rows: Vec<_> = at.iter().map(|at| (*at, 1)).collect();
            find_period(&days(&rows), &(0..400)).map(|found| (found.period, found.days, found.first, found.last))
        };
        // Day 0 is 1 January 2000; 2000 is a leap year.
        assert_eq!(period(&[0, 31, 60]), Some((RowPeriod::Month, 3, 0, 60)));
        assert_eq!(period(&[0, 31]), None);
        assert_eq!(period(&[0, 31, 61]), None);
        assert_eq!(period(&[3, 10, 17, 24]), Some((RowPeriod::Week, 4, 3, 24)));
        assert_eq!(period(&[3, 10, 17]), None);
        assert_eq!(period(&[3, 10, 17, 25]), None);
        assert_eq!(period(&[]), None);
    }

    #[test]
    fn a_day_with_less_than_half_of_the_mail_is_partial() {
        let found = |counts: [u64; 8]| {
            let rows: Vec<_> = (10..).zip(counts).collect();
            let found = partial_days(&days(&rows), &(10..18));
            found
                .iter()
                .map(|found| (found.at, found.is_last, found.messages, found.usual))
                .collect::<Vec<_>>()
        };
        assert_eq!(found([90, 90, 90, 90, 90, 90, 80, 39]), [(17, true, 39, 80)]);
        assert_eq!(found([39, 80, 90, 90, 90, 90, 90, 90]), [(10, false, 39, 80)]);
        // Half is not less than half; a weak day among the others shows that weak days happen.
        assert_eq!(found([90, 90, 90, 90, 90, 90, 80, 40]), []);
        assert_eq!(found([90, 90, 90, 30, 90, 90, 90, 39]), []);
        assert_eq!(partial_days(&days(&[(10, 5), (11, 1)]), &(10..12)), []);
    }
}
