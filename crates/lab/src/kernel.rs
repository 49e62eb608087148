//! The fast path: domains enrolled throughout that nobody pinned.
//!
//! Same rule, fewer steps:
//!
//! - A good domain falls only where a window's rate is past a threshold, and what the windows of a block of days hold at
//!   most is [known](super::falls) of the table: most blocks are passed over unseen.
//! - Elsewhere windows slide a day at a time, in sums of `u64`, where every product is exact: a window holds at most 90
//!   days of two counts below 2³², and 90 × 2³³ × 10⁶ < 2⁶³. While a domain rests in a band, only what would make it leave
//!   is asked.
//! - The votes of such checks go to the simulator's own latch.

use super::backtest::CHECK_SECOND;
use super::demotion_filter::DemotionFilter;
use super::{BandMove, Cause, Deciding};
use poolkeeper_core::health::{BelowMinimum, Check, Latch, Metric, PPM, Policy, Vote};
use poolkeeper_core::model::Band;
use poolkeeper_core::traffic::{BLOCK_DAYS, BlockSummary, DomainColumns, DomainSummary};
use std::ops::Range;

/// One metric's thresholds, ready to multiply.
#[derive(Clone, Copy)]
struct ScaledThresholds {
    scale: u64,
    good: u64,
    poor: u64,
    /// Added to the poor side: 1 where both thresholds are equal, because Good wins the tie.
    tie: u64,
    /// At least 1: nothing of nothing is good.
    poor_min_events: u64,
}

impl ScaledThresholds {
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
struct WindowSums {
    processed: u64,
    delivered: u64,
    bounced: u64,
    complained: u64,
}

impl WindowSums {
    #[inline(always)]
    fn add(&mut self, ((processed, delivered), (bounced, complained)): DayCounts<'_>) {
        self.processed += u64::from(*processed);
        self.delivered += u64::from(*delivered);
        self.bounced += u64::from(*bounced);
        self.complained += u64::from(*complained);
    }

    #[inline(always)]
    fn drop(&mut self, ((processed, delivered), (bounced, complained)): DayCounts<'_>) {
        self.processed -= u64::from(*processed);
        self.delivered -= u64::from(*delivered);
        self.bounced -= u64::from(*bounced);
        self.complained -= u64::from(*complained);
    }

    /// A day comes in, another leaves.
    #[inline(always)]
    fn slide(&mut self, entering: DayCounts<'_>, leaving: DayCounts<'_>) {
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
trait BandExit {
    fn leaves(plan: &ReplayPlan<'_>, window: &WindowSums) -> bool;
}

struct InGood;
struct InPoor;
struct InNew;

impl BandExit for InGood {
    #[inline(always)]
    fn leaves(plan: &ReplayPlan<'_>, window: &WindowSums) -> bool {
        (plan.is_poor(window) & (window.processed >= plan.minimum)) | (window.processed < plan.new_below)
    }
}

impl BandExit for InPoor {
    #[inline(always)]
    fn leaves(plan: &ReplayPlan<'_>, window: &WindowSums) -> bool {
        (plan.is_good(window) & (window.processed >= plan.minimum)) | (window.processed < plan.new_below)
    }
}

impl BandExit for InNew {
    #[inline(always)]
    fn leaves(plan: &ReplayPlan<'_>, window: &WindowSums) -> bool {
        (window.processed >= plan.minimum) && (plan.is_poor(window) | plan.is_good(window))
    }
}

/// A policy, ready to run over many domains.
pub(super) struct ReplayPlan<'a> {
    policy: &'a Policy,
    bounce: ScaledThresholds,
    complaint: ScaledThresholds,
    minimum: u64,
    /// Windows with less than this go back to new: the minimum, or 0 where they hold.
    new_below: u64,
    goes_back: bool,
    window: usize,
    every: usize,
    falls: DemotionFilter,
}

/// A domain on its way through the days.
struct DomainReplay<'a> {
    columns: &'a DomainColumns<'a>,
    gist: &'a DomainSummary,
    /// The outline of its windows.
    blocks: &'a [BlockSummary],
    /// The day that comes into the window next.
    day: usize,
    /// The window that ends with the day before.
    window: WindowSums,
}

impl<'a> ReplayPlan<'a> {
    pub fn new(policy: &'a Policy) -> Self {
        let goes_back = policy.below_minimum == BelowMinimum::New;
        Self {
            policy,
            bounce: ScaledThresholds::new(policy, Metric::BounceRate),
            complaint: ScaledThresholds::new(policy, Metric::ComplaintRate),
            minimum: policy.minimum_processed,
            new_below: if goes_back { policy.minimum_processed } else { 0 },
            goes_back,
            window: policy.window_days as usize,
            every: (policy.check_every_days as usize).max(1),
            falls: DemotionFilter::new(policy),
        }
    }

    #[inline(always)]
    const fn is_poor(&self, window: &WindowSums) -> bool {
        self.bounce.is_poor(window.bounced, window.sent()) | self.complaint.is_poor(window.complained, window.delivered)
    }

    #[inline(always)]
    const fn is_good(&self, window: &WindowSums) -> bool {
        self.bounce.is_good(window.bounced, window.sent()) & self.complaint.is_good(window.complained, window.delivered)
    }

    /// What a check says: as [`health::check`](poolkeeper_core::health::check) does, in products that fit.
    fn check(&self, window: &WindowSums) -> Check {
        let vote = |on: &ScaledThresholds, (events, base): (u64, u64)| {
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
    pub fn push_moves(
        &self,
        columns: &DomainColumns<'_>,
        known: (&DomainSummary, &[BlockSummary]),
        domain: u32,
        moves: &mut Vec<BandMove>,
    ) {
        let (gist, blocks) = known;
        let mut latch = Latch::new(Band::New);
        let mut walk = DomainReplay {
            columns,
            gist,
            blocks,
            day: 0,
            window: WindowSums::default(),
        };
        while let Some(passed) = self.to_leaving(&mut walk, latch.band) {
            // A check that does not vote for another band ends a run of those that do.
            if passed {
                latch = Latch::new(latch.band);
            }
            let from = latch.band;
            let check = self.check(&walk.window);
            if latch.step(self.policy, check.vote).is_some() {
                moves.push(BandMove {
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
    fn to_leaving(&self, walk: &mut DomainReplay<'_>, band: Band) -> Option<bool> {
        match band {
            Band::Good => self.to_fall(walk),
            Band::Poor => self.slide::<InPoor>(walk, usize::MAX),
            Band::New => self.to_first(walk),
        }
        .ok()
    }

    /// The first day from which on a window holds the minimum.
    fn first_enough(&self, walk: &DomainReplay<'_>) -> Option<usize> {
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

    /// The first windows are known. Later, while a window holds too little, nothing but that is looked at.
    fn to_first(&self, walk: &mut DomainReplay<'_>) -> Result<bool, bool> {
        if walk.day == 0 && self.leaves_at_once(walk) {
            // No run of votes is under way that a check passed over could have ended.
            return Ok(false);
        }
        let from = walk.day;
        let enough = self.first_enough(walk).ok_or(false)?;
        self.jump(walk, enough);
        // Those passed over held: they end a run, as does the first of those that follow.
        let has_passed = self.checks_between(from, enough);
        match self.slide::<InNew>(walk, usize::MAX) {
            Ok(passed) => Ok(has_passed | passed),
            Err(passed) => Err(has_passed | passed),
        }
    }

    /// Walks on to the first check over a known window that votes for another band than new; past all of them if there is
    /// none.
    fn leaves_at_once(&self, walk: &mut DomainReplay<'_>) -> bool {
        // Before the first mail nothing moves a domain, unless no mail is enough.
        if walk.gist.first_day > 0 && self.minimum == 0 {
            return false;
        }
        walk.day = walk.gist.first_day as usize;
        let first = walk.gist.first.iter().take(walk.gist.first_days as usize);
        for [processed, delivered, bounced, complained] in first {
            walk.day += 1;
            walk.window = WindowSums {
                processed: u64::from(*processed),
                delivered: u64::from(*delivered),
                bounced: u64::from(*bounced),
                complained: u64::from(*complained),
            };
            if InNew::leaves(self, &walk.window) && walk.day.is_multiple_of(self.every) {
                return true;
            }
        }
        false
    }

    /// Only the blocks of windows of which one may be poor are looked into, and none where there is no such window.
    fn to_fall(&self, walk: &mut DomainReplay<'_>) -> Result<bool, bool> {
        let mut has_passed = false;
        if !self.falls.may_be_in(&walk.gist.whole) {
            return Err(has_passed);
        }
        loop {
            let here = walk.day / BLOCK_DAYS;
            let mut ahead = walk.blocks.get(here..).unwrap_or(&[]).iter();
            let next = ahead.position(|block| self.falls.may_be_in(block)).ok_or(has_passed)?;
            let first = (here + next) * BLOCK_DAYS;
            if first > walk.day {
                has_passed |= self.checks_between(walk.day, first);
                self.jump(walk, first);
            }
            match self.slide::<InGood>(walk, first + BLOCK_DAYS) {
                Ok(passed) => return Ok(has_passed | passed),
                Err(passed) => has_passed |= passed,
            }
            if walk.day >= walk.columns.processed.len() {
                return Err(has_passed);
            }
        }
    }

    /// Whether a day from one on and before another ends with a check.
    #[inline(always)]
    const fn checks_between(&self, from: usize, to: usize) -> bool {
        // Mostly there is one a day, and a division takes longer than all else here.
        if self.every == 1 {
            to > from
        } else {
            to / self.every > from / self.every
        }
    }

    /// Puts the window before a later day.
    fn jump(&self, walk: &mut DomainReplay<'_>, day: usize) {
        let oldest = day.saturating_sub(self.window);
        if oldest < walk.day {
            let gone = walk.day.saturating_sub(self.window)..oldest;
            rows(walk.columns, walk.day..day).for_each(|row| walk.window.add(row));
            rows(walk.columns, gone).for_each(|row| walk.window.drop(row));
        } else {
            walk.window = WindowSums::default();
            rows(walk.columns, oldest..day).for_each(|row| walk.window.add(row));
        }
        walk.day = day;
    }

    /// Slides the window over the days before `end` to the next check that votes for another band. Whether it passed one
    /// that does not; an error where there is none that does.
    fn slide<R: BandExit>(&self, walk: &mut DomainReplay<'_>, end: usize) -> Result<bool, bool> {
        let end = end.min(walk.columns.processed.len());
        if self.every == 1 {
            self.slide_by::<R, true>(walk, end)
        } else {
            self.slide_by::<R, false>(walk, end)
        }
    }

    #[inline(never)]
    fn slide_by<R: BandExit, const DAILY: bool>(&self, walk: &mut DomainReplay<'_>, end: usize) -> Result<bool, bool> {
        let mut until_check = if DAILY { 1 } else { self.every - walk.day % self.every };
        let mut has_passed = false;
        let mut window = walk.window;
        let mut leaves = |window: &WindowSums, has_passed: &mut bool| {
            if !DAILY {
                until_check -= 1;
                if until_check > 0 {
                    return false;
                }
                until_check = self.every;
            }
            let leaves = R::leaves(self, window);
            *has_passed |= !leaves;
            leaves
        };
        // Windows that begin before the first day: nothing leaves them.
        let filled = walk.day.max(end.min(self.window));
        for (ahead, entering) in rows(walk.columns, walk.day..filled).enumerate() {
            window.add(entering);
            if leaves(&window, &mut has_passed) {
                walk.window = window;
                walk.day += ahead + 1;
                return Ok(has_passed);
            }
        }
        walk.day = filled;
        let entering = rows(walk.columns, filled..end);
        let leaving = rows(
            walk.columns,
            filled.saturating_sub(self.window)..end.saturating_sub(self.window),
        );
        for (ahead, (entering, leaving)) in entering.zip(leaving).enumerate() {
            window.slide(entering, leaving);
            if leaves(&window, &mut has_passed) {
                walk.window = window;
                walk.day += ahead + 1;
                return Ok(has_passed);
            }
        }
        walk.window = window;
        walk.day = end.max(filled);
        Err(has_passed)
    }
}

/// Processed, delivered, bounced, complained.
type DayCounts<'a> = ((&'a u32, &'a u32), (&'a u32, &'a u32));

/// A domain's counts on some days.
#[inline(always)]
fn rows<'a>(columns: &DomainColumns<'a>, days: Range<usize>) -> impl Iterator<Item = DayCounts<'a>> + use<'a> {
    let of = |column: &'a [u32]| column.get(days.clone()).unwrap_or(&[]).iter();
    let counts = of(columns.processed).zip(of(columns.delivered));
    counts.zip(of(columns.bounced).zip(of(columns.complained)))
}

#[cfg(test)]
mod tests;
