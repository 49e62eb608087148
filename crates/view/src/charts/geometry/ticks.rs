//! The ticks of an axis.

use chrono::Datelike as _;
use poolkeeper_core::model::Day;

/// Round values from at most `low` to at least `high`, in about `wanted` steps. They include both ends of the axis.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a handful of ticks"
)]
pub fn nice_ticks(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return vec![low, low + 1.0];
    }
    let rough = span / wanted.max(1) as f64;
    let size = libm::pow(10.0, libm::floor(libm::log10(rough)));
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * size)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(rough);
    let first = libm::floor(low / step + 1e-9) as i64;
    let last = libm::ceil(high / step - 1e-9) as i64;
    (first..=last).map(|at| at as f64 * step).collect()
}

/// The positions of the days to label, at most `most` of `count` days from `first`. They are first days of months when
/// there are enough, otherwise Mondays or every few days.
#[must_use]
pub fn day_ticks(first: Day, count: usize, most: usize) -> Vec<usize> {
    let most = most.max(1);
    let day = |at: usize| first.plus(i32::try_from(at).unwrap_or(i32::MAX)).date();
    let months = (0..count).filter(|at| day(*at).day() == 1).collect::<Vec<_>>();
    if months.len() >= 2 {
        return every(&months, most);
    }
    let mondays = (0..count)
        .filter(|at| day(*at).weekday() == chrono::Weekday::Mon)
        .collect::<Vec<_>>();
    if mondays.len() >= 3 {
        return every(&mondays, most);
    }
    every(&(0..count).collect::<Vec<_>>(), most)
}

fn every(at: &[usize], most: usize) -> Vec<usize> {
    at.iter().copied().step_by(at.len().div_ceil(most).max(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_values() {
        assert_eq!(nice_ticks(0.0, 400.0, 4), [0.0, 100.0, 200.0, 300.0, 400.0]);
        assert_eq!(nice_ticks(0.0, 7.0, 4), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(nice_ticks(0.0, 0.0, 4), [0.0, 1.0]);
        assert_eq!(nice_ticks(-3.0, 5.0, 4), [-4.0, -2.0, 0.0, 2.0, 4.0, 6.0]);
        let small = nice_ticks(0.0, 0.0031, 4);
        assert!(small.first() == Some(&0.0) && small.last().is_some_and(|last| *last >= 0.0031));
        assert!(small.len() <= 6);
    }

    #[test]
    fn days_are_labelled_at_months_weeks_or_days() {
        let day = |month, day| Day::from_ymd(2026, month, day).unwrap();
        // 25 April + 6 is 1 May, + 37 is 1 June, + 67 is 1 July.
        assert_eq!(day_ticks(day(4, 25), 90, 6), [6, 37, 67]);
        assert_eq!(day_ticks(day(4, 25), 90, 2), [6, 67]);
        // 6 July 2026 is a Monday.
        assert_eq!(day_ticks(day(7, 2), 22, 6), [4, 11, 18]);
        assert_eq!(day_ticks(day(7, 2), 4, 2), [0, 2]);
        assert!(day_ticks(day(7, 2), 0, 5).is_empty());
    }
}
