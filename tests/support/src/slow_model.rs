//! The rules again, written slowly and on their own: every window is added up afresh, every run of votes is read back
//! from the list of votes. Shares nothing with the code under test but plain data. Builds on wasm32 too.

#![allow(dead_code, clippy::indexing_slicing, clippy::unwrap_used, clippy::missing_panics_doc)]

use poolkeeper_core::health::{BelowMinimum, MetricPolicy, Policy};
use poolkeeper_core::model::{Band, Counts, Day};
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::{Timeline, TimelineEvent, TimelineEventKind};

/// Why a band changed, in the words the tests compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Bounce,
    Complaint,
    Both,
    BelowMinimum,
    Override,
    Enrolled,
    Left,
}

impl Why {
    pub fn is_check(self) -> bool {
        matches!(self, Self::Bounce | Self::Complaint | Self::Both | Self::BelowMinimum)
    }
}

/// One change of band; `day` counts from the table's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub day: usize,
    pub from: Option<Band>,
    pub to: Option<Band>,
    pub why: Why,
}

/// One domain's replay.
#[derive(Clone, Debug, Default)]
pub struct SlowDomain {
    /// The band each day ends in.
    pub ends: Vec<Option<Band>>,
    /// The band each day's messages were sent from: the one before the check.
    pub sends: Vec<Option<Band>>,
    /// The raw vote of each check day; `None` on other days. `Some(None)` is a Hold.
    pub votes: Vec<Option<Option<Band>>>,
    pub changes: Vec<Change>,
}

impl SlowDomain {
    /// The band after the last day.
    pub fn final_band(&self) -> Option<Band> {
        self.ends.last().copied().flatten()
    }

    pub fn days_in(&self, band: Band) -> usize {
        self.ends.iter().filter(|end| **end == Some(band)).count()
    }

    pub fn moves(&self) -> usize {
        self.changes.iter().filter(|change| change.why.is_check()).count()
    }

    /// Moves by checks back into the band that the check's move right before left, at most 14 days after it. Those of
    /// the replay's start are none.
    pub fn flaps(&self, policy: &Policy) -> usize {
        let start = start_of(policy);
        self.changes
            .windows(2)
            .filter(|pair| pair[1].day >= start)
            .filter(|pair| pair.iter().all(|change| change.why.is_check()))
            .filter(|pair| pair[1].to == pair[0].from && pair[1].day <= pair[0].day + 14)
            .count()
    }
}

/// The days of a replay's start: until the check at which as many windows are complete as have to agree.
pub fn start_of(policy: &Policy) -> usize {
    let (mut days, mut complete) = (0_u32, 0);
    while complete < policy.promotion_after_checks.max(policy.demotion_after_checks) {
        days += 1;
        let is_check = days % policy.check_every_days == 0;
        complete += u32::from(is_check && days >= policy.window_days);
    }
    days as usize
}

/// Counts of the `days` days that end with `last`; days outside the table and gaps add nothing.
pub fn window(table: &Table, domain: usize, last: i64, days: i64) -> Counts {
    let mut sum = Counts::ZERO;
    for day in (last - days + 1)..=last {
        let at = Day(i32::try_from(i64::from(table.first_day().0) + day).unwrap());
        if let Some(counts) = table.get(domain, at) {
            sum.processed += counts.processed;
            sum.delivered += counts.delivered;
            sum.bounced += counts.bounced;
            sum.complained += counts.complained;
        }
    }
    sum
}

/// One metric's vote; `None` when it is off, `Some(None)` is a Hold.
pub fn metric(on: Option<MetricPolicy>, count: u64, base: u64) -> Option<Option<Band>> {
    let on = on?;
    let million = 1_000_000_u128;
    let (count, base) = (u128::from(count), u128::from(base));
    let good = count * million <= u128::from(on.good_at_most_ppm) * base;
    let poor = count * million >= u128::from(on.poor_at_least_ppm) * base;
    Some(if good {
        Some(Band::Good)
    } else if poor && count >= u128::from(on.poor_min_events) {
        Some(Band::Poor)
    } else {
        None
    })
}

/// A check's vote (`None` is Hold) and what decided it.
pub fn vote(policy: &Policy, counts: &Counts) -> (Option<Band>, Why) {
    if counts.processed < policy.minimum_processed {
        let vote = (policy.below_minimum == BelowMinimum::New).then_some(Band::New);
        return (vote, Why::BelowMinimum);
    }
    let bounce = metric(policy.bounce, counts.bounced, counts.delivered + counts.bounced);
    let complaint = metric(policy.complaint, counts.complained, counts.delivered);
    let say = |band| (bounce == Some(Some(band)), complaint == Some(Some(band)));
    let why = |who| match who {
        (true, true) => Why::Both,
        (true, false) => Why::Bounce,
        _ => Why::Complaint,
    };
    let poor = say(Band::Poor);
    if poor.0 || poor.1 {
        return (Some(Band::Poor), why(poor));
    }
    let good = say(Band::Good);
    let all_good = (bounce.is_none() || good.0) && (complaint.is_none() || good.1);
    if all_good {
        return (Some(Band::Good), why(good));
    }
    (None, Why::Both)
}

/// Where a domain goes after the latest of its votes: there must be as many of the same in a row as the policy asks for.
fn moved_to(policy: &Policy, votes: &[Option<Band>], current: Band) -> Option<Band> {
    let says = *votes.last()?;
    let run = votes.iter().rev().take_while(|earlier| **earlier == says).count();
    let to = says.filter(|to| *to != current)?;
    let is_better = matches!(
        (current, to),
        (Band::Poor, Band::New | Band::Good) | (Band::New, Band::Good)
    );
    let needed = if is_better {
        policy.promotion_after_checks
    } else {
        policy.demotion_after_checks
    };
    (run >= needed as usize).then_some(to)
}

/// One domain from the first day to the last. Without a timeline: enrolled at the start, as new.
pub fn replay(table: &Table, domain: usize, policy: &Policy, timeline: Option<&Timeline>, pins: bool) -> SlowDomain {
    let position = u32::try_from(domain).unwrap();
    let events: Vec<TimelineEvent> = timeline
        .map(|timeline| timeline.events(position).to_vec())
        .unwrap_or_default();
    let mut band = match (timeline, events.first()) {
        (None, _) => Some(Band::New),
        (Some(timeline), None) => timeline.others_enrolled.then_some(Band::New),
        (Some(_), Some(first)) => (first.kind != TimelineEventKind::Enrolled).then_some(Band::New),
    };
    let mut pinned = false;
    // The votes since the domain came into its band.
    let mut votes: Vec<Option<Band>> = Vec::new();
    let mut out = SlowDomain::default();
    let days = i64::from(table.day_count());
    // Days before the table's first only set the state.
    let earliest = events.iter().map(|event| event.at.0.div_euclid(86_400)).min();
    let first = i64::from(table.first_day().0);
    let from = earliest.map_or(0, |earliest| (earliest - first).min(0));
    for day in from..days {
        for event in events
            .iter()
            .filter(|event| event.at.0.div_euclid(86_400) - first == day)
        {
            let before = band;
            let mut why = None;
            match event.kind {
                TimelineEventKind::Enrolled if band.is_none() => {
                    let yesterday = window(table, domain, day - 1, i64::from(policy.window_days));
                    band = Some(if event.at.0 <= first * 86_400 {
                        Band::New
                    } else {
                        vote(policy, &yesterday).0.unwrap_or(Band::New)
                    });
                    why = Some(Why::Enrolled);
                }
                TimelineEventKind::Unenrolled if band.is_some() => {
                    band = None;
                    pinned = false;
                    why = Some(Why::Left);
                }
                TimelineEventKind::Pinned(to) if band.is_some() && pins => {
                    band = Some(to);
                    pinned = true;
                    why = Some(Why::Override);
                }
                TimelineEventKind::Unpinned => pinned = false,
                _ => {}
            }
            if let Some(why) = why {
                votes.clear();
                if before != band && day >= 0 {
                    out.changes.push(Change {
                        day: usize::try_from(day).unwrap(),
                        from: before,
                        to: band,
                        why,
                    });
                }
            }
        }
        if day < 0 {
            continue;
        }
        out.sends.push(band);
        out.votes.push(None);
        let is_check = (day + 1) % i64::from(policy.check_every_days) == 0;
        if is_check {
            let (says, why) = vote(policy, &window(table, domain, day, i64::from(policy.window_days)));
            *out.votes.last_mut().unwrap() = Some(says);
            if let Some(current) = band
                && !pinned
            {
                votes.push(says);
                if let Some(to) = moved_to(policy, &votes, current) {
                    let change = Change {
                        day: usize::try_from(day).unwrap(),
                        from: band,
                        to: Some(to),
                        why,
                    };
                    out.changes.push(change);
                    band = Some(to);
                    votes.clear();
                }
            }
        }
        out.ends.push(band);
    }
    out
}
