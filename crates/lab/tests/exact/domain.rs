//! Checks one domain under both policies, and its counterfactuals: each one applied, and one step less.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

// In wasm, with `cargo xtask test`, other attributes make tests.
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use poolkeeper_test_support::{random, slow_model, traffic};

use poolkeeper_core::health::{Policy, Vote};
use poolkeeper_core::model::{Band, Counts, Day};
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::{
    CleanDays, Counterfactuals, FewerEventsNeeded, Overrides, ReplayData, ReplayOptions, Side, ThresholdChange,
    Timeline, TimelineEvent, TimelineEventKind, counterfactuals, domain_view,
};
use poolkeeper_test_support::traffic::Dice;

const KEPT: ReplayOptions = ReplayOptions {
    overrides: Overrides::Kept,
};

const fn band_of(vote: Vote) -> Option<Band> {
    match vote {
        Vote::Hold => None,
        Vote::For(band) => Some(band),
    }
}

#[test]
fn the_days_of_a_domain_agree_with_the_slow_model() {
    for seed in 0..1_500 {
        let mut dice = Dice(4_000_000 + seed);
        let (table, a, b) = (
            random::table(&mut dice),
            random::policy(&mut dice),
            random::policy(&mut dice),
        );
        let timeline = (dice.below(2) == 0).then(|| random::timeline(&mut dice, &table));
        let data = ReplayData {
            table: &table,
            timeline: timeline.as_ref(),
        };
        let view = domain_view(data, 0, &a, &b, &KEPT).unwrap().unwrap();
        for (side, policy) in [(Side::A, &a), (Side::B, &b)] {
            let slow = slow_model::replay(&table, 0, policy, timeline.as_ref(), true);
            assert_eq!(view.days.len(), slow.ends.len());
            assert_eq!(view.moves(side).len(), slow.changes.len());
            for (at, day) in view.days.iter().enumerate() {
                let got = if side == Side::A { day.a } else { day.b };
                let last = i64::try_from(at).unwrap();
                assert_eq!(
                    got.window,
                    slow_model::window(&table, 0, last, i64::from(policy.window_days))
                );
                assert_eq!(
                    (got.sends_from, got.band),
                    (slow.sends[at], slow.ends[at]),
                    "seed {seed}, day {at}"
                );
                assert_eq!(got.is_check_day, slow.votes[at].is_some());
                if let Some(vote) = slow.votes[at] {
                    assert_eq!(band_of(got.check.vote), vote, "seed {seed}, day {at}");
                }
                assert_eq!(day.counts, table.get(0, day.day));
            }
        }
    }
}

fn reaches(policy: &Policy, counts: &Counts, target: Vote) -> bool {
    let (vote, _) = slow_model::vote(policy, counts);
    if target == Vote::Hold {
        vote != Some(Band::Poor)
    } else {
        vote == Some(Band::Good)
    }
}

fn less(counts: &Counts, bounced: u64, complained: u64) -> Counts {
    Counts {
        bounced: counts.bounced - bounced,
        complained: counts.complained - complained,
        ..*counts
    }
}

/// Applying it flips the verdict, and no smaller number of events does.
fn assert_fewer(policy: &Policy, counts: &Counts, fewer: &FewerEventsNeeded, case: &str) {
    let flips = |bounced, complained| reaches(policy, &less(counts, bounced, complained), fewer.vote);
    assert!(flips(fewer.bounced, fewer.complained), "{case}: {fewer:?}");
    assert!(fewer.bounced + fewer.complained > 0, "{case}: {fewer:?}");
    if let Some(one_less) = fewer.bounced.checked_sub(1) {
        assert!(!flips(one_less, fewer.complained), "{case}: {fewer:?}");
    }
    if let Some(one_less) = fewer.complained.checked_sub(1) {
        assert!(!flips(fewer.bounced, one_less), "{case}: {fewer:?}");
    }
    if (counts.bounced + 1).saturating_mul(counts.complained + 1) < 2_000 {
        for bounced in 0..=counts.bounced {
            for complained in 0..=counts.complained {
                let is_smaller = bounced + complained < fewer.bounced + fewer.complained;
                assert!(
                    !(is_smaller && flips(bounced, complained)),
                    "{case}: {bounced} and {complained} do"
                );
            }
        }
    }
}

/// The table without these events of the window, latest days first.
fn without(table: &Table, domain: usize, last: i32, window_days: i32, fewer: &FewerEventsNeeded) -> Table {
    let mut without = Table::empty(
        table.first_day(),
        table.day_count(),
        table.accounts.clone(),
        table.domains().to_vec(),
    );
    let (mut bounced, mut complained) = (fewer.bounced, fewer.complained);
    for at in (0..i32::try_from(table.day_count()).unwrap()).rev() {
        let day = table.first_day().plus(at);
        let Some(mut row) = table.get(domain, day) else {
            continue;
        };
        if at <= last && at > last - window_days {
            let (less_bounced, less_complained) = (bounced.min(row.bounced), complained.min(row.complained));
            (bounced, complained) = (bounced - less_bounced, complained - less_complained);
            (row.bounced, row.complained) = (row.bounced - less_bounced, row.complained - less_complained);
        }
        without.add(domain, day, &row).unwrap();
    }
    assert_eq!((bounced, complained), (0, 0));
    without
}

fn assert_threshold_change(policy: &Policy, counts: &Counts, change: &ThresholdChange, case: &str) {
    let is_good = |change: &ThresholdChange| {
        let applied = change.apply(policy);
        applied.validate().unwrap();
        reaches(&applied, counts, Vote::For(Band::Good))
    };
    assert!(is_good(change), "{case}: {change:?}");
    let less = |ppm: Option<u32>| ppm.and_then(|ppm| ppm.checked_sub(1));
    if let Some(ppm) = less(change.bounce_good_at_most_ppm) {
        assert!(
            !is_good(&ThresholdChange {
                bounce_good_at_most_ppm: Some(ppm),
                ..*change
            }),
            "{case}: {change:?}"
        );
    }
    if let Some(ppm) = less(change.complaint_good_at_most_ppm) {
        assert!(
            !is_good(&ThresholdChange {
                complaint_good_at_most_ppm: Some(ppm),
                ..*change
            }),
            "{case}: {change:?}"
        );
    }
    if let Some(minimum) = change.minimum_processed {
        assert!(
            !is_good(&ThresholdChange {
                minimum_processed: Some(minimum + 1),
                ..*change
            }),
            "{case}: {change:?}"
        );
    }
}

/// The average of the latest 28 days with a row, without bounces and complaints.
fn average_day(table: &Table, domain: usize) -> Option<Counts> {
    let days = (0..i32::try_from(table.day_count()).unwrap())
        .rev()
        .map(|at| table.first_day().plus(at));
    let rows: Vec<Counts> = days.filter_map(|day| table.get(domain, day)).take(28).collect();
    let count = u64::try_from(rows.len()).unwrap();
    let processed: u64 = rows.iter().map(|row| row.processed).sum();
    let sent: u64 = rows.iter().map(|row| row.delivered + row.bounced).sum();
    (count > 0).then(|| Counts {
        processed: processed / count,
        delivered: (sent / count).min(u64::from(u32::MAX)),
        bounced: 0,
        complained: 0,
    })
}

fn ends_after(table: &Table, domain: usize, clean: u32, policy: &Policy, timeline: Option<&Timeline>) -> Option<Band> {
    let days = table.day_count();
    let mut extended = Table::empty(
        table.first_day(),
        days + clean,
        table.accounts.clone(),
        table.domains().to_vec(),
    );
    for at in 0..days + clean {
        let day = table.first_day().plus(i32::try_from(at).unwrap());
        let row = if at < days {
            table.get(domain, day)
        } else {
            average_day(table, domain)
        };
        if let Some(row) = row {
            extended.add(domain, day, &row).unwrap();
        }
    }
    slow_model::replay(&extended, domain, policy, timeline, true).final_band()
}

fn assert_clean_days(table: &Table, policy: &Policy, timeline: Option<&Timeline>, got: &Counterfactuals, case: &str) {
    let ends = |clean| ends_after(table, 0, clean, policy, timeline);
    let case = format!("{case}: {:?}", got.clean_days);
    match got.clean_days {
        CleanDays::Good => assert_eq!(ends(0), Some(Band::Good), "{case}"),
        CleanDays::NotEnrolled => assert_eq!(ends(0), None, "{case}"),
        CleanDays::After(days) => {
            assert_eq!(ends(days), Some(Band::Good), "{case}");
            assert_ne!(ends(days - 1), Some(Band::Good), "{case}");
        }
        CleanDays::TooLittleMail => {
            let a_window = average_day(table, 0).map_or(0, |row| row.processed) * u64::from(policy.window_days);
            assert!(a_window < policy.minimum_processed, "{case}: {a_window}");
            assert_ne!(ends(100), Some(Band::Good), "{case}");
        }
        CleanDays::Pinned => {
            assert!(timeline.is_some());
            assert_ne!(ends(100), Some(Band::Good), "{case}");
        }
    }
}

#[test]
fn every_counterfactual_flips_the_verdict_and_one_step_less_does_not() {
    let mut seen = [0; 7];
    for seed in 0..1_500 {
        let mut dice = Dice(5_000_000 + seed);
        let (table, policy) = (random::table(&mut dice), random::policy(&mut dice));
        let mut timeline = (dice.below(3) == 0).then(|| random::timeline(&mut dice, &table));
        // Events after the last day would affect the appended days.
        if let Some(events) = &mut timeline {
            let mut past = Timeline::new(events.others_enrolled);
            let end = table
                .first_day()
                .plus(i32::try_from(table.day_count()).unwrap())
                .start();
            events
                .events(0)
                .iter()
                .filter(|event| event.at < end)
                .for_each(|event| past.push(0, *event));
            *events = past;
        }
        let case = format!("seed {seed}: {policy:?} {timeline:?}");
        let data = ReplayData {
            table: &table,
            timeline: timeline.as_ref(),
        };
        let Some(got) = counterfactuals(data, 0, &policy, &KEPT).unwrap() else {
            assert!(table.day_count() < policy.check_every_days, "{case}");
            seen[0] += 1;
            continue;
        };
        let last = got.checked_on.since(table.first_day());
        let window_days = i64::from(policy.window_days);
        let counts = slow_model::window(&table, 0, i64::from(last), window_days);
        assert_eq!(got.explanation.counts, counts, "{case}");
        let (vote, why) = slow_model::vote(&policy, &counts);
        let is_judged = why != slow_model::Why::BelowMinimum;
        assert_eq!(got.fewer.is_empty(), vote == Some(Band::Good) || !is_judged, "{case}");
        for fewer in &got.fewer {
            assert_fewer(&policy, &counts, fewer, &case);
            let without = without(&table, 0, last, i32::try_from(window_days).unwrap(), fewer);
            let run = slow_model::replay(&without, 0, &policy, timeline.as_ref(), true);
            let vote = run.votes[usize::try_from(last).unwrap()].unwrap();
            assert!(if fewer.vote == Vote::Hold {
                vote != Some(Band::Poor)
            } else {
                vote == Some(Band::Good)
            });
            seen[1 + usize::from(fewer.vote == Vote::Hold)] += 1;
        }
        match &got.threshold_change {
            Some(change) => {
                assert_threshold_change(&policy, &counts, change, &case);
                let run = slow_model::replay(&table, 0, &change.apply(&policy), timeline.as_ref(), true);
                assert_eq!(got.ends_in_with_change, run.final_band(), "{case}");
                seen[3] += 1;
            }
            None if vote == Some(Band::Good) => seen[4] += 1,
            // More events than messages: not even 100 % makes it good.
            None => {
                let all = ThresholdChange {
                    bounce_good_at_most_ppm: Some(1_000_000),
                    complaint_good_at_most_ppm: Some(1_000_000),
                    minimum_processed: Some(0),
                };
                assert!(!reaches(&all.apply(&policy), &counts, Vote::For(Band::Good)), "{case}");
                seen[5] += 1;
            }
        }
        assert_clean_days(&table, &policy, timeline.as_ref(), &got, &case);
        seen[6] += usize::from(matches!(got.clean_days, CleanDays::After(_)));
    }
    assert!(
        seen.iter().all(|count| *count > 20),
        "every kind of answer was seen: {seen:?}"
    );
}

#[test]
fn a_bad_day_by_hand() {
    let mut table = Table::empty(Day(0), 10, vec![String::new()], traffic::domains(1));
    for day in 0..10 {
        let bounced = if day == 8 { 900 } else { 0 };
        let row = Counts {
            processed: 1_000,
            delivered: 1_000 - bounced,
            bounced,
            complained: 0,
        };
        table.add(0, Day(day), &row).unwrap();
    }
    let got = counterfactuals((&table).into(), 0, &Policy::default(), &KEPT)
        .unwrap()
        .unwrap();
    // 900 of 7 000 are 12.9 %. Of 6 100 delivered, 677 bounces are 9.99 % of 6 777 and 321 are 5 % of 6 421.
    assert_eq!(
        got.fewer,
        [
            FewerEventsNeeded {
                vote: Vote::Hold,
                bounced: 223,
                complained: 0
            },
            FewerEventsNeeded {
                vote: Vote::For(Band::Good),
                bounced: 579,
                complained: 0
            },
        ]
    );
    // 900 ÷ 7 000 is 12.857142… %.
    assert_eq!(got.threshold_change.unwrap().bounce_good_at_most_ppm, Some(128_572));
    assert_eq!(got.ends_in_with_change, Some(Band::Good));
    // Day 8 leaves the window of day 15, the sixth day from now.
    assert_eq!(got.clean_days, CleanDays::After(6));
    let mut timeline = Timeline::new(true);
    timeline.push(
        0,
        TimelineEvent {
            at: Day(9).start(),
            kind: TimelineEventKind::Pinned(Band::New),
        },
    );
    let data = ReplayData {
        table: &table,
        timeline: Some(&timeline),
    };
    assert_eq!(
        counterfactuals(data, 0, &Policy::default(), &KEPT)
            .unwrap()
            .unwrap()
            .clean_days,
        CleanDays::Pinned
    );
    let ignored = ReplayOptions {
        overrides: Overrides::Ignored,
    };
    assert_eq!(
        counterfactuals(data, 0, &Policy::default(), &ignored)
            .unwrap()
            .unwrap()
            .clean_days,
        CleanDays::After(6)
    );
}
