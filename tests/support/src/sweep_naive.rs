//! The sweep, written from the rules as plainly as possible: for each policy, for each domain, for each day. It shares
//! the library's data types and nothing of its arithmetic.

use poolkeeper_core::health::{BelowMinimum, Metric};
use poolkeeper_core::model::Band;
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::sweep::{Axis, AxisParam, GoodThreshold, Sweep, SweepOutcome};
use std::collections::BTreeMap;

/// One cell's policy.
struct NaivePolicy {
    /// good at most, poor at least, fewest events for Poor.
    bounce: Option<(u128, u128, u128)>,
    complaint: Option<(u128, u128, u128)>,
    minimum: u128,
}

/// One window's sums.
#[derive(Clone, Copy)]
struct Sums {
    processed: u128,
    delivered: u128,
    bounced: u128,
    complained: u128,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum NaiveVote {
    Hold,
    Good,
    Poor,
    New,
}

fn turn(policy: &mut NaivePolicy, axis: &Axis, at: usize) {
    let value = u128::from(axis.values[at]);
    match axis.knob {
        AxisParam::MinimumProcessed => policy.minimum = value,
        AxisParam::GoodAtMost { metric } => thresholds(policy, metric).0 = value,
        AxisParam::PoorAtLeast { metric, good } => {
            let thresholds = thresholds(policy, metric);
            thresholds.1 = value;
            if let GoodThreshold::Tied { share_ppm } = good {
                thresholds.0 = value * u128::from(share_ppm) / 1_000_000;
            }
        }
    }
}

fn thresholds(policy: &mut NaivePolicy, metric: Metric) -> &mut (u128, u128, u128) {
    match metric {
        Metric::BounceRate => policy.bounce.as_mut().unwrap(),
        Metric::ComplaintRate => policy.complaint.as_mut().unwrap(),
    }
}

fn policy(sweep: &Sweep, x: usize, y: usize) -> NaivePolicy {
    let metric = |metric: Option<poolkeeper_core::health::MetricPolicy>| {
        metric.map(|each| {
            (
                u128::from(each.good_at_most_ppm),
                u128::from(each.poor_at_least_ppm),
                u128::from(each.poor_min_events),
            )
        })
    };
    let mut policy = NaivePolicy {
        bounce: metric(sweep.base.bounce),
        complaint: metric(sweep.base.complaint),
        minimum: u128::from(sweep.base.minimum_processed),
    };
    turn(&mut policy, &sweep.x, x);
    turn(&mut policy, &sweep.y, y);
    // Good at most is never above poor at least: where the axes would have it so, it is lowered.
    for metric in [&mut policy.bounce, &mut policy.complaint].into_iter().flatten() {
        metric.0 = metric.0.min(metric.1);
    }
    policy
}

fn metric_vote((good, poor, min_events): (u128, u128, u128), count: u128, base: u128) -> NaiveVote {
    let is_good = count * 1_000_000 <= good * base;
    let is_poor = count * 1_000_000 >= poor * base;
    if is_good {
        NaiveVote::Good
    } else if is_poor && count >= min_events {
        NaiveVote::Poor
    } else {
        NaiveVote::Hold
    }
}

fn vote(policy: &NaivePolicy, below: BelowMinimum, sums: &Sums) -> NaiveVote {
    if sums.processed < policy.minimum {
        return match below {
            BelowMinimum::Hold => NaiveVote::Hold,
            BelowMinimum::New => NaiveVote::New,
        };
    }
    let mut votes = Vec::new();
    if let Some(bounce) = policy.bounce {
        votes.push(metric_vote(bounce, sums.bounced, sums.delivered + sums.bounced));
    }
    if let Some(complaint) = policy.complaint {
        votes.push(metric_vote(complaint, sums.complained, sums.delivered));
    }
    if votes.contains(&NaiveVote::Poor) {
        NaiveVote::Poor
    } else if votes.iter().all(|vote| *vote == NaiveVote::Good) {
        NaiveVote::Good
    } else {
        NaiveVote::Hold
    }
}

fn goodness(band: Band) -> u32 {
    match band {
        Band::Poor => 0,
        Band::New => 1,
        Band::Good => 2,
    }
}

/// The band after each day, by the votes at the checks (`None` where there is no check).
fn bands(sweep: &Sweep, votes: &[Option<NaiveVote>]) -> Vec<Band> {
    let mut band = Band::New;
    // The votes for one other band in a row, up to now.
    let mut run: Vec<Band> = Vec::new();
    let mut bands = Vec::new();
    for vote in votes {
        if let Some(vote) = vote {
            let wanted = match vote {
                NaiveVote::Hold => band,
                NaiveVote::Good => Band::Good,
                NaiveVote::Poor => Band::Poor,
                NaiveVote::New => Band::New,
            };
            if wanted == band || run.first().is_some_and(|first| *first != wanted) {
                run.clear();
            }
            if wanted != band {
                run.push(wanted);
                let needed = if goodness(wanted) > goodness(band) {
                    sweep.base.promotion_after_checks
                } else {
                    sweep.base.demotion_after_checks
                };
                if run.len() >= needed as usize {
                    band = wanted;
                    run.clear();
                }
            }
        }
        bands.push(band);
    }
    bands
}

/// Each domain's windows at the checks, day by day.
fn windows(table: &Table, sweep: &Sweep, domain: usize) -> Vec<Option<Sums>> {
    let days = table.day_count() as usize;
    let sum = |day: usize| {
        let mut sums = Sums {
            processed: 0,
            delivered: 0,
            bounced: 0,
            complained: 0,
        };
        for back in 0..(sweep.base.window_days as usize).min(day + 1) {
            let at = i32::try_from(day - back).unwrap();
            if let Some(row) = table.get(domain, table.first_day().plus(at)) {
                sums.processed += u128::from(row.processed);
                sums.delivered += u128::from(row.delivered);
                sums.bounced += u128::from(row.bounced);
                sums.complained += u128::from(row.complained);
            }
        }
        sums
    };
    let is_check = |day: usize| (day + 1).is_multiple_of(sweep.base.check_every_days as usize);
    (0..days).map(|day| is_check(day).then(|| sum(day))).collect()
}

/// Each domain's band after each day, in the cell of column `x` and row `y`.
pub fn bands_in_cell(table: &Table, sweep: &Sweep, x: usize, y: usize) -> Vec<Vec<Band>> {
    (0..table.domains().len())
        .map(|domain| bands_of(&windows(table, sweep, domain), sweep, x, y))
        .collect()
}

fn bands_of(windows: &[Option<Sums>], sweep: &Sweep, x: usize, y: usize) -> Vec<Band> {
    let policy = policy(sweep, x, y);
    let votes: Vec<_> = windows
        .iter()
        .map(|sums| sums.map(|sums| vote(&policy, sweep.base.below_minimum, &sums)))
        .collect();
    bands(sweep, &votes)
}

/// Every outcome in every cell, over the domains at some positions; `current_ends` by position in the table.
pub fn sweep_naively(
    table: &Table,
    sweep: &Sweep,
    domains: std::ops::Range<usize>,
    current_ends: &[Band],
) -> BTreeMap<SweepOutcome, Vec<u64>> {
    let (width, height) = (sweep.x.values.len(), sweep.y.values.len());
    let mut planes: BTreeMap<SweepOutcome, Vec<u64>> = SweepOutcome::ALL
        .into_iter()
        .map(|outcome| (outcome, vec![0; width * height]))
        .collect();
    let days = table.day_count();
    // Until then some of the windows that must agree are incomplete.
    let start = (1..)
        .filter(|day| day % sweep.base.check_every_days == 0 && *day >= sweep.base.window_days)
        .nth(sweep.base.promotion_after_checks.max(sweep.base.demotion_after_checks) as usize - 1)
        .unwrap();
    let counted = sweep.days.clone().unwrap_or(0..days);
    for domain in domains {
        let windows = windows(table, sweep, domain);
        for y in 0..height {
            for x in 0..width {
                let bands = bands_of(&windows, sweep, x, y);
                let mut add =
                    |outcome: SweepOutcome, count: u64| planes.get_mut(&outcome).unwrap()[y * width + x] += count;
                count_days(
                    table,
                    domain,
                    &bands,
                    (counted.clone(), start),
                    current_ends[domain],
                    &mut add,
                );
            }
        }
    }
    planes
}

fn count_days(
    table: &Table,
    domain: usize,
    bands: &[Band],
    (counted, start): (std::ops::Range<u32>, u32),
    current_end: Band,
    add: &mut impl FnMut(SweepOutcome, u64),
) {
    let mut before = Band::New;
    let mut end = Band::New;
    // The last move: its day, the band it left, the band it came to.
    let mut last: Option<(u32, Band, Band)> = None;
    for (day, band) in (0..counted.end).zip(bands) {
        let is_counted = day >= counted.start;
        if is_counted {
            add(SweepOutcome::Days(*band), 1);
            let row = table.get(domain, table.first_day().plus(i32::try_from(day).unwrap()));
            if before == Band::Poor {
                add(SweepOutcome::PoorMessages, row.unwrap_or_default().processed);
            }
        }
        if *band != before {
            if is_counted {
                add(SweepOutcome::Moves, 1);
                if day >= start && last.is_some_and(|(at, from, to)| from == *band && to == before && day - at <= 14) {
                    add(SweepOutcome::Flaps, 1);
                }
            }
            last = Some((day, before, *band));
        }
        before = *band;
        end = *band;
    }
    add(SweepOutcome::Ending(end), 1);
    if end != current_end {
        add(SweepOutcome::EndingDiffers, 1);
    }
}
