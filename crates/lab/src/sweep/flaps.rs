//! Counts flaps: moves back into a band that the domain left at most 14 days before.
//!
//! Staircases count flaps only without [`BelowMinimum::New`](poolkeeper_core::health::BelowMinimum::New). Then a cell
//! that has left new alternates between good and poor. If it was in the band it moves to at the end of one of the 15
//! days before, it left that band since, at most 14 days ago, with its last move.

use super::difference_array::{CellWeights, DifferenceArray};
use crate::backtest::FLAP_DAYS;

/// The history of a domain's staircases, to recognize flaps.
pub(super) struct FlapHistory {
    poor: StaircaseHistory<POOR>,
    good: StaircaseHistory<GOOD>,
}

/// Which staircase a [`StaircaseHistory`] is of. Constants let the compiler vectorize its loops.
const POOR: bool = true;
const GOOD: bool = false;

/// The history of one staircase.
struct StaircaseHistory<const IS_POOR: bool> {
    /// The day of each change, and where its pieces end in `pieces`.
    states: Vec<(u32, usize)>,
    /// The first `v` and the value of each piece.
    pieces: Vec<(u16, u16)>,
    /// Per `v`, the farthest value of the last days.
    reach: Vec<u16>,
    /// The day `reach` was computed for.
    reach_day: Option<u32>,
    /// The value of an empty staircase.
    no_reach: u16,
}

impl FlapHistory {
    pub fn new(u_len: u16, v_len: u16) -> Self {
        Self {
            poor: StaircaseHistory::new(0, v_len),
            good: StaircaseHistory::new(u_len, v_len),
        }
    }

    /// Starts the next domain.
    pub fn start(&mut self) {
        self.poor.start();
        self.good.start();
    }

    /// Records the staircases at the end of a day that changed them, as first `v`s and values.
    pub fn record(
        &mut self,
        day: u32,
        poor: impl IntoIterator<Item = (u16, u16)>,
        good: impl IntoIterator<Item = (u16, u16)>,
    ) {
        self.poor.record(day, poor);
        self.good.record(day, good);
    }

    /// Counts the flaps among the cells of some `v`s that move from good to poor on a day.
    pub fn count_turned_poor<const N: usize>(
        &mut self,
        day: u32,
        vs: (u16, u16),
        (from, to): (u16, u16),
        differences: &mut DifferenceArray<N>,
        weights: &CellWeights<N>,
    ) {
        self.poor
            .count(day, vs, |poor| (from, to.min(poor)), differences, weights);
    }

    /// Counts the flaps among the cells of some `v`s that move from poor to good on a day.
    pub fn count_turned_good<const N: usize>(
        &mut self,
        day: u32,
        vs: (u16, u16),
        (from, to): (u16, u16),
        differences: &mut DifferenceArray<N>,
        weights: &CellWeights<N>,
    ) {
        self.good
            .count(day, vs, |good| (from.max(good), to), differences, weights);
    }
}

impl<const IS_POOR: bool> StaircaseHistory<IS_POOR> {
    fn new(no_reach: u16, v_len: u16) -> Self {
        Self {
            states: Vec::new(),
            pieces: Vec::new(),
            reach: vec![no_reach; usize::from(v_len)],
            reach_day: None,
            no_reach,
        }
    }

    fn start(&mut self) {
        self.states.clear();
        self.pieces.clear();
        self.reach_day = None;
    }

    fn record(&mut self, day: u32, pieces: impl IntoIterator<Item = (u16, u16)>) {
        self.pieces.extend(pieces);
        self.states.push((day, self.pieces.len()));
    }

    /// Counts the cells of the range that `us` gives for a `v`'s reach.
    fn count<const N: usize>(
        &mut self,
        day: u32,
        (start, end): (u16, u16),
        us: impl Fn(u16) -> (u16, u16),
        differences: &mut DifferenceArray<N>,
        weights: &CellWeights<N>,
    ) {
        if self.reach_day != Some(day) {
            self.compute_reach(day);
        }
        let mut vs = (start..end)
            .zip(self.reach.get(usize::from(start)..usize::from(end)).unwrap_or(&[]))
            .peekable();
        while let Some((first, reach)) = vs.next() {
            let (from, to) = us(*reach);
            let mut until = first + 1;
            while vs.next_if(|(_, reach)| us(**reach) == (from, to)).is_some() {
                until += 1;
            }
            if from < to {
                differences.count((first, until), (from, to), &weights.flapped);
            }
        }
    }

    /// Computes, per `v`, the farthest value at the end of the 15 days before a day.
    fn compute_reach(&mut self, day: u32) {
        self.reach.fill(self.no_reach);
        self.reach_day = Some(day);
        // The last state before those days was still valid on the first of them.
        let later = self.states.partition_point(|(since, _)| since + FLAP_DAYS < day);
        let first = later.saturating_sub(1);
        let before = first.checked_sub(1).and_then(|before| self.states.get(before));
        let mut from = before.map_or(0, |(_, end)| *end);
        for (_, end) in self.states.iter().skip(first) {
            let pieces = self.pieces.get(from..*end).unwrap_or(&[]);
            let mut next = pieces.iter().skip(1);
            for (start, value) in pieces {
                let until = next.next().map_or(self.reach.len(), |(start, _)| usize::from(*start));
                for reach in self.reach.get_mut(usize::from(*start)..until).unwrap_or(&mut []) {
                    *reach = if IS_POOR {
                        (*value).max(*reach)
                    } else {
                        (*value).min(*reach)
                    };
                }
            }
            from = *end;
        }
    }
}
