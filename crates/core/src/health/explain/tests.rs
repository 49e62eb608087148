//! Checks explanations against votes, event by event.

use super::*;
use proptest::prelude::*;

fn counts(processed: u64, delivered: u64, bounced: u64, complained: u64) -> Counts {
    Counts {
        processed,
        delivered,
        bounced,
        complained,
    }
}

#[test]
fn headroom_is_counted_in_events() {
    // 950 delivered: the 50th bounce is exactly 5 % of 1 000 sent, the 51st is past it; 106 of 1 056 are past 10 %.
    let explanation = explain(&Policy::default(), &counts(1_000, 950, 40, 0), Band::Good);
    let bounce = explanation.bounce.unwrap();
    assert_eq!((bounce.more_to_worse, bounce.fewer_to_better), (Some(11), None));
    assert_eq!(bounce.more_to_poor, Some(66));
    // 950 delivered, 0.3 %: 2.85, so the third complaint is poor.
    assert_eq!(explanation.complaint.unwrap().more_to_poor, Some(3));
    assert_eq!(
        explanation.more_to_poor,
        Some(MoreEvents {
            metric: Metric::ComplaintRate,
            events: 3
        })
    );
    assert_eq!(explanation.fewer_to_good, None);
}

#[test]
fn fewer_events_that_would_make_a_poor_domain_good() {
    let explanation = explain(&Policy::default(), &counts(20_000, 10_000, 2_000, 40), Band::Poor);
    // 526 of 10 526 are within 5 %, 527 are not; 0.1 % of 10 000 delivered is 10.
    assert_eq!(
        explanation.fewer_to_good,
        Some(FewerEvents {
            bounced: 2_000 - 526,
            complained: 30
        })
    );
    // 1 112 bounces of 11 112 are 10 %; with 1 111 it holds. 30 complaints are 0.3 %; with 29 it holds.
    assert_eq!(explanation.bounce.unwrap().fewer_to_better, Some(2_000 - 1_111));
    assert_eq!(explanation.complaint.unwrap().fewer_to_better, Some(11));
    assert_eq!(explanation.more_to_poor, None);
}

#[test]
fn below_the_minimum_nothing_but_mail_would_help() {
    let explanation = explain(&Policy::default(), &counts(400, 300, 100, 9), Band::New);
    assert_eq!(
        (
            explanation.missing_processed,
            explanation.more_to_poor,
            explanation.fewer_to_good
        ),
        (600, None, None)
    );
    assert!(!explanation.is_one_event_from_flipping);
}

#[test]
fn wilson_agrees_with_published_values() {
    // Newcombe (1998), method 3: 81 of 263 gives 0.2553 to 0.3662; 15 of 148 gives 0.0624 to 0.1605; 0 of 20 gives
    // 0 to 0.1611; 1 of 29 gives 0.0061 to 0.1718.
    for (events, base, low, high) in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ] {
        let interval = wilson(events, base).unwrap();
        assert!(
            (interval.low - low).abs() < 5e-5 && (interval.high - high).abs() < 5e-5,
            "{interval:?}"
        );
    }
    assert_eq!(wilson(0, 0), None);
    assert!(wilson(9, 3).unwrap().high <= 1.0);
}

fn policies() -> impl Strategy<Value = Policy> {
    let metric = || {
        let ppm = prop_oneof![0..=PPM, 0..200_000_u32, Just(0), Just(PPM)];
        proptest::option::weighted(
            0.8,
            (ppm.clone(), ppm, 0..8_u64).prop_map(|(a, b, poor_min_events)| MetricPolicy {
                good_at_most_ppm: a.min(b),
                poor_at_least_ppm: a.max(b),
                poor_min_events,
            }),
        )
    };
    (metric(), metric(), 0..100_u64).prop_map(|(bounce, complaint, minimum_processed)| Policy {
        bounce,
        complaint,
        minimum_processed,
        ..Policy::default()
    })
}

fn windows() -> impl Strategy<Value = Counts> {
    let small = (0..400_u64, 0..400_u64, 0..60_u64, 0..60_u64);
    let large = (
        0..u64::from(u32::MAX),
        0..u64::from(u32::MAX),
        0..100_000_u64,
        0..100_000_u64,
    );
    let counts = |(processed, delivered, bounced, complained)| counts(processed, delivered, bounced, complained);
    prop_oneof![small.prop_map(counts), large.prop_map(counts)]
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

/// Poor below Hold below Good.
fn rank(vote: Vote) -> u8 {
    match vote {
        Vote::For(Band::Poor) => 0,
        Vote::Hold | Vote::For(Band::New) => 1,
        Vote::For(Band::Good) => 2,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn applying_the_number_changes_the_vote_and_one_less_does_not(policy in policies(), counts in windows()) {
        let explanation = explain(&policy, &counts, Band::New);
        for part in [explanation.bounce, explanation.complaint].into_iter().flatten() {
            let vote_with = |events| {
                let (events, base) = part.metric.of(&with(part.metric, &counts, events));
                rank(super::super::metric_vote(&part.thresholds, events, base))
            };
            let now = vote_with(part.events);
            if let Some(more) = part.more_to_worse {
                prop_assert!(vote_with(part.events + more) < now);
                prop_assert_eq!(vote_with(part.events + more - 1), now);
            } else if now > 0 {
                prop_assert_eq!(vote_with(part.events + 1_000_000_000_000), now);
            }
            if let Some(fewer) = part.fewer_to_better {
                prop_assert!(vote_with(part.events - fewer) > now);
                prop_assert_eq!(vote_with(part.events - fewer + 1), now);
            } else {
                prop_assert_eq!(now, 2);
            }
            match part.more_to_poor {
                Some(0) => prop_assert_eq!(now, 0),
                Some(more) => {
                    prop_assert_eq!(vote_with(part.events + more), 0);
                    prop_assert!(vote_with(part.events + more - 1) > 0);
                }
                None => prop_assert!(vote_with(part.events + 1_000_000_000_000) > 0),
            }
            prop_assert_eq!(vote_with(part.events - part.fewer_to_good), 2);
            if part.fewer_to_good > 0 {
                prop_assert!(vote_with(part.events - part.fewer_to_good + 1) < 2);
            }
            let near = [part.events.checked_sub(1), Some(part.events + 1)];
            let flips = near.into_iter().flatten().any(|events| vote_with(events) != now);
            prop_assert_eq!(part.is_one_event_from_flipping, flips);
        }
    }

    #[test]
    fn the_whole_checks_numbers_hold_too(policy in policies(), counts in windows()) {
        let explanation = explain(&policy, &counts, Band::New);
        if let Some(more) = explanation.more_to_poor {
            let events = more.metric.of(&counts).0 + more.events;
            prop_assert_eq!(check(&policy, &with(more.metric, &counts, events)).vote, Vote::For(Band::Poor));
        }
        if let Some(fewer) = explanation.fewer_to_good.filter(|_| policy.bounce.is_some() || policy.complaint.is_some()) {
            let less = Counts {
                bounced: counts.bounced - fewer.bounced,
                complained: counts.complained - fewer.complained,
                ..counts
            };
            prop_assert_eq!(check(&policy, &less).vote, Vote::For(Band::Good));
        }
    }

    #[test]
    fn raising_a_bounce_or_complaint_count_never_improves_a_vote(
        policy in policies(),
        counts in windows(),
        more_bounces in 0..500_u64,
        more_complaints in 0..500_u64,
    ) {
        let worse = Counts {
            bounced: counts.bounced + more_bounces,
            complained: counts.complained + more_complaints,
            ..counts
        };
        let (before, after) = (check(&policy, &counts), check(&policy, &worse));
        prop_assert!(rank(after.vote) <= rank(before.vote));
        for metric in Metric::ALL {
            let pair = before.metric(metric).zip(after.metric(metric));
            prop_assert!(pair.is_none_or(|(before, after)| rank(after) <= rank(before)));
        }
    }

    #[test]
    fn the_interval_holds_the_rate(events in 0..5_000_u64, spare in 0..1_000_000_u64) {
        if let Some(interval) = wilson(events, events + spare) {
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let rate = events as f64 / (events + spare) as f64;
            prop_assert!(interval.low <= rate + 1e-12 && rate <= interval.high + 1e-12);
            prop_assert!(0.0 <= interval.low && interval.high <= 1.0);
        }
    }
}
