//! Runs one domain after another over staircases, for any axes and with the domain's enrolments and pins.

use super::difference_array::{CellWeights, DifferenceArray};
use super::plan::{SweepPlan, SweptDomain};
use super::quiet_rates::QuietRates;
use super::staircase_sweep::{StaircaseSweep, VotePart};
use super::timeline::{DayEvent, DomainCourse};
use super::votes_in_a_row::{VotesInARow, narrow};
use super::windows::WindowRates;
use crate::backtest::EventEffect;
use poolkeeper_core::model::Band;
use std::ops::Range;

/// What the changes of a day weigh: those of its check, and those of an event before the check.
pub(super) trait DayWeights<const N: usize> {
    fn of_check(&self, day: u32) -> CellWeights<N>;
    fn of_event(&self, day: u32) -> CellWeights<N>;
}

/// The staircases of the current domain, and what its checks need.
pub(super) struct StaircaseDomains<'a> {
    plan: &'a SweepPlan,
    windows: &'a WindowRates,
    staircases: StaircaseSweep,
    votes: VotesInARow<'a>,
    bounds: QuietRates,
    judged_v_count: usize,
}

impl<'a> StaircaseDomains<'a> {
    pub fn new(plan: &'a SweepPlan, windows: &'a WindowRates, has_flaps: bool) -> Self {
        Self {
            plan,
            windows,
            staircases: StaircaseSweep::new(narrow(plan.u_len), narrow(plan.v_len), has_flaps),
            votes: VotesInARow::new(plan, windows),
            bounds: QuietRates::new(plan),
            judged_v_count: 0,
        }
    }

    /// Starts the next domain, as new under every policy.
    fn start(&mut self, domain: &SweptDomain<'_>, checks: usize) {
        self.staircases.start();
        self.votes.start(checks);
        self.judged_v_count = self.plan.judged_v_count(domain);
        self.update_bounds();
    }

    fn update_bounds(&mut self) {
        let runs = self.staircases.runs();
        self.bounds.set(self.plan, runs, self.judged_v_count);
    }

    /// Runs a domain that is enrolled from the first day, as new, and never pinned.
    pub fn run<const N: usize>(
        &mut self,
        domain: &SweptDomain<'_>,
        checks: usize,
        differences: &mut DifferenceArray<N>,
        weights: &impl DayWeights<N>,
    ) {
        self.start(domain, checks);
        self.run_checks(domain, 0..checks, differences, weights);
    }

    /// Runs a domain that is enrolled, leaves or is pinned on the way.
    pub fn run_course<const N: usize>(
        &mut self,
        domain: &SweptDomain<'_>,
        course: &DomainCourse,
        differences: &mut DifferenceArray<N>,
        weights: &impl DayWeights<N>,
    ) {
        let end = self.plan.days.end;
        let checks = self.windows.checks_before(end);
        self.start(domain, checks);
        let (mut from, mut is_checked) = (0, course.is_enrolled_at_first);
        for event in course.events.iter().take_while(|event| event.day < end) {
            let until = self.windows.checks_before(event.day);
            if is_checked {
                self.run_checks(domain, from..until, differences, weights);
            }
            self.apply(event, domain, differences, &weights.of_event(event.day));
            self.update_bounds();
            is_checked = matches!(event.effect, EventEffect::Enrolled | EventEffect::Unpinned);
            self.votes.forget_before(until);
            from = until;
        }
        if is_checked {
            self.run_checks(domain, from..checks, differences, weights);
        }
    }

    fn run_checks<const N: usize>(
        &mut self,
        domain: &SweptDomain<'_>,
        checks: Range<usize>,
        differences: &mut DifferenceArray<N>,
        weights: &impl DayWeights<N>,
    ) {
        let mut from = checks.start;
        while let Some((check, _)) = self.bounds.next(domain, from, checks.end) {
            from = check + 1;
            let day = self.windows.day_of(check);
            let weights = weights.of_check(day);
            let (parts, reset_from) = self.votes.at(domain, check);
            let mut has_moved = self.staircases.vote(parts, day, differences, &weights);
            if reset_from != (self.staircases.v_len(), self.staircases.v_len()) {
                has_moved |= self.staircases.reset_to_new(reset_from, differences, &weights);
            }
            if has_moved {
                self.update_bounds();
            }
        }
    }

    /// Applies an event. `weights` count no move, because no check made it.
    fn apply<const N: usize>(
        &mut self,
        event: &DayEvent,
        domain: &SweptDomain<'_>,
        differences: &mut DifferenceArray<N>,
        weights: &CellWeights<N>,
    ) {
        // The bands were already so at the end of the day before. On day 0 that day's number does as well.
        let day = event.day.saturating_sub(1);
        match event.effect {
            EventEffect::Enrolled => {
                self.staircases.forget_moves();
                if event.is_judged {
                    let check_vote = self.plan.vote_at_enrolment(domain.exact, event.day);
                    let parts = self.votes.at_enrolment(&check_vote);
                    self.staircases.vote(parts, day, differences, weights);
                }
            }
            EventEffect::Pinned(band @ (Band::Poor | Band::Good)) => {
                let edge = if band == Band::Poor { self.plan.u_len } else { 0 };
                let all = VotePart {
                    end: self.staircases.v_len(),
                    poor: narrow(edge),
                    good: narrow(edge),
                };
                self.staircases.vote(&[all], day, differences, weights);
            }
            // A domain that is not enrolled is held as new, and the days of new cells are counted only while enrolled.
            EventEffect::Left | EventEffect::Pinned(Band::New) => {
                self.staircases.reset_to_new((0, 0), differences, weights);
            }
            EventEffect::Unpinned => {}
        }
    }
}
