//! The common case, run tightly: the axes turn thresholds of both metrics, and one vote is enough to move.
//!
//! Both staircases then fall along `v`, and a vote is a few cuts of each by itself: Poor lifts them, Good lowers them. A
//! check that leaves the bounds does so on the poor side or on the good side, and only that side's thresholds are looked
//! up and only its bounds made anew.

use super::difference_array::{CellWeights, DifferenceArray};
use super::flaps::FlapHistory;
use super::plan::{AxisArrangement, AxisThresholds, SATURATED, SweepPlan, SweptDomain};
use super::quiet_rates::QuietRates;
use super::staircase::Staircase;
use super::votes_in_a_row::narrow;
use super::windows::WindowRates;
use poolkeeper_core::health::BelowMinimum;

/// A sweep of this kind, and the staircases of the domain at hand.
pub(super) struct TwoMetricSweep<'a> {
    plan: &'a SweepPlan,
    u: &'a AxisThresholds,
    v: &'a AxisThresholds,
    windows: &'a WindowRates,
    /// Fewer processed messages than this say too little.
    minimum: i32,
    goes_back: bool,
    u_len: u16,
    /// Poor in the first so many `u`s.
    poor: Staircase,
    /// Good from this `u` on.
    good: Staircase,
    flaps: Option<FlapHistory>,
    /// The bounds of a domain that has not moved.
    first_bounds: QuietRates,
}

/// Which of the staircases a check changed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct ChangedStaircases {
    poor: bool,
    good: bool,
}

/// One check's day, and what a change on it counts.
struct CheckDay<const N: usize> {
    day: u32,
    weights: CellWeights<N>,
}

impl<'a> TwoMetricSweep<'a> {
    /// `None` for other sweeps.
    pub fn new(plan: &'a SweepPlan, windows: &'a WindowRates, has_flaps: bool) -> Option<Self> {
        let AxisArrangement::OtherMetric(v) = &plan.columns else {
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
            goes_back: plan.below_minimum == BelowMinimum::New,
            u_len,
            poor,
            good,
            flaps: has_flaps.then(|| FlapHistory::new(u_len, v_len)),
            first_bounds,
        })
    }

    /// Runs one domain's checks. `weights` gives what a change on a day counts.
    pub fn run<const N: usize>(
        &mut self,
        domain: &SweptDomain<'_>,
        checks: usize,
        tally: &mut DifferenceArray<N>,
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
                if self.goes_back {
                    self.all_new(tally, &now.weights);
                    bounds = self.first_bounds;
                }
                continue;
            }
            let [may_be_poor, may_be_all_poor] = bounds.may_be_poor(self.plan, [first, second]);
            let [rate, other] = self.plan.in_block(first, second);
            let mut changes = ChangedStaircases::default();
            if may_be_all_poor {
                let all_poor = narrow(self.v.poor(other, domain, day));
                self.vote_poor((all_poor, self.u_len), tally, &now, &mut changes);
            }
            if may_be_poor {
                let poor = narrow(self.u.poor(rate, domain, day));
                self.vote_poor((self.poor.v_len(), poor), tally, &now, &mut changes);
            }
            if !is_good {
                let (good, no_good) = (self.u.good(rate, domain, day), self.v.good(other, domain, day));
                self.vote_good((narrow(no_good), narrow(good)), tally, &now, &mut changes);
            }
            if changes.poor {
                bounds.set_poor(self.plan, self.v, &self.poor);
            }
            if changes.good {
                bounds.set_good(self.plan, self.v, &self.good);
            }
            if changes != ChangedStaircases::default() {
                self.settle(&mut bounds, day);
            }
        }
    }

    /// Takes Poor votes below `value` in the `v`s before `end`. Notes which of the staircases changed.
    #[inline]
    fn vote_poor<const N: usize>(
        &mut self,
        (end, value): (u16, u16),
        tally: &mut DifferenceArray<N>,
        now: &CheckDay<N>,
        changes: &mut ChangedStaircases,
    ) {
        let weights = &now.weights;
        let Some(vs) = self.poor.raise_before(end, value, |vs, from| {
            tally.leave(vs, from, &weights.more_poor);
        }) else {
            // What is poor already is not good.
            return;
        };
        tally.arrive(vs, value, &weights.more_poor);
        changes.poor = true;
        let flaps = &mut self.flaps;
        let Some(vs) = self.good.raise_before(end, value, |vs, from| {
            if weights.has_good {
                tally.leave(vs, from, &weights.fewer_good);
            }
            if let Some(flaps) = flaps {
                flaps.turn_poor(now.day, vs, (from, value), tally, weights);
            }
        }) else {
            return;
        };
        if weights.has_good {
            tally.arrive(vs, value, &weights.fewer_good);
        }
        changes.good = true;
    }

    /// Takes Good votes from `value` on in the `v`s from `start` on. Notes which of the staircases changed.
    #[inline]
    fn vote_good<const N: usize>(
        &mut self,
        (start, value): (u16, u16),
        tally: &mut DifferenceArray<N>,
        now: &CheckDay<N>,
        changes: &mut ChangedStaircases,
    ) {
        let weights = &now.weights;
        let Some(vs) = self.good.lower_from(start, value, |vs, from| {
            tally.leave(vs, from, &weights.more_good);
        }) else {
            // What is good already is not poor.
            return;
        };
        tally.arrive(vs, value, &weights.more_good);
        changes.good = true;
        let flaps = &mut self.flaps;
        let Some(vs) = self.poor.lower_from(start, value, |vs, from| {
            tally.leave(vs, from, &weights.fewer_poor);
            if let Some(flaps) = flaps {
                flaps.turn_good(now.day, vs, (value, from), tally, weights);
            }
        }) else {
            return;
        };
        tally.arrive(vs, value, &weights.fewer_poor);
        changes.poor = true;
    }

    /// Sends every cell back to new.
    fn all_new<const N: usize>(&mut self, tally: &mut DifferenceArray<N>, weights: &CellWeights<N>) {
        let vs = self
            .poor
            .lower_from(0, 0, |vs, from| tally.leave(vs, from, &weights.poor_to_new));
        if let Some(vs) = vs {
            tally.arrive(vs, 0, &weights.poor_to_new);
        }
        let (v_len, u_len) = (self.good.v_len(), self.u_len);
        let vs = self.good.raise_before(v_len, u_len, |vs, from| {
            tally.leave(vs, from, &weights.good_to_new);
        });
        if let Some(vs) = vs {
            tally.arrive(vs, u_len, &weights.good_to_new);
        }
    }

    /// Ends a day that changed the staircases.
    #[inline]
    fn settle(&mut self, bounds: &mut QuietRates, day: u32) {
        if self.goes_back {
            bounds.set_back_up_to(self.minimum - 1);
        }
        if let Some(flaps) = &mut self.flaps {
            flaps.note(day, self.poor.iter(), self.good.iter());
        }
    }
}
