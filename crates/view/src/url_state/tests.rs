//! Tests of addresses and scales.

use super::*;
use poolkeeper_core::health::{BelowMinimum, MetricPolicy, PRESETS};
use std::collections::BTreeMap;

fn read(query: &[(&str, &str)], defaults: &Defaults) -> (UrlState, Vec<String>) {
    let query: BTreeMap<_, _> = query.iter().copied().collect();
    UrlState::read(|key| query.get(key).map(|value| (*value).to_owned()), defaults)
}

fn written(settings: &UrlState, defaults: &Defaults) -> Vec<(&'static str, String)> {
    let pairs = settings.pairs(defaults).into_iter();
    pairs.filter(|(_, value)| !value.is_empty()).collect()
}

fn round_trip(settings: &UrlState, defaults: &Defaults) -> UrlState {
    let pairs = written(settings, defaults);
    let pairs: Vec<_> = pairs.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let (settings, problems) = read(&pairs, defaults);
    assert_eq!(problems, Vec::<String>::new());
    settings
}

fn thresholds(good_at_most_ppm: u32, poor_at_least_ppm: u32, poor_min_events: u64) -> Option<MetricPolicy> {
    Some(MetricPolicy {
        good_at_most_ppm,
        poor_at_least_ppm,
        poor_min_events,
    })
}

#[test]
fn default_settings_have_an_empty_address() {
    let defaults = Defaults::default();
    assert_eq!(written(&UrlState::of(&defaults), &defaults), []);
    assert_eq!(read(&[], &defaults), (UrlState::of(&defaults), Vec::new()));
    let stricter = Defaults {
        policy: Policy {
            window_days: 14,
            ..Policy::default()
        },
        ..Defaults::default()
    };
    assert_eq!(written(&UrlState::of(&stricter), &stricter), []);
    assert_eq!(read(&[], &stricter).0.a.window_days, 14);
}

#[test]
fn only_what_differs_from_the_default_is_written_and_it_can_be_read_by_people() {
    let defaults = Defaults::default();
    let mut settings = UrlState::of(&defaults);
    settings.b.bounce = thresholds(40_000, 80_000, 1);
    settings.b.complaint = thresholds(800, 2_000, 5);
    settings.b.window_days = 14;
    settings.options.overrides = Overrides::Ignored;
    assert_eq!(
        written(&settings, &defaults),
        [
            ("b", "bounce-4-8_complaint-0.08-0.2-5_window-14".to_owned()),
            ("overrides", "ignored".to_owned()),
        ]
    );
    assert_eq!(round_trip(&settings, &defaults), settings);
}

#[test]
fn every_choice_and_every_preset_comes_back_as_it_was() {
    let defaults = Defaults::default();
    let all_settings = Policy {
        window_days: 90,
        check_every_days: 30,
        bounce: None,
        complaint: thresholds(1, 1_000_000, 0),
        minimum_processed: u64::MAX,
        below_minimum: BelowMinimum::New,
        promotion_after_checks: 90,
        demotion_after_checks: 2,
    };
    let policies = PRESETS.iter().map(|preset| preset.policy()).chain([all_settings]);
    for b in policies {
        for a in [Policy::default(), b.clone()] {
            let settings = UrlState {
                a,
                b: b.clone(),
                ..UrlState::of(&defaults)
            };
            assert_eq!(round_trip(&settings, &defaults), settings);
        }
    }
}

#[test]
fn a_link_means_the_same_wherever_it_is_opened() {
    let here = Defaults {
        scenario: Some(ScenarioSpec::default()),
        ..Defaults::default()
    };
    let there = Defaults {
        policy: PRESETS[3].policy(),
        scenario: ScenarioSpec::new(ScenarioKind::SlowDecay, 60, 9).ok(),
        ..Defaults::default()
    };
    let mut settings = UrlState::of(&here);
    settings.b.window_days = 30;
    let pairs = written(&settings, &here);
    assert_eq!(
        pairs,
        [
            ("b", "window-30".to_owned()),
            ("traffic", "bought-list-400-1-90".to_owned())
        ]
    );
    let pairs: Vec<_> = pairs.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let (opened, problems) = read(&pairs, &there);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!((&opened.a, &opened.b), (&settings.a, &settings.b));
    assert_eq!(opened.source, StudyTraffic::Scenario(ScenarioSpec::default()));
    // Where the simulator has this scenario, the link means its own history.
    assert_eq!(read(&pairs, &here).0.source, StudyTraffic::Simulator);
}

#[test]
fn a_default_policy_is_named_where_the_page_would_start_from_another() {
    let defaults = Defaults {
        policy: PRESETS[3].policy(),
        ..Defaults::default()
    };
    let settings = UrlState {
        a: Policy::default(),
        b: Policy::default(),
        ..UrlState::of(&defaults)
    };
    assert_eq!(written(&settings, &defaults), [("a", "default".to_owned())]);
    assert_eq!(round_trip(&settings, &defaults), settings);
}

#[test]
fn unreadable_parameters_are_reported_and_get_defaults() {
    let defaults = Defaults::default();
    let query = [
        ("a", "bounce-9-4_window-14"),
        ("b", "bounce-off_complaint-off_window-999_nonsense"),
        ("overrides", "maybe"),
        ("ips", "1-2-3"),
        ("traffic", "bought-list-0-1-90"),
    ];
    let (settings, problems) = read(&query, &defaults);
    let a = Policy {
        window_days: 14,
        ..Policy::default()
    };
    assert_eq!((settings.a, settings.b), (a, Policy::default()));
    assert_eq!(
        (settings.options, settings.ips, settings.source),
        (ReplayOptions::default(), None, StudyTraffic::Simulator)
    );
    assert_eq!(problems.len(), 7, "{problems:#?}");
    assert!(
        problems[0].starts_with("Policy A in the link: “bounce-9-4” is not valid"),
        "{}",
        problems[0]
    );
    for text in [
        "bounce-4",
        "bounce-4-8-1-1",
        "bounce-x-8",
        "bounce-4-101",
        "window-0",
        "check-31",
        "below-x",
        "-",
        "x",
    ] {
        let (settings, problems) = read(&[("b", text)], &defaults);
        assert_eq!((settings.b, problems.len()), (Policy::default(), 1), "{text}");
    }
}

#[test]
fn where_traffic_comes_from_and_the_ips_come_back() {
    let defaults = Defaults::default();
    let spec = ScenarioSpec::new(ScenarioKind::SteadySenders, 60, u64::MAX)
        .unwrap()
        .with_past_days(30)
        .unwrap();
    for (source, text) in [
        (
            StudyTraffic::Scenario(spec),
            "steady-senders-60-18446744073709551615-30",
        ),
        (StudyTraffic::File, "file"),
        (StudyTraffic::Live(365), "live-365"),
    ] {
        let settings = UrlState {
            source,
            ips: parse_ips("4-2-3-200000"),
            ..UrlState::of(&defaults)
        };
        assert_eq!(
            written(&settings, &defaults),
            [("ips", "4-2-3-200000".to_owned()), ("traffic", text.to_owned())]
        );
        assert_eq!(round_trip(&settings, &defaults), settings);
    }
    assert_eq!(read(&[("traffic", "live-366")], &defaults).1.len(), 1);
}

#[test]
fn a_domain_out_of_a_file_or_an_account_never_gets_into_the_address() {
    let defaults = Defaults::default();
    let looked_at = |source| UrlState {
        source,
        domain: Some("customer.example".to_owned()),
        ..UrlState::of(&defaults)
    };
    for (source, is_named) in [
        (StudyTraffic::Simulator, true),
        (StudyTraffic::Scenario(ScenarioSpec::default()), true),
        (StudyTraffic::File, false),
        (StudyTraffic::Live(30), false),
    ] {
        let pairs = written(&looked_at(source), &defaults);
        assert_eq!(pairs.iter().any(|(_, value)| value.contains("customer")), is_named);
    }
}

#[test]
fn a_slider_steps_through_round_values_and_back() {
    use super::scale::{BOUNCE, COMPLAINT, SliderScale, WINDOW};
    assert_eq!([BOUNCE.moved(50_000, 1), BOUNCE.moved(51_000, -1)], [51_000, 50_000]);
    assert_eq!([COMPLAINT.moved(1_000, 1), COMPLAINT.moved(1_020, -1)], [1_020, 1_000]);
    assert_eq!(
        [WINDOW.moved(7, 1), WINDOW.moved(1, -1), WINDOW.moved(90, 1)],
        [8, 1, 90]
    );
    // An exact value between two steps goes to the next round one.
    assert_eq!([BOUNCE.moved(50_001, 1), BOUNCE.moved(50_001, -1)], [51_000, 50_000]);
    for scale in [BOUNCE, COMPLAINT, WINDOW] {
        let SliderScale { least, most, .. } = scale;
        assert_eq!((scale.position(least), scale.position(most)), (0.0, 1.0));
        assert_eq!((scale.value_at(0.0), scale.value_at(1.0)), (least, most));
        let mut value = least;
        while value < most {
            let next = scale.moved(value, 1);
            assert!(
                next > value && scale.position(next) > scale.position(value),
                "{value} to {next}"
            );
            assert!(scale.moved(next, -1) < next, "{next} goes down");
            let near = scale.value_at(scale.position(next));
            assert!(
                near.abs_diff(next) <= scale.step(next),
                "{next} is shown, {near} is meant"
            );
            value = next;
        }
    }
}

#[test]
fn cells_come_back_and_others_are_none() {
    use super::list::{cell_text, parse_cell};
    use poolkeeper_core::model::Band;
    assert_eq!(cell_text((Band::Good, Band::Poor)), "good-poor");
    assert_eq!(parse_cell("new-good"), Some((Band::New, Band::Good)));
    assert_eq!([parse_cell("good"), parse_cell("good-best"), parse_cell("")], [None; 3]);
}

#[test]
fn a_link_may_not_ask_for_an_account_that_a_phone_could_not_bear() {
    // 100,000 domains x 100 days are 10 million domain-days; a day more is too much.
    let read = |text: &str| read(&[("traffic", text)], &Defaults::default());
    let (settings, problems) = read("bought-list-100000-1-100");
    assert!(matches!(settings.source, StudyTraffic::Scenario(_)) && problems.is_empty());
    let (settings, problems) = read("bought-list-100000-1-101");
    assert_eq!(settings.source, StudyTraffic::Simulator);
    assert_eq!(
        problems,
        [
            "The traffic in the link has 10,100,000 domain-days; a link may ask for 10,000,000 at most. The simulator's history is used."
        ]
    );
}
