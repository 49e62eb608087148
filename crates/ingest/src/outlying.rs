//! Days that are far from all others: a typing error in a year, more likely than traffic.

use super::rows::DayTally;
use std::ops::Range;

/// Fewer days than this without a row are a pause.
const MIN_FAR_DAYS: usize = 60;

/// Far rows are at most one in this many.
const MAX_FAR_SHARE: u64 = 20;

/// Above this many rows, one row alone may be far.
const MIN_ROWS: u64 = 5;

/// A day that is far from the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct FarDay {
    pub(super) at: usize,
    pub(super) tally: DayTally,
}

/// Days without pauses of [`MIN_FAR_DAYS`] between them.
#[derive(Clone, Debug)]
struct DayGroup {
    days: Range<usize>,
    rows: u64,
}

/// The days to import, and those with rows outside of them. A group of days at either end is left out if it is further
/// from the next group than the largest group is long, and has at most 5 % of the rows or is a single row.
pub(super) fn near_days(days: &[DayTally], all: &Range<usize>) -> (Range<usize>, Vec<FarDay>) {
    let groups = day_groups(days, all);
    let total: u64 = groups.iter().map(|group| group.rows).sum();
    let longest = groups
        .iter()
        .max_by_key(|group| group.rows)
        .map_or(0, |group| group.days.len());
    let is_small =
        |group: &DayGroup| group.rows.saturating_mul(MAX_FAR_SHARE) <= total || (group.rows == 1 && total > MIN_ROWS);
    let is_far = |group: &DayGroup, next: &DayGroup| {
        let distance = if group.days.start < next.days.start {
            next.days.start - group.days.end
        } else {
            group.days.start - next.days.end
        };
        is_small(group) && distance > longest
    };
    let mut near = groups.as_slice();
    while let [first, rest @ ..] = near {
        match rest.first() {
            Some(next) if is_far(first, next) => near = rest,
            _ => break,
        }
    }
    while let [rest @ .., last] = near {
        match rest.last() {
            Some(next) if is_far(last, next) => near = rest,
            _ => break,
        }
    }
    let start = near.first().map_or(0, |group| group.days.start);
    let inside = start..near.last().map_or(start, |group| group.days.end);
    let outside = with_rows(days, all).filter(|(at, _)| !inside.contains(at));
    let far = outside.map(|(at, tally)| FarDay { at, tally: *tally }).collect();
    (inside, far)
}

/// The longest pause between days with a row, if it is long: the days before and after it.
pub(super) fn longest_pause(days: &[DayTally], inside: &Range<usize>) -> Option<(usize, usize)> {
    let groups = day_groups(days, inside);
    let pairs = groups.iter().zip(groups.iter().skip(1));
    let pauses = pairs.map(|(before, after)| (before.days.end.saturating_sub(1), after.days.start));
    pauses.max_by_key(|(before, after)| after - before)
}

/// The days of a range that have a row.
pub(super) fn with_rows<'a>(days: &'a [DayTally], range: &Range<usize>) -> impl Iterator<Item = (usize, &'a DayTally)> {
    let days = days.iter().enumerate().take(range.end).skip(range.start);
    days.filter(|(_, tally)| tally.rows > 0)
}

fn day_groups(days: &[DayTally], range: &Range<usize>) -> Vec<DayGroup> {
    let mut groups: Vec<DayGroup> = Vec::new();
    for (at, tally) in with_rows(days, range) {
        match groups.last_mut() {
            Some(group) if at - group.days.end < MIN_FAR_DAYS => {
                group.days.end = at + 1;
                group.rows += tally.rows;
            }
            _ => groups.push(DayGroup {
                days: at..at + 1,
                rows: tally.rows,
            }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(rows: &[(usize, u64)]) -> (Range<usize>, Vec<usize>) {
        let mut days = vec![DayTally::default(); 2_000];
        for &(at, rows) in rows {
            days[at] = DayTally {
                rows,
                first_line: 1,
                ..DayTally::default()
            };
        }
        let (inside, far) = near_days(&days, &(0..days.len()));
        (inside, far.iter().map(|far| far.at).collect())
    }

    #[test]
    fn a_few_rows_far_away_are_left_out() {
        assert_eq!(near(&[(500, 20), (501, 20), (880, 1)]), (500..502, vec![880]));
        assert_eq!(
            near(&[(100, 1), (500, 20), (501, 20), (880, 1)]),
            (500..502, vec![100, 880])
        );
        // Two rows of 42 are less than 5 %, two of 22 are not.
        assert_eq!(near(&[(500, 40), (880, 2)]).1, [880]);
        assert_eq!(near(&[(500, 20), (880, 2)]).1, [0; 0]);
        // A pause of 59 days, or shorter than the traffic before it, is a pause.
        assert_eq!(near(&[(500, 100), (560, 1)]).1, [0; 0]);
        let long: Vec<_> = (100..400).map(|at| (at, 1)).chain([(650, 1)]).collect();
        assert_eq!(near(&long).1, [0; 0]);
        assert_eq!(near(&[]), (0..0, vec![]));
    }
}
