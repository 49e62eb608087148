//! The slow exact path: one bit a policy.
//!
//! Each domain's latch is run for 64 policies at a time: a band is a bit in one of two words, a run of equal votes is
//! a count spread over a few words, a move is a mask. It assumes nothing of how bands lie over the grid, so it takes
//! every sweep, and every step is the step of [`Latch`](crate::health::Latch).

use super::bits_count::Totals;
use super::plan::{Ballot, Plan};
use super::{Outcome, Outcomes};
use crate::health::BelowMinimum;
use crate::model::Band;
use crate::whatif::FLAP_DAYS;
use std::ops::Range;
use std::sync::Arc;

/// Most bits a run's length takes: 90 checks.
const RUN_BITS: usize = 7;

/// The runs of one word's policies.
#[derive(Clone, Copy, Default)]
struct Run {
    for_poor: u64,
    for_good: u64,
    for_new: u64,
    /// Bit `i` of each policy's count of checks.
    checks: [u64; RUN_BITS],
}

/// The band each policy's domain left with its last move.
#[derive(Clone, Copy, Default)]
struct Left {
    poor: u64,
    good: u64,
    new: u64,
}

/// Policies that moved on one day.
struct Moved {
    day: u32,
    masks: Vec<u64>,
}

/// What all `v`s from one on have in common.
#[derive(Clone, Copy, Default)]
struct Rest {
    /// Poor in all of them.
    poor: u64,
    /// Good in all of them.
    good: u64,
    /// New in all of them.
    new: u64,
}

/// A vote for each policy of one word.
#[derive(Clone, Copy)]
struct Votes {
    poor: u64,
    good: u64,
    new: u64,
}

/// One domain at a time, under all policies. Words lie `v` by `v`, then block by block of 64 `u`s.
pub(super) struct Bits {
    plan: Arc<Plan>,
    blocks: usize,
    poor: Vec<u64>,
    good: Vec<u64>,
    /// Per word, what holds from its `v` on, for passing over votes that change nothing.
    rest: Vec<Rest>,
    /// Empty when one vote is enough.
    runs: Vec<Run>,
    has_runs: bool,
    /// Empty unless flaps are counted.
    left: Vec<Left>,
    moved: Vec<Moved>,
    /// Per word, counted days already booked.
    booked: Vec<u32>,
    pub totals: Totals,
    outcomes: Outcomes,
}

/// The first `count` of the 64 bits from `block × 64` on.
const fn first(count: usize, block: usize) -> u64 {
    match count.saturating_sub(block * 64) {
        0 => 0,
        bits @ 1..64 => (1 << bits) - 1,
        _ => u64::MAX,
    }
}

impl Bits {
    pub fn new(plan: &Arc<Plan>, outcomes: Outcomes) -> Self {
        let blocks = plan.u_len.div_ceil(64);
        let words = blocks * plan.v_len;
        let counts_votes = plan.promotion_after > 1 || plan.demotion_after > 1;
        let has_flaps = outcomes.has(Outcome::Flaps);
        Self {
            plan: Arc::clone(plan),
            blocks,
            poor: vec![0; words],
            good: vec![0; words],
            rest: vec![Rest::default(); words],
            runs: vec![Run::default(); if counts_votes { words } else { 0 }],
            has_runs: false,
            left: vec![Left::default(); if has_flaps { words } else { 0 }],
            moved: Vec::new(),
            booked: vec![0; words],
            totals: Totals::new(plan, outcomes, words),
            outcomes,
        }
    }

    /// Starts the next domain, in the new band under every policy.
    pub fn start(&mut self) {
        self.poor.fill(0);
        self.good.fill(0);
        self.rest.fill(Rest {
            new: u64::MAX,
            ..Rest::default()
        });
        self.runs.fill(Run::default());
        self.has_runs = false;
        self.left.fill(Left::default());
        self.moved.clear();
        self.booked.fill(0);
    }

    /// Takes one check. `messages_after` are the counted messages processed after its day.
    pub fn step(&mut self, ballot: &Ballot, day: u32, messages_after: u64) {
        let had_runs = std::mem::take(&mut self.has_runs);
        let (u_len, v_len) = (self.plan.u_len, self.plan.v_len);
        let parts = [
            (ballot.all_poor, u_len, u_len),
            (ballot.no_good, ballot.poor, u_len),
            (ballot.voting, ballot.poor_beside_good, ballot.good),
            (v_len, 0, u_len),
        ];
        self.moved.retain(|moved| day - moved.day <= FLAP_DAYS);
        let mut from = 0;
        for (to, poor, good) in parts {
            let goes_back = from >= ballot.voting && self.plan.below_minimum == BelowMinimum::New;
            for block in (0..self.blocks).filter(|_| from < to) {
                let all = first(u_len, block);
                let votes = Votes {
                    poor: first(poor, block),
                    good: all & !first(good, block),
                    new: if goes_back { all } else { 0 },
                };
                if had_runs || self.is_wanted(block * v_len + from, votes) {
                    self.step_words(block, from..to, votes, day, messages_after);
                }
            }
            from = from.max(to);
        }
    }

    /// Whether any policy of the words from one on, in its block, may want its domain elsewhere.
    fn is_wanted(&self, from: usize, votes: Votes) -> bool {
        self.rest
            .get(from)
            .is_none_or(|rest| (votes.poor & !rest.poor) | (votes.good & !rest.good) | (votes.new & !rest.new) != 0)
    }

    fn step_words(&mut self, block: usize, vs: Range<usize>, votes: Votes, day: u32, messages_after: u64) {
        let start = block * self.plan.v_len;
        let mut has_moved = false;
        for word in start + vs.start..start + vs.end {
            has_moved |= self.step_word(word, votes, day, messages_after);
        }
        if !has_moved {
            return;
        }
        let words = start..start + self.plan.v_len;
        let poor = self.poor.get(words.clone()).unwrap_or(&[]);
        let good = self.good.get(words.clone()).unwrap_or(&[]);
        let rest = self.rest.get_mut(words).unwrap_or(&mut []);
        let mut all = Rest {
            poor: u64::MAX,
            good: u64::MAX,
            new: u64::MAX,
        };
        for ((rest, poor), good) in rest.iter_mut().zip(poor).zip(good).rev() {
            all = Rest {
                poor: all.poor & poor,
                good: all.good & good,
                new: all.new & !(poor | good),
            };
            *rest = all;
        }
    }

    /// Takes one check in a word; says whether anything moved.
    fn step_word(&mut self, word: usize, votes: Votes, day: u32, messages_after: u64) -> bool {
        let (Some(poor), Some(good)) = (self.poor.get(word).copied(), self.good.get(word).copied()) else {
            return false;
        };
        let wanted = Votes {
            poor: votes.poor & !poor,
            good: votes.good & !good,
            new: votes.new & (poor | good),
        };
        let mut moved = wanted.poor | wanted.good | wanted.new;
        if let Some(run) = self.runs.get_mut(word) {
            if moved == 0 && run.is_empty() {
                return false;
            }
            moved = run.step(wanted, poor, good, self.plan.promotion_after, self.plan.demotion_after);
            self.has_runs |= !run.is_empty();
        }
        if moved == 0 {
            return false;
        }
        self.book_days(word, self.counted(day));
        let enters = Votes {
            poor: moved & wanted.poor,
            good: moved & wanted.good,
            new: moved & wanted.new,
        };
        if let Some(slot) = self.poor.get_mut(word) {
            *slot = poor & !moved | enters.poor;
        }
        if let Some(slot) = self.good.get_mut(word) {
            *slot = good & !moved | enters.good;
        }
        let is_counted = day >= self.plan.days.start;
        if is_counted {
            self.totals.moves.add(word, moved, 1);
        }
        let flaps = self.flaps(word, moved, enters, day, (poor, good));
        if is_counted {
            self.totals.flaps.add(word, flaps, 1);
        }
        if self.outcomes.has(Outcome::PoorMessages) {
            self.totals.messages(word, enters.poor, messages_after);
            self.totals.messages(word, poor & moved, messages_after.wrapping_neg());
        }
        true
    }

    /// Of the policies that move, those that move back; notes the move for later ones.
    fn flaps(&mut self, word: usize, moved: u64, enters: Votes, day: u32, (poor, good): (u64, u64)) -> u64 {
        let Some(left) = self.left.get_mut(word) else { return 0 };
        if self.moved.last().is_none_or(|last| last.day != day) {
            let masks = vec![0; self.poor.len()];
            self.moved.push(Moved { day, masks });
        }
        let mut recent = 0;
        for before in &mut self.moved {
            if let Some(mask) = before.masks.get_mut(word) {
                if before.day == day {
                    *mask = moved;
                } else {
                    recent |= *mask;
                }
            }
        }
        let flaps = recent & ((enters.poor & left.poor) | (enters.good & left.good) | (enters.new & left.new));
        left.poor = left.poor & !moved | poor & moved;
        left.good = left.good & !moved | good & moved;
        left.new = left.new & !moved | moved & !poor & !good;
        flaps
    }

    /// Counted days before a day.
    fn counted(&self, day: u32) -> u32 {
        let days = &self.plan.days;
        day.clamp(days.start, days.end) - days.start
    }

    /// Books the bands a word's policies have had since they last changed, up to so many counted days.
    fn book_days(&mut self, word: usize, until: u32) {
        let Some(booked) = self.booked.get_mut(word) else {
            return;
        };
        let days = until - std::mem::replace(booked, until);
        let band = |bits: &[u64]| bits.get(word).copied().unwrap_or(0);
        self.totals.poor_days.add(word, band(&self.poor), days);
        self.totals.good_days.add(word, band(&self.good), days);
    }

    /// Ends the domain: books its days and final bands. `current` is the band it ends in under the current policy.
    pub fn finish(&mut self, current: Option<Band>) {
        let until = self.counted(self.plan.days.end);
        for word in 0..self.poor.len() {
            self.book_days(word, until);
            let (poor, good) = (self.poor.get(word), self.good.get(word));
            let (poor, good) = (poor.copied().unwrap_or(0), good.copied().unwrap_or(0));
            self.totals.poor_ends.add(word, poor, 1);
            self.totals.good_ends.add(word, good, 1);
            let all = first(self.plan.u_len, word / self.plan.v_len);
            let differs = match current {
                Some(Band::Poor) => all & !poor,
                Some(Band::Good) => all & !good,
                Some(Band::New) => poor | good,
                None => 0,
            };
            self.totals.differs.add(word, differs, 1);
        }
        self.totals.end_domain();
    }
}

impl Run {
    const fn is_empty(&self) -> bool {
        self.for_poor | self.for_good | self.for_new == 0
    }

    /// One check's step; gives the policies whose run is long enough to move.
    fn step(&mut self, wanted: Votes, poor: u64, good: u64, promotion_after: usize, demotion_after: usize) -> u64 {
        let goes_on = self.for_poor & wanted.poor | self.for_good & wanted.good | self.for_new & wanted.new;
        let mut carry = wanted.poor | wanted.good | wanted.new;
        let (mut up, mut down) = (u64::MAX, u64::MAX);
        // Only as many bits as the longer run takes ever get set.
        let bits = (promotion_after | demotion_after).ilog2() as usize + 1;
        for (bit, count) in self.checks.iter_mut().enumerate().take(bits) {
            *count &= goes_on;
            let both = *count & carry;
            *count ^= carry;
            carry = both;
            up &= if promotion_after >> bit & 1 == 1 {
                *count
            } else {
                !*count
            };
            down &= if demotion_after >> bit & 1 == 1 {
                *count
            } else {
                !*count
            };
        }
        let moved = (wanted.good | wanted.new & poor) & up | (wanted.poor | wanted.new & good) & down;
        for count in self.checks.iter_mut().take(bits) {
            *count &= !moved;
        }
        self.for_poor = wanted.poor & !moved;
        self.for_good = wanted.good & !moved;
        self.for_new = wanted.new & !moved;
        moved
    }
}
