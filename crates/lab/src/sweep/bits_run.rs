//! Runs one domain with one bit per policy, with its enrolments and pins.

use super::WindowRates;
use super::bits::{BitSweep, PutInto};
use super::domain_days::DomainDays;
use super::plan::SweptDomain;
use super::timeline::{DomainCourse, EnrolledDays};
use crate::backtest::EventEffect;
use std::ops::Range;

/// Runs one domain, with one bit per policy.
pub(super) fn run_bits(
    bits: &mut BitSweep,
    windows: &WindowRates,
    domain: &SweptDomain<'_>,
    course: Option<&DomainCourse>,
    days: &DomainDays<'_>,
) {
    bits.start();
    let run = |bits: &mut BitSweep, checks: Range<usize>| {
        for check in checks {
            let day = windows.day_of(check);
            let check_vote = bits.plan().check_vote(domain, check, day);
            bits.step(&check_vote, day, days.messages_from(day + 1));
        }
    };
    let (mut from, mut is_checked) = (0, course.is_none_or(|course| course.is_enrolled_at_first));
    let events = course.iter().flat_map(|course| &course.events);
    for event in events.take_while(|event| event.day < days.counted.end) {
        let until = windows.checks_before(event.day);
        if is_checked {
            run(bits, from..until);
        }
        let vote;
        let target = match event.effect {
            EventEffect::Enrolled if event.is_judged => {
                vote = bits.plan().vote_at_enrolment(domain.exact, event.day);
                Some(PutInto::VotedBand(&vote))
            }
            EventEffect::Enrolled | EventEffect::Left => Some(PutInto::Nowhere),
            EventEffect::Pinned(band) => Some(PutInto::Band(band)),
            EventEffect::Unpinned => None,
        };
        if let Some(target) = target {
            bits.put(target, event.day, days.messages_from(event.day));
        }
        is_checked = matches!(event.effect, EventEffect::Enrolled | EventEffect::Unpinned);
        from = until;
    }
    if is_checked {
        run(bits, from..windows.checks_before(days.counted.end));
    }
    bits.finish(EnrolledDays::of(course, days.counted), days.current);
}
