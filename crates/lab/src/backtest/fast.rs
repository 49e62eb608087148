//! The fast path: domains that stay enrolled and are never pinned.
//!
//! It gives the same moves as the exact path, in fewer steps:
//!
//! - A good domain is demoted only where a window's rate is past a threshold. The table's index has the extremes of
//!   each block of windows, and the [demotion filter](super::demotion_filter) skips most blocks by them.
//! - Elsewhere the window slides day by day, and only the conditions for leaving the current band are tested. Sums are
//!   `u64`, and every product fits: 90 days of two counts below 2³² give 90 × 2³³ × 10⁶ < 2⁶³.
//! - The votes of the remaining checks go to the simulator's own latch.

use super::demotion_filter::DemotionFilter;
use super::result::{BandMove, CHECK_SECOND, Cause, Deciding};
use poolkeeper_core::health::{BelowMinimum, Check, Latch, Metric, PPM, Policy, Vote};
use poolkeeper_core::model::Band;
use poolkeeper_core::traffic::{BLOCK_DAYS, BlockSummary, DomainColumns, DomainSummary};
use std::ops::Range;

/// One metric's thresholds as factors, so that a comparison needs no division.
#[derive(Clone, Copy)]
struct ScaledThresholds {
    scale: u64,
    good: u64,
    poor: u64,
    /// Added to the poor side: 1 where both thresholds are equal, because Good wins the tie.
    tie: u64,
    /// At least 1: 0 events of 0 messages are good.
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

    /// One day enters the window, another leaves it.
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

/// Whether a check over a window votes a domain out of a band; one type per band.
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

/// A policy, prepared for many domains.
pub(super) struct ReplayPlan<'a> {
    policy: &'a Policy,
    bounce: ScaledThresholds,
    complaint: ScaledThresholds,
    minimum: u64,
    /// Windows with fewer messages reset the domain to new: the minimum, or 0 where they hold.
    new_below: u64,
    resets_to_new: bool,
    window_days: usize,
    check_every_days: usize,
    demotion_filter: DemotionFilter,
}

/// The replay of one domain.
struct Replay<'a> {
    columns: &'a DomainColumns<'a>,
    summary: &'a DomainSummary,
    /// Summaries of its windows.
    blocks: &'a [BlockSummary],
    /// The next day to enter the window.
    day: usize,
    /// The window that ends with the day before `day`.
    window: WindowSums,
}

impl<'a> ReplayPlan<'a> {
    pub fn new(policy: &'a Policy) -> Self {
        let resets_to_new = policy.below_minimum == BelowMinimum::New;
        Self {
            policy,
            bounce: ScaledThresholds::new(policy, Metric::BounceRate),
            complaint: ScaledThresholds::new(policy, Metric::ComplaintRate),
            minimum: policy.minimum_processed,
            new_below: if resets_to_new { policy.minimum_processed } else { 0 },
            resets_to_new,
            window_days: policy.window_days as usize,
            check_every_days: (policy.check_every_days as usize).max(1),
            demotion_filter: DemotionFilter::new(policy),
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

    /// The same result as [`health::check`](poolkeeper_core::health::check), in `u64`.
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
                (true, ..) if self.resets_to_new => Vote::For(Band::New),
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
        summaries: (&DomainSummary, &[BlockSummary]),
        domain: u32,
        moves: &mut Vec<BandMove>,
    ) {
        let (summary, blocks) = summaries;
        let mut latch = Latch::new(Band::New);
        let mut replay = Replay {
            columns,
            summary,
            blocks,
            day: 0,
            window: WindowSums::default(),
        };
        while let Some(reset_run) = self.advance_to_exit(&mut replay, latch.band) {
            // A check that does not vote for another band resets the count of votes in a row.
            if reset_run {
                latch = Latch::new(latch.band);
            }
            let from = latch.band;
            let check = self.check(&replay.window);
            if latch.next_band(self.policy, check.vote).is_some() {
                moves.push(BandMove {
                    domain,
                    day: u32::try_from(replay.day - 1).unwrap_or(u32::MAX),
                    second: CHECK_SECOND,
                    from: Some(from),
                    to: Some(latch.band),
                    cause: Cause::Check(Deciding::of(&check)),
                });
            }
        }
    }

    /// Advances to the next check that votes for another band; `None` if there is none. The result says whether a
    /// skipped check reset the votes in a row.
    fn advance_to_exit(&self, replay: &mut Replay<'_>, band: Band) -> Option<bool> {
        match band {
            Band::Good => self.advance_to_demotion(replay),
            Band::Poor => self.slide::<InPoor>(replay, usize::MAX),
            Band::New => self.advance_from_new(replay),
        }
        .ok()
    }

    /// The first day whose window reaches the minimum.
    fn first_day_with_minimum(&self, replay: &Replay<'_>) -> Option<usize> {
        let processed = replay.columns.processed;
        let (mut sum, mut day) = (replay.window.processed, replay.day);
        // Windows that begin before the first day lose no day.
        while day < self.window_days {
            sum += u64::from(*processed.get(day)?);
            if sum >= self.minimum {
                return Some(day);
            }
            day += 1;
        }
        let entering = processed.get(day..)?.iter();
        let ahead = entering
            .zip(processed.get(day - self.window_days..)?)
            .position(|(entering, leaving)| {
                sum = sum + u64::from(*entering) - u64::from(*leaving);
                sum >= self.minimum
            });
        ahead.map(|ahead| day + ahead)
    }

    /// Advances to the next check that votes a new domain into another band. First it tests the summary's first
    /// windows, then only the minimum until a window reaches it.
    fn advance_from_new(&self, replay: &mut Replay<'_>) -> Result<bool, bool> {
        if replay.day == 0 && self.leaves_in_first_windows(replay) {
            // There are no votes in a row yet that a skipped check could have reset.
            return Ok(false);
        }
        let from = replay.day;
        let judged_from = self.first_day_with_minimum(replay).ok_or(false)?;
        self.move_window_to(replay, judged_from);
        // The skipped checks held, which resets the votes in a row.
        let has_reset_run = self.has_check_between(from, judged_from);
        match self.slide::<InNew>(replay, usize::MAX) {
            Ok(reset_run) => Ok(has_reset_run | reset_run),
            Err(reset_run) => Err(has_reset_run | reset_run),
        }
    }

    /// Advances to the first check over the summary's first windows that votes for another band than new, or past all
    /// of them.
    fn leaves_in_first_windows(&self, replay: &mut Replay<'_>) -> bool {
        // Before its first mail a domain does not move, unless the minimum is 0.
        let summary = replay.summary;
        if summary.first_day > 0 && self.minimum == 0 {
            return false;
        }
        replay.day = summary.first_day as usize;
        let first = summary.first.iter().take(summary.first_window_count as usize);
        for [processed, delivered, bounced, complained] in first {
            replay.day += 1;
            replay.window = WindowSums {
                processed: u64::from(*processed),
                delivered: u64::from(*delivered),
                bounced: u64::from(*bounced),
                complained: u64::from(*complained),
            };
            if InNew::leaves(self, &replay.window) && replay.day.is_multiple_of(self.check_every_days) {
                return true;
            }
        }
        false
    }

    /// Advances to the next check that demotes a good domain. It reads only blocks that may have a poor window.
    fn advance_to_demotion(&self, replay: &mut Replay<'_>) -> Result<bool, bool> {
        let mut has_reset_run = false;
        if !self.demotion_filter.may_demote_in(&replay.summary.whole) {
            return Err(has_reset_run);
        }
        loop {
            let here = replay.day / BLOCK_DAYS;
            let mut ahead = replay.blocks.get(here..).unwrap_or(&[]).iter();
            let next = ahead
                .position(|block| self.demotion_filter.may_demote_in(block))
                .ok_or(has_reset_run)?;
            let first = (here + next) * BLOCK_DAYS;
            if first > replay.day {
                has_reset_run |= self.has_check_between(replay.day, first);
                self.move_window_to(replay, first);
            }
            match self.slide::<InGood>(replay, first + BLOCK_DAYS) {
                Ok(reset_run) => return Ok(has_reset_run | reset_run),
                Err(reset_run) => has_reset_run |= reset_run,
            }
            if replay.day >= replay.columns.processed.len() {
                return Err(has_reset_run);
            }
        }
    }

    /// Whether one of the days `from..to` ends with a check.
    #[inline(always)]
    const fn has_check_between(&self, from: usize, to: usize) -> bool {
        // A check every day is the usual case, and it avoids two divisions.
        if self.check_every_days == 1 {
            to > from
        } else {
            to / self.check_every_days > from / self.check_every_days
        }
    }

    /// Moves the window to a later day.
    fn move_window_to(&self, replay: &mut Replay<'_>, day: usize) {
        let oldest = day.saturating_sub(self.window_days);
        if oldest < replay.day {
            let gone = replay.day.saturating_sub(self.window_days)..oldest;
            rows(replay.columns, replay.day..day).for_each(|row| replay.window.add(row));
            rows(replay.columns, gone).for_each(|row| replay.window.drop(row));
        } else {
            replay.window = WindowSums::default();
            rows(replay.columns, oldest..day).for_each(|row| replay.window.add(row));
        }
        replay.day = day;
    }

    /// Slides the window over the days before `end` to the next check that votes for another band; an error if there is
    /// none. The value says whether a check reset the votes in a row.
    fn slide<R: BandExit>(&self, replay: &mut Replay<'_>, end: usize) -> Result<bool, bool> {
        let end = end.min(replay.columns.processed.len());
        if self.check_every_days == 1 {
            self.slide_by::<R, true>(replay, end)
        } else {
            self.slide_by::<R, false>(replay, end)
        }
    }

    #[inline(never)]
    fn slide_by<R: BandExit, const DAILY: bool>(&self, replay: &mut Replay<'_>, end: usize) -> Result<bool, bool> {
        let mut until_check = if DAILY {
            1
        } else {
            self.check_every_days - replay.day % self.check_every_days
        };
        let mut has_reset_run = false;
        let mut window = replay.window;
        let mut leaves = |window: &WindowSums, has_reset_run: &mut bool| {
            if !DAILY {
                until_check -= 1;
                if until_check > 0 {
                    return false;
                }
                until_check = self.check_every_days;
            }
            let leaves = R::leaves(self, window);
            *has_reset_run |= !leaves;
            leaves
        };
        // Windows that begin before the first day lose no day.
        let filled = replay.day.max(end.min(self.window_days));
        for (ahead, entering) in rows(replay.columns, replay.day..filled).enumerate() {
            window.add(entering);
            if leaves(&window, &mut has_reset_run) {
                replay.window = window;
                replay.day += ahead + 1;
                return Ok(has_reset_run);
            }
        }
        replay.day = filled;
        let entering = rows(replay.columns, filled..end);
        let leaving = rows(
            replay.columns,
            filled.saturating_sub(self.window_days)..end.saturating_sub(self.window_days),
        );
        for (ahead, (entering, leaving)) in entering.zip(leaving).enumerate() {
            window.slide(entering, leaving);
            if leaves(&window, &mut has_reset_run) {
                replay.window = window;
                replay.day += ahead + 1;
                return Ok(has_reset_run);
            }
        }
        replay.window = window;
        replay.day = end.max(filled);
        Err(has_reset_run)
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
