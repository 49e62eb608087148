//! The exact path: replays one domain day by day, with its enrolments and overrides, by the simulator's own check and
//! latch.

use super::enrolment::{EnrolmentState, EventEffect};
use super::options::{Overrides, ReplayOptions};
use super::result::{BandMove, CHECK_SECOND, Cause, Deciding};
use crate::timeline::{TimelineEvent, TimelineEventKind};
use poolkeeper_core::health::{Latch, Policy, Vote, check};
use poolkeeper_core::model::{Band, Counts, Day};
use poolkeeper_core::traffic::DomainColumns;

/// The input of one domain's replay.
pub(super) struct ExactReplay<'a> {
    pub policy: &'a Policy,
    pub options: &'a ReplayOptions,
    pub columns: &'a DomainColumns<'a>,
    pub first_day: Day,
    pub domain: u32,
}

/// A domain's state: its enrolment, and its latch while it is enrolled.
struct ReplayState {
    enrolment: EnrolmentState,
    latch: Option<Latch>,
}

impl ReplayState {
    fn band(&self) -> Option<Band> {
        self.latch.map(|latch| latch.band)
    }

    /// Applies an event; returns its cause if it may change the band.
    fn apply(
        &mut self,
        kind: TimelineEventKind,
        first_band: impl FnOnce() -> Band,
        overrides: Overrides,
    ) -> Option<Cause> {
        match self.enrolment.apply(kind, overrides)? {
            EventEffect::Enrolled => {
                self.latch = Some(Latch::new(first_band()));
                Some(Cause::Enrolled)
            }
            EventEffect::Left => {
                self.latch = None;
                Some(Cause::Left)
            }
            EventEffect::Pinned(band) => {
                self.latch = Some(Latch::new(band));
                Some(Cause::Override)
            }
            EventEffect::Unpinned => None,
        }
    }
}

impl ExactReplay<'_> {
    /// Pushes the domain's changes of band; returns the band it starts in.
    pub fn push_moves(&self, events: &[TimelineEvent], is_enrolled: bool, moves: &mut Vec<BandMove>) -> Option<Band> {
        let mut state = ReplayState {
            enrolment: EnrolmentState::new(is_enrolled),
            latch: is_enrolled.then_some(Latch::new(Band::New)),
        };
        let mut events = events.iter().peekable();
        while let Some(event) = events.next_if(|event| event.at.day() < self.first_day) {
            state.apply(event.kind, || Band::New, self.options.overrides);
        }
        let starts_in = state.band();
        let mut window = Counts::ZERO;
        let window_days = self.policy.window_days as usize;
        for day in 0..self.columns.processed.len() {
            let today = self.first_day.plus(i32::try_from(day).unwrap_or(i32::MAX));
            while let Some(event) = events.next_if(|event| event.at.day() == today) {
                let before = state.band();
                let vote = || match check(self.policy, &window).vote {
                    Vote::For(band) if event.at > self.first_day.start() => band,
                    Vote::For(_) | Vote::Hold => Band::New,
                };
                let cause = state.apply(event.kind, vote, self.options.overrides);
                let second = u32::try_from(event.at.0 - today.start().0).unwrap_or(0);
                self.push((day, second), before, state.band(), cause, moves);
            }
            window += self.columns.get(day).unwrap_or_default();
            if let Some(leaving_day) = day.checked_sub(window_days) {
                window -= self.columns.get(leaving_day).unwrap_or_default();
            }
            if (day + 1) % self.policy.check_every_days as usize == 0
                && !state.enrolment.is_pinned
                && let Some(latch) = &mut state.latch
            {
                let check = check(self.policy, &window);
                let before = Some(latch.band);
                latch.next_band(self.policy, check.vote);
                let after = Some(latch.band);
                let at = (day, CHECK_SECOND);
                self.push(at, before, after, Some(Cause::Check(Deciding::of(&check))), moves);
            }
        }
        starts_in
    }

    fn push(
        &self,
        (day, second): (usize, u32),
        from: Option<Band>,
        to: Option<Band>,
        cause: Option<Cause>,
        moves: &mut Vec<BandMove>,
    ) {
        if let Some(cause) = cause
            && from != to
        {
            moves.push(BandMove {
                domain: self.domain,
                day: u32::try_from(day).unwrap_or(u32::MAX),
                second,
                from,
                to,
                cause,
            });
        }
    }
}
