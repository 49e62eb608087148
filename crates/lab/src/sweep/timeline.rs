//! The timeline as a sweep needs it: which domains are enrolled and unpinned throughout, and what happens to the others.

use crate::backtest::{EnrolmentState, EventEffect, Overrides};
use crate::timeline::Timeline;
use poolkeeper_core::model::{Band, Day};
use poolkeeper_core::traffic::Table;
use std::ops::Range;

/// A change of a domain's enrolment or pin, before the check of its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DayEvent {
    /// Days after the table's first.
    pub day: u32,
    pub effect: EventEffect,
    /// Whether an enrolment judges the window of the day before. Otherwise the domain starts as new.
    pub is_judged: bool,
}

/// What happens to one domain, the same under every policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DomainCourse {
    /// Whether it is enrolled from the first day, as new.
    pub is_enrolled_at_first: bool,
    /// By day.
    pub events: Vec<DayEvent>,
}

/// The days on which a domain is enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EnrolledDays {
    /// Counted days that end while it is enrolled.
    pub count: u32,
    /// Whether it is enrolled after the last counted day.
    pub is_at_end: bool,
}

/// A timeline, prepared for sweeps of one table.
///
/// Most domains are enrolled from the first day as new, and never pinned. Only the others are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepTimeline {
    /// By position in the table.
    courses: Vec<(usize, DomainCourse)>,
}

impl SweepTimeline {
    /// Prepares a timeline of a table's domains. Without one every domain is enrolled throughout.
    #[must_use]
    pub fn new(timeline: Option<&Timeline>, table: &Table, overrides: Overrides) -> Self {
        let Some(timeline) = timeline else {
            return Self::default();
        };
        let course = |at: usize| {
            let domain = u32::try_from(at).ok()?;
            let course = DomainCourse::new(timeline, domain, table.first_day(), overrides);
            (!course.is_throughout()).then_some((at, course))
        };
        Self {
            courses: (0..table.domains().len()).filter_map(course).collect(),
        }
    }

    /// The listed domains among those at some positions, in their order.
    pub(super) fn courses(&self, domains: &Range<usize>) -> &[(usize, DomainCourse)] {
        let at = |domain| self.courses.partition_point(|(at, _)| *at < domain);
        self.courses.get(at(domains.start)..at(domains.end)).unwrap_or(&[])
    }
}

impl DomainCourse {
    fn new(timeline: &Timeline, domain: u32, first_day: Day, overrides: Overrides) -> Self {
        let mut state = EnrolmentState::new(timeline.is_enrolled_from_start(domain));
        let mut events = timeline.events(domain).iter().peekable();
        // Before the first day, events only set the band that the domain starts in.
        let mut starts_in = Band::New;
        while let Some(event) = events.next_if(|event| event.at.day() < first_day) {
            match state.apply(event.kind, overrides) {
                Some(EventEffect::Enrolled | EventEffect::Left) => starts_in = Band::New,
                Some(EventEffect::Pinned(band)) => starts_in = band,
                Some(EventEffect::Unpinned) | None => {}
            }
        }
        let mut course = Self {
            is_enrolled_at_first: state.is_enrolled,
            events: Vec::new(),
        };
        if state.is_pinned || starts_in != Band::New {
            course.push(0, EventEffect::Pinned(starts_in), false);
            if !state.is_pinned {
                course.push(0, EventEffect::Unpinned, false);
            }
        }
        for event in events {
            if let Some(effect) = state.apply(event.kind, overrides) {
                let day = u32::try_from(event.at.day().since(first_day)).unwrap_or(u32::MAX);
                course.push(day, effect, event.at > first_day.start());
            }
        }
        course
    }

    fn push(&mut self, day: u32, effect: EventEffect, is_judged: bool) {
        self.events.push(DayEvent { day, effect, is_judged });
    }

    /// Whether it is enrolled from the first day on, and never pinned.
    const fn is_throughout(&self) -> bool {
        self.is_enrolled_at_first && self.events.is_empty()
    }

    pub fn has_pin(&self) -> bool {
        let is_pin = |event: &DayEvent| matches!(event.effect, EventEffect::Pinned(_));
        self.events.iter().any(is_pin)
    }

    /// The days of a range on which it is enrolled.
    fn enrolled_days(&self, days: &Range<u32>) -> EnrolledDays {
        let mut enrolled = EnrolledDays {
            count: 0,
            is_at_end: self.is_enrolled_at_first,
        };
        let mut from = days.start;
        for event in self.events.iter().take_while(|event| event.day < days.end) {
            let day = event.day.max(days.start);
            if enrolled.is_at_end {
                enrolled.count += day - from;
            }
            from = day;
            match event.effect {
                EventEffect::Enrolled => enrolled.is_at_end = true,
                EventEffect::Left => enrolled.is_at_end = false,
                EventEffect::Pinned(_) | EventEffect::Unpinned => {}
            }
        }
        if enrolled.is_at_end {
            enrolled.count += days.end - from;
        }
        enrolled
    }
}

impl EnrolledDays {
    /// Those of a domain's course; without one it is enrolled throughout.
    pub fn of(course: Option<&DomainCourse>, days: &Range<u32>) -> Self {
        course.map_or(
            Self {
                count: days.end - days.start,
                is_at_end: true,
            },
            |course| course.enrolled_days(days),
        )
    }
}
