//! Which checks can be passed over: those whose approximate rates prove that nothing moves.
//!
//! After a change, a domain's staircases say how far its rates may go before a vote could change them again: below the
//! lowest threshold that is not yet poor everywhere, and above a corner of what is already good. Until a check leaves
//! those bounds, looking at its kept rates is all it costs.

use super::levels::{surely_above, surely_below};
use super::plan::{Columns, Domain, Plan, Rates};
use super::stairs::Run;
use super::windows::LANES;
use crate::health::BelowMinimum;

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
    /// From this many processed messages on, the metrics may have a say.
    enough: i32,
    /// Up to this many processed messages, something may go back to new.
    back_up_to: i32,
}

const NEVER: f32 = f32::INFINITY;
const ALWAYS: f32 = f32::NEG_INFINITY;

impl Bounds {
    /// The bounds of staircases in a plan. `reached` is how many `v`s any of the domain's checks can concern.
    pub fn new(plan: &Plan, runs: &[Run], reached: usize) -> Self {
        let mut bounds = Self {
            poor_from: NEVER,
            other_poor_from: NEVER,
            corners: [(NEVER, NEVER); MOST_CORNERS],
            corner_count: 0,
            enough: clamp(plan.minimums.first().copied().unwrap_or(0)),
            back_up_to: -1,
        };
        match &plan.columns {
            Columns::OtherMetric(columns) => bounds.with_other_metric(plan, columns, runs),
            Columns::SameMetric { good_ppm, still, .. } => {
                bounds.with_same_metric(plan, good_ppm, runs);
                bounds.with_still(still.as_ref(), plan, runs);
            }
            Columns::Minimum { still } => {
                let concerned = || runs.iter().filter(|run| usize::from(run.start) < reached);
                let poor = concerned().map(|run| run.poor).min().unwrap_or(0);
                let good = concerned().map(|run| run.good).max().unwrap_or(0);
                bounds.poor_from = plan.u.poor_bound(usize::from(poor));
                bounds.push(plan.u.good_bound(usize::from(good)), ALWAYS);
                bounds.with_still(still.as_ref(), plan, runs);
            }
        }
        if plan.below_minimum == BelowMinimum::New {
            bounds.back_up_to = back_up_to(plan, runs);
        }
        bounds
    }

    fn push(&mut self, rate: f32, other: f32) {
        if let Some(corner) = self.corners.get_mut(self.corner_count) {
            *corner = (rate, other);
            self.corner_count += 1;
        }
    }

    fn with_other_metric(&mut self, plan: &Plan, columns: &Rates, runs: &[Run]) {
        // Both staircases fall along `v`.
        let least_poor = runs.last().map_or(0, |run| run.poor);
        self.poor_from = plan.u.poor_bound(usize::from(least_poor));
        let not_all_poor = runs.iter().find(|run| usize::from(run.poor) < plan.u_len);
        let all_poor = not_all_poor.map_or(plan.v_len, |run| usize::from(run.start));
        self.other_poor_from = columns.poor_bound(all_poor);
        self.push(ALWAYS, columns.good_bound(plan.v_len));
        let mut last = None;
        for run in runs {
            if last != Some(run.good) {
                let start = usize::from(run.start);
                self.push(plan.u.good_bound(usize::from(run.good)), columns.good_bound(start));
            }
            last = Some(run.good);
        }
    }

    fn with_same_metric(&mut self, plan: &Plan, good_ppm: &[u32], runs: &[Run]) {
        let least_poor = runs.last().map_or(0, |run| run.poor);
        self.poor_from = plan.u.poor_bound(usize::from(least_poor));
        // One rate runs along both axes: the least rate at which some corner of the good staircase holds.
        let corners = runs.iter().map(|run| {
            let below_start = super::plan::bound_before(good_ppm, usize::from(run.start));
            let below_good = super::plan::bound_before(&plan.u.poor_ppm, usize::from(run.good));
            below_start.max(below_good)
        });
        let none_good = super::plan::bound_before(good_ppm, plan.v_len);
        self.push(corners.fold(none_good, f32::min), ALWAYS);
    }

    /// The metric that no axis turns: poor anywhere unless all is poor already, and good only below its threshold.
    fn with_still(&mut self, still: Option<&Rates>, plan: &Plan, runs: &[Run]) {
        let Some(still) = still else { return };
        let is_all_poor = runs.iter().all(|run| usize::from(run.poor) == plan.u_len);
        if !is_all_poor {
            self.other_poor_from = still.poor_ppm.first().map_or(NEVER, |ppm| surely_below(*ppm));
        }
        let not_good = still.good_ppm.first().map_or(NEVER, |ppm| surely_above(*ppm));
        self.push(ALWAYS, not_good);
    }

    /// The next check from `from` on, before `checks`, that may move something.
    #[inline]
    pub fn next(&self, domain: &Domain<'_>, from: usize, checks: usize) -> Option<usize> {
        let mut at = from - from % LANES;
        // Checks before `from` are done with.
        let mut open = u32::MAX << (from % LANES);
        while at < checks {
            let rates = domain.u_rates.get(at..)?.first_chunk::<LANES>()?;
            let others = domain.other_rates.get(at..)?.first_chunk::<LANES>()?;
            let processed = domain.processed.get(at..)?.first_chunk::<LANES>()?;
            let found = self.may_move(rates, others, processed) & open;
            if found != 0 {
                let check = at + found.trailing_zeros() as usize;
                return (check < checks).then_some(check);
            }
            open = u32::MAX;
            at += LANES;
        }
        None
    }

    /// One bit a check: whether it may move something. Written so that compilers make vectors of it.
    #[inline(always)]
    fn may_move(&self, rates: &[f32; LANES], others: &[f32; LANES], processed: &[i32; LANES]) -> u32 {
        let mut is_good = [false; LANES];
        for (rate_above, other_above) in self.corners.iter().take(self.corner_count) {
            for ((is_good, rate), other) in is_good.iter_mut().zip(rates).zip(others) {
                *is_good |= (rate > rate_above) & (other > other_above);
            }
        }
        let mut found = 0;
        for (lane, is_good) in is_good.iter().enumerate() {
            let (Some(rate), Some(other), Some(processed)) = (rates.get(lane), others.get(lane), processed.get(lane))
            else {
                continue;
            };
            let is_poor = (*rate >= self.poor_from) | (*other >= self.other_poor_from);
            let may_vote = (*processed >= self.enough) & (is_poor | !is_good);
            let may_return = *processed <= self.back_up_to;
            found |= u32::from(may_vote | may_return) << lane;
        }
        found
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
