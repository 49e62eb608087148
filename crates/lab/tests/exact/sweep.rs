//! Checks the sweep against a naive model, exactly, on every path.
#![expect(clippy::panic, reason = "helpers of tests may fail as tests do")]

// In wasm, with `cargo xtask test`, other attributes make tests.
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use poolkeeper_test_support::traffic::Dice;
use poolkeeper_test_support::{random, sweep_case, sweep_naive};

use arbitrary::Unstructured;
use poolkeeper_core::health::{Latch, Metric, Policy, check};
use poolkeeper_core::model::{Band, Counts};
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::sweep::{
    Axis, AxisParam, GoodThreshold, Sweep, SweepError, SweepInput, SweepOutcome, SweepOutcomes, SweepTimeline,
    WindowRates, holdout,
};
use poolkeeper_lab::{Overrides, ReplayData, ReplayOptions, backtest};
use poolkeeper_test_support::sweep_case::{Case, bytes, case};
use poolkeeper_test_support::sweep_naive::bands_in_cell;
use std::collections::BTreeMap;
#[cfg(not(target_arch = "wasm32"))]
use std::ops::ControlFlow;

fn random_case(seed: u64) -> Case {
    case(&mut Unstructured::new(&bytes(seed, 20_000)))
}

fn agree(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let case = random_case(seed);
        if let Err(difference) = sweep_case::check(&case) {
            panic!("case {seed}: {difference}\n{:#?}\n{:?}", case.sweep, case.table);
        }
    }
}

// Several tests, so that they run side by side.

#[test]
fn random_cases_agree_with_the_naive_model_1() {
    agree(0..4_000);
}

#[test]
fn random_cases_agree_with_the_naive_model_2() {
    agree(4_000..8_000);
}

#[test]
fn short_sources_make_degenerate_cases_that_agree_too() {
    for seed in 0..600 {
        let case = case(&mut Unstructured::new(&bytes(seed, (seed % 90) as usize)));
        if let Err(difference) = sweep_case::check(&case) {
            panic!("case {seed}: {difference}\n{case:#?}");
        }
    }
}

/// The naive model's bands equal those of the library's check and latch, with the cell's policy.
#[test]
fn cells_are_backtests_of_their_policy() {
    for seed in 0..300 {
        let Case { table, sweep, .. } = random_case(seed);
        for (x, y) in [
            (0, 0),
            (sweep.x.values.len() - 1, sweep.y.values.len() - 1),
            (sweep.x.values.len() / 2, 0),
        ] {
            let policy = sweep.policy_at(x, y).unwrap();
            assert_eq!(policy.validate(), Ok(()), "case {seed}");
            for (domain, naive) in bands_in_cell(&table, &sweep, x, y).iter().enumerate() {
                let row = |day: i32| table.get(domain, table.first_day().plus(day)).unwrap_or_default();
                let mut latch = Latch::new(Band::New);
                for (day, expected) in (0..).zip(naive) {
                    let window: Counts = (0..i32::try_from(policy.window_days).unwrap())
                        .map(|back| row(day - back))
                        .sum();
                    if (day + 1) % i32::try_from(policy.check_every_days).unwrap() == 0 {
                        latch.next_band(&policy, check(&policy, &window).vote);
                    }
                    assert_eq!(latch.band, *expected, "case {seed}, domain {domain}, day {day}");
                }
            }
        }
    }
}

/// The random cases are not trivial: on each kind of axes and policy, each outcome differs between cells in ten cases
/// or more.
#[test]
fn random_cases_have_something_to_get_wrong() {
    let mut seen: BTreeMap<(String, SweepOutcome), usize> = BTreeMap::new();
    for seed in 0..3_000 {
        let Case {
            table,
            sweep,
            current_ends,
        } = random_case(seed);
        let kind = |knob| match knob {
            AxisParam::MinimumProcessed => None,
            AxisParam::GoodAtMost { metric } | AxisParam::PoorAtLeast { metric, .. } => Some(metric),
        };
        let axes = match (kind(sweep.x.knob), kind(sweep.y.knob)) {
            (None, _) | (_, None) => "minimum",
            (x, y) if x == y => "one metric",
            _ => "two metrics",
        };
        let counts_votes = sweep.base.promotion_after_checks.max(sweep.base.demotion_after_checks) > 1;
        let below = sweep.base.below_minimum;
        let naive = sweep_naive::sweep_naively(&table, &sweep, 0..table.domains().len(), &current_ends);
        for (outcome, plane) in naive {
            let differs = plane.iter().any(|count| count != &plane[0]);
            *seen
                .entry((format!("{axes}, counts votes: {counts_votes}, {below:?}"), outcome))
                .or_default() += usize::from(differs);
        }
    }
    assert_eq!(seen.len(), 12 * SweepOutcome::ALL.len());
    for ((kind, outcome), times) in seen {
        assert!(times >= 10, "{kind}: {outcome:?} differs in {times} cases only");
    }
}

/// Each cell equals a backtest of its policy.
#[test]
fn cells_count_what_backtests_count() {
    for seed in 10_000..10_300 {
        let Case { table, sweep, .. } = random_case(seed);
        let sweep = Sweep {
            days: None,
            outcomes: SweepOutcomes::all_of_one_policy(),
            ..sweep
        };
        let windows = WindowRates::new(&table, sweep.base.window_days, sweep.base.check_every_days);
        let input = SweepInput {
            table: &table,
            windows: &windows,
            timeline: None,
            current_ends: None,
        };
        let grid = poolkeeper_lab::sweep::sweep(input, &sweep).unwrap();
        let (width, height) = (sweep.x.values.len(), sweep.y.values.len());
        for (x, y) in [(0, 0), (width - 1, height - 1), (width / 2, height / 2)] {
            let policy = sweep.policy_at(x, y).unwrap();
            let totals = backtest(&table, &policy, &ReplayOptions::default()).unwrap().totals();
            let at = |outcome| grid.at(outcome, x, y).unwrap();
            for band in Band::ALL {
                assert_eq!(at(SweepOutcome::Ending(band)), *totals.ends_in.get(band), "case {seed}");
                assert_eq!(
                    at(SweepOutcome::Days(band)),
                    *totals.domain_days.get(band),
                    "case {seed}"
                );
            }
            assert_eq!(at(SweepOutcome::Moves), totals.moves, "case {seed}");
            assert_eq!(at(SweepOutcome::Flaps), totals.flaps, "case {seed}");
            assert_eq!(
                at(SweepOutcome::PoorMessages),
                *totals.messages.get(Band::Poor),
                "case {seed}"
            );
        }
    }
}

fn agree_on_timelines(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let case = random_case(seed);
        let timeline = random::timeline(&mut Dice(seed), &case.table);
        for overrides in [Overrides::Kept, Overrides::Ignored] {
            if let Err(difference) = sweep_case::check_timeline(&case, &timeline, overrides) {
                panic!("case {seed}, {overrides:?}: {difference}\n{case:#?}\n{timeline:#?}");
            }
        }
    }
}

#[test]
fn enrolments_and_overrides_agree_with_the_slow_model_1() {
    agree_on_timelines(20_000..20_700);
}

#[test]
fn enrolments_and_overrides_agree_with_the_slow_model_2() {
    agree_on_timelines(20_700..21_400);
}

/// With enrolments and overrides, each cell equals a backtest of its policy.
#[test]
fn cells_count_what_backtests_of_a_timeline_count() {
    let mut differs_from_plain = 0;
    for seed in 22_000..22_300 {
        let Case { table, sweep, .. } = random_case(seed);
        let timeline = random::timeline(&mut Dice(seed), &table);
        let sweep = Sweep {
            days: None,
            outcomes: SweepOutcomes::all_of_one_policy(),
            ..sweep
        };
        let windows = WindowRates::new(&table, sweep.base.window_days, sweep.base.check_every_days);
        for overrides in [Overrides::Kept, Overrides::Ignored] {
            let prepared = SweepTimeline::new(Some(&timeline), &table, overrides);
            let sweep_with = |timeline| {
                let input = SweepInput {
                    table: &table,
                    windows: &windows,
                    timeline,
                    current_ends: None,
                };
                poolkeeper_lab::sweep::sweep(input, &sweep).unwrap()
            };
            let grid = sweep_with(Some(&prepared));
            differs_from_plain += usize::from(grid != sweep_with(None));
            let (width, height) = (sweep.x.values.len(), sweep.y.values.len());
            for (x, y) in [(0, 0), (width - 1, height - 1), (width / 2, height / 2)] {
                let data = ReplayData {
                    table: &table,
                    timeline: Some(&timeline),
                };
                let policy = sweep.policy_at(x, y).unwrap();
                let totals = backtest(data, &policy, &ReplayOptions { overrides }).unwrap().totals();
                if table.day_count() == 0 {
                    continue;
                }
                let mut counts = vec![
                    (SweepOutcome::Moves, totals.moves),
                    (SweepOutcome::Flaps, totals.flaps),
                    (SweepOutcome::PoorMessages, *totals.messages.get(Band::Poor)),
                ];
                for band in Band::ALL {
                    counts.push((SweepOutcome::Ending(band), *totals.ends_in.get(band)));
                    counts.push((SweepOutcome::Days(band), *totals.domain_days.get(band)));
                }
                for (outcome, count) in counts {
                    assert_eq!(
                        grid.at(outcome, x, y),
                        Some(count),
                        "case {seed}, {overrides:?}: {outcome:?}"
                    );
                }
            }
        }
    }
    assert!(differs_from_plain > 300, "{differs_from_plain}");
}

/// The first part of a holdout equals the sweep of a table that ends at the split. Both parts together equal the whole
/// sweep.
#[test]
fn holdouts_split_the_days_and_nothing_else() {
    let mut checked = 0;
    for seed in 11_000..11_200 {
        let Case { table, sweep, .. } = random_case(seed);
        let days = table.day_count();
        if days < 2 {
            continue;
        }
        let split = 1 + u32::try_from(seed).unwrap() % (days - 1);
        let sweep = Sweep {
            days: None,
            outcomes: SweepOutcomes::all_of_one_policy(),
            ..sweep
        };
        let windows = WindowRates::new(&table, sweep.base.window_days, sweep.base.check_every_days);
        let input = SweepInput {
            table: &table,
            windows: &windows,
            timeline: None,
            current_ends: None,
        };
        let parts = holdout(input, &sweep, split).unwrap();
        let whole = poolkeeper_lab::sweep::sweep(input, &sweep).unwrap();
        for outcome in sweep.outcomes.iter() {
            let sums = parts
                .chosen_on
                .plane(outcome)
                .unwrap()
                .iter()
                .zip(parts.scored_on.plane(outcome).unwrap());
            let expected = whole.plane(outcome).unwrap();
            match outcome {
                SweepOutcome::Ending(_) => assert_eq!(parts.scored_on.plane(outcome).unwrap(), expected, "case {seed}"),
                _ => assert!(
                    sums.map(|(one, other)| one + other).eq(expected.iter().copied()),
                    "case {seed}: {outcome:?}"
                ),
            }
        }
        let mut short = Table::empty(
            table.first_day(),
            split,
            table.accounts.clone(),
            table.domains().to_vec(),
        );
        for domain in 0..table.domains().len() {
            for day in (0..).map(|day| table.first_day().plus(day)).take(split as usize) {
                if let Some(row) = table.get(domain, day) {
                    short.add(domain, day, &row).unwrap();
                }
            }
        }
        let windows = WindowRates::new(&short, sweep.base.window_days, sweep.base.check_every_days);
        let input = SweepInput {
            table: &short,
            windows: &windows,
            timeline: None,
            current_ends: None,
        };
        let grid = poolkeeper_lab::sweep::sweep(input, &sweep).unwrap();
        assert_eq!(grid.totals, parts.chosen_on.totals, "case {seed}");
        if let Some(choice) = parts.fewest(SweepOutcome::Moves) {
            assert!(choice.best_after <= choice.scored_on, "case {seed}");
            assert_eq!(
                parts.chosen_on.at(SweepOutcome::Moves, choice.x, choice.y),
                Some(choice.chosen_on)
            );
            assert_eq!(
                parts.chosen_on.plane(SweepOutcome::Moves).unwrap().iter().min(),
                Some(&choice.chosen_on)
            );
        }
        checked += 1;
    }
    assert!(checked > 100);
}

/// Threads add up to the whole, report progress and can be stopped.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn threads_add_up_and_stop() {
    use poolkeeper_lab::sweep::sweep_on_threads;
    for seed in 12_000..12_060 {
        let Case {
            table,
            sweep,
            current_ends,
        } = random_case(seed);
        let current_ends: Vec<_> = current_ends.into_iter().map(Some).collect();
        let windows = WindowRates::new(&table, sweep.base.window_days, sweep.base.check_every_days);
        let input = SweepInput {
            table: &table,
            windows: &windows,
            timeline: None,
            current_ends: Some(&current_ends),
        };
        let whole = poolkeeper_lab::sweep::sweep(input, &sweep).unwrap();
        for threads in [1, 2, 3, 9] {
            let on_threads = sweep_on_threads(input, &sweep, threads, &mut |_| ControlFlow::Continue(()));
            assert_eq!(on_threads.unwrap(), whole, "case {seed}");
        }
        let stopped = sweep_on_threads(input, &sweep, 2, &mut |_| ControlFlow::Break(()));
        let has_domains = !table.domains().is_empty();
        assert_eq!(stopped.err(), has_domains.then_some(SweepError::Stopped), "case {seed}");
    }
}

/// An invalid sweep is refused, and the error names the field.
#[test]
fn invalid_sweeps_are_refused_by_name() {
    let Case { table, .. } = random_case(1);
    let poor = |metric, good| AxisParam::PoorAtLeast { metric, good };
    let axis = |knob, values: &[u64]| Axis {
        knob,
        values: values.to_vec(),
    };
    let (bounce, complaint) = (Metric::BounceRate, Metric::ComplaintRate);
    let fine = Sweep {
        base: Policy::default(),
        x: axis(poor(bounce, GoodThreshold::Fixed), &[100_000]),
        y: axis(poor(complaint, GoodThreshold::Fixed), &[3_000]),
        outcomes: SweepOutcomes::all_of_one_policy(),
        days: None,
    };
    let refused = |sweep: Sweep| {
        let windows = WindowRates::new(&table, sweep.base.window_days, sweep.base.check_every_days);
        let input = SweepInput {
            table: &table,
            windows: &windows,
            timeline: None,
            current_ends: None,
        };
        match poolkeeper_lab::sweep::sweep(input, &sweep) {
            Err(SweepError::Invalid(invalid)) => invalid.field,
            other => panic!("{other:?}"),
        }
    };
    assert!(fine.validate(&table).is_ok());
    let x = |x: Axis| refused(Sweep { x, ..fine.clone() });
    assert_eq!(x(axis(poor(bounce, GoodThreshold::Fixed), &[])), "x");
    assert_eq!(x(axis(poor(bounce, GoodThreshold::Fixed), &[2, 1])), "x");
    assert_eq!(x(axis(poor(bounce, GoodThreshold::Fixed), &[1_000_001])), "x");
    assert_eq!(
        x(axis(poor(bounce, GoodThreshold::Tied { share_ppm: 1_000_001 }), &[1])),
        "x"
    );
    assert_eq!(x(axis(poor(complaint, GoodThreshold::Fixed), &[1])), "x");
    assert_eq!(x(axis(AxisParam::MinimumProcessed, &vec![1; 10_001])), "x");
    let tied = axis(poor(complaint, GoodThreshold::Tied { share_ppm: 1 }), &[1]);
    let good = axis(AxisParam::GoodAtMost { metric: complaint }, &[1]);
    assert_eq!(
        refused(Sweep {
            x: good,
            y: tied,
            ..fine.clone()
        }),
        "y"
    );
    let off = Policy {
        bounce: None,
        ..Policy::default()
    };
    assert_eq!(
        refused(Sweep {
            base: off,
            ..fine.clone()
        }),
        "x"
    );
    let invalid = Policy {
        window_days: 0,
        ..Policy::default()
    };
    assert_eq!(
        refused(Sweep {
            base: invalid,
            ..fine.clone()
        }),
        "base"
    );
    let days = Some(0..table.day_count() + 1);
    assert_eq!(refused(Sweep { days, ..fine.clone() }), "days");
    let outcomes = [SweepOutcome::EndingDiffers].into_iter().collect();
    assert_eq!(
        refused(Sweep {
            outcomes,
            ..fine.clone()
        }),
        "outcomes"
    );

    let others = WindowRates::new(&table, 30, 1);
    let input = SweepInput {
        table: &table,
        windows: &others,
        timeline: None,
        current_ends: None,
    };
    let mismatch = poolkeeper_lab::sweep::sweep(input, &fine);
    assert!(matches!(mismatch, Err(SweepError::Invalid(invalid)) if invalid.field == "base"));
}
