//! Explains a verdict: each metric's rate and vote, and how many events it is away from another vote.
//!
//! One more bounce adds one to `bounced` and so to `sent`; `delivered` stays. One more complaint leaves `delivered` as
//! it is. The numbers are exact: they solve the vote's inequalities in integers.

use super::{Check, Metric, MetricPolicy, PPM, Policy, Vote, check};
use crate::model::{Band, Counts};
use serde::{Deserialize, Serialize};

/// A confidence interval of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Its lower end, a fraction.
    pub low: f64,
    /// Its upper end, a fraction.
    pub high: f64,
}

/// One metric's part in a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricExplanation {
    /// Which metric.
    pub metric: Metric,
    /// Bounces or complaints in the window.
    pub events: u64,
    /// Messages they are divided by: sent for bounces, delivered for complaints.
    pub base: u64,
    /// Events ÷ base, a fraction; `None` for 0 messages.
    pub rate: Option<f64>,
    /// Its thresholds.
    pub thresholds: MetricPolicy,
    /// What it votes.
    pub vote: Vote,
    /// The smallest increase in events that gives a worse vote: from Good to Hold or Poor, from Hold to Poor. `None`
    /// where no increase does.
    pub more_to_worse: Option<u64>,
    /// The smallest decrease in events that gives a better vote: from Poor to Hold or Good, from Hold to Good. `None`
    /// for a Good vote.
    pub fewer_to_better: Option<u64>,
    /// The smallest increase in events that makes it vote Poor; 0 when it does already, `None` where no increase does.
    pub more_to_poor: Option<u64>,
    /// The smallest decrease in events that makes it vote Good; 0 when it does already.
    pub fewer_to_good: u64,
    /// The rate's 95 % Wilson score interval; `None` for 0 messages.
    pub interval: Option<Interval>,
    /// Whether one event more or one fewer would change its vote.
    pub is_one_event_from_flipping: bool,
}

/// More events of one metric that would move a domain to a worse band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoreEvents {
    /// The metric whose headroom is the smallest.
    pub metric: Metric,
    /// How many more bounces or complaints in this window.
    pub events: u64,
}

/// Fewer events that together would move a domain to good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FewerEvents {
    /// Fewer bounces.
    pub bounced: u64,
    /// Fewer complaints.
    pub complained: u64,
}

/// Why a window's verdict is what it is, for a domain in a band.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The band the domain is in.
    pub band: Band,
    /// The window's counts.
    pub counts: Counts,
    /// The check's votes.
    pub check: Check,
    /// How many more processed messages the window needs before its rates are judged; 0 when they are.
    pub missing_processed: u64,
    /// The bounce rate's part; `None` when it is off.
    pub bounce: Option<MetricExplanation>,
    /// The complaint rate's part; `None` when it is off.
    pub complaint: Option<MetricExplanation>,
    /// For a domain above poor: the smallest increase in events of one metric that makes the check vote Poor. 0 when it
    /// does already. `None` below the minimum, in poor, and where no increase does.
    pub more_to_poor: Option<MoreEvents>,
    /// For a domain below good: the smallest decreases in events, of both metrics together, that make the check vote
    /// Good. Zeros when it does already. `None` below the minimum and in good.
    pub fewer_to_good: Option<FewerEvents>,
    /// Whether one bounce or complaint more or fewer would change the check's vote.
    pub is_one_event_from_flipping: bool,
}

impl Explanation {
    /// A metric's part; `None` when it is off.
    #[must_use]
    pub const fn metric(&self, metric: Metric) -> Option<&MetricExplanation> {
        match metric {
            Metric::BounceRate => self.bounce.as_ref(),
            Metric::ComplaintRate => self.complaint.as_ref(),
        }
    }
}

/// Explains the verdict on a window's counts for a domain in a band.
///
/// # Examples
/// ```
/// use poolkeeper_core::health::{Policy, explain};
/// use poolkeeper_core::model::{Band, Counts};
/// let window = Counts { processed: 1_000, delivered: 950, bounced: 40, complained: 0 };
/// let explanation = explain(&Policy::default(), &window, Band::Good);
/// // 0.3 % of 950 delivered is 2.85, so the third complaint would make it poor.
/// assert_eq!(explanation.more_to_poor.map(|more| more.events), Some(3));
/// ```
#[must_use]
pub fn explain(policy: &Policy, counts: &Counts, band: Band) -> Explanation {
    let verdict = check(policy, counts);
    let explanation = |metric: Metric| {
        metric
            .policy(policy)
            .map(|thresholds| explain_metric(metric, thresholds, counts))
    };
    let (bounce, complaint) = (explanation(Metric::BounceRate), explanation(Metric::ComplaintRate));
    let is_judged = !verdict.is_below_minimum;
    let more_to_poor = [bounce, complaint]
        .into_iter()
        .flatten()
        .filter(|_| is_judged && band != Band::Poor)
        .filter_map(|explanation| {
            explanation.more_to_poor.map(|events| MoreEvents {
                metric: explanation.metric,
                events,
            })
        })
        .min_by_key(|more| more.events);
    let fewer = |explanation: Option<MetricExplanation>| explanation.map_or(0, |explanation| explanation.fewer_to_good);
    let fewer_to_good = (is_judged && band != Band::Good).then(|| FewerEvents {
        bounced: fewer(bounce),
        complained: fewer(complaint),
    });
    let flips = |metric: Metric, explanation: Option<MetricExplanation>| {
        explanation.is_some() && neighbours(metric, counts).any(|near| check(policy, &near).vote != verdict.vote)
    };
    Explanation {
        band,
        counts: *counts,
        check: verdict,
        missing_processed: policy.minimum_processed.saturating_sub(counts.processed),
        bounce,
        complaint,
        more_to_poor,
        fewer_to_good,
        is_one_event_from_flipping: flips(Metric::BounceRate, bounce) || flips(Metric::ComplaintRate, complaint),
    }
}

/// The counts with one event of a metric more and, unless there are none, with one fewer.
fn neighbours(metric: Metric, counts: &Counts) -> impl Iterator<Item = Counts> {
    let events = metric.of(counts).0;
    let with = |events: u64, counts: &Counts| match metric {
        Metric::BounceRate => Counts {
            bounced: events,
            ..*counts
        },
        Metric::ComplaintRate => Counts {
            complained: events,
            ..*counts
        },
    };
    let more = events.checked_add(1).map(|events| with(events, counts));
    let fewer = events.checked_sub(1).map(|events| with(events, counts));
    more.into_iter().chain(fewer)
}

fn explain_metric(metric: Metric, thresholds: MetricPolicy, counts: &Counts) -> MetricExplanation {
    let (events, base) = metric.of(counts);
    let vote = super::metric_vote(&thresholds, events, base);
    let max_good_events = count_max_good_events(metric, &thresholds, counts);
    let min_poor_events = count_min_poor_events(metric, &thresholds, counts, max_good_events);
    let more_to = |least: Option<u64>| least.map(|least| least.saturating_sub(events));
    let above_good = max_good_events.and_then(|most| most.checked_add(1));
    let fewer_to_good = max_good_events.map_or(0, |most| events.saturating_sub(most));
    let (more_to_worse, fewer_to_better) = match vote {
        Vote::For(Band::Good) => (more_to(above_good), None),
        Vote::For(_) => (
            None,
            min_poor_events.map(|least| events.saturating_sub(least).saturating_add(1)),
        ),
        Vote::Hold => (more_to(min_poor_events), Some(fewer_to_good)),
    };
    MetricExplanation {
        metric,
        events,
        base,
        rate: metric.rate(counts),
        thresholds,
        vote,
        more_to_worse,
        fewer_to_better,
        more_to_poor: more_to(min_poor_events),
        fewer_to_good,
        interval: wilson(events, base),
        is_one_event_from_flipping: more_to_worse == Some(1) || fewer_to_better == Some(1),
    }
}

/// The most events with which the metric votes Good, for the given delivered messages. `None` where every number does.
fn count_max_good_events(metric: Metric, thresholds: &MetricPolicy, counts: &Counts) -> Option<u64> {
    let delivered = u128::from(counts.delivered);
    let good = u128::from(thresholds.good_at_most_ppm);
    let most = match metric {
        // events × PPM ≤ good × (delivered + events), so events × (PPM − good) ≤ good × delivered.
        Metric::BounceRate => (good * delivered).checked_div(u128::from(PPM).saturating_sub(good))?,
        Metric::ComplaintRate => good * delivered / u128::from(PPM),
    };
    u64::try_from(most).ok()
}

/// The fewest events with which the metric votes Poor. `None` where no number does.
fn count_min_poor_events(
    metric: Metric,
    thresholds: &MetricPolicy,
    counts: &Counts,
    max_good_events: Option<u64>,
) -> Option<u64> {
    let delivered = u128::from(counts.delivered);
    let poor = u128::from(thresholds.poor_at_least_ppm);
    let ppm = u128::from(PPM);
    let by_rate = match metric {
        // events × PPM ≥ poor × (delivered + events), so events × (PPM − poor) ≥ poor × delivered.
        Metric::BounceRate if poor < ppm => (poor * delivered).div_ceil(ppm - poor),
        Metric::BounceRate if poor == ppm && delivered == 0 => 0,
        Metric::BounceRate => return None,
        Metric::ComplaintRate => (poor * delivered).div_ceil(ppm),
    };
    // Good is decided before Poor. Where every number votes Good, none votes Poor.
    let above_good = u128::from(max_good_events?) + 1;
    u64::try_from(by_rate.max(u128::from(thresholds.poor_min_events)).max(above_good)).ok()
}

/// The 95 % Wilson score interval of a rate; `None` for 0 messages. Events are capped at the messages.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "an interval for display; every decision is made on the integers"
)]
pub fn wilson(events: u64, base: u64) -> Option<Interval> {
    /// The two-sided 95 % quantile of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if base == 0 {
        return None;
    }
    let messages = base as f64;
    let rate = events.min(base) as f64 / messages;
    let scale = 1.0 + Z * Z / messages;
    let centre = (rate + Z * Z / (2.0 * messages)) / scale;
    let half = Z * libm::sqrt(rate * (1.0 - rate) / messages + Z * Z / (4.0 * messages * messages)) / scale;
    Some(Interval {
        low: (centre - half).max(0.0),
        high: (centre + half).min(1.0),
    })
}

#[cfg(test)]
mod tests;
