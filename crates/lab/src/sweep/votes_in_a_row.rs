//! The cells that a check moves, for policies with one vote or several in a row.
//!
//! "Poor for the last three checks" is Poor below some `u` in every `v`: the smallest of the three. So policies that
//! need several votes give staircases too.

use super::plan::{CheckVote, SweepPlan, SweptDomain};
use super::staircase_sweep::VotePart;
use super::windows::WindowRates;
use poolkeeper_core::health::BelowMinimum;

/// Computes the effective votes of one domain's checks.
pub(super) struct VotesInARow<'a> {
    plan: &'a SweepPlan,
    windows: &'a WindowRates,
    u_len: u16,
    v_len: u16,
    parts: Vec<VotePart>,
    spare: Vec<VotePart>,
    /// The domain's check votes computed so far, if several in a row are needed.
    check_votes: Vec<Option<CheckVote>>,
    /// The first check that counts: the domain was enrolled or unpinned right before it.
    since: usize,
}

/// The `v`s from which on poor cells, and good cells, are reset to new.
pub(super) type ResetToNewFrom = (u16, u16);

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
            check_votes: Vec::new(),
            since: 0,
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
        self.since = 0;
        if self.in_a_row() > 1 {
            self.check_votes.clear();
            self.check_votes.resize(checks, None);
        }
    }

    /// Forgets the votes of the checks before this one.
    pub const fn forget_before(&mut self, check: usize) {
        self.since = check;
    }

    /// The votes for the band that the domain is enrolled in: one is enough.
    pub fn at_enrolment(&mut self, check_vote: &CheckVote) -> &[VotePart] {
        fill(&mut self.parts, check_vote, self.u_len, self.v_len);
        &self.parts
    }

    fn check_vote(&mut self, domain: &SweptDomain<'_>, check: usize) -> CheckVote {
        let (plan, day) = (self.plan, self.windows.day_of(check));
        let make = || plan.check_vote(domain, check, day);
        self.check_votes
            .get_mut(check)
            .map_or_else(make, |check_vote| *check_vote.get_or_insert_with(make))
    }

    /// The votes of a check that enough earlier checks agree with.
    #[inline]
    pub fn at(&mut self, domain: &SweptDomain<'_>, check: usize) -> (&[VotePart], ResetToNewFrom) {
        let today = self.check_vote(domain, check);
        fill(&mut self.parts, &today, self.u_len, self.v_len);
        let mut reset_from = (self.v_len, self.v_len);
        if self.plan.below_minimum == BelowMinimum::New {
            reset_from = (narrow(today.judged), narrow(today.judged));
        }
        for before in 1..self.in_a_row() {
            self.apply_earlier(domain, check, before, &mut reset_from);
        }
        (&self.parts, reset_from)
    }

    /// Removes the votes that the check `before` checks earlier does not agree with. A missing check agrees with none.
    fn apply_earlier(
        &mut self,
        domain: &SweptDomain<'_>,
        check: usize,
        before: usize,
        reset_from: &mut ResetToNewFrom,
    ) {
        let needs_good = before < self.plan.promotion_after;
        let needs_poor = before < self.plan.demotion_after;
        let idle = |part: &VotePart| part.poor == 0 && part.good == self.u_len;
        if self.parts.iter().all(idle) && reset_from.0 == self.v_len && reset_from.1 == self.v_len {
            return;
        }
        let mut earlier = std::mem::take(&mut self.spare);
        let mut judged = self.v_len;
        if let Some(at) = check.checked_sub(before).filter(|at| *at >= self.since) {
            let check_vote = self.check_vote(domain, at);
            fill(&mut earlier, &check_vote, self.u_len, self.v_len);
            judged = narrow(check_vote.judged);
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
            reset_from.0 = reset_from.0.max(judged);
        }
        if needs_poor {
            reset_from.1 = reset_from.1.max(judged);
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

/// Writes a check's votes as parts that cover all `v`s.
#[inline]
fn fill(parts: &mut Vec<VotePart>, check_vote: &CheckVote, u_len: u16, v_len: u16) {
    parts.clear();
    let mut from = 0;
    let rows = [
        (narrow(check_vote.all_poor), u_len, u_len),
        (narrow(check_vote.no_good), narrow(check_vote.poor), u_len),
        (
            narrow(check_vote.judged),
            narrow(check_vote.poor_beside_good),
            narrow(check_vote.good),
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
