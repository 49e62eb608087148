//! Finds checks that can be skipped, because their approximate rates prove that nothing moves.
//!
//! A domain's staircases give bounds for its rates within which no vote changes them. The rates are below the lowest
//! threshold that is not poor everywhere yet, and above a corner of the good staircase. A check within the bounds costs
//! only a comparison of its rate codes.

use super::plan::{AxisArrangement, AxisThresholds, SweepPlan, SweptDomain};
use super::rate_code::{ALWAYS, NEVER, RateCode};
use super::staircase::Staircase;
use super::staircase_sweep::StaircaseRun;
use super::votes_in_a_row::narrow;
use super::windows::{CheckBlock, LANES};
use poolkeeper_core::health::BelowMinimum;
use wide::{i16x8, i32x8};

/// Stored corners of the good staircase. With more corners some checks are not skipped. All are always compared, which
/// costs less than a loop over the used ones.
const MAX_CORNERS: usize = 6;

/// Bounds within which no vote changes a domain's staircases. Rates are in the order of [`CheckBlock::rates`].
#[derive(Clone, Copy, Debug)]
pub(super) struct QuietRates {
    /// At or above one of these, a metric may vote Poor where it is not poor yet.
    poor_from: [RateCode; 2],
    /// Above both rates of one of these corners, every Good vote is for cells that are good already.
    corners: [[RateCode; 2]; MAX_CORNERS],
    corner_count: usize,
    /// With more processed messages, some cell is judged.
    unjudged_up_to: i32,
    /// With at most this many processed messages, some cell may be reset to new.
    reset_up_to: i32,
}

impl QuietRates {
    /// The bounds of a domain that has not been checked.
    pub fn new(plan: &SweepPlan) -> Self {
        Self {
            poor_from: [NEVER; 2],
            corners: [[NEVER; 2]; MAX_CORNERS],
            corner_count: 0,
            unjudged_up_to: saturate(plan.minimums.first().copied().unwrap_or(0)) - 1,
            reset_up_to: -1,
        }
    }

    /// Sets the bounds for staircases. `judged_v_count` bounds the `v`s in which any check of the domain is judged.
    pub fn set(&mut self, plan: &SweepPlan, runs: &[StaircaseRun], judged_v_count: usize) {
        self.clear();
        let least_poor = runs.last().map_or(0, |run| run.poor);
        match &plan.arrangement {
            AxisArrangement::OtherMetric(v) => {
                let all_poor = match runs {
                    [first, ..] if usize::from(first.poor) < plan.u_len => 0,
                    [_, second, ..] => usize::from(second.start),
                    _ => plan.v_len,
                };
                self.poor_from =
                    plan.in_block_order(plan.u.poor_bound(usize::from(least_poor)), v.poor_bound(all_poor));
                self.push_corners(plan, v, runs.iter().map(|run| (run.start, run.good)));
            }
            AxisArrangement::SameMetric { above_good, fixed, .. } => {
                let poor_from = plan.u.poor_bound(usize::from(least_poor));
                // Both axes change one metric: the bound is the lowest rate at a corner of the good staircase.
                let above = |bounds: &[RateCode], count: usize| bounds.get(count).copied().unwrap_or(NEVER);
                let corners = runs.iter().map(|run| {
                    let before_start = above(above_good, usize::from(run.start));
                    before_start.max(above(&plan.u.above_poor, usize::from(run.good)))
                });
                let corner = corners.fold(above(above_good, plan.v_len), RateCode::min);
                self.push(plan.in_block_order(corner, ALWAYS));
                self.set_fixed(fixed.as_ref(), plan, poor_from, runs);
            }
            AxisArrangement::Minimum { fixed } => {
                let judged_runs = || runs.iter().filter(|run| usize::from(run.start) < judged_v_count);
                let poor = judged_runs().map(|run| run.poor).min().unwrap_or(0);
                let good = judged_runs().map(|run| run.good).max().unwrap_or(0);
                self.push(plan.in_block_order(plan.u.good_bound(usize::from(good)), ALWAYS));
                self.set_fixed(fixed.as_ref(), plan, plan.u.poor_bound(usize::from(poor)), runs);
            }
        }
        if plan.below_minimum == BelowMinimum::New {
            self.reset_up_to = reset_up_to(plan, runs);
        }
    }

    /// Sets the bounds for a poor staircase that falls along the other metric's thresholds.
    #[inline]
    pub fn set_poor(&mut self, plan: &SweepPlan, v: &AxisThresholds, poor: &Staircase) {
        let all_poor = usize::from(poor.end_at(narrow(plan.u_len)));
        let least = usize::from(poor.least());
        self.poor_from = plan.in_block_order(plan.u.poor_bound(least), v.poor_bound(all_poor));
    }

    /// Sets the bounds for a good staircase that falls along the other metric's thresholds.
    #[inline]
    pub fn set_good(&mut self, plan: &SweepPlan, v: &AxisThresholds, good: &Staircase) {
        self.clear();
        self.push_corners(plan, v, good.iter());
    }

    /// Sets up to how many messages a check may reset a cell to new.
    pub const fn set_reset_up_to(&mut self, messages: i32) {
        self.reset_up_to = messages;
    }

    fn clear(&mut self) {
        self.corners = [[NEVER; 2]; MAX_CORNERS];
        self.corner_count = 0;
    }

    #[inline(always)]
    fn push(&mut self, corner: [RateCode; 2]) {
        if let Some(slot) = self.corners.get_mut(self.corner_count) {
            *slot = corner;
            self.corner_count += 1;
        }
    }

    /// Adds the corners of a good staircase, given as first `v`s and values.
    #[inline(always)]
    fn push_corners(&mut self, plan: &SweepPlan, v: &AxisThresholds, pieces: impl Iterator<Item = (u16, u16)>) {
        self.push(plan.in_block_order(ALWAYS, v.good_bound(plan.v_len)));
        let mut last = None;
        for (start, good) in pieces {
            if last != Some(good) {
                self.push(plan.in_block_order(plan.u.good_bound(usize::from(good)), v.good_bound(usize::from(start))));
                last = Some(good);
            }
        }
    }

    /// Sets the bounds for the metric that no axis changes. Its Poor vote matters unless all cells are poor already,
    /// and its Good vote only below its threshold.
    fn set_fixed(
        &mut self,
        fixed: Option<&AxisThresholds>,
        plan: &SweepPlan,
        poor_from: RateCode,
        runs: &[StaircaseRun],
    ) {
        let is_all_poor = runs.iter().all(|run| usize::from(run.poor) == plan.u_len);
        let other = fixed.map_or(NEVER, |fixed| fixed.poor_bound(usize::from(is_all_poor)));
        self.poor_from = plan.in_block_order(poor_from, other);
        if let Some(fixed) = fixed {
            self.push(plan.in_block_order(ALWAYS, fixed.good_bound(1)));
        }
    }

    /// Whether `u`'s metric and the other metric may make a cell poor, given a check's rates.
    #[inline(always)]
    pub fn may_be_poor(&self, plan: &SweepPlan, [first, second]: [RateCode; 2]) -> [bool; 2] {
        let [first_from, second_from] = self.poor_from;
        plan.in_block_order(first >= first_from, second >= second_from)
    }

    /// The next check in `from..checks` that may move a cell, and whether its Good votes certainly do not.
    #[inline(always)]
    pub fn next(&self, domain: &SweptDomain<'_>, from: usize, checks: usize) -> Option<(usize, bool)> {
        let first = from / LANES;
        // Skip the checks before `from`.
        let mut pending = u32::MAX << (from % LANES);
        let blocks = domain.blocks.get(first..checks.div_ceil(LANES)).unwrap_or(&[]);
        for (at, block) in (first..).zip(blocks) {
            let (found, is_good) = self.may_move(block);
            let found = found & pending;
            if found != 0 {
                let lane = found.trailing_zeros();
                let check = at * LANES + lane as usize;
                return (check < checks).then_some((check, is_good >> lane & 1 != 0));
            }
            pending = u32::MAX;
        }
        None
    }

    /// One bit per check: whether it may move a cell, and whether its Good votes certainly do not.
    #[inline(always)]
    fn may_move(&self, block: &CheckBlock) -> (u32, u32) {
        let [first, second] = block.rates.map(i16x8::new);
        let processed = i32x8::new(block.processed);
        let mut is_good = i16x8::ZERO;
        for [first_above, second_above] in self.corners {
            is_good |= first.simd_gt(i16x8::splat(first_above)) & second.simd_gt(i16x8::splat(second_above));
        }
        let [first_from, second_from] = self.poor_from.map(i16x8::splat);
        let is_not_poor = first_from.simd_gt(first) & second_from.simd_gt(second);
        let is_good = is_good.to_bitmask();
        let is_enough = processed.simd_gt(i32x8::splat(self.unjudged_up_to)).to_bitmask();
        let may_vote = !(is_not_poor.to_bitmask() & is_good) & is_enough;
        if self.reset_up_to < 0 {
            return (may_vote, is_good);
        }
        let stays = processed.simd_gt(i32x8::splat(self.reset_up_to)).to_bitmask();
        (may_vote | !stays & 0xFF, is_good)
    }
}

/// A number of messages as stored: saturated, so that the largest value always reaches a minimum.
fn saturate(messages: u64) -> i32 {
    i32::try_from(messages).unwrap_or(i32::MAX)
}

/// The most processed messages with which a cell is reset to new; −1 if none is.
fn reset_up_to(plan: &SweepPlan, runs: &[StaircaseRun]) -> i32 {
    let is_new = |run: &StaircaseRun| run.poor == 0 && usize::from(run.good) == plan.u_len;
    let Some(last) = runs.iter().rposition(|run| !is_new(run)) else {
        return -1;
    };
    let minimum = match plan.arrangement {
        AxisArrangement::Minimum { .. } => {
            let end = runs.get(last + 1).map_or(plan.v_len, |run| usize::from(run.start));
            plan.minimums.get(end - 1)
        }
        _ => plan.minimums.first(),
    };
    let below = minimum.copied().unwrap_or(0);
    below.checked_sub(1).map_or(-1, saturate)
}
