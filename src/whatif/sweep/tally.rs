//! What the staircases count: rectangles of cells, kept as their corners until the end.
//!
//! "These cells got one move" or "these cells are poor for the 31 days left" is a rectangle of `u`s by `v`s. Adding one
//! touches four corners of a table of differences; summing the table up along both axes, once at the end, gives every
//! cell's count. Several counts share one `u64`, each with bits enough for all domains between two such sums; the
//! arithmetic wraps, so a field may run below zero meanwhile without harm: the sums come out right modulo 2⁶⁴.

use super::plan::Plan;
use super::{Outcome, Outcomes, Partial};
use crate::model::Band;

/// Bits for a number of domains.
const DOMAIN_BITS: u32 = 18;
/// Bits for a number of domain-days or moves.
const DAY_BITS: u32 = 23;
/// Where a lane's domain-days begin, and its moves.
const DAYS_AT: u32 = DOMAIN_BITS;
const MOVES_AT: u32 = DOMAIN_BITS + DAY_BITS;

/// Poor ends, poor days and moves; the other lanes hold good ends, good days and flaps; messages; ends that differ.
const POOR: usize = 0;
const GOOD: usize = 1;
const MESSAGES: usize = 2;
const DIFFERS: usize = 3;

/// Lanes that some outcomes need: 1, 2 or 4.
pub(super) fn lanes(outcomes: Outcomes) -> usize {
    let has = |outcome| outcomes.has(outcome);
    if has(Outcome::PoorMessages) || has(Outcome::EndingDiffers) {
        4
    } else if outcomes.iter().all(|outcome| {
        matches!(
            outcome,
            Outcome::Ending(Band::Poor) | Outcome::Days(Band::Poor) | Outcome::Moves
        )
    }) {
        1
    } else {
        2
    }
}

/// What one day's change adds to a cell.
#[derive(Clone, Copy)]
pub(super) struct Weights<const N: usize> {
    /// To a cell that turns poor; taken from one that was.
    poor: [u64; N],
    /// To a cell that turns good; taken from one that was.
    good: [u64; N],
    /// To a cell that moves.
    moved: [u64; N],
    /// To a cell that moves back.
    flapped: [u64; N],
    /// Whether good cells count for anything.
    pub has_good: bool,
}

/// Corners of counted rectangles.
pub(super) struct Tally<const N: usize> {
    /// `u` by `u`, each row one longer than there are `u`s; one row more than there are `v`s.
    corners: Vec<[u64; N]>,
    stride: usize,
    domains: u64,
    most_domains: u64,
    /// Domains that end good or poor under the current policy.
    current_is_not_new: u64,
}

/// How a domain's end differs from the current policy's, as what a poor cell and a good cell add.
pub(super) fn differs(current: Option<Band>) -> (u64, u64) {
    match current {
        // One for all cells, which `begin` notes, and one less for each that agrees.
        Some(Band::Poor) => (u64::MAX, 0),
        Some(Band::Good) => (0, u64::MAX),
        Some(Band::New) => (1, 1),
        None => (0, 0),
    }
}

impl<const N: usize> Weights<N> {
    /// `days` are the counted days from this one on, `messages` the counted ones processed after it.
    pub fn new(days: u32, messages: u64, is_counted: bool, current: Option<Band>) -> Self {
        let lane = |lane: usize, value: u64| {
            let mut lanes = [0; N];
            if let Some(slot) = lanes.get_mut(lane) {
                *slot = value;
            }
            lanes
        };
        let add = |one: [u64; N], other: [u64; N]| {
            let mut sum = one;
            sum.iter_mut().zip(other).for_each(|(sum, more)| *sum |= more);
            sum
        };
        let stay = 1 | u64::from(days) << DAYS_AT;
        let moved = u64::from(is_counted) << MOVES_AT;
        let (poor_differs, good_differs) = differs(current);
        Self {
            poor: add(
                add(lane(POOR, stay), lane(MESSAGES, messages)),
                lane(DIFFERS, poor_differs),
            ),
            good: add(lane(GOOD, stay), lane(DIFFERS, good_differs)),
            moved: lane(POOR, moved),
            flapped: lane(GOOD, moved),
            has_good: N > GOOD,
        }
    }
}

impl<const N: usize> Tally<N> {
    pub fn new(plan: &Plan) -> Self {
        let stride = plan.u_len + 1;
        let day_count = u64::from(plan.days.end - plan.days.start).max(1);
        Self {
            corners: vec![[0; N]; stride * (plan.v_len + 1)],
            stride,
            domains: 0,
            most_domains: (((1 << DAY_BITS) - 1) / day_count).min((1 << DOMAIN_BITS) - 1),
            current_is_not_new: 0,
        }
    }

    /// Notes a domain that is about to be counted.
    pub fn begin(&mut self, current: Option<Band>) {
        self.domains += 1;
        self.current_is_not_new += u64::from(matches!(current, Some(Band::Good | Band::Poor)));
    }

    /// Whether the fields must be emptied before another domain.
    pub const fn is_full(&self) -> bool {
        self.domains >= self.most_domains
    }

    /// The staircases' cells below `from` become those below `to` in some `v`s, in the poor band.
    #[inline]
    pub fn poor(&mut self, vs: (usize, usize), from: usize, to: usize, weights: &Weights<N>) {
        if to > from {
            self.add(vs, (from, to), &weights.poor, &weights.moved);
        } else {
            self.sub(vs, (to, from), &weights.poor, &[0; N]);
        }
    }

    /// The good cells from `from` on become those from `to` on.
    #[inline]
    pub fn good(&mut self, vs: (usize, usize), from: usize, to: usize, weights: &Weights<N>) {
        if to < from {
            self.add(vs, (to, from), &weights.good, &weights.moved);
        } else if weights.has_good {
            self.sub(vs, (from, to), &weights.good, &[0; N]);
        }
    }

    /// Cells go back to new from poor (the first `poor`) and good (from `good` on).
    pub fn back_to_new(&mut self, vs: (usize, usize), poor: usize, good: usize, weights: &Weights<N>) {
        let moved = weights.moved.map(u64::wrapping_neg);
        let end = self.stride - 1;
        self.sub(vs, (0, poor), &weights.poor, &moved);
        self.sub(vs, (good, end), &weights.good, &moved);
    }

    /// Cells moved back into the band they left.
    pub fn flapped(&mut self, vs: (usize, usize), us: (usize, usize), weights: &Weights<N>) {
        self.add(vs, us, &weights.flapped, &[0; N]);
    }

    #[inline(always)]
    fn add(&mut self, vs: (usize, usize), us: (usize, usize), one: &[u64; N], other: &[u64; N]) {
        let mut weights = [0; N];
        for (weight, (one, other)) in weights.iter_mut().zip(one.iter().zip(other)) {
            *weight = one.wrapping_add(*other);
        }
        self.corners(vs, us, &weights);
    }

    #[inline(always)]
    fn sub(&mut self, vs: (usize, usize), us: (usize, usize), one: &[u64; N], other: &[u64; N]) {
        let mut weights = [0; N];
        for (weight, (one, other)) in weights.iter_mut().zip(one.iter().zip(other)) {
            *weight = one.wrapping_add(*other).wrapping_neg();
        }
        self.corners(vs, us, &weights);
    }

    #[inline(always)]
    fn corners(&mut self, vs: (usize, usize), us: (usize, usize), weights: &[u64; N]) {
        for (v, flips) in [(vs.0, false), (vs.1, true)] {
            let row = v * self.stride;
            for (u, flips_too) in [(us.0, false), (us.1, true)] {
                let Some(corner) = self.corners.get_mut(row + u) else {
                    continue;
                };
                for (lane, weight) in corner.iter_mut().zip(weights) {
                    *lane = if flips == flips_too {
                        lane.wrapping_add(*weight)
                    } else {
                        lane.wrapping_sub(*weight)
                    };
                }
            }
        }
    }

    /// Sums everything up into `partial` and starts anew.
    pub fn empty_into(&mut self, plan: &Plan, partial: &mut Partial) {
        self.sum_up();
        let day_count = u64::from(plan.days.end - plan.days.start);
        let domains = self.domains;
        let field = |lanes: &[u64; N], lane: usize, at: u32, bits: u32| {
            let lane = lanes.get(lane).copied().unwrap_or(0);
            lane >> at & (u64::MAX >> (64 - bits))
        };
        let ends = |lanes: &[u64; N], lane| field(lanes, lane, 0, DOMAIN_BITS);
        let days = |lanes: &[u64; N], lane| field(lanes, lane, DAYS_AT, DAY_BITS);
        for outcome in partial.outcomes().iter() {
            let Some(plane) = partial.plane_mut(outcome) else {
                continue;
            };
            for (v, row) in self.corners.chunks_exact(self.stride).take(plan.v_len).enumerate() {
                for (u, lanes) in row.iter().take(plan.u_len).enumerate() {
                    let count = match outcome {
                        Outcome::Ending(Band::Poor) => ends(lanes, POOR),
                        Outcome::Ending(Band::Good) => ends(lanes, GOOD),
                        Outcome::Ending(Band::New) => domains - ends(lanes, POOR) - ends(lanes, GOOD),
                        Outcome::Days(Band::Poor) => days(lanes, POOR),
                        Outcome::Days(Band::Good) => days(lanes, GOOD),
                        Outcome::Days(Band::New) => domains * day_count - days(lanes, POOR) - days(lanes, GOOD),
                        Outcome::Moves => field(lanes, POOR, MOVES_AT, DAY_BITS),
                        Outcome::Flaps => field(lanes, GOOD, MOVES_AT, DAY_BITS),
                        Outcome::PoorMessages => field(lanes, MESSAGES, 0, 64),
                        Outcome::EndingDiffers => field(lanes, DIFFERS, 0, 64).wrapping_add(self.current_is_not_new),
                    };
                    if let Some(cell) = plane.get_mut(plan.cell(u, v)) {
                        *cell += count;
                    }
                }
            }
        }
        partial.add_domains(domains);
        self.corners.fill([0; N]);
        self.domains = 0;
        self.current_is_not_new = 0;
    }

    /// Turns differences into counts, along `u` and then along `v`.
    fn sum_up(&mut self) {
        let mut above = vec![[0_u64; N]; self.stride];
        for row in self.corners.chunks_exact_mut(self.stride) {
            let mut left = [0_u64; N];
            for (lanes, above) in row.iter_mut().zip(&mut above) {
                for ((lane, left), above) in lanes.iter_mut().zip(&mut left).zip(above) {
                    *left = left.wrapping_add(*lane);
                    *above = above.wrapping_add(*left);
                    *lane = *above;
                }
            }
        }
    }
}
