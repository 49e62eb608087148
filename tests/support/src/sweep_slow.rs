//! The sweep with enrolments and overrides: the slow model of one domain under one policy, for every cell.

use crate::slow_model::{SlowDomain, replay, start_of};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::Band;
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::Timeline;
use poolkeeper_lab::sweep::{Sweep, SweepOutcome};
use std::collections::BTreeMap;

/// The traffic, the timeline, and whether pins count.
type Data<'a> = (&'a Table, Option<&'a Timeline>, bool);

/// Each domain's band after a day; `None` while it is not enrolled.
pub fn ends_slowly((table, timeline, pins): Data<'_>, policy: &Policy, day: usize) -> Vec<Option<Band>> {
    (0..table.domains().len())
        .map(|domain| replay(table, domain, policy, timeline, pins).ends[day])
        .collect()
}

/// Every outcome in every cell. At least one day is counted or before the counted ones.
pub fn sweep_slowly(
    (table, timeline, pins): Data<'_>,
    sweep: &Sweep,
    current_ends: &[Option<Band>],
) -> BTreeMap<SweepOutcome, Vec<u64>> {
    let (width, height) = (sweep.x.values.len(), sweep.y.values.len());
    let counted = sweep.days.clone().unwrap_or(0..table.day_count());
    let counted = counted.start as usize..counted.end as usize;
    let mut planes: BTreeMap<SweepOutcome, Vec<u64>> = SweepOutcome::ALL
        .into_iter()
        .map(|outcome| (outcome, vec![0; width * height]))
        .collect();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let policy = sweep.policy_at(x, y).unwrap();
        for (domain, current) in current_ends.iter().enumerate() {
            let slow = replay(table, domain, &policy, timeline, pins);
            let mut add = |outcome: SweepOutcome, count: u64| planes.get_mut(&outcome).unwrap()[y * width + x] += count;
            count_domain(&slow, table, domain, (&counted, start_of(&policy)), &mut add);
            let end = slow.ends[counted.end - 1];
            if let Some(band) = end {
                add(SweepOutcome::Ending(band), 1);
            }
            if end != *current {
                add(SweepOutcome::EndingDiffers, 1);
            }
        }
    }
    planes
}

fn count_domain(
    slow: &SlowDomain,
    table: &Table,
    domain: usize,
    (counted, start): (&std::ops::Range<usize>, usize),
    add: &mut impl FnMut(SweepOutcome, u64),
) {
    for day in counted.clone() {
        if let Some(band) = slow.ends[day] {
            add(SweepOutcome::Days(band), 1);
        }
        if slow.sends[day] == Some(Band::Poor) {
            let at = table.first_day().plus(i32::try_from(day).unwrap());
            add(
                SweepOutcome::PoorMessages,
                table.get(domain, at).unwrap_or_default().processed,
            );
        }
    }
    let mut before = None;
    for change in &slow.changes {
        if change.why.is_check() && counted.contains(&change.day) {
            add(SweepOutcome::Moves, 1);
            let is_back = before.is_some_and(|(day, from)| from == change.to && change.day <= day + 14);
            add(SweepOutcome::Flaps, u64::from(is_back && change.day >= start));
        }
        before = change.why.is_check().then_some((change.day, change.from));
    }
}
