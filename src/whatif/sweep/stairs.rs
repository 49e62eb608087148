//! One domain's bands over the whole grid, as two staircases.
//!
//! In each `v`, the domain is poor in the first `poor` `u`s and good from the `good`-th on: a threshold that is raised
//! never makes a domain worse, and the latch keeps that. A vote does the same to both numbers: it cuts them to between
//! the first cell it does not call poor and the first it calls good. Neighbouring `v`s that agree are kept as one run,
//! so a check costs as much as the staircase has steps, not as the grid has cells.

use super::tally::{Tally, Weights};
use crate::whatif::FLAP_DAYS;

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
    /// The day `reach` was made for.
    reach_of: Option<u32>,
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
            history.reach_of = None;
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
            history.push(day, &self.runs);
        }
        has_moved
    }

    /// Takes Poor votes everywhere in the first `all_poor` `v`s. This, [`raise`](Self::raise) and
    /// [`lower`](Self::lower) are one check's votes for staircases that fall along `v`; each says whether anything moved,
    /// and if so [`settle`](Self::settle) ends the check.
    pub fn raise_all<const N: usize>(
        &mut self,
        all_poor: u16,
        day: u32,
        tally: &mut Tally<N>,
        weights: &Weights<N>,
    ) -> bool {
        let is_poor = self
            .runs
            .first()
            .is_none_or(|first| first.poor == self.u_len && self.end(0) >= all_poor);
        if all_poor == 0 || is_poor {
            return false;
        }
        let count = self.split(all_poor);
        for at in 0..count {
            let end = self.end(at);
            self.change((at, end), (self.u_len, self.u_len), day, tally, weights);
        }
        true
    }

    /// Takes Poor votes below `poor` in every `v`.
    #[inline]
    pub fn raise<const N: usize>(&mut self, poor: u16, day: u32, tally: &mut Tally<N>, weights: &Weights<N>) -> bool {
        let mut end = self.v_len;
        for at in (0..self.runs.len()).rev() {
            match self.runs.get(at).copied() {
                Some(run) if run.poor < poor => {
                    self.change((at, end), (poor, run.good.max(poor)), day, tally, weights);
                    end = run.start;
                }
                _ => break,
            }
        }
        end != self.v_len
    }

    /// Takes Good votes from `good` on in the `v`s from `no_good` on.
    #[inline]
    pub fn lower<const N: usize>(
        &mut self,
        no_good: u16,
        good: u16,
        day: u32,
        tally: &mut Tally<N>,
        weights: &Weights<N>,
    ) -> bool {
        let first = self.runs.iter().rposition(|run| run.start <= no_good).unwrap_or(0);
        if no_good >= self.v_len || self.runs.get(first).is_none_or(|run| run.good <= good) {
            return false;
        }
        for at in self.split(no_good)..self.runs.len() {
            match self.runs.get(at).copied() {
                Some(run) if run.good > good => {
                    let end = self.end(at);
                    self.change((at, end), (run.poor.min(good), good), day, tally, weights);
                }
                _ => break,
            }
        }
        true
    }

    /// The first `v` after a run.
    #[inline]
    fn end(&self, run: usize) -> u16 {
        self.runs.get(run + 1).map_or(self.v_len, |next| next.start)
    }

    /// The position of the run that starts at a `v`, made if there is none; the number of runs for the end.
    #[inline]
    fn split(&mut self, v: u16) -> usize {
        let after = self
            .runs
            .iter()
            .rposition(|run| run.start < v)
            .map_or(0, |before| before + 1);
        if v < self.v_len
            && self.runs.get(after).is_none_or(|run| run.start != v)
            && let Some(run) = after.checked_sub(1).and_then(|before| self.runs.get(before)).copied()
        {
            self.runs.insert(after, Run { start: v, ..run });
        }
        after
    }

    /// Gives a run that ends at `end` other staircases.
    #[inline(always)]
    fn change<const N: usize>(
        &mut self,
        (at, end): (usize, u16),
        after: (u16, u16),
        day: u32,
        tally: &mut Tally<N>,
        weights: &Weights<N>,
    ) {
        let Some(run) = self.runs.get_mut(at) else { return };
        let piece = Piece {
            vs: (run.start, end),
            before: (run.poor, run.good),
            after,
        };
        (run.poor, run.good) = after;
        piece.count(tally, weights);
        if let Some(history) = &mut self.history {
            history.count_flaps(&piece, day, (self.u_len, self.v_len), tally, weights);
        }
    }

    /// Joins runs that have come to agree, and notes the state at a day's end.
    #[inline]
    pub fn settle(&mut self, day: u32) {
        self.runs
            .dedup_by(|next, run| (next.poor, next.good) == (run.poor, run.good));
        if let Some(history) = &mut self.history {
            history.push(day, &self.runs);
        }
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
    fn push(&mut self, day: u32, runs: &[Run]) {
        self.runs.extend_from_slice(runs);
        self.states.push((day, self.runs.len()));
    }

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
        if self.reach_of != Some(day) {
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
        self.reach_of = Some(day);
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
