//! What a check moves, where one vote is enough and where it takes several in a row.
//!
//! "Poor for the last three checks" is again Poor below some `u` in every `v`: below the smallest of the three. So
//! policies that count votes are staircases too, voted on by the least of their last checks.

use super::plan::{CheckVote, SweepPlan, SweptDomain};
use super::staircase_sweep::VotePart;
use super::windows::WindowRates;
use poolkeeper_core::health::BelowMinimum;

/// Makes the votes of one domain's checks.
pub(super) struct VotesInARow<'a> {
    plan: &'a SweepPlan,
    windows: &'a WindowRates,
    u_len: u16,
    v_len: u16,
    parts: Vec<VotePart>,
    spare: Vec<VotePart>,
    /// The domain's ballots made so far, when several count.
    ballots: Vec<Option<CheckVote>>,
}

/// From which `v` on poor cells, and good cells, go back to new.
pub(super) type BackToNewFrom = (u16, u16);

#[expect(clippy::cast_possible_truncation, reason = "an axis has at most 10 000 values")]
pub(super) const fn narrow(at: usize) -> u16 {
    at as u16
}

impl<'a> VotesInARow<'a> {
    pub fn new(plan: &'a SweepPlan, windows: &'a WindowRates) -> Self {
        Self {
            plan,
            windows,
            u_len: narrow(plan.u_len),
            v_len: narrow(plan.v_len),
            parts: Vec::new(),
            spare: Vec::new(),
            ballots: Vec::new(),
        }
    }

    const fn in_a_row(&self) -> usize {
        if self.plan.promotion_after > self.plan.demotion_after {
            self.plan.promotion_after
        } else {
            self.plan.demotion_after
        }
    }

    /// Starts the next domain.
    pub fn start(&mut self, checks: usize) {
        if self.in_a_row() > 1 {
            self.ballots.clear();
            self.ballots.resize(checks, None);
        }
    }

    fn ballot(&mut self, domain: &SweptDomain<'_>, check: usize) -> CheckVote {
        let (plan, day) = (self.plan, self.windows.day_of(check));
        let make = || plan.ballot(domain, check, day);
        self.ballots
            .get_mut(check)
            .map_or_else(make, |ballot| *ballot.get_or_insert_with(make))
    }

    /// The votes of a check that are backed by as many before it as the policy asks for.
    #[inline]
    pub fn at(&mut self, domain: &SweptDomain<'_>, check: usize) -> (&[VotePart], BackToNewFrom) {
        let today = self.ballot(domain, check);
        fill(&mut self.parts, &today, self.u_len, self.v_len);
        let mut back = (self.v_len, self.v_len);
        if self.plan.below_minimum == BelowMinimum::New {
            back = (narrow(today.voting), narrow(today.voting));
        }
        for before in 1..self.in_a_row() {
            self.back(domain, check, before, &mut back);
        }
        (&self.parts, back)
    }

    /// Lets the check that was `before` checks earlier have its say; where there was none, nobody backs the vote.
    fn back(&mut self, domain: &SweptDomain<'_>, check: usize, before: usize, back: &mut BackToNewFrom) {
        let needs_good = before < self.plan.promotion_after;
        let needs_poor = before < self.plan.demotion_after;
        let idle = |part: &VotePart| part.poor == 0 && part.good == self.u_len;
        if self.parts.iter().all(idle) && back.0 == self.v_len && back.1 == self.v_len {
            return;
        }
        let mut earlier = std::mem::take(&mut self.spare);
        let mut voting = self.v_len;
        if let Some(at) = check.checked_sub(before) {
            let ballot = self.ballot(domain, at);
            fill(&mut earlier, &ballot, self.u_len, self.v_len);
            voting = narrow(ballot.voting);
        } else {
            earlier.clear();
            earlier.push(VotePart {
                end: self.v_len,
                poor: 0,
                good: self.u_len,
            });
        }
        // From poor to new is a promotion, from good to new a demotion.
        if needs_good {
            back.0 = back.0.max(voting);
        }
        if needs_poor {
            back.1 = back.1.max(voting);
        }
        let mut both = Vec::with_capacity(self.parts.len() + earlier.len());
        let (mut ones, mut others) = (self.parts.iter().peekable(), earlier.iter().peekable());
        while let (Some(one), Some(other)) = (ones.peek(), others.peek()) {
            let end = one.end.min(other.end);
            let poor = if needs_poor { one.poor.min(other.poor) } else { one.poor };
            let good = if needs_good { one.good.max(other.good) } else { one.good };
            both.push(VotePart { end, poor, good });
            ones.next_if(|part| part.end == end);
            others.next_if(|part| part.end == end);
        }
        self.spare = std::mem::replace(&mut self.parts, both);
    }
}

/// Writes a ballot as parts that reach to the end.
#[inline]
fn fill(parts: &mut Vec<VotePart>, ballot: &CheckVote, u_len: u16, v_len: u16) {
    parts.clear();
    let mut from = 0;
    let rows = [
        (narrow(ballot.all_poor), u_len, u_len),
        (narrow(ballot.no_good), narrow(ballot.poor), u_len),
        (
            narrow(ballot.voting),
            narrow(ballot.poor_beside_good),
            narrow(ballot.good),
        ),
        (v_len, 0, u_len),
    ];
    for (end, poor, good) in rows {
        if end > from {
            parts.push(VotePart { end, poor, good });
            from = end;
        }
    }
}
