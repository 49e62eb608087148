//! The sweep against a naive model, to the integer, on every path.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests do"
)]

#[path = "support/sweep_case.rs"]
mod sweep_case;
#[path = "support/sweep_naive.rs"]
mod sweep_naive;

use poolkeeper::health::{Latch, check};
use poolkeeper::model::{Band, Counts};
use poolkeeper::whatif::sweep::{Knob, Outcome};
use std::collections::BTreeMap;
use sweep_case::{Case, Source, bytes, case};
use sweep_naive::bands_in_cell;

fn random_case(seed: u64) -> Case {
    case(&mut Source(&bytes(seed, 20_000)))
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
        let case = case(&mut Source(&bytes(seed, (seed % 90) as usize)));
        if let Err(difference) = sweep_case::check(&case) {
            panic!("case {seed}: {difference}\n{case:#?}");
        }
    }
}

/// The naive model's bands are those of the library's own check and latch, with the policy the sweep names for a cell.
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
                        latch.step(&policy, check(&policy, &window).vote);
                    }
                    assert_eq!(latch.band, *expected, "case {seed}, domain {domain}, day {day}");
                }
            }
        }
    }
}

/// The random cases are worth running: each outcome differs between cells of one grid, on each kind of axes and policy,
/// in dozens of them.
#[test]
fn random_cases_have_something_to_get_wrong() {
    let mut seen: BTreeMap<(String, Outcome), usize> = BTreeMap::new();
    for seed in 0..3_000 {
        let Case {
            table,
            sweep,
            current_ends,
        } = random_case(seed);
        let kind = |knob| match knob {
            Knob::MinimumProcessed => None,
            Knob::GoodAtMost { metric } | Knob::PoorAtLeast { metric, .. } => Some(metric),
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
    assert_eq!(seen.len(), 12 * Outcome::ALL.len());
    for ((kind, outcome), times) in seen {
        assert!(times >= 10, "{kind}: {outcome:?} differs in {times} cases only");
    }
}
