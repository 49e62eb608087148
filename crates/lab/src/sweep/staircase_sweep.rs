//! One domain's bands over the whole grid, as two staircases.
//!
//! In each `v`, the domain is poor in the first `poor` `u`s and good from the `good`-th on, because a higher threshold
//! never makes a domain worse. A vote clamps both numbers to between the first cell that does not vote Poor and the
//! first that votes Good. Adjacent `v`s with equal numbers are one run. So a check costs as much as the staircase has
//! steps, not as the grid has cells.

use super::difference_array::{CellWeights, DifferenceArray};
use super::flaps::FlapHistory;

/// Adjacent `v`s with equal numbers, up to the start of the next run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StaircaseRun {
    pub start: u16,
    pub poor: u16,
    pub good: u16,
}

/// A vote for some `v`s, from the end of the part before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct VotePart {
    /// The first `v` after the part.
    pub end: u16,
    /// `u`s below this vote Poor.
    pub poor: u16,
    /// `u`s from here on vote Good.
    pub good: u16,
}

/// The staircases of the current domain.
pub(super) struct StaircaseSweep {
    runs: Vec<StaircaseRun>,
    spare: Vec<StaircaseRun>,
    u_len: u16,
    v_len: u16,
    flaps: Option<FlapHistory>,
}

impl StaircaseSweep {
    pub fn new(u_len: u16, v_len: u16, has_flaps: bool) -> Self {
        Self {
            runs: Vec::new(),
            spare: Vec::new(),
            u_len,
            v_len,
            flaps: has_flaps.then(|| FlapHistory::new(u_len, v_len)),
        }
    }

    /// Starts the next domain, as new under every policy.
    pub fn start(&mut self) {
        self.runs.clear();
        self.runs.push(StaircaseRun {
            start: 0,
            poor: 0,
            good: self.u_len,
        });
        if let Some(flaps) = &mut self.flaps {
            flaps.start();
        }
    }

    /// Forgets the moves so far, which later moves are no flaps of.
    pub fn forget_moves(&mut self) {
        if let Some(flaps) = &mut self.flaps {
            flaps.start();
        }
    }

    /// The number of `v`s.
    pub const fn v_len(&self) -> u16 {
        self.v_len
    }

    /// The runs, from `v` 0 on. There is at least one.
    pub fn runs(&self) -> &[StaircaseRun] {
        &self.runs
    }

    /// Applies a check's votes; returns whether any cell moved.
    pub fn vote<const N: usize>(
        &mut self,
        parts: &[VotePart],
        day: u32,
        differences: &mut DifferenceArray<N>,
        weights: &CellWeights<N>,
    ) -> bool {
        let mut has_moved = false;
        let runs = std::mem::take(&mut self.runs);
        let mut next = std::mem::take(&mut self.spare);
        next.clear();
        let mut parts = parts.iter();
        let mut part = parts.next().copied();
        let mut starts = runs.iter().skip(1);
        for run in &runs {
            let end = starts.next().map_or(self.v_len, |next| next.start);
            let mut start = run.start;
            while let Some(vote) = part
                && start < end
            {
                let until = end.min(vote.end);
                if until > start {
                    let poor = run.poor.max(vote.poor).min(vote.good);
                    let good = run.good.max(vote.poor).min(vote.good);
                    let piece = ChangedPiece {
                        vs: (start, until),
                        before: (run.poor, run.good),
                        after: (poor, good),
                    };
                    if piece.before != piece.after {
                        has_moved = true;
                        piece.count(differences, weights);
                        if let Some(flaps) = &mut self.flaps {
                            piece.count_flaps(flaps, day, differences, weights);
                        }
                    }
                    push(&mut next, StaircaseRun { start, poor, good });
                    start = until;
                }
                if vote.end <= end {
                    part = parts.next().copied();
                }
            }
            if start < end {
                push(&mut next, StaircaseRun { start, ..*run });
            }
        }
        (self.runs, self.spare) = (next, runs);
        if has_moved && let Some(flaps) = &mut self.flaps {
            let runs = &self.runs;
            flaps.record(
                day,
                runs.iter().map(|run| (run.start, run.poor)),
                runs.iter().map(|run| (run.start, run.good)),
            );
        }
        has_moved
    }

    /// Resets poor cells in `v`s from `poor_from` on, and good cells from `good_from` on, to new.
    pub fn reset_to_new<const N: usize>(
        &mut self,
        (poor_from, good_from): (u16, u16),
        differences: &mut DifferenceArray<N>,
        weights: &CellWeights<N>,
    ) -> bool {
        let mut has_moved = false;
        let runs = std::mem::take(&mut self.runs);
        let mut next = std::mem::take(&mut self.spare);
        next.clear();
        let mut starts = runs.iter().skip(1);
        for run in &runs {
            let end = starts.next().map_or(self.v_len, |next| next.start);
            let first = poor_from.min(good_from).clamp(run.start, end);
            let second = poor_from.max(good_from).clamp(run.start, end);
            for (start, until) in [(run.start, first), (first, second), (second, end)] {
                if start >= until {
                    continue;
                }
                let poor = if start >= poor_from { 0 } else { run.poor };
                let good = if start >= good_from { self.u_len } else { run.good };
                if (poor, good) != (run.poor, run.good) {
                    has_moved = true;
                    differences.count((start, until), (run.poor, poor), &weights.poor_to_new);
                    differences.count((start, until), (run.good, good), &weights.good_to_new);
                }
                push(&mut next, StaircaseRun { start, poor, good });
            }
        }
        (self.runs, self.spare) = (next, runs);
        has_moved
    }
}

fn push(runs: &mut Vec<StaircaseRun>, run: StaircaseRun) {
    if runs
        .last()
        .is_none_or(|last| (last.poor, last.good) != (run.poor, run.good))
    {
        runs.push(run);
    }
}

/// Some `v`s whose staircases a vote changed.
struct ChangedPiece {
    vs: (u16, u16),
    before: (u16, u16),
    after: (u16, u16),
}

impl ChangedPiece {
    #[inline]
    fn count<const N: usize>(&self, differences: &mut DifferenceArray<N>, weights: &CellWeights<N>) {
        let ((poor, good), (next_poor, next_good)) = (self.before, self.after);
        let of_poor = if poor < next_poor {
            &weights.more_poor
        } else {
            &weights.fewer_poor
        };
        differences.count(self.vs, (poor, next_poor), of_poor);
        if next_good < good {
            differences.count(self.vs, (good, next_good), &weights.more_good);
        } else if weights.has_good {
            differences.count(self.vs, (good, next_good), &weights.fewer_good);
        }
    }

    /// Without resets to new, cells that leave good become poor, and cells that leave poor become good.
    fn count_flaps<const N: usize>(
        &self,
        flaps: &mut FlapHistory,
        day: u32,
        differences: &mut DifferenceArray<N>,
        weights: &CellWeights<N>,
    ) {
        let ((poor, good), (next_poor, next_good)) = (self.before, self.after);
        if good < next_good {
            flaps.count_turned_poor(day, self.vs, (good, next_good), differences, weights);
        }
        if next_poor < poor {
            flaps.count_turned_good(day, self.vs, (next_poor, poor), differences, weights);
        }
    }
}
