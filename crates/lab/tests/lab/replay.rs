//! Checks that a replay of a simulated account under its own policy gives its history, record by record.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests do"
)]

use poolkeeper_core::health::{BelowMinimum, Metric, Policy, Preset};
use poolkeeper_core::model::{Band, Counts, Timestamp};
use poolkeeper_lab::{BandMove, Cause, Deciding, Overrides, ReplayData, ReplayOptions, Timeline, backtest};
use poolkeeper_simulator::sim::{
    AccountBuilder, Actor, Command, DomainIx, MoveReason, RemovalReplacement, ScenarioKind, ScenarioSpec, Sim,
};
use poolkeeper_test_support::traffic::Dice;
use poolkeeper_test_support::{slow_model, traffic};
use std::sync::Arc;

/// A history record without its author.
type Line = (Timestamp, Option<Band>, Band, MoveReason, Counts);

fn reason(cause: Cause) -> MoveReason {
    match cause {
        Cause::Check(Deciding::BounceRate) => MoveReason::Metric(Metric::BounceRate),
        Cause::Check(Deciding::ComplaintRate) => MoveReason::Metric(Metric::ComplaintRate),
        Cause::Check(Deciding::BothRates) => MoveReason::Multiple,
        Cause::Check(Deciding::BelowMinimum) => MoveReason::BelowMinimum,
        Cause::Override => MoveReason::OverrideSet,
        Cause::Enrolled => MoveReason::Enrolled,
        Cause::Left => panic!("leaving writes no record"),
    }
}

fn assert_replays(sim: &Sim, case: &str) {
    let table = sim.to_table(sim.first_day(), sim.last_complete_day());
    let timeline = Timeline::of(sim);
    let data = ReplayData {
        table: &table,
        timeline: Some(&timeline),
    };
    let replay = backtest(
        data,
        sim.policy(),
        &ReplayOptions {
            overrides: Overrides::Kept,
        },
    )
    .unwrap();
    let today = sim.now().day();
    for domain in sim.domains() {
        let history: Vec<Line> = sim
            .records_of(domain.ix)
            .map(|view| view.record)
            // What people did today is not part of the table's days.
            .filter(|record| record.day() < today)
            .map(|record| {
                (
                    record.at,
                    record.prev_band,
                    record.new_band,
                    record.reason,
                    record.counts,
                )
            })
            .collect();
        let line = |change: &BandMove| -> Option<Line> {
            let last = i64::from(change.day) - i64::from(!change.is_by_check());
            let mut counts =
                slow_model::window(&table, domain.ix.0 as usize, last, i64::from(sim.policy().window_days));
            if change.at(table.first_day()) == table.first_day().start() {
                counts = Counts::ZERO;
            }
            Some((
                change.at(table.first_day()),
                change.from,
                change.to?,
                reason(change.cause),
                counts,
            ))
        };
        let mut replayed: Vec<Line> = replay.moves_of(domain.ix.0).iter().filter_map(line).collect();
        replayed.reverse();
        assert_eq!(replayed, history, "{case}: {}", domain.name);
    }
    assert_eq!(replay.day_count as usize, sim.day_totals().len(), "{case}");
    for (day, totals) in sim.day_totals().iter().enumerate() {
        for band in Band::ALL {
            assert_eq!(
                replay.domains_by_day.get(band)[day],
                *totals.domains.get(band),
                "{case}: day {day}, {band}"
            );
            let messages = totals.counts.get(band).processed;
            assert_eq!(
                replay.messages_by_day.get(band)[day],
                messages,
                "{case}: day {day}, {band}"
            );
        }
    }
}

fn policies() -> Vec<Policy> {
    let odd = Policy {
        window_days: 3,
        check_every_days: 4,
        minimum_processed: 200,
        below_minimum: BelowMinimum::New,
        promotion_after_checks: 2,
        demotion_after_checks: 3,
        ..Policy::default()
    };
    let none = Policy {
        minimum_processed: 0,
        ..Policy::default()
    };
    vec![
        Policy::default(),
        Preset::by_id("gmail-yahoo").unwrap().policy(),
        odd,
        none,
    ]
}

#[test]
fn scenarios_replay_as_they_happened() {
    for kind in ScenarioKind::ALL {
        for (seed, policy) in (1..).zip(policies()) {
            let spec = ScenarioSpec::new(kind, 150, seed).unwrap();
            let sim = AccountBuilder::scenario_with_policy(&spec, &policy).finish();
            assert!(sim.history_len() > 20, "{kind:?} has a history");
            assert_replays(&sim, &format!("{kind:?}, seed {seed}"));
        }
    }
}

#[test]
fn tables_replay_as_they_happened() {
    let table = Arc::new(traffic::plausible(11, 120, 80));
    for policy in policies() {
        let sim = AccountBuilder::table_with_policy(Arc::clone(&table), "a file", &policy).finish();
        assert_replays(&sim, &format!("{policy:?}"));
    }
}

/// Random enrolments, removals and overrides at any time of day.
#[test]
fn accounts_changed_by_people_replay_as_they_happened() {
    let person = Actor::parent("somebody@example.com");
    for seed in 0..12 {
        let mut dice = Dice(seed);
        let kind = dice.pick(&ScenarioKind::ALL);
        let policy = policies().swap_remove(usize::try_from(dice.below(4)).unwrap());
        let spec = ScenarioSpec::new(kind, 150, seed).unwrap();
        let mut sim = AccountBuilder::scenario_with_policy(&spec, &policy).finish();
        let mut accepted = 0;
        for _ in 0..120 {
            let ix = DomainIx(u32::try_from(dice.below(u64::from(sim.domain_count()))).unwrap());
            let domain = sim.domain(ix).unwrap().name.clone();
            let command = match dice.below(8) {
                0 => Command::Enroll {
                    domain,
                    replacement_ip: None,
                },
                1 => Command::Unenroll {
                    domain,
                    replacement: RemovalReplacement::Shared,
                },
                2 | 3 => Command::SetOverride {
                    domain,
                    pool: dice.pick(&Band::ALL),
                },
                4 => Command::ClearOverride { domain },
                5 => Command::EnrollAll {
                    include_subaccounts: dice.below(2) == 0,
                },
                _ => Command::Advance {
                    seconds: dice.pick(&[1, 600, 40_000, 86_400, 200_000]),
                },
            };
            accepted += u32::from(sim.apply(&person, &command).is_ok());
        }
        assert!(accepted > 30, "{accepted} commands were accepted");
        // To a midnight, so that the table covers everything.
        let rest = sim.now().day().end().0 - sim.now().0;
        sim.apply(
            &person,
            &Command::Advance {
                seconds: u64::try_from(rest).unwrap(),
            },
        )
        .unwrap();
        assert_replays(&sim, &format!("seed {seed}"));
    }
}
