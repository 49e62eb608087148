//! A 2-D difference array: counts rectangles of cells by their corners.
//!
//! "These cells got one move" or "these cells are poor for the last 31 days" is a rectangle of `u`s by `v`s. Adding it
//! changes four corners of a table of differences. Prefix sums along both axes, once at the end, give every cell's
//! count. Several counts share one `u64`, each with enough bits for all domains between two such sums. The arithmetic
//! wraps, so a field may be negative meanwhile: the sums are right modulo 2⁶⁴.

use super::plan::SweepPlan;
use super::timeline::EnrolledDays;
use super::{PartialGrid, SweepOutcome, SweepOutcomes};
use poolkeeper_core::model::Band;

/// Bits for a number of domains.
const DOMAIN_BITS: u32 = 18;
/// Bits for a number of domain-days or moves.
const DAY_BITS: u32 = 23;
/// The first bit of a lane's domain-days, and of its moves.
const DAYS_AT: u32 = DOMAIN_BITS;
const MOVES_AT: u32 = DOMAIN_BITS + DAY_BITS;

/// Lanes. `POOR`: poor ends, poor days and moves. `GOOD`: good ends, good days and flaps. Then messages, and ends that
/// differ.
const POOR: usize = 0;
const GOOD: usize = 1;
const MESSAGES: usize = 2;
const DIFFERS: usize = 3;

/// The number of lanes that the outcomes need: 1, 2 or 4.
pub(super) fn lanes(outcomes: SweepOutcomes) -> usize {
    let has = |outcome| outcomes.has(outcome);
    if has(SweepOutcome::PoorMessages) || has(SweepOutcome::EndingDiffers) {
        4
    } else if outcomes.iter().all(|outcome| {
        matches!(
            outcome,
            SweepOutcome::Ending(Band::Poor) | SweepOutcome::Days(Band::Poor) | SweepOutcome::Moves
        )
    }) {
        1
    } else {
        2
    }
}

/// Whether a day's moves count, and those of them that go back.
#[derive(Clone, Copy, Default)]
pub(super) struct CountedMoves {
    pub moves: bool,
    pub flaps: bool,
}

/// The weights of one day's changes. Where the edge of a band's cells moves from `from` to `to`, a weight is added at
/// `from` and subtracted at `to`, which changes the cells between.
#[derive(Clone, Copy)]
pub(super) struct CellWeights<const N: usize> {
    /// New or good cells become poor.
    pub more_poor: [u64; N],
    /// Poor cells become good: fewer are poor.
    pub fewer_poor: [u64; N],
    /// New or poor cells become good.
    pub more_good: [u64; N],
    /// Good cells become poor: fewer are good.
    pub fewer_good: [u64; N],
    /// Poor cells are reset to new.
    pub poor_to_new: [u64; N],
    /// Good cells are reset to new.
    pub good_to_new: [u64; N],
    /// Cells flap.
    pub flapped: [u64; N],
    /// Whether good cells are counted.
    pub has_good: bool,
}

/// Corners of counted rectangles.
pub(super) struct DifferenceArray<const N: usize> {
    /// One row per `v`, each with one corner per `u`; plus one row and one column.
    corners: Vec<[u64; N]>,
    stride: usize,
    domains: u64,
    /// Counted days of all domains while enrolled.
    enrolled_days: u64,
    /// Domains that are enrolled at the end.
    enrolled_at_end: u64,
    max_domains: u64,
    /// Domains that end good or poor under the current policy.
    current_is_not_new: u64,
}

/// The weights of a poor and a good cell for "ends in another band than under the current policy".
pub(super) fn differs(current: Option<Band>) -> (u64, u64) {
    match current {
        // `begin_domain` adds one for all cells; each cell that agrees takes one away.
        Some(Band::Poor) => (u64::MAX, 0),
        Some(Band::Good) => (0, u64::MAX),
        Some(Band::New) => (1, 1),
        None => (0, 0),
    }
}

impl<const N: usize> CellWeights<N> {
    /// `days` is the counted days from this one on, `messages` the counted messages processed after it.
    #[inline]
    pub fn new(days: u32, messages: u64, counted: CountedMoves, current: Option<Band>) -> Self {
        let lanes = |values: [(usize, u64); 3]| {
            let mut lanes = [0_u64; N];
            for (lane, value) in values {
                if let Some(slot) = lanes.get_mut(lane) {
                    *slot = slot.wrapping_add(value);
                }
            }
            lanes
        };
        let stay = 1 | u64::from(days) << DAYS_AT;
        let (poor_differs, good_differs) = differs(current);
        let poor = lanes([(POOR, stay), (MESSAGES, messages), (DIFFERS, poor_differs)]);
        let good = lanes([(GOOD, stay), (DIFFERS, good_differs), (POOR, 0)]);
        let move_at = |lane, counts: bool| lanes([(lane, u64::from(counts) << MOVES_AT), (POOR, 0), (POOR, 0)]);
        let moved = move_at(POOR, counted.moves);
        Self {
            more_poor: plus(poor, moved),
            fewer_poor: poor,
            more_good: minus([0; N], plus(good, moved)),
            fewer_good: minus([0; N], good),
            poor_to_new: minus(poor, moved),
            good_to_new: minus(moved, good),
            flapped: move_at(GOOD, counted.flaps),
            has_good: N > GOOD,
        }
    }
}

fn plus<const N: usize>(mut one: [u64; N], other: [u64; N]) -> [u64; N] {
    for (one, other) in one.iter_mut().zip(other) {
        *one = one.wrapping_add(other);
    }
    one
}

fn minus<const N: usize>(one: [u64; N], other: [u64; N]) -> [u64; N] {
    plus(one, other.map(u64::wrapping_neg))
}

impl<const N: usize> DifferenceArray<N> {
    pub fn new(plan: &SweepPlan) -> Self {
        let stride = plan.u_len + 1;
        let day_count = u64::from(plan.days.end - plan.days.start).max(1);
        Self {
            corners: vec![[0; N]; stride * (plan.v_len + 1)],
            stride,
            domains: 0,
            enrolled_days: 0,
            enrolled_at_end: 0,
            max_domains: (((1 << DAY_BITS) - 1) / day_count).min((1 << DOMAIN_BITS) - 1),
            current_is_not_new: 0,
        }
    }

    /// Begins the next domain.
    pub fn begin_domain(&mut self, enrolled: EnrolledDays, current: Option<Band>) {
        self.domains += 1;
        self.enrolled_days += u64::from(enrolled.count);
        self.enrolled_at_end += u64::from(enrolled.is_at_end);
        self.current_is_not_new += u64::from(matches!(current, Some(Band::Good | Band::Poor)));
    }

    /// Whether the fields must be emptied before another domain.
    pub const fn is_full(&self) -> bool {
        self.domains >= self.max_domains
    }

    /// Counts the cells of some `v`s between two `u`s: adds the weights if the first is lower, else subtracts them.
    #[inline]
    pub fn count(&mut self, vs: (u16, u16), (from, to): (u16, u16), weights: &[u64; N]) {
        self.count_from(vs, from, weights);
        self.count_to(vs, to, weights);
    }

    /// The first half of [`count`](Self::count). Several first halves may share one second half.
    #[inline(always)]
    pub fn count_from(&mut self, vs: (u16, u16), from: u16, weights: &[u64; N]) {
        self.add(vs.0, from, weights);
        self.take(vs.1, from, weights);
    }

    /// The second half of [`count`](Self::count).
    #[inline(always)]
    pub fn count_to(&mut self, vs: (u16, u16), to: u16, weights: &[u64; N]) {
        self.take(vs.0, to, weights);
        self.add(vs.1, to, weights);
    }

    #[inline(always)]
    fn add(&mut self, v: u16, u: u16, weights: &[u64; N]) {
        if let Some(corner) = self.corners.get_mut(usize::from(v) * self.stride + usize::from(u)) {
            *corner = plus(*corner, *weights);
        }
    }

    #[inline(always)]
    fn take(&mut self, v: u16, u: u16, weights: &[u64; N]) {
        if let Some(corner) = self.corners.get_mut(usize::from(v) * self.stride + usize::from(u)) {
            *corner = minus(*corner, *weights);
        }
    }

    /// Adds all counts to `partial` and clears them.
    pub fn empty_into(&mut self, plan: &SweepPlan, partial: &mut PartialGrid) {
        self.accumulate();
        let (enrolled_days, enrolled_at_end) = (self.enrolled_days, self.enrolled_at_end);
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
                        SweepOutcome::Ending(Band::Poor) => ends(lanes, POOR),
                        SweepOutcome::Ending(Band::Good) => ends(lanes, GOOD),
                        SweepOutcome::Ending(Band::New) => enrolled_at_end - ends(lanes, POOR) - ends(lanes, GOOD),
                        SweepOutcome::Days(Band::Poor) => days(lanes, POOR),
                        SweepOutcome::Days(Band::Good) => days(lanes, GOOD),
                        SweepOutcome::Days(Band::New) => enrolled_days - days(lanes, POOR) - days(lanes, GOOD),
                        SweepOutcome::Moves => field(lanes, POOR, MOVES_AT, DAY_BITS),
                        SweepOutcome::Flaps => field(lanes, GOOD, MOVES_AT, DAY_BITS),
                        SweepOutcome::PoorMessages => field(lanes, MESSAGES, 0, 64),
                        SweepOutcome::EndingDiffers => {
                            field(lanes, DIFFERS, 0, 64).wrapping_add(self.current_is_not_new)
                        }
                    };
                    if let Some(cell) = plane.get_mut(plan.cell(u, v)) {
                        *cell += count;
                    }
                }
            }
        }
        partial.add_domains(self.domains);
        self.corners.fill([0; N]);
        (self.domains, self.enrolled_days, self.enrolled_at_end) = (0, 0, 0);
        self.current_is_not_new = 0;
    }

    /// Turns differences into counts, along `u` and then along `v`.
    fn accumulate(&mut self) {
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
