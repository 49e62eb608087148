//! Arbitrary tables and sweeps out of arbitrary bytes, for random tests and for fuzzing alike.

use crate::sweep_naive::sweep_naively;
use crate::sweep_slow::{ends_slowly, sweep_slowly};
use arbitrary::Unstructured;
use poolkeeper_core::health::{BelowMinimum, Metric, MetricPolicy, Policy};
use poolkeeper_core::model::{Band, Counts, Day, DomainName};
use poolkeeper_core::traffic::{Table, TableDomain};
use poolkeeper_lab::sweep::{
    Axis, AxisParam, GoodThreshold, Sweep, SweepInput, SweepMethod, SweepOutcome, SweepTimeline, WindowRates,
    sweep_range,
};
use poolkeeper_lab::{Overrides, Timeline};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// A number below `end`; 0 once the bytes have run out.
fn below(source: &mut Unstructured<'_>, end: u64) -> u64 {
    source.int_in_range(0..=end.saturating_sub(1)).unwrap_or(0)
}

fn one_in(source: &mut Unstructured<'_>, times: u64) -> bool {
    below(source, times) == 0
}

fn pick<T: Copy>(source: &mut Unstructured<'_>, from: &[T]) -> T {
    from[below(source, from.len() as u64) as usize]
}

/// Pseudo-random bytes of a seed.
pub fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678_9ABC_DEF1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 56) as u8
    };
    for _ in 0..8 {
        next();
    }
    (0..count).map(|_| next()).collect()
}

#[derive(Debug)]
pub struct Case {
    pub table: Table,
    pub sweep: Sweep,
    pub current_ends: Vec<Band>,
}

fn counts(source: &mut Unstructured<'_>, size: u64) -> Counts {
    let edge = [0, 1, u64::from(u32::MAX) - 1, u64::from(u32::MAX)];
    let mut count = |most: u64| match size {
        // Anything up to a cell's maximum, with the ends often.
        3 if one_in(source, 3) => pick(source, &edge),
        3 => below(source, u64::from(u32::MAX)),
        _ => below(source, most.max(1)),
    };
    match size {
        0 => Counts {
            processed: count(12),
            delivered: count(6),
            bounced: count(4),
            complained: count(3),
        },
        1 => {
            let delivered = count(1_000);
            Counts {
                processed: delivered + count(20),
                delivered,
                bounced: count(120),
                complained: count(6),
            }
        }
        2 => {
            let delivered = count(100_000);
            Counts {
                processed: delivered,
                delivered,
                bounced: count(delivered / 10),
                complained: count(delivered / 250),
            }
        }
        _ => Counts {
            processed: count(0),
            delivered: count(0),
            bounced: count(0),
            complained: count(0),
        },
    }
}

fn table(source: &mut Unstructured<'_>) -> Table {
    let days = match below(source, 16) {
        0 => below(source, 3),
        1 => below(source, 130),
        _ => 3 + below(source, 42),
    };
    let names = pick(source, &[0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4]);
    let domains = (0..names)
        .map(|at| TableDomain {
            name: DomainName::as_sent(&format!("d{at}.example")),
            account: 0,
        })
        .collect();
    let days = u32::try_from(days).unwrap();
    let mut table = Table::empty(Day(20_000), days, vec![String::new()], domains);
    for domain in 0..names {
        let size = below(source, 4);
        // Some domains keep still for days, so that runs grow long.
        let stays = one_in(source, 2);
        let mut row = counts(source, size);
        for day in 0..days {
            if !stays || one_in(source, 4) {
                row = counts(source, size);
            }
            if !one_in(source, 8) {
                table
                    .add(domain, table.first_day().plus(i32::try_from(day).unwrap()), &row)
                    .unwrap();
            }
        }
    }
    table
}

/// Where thresholds come from: the windows of a table.
struct Sampler<'a> {
    table: &'a Table,
    window_days: u32,
}

impl Sampler<'_> {
    /// The counts of some domain's window on some day.
    fn window(&self, source: &mut Unstructured<'_>) -> Counts {
        let domain = below(source, self.table.domains().len().max(1) as u64) as usize;
        let day = below(source, u64::from(self.table.day_count().max(1)));
        let row = |back: u32| {
            let day = i32::try_from(day).unwrap() - i32::try_from(back).unwrap();
            self.table.get(domain, self.table.first_day().plus(day))
        };
        (0..self.window_days).filter_map(row).sum()
    }

    /// A threshold: mostly a rate that occurs, as far as whole parts go, or one beside it; else anywhere or published.
    fn ppm(&self, source: &mut Unstructured<'_>, metric: Metric) -> u32 {
        let ppm = match below(source, 10) {
            0 => pick(
                source,
                &[0, 1, 999, 1_000, 3_000, 50_000, 100_000, 333_333, 500_000, 1_000_000],
            ),
            1 => below(source, 1_000_001),
            at => {
                let (events, base) = metric.of(&self.window(source));
                let rate = (events * 1_000_000).checked_div(base).unwrap_or(0);
                match (at, rate) {
                    (2, _) => rate + 1,
                    (3..=8, 0) => below(source, 60_000),
                    _ => rate,
                }
            }
        };
        u32::try_from(ppm.min(1_000_000)).unwrap()
    }

    fn metric(&self, source: &mut Unstructured<'_>, metric: Metric) -> MetricPolicy {
        let (one, other) = (self.ppm(source, metric), self.ppm(source, metric));
        MetricPolicy {
            good_at_most_ppm: one.min(other),
            poor_at_least_ppm: if one_in(source, 6) {
                one.min(other)
            } else {
                one.max(other)
            },
            poor_min_events: pick(source, &[0, 1, 1, 1, 1, 1, 1, 1, 2, 3, 5, 200, 4_294_967_295]),
        }
    }

    fn minimum(&self, source: &mut Unstructured<'_>) -> u64 {
        match below(source, 8) {
            0..=2 => 0,
            3 if one_in(source, 3) => below(source, 1 << 32) * pick(source, &[1, 2, 7, 91]),
            3 => below(source, 1_000),
            _ => self.window(source).processed,
        }
    }

    fn policy(&self, source: &mut Unstructured<'_>) -> Policy {
        let mut one = |metric| Some(self.metric(source, metric));
        let (bounce, complaint) = (one(Metric::BounceRate), one(Metric::ComplaintRate));
        let (bounce, complaint) = match below(source, 6) {
            0 => (bounce, None),
            1 => (None, complaint),
            _ => (bounce, complaint),
        };
        Policy {
            window_days: self.window_days,
            check_every_days: pick(source, &[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 7, 30]),
            bounce,
            complaint,
            minimum_processed: self.minimum(source),
            below_minimum: pick(source, &[BelowMinimum::Hold, BelowMinimum::New]),
            promotion_after_checks: pick(source, &[1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 7, 90]),
            demotion_after_checks: pick(source, &[1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 4, 90]),
        }
    }

    fn axis(&self, source: &mut Unstructured<'_>, knob: AxisParam, len: usize) -> Axis {
        let value = |source: &mut Unstructured<'_>| match knob.metric() {
            None => self.minimum(source),
            Some(metric) => u64::from(self.ppm(source, metric)),
        };
        let (one, other) = (value(source), value(source));
        match below(source, 6) {
            0 => Axis::linear(knob, one.min(other), one.max(other), len),
            1 => Axis::logarithmic(knob, one.min(other).max(1), one.max(other).max(1), len),
            _ => {
                let mut values: Vec<u64> = (0..len).map(|_| value(source)).collect();
                values.sort_unstable();
                Axis { knob, values }
            }
        }
    }
}

/// Two knobs that a sweep can turn together.
fn knobs(source: &mut Unstructured<'_>, base: &Policy) -> (AxisParam, AxisParam) {
    let on: Vec<Metric> = Metric::ALL
        .into_iter()
        .filter(|metric| metric.policy(base).is_some())
        .collect();
    let metric = pick(source, &on);
    let poor = |source: &mut Unstructured<'_>, metric, is_fixed: bool| {
        let share_ppm = pick(source, &[0, 300_000, 333_333, 500_000, 999_999, 1_000_000]);
        let good = if is_fixed || one_in(source, 2) {
            GoodThreshold::Fixed
        } else {
            GoodThreshold::Tied { share_ppm }
        };
        AxisParam::PoorAtLeast { metric, good }
    };
    let any = |source: &mut Unstructured<'_>, metric| {
        if one_in(source, 3) {
            AxisParam::GoodAtMost { metric }
        } else {
            poor(source, metric, false)
        }
    };
    let (one, other) = match (below(source, 6), on.as_slice()) {
        (0, _) => (any(source, metric), AxisParam::MinimumProcessed),
        (1..4, [one, other]) => (any(source, *one), any(source, *other)),
        _ => (poor(source, metric, true), AxisParam::GoodAtMost { metric }),
    };
    if one_in(source, 2) { (one, other) } else { (other, one) }
}

pub fn case(source: &mut Unstructured<'_>) -> Case {
    let table = table(source);
    let sampler = Sampler {
        table: &table,
        window_days: pick(source, &[1, 1, 2, 3, 7, 7, 30, 90]),
    };
    let base = sampler.policy(source);
    let (x, y) = knobs(source, &base);
    let (width, height) = pick(
        source,
        &[
            (1, 1),
            (1, 7),
            (6, 1),
            (5, 4),
            (5, 4),
            (8, 9),
            (9, 8),
            (3, 70),
            (67, 3),
            (130, 2),
        ],
    );
    let (x, y) = (sampler.axis(source, x, width), sampler.axis(source, y, height));
    let days = one_in(source, 3).then(|| {
        let (one, other) = (
            below(source, u64::from(table.day_count()) + 1),
            below(source, u64::from(table.day_count()) + 1),
        );
        u32::try_from(one.min(other)).unwrap()..u32::try_from(one.max(other)).unwrap()
    });
    let outcomes = match below(source, 4) {
        0 => [
            SweepOutcome::Days(Band::Poor),
            SweepOutcome::Moves,
            SweepOutcome::Ending(Band::Poor),
        ]
        .into_iter()
        .collect(),
        1 => SweepOutcome::ALL.into_iter().filter(|_| one_in(source, 3)).collect(),
        _ => SweepOutcome::ALL.into_iter().collect(),
    };
    let current_ends = (0..table.domains().len()).map(|_| pick(source, &Band::ALL)).collect();
    Case {
        table,
        sweep: Sweep {
            base,
            x,
            y,
            outcomes,
            days,
        },
        current_ends,
    }
}

/// Compares every path with the naive model.
pub fn check(case: &Case) -> Result<(), String> {
    let Case {
        table,
        sweep,
        current_ends,
    } = case;
    let expected = sweep_naively(table, sweep, 0..table.domains().len(), current_ends);
    let current_ends: Vec<_> = current_ends.iter().copied().map(Some).collect();
    check_paths(case, None, &current_ends, &expected)
}

/// Compares every path with the slow model, with the enrolments and overrides of a timeline.
pub fn check_timeline(case: &Case, timeline: &Timeline, overrides: Overrides) -> Result<(), String> {
    let Case { table, sweep, .. } = case;
    let counted = sweep.counted_days(table.day_count());
    let Some(last) = counted.end.checked_sub(1) else {
        return Ok(());
    };
    let data = (table, Some(timeline), overrides == Overrides::Kept);
    let current_ends = ends_slowly(data, &sweep.base, last as usize);
    let expected = sweep_slowly(data, sweep, &current_ends);
    let prepared = SweepTimeline::new(Some(timeline), table, overrides);
    check_paths(case, Some(&prepared), &current_ends, &expected)
}

/// Compares every path with expected planes, the whole at once and in two merged parts.
fn check_paths(
    case: &Case,
    timeline: Option<&SweepTimeline>,
    current_ends: &[Option<Band>],
    expected: &BTreeMap<SweepOutcome, Vec<u64>>,
) -> Result<(), String> {
    let Case { table, sweep, .. } = case;
    let windows = WindowRates::new(table, sweep.base.window_days, sweep.base.check_every_days);
    let input = SweepInput {
        table,
        windows: &windows,
        timeline,
        current_ends: Some(current_ends),
    };
    let all = 0..table.domains().len();
    for path in PATHS {
        let run = |domains| sweep_range(input, sweep, domains, path, &mut |_| ControlFlow::Continue(()));
        let whole = run(all.clone()).map_err(|error| error.to_string())?;
        let split = all.end / 2;
        let mut merged = run(split..all.end).map_err(|error| error.to_string())?;
        merged
            .merge(&run(0..split).map_err(|error| error.to_string())?)
            .map_err(|error| error.to_string())?;
        if whole != merged || whole.domains() != all.end as u64 {
            return Err(format!("{path:?}: two halves do not add up to the whole"));
        }
        for outcome in SweepOutcome::ALL {
            let Some(plane) = whole.plane(outcome) else {
                if sweep.outcomes.has(outcome) {
                    return Err(format!("{path:?}: {outcome:?} is missing"));
                }
                continue;
            };
            if let Some(cell) = plane
                .iter()
                .zip(&expected[&outcome])
                .position(|(ours, naive)| ours != naive)
            {
                let (x, y) = (cell % sweep.x.values.len(), cell / sweep.x.values.len());
                let (ours, naive) = (plane[cell], expected[&outcome][cell]);
                return Err(format!(
                    "{path:?}: {outcome:?} at {x}, {y} is {ours}, should be {naive}"
                ));
            }
        }
    }
    Ok(())
}

/// The paths there are.
const PATHS: [SweepMethod; 2] = [SweepMethod::Auto, SweepMethod::Bits];
