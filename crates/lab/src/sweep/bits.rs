//! The slow exact path: one bit per policy.
//!
//! It runs each domain's latch for 64 policies at a time. A band is a bit in one of two words, a run of equal votes is
//! a count over a few words, and a move is a mask. It takes every sweep, because it does not assume how bands are
//! distributed over the grid. Each step equals [`Latch::next_band`](poolkeeper_core::health::Latch::next_band).

use super::bits_count::BitTotals;
use super::bits_flaps::{LeftBands, RecentMoves, WordVotes};
use super::plan::{CheckVote, SweepPlan};
use super::timeline::EnrolledDays;
use super::{PartialGrid, SweepOutcome, SweepOutcomes};
use poolkeeper_core::health::BelowMinimum;
use poolkeeper_core::model::Band;
use std::ops::Range;
use std::sync::Arc;

/// Bits for the longest run: 90 checks.
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

/// The policies of one word.
#[derive(Clone, Copy, Default)]
struct PolicyWord {
    poor: u64,
    good: u64,
    /// Counted days already added to the totals.
    counted_until: u32,
}

/// The band that all `v`s from one on have in common.
#[derive(Clone, Copy, Default)]
struct CommonTail {
    /// Poor in all of them.
    poor: u64,
    /// Good in all of them.
    good: u64,
    /// New in all of them.
    new: u64,
}

/// Where an event puts a domain.
#[derive(Clone, Copy)]
pub(super) enum PutInto<'a> {
    /// Pinned to a band.
    Band(Band),
    /// Enrolled, into the band that a window votes for.
    VotedBand(&'a CheckVote),
    /// Not enrolled; held as new.
    Nowhere,
}

/// One domain at a time, under all policies. Words are ordered by block of 64 `u`s, then by `v`.
pub(super) struct BitSweep {
    plan: Arc<SweepPlan>,
    blocks: usize,
    words: Vec<PolicyWord>,
    /// The common tail from each word on, to skip votes that change nothing.
    tails: Vec<CommonTail>,
    /// Empty when one vote is enough.
    runs: Vec<WordRun>,
    has_runs: bool,
    /// Empty unless flaps are counted.
    left: Vec<(LeftBands, RecentMoves)>,
    totals: BitTotals,
    outcomes: SweepOutcomes,
}

/// The first `count` of the 64 bits from `block × 64` on.
const fn first_bits(count: usize, block: usize) -> u64 {
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
            tails: vec![CommonTail::default(); words],
            runs: vec![WordRun::default(); if counts_votes { words } else { 0 }],
            has_runs: false,
            left: vec![(LeftBands::default(), RecentMoves::NONE); if has_flaps { words } else { 0 }],
            totals: BitTotals::new(plan, outcomes, words),
            outcomes,
        }
    }

    pub fn plan(&self) -> &SweepPlan {
        &self.plan
    }

    /// Moves all counts into `partial` if another domain might overflow them.
    pub fn empty_if_full(&mut self, partial: &mut PartialGrid) {
        if self.totals.is_full() {
            self.empty_into(partial);
        }
    }

    /// Moves all counts into `partial`.
    pub fn empty_into(&mut self, partial: &mut PartialGrid) {
        self.totals.empty_into(&self.plan, partial);
    }

    /// Starts the next domain, as new under every policy.
    pub fn start(&mut self) {
        self.words.fill(PolicyWord::default());
        self.tails.fill(CommonTail {
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

    /// Applies one check. `messages_after` is the counted messages processed after its day.
    pub fn step(&mut self, check_vote: &CheckVote, day: u32, messages_after: u64) {
        let had_runs = std::mem::take(&mut self.has_runs);
        let (u_len, v_len) = (self.plan.u_len, self.plan.v_len);
        let parts = [
            (check_vote.all_poor, u_len, u_len),
            (check_vote.no_good, check_vote.poor, u_len),
            (check_vote.judged, check_vote.poor_beside_good, check_vote.good),
            (v_len, 0, u_len),
        ];
        let mut from = 0;
        for (to, poor, good) in parts {
            let resets_to_new = from >= check_vote.judged && self.plan.below_minimum == BelowMinimum::New;
            for block in (0..self.blocks).filter(|_| from < to) {
                let all = first_bits(u_len, block);
                let votes = WordVotes {
                    poor: first_bits(poor, block),
                    good: all & !first_bits(good, block),
                    new: if resets_to_new { all } else { 0 },
                };
                if had_runs || self.may_move(block * v_len + from, votes) {
                    self.step_words(block, from..to, votes, day, messages_after);
                }
            }
            from = from.max(to);
        }
    }

    /// Puts the domain into a band under every policy, and forgets the votes so far. No check did it, so it counts as no
    /// move. `messages_from` is the counted messages processed from its day on.
    pub fn put(&mut self, target: PutInto<'_>, day: u32, messages_from: u64) {
        let (u_len, v_len) = (self.plan.u_len, self.plan.v_len);
        let counted = self.counted(day);
        for (at, word) in self.words.iter_mut().enumerate() {
            let (block, v) = (at / v_len, at % v_len);
            let all = first_bits(u_len, block);
            let (poor, good) = (word.poor, word.good);
            let (to_poor, to_good) = match target {
                PutInto::Band(Band::Poor) => (all, 0),
                PutInto::Band(Band::Good) => (0, all),
                PutInto::Band(Band::New) | PutInto::Nowhere => (0, 0),
                PutInto::VotedBand(vote) => vote.bits(v, u_len, block),
            };
            self.totals.add_days(at, word.count_days_until(counted), poor, good);
            (word.poor, word.good) = (to_poor, to_good);
            if let Some(run) = self.runs.get_mut(at) {
                *run = WordRun::default();
            }
            if let Some((left, _)) = self.left.get_mut(at) {
                // A later move is no flap of one before this.
                let stays = match target {
                    PutInto::Band(_) => !(poor ^ to_poor | good ^ to_good),
                    PutInto::Nowhere | PutInto::VotedBand(_) => 0,
                };
                left.keep(stays);
            }
            if self.outcomes.has(SweepOutcome::PoorMessages) {
                self.totals.add_messages(at, to_poor & !poor, messages_from);
                self.totals
                    .add_messages(at, poor & !to_poor, messages_from.wrapping_neg());
            }
        }
        self.has_runs = false;
        for block in 0..self.blocks {
            self.update_tails(block * v_len..(block + 1) * v_len);
        }
    }

    /// Whether the votes may move the domain under any policy of the words from one on, within the block.
    fn may_move(&self, from: usize, votes: WordVotes) -> bool {
        self.tails
            .get(from)
            .is_none_or(|tails| (votes.poor & !tails.poor) | (votes.good & !tails.good) | (votes.new & !tails.new) != 0)
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
            self.totals.add_days(at, word.count_days_until(counted), poor, good);
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
                let back = left.record(moved, enters, poor, good);
                let flaps = before.record(moved, back, day);
                if day >= self.plan.flaps_from {
                    self.totals.flaps.add(at, flaps, 1);
                }
            }
            if self.outcomes.has(SweepOutcome::PoorMessages) {
                self.totals.add_messages(at, enters.poor, messages_after);
                self.totals
                    .add_messages(at, poor & moved, messages_after.wrapping_neg());
            }
        }
        if has_moved {
            self.update_tails(start..start + self.plan.v_len);
        }
    }

    /// Updates the common tails of a block.
    fn update_tails(&mut self, words: Range<usize>) {
        let tails = self.tails.get_mut(words.clone()).unwrap_or(&mut []);
        let words = self.words.get(words).unwrap_or(&[]);
        let mut all = CommonTail {
            poor: u64::MAX,
            good: u64::MAX,
            new: u64::MAX,
        };
        for (tails, word) in tails.iter_mut().zip(words).rev() {
            all = CommonTail {
                poor: all.poor & word.poor,
                good: all.good & word.good,
                new: all.new & !(word.poor | word.good),
            };
            *tails = all;
        }
    }

    /// Counted days before a day.
    fn counted(&self, day: u32) -> u32 {
        let days = &self.plan.days;
        day.clamp(days.start, days.end) - days.start
    }

    /// Ends the domain: counts its days and final bands. `current` is its final band under the current policy.
    pub fn finish(&mut self, enrolled: EnrolledDays, current: Option<Band>) {
        let until = self.counted(self.plan.days.end);
        for (at, word) in self.words.iter_mut().enumerate() {
            let (poor, good) = (word.poor, word.good);
            self.totals.add_days(at, word.count_days_until(until), poor, good);
            self.totals.poor_ends.add(at, poor, 1);
            self.totals.good_ends.add(at, good, 1);
            let all = first_bits(self.plan.u_len, at / self.plan.v_len);
            let differs = match current {
                Some(Band::Poor) => all & !poor,
                Some(Band::Good) => all & !good,
                Some(Band::New) => poor | good,
                None => 0,
            };
            self.totals.differs.add(at, differs, 1);
        }
        self.totals.end_domain(enrolled);
    }
}

impl CheckVote {
    /// The bits that vote Poor and Good, of the `u`s of a block in one `v`.
    const fn bits(&self, v: usize, u_len: usize, block: usize) -> (u64, u64) {
        let (poor, good) = if v < self.all_poor {
            (u_len, u_len)
        } else if v < self.no_good {
            (self.poor, u_len)
        } else if v < self.judged {
            (self.poor_beside_good, self.good)
        } else {
            (0, u_len)
        };
        let all = first_bits(u_len, block);
        (first_bits(poor, block), all & !first_bits(good, block))
    }
}

impl PolicyWord {
    /// Marks the days before `until` as counted; returns how many that adds.
    #[inline]
    const fn count_days_until(&mut self, until: u32) -> u32 {
        let days = until - self.counted_until;
        self.counted_until = until;
        days
    }
}

impl WordRun {
    const fn is_empty(&self) -> bool {
        self.for_poor | self.for_good | self.for_new == 0
    }

    /// Applies one check; returns the policies whose run is long enough to move.
    fn step(&mut self, wanted: WordVotes, poor: u64, good: u64, promotion_after: usize, demotion_after: usize) -> u64 {
        let continues = self.for_poor & wanted.poor | self.for_good & wanted.good | self.for_new & wanted.new;
        let mut carry = wanted.poor | wanted.good | wanted.new;
        let (mut up, mut down) = (u64::MAX, u64::MAX);
        // Higher bits than those of the longer run are never set.
        let bits = (promotion_after | demotion_after).ilog2() as usize + 1;
        for (bit, count) in self.checks.iter_mut().enumerate().take(bits) {
            *count &= continues;
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
