//! One health check: counts of a window to a vote, in exact integers.

use super::{BelowMinimum, MetricPolicy, PPM, Policy};
use crate::model::{Band, Counts};
use serde::{Deserialize, Serialize};

/// The result of a check, or of one metric of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Vote {
    /// The domain stays in its band.
    Hold,
    /// For a band.
    For(Band),
}

/// A rate that the policy judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Bounced ÷ sent.
    BounceRate,
    /// Complained ÷ delivered.
    ComplaintRate,
}

impl Metric {
    /// Both, in the order reports list them.
    pub const ALL: [Self; 2] = [Self::BounceRate, Self::ComplaintRate];

    /// The name the service uses: `bounce_rate`, `complaint_rate`.
    #[must_use]
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::BounceRate => "bounce_rate",
            Self::ComplaintRate => "complaint_rate",
        }
    }

    /// The events counted and the messages they are divided by.
    #[must_use]
    pub const fn of(self, counts: &Counts) -> (u64, u64) {
        match self {
            Self::BounceRate => (counts.bounced, counts.sent()),
            Self::ComplaintRate => (counts.complained, counts.delivered),
        }
    }

    /// The rate of these counts, a fraction; `None` without messages to divide by.
    #[must_use]
    pub fn rate(self, counts: &Counts) -> Option<f64> {
        match self {
            Self::BounceRate => counts.bounce_rate(),
            Self::ComplaintRate => counts.complaint_rate(),
        }
    }

    /// The metric's thresholds in a policy; `None` when it is off.
    #[must_use]
    pub const fn policy(self, policy: &Policy) -> Option<MetricPolicy> {
        match self {
            Self::BounceRate => policy.bounce,
            Self::ComplaintRate => policy.complaint,
        }
    }
}

/// One check's result: its vote and each metric's vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Check {
    /// The check's vote.
    pub vote: Vote,
    /// Whether the window has fewer processed messages than the policy's minimum. The metrics' votes then do not count.
    pub is_below_minimum: bool,
    /// The bounce rate's vote; `None` when the metric is off.
    pub bounce: Option<Vote>,
    /// The complaint rate's vote; `None` when the metric is off.
    pub complaint: Option<Vote>,
}

impl Check {
    /// A metric's vote; `None` when it is off.
    #[must_use]
    pub const fn metric(&self, metric: Metric) -> Option<Vote> {
        match metric {
            Metric::BounceRate => self.bounce,
            Metric::ComplaintRate => self.complaint,
        }
    }

    /// The metrics that voted as the check did. Empty below the minimum.
    pub fn deciding(&self) -> impl Iterator<Item = Metric> + '_ {
        Metric::ALL
            .into_iter()
            .filter(|metric| !self.is_below_minimum && self.metric(*metric) == Some(self.vote))
    }

    /// The reason as Mailgun's history writes it. One metric decides: `bounce_rate in poor threshold`. Several do:
    /// `Multiple metrics in good threshold`. Below the minimum: `processed_count below minimum`.
    #[must_use]
    pub fn reason(&self) -> String {
        let Vote::For(band) = self.vote else {
            return "no metric in any threshold".to_owned();
        };
        let mut deciding = self.deciding();
        match (deciding.next(), deciding.next()) {
            (None, _) => "processed_count below minimum".to_owned(),
            (Some(metric), None) => format!("{} in {} threshold", metric.wire_name(), band.word()),
            (Some(_), Some(_)) => format!("Multiple metrics in {} threshold", band.word()),
        }
    }
}

/// One metric's vote on `events` out of `base`:
///
/// - `events × 1 000 000 ≤ good × base` — Good (also 0 of 0, and where good = poor and both hold);
/// - `events × 1 000 000 ≥ poor × base` — Poor, unless there are fewer events than the metric's minimum: Hold;
/// - otherwise Hold.
#[must_use]
pub fn metric_vote(metric: &MetricPolicy, events: u64, base: u64) -> Vote {
    let scaled = u128::from(events) * u128::from(PPM);
    if scaled <= u128::from(metric.good_at_most_ppm) * u128::from(base) {
        Vote::For(Band::Good)
    } else if scaled >= u128::from(metric.poor_at_least_ppm) * u128::from(base) && events >= metric.poor_min_events {
        Vote::For(Band::Poor)
    } else {
        Vote::Hold
    }
}

/// One health check over the counts of a window. Below the minimum it votes as the policy's `below_minimum` says.
/// Otherwise it votes Poor if any metric does, Good if all do, and Hold else. A policy with both metrics off (not
/// valid) holds.
///
/// # Examples
/// ```
/// use poolkeeper_core::health::{Policy, Vote, check};
/// use poolkeeper_core::model::{Band, Counts};
/// let window = Counts { processed: 25_000, delivered: 18_750, bounced: 6_250, complained: 3 };
/// let result = check(&Policy::default(), &window);
/// assert_eq!(result.vote, Vote::For(Band::Poor));
/// assert_eq!(result.reason(), "bounce_rate in poor threshold");
/// ```
#[must_use]
pub fn check(policy: &Policy, window: &Counts) -> Check {
    let vote_of = |metric: Metric| {
        let (events, base) = metric.of(window);
        metric
            .policy(policy)
            .map(|thresholds| metric_vote(&thresholds, events, base))
    };
    let (bounce, complaint) = (vote_of(Metric::BounceRate), vote_of(Metric::ComplaintRate));
    let is_below_minimum = window.processed < policy.minimum_processed;
    let vote = if is_below_minimum {
        match policy.below_minimum {
            BelowMinimum::Hold => Vote::Hold,
            BelowMinimum::New => Vote::For(Band::New),
        }
    } else {
        let votes_for = |band| {
            [bounce, complaint]
                .into_iter()
                .flatten()
                .any(|vote| vote == Vote::For(band))
        };
        let all_good = [bounce, complaint]
            .into_iter()
            .flatten()
            .all(|vote| vote == Vote::For(Band::Good));
        if votes_for(Band::Poor) {
            Vote::For(Band::Poor)
        } else if all_good && votes_for(Band::Good) {
            Vote::For(Band::Good)
        } else {
            Vote::Hold
        }
    };
    Check {
        vote,
        is_below_minimum,
        bounce,
        complaint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(processed: u64, delivered: u64, bounced: u64, complained: u64) -> Counts {
        Counts {
            processed,
            delivered,
            bounced,
            complained,
        }
    }

    fn default_vote(counts: Counts) -> Vote {
        check(&Policy::default(), &counts).vote
    }

    #[test]
    fn the_services_examples_come_out_as_published() {
        // 0.25 bounce is poor; 0.04 bounce with 0.0002 complaints on 25 000 is good.
        let poor = check(&Policy::default(), &counts(25_000, 18_750, 6_250, 3));
        assert_eq!(poor.vote, Vote::For(Band::Poor));
        assert_eq!(poor.reason(), "bounce_rate in poor threshold");
        let good = check(&Policy::default(), &counts(25_000, 24_000, 1_000, 5));
        assert_eq!(good.vote, Vote::For(Band::Good));
        assert_eq!(good.reason(), "Multiple metrics in good threshold");
    }

    #[test]
    fn thresholds_are_inclusive_on_both_sides() {
        assert_eq!(default_vote(counts(1_000, 950, 50, 0)), Vote::For(Band::Good));
        assert_eq!(default_vote(counts(10_000, 9_499, 501, 0)), Vote::Hold);
        assert_eq!(default_vote(counts(1_000, 900, 100, 0)), Vote::For(Band::Poor));
        assert_eq!(default_vote(counts(10_000, 9_001, 999, 0)), Vote::Hold);
    }

    #[test]
    fn too_little_mail_or_too_few_events_hold() {
        assert_eq!(default_vote(counts(999, 0, 999, 0)), Vote::Hold);
        assert_eq!(default_vote(counts(1_000, 500, 0, 2)), Vote::Hold);
        assert_eq!(default_vote(counts(1_000, 500, 0, 3)), Vote::For(Band::Poor));
    }

    #[test]
    fn zero_of_zero_is_good_and_good_wins_a_tie() {
        let none = Policy {
            minimum_processed: 0,
            ..Policy::default()
        };
        assert_eq!(check(&none, &Counts::ZERO).vote, Vote::For(Band::Good));
        let tie = MetricPolicy {
            good_at_most_ppm: 80_000,
            poor_at_least_ppm: 80_000,
            poor_min_events: 1,
        };
        assert_eq!(metric_vote(&tie, 8, 100), Vote::For(Band::Good));
        assert_eq!(metric_vote(&tie, 9, 100), Vote::For(Band::Poor));
    }

    #[test]
    fn huge_counts_do_not_overflow() {
        let metric = MetricPolicy {
            good_at_most_ppm: 1_000_000,
            poor_at_least_ppm: 1_000_000,
            poor_min_events: 1,
        };
        assert_eq!(metric_vote(&metric, u64::MAX, u64::MAX), Vote::For(Band::Good));
        assert_eq!(metric_vote(&metric, u64::MAX, u64::MAX - 1), Vote::For(Band::Poor));
    }

    #[test]
    fn below_the_minimum_the_switch_decides() {
        let back_to_new = Policy {
            below_minimum: BelowMinimum::New,
            ..Policy::default()
        };
        let check = check(&back_to_new, &counts(10, 0, 10, 0));
        assert_eq!(check.vote, Vote::For(Band::New));
        assert_eq!(check.reason(), "processed_count below minimum");
    }
}
