//! The scenarios: what kind of account each makes, and that its traffic is what the scenario says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests may fail as tests do"
)]

use poolkeeper_core::health::{Policy, explain};
use poolkeeper_core::model::{Band, Counts, Day, Timestamp};
use poolkeeper_simulator::sim::{AccountBuilder, AccountIx, Actor, Command, DomainIx, ScenarioKind, ScenarioSpec, Sim};
use std::collections::BTreeSet;
use std::sync::Arc;

fn sim(kind: ScenarioKind, size: u32, seed: u64) -> Sim {
    Sim::scenario(&ScenarioSpec::new(kind, size, seed).unwrap())
}

fn share(part: usize, whole: u32) -> f64 {
    part as f64 / f64::from(whole)
}

/// All traffic of some days of the past, counted from the first.
fn total(sim: &Sim, days: std::ops::Range<usize>) -> Counts {
    let of_day = |day: &poolkeeper_simulator::sim::DayTotals| {
        day.counts.good + day.counts.poor + day.counts.new + day.outside_counts
    };
    sim.day_totals()[days].iter().map(of_day).sum()
}

#[test]
fn the_default_account_is_the_one_promised() {
    let sim = Sim::scenario(&ScenarioSpec::default());
    // 2026-07-23T00:00:00Z
    assert_eq!(sim.now(), Timestamp(1_784_764_800));
    assert_eq!(sim.now().day().to_string(), "2026-07-23");
    assert_eq!((sim.domain_count(), sim.seed(), sim.day_totals().len()), (400, 1, 90));
    assert_eq!(sim.policy(), &Policy::default());
    assert_eq!(sim, self::sim(ScenarioKind::BoughtList, 400, 1));
}

#[test]
fn every_scenario_tells_a_believable_story() {
    for kind in ScenarioKind::ALL {
        for seed in [1, 2, 77] {
            let sim = sim(kind, 400, seed);
            let name = format!("{} {seed}", kind.name());
            let in_band = |band| sim.domains().filter(|domain| domain.band() == Some(band)).count();
            let outside = sim.domains().filter(|domain| domain.band().is_none()).count();
            assert!(share(in_band(Band::Good), 400) > 0.55, "{name}: most are good");
            assert!(
                (0.02..0.16).contains(&share(in_band(Band::Poor), 400)),
                "{name}: some are poor"
            );
            assert!(
                (0.01..0.20).contains(&share(in_band(Band::New), 400)),
                "{name}: some are new"
            );
            assert!(
                (0.05..0.14).contains(&share(outside, 400)),
                "{name}: some are not enrolled"
            );
            assert!(
                sim.domains().filter(|domain| domain.is_overridden()).count() >= 2,
                "{name}: some are pinned"
            );
            let lively = sim.day_moves()[60..]
                .iter()
                .filter(|day| day.promoted + day.demoted > 0)
                .count();
            assert!(
                lively >= 10,
                "{name}: something moves on many of the last 30 days, not on {lively}"
            );
            let is_close = |domain: &poolkeeper_simulator::sim::DomainView<'_>| {
                let seen = explain(sim.policy(), &domain.window, domain.band().unwrap_or(Band::New));
                [seen.bounce, seen.complaint].into_iter().flatten().any(|part| {
                    let limit = f64::from(part.thresholds.good_at_most_ppm) / 1e6;
                    seen.missing_processed == 0 && part.rate.is_some_and(|rate| (rate / limit - 1.0).abs() < 0.1)
                })
            };
            assert!(
                sim.domains().filter(is_close).count() >= 4,
                "{name}: a few are close to a threshold"
            );
        }
    }
}

#[test]
fn accounts_ips_and_names_scale_and_are_well_formed() {
    for (size, subaccounts) in [(60, 3), (400, 4), (20_000, 200)] {
        let spec = ScenarioSpec::new(ScenarioKind::SteadySenders, size, 5)
            .unwrap()
            .with_past_days(0)
            .unwrap();
        let sim = Sim::scenario(&spec);
        assert_eq!(sim.accounts().len(), subaccounts + 1);
        let names: BTreeSet<_> = sim.domains().map(|domain| domain.name.clone()).collect();
        assert_eq!(names.len(), size as usize);
        assert!(names.iter().all(|name| name.as_str() == name.as_str().to_lowercase()));
        assert!(names.iter().eq(sim.domains_by_name().map(|domain| domain.name)));
        let used: BTreeSet<_> = sim.domains().map(|domain| domain.account).collect();
        assert!(used.contains(&AccountIx::PARENT) && used.len() > subaccounts / 2);
        let ids: BTreeSet<_> = sim.domains().map(|domain| sim.domain_id(domain.ix).0).collect();
        assert_eq!(ids.len(), size as usize);
        let is_id = |id: &String| id.len() == 24 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
        assert!(ids.iter().all(is_id) && sim.accounts().iter().all(|account| is_id(&account.id.0)));
        assert!(
            sim.dedicated_pools()
                .iter()
                .all(|pool| is_id(&pool.id) && !pool.ips.is_empty())
        );
        for (ix, account) in (0..).zip(sim.accounts()) {
            assert_eq!(sim.account_by_id(&account.id.0), Some(AccountIx(ix)));
        }
        for domain in sim.domains() {
            assert_eq!(sim.find_domain(domain.name), Some(domain.ix));
        }
    }
    let sim = Sim::scenario(&ScenarioSpec::default());
    for band in Band::ALL {
        let warming = sim.pool_ips(band).iter().filter(|ip| sim.is_warming(ip)).count();
        assert!((3..=6).contains(&sim.pool_ips(band).len()) && warming <= 2);
    }
    let is_free = |ip: &&poolkeeper_simulator::sim::AccountIp| sim.dedicated_pool_of(&ip.ip).is_none();
    let free: Vec<_> = sim.assignable_ips().filter(is_free).collect();
    assert!(free.len() >= 5 && free.iter().any(|ip| sim.is_warming(&ip.ip)));
    assert!(sim.has_shared_ips() && sim.dedicated_pools().len() == 2);
}

#[test]
fn counts_fit_each_other_on_every_day() {
    for kind in ScenarioKind::ALL {
        let sim = sim(kind, 60, 9);
        for domain in sim.domains() {
            for (day, counts) in sim.daily_counts(domain.ix, sim.first_day().plus(-5), sim.now().day().plus(5)) {
                let Some(counts) = counts else { continue };
                assert!(
                    counts.processed > 0 && counts.sent() <= counts.processed && counts.complained <= counts.delivered
                );
                assert!(day >= sim.first_day() && day <= sim.last_complete_day());
            }
        }
    }
}

#[test]
fn an_account_rebuilt_from_its_own_traffic_sees_the_same_windows() {
    let sim = sim(ScenarioKind::SeasonalPeak, 60, 4);
    let table = sim.to_table(sim.first_day(), sim.last_complete_day());
    let copy = Sim::from_table(Arc::new(table), "copy");
    assert_eq!(copy.now(), sim.now());
    for (one, other) in sim.domains().zip(copy.domains()) {
        assert_eq!((one.name, one.window), (other.name, other.window));
    }
    let part = sim.to_table(sim.first_day().plus(10), sim.first_day().plus(12));
    assert_eq!((part.first_day(), part.day_count()), (sim.first_day().plus(10), 3));
    assert_eq!(sim.to_table(Day(-90_000), Day(90_000)).day_count(), 90);
    assert_eq!(sim.to_table(Day(90_000), Day(90_000)).day_count(), 0);
}

#[test]
fn each_scenario_does_what_its_name_says() {
    let to_poor = |sim: &Sim| {
        (0..sim.history_len())
            .filter(|ix| sim.record(*ix).unwrap().record.new_band == Band::Poor)
            .count()
    };
    let steady = sim(ScenarioKind::SteadySenders, 800, 3);
    let bought = sim(ScenarioKind::BoughtList, 800, 3);
    assert!(
        to_poor(&bought) > to_poor(&steady) * 3 / 2,
        "incidents make domains poor"
    );

    let decay = sim(ScenarioKind::SlowDecay, 800, 3);
    let rate = |sim: &Sim, days| total(sim, days).bounce_rate().unwrap();
    assert!(rate(&decay, 76..90) > 1.15 * rate(&decay, 0..14), "rates creep up");

    let wave = sim(ScenarioKind::OnboardingWave, 800, 3);
    let started =
        |domain: &poolkeeper_simulator::sim::DomainView<'_>| wave.counts(domain.ix, wave.first_day()).is_none();
    let late = wave
        .domains()
        .filter(|domain| started(domain) && domain.registered_at > wave.first_day().start())
        .count();
    assert!(
        (0.25..0.42).contains(&share(late, 800)),
        "a third starts within the past two months"
    );

    let peak = sim(ScenarioKind::SeasonalPeak, 800, 3);
    assert!(
        total(&peak, 75..82).processed > 2 * total(&peak, 20..27).processed,
        "volume rises to a multiple"
    );
}

#[test]
fn building_in_steps_comes_to_the_same_and_says_how_far_it_is() {
    let spec = ScenarioSpec::new(ScenarioKind::OnboardingWave, 80, 6).unwrap();
    let mut build = AccountBuilder::scenario(&spec);
    assert_eq!((build.days_done(), build.days_total(), build.is_done()), (0, 90, false));
    build.step(7);
    assert_eq!(build.days_done(), 7);
    while !build.is_done() {
        build.step(11);
    }
    assert_eq!(build.days_done(), 90);
    assert_eq!(build.finish(), Sim::scenario(&spec));
}

#[test]
fn an_unconfigured_account_has_a_past_but_no_pools() {
    let sim = Sim::scenario(&ScenarioSpec::default().unconfigured());
    assert!(!sim.is_configured() && sim.history_len() == 0 && sim.day_totals().len() == 90);
    assert!(sim.domains().all(|domain| domain.band().is_none()));
    let configured = Sim::scenario(&ScenarioSpec::default());
    assert!(
        sim.domains()
            .zip(configured.domains())
            .all(|(one, other)| one.window == other.window)
    );
}

#[test]
fn sizes_out_of_range_are_refused_by_name() {
    for size in [0, 100_001] {
        let refusal = ScenarioSpec::new(ScenarioKind::BoughtList, size, 1).unwrap_err();
        assert!(refusal.message.contains(&size.to_string()), "{refusal}");
    }
    assert!(ScenarioSpec::default().with_past_days(400).is_err());
}

#[test]
fn a_hundred_thousand_domains_work() {
    let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 100_000, 1)
        .unwrap()
        .with_past_days(8)
        .unwrap();
    let mut sim = Sim::scenario(&spec);
    sim.apply(&Actor::parent("ann@example.com"), &Command::Advance { seconds: 86_400 })
        .unwrap();
    let totals = sim.day_totals().last().unwrap();
    assert!(totals.domains.good > 50_000);
    assert_eq!(
        Sim::from_bytes(&sim.to_bytes())
            .unwrap()
            .domain(DomainIx(99_999))
            .unwrap()
            .window,
        sim.domain(DomainIx(99_999)).unwrap().window
    );
}
