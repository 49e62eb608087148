//! One domain's bands over the whole grid, as two staircases.
//!
//! In each `v`, the domain is poor in the first `poor` `u`s and good from the `good`-th on: a threshold that is raised
//! never makes a domain worse, and the latch keeps that. A vote does the same to both numbers: it cuts them to between
//! the first cell it does not call poor and the first it calls good. Neighbouring `v`s that agree are kept as one run,
//! so a check costs as much as the staircase has steps, not as the grid has cells.

use super::bits::FLAP_DAYS;
use super::tally::{Tally, Weights};

/// Neighbouring `v`s with the same staircases, up to the next run's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub start: u16,
    pub poor: u16,
    pub good: u16,
}

/// A vote for some `v`s, from the part before on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The first `v` it no longer concerns.
    pub end: u16,
    /// `u`s below vote Poor.
    pub poor: u16,
    /// `u`s from here on vote Good.
    pub good: u16,
}

/// The staircases of the domain at hand.
pub(super) struct Stairs {
    runs: Vec<Run>,
    spare: Vec<Run>,
    u_len: u16,
    v_len: u16,
    history: Option<History>,
}

/// The staircases as they were, for telling flaps.
#[derive(Default)]
struct History {
    /// The day at whose end they became so, and where their runs end in `runs`.
    states: Vec<(u32, usize)>,
    runs: Vec<Run>,
    /// Per `v`: cells below were poor at some time in the last days; cells from here on were good.
    reach: Vec<(u16, u16)>,
    /// Whether `reach` is made for the check at hand.
    is_reach_made: bool,
}

impl Stairs {
    pub fn new(u_len: u16, v_len: u16, has_flaps: bool) -> Self {
        Self {
            runs: Vec::new(),
            spare: Vec::new(),
            u_len,
            v_len,
            history: has_flaps.then(History::default),
        }
    }

    /// Starts the next domain, in the new band under every policy.
    pub fn start(&mut self) {
        self.runs.clear();
        self.runs.push(Run {
            start: 0,
            poor: 0,
            good: self.u_len,
        });
        if let Some(history) = &mut self.history {
            history.states.clear();
            history.runs.clear();
        }
    }

    /// The number of `v`s.
    pub const fn v_len(&self) -> u16 {
        self.v_len
    }

    /// The runs, from `v` 0 on. There is always one.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Takes a check's votes; says whether anything moved.
    pub fn vote<const N: usize>(
        &mut self,
        parts: &[Part],
        day: u32,
        tally: &mut Tally<N>,
        weights: &Weights<N>,
    ) -> bool {
        let mut has_moved = false;
        let runs = std::mem::take(&mut self.runs);
        let mut next = std::mem::take(&mut self.spare);
        next.clear();
        if let Some(history) = &mut self.history {
            history.is_reach_made = false;
        }
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
                    let piece = Piece {
                        vs: (start, until),
                        before: (run.poor, run.good),
                        after: (poor, good),
                    };
                    if piece.before != piece.after {
                        has_moved = true;
                        piece.count(tally, weights);
                        if let Some(history) = &mut self.history {
                            history.count_flaps(&piece, day, (self.u_len, self.v_len), tally, weights);
                        }
                    }
                    push(&mut next, Run { start, poor, good });
                    start = until;
                }
                if vote.end <= end {
                    part = parts.next().copied();
                }
            }
            if start < end {
                push(&mut next, Run { start, ..*run });
            }
        }
        (self.runs, self.spare) = (next, runs);
        if has_moved && let Some(history) = &mut self.history {
            history.runs.extend_from_slice(&self.runs);
            history.states.push((day, history.runs.len()));
        }
        has_moved
    }

    /// Sends poor cells in `v`s from `poor_from` on, and good ones from `good_from` on, back to new.
    pub fn back_to_new<const N: usize>(
        &mut self,
        (poor_from, good_from): (u16, u16),
        tally: &mut Tally<N>,
        weights: &Weights<N>,
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
                    let vs = (usize::from(start), usize::from(until));
                    let left_poor = if start >= poor_from { run.poor } else { 0 };
                    let left_good = if start >= good_from { run.good } else { self.u_len };
                    tally.back_to_new(vs, usize::from(left_poor), usize::from(left_good), weights);
                }
                push(&mut next, Run { start, poor, good });
            }
        }
        (self.runs, self.spare) = (next, runs);
        has_moved
    }
}

fn push(runs: &mut Vec<Run>, run: Run) {
    if runs
        .last()
        .is_none_or(|last| (last.poor, last.good) != (run.poor, run.good))
    {
        runs.push(run);
    }
}

/// Some `v`s whose staircases a vote changed.
struct Piece {
    vs: (u16, u16),
    before: (u16, u16),
    after: (u16, u16),
}

impl Piece {
    fn vs(&self) -> (usize, usize) {
        (usize::from(self.vs.0), usize::from(self.vs.1))
    }

    #[inline]
    fn count<const N: usize>(&self, tally: &mut Tally<N>, weights: &Weights<N>) {
        let ((poor, good), (next_poor, next_good)) = (self.before, self.after);
        if poor != next_poor {
            tally.poor(self.vs(), usize::from(poor), usize::from(next_poor), weights);
        }
        if good != next_good {
            tally.good(self.vs(), usize::from(good), usize::from(next_good), weights);
        }
    }
}

impl History {
    /// Counts the cells of a piece that move back.
    ///
    /// A cell goes straight from good to poor. It was new only before its first move, so if it was poor at the end of
    /// one of the 15 days before this one, it turned good since, at most 14 days ago, and that was its last move.
    fn count_flaps<const N: usize>(
        &mut self,
        piece: &Piece,
        day: u32,
        (u_len, v_len): (u16, u16),
        tally: &mut Tally<N>,
        weights: &Weights<N>,
    ) {
        let ((poor, good), (next_poor, next_good)) = (piece.before, piece.after);
        if next_poor <= good && next_good >= poor {
            return;
        }
        if !self.is_reach_made {
            self.make_reach(day, u_len, v_len);
        }
        let us = |(was_poor, was_good): (u16, u16)| {
            if next_poor > good {
                (good, next_poor.min(was_poor))
            } else {
                (next_good.max(was_good), poor)
            }
        };
        let (mut start, end) = piece.vs();
        while let Some(reach) = self.reach.get(start).filter(|_| start < end) {
            let (from, to) = us(*reach);
            let rest = self.reach.get(start..end).unwrap_or(&[]);
            let until = start + rest.iter().take_while(|reach| us(**reach) == (from, to)).count();
            if from < to {
                tally.flapped((start, until), (usize::from(from), usize::from(to)), weights);
            }
            start = until;
        }
    }

    /// Per `v`, how far poor and good reached at the end of the 15 days before a day.
    fn make_reach(&mut self, day: u32, u_len: u16, v_len: u16) {
        self.reach.clear();
        self.reach.resize(usize::from(v_len), (0, u_len));
        self.is_reach_made = true;
        // The last state from before those days still held in the first of them.
        let later = self.states.partition_point(|(since, _)| since + FLAP_DAYS < day);
        let first = later.saturating_sub(1);
        let mut from = first
            .checked_sub(1)
            .and_then(|at| self.states.get(at))
            .map_or(0, |(_, end)| *end);
        for (_, end) in self.states.iter().skip(first) {
            let runs = self.runs.get(from..*end).unwrap_or(&[]);
            let mut starts = runs.iter().skip(1);
            for run in runs {
                let until = starts.next().map_or(v_len, |next| next.start);
                let reach = self.reach.get_mut(usize::from(run.start)..usize::from(until));
                for (poor, good) in reach.into_iter().flatten() {
                    (*poor, *good) = ((*poor).max(run.poor), (*good).min(run.good));
                }
            }
            from = *end;
        }
    }
}
