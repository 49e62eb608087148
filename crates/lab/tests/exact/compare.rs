//! Comparing A and B against the slow model, and the sentences it comes to.
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

/// The 3×3 tables, cell by cell.
fn assert_crossings(table: &Table, got: &Comparison, slow: &[(SlowDomain, SlowDomain)], case: &str) {
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

fn in_words(deciding: Deciding) -> Why {
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

/// What is said of one domain that parted at a check.
fn assert_parting(table: &Table, got: &AffectedDomain, change: &Change, policy: &Policy, case: &str) {
    let window = i64::from(policy.window_days);
    let counts = slow_model::window(table, got.domain as usize, i64::try_from(change.day).unwrap(), window);
    assert_eq!(got.deciding.map(in_words), Some(change.why), "{case}");
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
    // Away from poor by fewer events, away from good by more: with one less it votes as it did.
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
    assert_crossings(table, &got, &slow, &case);
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
        let parted = first(&in_a).min(first(&in_b));
        assert_eq!(got.parted_on, day(table, parted), "{case}");
        let apart = a_slow.ends.iter().zip(&b_slow.ends).filter(|(a, b)| a != b).count();
        assert_eq!(got.days_apart as usize, apart, "{case}");
        for (treatment, slow) in [(got.a, a_slow), (got.b, b_slow)] {
            assert_eq!(treatment.ends_in, slow.final_band(), "{case}");
            assert_eq!(treatment.moves as usize, slow.moves(), "{case}");
            assert_eq!(treatment.days_in_poor as usize, slow.days_in(Band::Poor), "{case}");
        }
        let (policy, slow) = if got.parted_by == Side::A {
            (a, a_slow)
        } else {
            (b, b_slow)
        };
        let change = slow.changes[shared];
        if change.why.is_check() {
            assert_eq!(
                (got.a.band, got.b.band),
                (a_slow.ends[parted], b_slow.ends[parted]),
                "{case}"
            );
            assert_parting(table, got, &change, policy, &case);
        }
    }
    assert_eq!(affected.next(), None, "{case}");
}

/// B is A with one thing changed, or something else altogether.
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

/// Forty domains of 1 000 messages on each of seven days; `bad` of them with this many bounces and complaints on the last.
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
fn the_findings_read_as_a_person_would_put_them() {
    // Four complaints of 7 000 are 0.057 %: good up to 0.1 %, poor from 0.05 %.
    let table = forty(10, 0, 4);
    let (a, b) = (Policy::default(), complaints(500, 500));
    assert_eq!(
        sentences(&table, &a, &b, None),
        [
            "Under B 10 more domains, 25 % of the mail, end in poor; 10 of them on fewer than five complaints.",
            "Under B 10 fewer domains, 25 % of the mail, end in good.",
            "Domains spend 10 more domain-days in poor under B (10 instead of 0).",
            "Checks move domains 50 times under B, 40 times under A; 0 of B's moves lead back within 14 days, 0 of A's.",
            "10 of the 10 domains on which A and B differ part over a verdict that one bounce or complaint more or fewer \
             would have changed.",
        ]
    );
    assert_eq!(
        sentences(&table, &a, &a, None),
        ["A and B treat all 40 domains the same on every day."]
    );
    // The other way round.
    assert_eq!(
        sentences(&table, &b, &a, None)[0],
        "Under B 10 fewer domains, 25 % of the mail, end in poor."
    );
}

#[test]
fn ips_are_counted_for_the_busiest_day() {
    let table = forty(10, 0, 40);
    let policy = Policy::default();
    let comparison = compared((&table).into(), &policy, &policy);
    let ips = IpCapacity {
        not_warming: PerBand {
            good: 3,
            poor: 0,
            new: 1,
        },
        limit_per_day: 15_000,
    };
    let loads = pool_loads(comparison.first_day, &comparison.b, &ips);
    // The first day's mail leaves from new, all other from good: the bad day's check comes after its mail.
    assert_eq!(
        (loads.new.busiest_day, loads.new.busiest_messages, loads.new.messages),
        (Some(Day(0)), 40_000, 40_000)
    );
    assert_eq!((loads.good.busiest_day, loads.good.messages), (Some(Day(1)), 240_000));
    assert_eq!(
        (loads.good.busiest_per_ip, loads.good.ips_needed),
        (Some(13_334), Some(3))
    );
    assert_eq!((loads.poor.busiest_per_ip, loads.poor.ips_needed), (None, Some(0)));
    assert_eq!(
        sentences(&table, &policy, &policy, Some(&ips)),
        [
            "A and B treat all 40 domains the same on every day.",
            "On its busiest day the new pool needs 3 IPs under B, 3 under A, at 15,000 messages an IP; it has 1 that is not \
             warming."
        ]
    );
}

#[test]
fn gaps_are_said_not_papered_over() {
    let mut table = Table::empty(Day(0), 2, vec!["Acme".into()], traffic::domains(2));
    table.add(0, Day(0), &Counts::ZERO).unwrap();
    let policy = Policy::default();
    assert_eq!(
        sentences(&table, &policy, &policy, None)[1],
        "75 % of the domain-days have no row. They are not days with zero: they add nothing to a window."
    );
}

#[test]
fn a_comparison_survives_json() {
    let table = traffic::plausible(5, 60, 60);
    let comparison = compared((&table).into(), &Policy::default(), &complaints(300, 900));
    assert!(!comparison.affected.is_empty());
    let text = serde_json::to_string(&comparison).unwrap();
    // Fractions may come back a unit in the last place away; everything else is whole.
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
