//! The fast path: domains enrolled throughout that nobody pinned.
//!
//! Same rule, fewer steps:
//!
//! - One pass over a domain's columns leaves running totals, so that any window is one subtraction. Sums are `u64`,
//!   where every product is exact: a window holds at most 90 days of two counts below 2³², and 90 × 2³³ × 10⁶ < 2⁶³.
//! - While a domain rests in a band, only what would make it leave is asked, and first of a few checks at once: their
//!   windows share a core of days and lie within a union of days, so if the union's events over the core's messages are
//!   not poor, none of them is.
//! - At a day that may move the domain, [`health::check`](crate::health::check) itself gives the vote and the reason,
//!   and the simulator's own latch takes it.

use super::backtest::CHECK_SECOND;
use super::{Cause, Deciding, Move};
use crate::health::{BelowMinimum, Check, Latch, Metric, PPM, Policy, check};
use crate::model::{Band, Counts};
use crate::traffic::DomainColumns;

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

/// Sums over some days.
#[derive(Clone, Copy, Default)]
struct Sums {
    processed: u64,
    delivered: u64,
    bounced: u64,
    complained: u64,
}

impl Sums {
    #[inline(always)]
    const fn since(&self, earlier: &Self) -> Self {
        Self {
            processed: self.processed.wrapping_sub(earlier.processed),
            delivered: self.delivered.wrapping_sub(earlier.delivered),
            bounced: self.bounced.wrapping_sub(earlier.bounced),
            complained: self.complained.wrapping_sub(earlier.complained),
        }
    }

    #[inline(always)]
    const fn sent(&self) -> u64 {
        self.delivered + self.bounced
    }

    const fn counts(&self) -> Counts {
        Counts {
            processed: self.processed,
            delivered: self.delivered,
            bounced: self.bounced,
            complained: self.complained,
        }
    }
}

/// What makes a domain leave the band it rests in.
trait Resting {
    /// Whether a check over this window votes for another band.
    fn leaves(plan: &Plan<'_>, window: &Sums) -> bool;

    /// Whether no check can, of several whose windows all hold `core` and lie within `union`. May say no too often.
    fn stays(plan: &Plan<'_>, union: &Sums, core: &Sums) -> bool;
}

struct InGood;
struct InPoor;
struct InNew;

impl Resting for InGood {
    #[inline(always)]
    fn leaves(plan: &Plan<'_>, window: &Sums) -> bool {
        (plan.is_poor(window) & (window.processed >= plan.minimum)) | (window.processed < plan.new_below)
    }

    #[inline(always)]
    fn stays(plan: &Plan<'_>, union: &Sums, core: &Sums) -> bool {
        (plan.none_poor(union, core) | (union.processed < plan.minimum)) & (core.processed >= plan.new_below)
    }
}

impl Resting for InPoor {
    #[inline(always)]
    fn leaves(plan: &Plan<'_>, window: &Sums) -> bool {
        (plan.is_good(window) & (window.processed >= plan.minimum)) | (window.processed < plan.new_below)
    }

    #[inline(always)]
    fn stays(plan: &Plan<'_>, union: &Sums, core: &Sums) -> bool {
        (plan.none_good(union, core) | (union.processed < plan.minimum)) & (core.processed >= plan.new_below)
    }
}

impl Resting for InNew {
    #[inline(always)]
    fn leaves(plan: &Plan<'_>, window: &Sums) -> bool {
        (window.processed >= plan.minimum) && (plan.is_poor(window) | plan.is_good(window))
    }

    #[inline(always)]
    fn stays(plan: &Plan<'_>, union: &Sums, core: &Sums) -> bool {
        (union.processed < plan.minimum) || (plan.none_poor(union, core) & plan.none_good(union, core))
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
    window: usize,
    every: usize,
    /// Days from the first to the last of the checks that are first asked together; 0 for one at a time.
    span: usize,
    /// As many zeros as the window has days, then the running totals after each day.
    totals: Vec<Sums>,
}

impl<'a> Plan<'a> {
    pub fn new(policy: &'a Policy) -> Self {
        let goes_back = policy.below_minimum == BelowMinimum::New;
        let (window, every) = (policy.window_days as usize, (policy.check_every_days as usize).max(1));
        Self {
            policy,
            bounce: Thresholds::new(policy, Metric::BounceRate),
            complaint: Thresholds::new(policy, Metric::ComplaintRate),
            minimum: policy.minimum_processed,
            new_below: if goes_back { policy.minimum_processed } else { 0 },
            window,
            every,
            // A third of the window: the union is then at most twice the core.
            span: window / 3 / every * every,
            totals: vec![Sums::default(); window],
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

    /// Most events over fewest messages.
    #[inline(always)]
    const fn none_poor(&self, union: &Sums, core: &Sums) -> bool {
        !(self.bounce.is_poor(union.bounced, core.sent()) | self.complaint.is_poor(union.complained, core.delivered))
    }

    /// Fewest events over most messages.
    #[inline(always)]
    const fn none_good(&self, union: &Sums, core: &Sums) -> bool {
        !(self.bounce.is_good(core.bounced, union.sent()) & self.complaint.is_good(core.complained, union.delivered))
    }

    /// Pushes the moves of a domain that starts as new on the first day.
    pub fn push_moves(&mut self, columns: &DomainColumns<'_>, domain: u32, moves: &mut Vec<Move>) {
        self.total_up(columns);
        let mut latch = Latch::new(Band::New);
        let mut day = self.every - 1;
        while let Some((at, check)) = self.next_vote(&latch, day) {
            let from = latch.band;
            if latch.step(self.policy, check.vote).is_some() {
                moves.push(Move {
                    domain,
                    day: u32::try_from(at).unwrap_or(u32::MAX),
                    second: CHECK_SECOND,
                    from: Some(from),
                    to: Some(latch.band),
                    cause: Cause::Check(Deciding::of(&check)),
                });
            }
            day = at + self.every;
        }
    }

    fn total_up(&mut self, columns: &DomainColumns<'_>) {
        self.totals.truncate(self.window);
        let rates = columns.delivered.iter().zip(columns.bounced).zip(columns.complained);
        let mut sums = Sums::default();
        self.totals.extend(columns.processed.iter().zip(rates).map(
            |(processed, ((delivered, bounced), complained))| {
                sums.processed += u64::from(*processed);
                sums.delivered += u64::from(*delivered);
                sums.bounced += u64::from(*bounced);
                sums.complained += u64::from(*complained);
                sums
            },
        ));
    }

    /// The next check, from that of `day` on, that the latch has to hear of.
    fn next_vote(&self, latch: &Latch, day: usize) -> Option<(usize, Check)> {
        let (at, window) = if latch.run().is_some() {
            // Votes are being counted: a Hold counts too.
            (day, self.window_on(day)?)
        } else {
            match latch.band {
                Band::Good => self.next_leaving::<InGood>(day),
                Band::Poor => self.next_leaving::<InPoor>(day),
                Band::New => self.next_leaving::<InNew>(day),
            }?
        };
        Some((at, check(self.policy, &window.counts())))
    }

    /// The window that ends on a day.
    #[inline(always)]
    fn window_on(&self, day: usize) -> Option<Sums> {
        Some(self.totals.get(self.window + day)?.since(self.totals.get(day)?))
    }

    /// The loop everything else is arranged around.
    #[inline(never)]
    fn next_leaving<R: Resting>(&self, mut day: usize) -> Option<(usize, Sums)> {
        loop {
            let last = day + self.span;
            if self.span > 0
                && let (Some(to_last), Some(before_first)) = (self.totals.get(self.window + last), self.totals.get(day))
                && let (Some(to_first), Some(before_last)) = (self.totals.get(self.window + day), self.totals.get(last))
                && R::stays(self, &to_last.since(before_first), &to_first.since(before_last))
            {
                day = last + self.every;
                continue;
            }
            while day <= last {
                let window = self.window_on(day)?;
                if R::leaves(self, &window) {
                    return Some((day, window));
                }
                day += self.every;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{MetricPolicy, Vote, metric_vote};

    /// The scaled comparisons say what the rule says, right up to both thresholds and at the largest sums a window holds.
    #[test]
    fn thresholds_agree_with_the_rule() {
        let most = 90 * u64::from(u32::MAX);
        let bases = [0, 1, 2, 3, 999, 1_000, 1_001, 33_333, most, 2 * most];
        let ppm = [0, 1, 999, 1_000, 3_000, 333_333, 999_999, PPM];
        let pairs = ppm.iter().flat_map(|good| ppm.iter().map(move |poor| (*good, *poor)));
        for (good_at_most_ppm, poor_at_least_ppm) in pairs.filter(|(good, poor)| good <= poor) {
            for (base, poor_min_events) in bases.iter().flat_map(|base| [0, 1, 3].map(|min| (*base, min))) {
                let metric = MetricPolicy {
                    good_at_most_ppm,
                    poor_at_least_ppm,
                    poor_min_events,
                };
                let policy = Policy {
                    bounce: Some(metric),
                    ..Policy::default()
                };
                let thresholds = Thresholds::new(&policy, Metric::BounceRate);
                let edge = |ppm: u32| u64::try_from(u128::from(base) * u128::from(ppm) / u128::from(PPM)).unwrap();
                let near = [edge(good_at_most_ppm), edge(poor_at_least_ppm), 0, 3, base.min(most)];
                for events in near.into_iter().flat_map(|near| near.saturating_sub(1)..=near + 1) {
                    let said = (thresholds.is_good(events, base), thresholds.is_poor(events, base));
                    let vote = metric_vote(&metric, events, base);
                    let expected = (vote == Vote::For(Band::Good), vote == Vote::For(Band::Poor));
                    assert_eq!(said, expected, "{metric:?}: {events} of {base}");
                }
            }
        }
    }
}
