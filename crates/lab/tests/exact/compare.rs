//! Checks comparisons of A and B against the slow model, and their sentences.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests do"
)]

// In wasm, with `cargo xtask test`, other attributes make tests.
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use poolkeeper_test_support::{random, slow_model, traffic};

use poolkeeper_core::health::{Metric, MetricPolicy, Policy};
use poolkeeper_core::model::{Band, Counts, Day};
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::{
    AffectedDomain, Comparison, Deciding, DomainsAndMail, Finding, IpCapacity, Overrides, PerBand, PolicyResult,
    ReplayData, ReplayOptions, Side, Timeline, backtest, compare, coverage, findings, pool_loads,
};
use poolkeeper_test_support::slow_model::{Change, SlowDomain, Why};
use poolkeeper_test_support::traffic::Dice;

fn compared(data: ReplayData<'_>, a: &Policy, b: &Policy) -> Comparison {
    let options = ReplayOptions {
        overrides: Overrides::Kept,
    };
    let (in_a, in_b) = (
        backtest(data, a, &options).unwrap(),
        backtest(data, b, &options).unwrap(),
    );
    compare(
        data,
        PolicyResult {
            policy: a,
            result: &in_a,
        },
        PolicyResult {
            policy: b,
            result: &in_b,
        },
    )
}

fn day(table: &Table, at: usize) -> Day {
    table.first_day().plus(i32::try_from(at).unwrap())
}

fn processed(table: &Table, domain: usize, at: usize) -> u64 {
    table.get(domain, day(table, at)).map_or(0, |row| row.processed)
}

/// Checks the transition matrices, cell by cell.
fn assert_transitions(table: &Table, got: &Comparison, slow: &[(SlowDomain, SlowDomain)], case: &str) {
    for (in_a, in_b) in Band::ALL.into_iter().flat_map(|a| Band::ALL.map(|b| (a, b))) {
        let (mut ends, mut days) = (DomainsAndMail::default(), DomainsAndMail::default());
        for (domain, (a, b)) in slow.iter().enumerate() {
            let enrolled = |at: &usize| b.sends[*at].is_some();
            let mail: u64 = (0..b.sends.len())
                .filter(enrolled)
                .map(|at| processed(table, domain, at))
                .sum();
            if (a.final_band(), b.final_band()) == (Some(in_a), Some(in_b)) {
                ends = DomainsAndMail {
                    domains: ends.domains + 1,
                    messages: ends.messages + mail,
                };
            }
            for at in 0..b.ends.len() {
                if (a.ends[at], b.ends[at]) == (Some(in_a), Some(in_b)) {
                    days.domains += 1;
                }
                if (a.sends[at], b.sends[at]) == (Some(in_a), Some(in_b)) {
                    days.messages += processed(table, domain, at);
                }
            }
        }
        assert_eq!(got.ends.get(in_a, in_b), ends, "{case}: ends {in_a}/{in_b}");
        assert_eq!(got.days.get(in_a, in_b), days, "{case}: days {in_a}/{in_b}");
    }
}

fn why(deciding: Deciding) -> Why {
    match deciding {
        Deciding::BounceRate => Why::Bounce,
        Deciding::ComplaintRate => Why::Complaint,
        Deciding::BothRates => Why::Both,
        Deciding::BelowMinimum => Why::BelowMinimum,
    }
}

fn with(metric: Metric, counts: &Counts, events: u64) -> Counts {
    match metric {
        Metric::BounceRate => Counts {
            bounced: events,
            ..*counts
        },
        Metric::ComplaintRate => Counts {
            complained: events,
            ..*counts
        },
    }
}

fn vote_of(metric: Metric, policy: &Policy, counts: &Counts) -> Option<Option<Band>> {
    match metric {
        Metric::BounceRate => slow_model::metric(policy.bounce, counts.bounced, counts.delivered + counts.bounced),
        Metric::ComplaintRate => slow_model::metric(policy.complaint, counts.complained, counts.delivered),
    }
}

/// Checks one domain on which A and B diverged at a check.
fn assert_divergence(table: &Table, got: &AffectedDomain, change: &Change, policy: &Policy, case: &str) {
    let window = i64::from(policy.window_days);
    let counts = slow_model::window(table, got.domain as usize, i64::try_from(change.day).unwrap(), window);
    assert_eq!(got.deciding.map(why), Some(change.why), "{case}");
    let (vote, _) = slow_model::vote(policy, &counts);
    let on = [
        (Metric::BounceRate, policy.bounce),
        (Metric::ComplaintRate, policy.complaint),
    ];
    let neighbours = on.into_iter().filter(|(_, on)| on.is_some()).flat_map(|(metric, _)| {
        let events = metric.of(&counts).0;
        [events.checked_sub(1), Some(events + 1)].map(|events| events.map(|events| with(metric, &counts, events)))
    });
    let flips = neighbours
        .flatten()
        .any(|near| slow_model::vote(policy, &near).0 != vote);
    assert_eq!(got.is_one_event_from_flipping, flips, "{case}: {counts:?}");
    let Some(margin) = got.margin else { return };
    let Some(metric) = margin.metric else {
        assert_eq!(counts.processed + margin.events, policy.minimum_processed, "{case}");
        return;
    };
    // The margin flips the vote, and one event less does not.
    let now = vote_of(metric, policy, &counts);
    let events = metric.of(&counts).0;
    let moved = |by: u64| {
        if now == Some(Some(Band::Poor)) {
            events.checked_sub(by)
        } else {
            events.checked_add(by)
        }
    };
    let vote_after = |by: u64| vote_of(metric, policy, &with(metric, &counts, moved(by).unwrap()));
    assert_ne!(vote_after(margin.events), now, "{case}: {margin:?} of {counts:?}");
    assert_eq!(vote_after(margin.events - 1), now, "{case}: {margin:?} of {counts:?}");
}

fn assert_agrees(table: &Table, a: &Policy, b: &Policy, timeline: Option<&Timeline>, case: &str) {
    let got = compared(ReplayData { table, timeline }, a, b);
    let case = format!("{case}: {a:?} against {b:?}");
    let replay = |domain, policy| slow_model::replay(table, domain, policy, timeline, true);
    let slow: Vec<_> = (0..table.domains().len())
        .map(|domain| (replay(domain, a), replay(domain, b)))
        .collect();
    assert_transitions(table, &got, &slow, &case);
    let mut affected = got.affected.iter();
    for (domain, (a_slow, b_slow)) in slow.iter().enumerate() {
        let plain = |change: &Change| (change.day, change.from, change.to, change.why.is_check());
        let changes = |slow: &SlowDomain| slow.changes.iter().map(plain).collect::<Vec<_>>();
        let (in_a, in_b) = (changes(a_slow), changes(b_slow));
        if in_a == in_b {
            continue;
        }
        let got = affected.next().unwrap();
        assert_eq!(got.domain as usize, domain, "{case}");
        let shared = in_a.iter().zip(&in_b).take_while(|(a, b)| a == b).count();
        let first = |changes: &[(usize, _, _, _)]| changes.get(shared).map_or(usize::MAX, |change| change.0);
        let diverged = first(&in_a).min(first(&in_b));
        assert_eq!(got.diverged_on, day(table, diverged), "{case}");
        let days_apart = a_slow.ends.iter().zip(&b_slow.ends).filter(|(a, b)| a != b).count();
        assert_eq!(got.days_apart as usize, days_apart, "{case}");
        for (side, slow) in [(got.a, a_slow), (got.b, b_slow)] {
            assert_eq!(side.ends_in, slow.final_band(), "{case}");
            assert_eq!(side.moves as usize, slow.moves(), "{case}");
            assert_eq!(side.days_in_poor as usize, slow.days_in(Band::Poor), "{case}");
        }
        let (policy, slow) = if got.diverged_by == Side::A {
            (a, a_slow)
        } else {
            (b, b_slow)
        };
        let change = slow.changes[shared];
        if change.why.is_check() {
            assert_eq!(
                (got.a.band, got.b.band),
                (a_slow.ends[diverged], b_slow.ends[diverged]),
                "{case}"
            );
        }
        // Where they end apart, the last move to poor decided, or else the last to good.
        let ends = (a_slow.final_band(), b_slow.final_band());
        let is_in = |band| (ends.0 == Some(band), ends.1 == Some(band));
        let end = match (is_in(Band::Poor), is_in(Band::Good)) {
            ((true, false), _) | ((false, false), (true, false)) => a_slow.changes.last().map(|last| (a, *last)),
            ((false, true), _) | ((false, false), (false, true)) => b_slow.changes.last().map(|last| (b, *last)),
            _ => None,
        };
        let (policy, change) = end.unwrap_or((policy, change));
        assert_eq!(got.decided.unwrap().1, day(table, change.day), "{case}");
        if change.why.is_check() {
            assert_divergence(table, got, &change, policy, &case);
        }
    }
    assert_eq!(affected.next(), None, "{case}");
}

/// B is A with one parameter changed, or another policy.
fn draft(dice: &mut Dice, a: &Policy) -> Policy {
    let other = random::policy(dice);
    match dice.below(6) {
        0 => Policy {
            bounce: other.bounce.or(a.bounce),
            ..a.clone()
        },
        1 => Policy {
            complaint: other.complaint.or(a.complaint),
            ..a.clone()
        },
        2 => Policy {
            window_days: other.window_days,
            ..a.clone()
        },
        3 => Policy {
            minimum_processed: other.minimum_processed,
            ..a.clone()
        },
        4 => a.clone(),
        _ => other,
    }
}

#[test]
fn comparisons_agree_with_the_slow_model() {
    let mut differing = 0;
    for seed in 0..4_000 {
        let mut dice = Dice(3_000_000 + seed);
        let (table, a) = (random::table(&mut dice), random::policy(&mut dice));
        let b = draft(&mut dice, &a);
        let timeline = (dice.below(3) == 0).then(|| random::timeline(&mut dice, &table));
        differing += u32::from(
            !compared(
                ReplayData {
                    table: &table,
                    timeline: timeline.as_ref(),
                },
                &a,
                &b,
            )
            .affected
            .is_empty(),
        );
        assert_agrees(&table, &a, &b, timeline.as_ref(), &format!("seed {seed}"));
    }
    assert!(differing > 1_000, "{differing} pairs differ at all");
}

/// Forty domains with 1 000 messages a day for seven days. `bad` of them have these bounces and complaints on the last
/// day.
fn forty(bad: usize, bounced: u64, complained: u64) -> Table {
    let mut table = Table::empty(Day(0), 7, vec!["Acme".into()], traffic::domains(40));
    for domain in 0..40 {
        for at in 0..7 {
            let (bounced, complained) = if domain < bad && at == 6 {
                (bounced, complained)
            } else {
                (0, 0)
            };
            let row = Counts {
                processed: 1_000,
                delivered: 1_000 - bounced,
                bounced,
                complained,
            };
            table.add(domain, Day(at), &row).unwrap();
        }
    }
    table
}

fn complaints(good_at_most_ppm: u32, poor_at_least_ppm: u32) -> Policy {
    let complaint = Some(MetricPolicy {
        good_at_most_ppm,
        poor_at_least_ppm,
        poor_min_events: 3,
    });
    Policy {
        complaint,
        ..Policy::default()
    }
}

fn sentences(table: &Table, a: &Policy, b: &Policy, ips: Option<&IpCapacity>) -> Vec<String> {
    let comparison = compared(table.into(), a, b);
    findings(&comparison, &coverage(table), ips)
        .iter()
        .map(Finding::sentence)
        .collect()
}

#[test]
fn findings_are_sentences() {
    // Four complaints of 7 000 are 0.057 %: good up to 0.1 %, poor from 0.05 %.
    let table = forty(10, 0, 4);
    let (a, b) = (Policy::default(), complaints(500, 500));
    assert_eq!(
        sentences(&table, &a, &b, None),
        [
            "Poor: +10 domains at the end (25 % of the mail). 10 of the 10 new ones rest on fewer than 5 complaints.",
            "Good: −10 domains at the end (25 % of the mail).",
            "Domain-days in poor: 10 under B, 0 under A.",
            "Moves by health checks: 50 under B, 40 under A. Moves back within 14 days: 0 under B, 0 under A.",
            "10 of the 10 differences are close calls: one event would have decided otherwise.",
            "All days of this traffic are the start of the replay, with 50 moves under B, 40 moves under A: every domain \
             begins as new, and its windows are incomplete. Moves back, loads and IPs needed are not counted.",
        ]
    );
    assert_eq!(
        sentences(&table, &a, &a, None)[0],
        "A and B treat all 40 domains the same on every day."
    );
    // The other way round.
    assert_eq!(
        sentences(&table, &b, &a, None)[0],
        "Poor: −10 domains at the end (25 % of the mail)."
    );
}

#[test]
fn ips_are_counted_for_the_busiest_day_after_the_start() {
    let table = forty(10, 0, 40);
    // A window of one day is complete at the first check, so the start is one day.
    let policy = Policy {
        window_days: 1,
        ..Policy::default()
    };
    let comparison = compared((&table).into(), &policy, &policy);
    let ips = IpCapacity {
        not_warming: PerBand {
            good: 2,
            poor: 0,
            new: 1,
        },
        limit_per_day: 15_000,
    };
    let loads = pool_loads(comparison.first_day, &comparison.b, &ips);
    // The first day's mail, all 40,000, is sent from new. That is the replay's start and no load. All other mail is sent
    // from good, because the bad day's check comes after its mail.
    assert_eq!(comparison.b.messages_by_day.new, [40_000, 0, 0, 0, 0, 0, 0]);
    assert_eq!(
        (loads.new.days, loads.new.busiest_messages, loads.new.ips_needed),
        (6, 0, Some(0))
    );
    assert_eq!((loads.good.busiest_day, loads.good.messages), (Some(Day(1)), 240_000));
    assert_eq!(
        (loads.good.busiest_per_ip, loads.good.ips_needed),
        (Some(20_000), Some(3))
    );
    assert_eq!((loads.poor.busiest_per_ip, loads.poor.ips_needed), (None, Some(0)));
    assert_eq!(
        sentences(&table, &policy, &policy, Some(&ips)),
        [
            "A and B treat all 40 domains the same on every day.",
            "IPs the good pool needs on its busiest day, at 15,000 messages per IP: 3 under B, 3 under A. It has 2 warm IPs.",
            "The start of the replay is left out of moves back, loads and IPs needed: the first day, with 40 moves. Every \
             domain begins as new there.",
        ]
    );
}

#[test]
fn traffic_of_the_start_alone_has_no_load() {
    let table = forty(10, 0, 40);
    let policy = Policy::default();
    let comparison = compared((&table).into(), &policy, &policy);
    let ips = IpCapacity {
        not_warming: PerBand {
            good: 2,
            poor: 1,
            new: 1,
        },
        limit_per_day: 15_000,
    };
    let loads = pool_loads(comparison.first_day, &comparison.b, &ips);
    for band in Band::ALL {
        let load = loads.get(band);
        assert_eq!((load.days, load.messages, load.busiest_day), (0, 0, None));
        assert_eq!((load.busiest_per_ip, load.ips_needed), (None, None));
    }
}

#[test]
fn gaps_are_reported() {
    let mut table = Table::empty(Day(0), 2, vec!["Acme".into()], traffic::domains(2));
    table.add(0, Day(0), &Counts::ZERO).unwrap();
    let policy = Policy::default();
    assert_eq!(
        sentences(&table, &policy, &policy, None)[2],
        "Domain-days without data: 75 %. They add nothing to a window."
    );
}

#[test]
fn a_comparison_survives_json() {
    let table = traffic::plausible(5, 60, 60);
    let comparison = compared((&table).into(), &Policy::default(), &complaints(300, 900));
    assert!(!comparison.affected.is_empty());
    let text = serde_json::to_string(&comparison).unwrap();
    // Fractions may differ by a unit in the last place; everything else is an integer.
    let mut back: Comparison = serde_json::from_str(&text).unwrap();
    for (there, here) in back.affected.iter_mut().zip(&comparison.affected) {
        let (there_at, here_at) = (there.interval.take(), here.interval);
        assert_eq!(there_at.is_some(), here_at.is_some());
        let ends = there_at.zip(here_at);
        assert!(ends.is_none_or(|(a, b)| (a.low - b.low).abs() < 1e-12 && (a.high - b.high).abs() < 1e-12));
        there.interval = here.interval;
    }
    assert_eq!(back, comparison);
}
