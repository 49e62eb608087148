//! A sweep laid out for running: which axis is the staircase's, and what one check votes in every cell.
//!
//! Inside, one axis is `u`, along which a vote is always two thresholds: Poor in the first `poor` cells, Good from
//! cell `good` on, Hold between. It is an axis that turns a rate's threshold. The other is `v`; along it, a check's
//! vote takes at most four different values, so a check is a handful of small integers.

use super::rate_code::{ALWAYS, NEVER, NO_EVENTS, RateCode};
use super::threshold_lookup::{ThresholdLookup, surely_above, surely_below};
use super::windows::{CheckBlock, ExactSums, LANES, WindowRates};
use super::{Axis, Knob, Sweep};
use poolkeeper_core::health::{BelowMinimum, Metric, PPM, Policy};
use std::cmp::Ordering;
use std::ops::Range;

/// What one check votes, over the whole grid:
///
/// | `v` from, to | Poor for `u` below | Good for `u` from |
/// | --- | --- | --- |
/// | 0, `all_poor` | the end | the end |
/// | `all_poor`, `no_good` | `poor` | the end |
/// | `no_good`, `voting` | `poor_beside_good` | `good` |
/// | `voting`, the end | 0 | the end |
///
/// In the last rows the domain processed fewer messages than the minimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CheckVote {
    pub all_poor: usize,
    pub no_good: usize,
    pub voting: usize,
    pub poor: usize,
    pub poor_beside_good: usize,
    pub good: usize,
}

/// A metric's thresholds along an axis, or the one pair it has off the axes.
#[derive(Clone, Debug)]
pub(super) struct AxisThresholds {
    pub metric: Metric,
    /// Per `count`: a code below this has no Poor vote after the first `count` cells.
    poor_bounds: Vec<RateCode>,
    /// Per `count`: a code above this has no Good vote in the first `count` cells.
    good_bounds: Vec<RateCode>,
    /// Per `count`: a code above this is above the first `count` poor-at-leasts.
    pub above_poor: Vec<RateCode>,
    poor: ThresholdLookup,
    good: ThresholdLookup,
    min_events: u64,
}

/// How the two axes lie to each other.
#[derive(Clone, Debug)]
pub(super) enum AxisArrangement {
    /// `v` turns the other metric.
    OtherMetric(AxisThresholds),
    /// `v` turns the same metric's good-at-most; the other metric stands still.
    SameMetric {
        /// Per `count`: a code above this is above the first `count` good-at-mosts.
        above_good: Vec<RateCode>,
        good: ThresholdLookup,
        still: Option<AxisThresholds>,
    },
    /// `v` turns the minimum; the other metric stands still.
    Minimum { still: Option<AxisThresholds> },
}

/// A sweep, ready to run.
#[derive(Clone, Debug)]
pub(super) struct SweepPlan {
    /// Whether `u` is the sweep's `y`.
    pub is_transposed: bool,
    pub u_len: usize,
    pub v_len: usize,
    pub u: AxisThresholds,
    pub columns: AxisArrangement,
    /// The minimum in each `v`, ascending; one entry when it is the same in all.
    pub minimums: Vec<u64>,
    pub below_minimum: BelowMinimum,
    /// Checks in a row before a better band.
    pub promotion_after: usize,
    /// Checks in a row before a worse band.
    pub demotion_after: usize,
    /// The days to count.
    pub days: Range<u32>,
}

/// One domain's kept rates and exact sums.
pub(super) struct SweptDomain<'a> {
    pub blocks: &'a [CheckBlock],
    pub exact: ExactSums<'a>,
}

impl SweptDomain<'_> {
    /// What is kept of a check: the rates in the order of [`Block::rates`], and the processed messages.
    #[inline]
    pub fn at(&self, check: usize) -> Option<([RateCode; 2], i32)> {
        let block = self.blocks.get(check / LANES)?;
        let [first, second] = &block.rates;
        let lane = check % LANES;
        Some(([*first.get(lane)?, *second.get(lane)?], *block.processed.get(lane)?))
    }
}

impl AxisThresholds {
    /// `policies` in the order of the axis.
    fn new(metric: Metric, policies: impl Iterator<Item = Policy>) -> Option<Self> {
        let thresholds: Vec<_> = policies.filter_map(|policy| metric.policy(&policy)).collect();
        let first = thresholds.first()?;
        let poor_ppm: Vec<u32> = thresholds.iter().map(|each| each.poor_at_least_ppm).collect();
        let good_ppm: Vec<u32> = thresholds.iter().map(|each| each.good_at_most_ppm).collect();
        Some(Self {
            metric,
            poor: ThresholdLookup::new(poor_ppm.iter().copied()),
            good: ThresholdLookup::new(good_ppm.iter().copied()),
            poor_bounds: poor_ppm.iter().map(|ppm| surely_below(*ppm)).chain([NEVER]).collect(),
            good_bounds: above(&good_ppm),
            above_poor: above(&poor_ppm),
            min_events: first.poor_min_events,
        })
    }

    fn compare(&self, exact: &ExactSums<'_>, day: u32) -> impl Fn(u32) -> Ordering {
        let (events, base) = (exact.events(self.metric, day), exact.base(self.metric, day));
        // Sums of 90 days of `u32` counts times a million fit.
        move |ppm| (u64::from(ppm) * base).cmp(&(events * u64::from(PPM)))
    }

    /// Whether so few events are in the window that the metric holds instead of voting Poor.
    #[inline]
    fn has_few_events(&self, exact: &ExactSums<'_>, day: u32) -> bool {
        // A rate above a threshold, where this is asked, has at least one event.
        self.min_events > 1 && exact.events(self.metric, day) < self.min_events
    }

    /// Poor below the first, Good from the second on.
    fn vote(&self, rate: RateCode, domain: &SweptDomain<'_>, day: u32) -> (usize, usize) {
        (self.poor(rate, domain, day), self.good(rate, domain, day))
    }

    /// The first cell that does not vote Poor.
    #[inline]
    pub fn poor(&self, rate: RateCode, domain: &SweptDomain<'_>, day: u32) -> usize {
        let exact = &domain.exact;
        let level = self.poor.level(rate, |ppm: u32| self.compare(exact, day)(ppm));
        let mut poor = level.at_or_below;
        if level.below != poor {
            // A rate that is a threshold: good-at-most may be as high, and then Good wins.
            poor = poor.min(self.good(rate, domain, day));
        }
        if poor > 0 && self.has_few_events(exact, day) {
            0
        } else {
            poor
        }
    }

    /// The first cell that votes Good.
    #[inline]
    pub fn good(&self, rate: RateCode, domain: &SweptDomain<'_>, day: u32) -> usize {
        let exact = &domain.exact;
        self.good.level(rate, |ppm: u32| self.compare(exact, day)(ppm)).below
    }

    /// A code below this has no Poor vote from cell `poor` on.
    #[inline]
    pub fn poor_bound(&self, poor: usize) -> RateCode {
        self.poor_bounds.get(poor).copied().unwrap_or(NEVER)
    }

    /// A code above this has no Good vote before cell `good`.
    #[inline]
    pub fn good_bound(&self, good: usize) -> RateCode {
        self.good_bounds.get(good).copied().unwrap_or(NEVER)
    }
}

/// Per `count`: a code above this is above the first `count` thresholds.
fn above(ppm: &[u32]) -> Vec<RateCode> {
    [ALWAYS]
        .into_iter()
        .chain(ppm.iter().map(|ppm| surely_above(*ppm)))
        .collect()
}

impl SweepPlan {
    /// Lays a valid sweep out for a table of so many days. `None` for one that is not valid.
    pub fn new(sweep: &Sweep, day_count: u32) -> Option<Self> {
        // `u` needs a rate's threshold; where both axes turn one metric's, it is poor-at-least.
        let is_transposed = match (sweep.x.knob, sweep.y.knob) {
            (Knob::MinimumProcessed, _) => true,
            (Knob::GoodAtMost { metric }, Knob::PoorAtLeast { metric: other, .. }) => metric == other,
            _ => false,
        };
        let (u, v) = if is_transposed {
            (&sweep.y, &sweep.x)
        } else {
            (&sweep.x, &sweep.y)
        };
        // One axis at a time, the other standing where the base policy has it.
        let along = |at: usize, is_u: bool| {
            let (x, y) = if is_u == is_transposed { (0, at) } else { (at, 0) };
            sweep.policy_at(x, y)
        };
        let u_len = u.values.len();
        let v_len = v.values.len();
        let policies = |is_u: bool, len: usize| (0..len).filter_map(move |at| along(at, is_u));
        let u_metric = u.knob.metric()?;
        let other = other_metric(u_metric);
        let still_rates = || AxisThresholds::new(other, policies(true, 1));
        let minimums = |policy: &Policy| vec![policy.minimum_processed];
        let (columns, minimums) = match v.knob.metric() {
            None => (AxisArrangement::Minimum { still: still_rates() }, v.values.clone()),
            Some(metric) if metric == u_metric => {
                let good_ppm = ppm_values(v);
                let good = ThresholdLookup::new(good_ppm.iter().copied());
                let still = still_rates();
                let above_good = above(&good_ppm);
                (
                    AxisArrangement::SameMetric {
                        above_good,
                        good,
                        still,
                    },
                    minimums(&sweep.base),
                )
            }
            Some(metric) => {
                let rates = AxisThresholds::new(metric, policies(false, v_len))?;
                (AxisArrangement::OtherMetric(rates), minimums(&sweep.base))
            }
        };
        Some(Self {
            is_transposed,
            u_len,
            v_len,
            u: AxisThresholds::new(u_metric, policies(true, u_len))?,
            columns,
            minimums,
            below_minimum: sweep.base.below_minimum,
            promotion_after: sweep.base.promotion_after_checks as usize,
            demotion_after: sweep.base.demotion_after_checks as usize,
            days: sweep.counted_days(day_count),
        })
    }

    /// Where a cell lies in a plane, which is row by row of the sweep's `y`.
    pub const fn cell(&self, u: usize, v: usize) -> usize {
        if self.is_transposed {
            u * self.v_len + v
        } else {
            v * self.u_len + u
        }
    }

    /// One domain's rates and sums.
    pub fn domain<'a>(&self, windows: &'a WindowRates, exact: ExactSums<'a>, domain: usize) -> SweptDomain<'a> {
        SweptDomain {
            blocks: windows.blocks(domain),
            exact,
        }
    }

    /// Puts what belongs to `u`'s metric and what belongs to the other into the order of [`Block::rates`], or back.
    #[inline(always)]
    pub fn in_block<T>(&self, u: T, other: T) -> [T; 2] {
        match self.u.metric {
            Metric::BounceRate => [u, other],
            Metric::ComplaintRate => [other, u],
        }
    }

    /// The `v`s in which the domain processed enough for its metrics to have a say.
    fn voting(&self, processed: i32, exact: &ExactSums<'_>, day: u32) -> usize {
        let processed = match u64::try_from(processed) {
            Ok(processed) if processed < SATURATED => processed,
            _ => exact.processed(day),
        };
        let enough = self.minimums.partition_point(|minimum| *minimum <= processed);
        match self.columns {
            AxisArrangement::Minimum { .. } => enough,
            _ if enough > 0 => self.v_len,
            _ => 0,
        }
    }

    /// How many `v`s some check of the domain has enough messages for, or more.
    pub fn reached(&self, domain: &SweptDomain<'_>) -> usize {
        if !matches!(self.columns, AxisArrangement::Minimum { .. }) {
            return self.v_len;
        }
        let most = domain
            .blocks
            .iter()
            .flat_map(|block| block.processed)
            .max()
            .unwrap_or(0);
        match u64::try_from(most) {
            Ok(most) if most < SATURATED => self.minimums.partition_point(|minimum| *minimum <= most),
            _ => self.v_len,
        }
    }

    /// The ballot of one of the domain's checks, at the end of `day`.
    pub fn ballot(&self, domain: &SweptDomain<'_>, check: usize, day: u32) -> CheckVote {
        let ([first, second], processed) = domain.at(check).unwrap_or(([NO_EVENTS; 2], 0));
        let [rate, other] = self.in_block(first, second);
        let voting = self.voting(processed, &domain.exact, day);
        let mut ballot = CheckVote {
            all_poor: 0,
            no_good: 0,
            voting,
            poor: 0,
            poor_beside_good: 0,
            good: self.u_len,
        };
        if voting == 0 {
            return ballot;
        }
        let still = match &self.columns {
            AxisArrangement::OtherMetric(columns) => {
                (ballot.poor, ballot.good) = self.u.vote(rate, domain, day);
                ballot.poor_beside_good = ballot.poor;
                (ballot.all_poor, ballot.no_good) = columns.vote(other, domain, day);
                return ballot;
            }
            AxisArrangement::SameMetric { good, still, .. } => {
                let compare = |ppm: u32| self.u.compare(&domain.exact, day)(ppm);
                let poor = self.u.poor.level(rate, compare);
                ballot.no_good = good.level(rate, compare).below;
                ballot.good = poor.below;
                if poor.at_or_below > 0 && !self.u.has_few_events(&domain.exact, day) {
                    // Where good-at-most reaches the rate, a poor-at-least equal to it loses the tie.
                    (ballot.poor, ballot.poor_beside_good) = (poor.at_or_below, poor.below);
                }
                still
            }
            AxisArrangement::Minimum { still } => {
                (ballot.poor, ballot.good) = self.u.vote(rate, domain, day);
                ballot.poor_beside_good = ballot.poor;
                still
            }
        };
        match still.as_ref().map(|still| still.vote(other, domain, day)) {
            // The other metric, one pair of thresholds: poor, hold, and good (or off).
            Some((1.., _)) => (ballot.all_poor, ballot.no_good) = (voting, voting),
            Some((0, 1..)) => ballot.good = self.u_len,
            Some((0, 0)) | None => {}
        }
        ballot
    }
}

/// A kept processed count this large may stand for any larger one.
pub(super) const SATURATED: u64 = i32::MAX as u64;

const fn other_metric(metric: Metric) -> Metric {
    match metric {
        Metric::BounceRate => Metric::ComplaintRate,
        Metric::ComplaintRate => Metric::BounceRate,
    }
}

fn ppm_values(axis: &Axis) -> Vec<u32> {
    axis.values
        .iter()
        .map(|value| u32::try_from(*value).unwrap_or(u32::MAX))
        .collect()
}
