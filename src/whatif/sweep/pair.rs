//! The common case, run tightly: the axes turn thresholds of both metrics, and one vote is enough to move.
//!
//! The same staircases and the same bounds as everywhere, with two shortcuts. A check that leaves the bounds does so on
//! the poor side or on the good side, and only that side's thresholds are looked up. And a vote is two cuts that change
//! the staircases in place: Poor raises their ends, Good lowers their corners.

use super::bounds::Bounds;
use super::plan::{Columns, Domain, Plan, Rates, SATURATED};
use super::stairs::Stairs;
use super::tally::{Tally, Weights};
use super::votes::narrow;
use super::windows::Windows;
use crate::health::BelowMinimum;

/// A sweep of this kind.
pub(super) struct Pair<'a> {
    plan: &'a Plan,
    u: &'a Rates,
    v: &'a Rates,
    windows: &'a Windows,
    /// Fewer processed messages than this say too little.
    minimum: i32,
    goes_back: bool,
    /// The bounds of a domain that has not moved.
    first_bounds: Bounds,
}

impl<'a> Pair<'a> {
    /// `None` for other sweeps.
    pub fn new(plan: &'a Plan, windows: &'a Windows) -> Option<Self> {
        let Columns::OtherMetric(v) = &plan.columns else {
            return None;
        };
        if plan.promotion_after > 1 || plan.demotion_after > 1 {
            return None;
        }
        let minimum = plan.minimums.first().filter(|minimum| **minimum < SATURATED)?;
        let mut stairs = Stairs::new(narrow(plan.u_len), narrow(plan.v_len), false);
        stairs.start();
        let mut first_bounds = Bounds::new(plan);
        first_bounds.set(plan, stairs.runs(), plan.v_len);
        Some(Self {
            plan,
            u: &plan.u,
            v,
            windows,
            minimum: i32::try_from(*minimum).ok()?,
            goes_back: plan.below_minimum == BelowMinimum::New,
            first_bounds,
        })
    }

    /// Runs one domain's checks. `weights` gives what a change on a day counts.
    pub fn run<const N: usize>(
        &self,
        domain: &Domain<'_>,
        checks: usize,
        stairs: &mut Stairs,
        tally: &mut Tally<N>,
        weights: impl Fn(u32) -> Weights<N>,
    ) {
        stairs.start();
        let mut bounds = self.first_bounds;
        let mut from = 0;
        while let Some((check, is_good)) = bounds.next(domain, from, checks) {
            from = check + 1;
            let Some((rate, other, processed)) = domain.at(check) else {
                break;
            };
            let day = self.windows.day_of(check);
            if processed < self.minimum {
                if self.goes_back && stairs.back_to_new((0, 0), tally, &weights(day)) {
                    bounds.set_pair(self.plan, self.v, stairs.runs());
                }
                continue;
            }
            let weights = weights(day);
            let (may_be_poor, may_be_all_poor) = bounds.may_be_poor(rate, other);
            let mut has_moved = false;
            if may_be_all_poor {
                let all_poor = self.v.poor(other, domain, day);
                has_moved = stairs.raise_all(narrow(all_poor), day, tally, &weights);
            }
            if may_be_poor {
                let poor = self.u.poor(rate, domain, day);
                has_moved |= stairs.raise(narrow(poor), day, tally, &weights);
            }
            if !is_good {
                let (good, no_good) = (self.u.good(rate, domain, day), self.v.good(other, domain, day));
                has_moved |= stairs.lower(narrow(no_good), narrow(good), day, tally, &weights);
            }
            if has_moved {
                stairs.settle(day);
                bounds.set_pair(self.plan, self.v, stairs.runs());
            }
        }
    }
}
