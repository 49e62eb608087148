//! Calibrates accounts whose policy the test knows and the lab does not.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

// In wasm, with `cargo xtask test`, other attributes make tests.
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use poolkeeper_test_support::random;

use poolkeeper_core::health::{Metric, MetricPolicy, Policy};
use poolkeeper_core::model::{
    AccountId, Band, Domain, DomainId, DomainName, HistoryRecord, PoolName, Preview, PreviewMetric, Rate,
};
use poolkeeper_lab::calibrate::{
    Assumptions, Calibration, DomainStatus, HiddenThreshold, ObservationKind, Observations, ObservedPreview,
    Uninformative, calibrate,
};
use poolkeeper_simulator::sim::{
    AccountBuilder, Actor, Command, DomainIx, MoveRecord, ScenarioKind, ScenarioSpec, Sim,
};
use poolkeeper_test_support::traffic::Dice;
use std::sync::Arc;

/// How the service rounds rates.
#[derive(Clone, Copy, Debug)]
enum Digits {
    Full,
    Rounded(i32),
    Cut(i32),
}

impl Digits {
    fn apply(self, rate: Option<f64>) -> Option<f64> {
        let text = |rate: f64, decimals: i32| {
            format!("{rate:.*}", usize::try_from(decimals).unwrap())
                .parse()
                .unwrap()
        };
        rate.map(|rate| match self {
            Self::Full => rate,
            Self::Rounded(decimals) => text(rate, decimals),
            Self::Cut(decimals) => text((rate * 10_f64.powi(decimals)).floor() / 10_f64.powi(decimals), decimals),
        })
    }
}

fn history_record(sim: &Sim, record: &MoveRecord, digits: Digits) -> HistoryRecord {
    HistoryRecord {
        id: String::new(),
        owning_account_id: AccountId::default(),
        account_id: AccountId::default(),
        account_name: None,
        domain_id: DomainId::default(),
        domain_name: sim.domain(record.domain).unwrap().name.clone(),
        new_band: Some(record.new_band.into()),
        prev_band: record.prev_band.map(PoolName::from),
        reason: record.reason.text(record.new_band),
        bounce_rate: digits.apply(record.counts.bounce_rate()).map(Rate),
        complaint_rate: digits.apply(record.counts.complaint_rate()).map(Rate),
        processed_count: Some(record.counts.processed),
        initiated_by: Some(sim.person(record.by).to_owned()),
        timestamp: Some(record.at.to_utc()),
    }
}

fn preview(sim: &Sim, name: &DomainName, digits: Digits) -> ObservedPreview {
    let verdict = sim.preview(&Actor::parent("somebody@example.com"), name).unwrap();
    let metric = |metric: Metric, value: Option<f64>| {
        let band = verdict.metric_band(metric).map(PoolName::from);
        band.map(|band| PreviewMetric {
            value: digits.apply(value),
            band: Some(band),
        })
    };
    #[expect(clippy::cast_precision_loss, reason = "as the service sends it")]
    let processed = verdict.counts.processed as f64;
    ObservedPreview {
        domain: name.clone(),
        standing: verdict.current.map_or(DomainStatus::NotEnrolled, DomainStatus::In),
        preview: Preview {
            pool: Some(verdict.band.into()),
            bounce_rate: metric(Metric::BounceRate, verdict.counts.bounce_rate()),
            complaint_rate: metric(Metric::ComplaintRate, verdict.counts.complaint_rate()),
            processed_count: Some(PreviewMetric {
                value: Some(processed),
                band: Some(verdict.processed_band().into()),
            }),
            message: None,
        },
    }
}

/// Everything a client can observe of the account.
fn observe(sim: &Sim, digits: Digits) -> Observations {
    let history = (0..sim.history_len())
        .rev()
        .map(|ix| history_record(sim, &sim.record(ix).unwrap().record, digits));
    let enrolled = sim.domains().filter(|domain| domain.enrolment.is_some());
    let domains = enrolled.map(|domain| {
        let counts = domain.last_check.map(|check| check.counts);
        Domain {
            id: DomainId::default(),
            account_id: AccountId::default(),
            account_name: None,
            name: domain.name.clone(),
            registered_at: None,
            pool: domain.band().unwrap().into(),
            is_overridden: Some(domain.is_overridden()),
            bounce_rate: digits.apply(counts.and_then(|counts| counts.bounce_rate())).map(Rate),
            complaint_rate: digits
                .apply(counts.and_then(|counts| counts.complaint_rate()))
                .map(Rate),
            processed_count: counts.map(|counts| counts.processed),
        }
    });
    Observations {
        previews: sim.domains().map(|domain| preview(sim, domain.name, digits)).collect(),
        domains: domains.collect(),
        history: history.collect(),
    }
}

/// The correct assumptions for a policy.
fn assumptions(policy: &Policy) -> Assumptions {
    Assumptions {
        moves_on_one_vote: policy.promotion_after_checks == 1 && policy.demotion_after_checks == 1,
        bounce_min_events: policy.bounce.unwrap().poor_min_events,
        complaint_min_events: policy.complaint.unwrap().poor_min_events,
    }
}

fn truth(policy: &Policy, threshold: HiddenThreshold) -> u64 {
    let (bounce, complaint) = (policy.bounce.unwrap(), policy.complaint.unwrap());
    match threshold {
        HiddenThreshold::BounceGoodAtMost => u64::from(bounce.good_at_most_ppm),
        HiddenThreshold::BouncePoorAtLeast => u64::from(bounce.poor_at_least_ppm),
        HiddenThreshold::ComplaintGoodAtMost => u64::from(complaint.good_at_most_ppm),
        HiddenThreshold::ComplaintPoorAtLeast => u64::from(complaint.poor_at_least_ppm),
        HiddenThreshold::MinimumProcessed => policy.minimum_processed,
    }
}

fn assert_contains_the_truth(found: &Calibration, policy: &Policy, case: &str) {
    for interval in &found.intervals {
        let truth = truth(policy, interval.threshold);
        assert!(
            interval.contains(truth),
            "{case}: {truth} is not in {interval:?}; {policy:?}"
        );
    }
    assert_eq!(found.intervals.len(), 5);
}

fn hidden(dice: &mut Dice) -> Policy {
    let mut metric = |scale: u64, min_events: &[u64]| {
        let (one, other) = (dice.below(scale), dice.below(scale));
        let equal = dice.below(5) == 0;
        MetricPolicy {
            good_at_most_ppm: u32::try_from(one.min(other)).unwrap(),
            poor_at_least_ppm: u32::try_from(if equal { one.min(other) } else { one.max(other) }).unwrap(),
            poor_min_events: dice.pick(min_events),
        }
    };
    let (bounce, complaint) = (metric(150_000, &[1, 1, 5]), metric(5_000, &[1, 3, 3, 10]));
    Policy {
        bounce: Some(bounce),
        complaint: Some(complaint),
        ..random::policy(dice)
    }
}

#[test]
fn the_true_thresholds_always_lie_in_the_intervals() {
    let person = Actor::parent("somebody@example.com");
    for seed in 0..60 {
        let mut dice = Dice(6_000_000 + seed);
        let policy = hidden(&mut dice);
        let spec = ScenarioSpec::new(dice.pick(&ScenarioKind::ALL), 120, seed).unwrap();
        let mut sim = AccountBuilder::scenario_with_policy(&spec, &policy).finish();
        // Set and remove overrides, so that some bands are not those of a check.
        for _ in 0..30 {
            let ix = DomainIx(u32::try_from(dice.below(u64::from(sim.domain_count()))).unwrap());
            let domain = sim.domain(ix).unwrap().name.clone();
            let _ = sim.apply(
                &person,
                &Command::SetOverride {
                    domain: domain.clone(),
                    pool: dice.pick(&Band::ALL),
                },
            );
            if dice.below(2) == 0 {
                let _ = sim.apply(&person, &Command::ClearOverride { domain });
            }
        }
        let digits = dice.pick(&[
            Digits::Full,
            Digits::Full,
            Digits::Rounded(6),
            Digits::Rounded(4),
            Digits::Cut(5),
        ]);
        let found = calibrate(&observe(&sim, digits), &assumptions(&policy));
        let case = format!("seed {seed}, {digits:?}");
        assert_eq!(found.contradictions, [], "{case}");
        assert!(found.observations > 50, "{case}");
        assert_contains_the_truth(&found, &policy, &case);
        let used = found.policy(&Policy::default());
        used.validate().unwrap();
        assert_contains_the_truth(&found, &used, &case);
    }
}

#[test]
fn the_true_thresholds_lie_in_the_intervals_on_edge_cases_too() {
    for seed in 0..1_500 {
        let mut dice = Dice(7_000_000 + seed);
        let random = random::policy(&mut dice);
        let other = hidden(&mut dice);
        let policy = Policy {
            bounce: random.bounce.or(other.bounce),
            complaint: random.complaint.or(other.complaint),
            ..random
        };
        let table = Arc::new(random::table(&mut dice));
        let sim = AccountBuilder::table_with_policy(table, "edges", &policy).finish();
        let digits = dice.pick(&[Digits::Full, Digits::Rounded(3), Digits::Cut(2)]);
        let found = calibrate(&observe(&sim, digits), &assumptions(&policy));
        assert_eq!(found.contradictions, [], "seed {seed}: {policy:?}");
        assert_contains_the_truth(&found, &policy, &format!("seed {seed}, {digits:?}"));
    }
}

/// A whole account bounds every threshold of the default policy within a factor of ten.
#[test]
fn a_whole_account_narrows_the_default_policy() {
    let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 1_000, 5).unwrap();
    let sim = AccountBuilder::scenario_with_policy(&spec, &Policy::default()).finish();
    let found = calibrate(&observe(&sim, Digits::Full), &Assumptions::default());
    for threshold in HiddenThreshold::ALL {
        let interval = found.interval(threshold).unwrap();
        let (low, high) = (interval.at_least, interval.at_most.unwrap());
        assert!(interval.lower.is_some() && interval.upper.is_some(), "{interval:?}");
        let truth = truth(&Policy::default(), threshold);
        assert!(low >= truth / 10 && high <= truth * 10, "{interval:?} is not narrow");
    }
}

fn planted(sim: &Sim, reason: &str, band: Band, bounce: f64, complaint: f64, processed: u64) -> HistoryRecord {
    let template = sim.record(0).unwrap().record;
    HistoryRecord {
        reason: reason.to_owned(),
        new_band: Some(band.into()),
        bounce_rate: Some(Rate(bounce)),
        complaint_rate: Some(Rate(complaint)),
        processed_count: Some(processed),
        initiated_by: Some("system".to_owned()),
        ..history_record(sim, &template, Digits::Full)
    }
}

#[test]
fn planted_contradictions_are_found_and_left_out() {
    let policy = Policy::default();
    let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 400, 9).unwrap();
    let sim = AccountBuilder::scenario_with_policy(&spec, &policy).finish();
    let honest = observe(&sim, Digits::Full);
    let undisturbed = calibrate(&honest, &Assumptions::default());
    let lies = [
        planted(&sim, "bounce_rate in poor threshold", Band::Poor, 0.000_1, 0.0, 50_000),
        planted(&sim, "bounce_rate in good threshold", Band::Good, 0.9, 0.0, 50_000),
        planted(
            &sim,
            "complaint_rate in poor threshold",
            Band::Poor,
            0.01,
            0.000_000_9,
            50_000,
        ),
        planted(
            &sim,
            "Multiple metrics in good threshold",
            Band::Good,
            0.01,
            0.5,
            50_000,
        ),
        planted(
            &sim,
            "processed_count below minimum",
            Band::New,
            0.01,
            0.0001,
            400_000_000,
        ),
        planted(&sim, "bounce_rate in poor threshold", Band::Poor, 0.5, 0.0, 1),
    ];
    for lie in lies {
        let mut observations = honest.clone();
        observations.history.push(lie.clone());
        let position = u32::try_from(observations.history.len() - 1).unwrap();
        let found = calibrate(&observations, &Assumptions::default());
        let first = &found.contradictions.first().unwrap().left_out;
        assert_eq!(
            (first.kind, first.position),
            (ObservationKind::History, position),
            "{lie:?}"
        );
        assert!(
            found.contradictions.iter().all(|one| one.left_out.position == position),
            "{lie:?}"
        );
        assert!(found.contradictions.iter().all(|one| one.against.is_some()), "{lie:?}");
        assert_eq!(found.intervals, undisturbed.intervals, "{lie:?}");
        assert_contains_the_truth(&found, &policy, &lie.reason);
    }
}

/// The two previews of the service's public examples, calculated by hand.
#[test]
fn the_public_examples_by_hand() {
    let shown = |value, band: Band| {
        Some(PreviewMetric {
            value: Some(value),
            band: Some(band.into()),
        })
    };
    let observed = |name: &str, bounce, bounce_band| ObservedPreview {
        domain: DomainName::as_sent(name),
        standing: DomainStatus::NotEnrolled,
        preview: Preview {
            pool: Some(PoolName::Known(bounce_band)),
            bounce_rate: shown(bounce, bounce_band),
            complaint_rate: shown(0.0002, Band::Good),
            processed_count: shown(25_000.0, Band::Good),
            message: None,
        },
    };
    let previews = vec![
        observed("bad.example", 0.25, Band::Poor),
        observed("fine.example", 0.04, Band::Good),
    ];
    let mut observations = Observations {
        previews,
        ..Observations::default()
    };
    let found = calibrate(&observations, &Assumptions::default());
    let ends = |found: &Calibration, threshold| {
        let interval = found.interval(threshold).unwrap();
        (interval.at_least, interval.at_most)
    };
    // Two decimals: 0.04 may be as little as 0.03, 0.25 as much as 0.26. Four: 0.0002 may be 0.0001.
    assert_eq!(ends(&found, HiddenThreshold::BounceGoodAtMost), (30_000, Some(260_000)));
    assert_eq!(
        ends(&found, HiddenThreshold::BouncePoorAtLeast),
        (30_000, Some(260_000))
    );
    assert_eq!(
        ends(&found, HiddenThreshold::ComplaintGoodAtMost),
        (100, Some(1_000_000))
    );
    assert_eq!(ends(&found, HiddenThreshold::MinimumProcessed), (0, Some(25_000)));
    let lower = found
        .interval(HiddenThreshold::BounceGoodAtMost)
        .unwrap()
        .lower
        .clone()
        .unwrap();
    assert_eq!(
        (lower.source.domain.as_str(), lower.needs_others),
        ("fine.example", false)
    );
    // One implies that 4 % is good, the other that 1 % is poor. Either may be wrong, so both are dropped.
    observations.previews = vec![
        observed("fine.example", 0.04, Band::Good),
        observed("odd.example", 0.01, Band::Poor),
    ];
    let found = calibrate(&observations, &Assumptions::default());
    assert_eq!(ends(&found, HiddenThreshold::BounceGoodAtMost), (0, Some(1_000_000)));
    let names: Vec<_> = found
        .contradictions
        .iter()
        .map(|one| one.left_out.domain.as_str())
        .collect();
    assert_eq!(names, ["fine.example", "odd.example"]);
}

/// Of two rates that may have made a domain poor, one is the cause once the other is known to be good.
#[test]
fn bounds_follow_from_several_observations() {
    let spec = ScenarioSpec::new(ScenarioKind::SteadySenders, 60, 1).unwrap();
    let sim = Sim::scenario(&spec);
    let record = |reason: &str, band, bounce, complaint| planted(&sim, reason, band, bounce, complaint, 50_000);
    let digits = 1.0 / 3.0;
    let history = vec![
        record("Enrolled", Band::Poor, 0.07, 0.0005),
        record("Multiple metrics in good threshold", Band::Good, 0.01, 0.0006),
        // So that rates have full precision.
        record("Multiple metrics in poor threshold", Band::Poor, digits, digits),
    ];
    let found = calibrate(
        &Observations {
            history,
            ..Observations::default()
        },
        &Assumptions::default(),
    );
    let bounce = found.interval(HiddenThreshold::BouncePoorAtLeast).unwrap();
    assert_eq!((bounce.at_least, bounce.at_most), (10_000, Some(70_000)));
    assert!(bounce.upper.as_ref().unwrap().needs_others);
}

#[test]
fn pinned_bands_are_ignored() {
    let spec = ScenarioSpec::new(ScenarioKind::SteadySenders, 60, 1).unwrap();
    let sim = Sim::scenario(&spec);
    let mut by_hand = planted(&sim, "Override set", Band::Poor, 0.001, 0.0, 50_000);
    by_hand.initiated_by = Some("somebody@example.com".to_owned());
    let unknown = planted(&sim, "Because we felt like it", Band::Poor, 0.001, 0.0, 50_000);
    let found = calibrate(
        &Observations {
            history: vec![by_hand, unknown],
            ..Observations::default()
        },
        &Assumptions::default(),
    );
    assert_eq!(found.observations, 0);
    assert_eq!(
        found.silent,
        [(Uninformative::Pinned, 1), (Uninformative::UnknownReason, 1)]
    );
    assert!(
        found
            .intervals
            .iter()
            .all(|interval| interval.lower.is_none() && interval.upper.is_none())
    );
}

/// 7 of 900 sent messages are 7.75 of 997 processed ones, so the rate is no share of those; 7 of 997 is.
#[test]
fn the_messages_that_rates_are_shares_of_are_tried() {
    let spec = ScenarioSpec::new(ScenarioKind::SteadySenders, 60, 1).unwrap();
    let sim = Sim::scenario(&spec);
    let history_of = |bounce_base: u32| -> Vec<HistoryRecord> {
        let events = [7_u32, 11, 13, 17, 19];
        let records = events.map(|events| {
            let bounce = f64::from(events) / f64::from(bounce_base);
            planted(&sim, "Multiple metrics in good threshold", Band::Good, bounce, 0.0, 997)
        });
        records.into()
    };
    let bounce_base = |history| {
        let observations = Observations {
            history,
            ..Observations::default()
        };
        let found = calibrate(&observations, &Assumptions::default());
        // No complaint tells nothing.
        let [base] = found.bases.as_slice() else {
            panic!("{:?}", found.bases);
        };
        *base
    };
    let of_processed = bounce_base(history_of(997));
    assert_eq!((of_processed.whole, of_processed.broken), (5, 0));
    assert_eq!(of_processed.is_of_processed(), Some(true));
    let of_sent = bounce_base(history_of(900));
    assert_eq!((of_sent.whole, of_sent.broken), (0, 5));
    assert_eq!(of_sent.is_of_processed(), Some(false));
    assert_eq!(
        of_sent.sentence(),
        "Bounce rate: not a share of processed messages, by 5 of 5 rates."
    );
}
