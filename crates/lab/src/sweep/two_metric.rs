//! The fast path for the common case: the axes change thresholds of both metrics, and one vote is enough to move.
//!
//! Both staircases then fall along `v`, and a vote is a few cuts of each: Poor raises them, Good lowers them. A check
//! leaves the bounds on the poor side or on the good side. Only that side's thresholds are looked up, and only its
//! bounds are recomputed.

use super::difference_array::{CellWeights, DifferenceArray};
use super::flaps::FlapHistory;
use super::plan::{AxisArrangement, AxisThresholds, SATURATED, SweepPlan, SweptDomain};
use super::quiet_rates::QuietRates;
use super::staircase::Staircase;
use super::votes_in_a_row::narrow;
use super::windows::WindowRates;
use poolkeeper_core::health::BelowMinimum;

/// A sweep of two metrics, and the staircases of the current domain.
pub(super) struct TwoMetricSweep<'a> {
    plan: &'a SweepPlan,
    u: &'a AxisThresholds,
    v: &'a AxisThresholds,
    windows: &'a WindowRates,
    /// With fewer processed messages a window is not judged.
    minimum: i32,
    resets_to_new: bool,
    u_len: u16,
    /// The number of poor `u`s.
    poor: Staircase,
    /// The first good `u`.
    good: Staircase,
    flaps: Option<FlapHistory>,
    /// The bounds of a domain that has not moved.
    first_bounds: QuietRates,
}

/// Which staircases a check changed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct ChangedStaircases {
    poor: bool,
    good: bool,
}

/// One check's day, and the weights of a change on it.
struct CheckDay<const N: usize> {
    day: u32,
    weights: CellWeights<N>,
}

impl<'a> TwoMetricSweep<'a> {
    /// `None` for other sweeps.
    pub fn new(plan: &'a SweepPlan, windows: &'a WindowRates, has_flaps: bool) -> Option<Self> {
        let AxisArrangement::OtherMetric(v) = &plan.arrangement else {
            return None;
        };
        if plan.promotion_after > 1 || plan.demotion_after > 1 {
            return None;
        }
        let minimum = plan.minimums.first().filter(|minimum| **minimum < SATURATED)?;
        let (u_len, v_len) = (narrow(plan.u_len), narrow(plan.v_len));
        let (poor, good) = (Staircase::new(v_len, 0), Staircase::new(v_len, u_len));
        let mut first_bounds = QuietRates::new(plan);
        first_bounds.set_poor(plan, v, &poor);
        first_bounds.set_good(plan, v, &good);
        Some(Self {
            plan,
            u: &plan.u,
            v,
            windows,
            minimum: i32::try_from(*minimum).ok()?,
            resets_to_new: plan.below_minimum == BelowMinimum::New,
            u_len,
            poor,
            good,
            flaps: has_flaps.then(|| FlapHistory::new(u_len, v_len)),
            first_bounds,
        })
    }

    /// Runs one domain's checks. `weights` gives the weights of a change on a day.
    pub fn run<const N: usize>(
        &mut self,
        domain: &SweptDomain<'_>,
        checks: usize,
        differences: &mut DifferenceArray<N>,
        weights: impl Fn(u32) -> CellWeights<N>,
    ) {
        self.poor.reset(0);
        self.good.reset(self.u_len);
        if let Some(flaps) = &mut self.flaps {
            flaps.start();
        }
        let mut bounds = self.first_bounds;
        let mut from = 0;
        while let Some((check, is_good)) = bounds.next(domain, from, checks) {
            from = check + 1;
            let Some(([first, second], processed)) = domain.at(check) else {
                break;
            };
            let day = self.windows.day_of(check);
            let now = CheckDay {
                day,
                weights: weights(day),
            };
            if processed < self.minimum {
                if self.resets_to_new {
                    self.reset_all_to_new(differences, &now.weights);
                    bounds = self.first_bounds;
                }
                continue;
            }
            let [may_be_poor, may_be_all_poor] = bounds.may_be_poor(self.plan, [first, second]);
            let [rate, other] = self.plan.in_block_order(first, second);
            let mut changes = ChangedStaircases::default();
            if may_be_all_poor {
                let all_poor = narrow(self.v.poor(other, domain, day));
                self.vote_poor((all_poor, self.u_len), differences, &now, &mut changes);
            }
            if may_be_poor {
                let poor = narrow(self.u.poor(rate, domain, day));
                self.vote_poor((self.poor.v_len(), poor), differences, &now, &mut changes);
            }
            if !is_good {
                let (good, no_good) = (self.u.good(rate, domain, day), self.v.good(other, domain, day));
                self.vote_good((narrow(no_good), narrow(good)), differences, &now, &mut changes);
            }
            if changes.poor {
                bounds.set_poor(self.plan, self.v, &self.poor);
            }
            if changes.good {
                bounds.set_good(self.plan, self.v, &self.good);
            }
            if changes != ChangedStaircases::default() {
                self.end_changed_day(&mut bounds, day);
            }
        }
    }

    /// Applies Poor votes below `value` in the `v`s before `end`. Records in `changes` which staircases changed.
    #[inline]
    fn vote_poor<const N: usize>(
        &mut self,
        (end, value): (u16, u16),
        differences: &mut DifferenceArray<N>,
        now: &CheckDay<N>,
        changes: &mut ChangedStaircases,
    ) {
        let weights = &now.weights;
        let Some(vs) = self.poor.raise_before(end, value, |vs, from| {
            differences.count_from(vs, from, &weights.more_poor);
        }) else {
            // Cells that are poor already are not good.
            return;
        };
        differences.count_to(vs, value, &weights.more_poor);
        changes.poor = true;
        let flaps = &mut self.flaps;
        let Some(vs) = self.good.raise_before(end, value, |vs, from| {
            if weights.has_good {
                differences.count_from(vs, from, &weights.fewer_good);
            }
            if let Some(flaps) = flaps {
                flaps.count_turned_poor(now.day, vs, (from, value), differences, weights);
            }
        }) else {
            return;
        };
        if weights.has_good {
            differences.count_to(vs, value, &weights.fewer_good);
        }
        changes.good = true;
    }

    /// Applies Good votes from `value` on in the `v`s from `start` on. Records in `changes` which staircases changed.
    #[inline]
    fn vote_good<const N: usize>(
        &mut self,
        (start, value): (u16, u16),
        differences: &mut DifferenceArray<N>,
        now: &CheckDay<N>,
        changes: &mut ChangedStaircases,
    ) {
        let weights = &now.weights;
        let Some(vs) = self.good.lower_from(start, value, |vs, from| {
            differences.count_from(vs, from, &weights.more_good);
        }) else {
            // Cells that are good already are not poor.
            return;
        };
        differences.count_to(vs, value, &weights.more_good);
        changes.good = true;
        let flaps = &mut self.flaps;
        let Some(vs) = self.poor.lower_from(start, value, |vs, from| {
            differences.count_from(vs, from, &weights.fewer_poor);
            if let Some(flaps) = flaps {
                flaps.count_turned_good(now.day, vs, (value, from), differences, weights);
            }
        }) else {
            return;
        };
        differences.count_to(vs, value, &weights.fewer_poor);
        changes.poor = true;
    }

    /// Resets every cell to new.
    fn reset_all_to_new<const N: usize>(&mut self, differences: &mut DifferenceArray<N>, weights: &CellWeights<N>) {
        let vs = self
            .poor
            .lower_from(0, 0, |vs, from| differences.count_from(vs, from, &weights.poor_to_new));
        if let Some(vs) = vs {
            differences.count_to(vs, 0, &weights.poor_to_new);
        }
        let (v_len, u_len) = (self.good.v_len(), self.u_len);
        let vs = self.good.raise_before(v_len, u_len, |vs, from| {
            differences.count_from(vs, from, &weights.good_to_new);
        });
        if let Some(vs) = vs {
            differences.count_to(vs, u_len, &weights.good_to_new);
        }
    }

    /// Ends a day that changed the staircases.
    #[inline]
    fn end_changed_day(&mut self, bounds: &mut QuietRates, day: u32) {
        if self.resets_to_new {
            bounds.set_reset_up_to(self.minimum - 1);
        }
        if let Some(flaps) = &mut self.flaps {
            flaps.record(day, self.poor.iter(), self.good.iter());
        }
    }
}
