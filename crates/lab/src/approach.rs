//! When a domain moves if it goes on as in its latest days, and how long it takes to be good again without any event.

use poolkeeper_core::health::{Latch, Metric, MetricPolicy, Policy, check};
use poolkeeper_core::model::{Band, Counts};

/// A domain's present day is the mean of its latest days, this many.
pub const PRESENT_DAYS: usize = 2;

/// When a domain moves, if it goes on as now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approach {
    /// Days until the check that moves it: 1 is the next day's.
    pub days: u32,
    /// The band it moves to.
    pub towards: Band,
    /// The rate that decides.
    pub metric: Metric,
}

/// A day that is to repeat: these counts divided by `parts`. Instead all other counts and minimums are multiplied, so they stay
/// whole.
struct RepeatedDay {
    counts: Counts,
    parts: u64,
}

/// When a domain moves if its coming days are as its latest; `None` if it then never does.
///
/// `recent` is its days up to now, a window at most; `is_check` says whether a check ends the day that many days ahead.
///
/// # Examples
/// ```
/// use poolkeeper_core::health::Policy;
/// use poolkeeper_core::model::{Band, Counts};
/// use poolkeeper_lab::approach;
/// let day = |bounced| Counts { processed: 1_000, delivered: 1_000 - bounced, bounced, complained: 0 };
/// // 400 bounces today and none before: a day like the last two has 200. 600 of 7,000 after one, 800 (11.4 %) after two.
/// let recent = [day(0), day(0), day(0), day(0), day(0), day(0), day(400)];
/// let found = approach(&Policy::default(), &recent, Band::Good, |_| true).unwrap();
/// assert_eq!((found.days, found.towards), (2, Band::Poor));
/// ```
#[must_use]
pub fn approach(policy: &Policy, recent: &[Counts], band: Band, is_check: impl Fn(u32) -> bool) -> Option<Approach> {
    let latest = recent.get(recent.len().saturating_sub(PRESENT_DAYS)..)?;
    let day = RepeatedDay {
        counts: latest.iter().copied().sum(),
        parts: u64::try_from(latest.len()).ok().filter(|parts| *parts > 0)?,
    };
    next_move(policy, recent, band, &day, is_check)
}

/// How many days without a bounce or complaint, at the volume of these days, bring a domain to good. `None` if none do: it is
/// good, or sends too little.
#[must_use]
pub fn clean_days_to_good(policy: &Policy, recent: &[Counts], band: Band) -> Option<u32> {
    let all: Counts = recent.iter().copied().sum();
    let day = RepeatedDay {
        counts: Counts {
            processed: all.processed,
            delivered: all.sent(),
            ..Counts::ZERO
        },
        parts: u64::try_from(recent.len()).ok().filter(|parts| *parts > 0)?,
    };
    let found = next_move(policy, recent, band, &day, |_| true)?;
    (found.towards == Band::Good).then_some(found.days)
}

fn next_move(
    policy: &Policy,
    recent: &[Counts],
    band: Band,
    day: &RepeatedDay,
    is_check: impl Fn(u32) -> bool,
) -> Option<Approach> {
    let scaled = scaled(policy, day.parts);
    let window_days = usize::try_from(policy.window_days).unwrap_or(usize::MAX);
    let mut latch = Latch::new(band);
    let last = policy.window_days.saturating_mul(2);
    for ahead in 1..=last {
        let old_days = window_days.saturating_sub(ahead as usize);
        let old = recent.get(recent.len().saturating_sub(old_days)..).unwrap_or(&[]);
        let mut window = times(old.iter().copied().sum(), day.parts);
        window += times(day.counts, u64::from(ahead.min(policy.window_days)));
        if !is_check(ahead) {
            continue;
        }
        let check = check(&scaled, &window);
        if let Some(towards) = latch.next_band(&scaled, check.vote) {
            return Some(Approach {
                days: ahead,
                towards,
                metric: check.deciding().next()?,
            });
        }
    }
    None
}

fn scaled(policy: &Policy, parts: u64) -> Policy {
    let metric = |on: Option<MetricPolicy>| {
        on.map(|on| MetricPolicy {
            poor_min_events: on.poor_min_events.saturating_mul(parts),
            ..on
        })
    };
    Policy {
        minimum_processed: policy.minimum_processed.saturating_mul(parts),
        bounce: metric(policy.bounce),
        complaint: metric(policy.complaint),
        ..policy.clone()
    }
}

const fn times(counts: Counts, factor: u64) -> Counts {
    Counts {
        processed: counts.processed.saturating_mul(factor),
        delivered: counts.delivered.saturating_mul(factor),
        bounced: counts.bounced.saturating_mul(factor),
        complained: counts.complained.saturating_mul(factor),
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use poolkeeper_core::model::{Day, DomainName};
    use poolkeeper_core::traffic::{Table, TableDomain};

    const fn day(delivered: u64, bounced: u64) -> Counts {
        Counts {
            processed: delivered + bounced,
            delivered,
            bounced,
            complained: 0,
        }
    }

    fn approached(days: &[Counts], band: Band) -> Option<(u32, Band)> {
        let found = approach(&Policy::default(), days, band, |_| true)?;
        Some((found.days, found.towards))
    }

    #[test]
    fn days_to_a_fall_by_hand() {
        // Poor from 10 %. Five days at 2 % and two at 20 % of 1,000 are 500 of 7,000. Each day more at 20 % in place of one
        // at 2 % adds 180: 680 (9.7 %) after one, 860 (12.3 %) after two.
        let mut days = [day(980, 20); 7];
        days[5..].fill(day(800, 200));
        assert_eq!(approached(&days, Band::Good), Some((2, Band::Poor)));
        // Three such days: 680 already, 860 after the next check.
        days[4] = day(800, 200);
        assert_eq!(approached(&days, Band::Good), Some((1, Band::Poor)));
        // At a steady 2 % it never falls.
        assert_eq!(approached(&[day(980, 20); 7], Band::Good), None);
        // A small sender a single bounce from a limit, which it has none of, is not close.
        assert_eq!(approached(&[day(150, 0); 7], Band::Good), None);
    }

    #[test]
    fn days_to_a_rise_by_hand() {
        // Good up to 5 %. Four clean days of 1,000 behind three at 30 %: 900 of 7,000. One of the three leaves a day: 600 (8.6 %)
        // after one, 300 (4.3 %) after two.
        let mut days = [day(1_000, 0); 7];
        days[..3].fill(day(700, 300));
        assert_eq!(approached(&days, Band::Poor), Some((2, Band::Good)));
    }

    #[test]
    fn checks_and_votes_in_a_row_make_it_later() {
        let mut days = [day(980, 20); 7];
        days[4..].fill(day(800, 200));
        let policy = Policy {
            demotion_after_checks: 2,
            ..Policy::default()
        };
        let days_of = |policy: &Policy, every: u32| {
            approach(policy, &days, Band::Good, |ahead| ahead % every == 0).map(|found| found.days)
        };
        assert_eq!(days_of(&Policy::default(), 3), Some(3));
        assert_eq!(days_of(&policy, 1), Some(2));
        assert_eq!(days_of(&policy, 3), Some(6));
    }

    #[test]
    fn clean_days_by_hand() {
        // 900 of 7,000 (12.9 %) bounced, 300 on each of the last three days. Clean days of 1,000 take the place of
        // the four clean ones first; after the fifth 600 are left (8.6 %), after the sixth 300 (4.3 %).
        let mut days = [day(1_000, 0); 7];
        days[4..].fill(day(700, 300));
        assert_eq!(clean_days_to_good(&Policy::default(), &days, Band::Poor), Some(6));
        assert_eq!(
            clean_days_to_good(&Policy::default(), &[day(1_000, 0); 7], Band::Good),
            None
        );
        // 700 a week are below the minimum of 1,000.
        assert_eq!(
            clean_days_to_good(&Policy::default(), &[day(50, 50); 7], Band::Poor),
            None
        );
    }

    /// The whole replay of [`counterfactuals`](crate::counterfactuals) and the window alone say the same where the volume is
    /// steady.
    #[test]
    fn clean_days_are_those_of_a_whole_replay() {
        let mut seen = std::collections::BTreeSet::new();
        for (bad_day, bounced, votes) in [(29, 800, 1), (27, 800, 1), (25, 900, 2), (29, 950, 3)] {
            let policy = Policy {
                promotion_after_checks: votes,
                ..Policy::default()
            };
            let listed = vec![TableDomain {
                name: DomainName::as_sent("one.example"),
                account: 0,
            }];
            let mut table = Table::empty(Day(20_000), 30, vec![String::new()], listed);
            let days: Vec<Counts> = (0..30)
                .map(|at| {
                    if at == bad_day {
                        day(1_000 - bounced, bounced)
                    } else {
                        day(990, 10)
                    }
                })
                .collect();
            for (at, counts) in (0..).zip(&days) {
                table.add(0, Day(20_000 + at), counts).unwrap();
            }
            let data = crate::ReplayData {
                table: &table,
                timeline: None,
            };
            let replayed = crate::counterfactuals(data, 0, &policy, &crate::ReplayOptions::default());
            let found = clean_days_to_good(&policy, &days[23..], Band::Poor).unwrap();
            assert_eq!(replayed.unwrap().unwrap().clean_days, crate::CleanDays::After(found));
            seen.insert(found);
        }
        assert!(seen.len() > 2, "{seen:?}");
    }
}
