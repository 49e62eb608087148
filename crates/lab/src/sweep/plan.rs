//! The plan of a sweep: which axis the staircases follow, and a check's vote in every cell.
//!
//! One axis is called `u`: it changes a rate's threshold. Along it a vote is two numbers: Poor in the first `poor`
//! cells, Good from cell `good` on, Hold between. The other axis is `v`. Along it a check's vote has at most four
//! different values, so a check's votes are six small integers.

use super::rate_code::{ALWAYS, NEVER, NO_EVENTS, RateCode};
use super::threshold_lookup::{ThresholdLookup, surely_above, surely_below};
use super::windows::{CheckBlock, ExactSums, LANES, WindowRates};
use super::{Axis, AxisParam, Sweep};
use crate::backtest::startup_days;
use poolkeeper_core::health::{BelowMinimum, Metric, PPM, Policy};
use std::cmp::Ordering;
use std::ops::Range;

/// One check's votes over the whole grid:
///
/// | `v` from, to | Poor for `u` below | Good for `u` from |
/// | --- | --- | --- |
/// | 0, `all_poor` | `u_len` | `u_len` |
/// | `all_poor`, `no_good` | `poor` | `u_len` |
/// | `no_good`, `judged` | `poor_beside_good` | `good` |
/// | `judged`, `v_len` | 0 | `u_len` |
///
/// In the last rows the window has fewer messages than the minimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CheckVote {
    pub all_poor: usize,
    pub no_good: usize,
    pub judged: usize,
    pub poor: usize,
    pub poor_beside_good: usize,
    pub good: usize,
}

/// A metric's thresholds along an axis, or its single pair if no axis changes it.
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

/// Which parameter `v` changes, relative to `u`.
#[derive(Clone, Debug)]
pub(super) enum AxisArrangement {
    /// `v` changes a threshold of the other metric.
    OtherMetric(AxisThresholds),
    /// `v` changes the same metric's good-at-most; the other metric is fixed.
    SameMetric {
        /// Per `count`: a code above this is above the first `count` good-at-mosts.
        above_good: Vec<RateCode>,
        good: ThresholdLookup,
        fixed: Option<AxisThresholds>,
    },
    /// `v` changes the minimum; the other metric is fixed.
    Minimum { fixed: Option<AxisThresholds> },
}

/// A sweep, ready to run.
#[derive(Clone, Debug)]
pub(super) struct SweepPlan {
    /// Whether `u` is the sweep's `y`.
    pub is_transposed: bool,
    pub u_len: usize,
    pub v_len: usize,
    pub u: AxisThresholds,
    pub arrangement: AxisArrangement,
    /// The minimum in each `v`, ascending; one entry when it is the same in all.
    pub minimums: Vec<u64>,
    pub below_minimum: BelowMinimum,
    /// Checks in a row before a better band.
    pub promotion_after: usize,
    /// Checks in a row before a worse band.
    pub demotion_after: usize,
    /// The days to count.
    pub days: Range<u32>,
    /// The first day whose moves back are counted: the first counted day after the replay's start.
    pub flaps_from: u32,
}

/// One domain's rate codes and exact sums.
pub(super) struct SweptDomain<'a> {
    pub blocks: &'a [CheckBlock],
    pub exact: ExactSums<'a>,
}

impl SweptDomain<'_> {
    /// A check's rate codes in the order of [`CheckBlock::rates`], and its processed messages.
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
            good_bounds: above_bounds(&good_ppm),
            above_poor: above_bounds(&poor_ppm),
            min_events: first.poor_min_events,
        })
    }

    fn compare(&self, exact: &ExactSums<'_>, day: u32) -> impl Fn(u32) -> Ordering {
        let (events, base) = (exact.events(self.metric, day), exact.base(self.metric, day));
        // Cannot overflow: the sum of 90 days of `u32` counts times a million is below 2⁶⁴.
        move |ppm| (u64::from(ppm) * base).cmp(&(events * u64::from(PPM)))
    }

    /// Whether the window has so few events that the metric holds instead of voting Poor.
    #[inline]
    fn has_few_events(&self, exact: &ExactSums<'_>, day: u32) -> bool {
        // A rate above a threshold has at least one event, so a minimum of 1 needs no look-up.
        self.min_events > 1 && exact.events(self.metric, day) < self.min_events
    }

    /// The first cell that does not vote Poor, and the first that votes Good.
    fn vote(&self, rate: RateCode, domain: &SweptDomain<'_>, day: u32) -> (usize, usize) {
        (self.poor(rate, domain, day), self.good(rate, domain, day))
    }

    /// The first cell that does not vote Poor.
    #[inline]
    pub fn poor(&self, rate: RateCode, domain: &SweptDomain<'_>, day: u32) -> usize {
        let exact = &domain.exact;
        let level = self.poor.lookup(rate, |ppm: u32| self.compare(exact, day)(ppm));
        let mut poor = level.at_or_below;
        if level.below != poor {
            // The rate equals a threshold. If good-at-most is as high, Good wins.
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
        self.good.lookup(rate, |ppm: u32| self.compare(exact, day)(ppm)).below
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
fn above_bounds(ppm: &[u32]) -> Vec<RateCode> {
    [ALWAYS]
        .into_iter()
        .chain(ppm.iter().map(|ppm| surely_above(*ppm)))
        .collect()
}

impl SweepPlan {
    /// The plan of a sweep for a table of `day_count` days; `None` for an invalid sweep.
    pub fn new(sweep: &Sweep, day_count: u32) -> Option<Self> {
        // `u` must change a rate's threshold. If both axes change one metric's, it is poor-at-least.
        let is_transposed = match (sweep.x.knob, sweep.y.knob) {
            (AxisParam::MinimumProcessed, _) => true,
            (AxisParam::GoodAtMost { metric }, AxisParam::PoorAtLeast { metric: other, .. }) => metric == other,
            _ => false,
        };
        let (u, v) = if is_transposed {
            (&sweep.y, &sweep.x)
        } else {
            (&sweep.x, &sweep.y)
        };
        // One axis at a time, the other at its first value.
        let along = |at: usize, is_u: bool| {
            let (x, y) = if is_u == is_transposed { (0, at) } else { (at, 0) };
            sweep.policy_at(x, y)
        };
        let u_len = u.values.len();
        let v_len = v.values.len();
        let policies = |is_u: bool, len: usize| (0..len).filter_map(move |at| along(at, is_u));
        let u_metric = u.knob.metric()?;
        let other = other_metric(u_metric);
        let fixed_thresholds = || AxisThresholds::new(other, policies(true, 1));
        let minimums = |policy: &Policy| vec![policy.minimum_processed];
        let (arrangement, minimums) = match v.knob.metric() {
            None => (
                AxisArrangement::Minimum {
                    fixed: fixed_thresholds(),
                },
                v.values.clone(),
            ),
            Some(metric) if metric == u_metric => {
                let good_ppm = ppm_values(v);
                let good = ThresholdLookup::new(good_ppm.iter().copied());
                let fixed = fixed_thresholds();
                let above_good = above_bounds(&good_ppm);
                (
                    AxisArrangement::SameMetric {
                        above_good,
                        good,
                        fixed,
                    },
                    minimums(&sweep.base),
                )
            }
            Some(metric) => {
                let rates = AxisThresholds::new(metric, policies(false, v_len))?;
                (AxisArrangement::OtherMetric(rates), minimums(&sweep.base))
            }
        };
        let days = sweep.counted_days(day_count);
        Some(Self {
            is_transposed,
            u_len,
            v_len,
            u: AxisThresholds::new(u_metric, policies(true, u_len))?,
            arrangement,
            minimums,
            below_minimum: sweep.base.below_minimum,
            promotion_after: sweep.base.promotion_after_checks as usize,
            demotion_after: sweep.base.demotion_after_checks as usize,
            flaps_from: startup_days(&sweep.base).max(days.start),
            days,
        })
    }

    /// A cell's position in a plane, which is row by row of the sweep's `y`.
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

    /// Converts between (`u`'s metric, the other metric) and the order of [`CheckBlock::rates`].
    #[inline(always)]
    pub fn in_block_order<T>(&self, u: T, other: T) -> [T; 2] {
        match self.u.metric {
            Metric::BounceRate => [u, other],
            Metric::ComplaintRate => [other, u],
        }
    }

    /// The number of `v`s in which the window reaches the minimum.
    fn count_judged(&self, processed: i32, exact: &ExactSums<'_>, day: u32) -> usize {
        let processed = match u64::try_from(processed) {
            Ok(processed) if processed < SATURATED => processed,
            _ => exact.processed(day),
        };
        let judged = self.minimums.partition_point(|minimum| *minimum <= processed);
        match self.arrangement {
            AxisArrangement::Minimum { .. } => judged,
            _ if judged > 0 => self.v_len,
            _ => 0,
        }
    }

    /// An upper bound of the `v`s in which some check of the domain reaches the minimum.
    pub fn judged_v_count(&self, domain: &SweptDomain<'_>) -> usize {
        if !matches!(self.arrangement, AxisArrangement::Minimum { .. }) {
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

    /// The votes for the band of a domain that is enrolled on a day: those of the window that ends the day before.
    pub fn vote_at_enrolment(&self, exact: ExactSums<'_>, day: u32) -> CheckVote {
        let (exact, day_before) = day
            .checked_sub(1)
            .map_or((ExactSums::none(), 0), |day_before| (exact, day_before));
        let block = [exact.block(day_before)];
        let domain = SweptDomain { blocks: &block, exact };
        self.check_vote(&domain, 0, day_before)
    }

    /// The votes of one of the domain's checks, at the end of `day`.
    pub fn check_vote(&self, domain: &SweptDomain<'_>, check: usize, day: u32) -> CheckVote {
        let ([first, second], processed) = domain.at(check).unwrap_or(([NO_EVENTS; 2], 0));
        let [rate, other] = self.in_block_order(first, second);
        let judged = self.count_judged(processed, &domain.exact, day);
        let mut check_vote = CheckVote {
            all_poor: 0,
            no_good: 0,
            judged,
            poor: 0,
            poor_beside_good: 0,
            good: self.u_len,
        };
        if judged == 0 {
            return check_vote;
        }
        let fixed = match &self.arrangement {
            AxisArrangement::OtherMetric(columns) => {
                (check_vote.poor, check_vote.good) = self.u.vote(rate, domain, day);
                check_vote.poor_beside_good = check_vote.poor;
                (check_vote.all_poor, check_vote.no_good) = columns.vote(other, domain, day);
                return check_vote;
            }
            AxisArrangement::SameMetric { good, fixed, .. } => {
                let compare = |ppm: u32| self.u.compare(&domain.exact, day)(ppm);
                let poor = self.u.poor.lookup(rate, compare);
                check_vote.no_good = good.lookup(rate, compare).below;
                check_vote.good = poor.below;
                if poor.at_or_below > 0 && !self.u.has_few_events(&domain.exact, day) {
                    // If good-at-most reaches the rate, a poor-at-least equal to the rate loses the tie.
                    (check_vote.poor, check_vote.poor_beside_good) = (poor.at_or_below, poor.below);
                }
                fixed
            }
            AxisArrangement::Minimum { fixed } => {
                (check_vote.poor, check_vote.good) = self.u.vote(rate, domain, day);
                check_vote.poor_beside_good = check_vote.poor;
                fixed
            }
        };
        match fixed.as_ref().map(|fixed| fixed.vote(other, domain, day)) {
            // The fixed metric votes Poor, Hold, or Good (or is off).
            Some((1.., _)) => (check_vote.all_poor, check_vote.no_good) = (judged, judged),
            Some((0, 1..)) => check_vote.good = self.u_len,
            Some((0, 0)) | None => {}
        }
        check_vote
    }
}

/// A stored processed count of this value may mean any larger one.
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
