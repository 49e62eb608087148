use super::*;
use poolkeeper_core::health::{MetricPolicy, check, metric_vote};
use poolkeeper_core::model::Counts;

/// The `u64` check equals the rule's check, for any policy and window.
#[test]
fn checks_are_the_rules() {
    let metric = |good_at_most_ppm, poor_at_least_ppm, poor_min_events| MetricPolicy {
        good_at_most_ppm,
        poor_at_least_ppm,
        poor_min_events,
    };
    let metrics = [
        None,
        Some(metric(50_000, 100_000, 1)),
        Some(metric(0, 0, 0)),
        Some(metric(100_000, 100_000, 3)),
        Some(metric(1_000, PPM, 2)),
    ];
    let counts = [0, 1, 2, 5, 45, 50, 95, 100, 900, 1_000, 90 * u64::from(u32::MAX)];
    let pairs = metrics
        .iter()
        .flat_map(|one| metrics.iter().map(move |other| (*one, *other)));
    let policies = pairs.flat_map(|(bounce, complaint)| {
        [
            (0, BelowMinimum::Hold),
            (100, BelowMinimum::Hold),
            (100, BelowMinimum::New),
        ]
        .map(|(minimum, below)| Policy {
            bounce,
            complaint,
            minimum_processed: minimum,
            below_minimum: below,
            ..Policy::default()
        })
    });
    for policy in policies.filter(|policy| policy.validate().is_ok()) {
        let plan = ReplayPlan::new(&policy);
        for (processed, delivered) in counts
            .iter()
            .flat_map(|one| counts.iter().map(move |other| (*one, *other)))
        {
            for (bounced, complained) in counts
                .iter()
                .flat_map(|one| counts.iter().map(move |other| (*one, *other)))
            {
                let window = WindowSums {
                    processed,
                    delivered,
                    bounced,
                    complained,
                };
                let counts = Counts {
                    processed,
                    delivered,
                    bounced,
                    complained,
                };
                assert_eq!(plan.check(&window), check(&policy, &counts), "{policy:?}: {counts:?}");
            }
        }
    }
}

/// The scaled comparisons agree with the rule around both thresholds and at the largest sums of a window.
#[test]
fn thresholds_agree_with_the_rule() {
    let most = 90 * u64::from(u32::MAX);
    let bases = [0, 1, 2, 3, 999, 1_000, 1_001, 33_333, most, 2 * most];
    let ppm = [0, 1, 999, 1_000, 3_000, 333_333, 999_999, PPM];
    let pairs = ppm.iter().flat_map(|good| ppm.iter().map(move |poor| (*good, *poor)));
    for (good_at_most_ppm, poor_at_least_ppm) in pairs.filter(|(good, poor)| good <= poor) {
        for (base, poor_min_events) in bases.iter().flat_map(|base| [0, 1, 3].map(|min| (*base, min))) {
            let metric = MetricPolicy {
                good_at_most_ppm,
                poor_at_least_ppm,
                poor_min_events,
            };
            let policy = Policy {
                bounce: Some(metric),
                ..Policy::default()
            };
            let thresholds = ScaledThresholds::new(&policy, Metric::BounceRate);
            let edge = |ppm: u32| u64::try_from(u128::from(base) * u128::from(ppm) / u128::from(PPM)).unwrap();
            let near = [edge(good_at_most_ppm), edge(poor_at_least_ppm), 0, 3, base.min(most)];
            for events in near.into_iter().flat_map(|near| near.saturating_sub(1)..=near + 1) {
                let actual = (thresholds.is_good(events, base), thresholds.is_poor(events, base));
                let vote = metric_vote(&metric, events, base);
                let expected = (vote == Vote::For(Band::Good), vote == Vote::For(Band::Poor));
                assert_eq!(actual, expected, "{metric:?}: {events} of {base}");
            }
        }
    }
}
