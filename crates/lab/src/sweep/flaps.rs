//! Which moves go back to the band a domain left not long before.
//!
//! Without [`BelowMinimum::New`](poolkeeper_core::health::BelowMinimum::New), which is when staircases count flaps, a cell that has
//! left new goes from good straight to poor and from poor straight to good. So if it was in the band it moves to at the
//! end of one of the 15 days before, it left that since, at most 14 days ago, and that was its last move.

use super::difference_array::{CellWeights, DifferenceArray};
use crate::FLAP_DAYS;

/// What a domain's staircases were, for telling flaps.
pub(super) struct FlapHistory {
    poor: StaircaseHistory<POOR>,
    good: StaircaseHistory<GOOD>,
}

/// Which staircase a [`History`] is of, as constants, so that its loops take many `v`s at once.
const POOR: bool = true;
const GOOD: bool = false;

/// One staircase as it was.
struct StaircaseHistory<const IS_POOR: bool> {
    /// The day at whose end it became so, and where its pieces end in `pieces`.
    states: Vec<(u32, usize)>,
    /// First `v`, up to the next piece's, and value.
    pieces: Vec<(u16, u16)>,
    /// Per `v`, how far it reached at some time in the last days.
    reach: Vec<u16>,
    /// The day `reach` was made for.
    reach_of: Option<u32>,
    /// The value that reaches nothing.
    nothing: u16,
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

    /// Notes the staircases at the end of a day that changed them, as first `v`s and values.
    pub fn note(
        &mut self,
        day: u32,
        poor: impl IntoIterator<Item = (u16, u16)>,
        good: impl IntoIterator<Item = (u16, u16)>,
    ) {
        self.poor.note(day, poor);
        self.good.note(day, good);
    }

    /// Counts the flaps among the cells of some `v`s that turn from good to poor on a day.
    pub fn turn_poor<const N: usize>(
        &mut self,
        day: u32,
        vs: (u16, u16),
        (from, to): (u16, u16),
        tally: &mut DifferenceArray<N>,
        weights: &CellWeights<N>,
    ) {
        self.poor.count(day, vs, |poor| (from, to.min(poor)), tally, weights);
    }

    /// Counts the flaps among the cells of some `v`s that turn from poor to good on a day.
    pub fn turn_good<const N: usize>(
        &mut self,
        day: u32,
        vs: (u16, u16),
        (from, to): (u16, u16),
        tally: &mut DifferenceArray<N>,
        weights: &CellWeights<N>,
    ) {
        self.good.count(day, vs, |good| (from.max(good), to), tally, weights);
    }
}

impl<const IS_POOR: bool> StaircaseHistory<IS_POOR> {
    fn new(nothing: u16, v_len: u16) -> Self {
        Self {
            states: Vec::new(),
            pieces: Vec::new(),
            reach: vec![nothing; usize::from(v_len)],
            reach_of: None,
            nothing,
        }
    }

    fn start(&mut self) {
        self.states.clear();
        self.pieces.clear();
        self.reach_of = None;
    }

    fn note(&mut self, day: u32, pieces: impl IntoIterator<Item = (u16, u16)>) {
        self.pieces.extend(pieces);
        self.states.push((day, self.pieces.len()));
    }

    /// Counts the cells from the first to before the second that a `v`'s reach gives.
    fn count<const N: usize>(
        &mut self,
        day: u32,
        (start, end): (u16, u16),
        us: impl Fn(u16) -> (u16, u16),
        tally: &mut DifferenceArray<N>,
        weights: &CellWeights<N>,
    ) {
        if self.reach_of != Some(day) {
            self.make_reach(day);
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
                tally.count((first, until), (from, to), &weights.flapped);
            }
        }
    }

    /// Per `v`, how far it reached at the end of the 15 days before a day.
    fn make_reach(&mut self, day: u32) {
        self.reach.fill(self.nothing);
        self.reach_of = Some(day);
        // The last state from before those days still held in the first of them.
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
