//! Which checks can be passed over: those whose approximate rates prove that nothing moves.
//!
//! After a change, a domain's staircases say how far its rates may go before a vote could change them again: below the
//! lowest threshold that is not yet poor everywhere, and above a corner of what is already good. Until a check leaves
//! those bounds, looking at its kept rates is all it costs.

use super::plan::{Columns, Domain, Plan, Rates};
use super::stairs::Run;
use super::windows::LANES;
use crate::health::BelowMinimum;
use wide::{f32x8, i32x8};

/// The most corners of the good staircase that are kept; with more, some checks are looked at for nothing.
const MOST_CORNERS: usize = 6;

/// Bounds within which no vote changes a domain's staircases.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// At or above these kept rates, `u`'s metric or the other may vote Poor where it is not poor yet.
    poor_from: f32,
    other_poor_from: f32,
    /// Above both rates of one of these corners, every Good vote falls on what is good already.
    corners: [(f32, f32); MOST_CORNERS],
    corner_count: usize,
    /// Above this many processed messages the metrics may have a say.
    too_few: i32,
    /// Up to this many processed messages, something may go back to new.
    back_up_to: i32,
}

const NEVER: f32 = f32::INFINITY;
const ALWAYS: f32 = f32::NEG_INFINITY;

impl Bounds {
    /// Bounds within which nothing is decided yet.
    pub fn new(plan: &Plan) -> Self {
        Self {
            poor_from: NEVER,
            other_poor_from: NEVER,
            corners: [(NEVER, NEVER); MOST_CORNERS],
            corner_count: 0,
            too_few: clamp(plan.minimums.first().copied().unwrap_or(0)) - 1,
            back_up_to: -1,
        }
    }

    /// Takes the bounds of staircases. `reached` is how many `v`s any of the domain's checks can concern.
    #[inline]
    pub fn set(&mut self, plan: &Plan, runs: &[Run], reached: usize) {
        self.corner_count = 0;
        match &plan.columns {
            Columns::OtherMetric(columns) => self.set_pair(plan, columns, runs),
            Columns::SameMetric { above_good, still, .. } => {
                self.set_same_metric(plan, above_good, runs);
                self.set_still(still.as_ref(), plan, runs);
            }
            Columns::Minimum { still } => {
                let concerned = || runs.iter().filter(|run| usize::from(run.start) < reached);
                let poor = concerned().map(|run| run.poor).min().unwrap_or(0);
                let good = concerned().map(|run| run.good).max().unwrap_or(0);
                self.poor_from = plan.u.poor_bound(usize::from(poor));
                self.push(plan.u.good_bound(usize::from(good)), ALWAYS);
                self.set_still(still.as_ref(), plan, runs);
            }
        }
        self.set_back(plan, runs);
    }

    #[inline]
    fn set_back(&mut self, plan: &Plan, runs: &[Run]) {
        if plan.below_minimum == BelowMinimum::New {
            self.back_up_to = back_up_to(plan, runs);
        }
    }

    #[inline]
    fn push(&mut self, rate: f32, other: f32) {
        if let Some(corner) = self.corners.get_mut(self.corner_count) {
            *corner = (rate, other);
            self.corner_count += 1;
        }
    }

    /// As [`set`](Self::set), where `v` turns the other metric.
    #[inline]
    pub fn set_pair(&mut self, plan: &Plan, columns: &Rates, runs: &[Run]) {
        // Both staircases fall along `v`.
        let least_poor = runs.last().map_or(0, |run| run.poor);
        self.poor_from = plan.u.poor_bound(usize::from(least_poor));
        let all_poor = match runs {
            [first, ..] if usize::from(first.poor) < plan.u_len => 0,
            [_, second, ..] => usize::from(second.start),
            _ => plan.v_len,
        };
        self.other_poor_from = columns.poor_bound(all_poor);
        self.corner_count = 0;
        self.push(ALWAYS, columns.good_bound(plan.v_len));
        let mut last_good = u16::MAX;
        for run in runs {
            if last_good != run.good {
                let (good, start) = (usize::from(run.good), usize::from(run.start));
                self.push(plan.u.good_bound(good), columns.good_bound(start));
                last_good = run.good;
            }
        }
        self.set_back(plan, runs);
    }

    fn set_same_metric(&mut self, plan: &Plan, above_good: &[f32], runs: &[Run]) {
        let least_poor = runs.last().map_or(0, |run| run.poor);
        self.poor_from = plan.u.poor_bound(usize::from(least_poor));
        // One rate runs along both axes: the least rate at which some corner of the good staircase holds.
        let above = |bounds: &[f32], count: usize| bounds.get(count).copied().unwrap_or(NEVER);
        let corners = runs.iter().map(|run| {
            let before_start = above(above_good, usize::from(run.start));
            before_start.max(above(&plan.u.above_poor, usize::from(run.good)))
        });
        self.push(corners.fold(above(above_good, plan.v_len), f32::min), ALWAYS);
    }

    /// The metric that no axis turns: poor anywhere unless all is poor already, and good only below its threshold.
    fn set_still(&mut self, still: Option<&Rates>, plan: &Plan, runs: &[Run]) {
        let Some(still) = still else { return };
        let is_all_poor = runs.iter().all(|run| usize::from(run.poor) == plan.u_len);
        self.other_poor_from = still.poor_bound(usize::from(is_all_poor));
        self.push(ALWAYS, still.good_bound(1));
    }

    /// Whether `u`'s rate, and the other, may vote Poor somewhere where it is not poor yet.
    #[inline]
    pub fn may_be_poor(&self, rate: f32, other: f32) -> (bool, bool) {
        (rate >= self.poor_from, other >= self.other_poor_from)
    }

    /// The next check from `from` on, before `checks`, that may move something, and whether its Good votes surely do not.
    #[inline(always)]
    pub fn next(&self, domain: &Domain<'_>, from: usize, checks: usize) -> Option<(usize, bool)> {
        let first = from / LANES;
        let blocks = domain.u_rates.iter().zip(domain.other_rates).zip(domain.processed);
        // Checks before `from` are done with.
        let mut open = u32::MAX << (from % LANES);
        for (block, ((rates, others), processed)) in (first..checks.div_ceil(LANES)).zip(blocks.skip(first)) {
            let (found, is_good) = self.may_move(*rates, *others, *processed);
            let found = found & open;
            if found != 0 {
                let lane = found.trailing_zeros();
                let check = block * LANES + lane as usize;
                return (check < checks).then_some((check, is_good >> lane & 1 != 0));
            }
            open = u32::MAX;
        }
        None
    }

    /// One bit a check: whether it may move something; whether its Good votes surely do not.
    #[inline(always)]
    fn may_move(&self, rates: [f32; LANES], others: [f32; LANES], processed: [i32; LANES]) -> (u32, u32) {
        let (rates, others, processed) = (f32x8::new(rates), f32x8::new(others), i32x8::new(processed));
        let mut is_good = f32x8::ZERO;
        for (rate, other) in self.corners.iter().take(self.corner_count) {
            is_good |= rates.simd_gt(f32x8::splat(*rate)) & others.simd_gt(f32x8::splat(*other));
        }
        let is_poor = rates.simd_ge(f32x8::splat(self.poor_from)) | others.simd_ge(f32x8::splat(self.other_poor_from));
        let is_good = is_good.to_bitmask();
        let is_enough = processed.simd_gt(i32x8::splat(self.too_few)).to_bitmask();
        let may_vote = (is_poor.to_bitmask() | !is_good) & is_enough;
        if self.back_up_to < 0 {
            return (may_vote, is_good);
        }
        let stays = processed.simd_gt(i32x8::splat(self.back_up_to)).to_bitmask();
        (may_vote | !stays & 0xFF, is_good)
    }
}

/// A number of messages as kept: saturated, so that the largest kept number may always be enough.
fn clamp(messages: u64) -> i32 {
    i32::try_from(messages).unwrap_or(i32::MAX)
}

/// The most processed messages with which something goes back to new; −1 where nothing would.
fn back_up_to(plan: &Plan, runs: &[Run]) -> i32 {
    let is_new = |run: &Run| run.poor == 0 && usize::from(run.good) == plan.u_len;
    let Some(last) = runs.iter().rposition(|run| !is_new(run)) else {
        return -1;
    };
    let minimum = match plan.columns {
        Columns::Minimum { .. } => {
            let end = runs.get(last + 1).map_or(plan.v_len, |run| usize::from(run.start));
            plan.minimums.get(end - 1)
        }
        _ => plan.minimums.first(),
    };
    let below = minimum.copied().unwrap_or(0);
    below.checked_sub(1).map_or(-1, clamp)
}
