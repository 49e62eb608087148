//! The slow exact path: one bit a policy.
//!
//! Each domain's latch is run for 64 policies at a time: a band is a bit in one of two words, a run of equal votes is
//! a count spread over a few words, a move is a mask. It assumes nothing of how bands lie over the grid, so it takes
//! every sweep, and every step is the step of [`Latch`](poolkeeper_core::health::Latch).

use super::bits_count::BitTotals;
use super::plan::{CheckVote, SweepPlan};
use super::{SweepOutcome, SweepOutcomes};
use crate::FLAP_DAYS;
use poolkeeper_core::health::BelowMinimum;
use poolkeeper_core::model::Band;
use std::ops::Range;
use std::sync::Arc;

/// Most bits a run's length takes: 90 checks.
const RUN_BITS: usize = 7;

/// The runs of one word's policies.
#[derive(Clone, Copy, Default)]
struct WordRun {
    for_poor: u64,
    for_good: u64,
    for_new: u64,
    /// Bit `i` of each policy's count of checks.
    checks: [u64; RUN_BITS],
}

/// The band each policy's domain left with its last move.
#[derive(Clone, Copy, Default)]
struct LeftBands {
    poor: u64,
    good: u64,
    new: u64,
}

/// Policies of one word that moved lately.
#[derive(Clone, Copy)]
struct RecentMoves {
    /// The day of the last move; there was none before the first.
    last: Option<u32>,
    /// The masks of the days that ended with it, by day, in turn.
    masks: [u64; MOVED_DAYS],
}

/// Today, the days that a flap spans, and one that it does not.
const MOVED_DAYS: usize = FLAP_DAYS as usize + 2;
// Or days before the first would not have places of their own.
const _: () = assert!(MOVED_DAYS.is_power_of_two());

/// The policies of one word.
#[derive(Clone, Copy, Default)]
struct PolicyWord {
    poor: u64,
    good: u64,
    /// Counted days already booked.
    booked: u32,
}

/// What all `v`s from one on have in common.
#[derive(Clone, Copy, Default)]
struct CommonTail {
    /// Poor in all of them.
    poor: u64,
    /// Good in all of them.
    good: u64,
    /// New in all of them.
    new: u64,
}

/// A vote for each policy of one word.
#[derive(Clone, Copy)]
struct WordVotes {
    poor: u64,
    good: u64,
    new: u64,
}

/// One domain at a time, under all policies. Words lie `v` by `v`, then block by block of 64 `u`s.
pub(super) struct BitSweep {
    plan: Arc<SweepPlan>,
    blocks: usize,
    words: Vec<PolicyWord>,
    /// Per word, what holds from its `v` on, for passing over votes that change nothing.
    rest: Vec<CommonTail>,
    /// Empty when one vote is enough.
    runs: Vec<WordRun>,
    has_runs: bool,
    /// Empty unless flaps are counted.
    left: Vec<(LeftBands, RecentMoves)>,
    pub totals: BitTotals,
    outcomes: SweepOutcomes,
}

/// The first `count` of the 64 bits from `block × 64` on.
const fn first(count: usize, block: usize) -> u64 {
    match count.saturating_sub(block * 64) {
        0 => 0,
        bits @ 1..64 => (1 << bits) - 1,
        _ => u64::MAX,
    }
}

impl BitSweep {
    pub fn new(plan: &Arc<SweepPlan>, outcomes: SweepOutcomes) -> Self {
        let blocks = plan.u_len.div_ceil(64);
        let words = blocks * plan.v_len;
        let counts_votes = plan.promotion_after > 1 || plan.demotion_after > 1;
        let has_flaps = outcomes.has(SweepOutcome::Flaps);
        Self {
            plan: Arc::clone(plan),
            blocks,
            words: vec![PolicyWord::default(); words],
            rest: vec![CommonTail::default(); words],
            runs: vec![WordRun::default(); if counts_votes { words } else { 0 }],
            has_runs: false,
            left: vec![(LeftBands::default(), RecentMoves::NONE); if has_flaps { words } else { 0 }],
            totals: BitTotals::new(plan, outcomes, words),
            outcomes,
        }
    }

    /// Starts the next domain, in the new band under every policy.
    pub fn start(&mut self) {
        self.words.fill(PolicyWord::default());
        self.rest.fill(CommonTail {
            new: u64::MAX,
            ..CommonTail::default()
        });
        self.runs.fill(WordRun::default());
        self.has_runs = false;
        for (left, moved) in &mut self.left {
            *left = LeftBands::default();
            moved.last = None;
        }
    }

    /// Takes one check. `messages_after` are the counted messages processed after its day.
    pub fn step(&mut self, ballot: &CheckVote, day: u32, messages_after: u64) {
        let had_runs = std::mem::take(&mut self.has_runs);
        let (u_len, v_len) = (self.plan.u_len, self.plan.v_len);
        let parts = [
            (ballot.all_poor, u_len, u_len),
            (ballot.no_good, ballot.poor, u_len),
            (ballot.voting, ballot.poor_beside_good, ballot.good),
            (v_len, 0, u_len),
        ];
        let mut from = 0;
        for (to, poor, good) in parts {
            let goes_back = from >= ballot.voting && self.plan.below_minimum == BelowMinimum::New;
            for block in (0..self.blocks).filter(|_| from < to) {
                let all = first(u_len, block);
                let votes = WordVotes {
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
    fn is_wanted(&self, from: usize, votes: WordVotes) -> bool {
        self.rest
            .get(from)
            .is_none_or(|rest| (votes.poor & !rest.poor) | (votes.good & !rest.good) | (votes.new & !rest.new) != 0)
    }

    fn step_words(&mut self, block: usize, vs: Range<usize>, votes: WordVotes, day: u32, messages_after: u64) {
        let start = block * self.plan.v_len;
        let is_counted = day >= self.plan.days.start;
        let counted = self.counted(day);
        let mut has_moved = false;
        let words = self.words.iter_mut().enumerate();
        for (at, word) in words.take(start + vs.end).skip(start + vs.start) {
            let (poor, good) = (word.poor, word.good);
            let wanted = WordVotes {
                poor: votes.poor & !poor,
                good: votes.good & !good,
                new: votes.new & (poor | good),
            };
            let mut moved = wanted.poor | wanted.good | wanted.new;
            if let Some(run) = self.runs.get_mut(at) {
                if moved == 0 && run.is_empty() {
                    continue;
                }
                moved = run.step(wanted, poor, good, self.plan.promotion_after, self.plan.demotion_after);
                self.has_runs |= !run.is_empty();
            }
            if moved == 0 {
                continue;
            }
            has_moved = true;
            self.totals.days(at, word.book(counted), poor, good);
            let enters = WordVotes {
                poor: moved & wanted.poor,
                good: moved & wanted.good,
                new: moved & wanted.new,
            };
            word.poor = poor & !moved | enters.poor;
            word.good = good & !moved | enters.good;
            if is_counted {
                self.totals.moves.add(at, moved, 1);
            }
            if let Some((left, before)) = self.left.get_mut(at) {
                let back = left.step(moved, enters, poor, good);
                let flaps = before.step(moved, back, day);
                if is_counted {
                    self.totals.flaps.add(at, flaps, 1);
                }
            }
            if self.outcomes.has(SweepOutcome::PoorMessages) {
                self.totals.messages(at, enters.poor, messages_after);
                self.totals.messages(at, poor & moved, messages_after.wrapping_neg());
            }
        }
        if has_moved {
            self.sum_up(start..start + self.plan.v_len);
        }
    }

    /// Notes anew what holds from each word of a block on.
    fn sum_up(&mut self, words: Range<usize>) {
        let rest = self.rest.get_mut(words.clone()).unwrap_or(&mut []);
        let words = self.words.get(words).unwrap_or(&[]);
        let mut all = CommonTail {
            poor: u64::MAX,
            good: u64::MAX,
            new: u64::MAX,
        };
        for (rest, word) in rest.iter_mut().zip(words).rev() {
            all = CommonTail {
                poor: all.poor & word.poor,
                good: all.good & word.good,
                new: all.new & !(word.poor | word.good),
            };
            *rest = all;
        }
    }

    /// Counted days before a day.
    fn counted(&self, day: u32) -> u32 {
        let days = &self.plan.days;
        day.clamp(days.start, days.end) - days.start
    }

    /// Ends the domain: books its days and final bands. `current` is the band it ends in under the current policy.
    pub fn finish(&mut self, current: Option<Band>) {
        let until = self.counted(self.plan.days.end);
        for (at, word) in self.words.iter_mut().enumerate() {
            let (poor, good) = (word.poor, word.good);
            self.totals.days(at, word.book(until), poor, good);
            self.totals.poor_ends.add(at, poor, 1);
            self.totals.good_ends.add(at, good, 1);
            let all = first(self.plan.u_len, at / self.plan.v_len);
            let differs = match current {
                Some(Band::Poor) => all & !poor,
                Some(Band::Good) => all & !good,
                Some(Band::New) => poor | good,
                None => 0,
            };
            self.totals.differs.add(at, differs, 1);
        }
        self.totals.end_domain();
    }
}

impl PolicyWord {
    /// Notes that days are booked up to so many counted ones; gives how many that adds.
    #[inline]
    const fn book(&mut self, until: u32) -> u32 {
        let days = until - self.booked;
        self.booked = until;
        days
    }
}

impl LeftBands {
    /// Takes a move out of bands; gives the policies it takes back into the band that their move before left.
    #[inline]
    const fn step(&mut self, moved: u64, enters: WordVotes, poor: u64, good: u64) -> u64 {
        let back = (enters.poor & self.poor) | (enters.good & self.good) | (enters.new & self.new);
        self.poor = self.poor & !moved | poor & moved;
        self.good = self.good & !moved | good & moved;
        self.new = self.new & !moved | moved & !poor & !good;
        back
    }
}

impl RecentMoves {
    const NONE: Self = Self {
        last: None,
        masks: [0; MOVED_DAYS],
    };

    /// Notes who moved on a day; gives those of `back` whose move before is no longer ago than a flap spans.
    #[inline]
    fn step(&mut self, moved: u64, back: u64, day: u32) -> u64 {
        // Days in between, on which nobody moved. A day may come in several parts.
        match self.last.map(|last| (day - last) as usize) {
            None | Some(MOVED_DAYS..) => self.masks = [0; MOVED_DAYS],
            Some(gap) => (0..gap).for_each(|ago| self.set(day, ago, 0)),
        }
        self.last = Some(day);
        self.set(day, 0, 0);
        self.set(day, FLAP_DAYS as usize + 1, 0);
        let recent = self.masks.iter().fold(0, |recent, mask| recent | mask);
        self.set(day, 0, moved);
        recent & back
    }

    #[inline]
    fn set(&mut self, day: u32, ago: usize, mask: u64) {
        if let Some(slot) = self.masks.get_mut(slot(day, ago)) {
            *slot = mask;
        }
    }
}

/// Where the mask of the day so many days ago is.
#[inline]
const fn slot(day: u32, ago: usize) -> usize {
    (day as usize).wrapping_sub(ago) % MOVED_DAYS
}

impl WordRun {
    const fn is_empty(&self) -> bool {
        self.for_poor | self.for_good | self.for_new == 0
    }

    /// One check's step; gives the policies whose run is long enough to move.
    fn step(&mut self, wanted: WordVotes, poor: u64, good: u64, promotion_after: usize, demotion_after: usize) -> u64 {
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
