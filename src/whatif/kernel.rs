//! The fast path: domains enrolled throughout that nobody pinned.
//!
//! Same rule, fewer steps:
//!
//! - A window is poor only if one of its days is: where every day's rate is below a threshold, so is the rate of any days
//!   together. So one look at each [day](super::flags) tells where a good domain may fall, and all other checks are passed
//!   over; and most days are not looked at either, because what a block of them holds at most is known of the table.
//! - Elsewhere windows slide a day at a time, in sums of `u64`, where every product is exact: a window holds at most 90
//!   days of two counts below 2³², and 90 × 2³³ × 10⁶ < 2⁶³. While a domain rests in a band, only what would make it leave
//!   is asked.
//! - The votes of such checks go to the simulator's own latch.

use super::backtest::CHECK_SECOND;
use super::flags::Flags;
use super::{Cause, Deciding, Move};
use crate::health::{BelowMinimum, Check, Latch, Metric, PPM, Policy, Vote};
use crate::model::Band;
use crate::traffic::{Block, DomainColumns};
use std::ops::Range;

/// One metric's thresholds, ready to multiply.
#[derive(Clone, Copy)]
struct Thresholds {
    scale: u64,
    good: u64,
    poor: u64,
    /// Added to the poor side: 1 where both thresholds are equal, because Good wins the tie.
    tie: u64,
    /// At least 1: nothing of nothing is good.
    poor_min_events: u64,
}

impl Thresholds {
    fn new(policy: &Policy, metric: Metric) -> Self {
        metric.policy(policy).map_or(
            // A metric that is off is always good and never poor.
            Self {
                scale: 0,
                good: 0,
                poor: 0,
                tie: 1,
                poor_min_events: u64::MAX,
            },
            |on| Self {
                scale: u64::from(PPM),
                good: u64::from(on.good_at_most_ppm),
                poor: u64::from(on.poor_at_least_ppm),
                tie: u64::from(on.good_at_most_ppm == on.poor_at_least_ppm),
                poor_min_events: on.poor_min_events.max(1),
            },
        )
    }

    #[inline(always)]
    const fn is_good(&self, events: u64, base: u64) -> bool {
        events * self.scale <= self.good * base
    }

    #[inline(always)]
    const fn is_poor(&self, events: u64, base: u64) -> bool {
        (events * self.scale >= self.poor * base + self.tie) & (events >= self.poor_min_events)
    }
}

/// The sums of a window.
#[derive(Clone, Copy, Default)]
struct Sums {
    processed: u64,
    delivered: u64,
    bounced: u64,
    complained: u64,
}

impl Sums {
    #[inline(always)]
    fn add(&mut self, columns: &DomainColumns<'_>, day: usize) {
        let of = |column: &[u32]| column.get(day).copied().map_or(0, u64::from);
        self.processed += of(columns.processed);
        self.delivered += of(columns.delivered);
        self.bounced += of(columns.bounced);
        self.complained += of(columns.complained);
    }

    #[inline(always)]
    fn drop(&mut self, columns: &DomainColumns<'_>, day: usize) {
        let of = |column: &[u32]| column.get(day).copied().map_or(0, u64::from);
        self.processed -= of(columns.processed);
        self.delivered -= of(columns.delivered);
        self.bounced -= of(columns.bounced);
        self.complained -= of(columns.complained);
    }

    /// A day comes in, another leaves.
    #[inline(always)]
    fn slide(&mut self, entering: Row<'_>, leaving: Row<'_>) {
        let ((processed, delivered), (bounced, complained)) = entering;
        let ((no_processed, no_delivered), (no_bounced, no_complained)) = leaving;
        self.processed = self.processed + u64::from(*processed) - u64::from(*no_processed);
        self.delivered = self.delivered + u64::from(*delivered) - u64::from(*no_delivered);
        self.bounced = self.bounced + u64::from(*bounced) - u64::from(*no_bounced);
        self.complained = self.complained + u64::from(*complained) - u64::from(*no_complained);
    }

    #[inline(always)]
    const fn sent(&self) -> u64 {
        self.delivered + self.bounced
    }
}

/// What makes a domain leave the band it rests in: whether a check over a window votes for another band.
trait Resting {
    fn leaves(plan: &Plan<'_>, window: &Sums) -> bool;
}

struct InGood;
struct InPoor;
struct InNew;

impl Resting for InGood {
    #[inline(always)]
    fn leaves(plan: &Plan<'_>, window: &Sums) -> bool {
        (plan.is_poor(window) & (window.processed >= plan.minimum)) | (window.processed < plan.new_below)
    }
}

impl Resting for InPoor {
    #[inline(always)]
    fn leaves(plan: &Plan<'_>, window: &Sums) -> bool {
        (plan.is_good(window) & (window.processed >= plan.minimum)) | (window.processed < plan.new_below)
    }
}

impl Resting for InNew {
    #[inline(always)]
    fn leaves(plan: &Plan<'_>, window: &Sums) -> bool {
        (window.processed >= plan.minimum) && (plan.is_poor(window) | plan.is_good(window))
    }
}

/// A policy, ready to run over many domains, and the room one domain's run takes.
pub(super) struct Plan<'a> {
    policy: &'a Policy,
    bounce: Thresholds,
    complaint: Thresholds,
    minimum: u64,
    /// Windows with less than this go back to new: the minimum, or 0 where they hold.
    new_below: u64,
    goes_back: bool,
    window: usize,
    every: usize,
    flags: Flags,
}

/// A domain on its way through the days.
struct Walk<'a> {
    columns: &'a DomainColumns<'a>,
    /// The day that comes into the window next.
    day: usize,
    /// The window that ends with the day before.
    window: Sums,
}

impl<'a> Plan<'a> {
    pub fn new(policy: &'a Policy, day_count: usize) -> Self {
        let goes_back = policy.below_minimum == BelowMinimum::New;
        Self {
            policy,
            bounce: Thresholds::new(policy, Metric::BounceRate),
            complaint: Thresholds::new(policy, Metric::ComplaintRate),
            minimum: policy.minimum_processed,
            new_below: if goes_back { policy.minimum_processed } else { 0 },
            goes_back,
            window: policy.window_days as usize,
            every: (policy.check_every_days as usize).max(1),
            flags: Flags::new(policy, day_count),
        }
    }

    #[inline(always)]
    const fn is_poor(&self, window: &Sums) -> bool {
        self.bounce.is_poor(window.bounced, window.sent()) | self.complaint.is_poor(window.complained, window.delivered)
    }

    #[inline(always)]
    const fn is_good(&self, window: &Sums) -> bool {
        self.bounce.is_good(window.bounced, window.sent()) & self.complaint.is_good(window.complained, window.delivered)
    }

    /// What a check says: as [`health::check`](crate::health::check) does, in products that fit.
    fn check(&self, window: &Sums) -> Check {
        let vote = |on: &Thresholds, (events, base): (u64, u64)| {
            let vote = match (on.is_good(events, base), on.is_poor(events, base)) {
                (true, _) => Vote::For(Band::Good),
                (false, true) => Vote::For(Band::Poor),
                (false, false) => Vote::Hold,
            };
            (on.scale > 0).then_some(vote)
        };
        let is_below_minimum = window.processed < self.minimum;
        Check {
            vote: match (is_below_minimum, self.is_poor(window), self.is_good(window)) {
                (true, ..) if self.goes_back => Vote::For(Band::New),
                (true, ..) | (false, false, false) => Vote::Hold,
                (false, true, _) => Vote::For(Band::Poor),
                (false, false, true) => Vote::For(Band::Good),
            },
            is_below_minimum,
            bounce: vote(&self.bounce, (window.bounced, window.sent())),
            complaint: vote(&self.complaint, (window.complained, window.delivered)),
        }
    }

    /// Pushes the moves of a domain that starts as new on the first day.
    pub fn push_moves(&mut self, columns: &DomainColumns<'_>, blocks: &[Block], domain: u32, moves: &mut Vec<Move>) {
        self.flags.load(columns, blocks);
        let mut latch = Latch::new(Band::New);
        let mut walk = Walk {
            columns,
            day: 0,
            window: Sums::default(),
        };
        while let Some(passed) = self.to_leaving(&mut walk, latch.band) {
            // A check that does not vote for another band ends a run of those that do.
            if passed {
                latch = Latch::new(latch.band);
            }
            let from = latch.band;
            let check = self.check(&walk.window);
            if latch.step(self.policy, check.vote).is_some() {
                moves.push(Move {
                    domain,
                    day: u32::try_from(walk.day - 1).unwrap_or(u32::MAX),
                    second: CHECK_SECOND,
                    from: Some(from),
                    to: Some(latch.band),
                    cause: Cause::Check(Deciding::of(&check)),
                });
            }
        }
    }

    /// Walks on to the next check that votes for another band; whether it passed one that does not.
    fn to_leaving(&self, walk: &mut Walk<'_>, band: Band) -> Option<bool> {
        match band {
            Band::Good => self.to_fall(walk),
            Band::Poor => self.slide::<InPoor>(walk, usize::MAX),
            Band::New => self.to_first(walk),
        }
        .ok()
    }

    /// The first day from which on a window holds the minimum.
    fn first_enough(&self, walk: &Walk<'_>) -> Option<usize> {
        let processed = walk.columns.processed;
        let (mut sum, mut day) = (walk.window.processed, walk.day);
        // Windows that begin before the first day: nothing leaves them.
        while day < self.window {
            sum += u64::from(*processed.get(day)?);
            if sum >= self.minimum {
                return Some(day);
            }
            day += 1;
        }
        let entering = processed.get(day..)?.iter();
        let ahead = entering
            .zip(processed.get(day - self.window..)?)
            .position(|(entering, leaving)| {
                sum = sum + u64::from(*entering) - u64::from(*leaving);
                sum >= self.minimum
            });
        ahead.map(|ahead| day + ahead)
    }

    /// While a window holds too little, nothing but that is looked at.
    fn to_first(&self, walk: &mut Walk<'_>) -> Result<bool, bool> {
        let from = walk.day;
        let enough = self.first_enough(walk).ok_or(false)?;
        self.jump(walk, enough);
        // Those passed over held: they end a run, as does the first of those that follow.
        let has_passed = enough / self.every > from / self.every;
        match self.slide::<InNew>(walk, usize::MAX) {
            Ok(passed) => Ok(has_passed | passed),
            Err(passed) => Err(has_passed | passed),
        }
    }

    /// From flagged day to flagged day: only windows that hold one are looked at.
    fn to_fall(&self, walk: &mut Walk<'_>) -> Result<bool, bool> {
        let mut has_passed = false;
        loop {
            let oldest = (walk.day + 1).saturating_sub(self.window);
            let mut flagged = self.flags.next(oldest).ok_or(has_passed)?;
            while !self.matters(walk.columns, flagged) {
                flagged = self.flags.next(flagged + 1).ok_or(has_passed)?;
            }
            if flagged > walk.day {
                has_passed |= flagged / self.every > walk.day / self.every;
                self.jump(walk, flagged);
            }
            match self.slide::<InGood>(walk, flagged + self.window) {
                Ok(passed) => return Ok(has_passed | passed),
                Err(passed) => has_passed |= passed,
            }
            if walk.day >= walk.columns.processed.len() {
                return Err(has_passed);
            }
        }
    }

    /// Whether a flagged day may make any of its windows poor: not where it is for its complaints alone, and all the windows
    /// together hold too few.
    fn matters(&self, columns: &DomainColumns<'_>, day: usize) -> bool {
        let of = |column: &[u32]| column.get(day).copied().map_or(0, u64::from);
        let (bounced, delivered) = (of(columns.bounced), of(columns.delivered));
        if self.goes_back || bounced * self.bounce.scale >= self.bounce.poor * (delivered + bounced) + self.bounce.tie {
            return true;
        }
        let end = columns.complained.len().min(day + self.window);
        let around = columns.complained.get((day + 1).saturating_sub(self.window)..end);
        let complaints: u64 = around.unwrap_or(&[]).iter().map(|count| u64::from(*count)).sum();
        complaints >= self.complaint.poor_min_events
    }

    /// Puts the window before a later day.
    fn jump(&self, walk: &mut Walk<'_>, day: usize) {
        if day - walk.day < self.window {
            while walk.day < day {
                self.enter(walk);
            }
            return;
        }
        walk.window = Sums::default();
        for ((processed, delivered), (bounced, complained)) in rows(walk.columns, day.saturating_sub(self.window)..day)
        {
            walk.window.processed += u64::from(*processed);
            walk.window.delivered += u64::from(*delivered);
            walk.window.bounced += u64::from(*bounced);
            walk.window.complained += u64::from(*complained);
        }
        walk.day = day;
    }

    /// A day comes into the window, and one may leave it.
    #[inline(always)]
    fn enter(&self, walk: &mut Walk<'_>) {
        walk.window.add(walk.columns, walk.day);
        if let Some(gone) = walk.day.checked_sub(self.window) {
            walk.window.drop(walk.columns, gone);
        }
        walk.day += 1;
    }

    /// Slides the window over the days before `end` to the next check that votes for another band. Whether it passed one
    /// that does not; an error where there is none that does.
    #[inline(never)]
    fn slide<R: Resting>(&self, walk: &mut Walk<'_>, end: usize) -> Result<bool, bool> {
        let end = end.min(walk.columns.processed.len());
        let mut until_check = self.every - walk.day % self.every;
        let mut has_passed = false;
        // Windows that begin before the first day: nothing leaves them.
        while walk.day < end.min(self.window) {
            self.enter(walk);
            until_check -= 1;
            if until_check == 0 {
                until_check = self.every;
                if R::leaves(self, &walk.window) {
                    return Ok(has_passed);
                }
                has_passed = true;
            }
        }
        let Some(gone) = walk.day.checked_sub(self.window) else {
            return Err(has_passed);
        };
        let entering = rows(walk.columns, walk.day..end);
        let leaving = rows(walk.columns, gone..end - self.window);
        let mut window = walk.window;
        for (entering, leaving) in entering.zip(leaving) {
            window.slide(entering, leaving);
            walk.day += 1;
            until_check -= 1;
            if until_check == 0 {
                until_check = self.every;
                if R::leaves(self, &window) {
                    walk.window = window;
                    return Ok(has_passed);
                }
                has_passed = true;
            }
        }
        walk.window = window;
        Err(has_passed)
    }
}

/// Processed, delivered, bounced, complained.
type Row<'a> = ((&'a u32, &'a u32), (&'a u32, &'a u32));

/// A domain's counts on some days.
#[inline(always)]
fn rows<'a>(columns: &DomainColumns<'a>, days: Range<usize>) -> impl Iterator<Item = Row<'a>> + use<'a> {
    let of = |column: &'a [u32]| column.get(days.clone()).unwrap_or(&[]).iter();
    let counts = of(columns.processed).zip(of(columns.delivered));
    counts.zip(of(columns.bounced).zip(of(columns.complained)))
}

#[cfg(test)]
mod tests;
