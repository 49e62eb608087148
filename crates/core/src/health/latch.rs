//! Decides a domain's next band from a check's vote.

use super::{Policy, Vote};
use crate::model::Band;
use serde::{Deserialize, Serialize};

/// A domain's band and the run of equal votes that may change it.
///
/// A vote for a band moves the domain there, and Hold keeps it. A policy may ask for several checks in a row that vote
/// for the same band. A Hold, or a vote for the current band, ends such a run.
///
/// # Examples
/// ```
/// use poolkeeper_core::health::{Latch, Policy, Vote};
/// use poolkeeper_core::model::Band;
/// let policy = Policy { promotion_after_checks: 2, ..Policy::default() };
/// let mut latch = Latch::new(Band::Poor);
/// assert_eq!(latch.next_band(&policy, Vote::For(Band::Good)), None);
/// assert_eq!(latch.run(), Some((Band::Good, 1)));
/// assert_eq!(latch.next_band(&policy, Vote::For(Band::Good)), Some(Band::Good));
/// assert_eq!(latch.band, Band::Good);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Latch {
    /// The band the domain is in.
    pub band: Band,
    /// The band the latest checks voted for in a row, if it is another one.
    run_for: Option<Band>,
    /// How many checks in a row voted for it.
    run_checks: u32,
}

impl Latch {
    /// A domain in a band, with no run.
    #[must_use]
    pub const fn new(band: Band) -> Self {
        Self {
            band,
            run_for: None,
            run_checks: 0,
        }
    }

    /// Applies one check's vote. Returns the next band if the vote moves the domain, `None` if it stays.
    pub fn next_band(&mut self, policy: &Policy, vote: Vote) -> Option<Band> {
        let voted = match vote {
            Vote::For(band) if band != self.band => band,
            Vote::Hold | Vote::For(_) => {
                self.run_for = None;
                self.run_checks = 0;
                return None;
            }
        };
        self.run_checks = if self.run_for == Some(voted) {
            self.run_checks.saturating_add(1)
        } else {
            1
        };
        self.run_for = Some(voted);
        let needed_checks = if voted > self.band {
            policy.promotion_after_checks
        } else {
            policy.demotion_after_checks
        };
        if self.run_checks < needed_checks {
            return None;
        }
        *self = Self::new(voted);
        Some(voted)
    }

    /// The band that the latest checks voted for in a row, and how many did; `None` without a run.
    #[must_use]
    pub fn run(&self) -> Option<(Band, u32)> {
        self.run_for.map(|band| (band, self.run_checks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Vote = Vote::For(Band::Good);
    const POOR: Vote = Vote::For(Band::Poor);

    fn bands(policy: &Policy, votes: &[Vote]) -> Vec<Band> {
        let mut latch = Latch::new(Band::New);
        votes
            .iter()
            .map(|vote| {
                latch.next_band(policy, *vote);
                latch.band
            })
            .collect()
    }

    #[test]
    fn single_votes_move_at_once_and_hold_keeps() {
        use Band::{Good, New, Poor};
        assert_eq!(
            bands(&Policy::default(), &[Vote::Hold, GOOD, Vote::Hold, POOR, GOOD]),
            [New, Good, Good, Poor, Good]
        );
    }

    #[test]
    fn runs_end_on_hold_on_another_band_and_on_the_band_it_is_in() {
        use Band::{Good, New, Poor};
        let calm = Policy {
            promotion_after_checks: 2,
            demotion_after_checks: 2,
            ..Policy::default()
        };
        assert_eq!(bands(&calm, &[GOOD, Vote::Hold, GOOD, GOOD]), [New, New, New, Good]);
        assert_eq!(bands(&calm, &[GOOD, POOR, GOOD, GOOD]), [New, New, New, Good]);
        assert_eq!(
            bands(&calm, &[GOOD, GOOD, POOR, GOOD, POOR, POOR]),
            [New, Good, Good, Good, Good, Poor]
        );
    }

    #[test]
    fn promotion_and_demotion_count_apart() {
        use Band::{Good, Poor};
        let slow_up = Policy {
            promotion_after_checks: 3,
            ..Policy::default()
        };
        assert_eq!(
            bands(&slow_up, &[POOR, GOOD, GOOD, GOOD, POOR]),
            [Poor, Poor, Poor, Good, Poor]
        );
    }
}
