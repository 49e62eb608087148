//! Small tables, policies and timelines made to hit edges: ties, zeros, gaps, largest counts, counts right at thresholds.

#![allow(dead_code, clippy::indexing_slicing, clippy::unwrap_used)]

use super::traffic::{Dice, domains};
use poolkeeper_core::health::{BelowMinimum, MetricPolicy, PPM, Policy};
use poolkeeper_core::model::{Band, Counts, Day};
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::{Timeline, TimelineEvent, TimelineEventKind};

const PPMS: [u32; 9] = [0, 1, 1_000, 3_000, 50_000, 100_000, 333_333, 500_000, PPM];

fn metric(dice: &mut Dice) -> MetricPolicy {
    let (one, other) = (dice.pick(&PPMS), dice.pick(&PPMS));
    MetricPolicy {
        good_at_most_ppm: one.min(other),
        poor_at_least_ppm: one.max(other),
        poor_min_events: dice.pick(&[0, 1, 1, 2, 3, 7]),
    }
}

pub fn policy(dice: &mut Dice) -> Policy {
    let (bounce, complaint) = (metric(dice), metric(dice));
    let off = dice.below(6);
    let policy = Policy {
        window_days: dice.pick(&[1, 1, 2, 3, 4, 5, 7, 7, 10, 30, 89, 90]),
        check_every_days: dice.pick(&[1, 1, 1, 1, 2, 3, 7, 30]),
        bounce: (off != 0).then_some(bounce),
        complaint: (off != 1).then_some(complaint),
        minimum_processed: dice.pick(&[0, 0, 1, 5, 20, 100, 1_000]),
        below_minimum: dice.pick(&[BelowMinimum::Hold, BelowMinimum::New]),
        promotion_after_checks: dice.pick(&[1, 1, 1, 2, 3, 7]),
        demotion_after_checks: dice.pick(&[1, 1, 1, 2, 3]),
    };
    policy.validate().unwrap();
    policy
}

/// A day's row: quiet, wild, huge, impossible, or with rates right at one of the thresholds above.
fn row(dice: &mut Dice, style: u64) -> Counts {
    let volume = dice.pick(&[0, 1, 2, 10, 30, 1_000]);
    match style {
        0 => Counts {
            processed: volume,
            delivered: volume,
            bounced: 0,
            complained: 0,
        },
        1 => Counts {
            processed: dice.below(50),
            delivered: dice.below(50),
            bounced: dice.below(12),
            complained: dice.below(4),
        },
        2 => {
            let most = u64::from(u32::MAX);
            Counts {
                processed: most - dice.below(2),
                delivered: dice.pick(&[0, 1, most]),
                bounced: dice.pick(&[0, 1, most / 10, most]),
                complained: dice.pick(&[0, 3, most]),
            }
        }
        _ => {
            let sent = 1_000 * (1 + dice.below(3));
            let bounced = (sent * u64::from(dice.pick(&PPMS)) / 1_000_000 + dice.below(3))
                .saturating_sub(1)
                .min(sent);
            let delivered = sent - bounced;
            let complained = (delivered * u64::from(dice.pick(&PPMS)) / 1_000_000 + dice.below(3)).saturating_sub(1);
            Counts {
                processed: sent + dice.below(2),
                delivered,
                bounced,
                complained,
            }
        }
    }
}

pub fn table(dice: &mut Dice) -> Table {
    let domain_count = usize::try_from(dice.below(4)).unwrap() + 1;
    let day_count = u32::try_from(dice.pick(&[1, 2, 6, 7, 8, 20, 40, 64, 65, 100])).unwrap();
    let first = Day(20_000);
    let mut table = Table::empty(first, day_count, vec!["Acme".to_owned()], domains(domain_count));
    for domain in 0..domain_count {
        let (style, gaps) = (dice.below(6), dice.pick(&[2, 5, 1_000]));
        // Runs of similar days, so that runs of equal votes happen.
        let mut day_style = style;
        for day in 0..day_count {
            if dice.below(6) == 0 {
                day_style = dice.pick(&[style, 0, 1, 3]);
            }
            if dice.below(gaps) > 0 {
                let row = row(dice, day_style);
                table
                    .add(domain, first.plus(i32::try_from(day).unwrap()), &row)
                    .unwrap();
            }
        }
    }
    table
}

/// What people did: enrolments, leavings, pins, in an order that makes sense or not.
pub fn timeline(dice: &mut Dice, table: &Table) -> Timeline {
    let mut timeline = Timeline::new(dice.below(2) == 0);
    for domain in 0..u32::try_from(table.domains().len()).unwrap() {
        for _ in 0..dice.pick(&[0, 1, 2, 5, 9]) {
            let day = table.first_day().0 - 3 + i32::try_from(dice.below(u64::from(table.day_count()) + 6)).unwrap();
            let within = dice.pick(&[0_i64, 1, 43_200, 86_399]);
            let kind = match dice.below(6) {
                0 | 1 => TimelineEventKind::Enrolled,
                2 => TimelineEventKind::Unenrolled,
                3 => TimelineEventKind::Unpinned,
                _ => TimelineEventKind::Pinned(dice.pick(&Band::ALL)),
            };
            let at = Day(day).start().plus_seconds(within);
            timeline.push(domain, TimelineEvent { at, kind });
        }
    }
    timeline
}
