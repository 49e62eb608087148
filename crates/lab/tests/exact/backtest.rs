//! Checks the backtest against the slow model, on thousands of small tables with edge cases.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests do"
)]

// In wasm, with `cargo xtask test`, other attributes make tests.
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use poolkeeper_test_support::{random, slow_model, traffic};

use poolkeeper_core::health::{MetricPolicy, Policy, Preset};
use poolkeeper_core::model::{Band, Counts, Day};
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::{
    Backtest, BacktestRun, Cause, Deciding, Overrides, ReplayData, ReplayOptions, Timeline, TimelineEvent,
    TimelineEventKind, backtest, backtest_domains,
};
use poolkeeper_test_support::slow_model::{Change, SlowDomain, Why};
use poolkeeper_test_support::traffic::Dice;

const fn why(cause: Cause) -> Why {
    match cause {
        Cause::Check(Deciding::BounceRate) => Why::Bounce,
        Cause::Check(Deciding::ComplaintRate) => Why::Complaint,
        Cause::Check(Deciding::BothRates) => Why::Both,
        Cause::Check(Deciding::BelowMinimum) => Why::BelowMinimum,
        Cause::Override => Why::Override,
        Cause::Enrolled => Why::Enrolled,
        Cause::Left => Why::Left,
    }
}

/// Compares every output of a backtest with the slow model's.
fn assert_agrees(table: &Table, policy: &Policy, timeline: Option<&Timeline>, options: &ReplayOptions, case: &str) {
    let result = backtest(ReplayData { table, timeline }, policy, options).unwrap();
    let pins = options.overrides == Overrides::Kept;
    let count = table.domains().len();
    let slow: Vec<SlowDomain> = (0..count)
        .map(|domain| slow_model::replay(table, domain, policy, timeline, pins))
        .collect();
    let case = format!("{case}: {policy:?} {options:?} {timeline:?}");
    for (domain, slow) in slow.iter().enumerate() {
        let moves = result.moves_of(u32::try_from(domain).unwrap());
        assert!(moves.iter().all(|change| change.domain as usize == domain));
        let changes: Vec<Change> = moves
            .iter()
            .map(|change| Change {
                day: change.day as usize,
                from: change.from,
                to: change.to,
                why: why(change.cause),
            })
            .collect();
        assert_eq!(changes, slow.changes, "{case}, domain {domain}");
        let got = &result.domains[domain];
        assert_eq!(got.ends_in, slow.final_band(), "{case}, domain {domain}");
        assert_eq!(
            (got.moves as usize, got.flaps as usize),
            (slow.moves(), slow.flaps(policy)),
            "{case}, domain {domain}"
        );
        for band in Band::ALL {
            let messages: u64 = (0..slow.sends.len())
                .filter(|day| slow.sends[*day] == Some(band))
                .map(|day| {
                    table
                        .get(domain, table.first_day().plus(i32::try_from(day).unwrap()))
                        .map_or(0, |row| row.processed)
                })
                .sum();
            assert_eq!(
                *got.days.get(band) as usize,
                slow.days_in(band),
                "{case}, domain {domain}, {band}"
            );
            assert_eq!(*got.messages.get(band), messages, "{case}, domain {domain}, {band}");
        }
    }
    assert_days_agree(table, policy, &result, &slow, &case);
}

fn assert_days_agree(table: &Table, policy: &Policy, result: &Backtest, slow: &[SlowDomain], case: &str) {
    let totals = result.totals();
    for band in Band::ALL {
        for day in 0..table.day_count() as usize {
            let at = table.first_day().plus(i32::try_from(day).unwrap());
            let domains = slow.iter().filter(|domain| domain.ends[day] == Some(band)).count();
            let messages: u64 = (0..slow.len())
                .filter(|domain| slow[*domain].sends[day] == Some(band))
                .map(|domain| table.get(domain, at).map_or(0, |row| row.processed))
                .sum();
            assert_eq!(
                result.domains_by_day.get(band)[day] as usize,
                domains,
                "{case}, {band} on day {day}"
            );
            assert_eq!(
                result.messages_by_day.get(band)[day],
                messages,
                "{case}, {band} on day {day}"
            );
        }
        let ends = slow.iter().filter(|domain| domain.final_band() == Some(band)).count();
        assert_eq!(*totals.ends_in.get(band), ends as u64);
        let days: u64 = result
            .domains_by_day
            .get(band)
            .iter()
            .map(|count| u64::from(*count))
            .sum();
        assert_eq!(*totals.domain_days.get(band), days);
        assert_eq!(
            *totals.messages.get(band),
            result.messages_by_day.get(band).iter().sum::<u64>()
        );
    }
    assert_eq!(
        totals.moves,
        slow.iter().map(|domain| domain.moves() as u64).sum::<u64>()
    );
    assert_eq!(
        totals.flaps,
        slow.iter().map(|domain| domain.flaps(policy) as u64).sum::<u64>()
    );
}

#[test]
fn plain_domains_agree_with_the_slow_model() {
    for seed in 0..6_000 {
        let mut dice = Dice(seed);
        let (table, policy) = (random::table(&mut dice), random::policy(&mut dice));
        assert_agrees(
            &table,
            &policy,
            None,
            &ReplayOptions::default(),
            &format!("seed {seed}"),
        );
    }
}

#[test]
fn enrolments_and_overrides_agree_with_the_slow_model() {
    for seed in 0..4_000 {
        let mut dice = Dice(1_000_000 + seed);
        let (table, policy) = (random::table(&mut dice), random::policy(&mut dice));
        let timeline = random::timeline(&mut dice, &table);
        for overrides in [Overrides::Kept, Overrides::Ignored] {
            assert_agrees(
                &table,
                &policy,
                Some(&timeline),
                &ReplayOptions { overrides },
                &format!("seed {seed}"),
            );
        }
    }
}

#[test]
fn plausible_traffic_agrees_with_the_slow_model_under_every_preset() {
    let table = traffic::plausible(7, 150, 100);
    for preset in poolkeeper_core::health::PRESETS {
        assert_agrees(&table, &preset.policy(), None, &ReplayOptions::default(), preset.name);
    }
}

/// The fast and the exact path agree. An event that changes nothing forces the exact path.
#[test]
fn both_paths_agree() {
    for seed in 0..2_000 {
        let mut dice = Dice(2_000_000 + seed);
        let (table, policy) = (random::table(&mut dice), random::policy(&mut dice));
        let mut timeline = Timeline::new(true);
        for domain in 0..u32::try_from(table.domains().len()).unwrap() {
            timeline.push(
                domain,
                TimelineEvent {
                    at: table.first_day().start(),
                    kind: TimelineEventKind::Unpinned,
                },
            );
        }
        let fast = backtest(&table, &policy, &ReplayOptions::default()).unwrap();
        let daily = ReplayData {
            table: &table,
            timeline: Some(&timeline),
        };
        assert_eq!(
            fast,
            backtest(daily, &policy, &ReplayOptions::default()).unwrap(),
            "seed {seed}: {policy:?}"
        );
    }
}

#[test]
fn parts_add_up_to_the_whole() {
    let table = traffic::plausible(3, 600, 90);
    let (policy, options) = (Policy::default(), ReplayOptions::default());
    let data = ReplayData::from(&table);
    let whole = backtest(&table, &policy, &options).unwrap();
    let one = backtest_domains(data, &policy, &options, 13..14).unwrap();
    assert_eq!(one.moves_of(13), whole.moves_of(13));
    assert_eq!(one.moves_of(12), []);

    // Replay in parts, with a part of another run appended between.
    let mut sum = BacktestRun::new(&table, &policy, &options, &(0..600)).unwrap();
    sum.replay(data, 0..13);
    let mut part = sum.part(&table, &(13..500));
    part.replay(data, 13..14);
    part.replay(data, 14..500);
    sum.append(&part);
    sum.replay(data, 500..600);
    assert_eq!(sum.finish(), whole);
}

#[test]
fn a_policy_out_of_range_is_refused_by_name() {
    let table = traffic::plausible(3, 1, 1);
    let policy = Policy {
        window_days: 91,
        ..Policy::default()
    };
    let refused = backtest(&table, &policy, &ReplayOptions::default()).unwrap_err();
    assert!(refused.to_string().contains("window_days"), "{refused}");
}

/// By hand: ten days of one domain under the default policy.
#[test]
fn a_bad_week_by_hand() {
    let domain = traffic::domains(1);
    let mut table = Table::empty(Day(0), 10, vec![String::new()], domain);
    for day in 0..10 {
        // 1 % bounces, but 40 % on day 3.
        let bounced = if day == 3 { 400 } else { 10 };
        let row = Counts {
            processed: 1_000,
            delivered: 1_000 - bounced,
            bounced,
            complained: 0,
        };
        table.add(0, Day(day), &row).unwrap();
    }
    let result = backtest(&table, &Policy::default(), &ReplayOptions::default()).unwrap();
    // Day 3: 430 of 4 000 is 10.75 %, poor. Days 4 to 9: 8.8 % down to 6.6 % hold. Day 10 would be clean again.
    let moves: Vec<_> = result
        .moves
        .iter()
        .map(|change| (change.day, change.to, change.cause))
        .collect();
    assert_eq!(
        moves,
        [
            (0, Some(Band::Good), Cause::Check(Deciding::BothRates)),
            (3, Some(Band::Poor), Cause::Check(Deciding::BounceRate)),
        ]
    );
    let domain = &result.domains[0];
    assert_eq!((domain.days.good, domain.days.poor, domain.days.new), (3, 7, 0));
    // Day 0's mail left before its check, from new; day 3's from good.
    assert_eq!(
        (domain.messages.new, domain.messages.good, domain.messages.poor),
        (1_000, 3_000, 6_000)
    );
}

/// Gmail's rule as published: judged daily, good again after seven good days in a row.
#[test]
fn seven_good_days_in_a_row_by_hand() {
    let mut table = Table::empty(Day(0), 20, vec![String::new()], traffic::domains(1));
    for day in 0..20 {
        let complained = if day == 5 { 2 } else { 0 };
        let row = Counts {
            processed: 1_000,
            delivered: 1_000,
            bounced: 0,
            complained,
        };
        table.add(0, Day(day), &row).unwrap();
    }
    let policy = Preset::by_id("gmail-yahoo").unwrap().policy();
    let result = backtest(&table, &policy, &ReplayOptions::default()).unwrap();
    // Days 0–4 vote good, day 5 holds (0.2 %), days 6–12 are the seven.
    assert_eq!(result.moves.iter().map(|change| change.day).collect::<Vec<_>>(), [12]);
    // One threshold for both: day 5 votes poor.
    let both = MetricPolicy {
        good_at_most_ppm: 1_000,
        poor_at_least_ppm: 1_000,
        poor_min_events: 1,
    };
    let strict = Policy {
        complaint: Some(both),
        ..policy
    };
    let result = backtest(&table, &strict, &ReplayOptions::default()).unwrap();
    assert_eq!(
        result.moves.iter().map(|change| change.day).collect::<Vec<_>>(),
        [5, 12]
    );
    assert_eq!(result.domains[0].flaps, 0, "new to poor to good is not there and back");
}
