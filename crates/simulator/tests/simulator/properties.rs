//! Random command sequences on small accounts: R1–R13 hold after every command, a refused command leaves no trace, and
//! the same seed and commands give the same bytes.
//!
//! 10 000 sequences in an ordinary run; `PROPTEST_CASES` sets another number.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests may fail as tests do"
)]

use poolkeeper_core::health::{BelowMinimum, MetricPolicy, Policy};
use poolkeeper_core::model::{Band, DomainName, Ip};
use poolkeeper_simulator::sim::{
    AccountIx, Actor, Command, CommandResult, DomainEventKind, DomainIx, EnrolmentReplacement, MoveReason, Refusal,
    RemovalReplacement, Rule, ScenarioKind, ScenarioSpec, SendsFrom, Sim, WARM_UP_STAGE_SECONDS,
};
use proptest::prelude::*;

fn sequences() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(10_000)
}

/// A step as plain numbers; what they mean depends on the account, so that most steps have something to act on.
#[derive(Clone, Copy, Debug)]
struct Step {
    kind: u8,
    actor: u8,
    picks: [u16; 4],
}

fn step() -> impl Strategy<Value = Step> {
    (0..42_u8, 0..16_u8, any::<[u16; 4]>()).prop_map(|(kind, actor, picks)| Step { kind, actor, picks })
}

fn spec() -> impl Strategy<Value = ScenarioSpec> {
    (0..5_usize, 1..16_u32, any::<u64>(), 0..16_u32, any::<bool>()).prop_map(
        |(kind, size, seed, past, unconfigured)| {
            let spec = ScenarioSpec::new(ScenarioKind::ALL[kind], size, seed)
                .unwrap()
                .with_past_days(past)
                .unwrap();
            if unconfigured && past % 4 == 0 {
                spec.unconfigured()
            } else {
                spec
            }
        },
    )
}

fn band(pick: u16) -> Band {
    Band::ALL[usize::from(pick) % 3]
}

fn ip(sim: &Sim, pick: u16) -> Ip {
    let all = sim.ips();
    match usize::from(pick) % (all.len() + 1) {
        at if at < all.len() => all[at].ip.clone(),
        _ => Ip::parse("198.51.100.250").unwrap(),
    }
}

/// Up to three IPs, drawn from those that are free more often than from the rest.
fn ips(sim: &Sim, pick: u16) -> Vec<Ip> {
    let free: Vec<_> = sim.assignable_ips().collect();
    (0..pick % 4)
        .map(|nth| {
            let pick = (pick >> 2).wrapping_mul(nth + 1);
            if !pick.is_multiple_of(4) && !free.is_empty() {
                free[usize::from(pick) % free.len()].ip.clone()
            } else {
                ip(sim, pick)
            }
        })
        .collect()
}

fn domain(sim: &Sim, pick: u16) -> DomainName {
    match sim.domain(DomainIx(u32::from(pick) % (sim.domain_count() + 1))) {
        Some(domain) => domain.name.clone(),
        None => DomainName::parse("nobody.example").unwrap(),
    }
}

fn policy(picks: [u16; 4]) -> Policy {
    let metric = |pick: u16| {
        (!pick.is_multiple_of(5)).then(|| MetricPolicy {
            good_at_most_ppm: u32::from(pick) * 2,
            poor_at_least_ppm: u32::from(pick) * 2 + u32::from(picks[3])
                - 100 * u32::from(pick.is_multiple_of(11)).min(u32::from(picks[3]) / 100),
            poor_min_events: u64::from(pick % 4),
        })
    };
    Policy {
        window_days: u32::from(picks[0] % 14),
        check_every_days: 1 + u32::from(picks[0] / 14 % 3),
        bounce: metric(picks[1]),
        complaint: metric(picks[2] / 16),
        minimum_processed: u64::from(picks[3] % 3_000),
        below_minimum: if picks[3].is_multiple_of(2) {
            BelowMinimum::Hold
        } else {
            BelowMinimum::New
        },
        promotion_after_checks: 1 + u32::from(picks[1] % 3),
        demotion_after_checks: 1 + u32::from(picks[2] % 3),
    }
}

fn actor(sim: &Sim, pick: u8) -> Actor {
    let account = match pick {
        0 => sim.accounts().len() as u32,
        1 | 2 => 1,
        _ => 0,
    };
    Actor {
        account: AccountIx(account),
        by: format!("person{}@example.com", pick % 3),
    }
}

fn command(sim: &Sim, Step { kind, picks, .. }: Step) -> Command {
    let [a, b, c, d] = picks;
    let nobody_is_enrolled = sim.domains().all(|domain| domain.band().is_none());
    match kind {
        0..=9 if nobody_is_enrolled && sim.is_configured() && d % 2 == 0 => Command::RemovePools,
        0..=3 => Command::SetPools {
            good: ips(sim, a),
            poor: ips(sim, b),
            new: ips(sim, c),
        },
        4 => Command::RemovePools,
        5..=9 => {
            let held = sim.pool_ips(band(a));
            let drop = (d % 3 > 0)
                .then(|| held.get(usize::from(c) % held.len().max(1)).cloned())
                .flatten();
            let remove = drop.into_iter().chain(ips(sim, c % 5)).collect();
            Command::ChangePool {
                pool: band(a),
                add: ips(sim, b),
                remove,
            }
        }
        10..=14 => {
            let replacement_ip = match b % 6 {
                0 => Some(EnrolmentReplacement::Ip(ip(sim, c))),
                1 => Some(EnrolmentReplacement::Shared),
                _ => None,
            };
            let outside: Vec<_> = sim.domains().filter(|domain| domain.band().is_none()).collect();
            let free = outside.get(usize::from(a) % outside.len().max(1)).filter(|_| d % 4 > 0);
            Command::Enroll {
                domain: free.map_or_else(|| domain(sim, a), |domain| domain.name.clone()),
                replacement_ip,
            }
        }
        15..=19 => {
            let replacement = match b % 4 {
                0 => RemovalReplacement::Shared,
                1 => RemovalReplacement::Pool(
                    sim.dedicated_pools()
                        .get(usize::from(c) % 3)
                        .map_or_else(String::new, |p| p.id.clone()),
                ),
                _ => RemovalReplacement::Ips(ips(sim, c)),
            };
            Command::Unenroll {
                domain: domain(sim, a),
                replacement,
            }
        }
        20..=22 => Command::EnrollAll {
            include_subaccounts: a % 2 == 0,
        },
        23..=26 => Command::SetOverride {
            domain: domain(sim, a),
            pool: band(b),
        },
        27..=29 => Command::ClearOverride { domain: domain(sim, a) },
        30..=31 => Command::SetPolicy(policy(picks)),
        32..=34 => Command::Advance {
            seconds: u64::from(a % 40),
        },
        35..=36 => Command::Advance { seconds: u64::from(a) },
        40 => Command::CancelWarmUp { ip: ip(sim, a) },
        41 => Command::LinkIps {
            subaccounts: (b % 2 == 0).then(|| {
                vec![
                    sim.accounts()[usize::from(c % 2).min(sim.accounts().len() - 1)]
                        .id
                        .clone(),
                ]
            }),
            link: ips(sim, a),
            unlink: ips(sim, d % 8),
        },
        _ => Command::Advance {
            seconds: u64::from(a % 12) * 86_400 + u64::from(b % 2) * u64::from(c),
        },
    }
}

/// What has to hold in every state.
fn check_state(sim: &Sim) {
    let pooled: Vec<&Ip> = Band::ALL.into_iter().flat_map(|band| sim.pool_ips(band)).collect();
    let is_enrolled = sim.domains().any(|domain| domain.band().is_some());
    assert!(!is_enrolled || sim.is_configured(), "R1");
    assert!(
        pooled
            .iter()
            .all(|ip| sim.ip(ip).is_some_and(|known| known.is_dedicated)),
        "R2"
    );
    if sim.is_configured() {
        let has_warm = |band| sim.pool_ips(band).iter().any(|ip| !sim.is_warming(ip));
        assert!(Band::ALL.into_iter().all(has_warm), "R3");
    } else {
        assert!(pooled.is_empty(), "all three pools or none");
    }
    assert!(
        pooled.iter().enumerate().all(|(at, ip)| !pooled[..at].contains(ip)),
        "R4"
    );

    let mut latest = sim.first_day().start();
    for ix in 0..sim.history_len() {
        let at = sim.record(ix).unwrap().record.at;
        assert!(latest <= at && at <= sim.now(), "R12: in order of time");
        latest = at;
    }
    for domain in sim.domains() {
        check_domain(sim, domain.ix);
    }
    assert_eq!(sim.day_totals().len() as i32, sim.now().day().since(sim.first_day()));
    for totals in sim.day_totals() {
        let enrolled = totals.domains.good + totals.domains.poor + totals.domains.new;
        assert_eq!(enrolled + totals.outside_domains, sim.domain_count());
    }
}

/// One domain's records and events tell how it came to where it is (R10, R12).
fn check_domain(sim: &Sim, ix: DomainIx) {
    let domain = sim.domain(ix).unwrap();
    let events = sim.domain_events(ix);
    let mut records: Vec<_> = sim.records_of(ix).map(|view| view.record).collect();
    records.reverse();
    let mut band = None;
    let mut is_pinned = false;
    let mut events_left = events.iter().peekable();
    for record in &records {
        // Events up to here; a check at the same instant came before them.
        let is_check = !matches!(record.reason, MoveReason::Enrolled | MoveReason::OverrideSet);
        while let Some(event) = events_left.next_if(|event| event.at < record.at || !is_check && event.at == record.at)
        {
            match event.kind {
                DomainEventKind::Enrolled { .. } => is_pinned = false,
                DomainEventKind::Unenrolled => (band, is_pinned) = (None, false),
                DomainEventKind::Pinned { .. } => is_pinned = true,
                DomainEventKind::Unpinned => is_pinned = false,
            }
        }
        match record.reason {
            MoveReason::Enrolled => assert_eq!(record.prev_band, None, "R12"),
            MoveReason::OverrideSet => assert!(record.prev_band.is_some() && sim.person(record.by) != "system", "R12"),
            _ => {
                assert!(!is_pinned, "R10: a check moved a pinned domain");
                assert_eq!(record.prev_band, band, "R12: from the band it was in");
                assert_eq!(sim.person(record.by), "system", "R12");
                assert_eq!(record.at, record.day().end(), "R9: at the end of a day");
            }
        }
        assert_ne!(record.prev_band, Some(record.new_band), "R12: a change");
        band = Some(record.new_band);
    }
    if let Some(enrolment) = domain.enrolment {
        assert_eq!(band, Some(enrolment.latch.band), "R12: the last record is where it is");
        let last = events.last().map(|event| event.kind);
        let says_pinned = matches!(last, Some(DomainEventKind::Pinned { band }) if band == enrolment.latch.band);
        assert_eq!(enrolment.is_overridden, says_pinned, "R10");
        let midnight = sim.last_complete_day().end();
        if sim.policy_changes().len() == 1 && !enrolment.is_overridden && enrolment.since < midnight {
            let unpinned = events
                .iter()
                .rev()
                .find(|event| event.kind == DomainEventKind::Unpinned);
            let was_free = unpinned.is_none_or(|event| event.at < midnight);
            assert!(
                !was_free || domain.last_check.unwrap().at >= midnight,
                "R9: checked every day"
            );
        }
    } else {
        assert!(matches!(
            events.last().map(|event| event.kind),
            None | Some(DomainEventKind::Unenrolled)
        ));
    }
    assert_eq!(
        domain.window,
        sim.window_counts(ix, sim.last_complete_day(), sim.policy().window_days)
    );
}

/// What has to hold between the states before and after a command that was accepted.
fn check_step(before: &Sim, actor: &Actor, command: &Command, after: &Sim, outcome: &CommandResult) {
    assert_eq!(before.dedicated_pools(), after.dedicated_pools(), "R6");
    assert_eq!(outcome.records, before.history_len()..after.history_len());
    if !matches!(command, Command::Advance { .. }) {
        assert_eq!(before.now(), after.now());
    }
    match command {
        Command::SetPools { good, poor, new } => {
            for (band, asked) in [(Band::Good, good), (Band::Poor, poor), (Band::New, new)] {
                assert!(after.pool_ips(band).iter().all(|ip| asked.contains(ip)), "R5");
                assert!(asked.iter().all(|ip| after.pool_ips(band).contains(ip)), "R5");
            }
        }
        Command::ChangePool { pool, add, remove } => {
            assert!(add.iter().all(|ip| after.pool_ips(*pool).contains(ip)));
            assert!(remove.iter().all(|ip| !after.pool_ips(*pool).contains(ip)));
        }
        Command::RemovePools => {
            assert!(before.domains().all(|domain| domain.band().is_none()), "R6");
            assert!(!after.is_configured());
        }
        Command::Unenroll { domain, replacement } => {
            let gone = after.domain(after.find_domain(domain).unwrap()).unwrap();
            assert_eq!(gone.band(), None);
            match (replacement, gone.outside) {
                (RemovalReplacement::Ips(asked), SendsFrom::Ips(ips)) => {
                    let is_free = |ip| before.pool_of(ip).is_none() && before.dedicated_pool_of(ip).is_none();
                    assert!(
                        !asked.is_empty() && ips.iter().all(|ip| asked.contains(ip) && is_free(ip)),
                        "R7"
                    );
                    assert!(
                        ips.len() == 1 || ips.iter().all(|ip| before.ip(ip).unwrap().is_dedicated),
                        "R7"
                    );
                }
                (RemovalReplacement::Shared, SendsFrom::Shared) => assert!(before.has_shared_ips(), "R7"),
                (RemovalReplacement::Pool(id), SendsFrom::DedicatedPool(at)) => {
                    assert_eq!(before.dedicated_pools()[*at as usize].id, *id, "R7");
                }
                (asked, got) => panic!("R7: asked for {asked:?}, got {got:?}"),
            }
        }
        Command::EnrollAll { .. } => assert!(actor.account.is_parent() && before.is_configured(), "R8"),
        Command::Enroll { .. } => assert!(before.is_configured() && outcome.records.len() == 1, "R1"),
        Command::Advance { .. } => {
            for domain in before.domains().filter(|domain| domain.is_overridden()) {
                assert_eq!(before.standing(domain.ix), after.standing(domain.ix), "R10");
            }
        }
        Command::CancelWarmUp { ip } => {
            let others = |sim: &Sim| {
                sim.ips()
                    .iter()
                    .filter(|known| known.ip != *ip)
                    .cloned()
                    .collect::<Vec<_>>()
            };
            assert!(before.is_warming(ip) && !after.is_warming(ip) && others(before) == others(after));
        }
        Command::LinkIps { link, .. } => {
            assert!(link.iter().all(|ip| before.pool_of(ip).is_none()), "R13");
            assert!(before == after);
        }
        Command::SetOverride { .. } | Command::ClearOverride { .. } | Command::SetPolicy(_) => {}
    }
}

/// A dry run says exactly what then happens.
fn check_dry_run(before: &Sim, actor: &Actor, command: &Command, result: &Result<CommandResult, Refusal>, after: &Sim) {
    match (before.dry_run(actor, command), result) {
        (Err(foretold), Err(refusal)) => assert_eq!(foretold, *refusal),
        (Ok(effects), Ok(_)) => {
            assert_eq!(effects.now, after.now());
            if effects.job.is_some() {
                return;
            }
            let changed: Vec<_> = before
                .domains()
                .filter(|d| before.standing(d.ix) != after.standing(d.ix))
                .map(|d| d.ix)
                .collect();
            assert_eq!(
                effects.domains.iter().map(|change| change.ix).collect::<Vec<_>>(),
                changed
            );
            assert_eq!(effects.records.len() as u32, after.history_len() - before.history_len());
            let moved = before
                .ips()
                .iter()
                .filter(|ip| before.pool_of(&ip.ip) != after.pool_of(&ip.ip))
                .count();
            assert_eq!(effects.ips.len(), moved);
        }
        (foretold, happened) => panic!("foretold {foretold:?}, happened {happened:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: sequences(), ..ProptestConfig::default() })]

    #[test]
    fn command_sequences_keep_the_rules(spec in spec(), steps in proptest::collection::vec(step(), 1..24)) {
        let mut sim = Sim::scenario(&spec);
        let mut again = Sim::scenario(&spec);
        check_state(&sim);
        for step in steps {
            let (actor, command) = (actor(&sim, step.actor), command(&sim, step));
            let before = sim.clone();
            let result = sim.apply(&actor, &command);
            match &result {
                Ok(outcome) => {
                    check_step(&before, &actor, &command, &sim, outcome);
                    check_state(&sim);
                }
                Err(refusal) => {
                    assert!(sim == before, "refused, yet changed: {command:?}");
                    assert!(!refusal.subjects.is_empty() && !refusal.message.is_empty());
                }
            }
            check_dry_run(&before, &actor, &command, &result, &sim);
            assert_eq!(again.apply(&actor, &command), result);
        }
        let bytes = sim.to_bytes();
        assert!(bytes == again.to_bytes(), "the same seed and commands give the same bytes");
        assert!(Sim::from_bytes(&bytes).unwrap() == sim, "what is saved is what comes back");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn time_passes_the_same_in_one_step_or_in_many(
        spec in spec(),
        steps in proptest::collection::vec(step(), 0..10),
        parts in proptest::collection::vec(0..200_000_u64, 1..8),
    ) {
        let mut sim = Sim::scenario(&spec);
        for step in steps {
            let _ = sim.apply(&actor(&sim, step.actor), &command(&sim, step));
        }
        let boss = Actor::parent("ann@example.com");
        let mut at_once = sim.clone();
        let whole = parts.iter().map(|part| part + 1).sum();
        at_once.apply(&boss, &Command::Advance { seconds: whole }).unwrap();
        for part in parts {
            // Saved and opened again on the way.
            sim = Sim::from_bytes(&sim.to_bytes()).unwrap();
            sim.apply(&boss, &Command::Advance { seconds: part + 1 }).unwrap();
        }
        assert!(sim == at_once);
    }

    #[test]
    fn history_filters_let_through_what_they_say(
        spec in spec(),
        picks in any::<[u16; 6]>(),
    ) {
        let sim = Sim::scenario(&spec);
        let filter = poolkeeper_simulator::sim::HistoryFilter {
            domain: (picks[0] % 3 == 0).then(|| DomainIx(u32::from(picks[0]) % sim.domain_count())),
            accounts: (picks[1] % 3 == 0).then(|| vec![AccountIx(u32::from(picks[1]) % 2)]),
            before: (picks[2] % 3 == 0).then(|| sim.first_day().plus(i32::from(picks[2] % 16)).start()),
            after: (picks[3] % 3 == 0).then(|| sim.first_day().plus(i32::from(picks[3] % 16)).start()),
            moved_to: (picks[4] % 3 == 0).then(|| band(picks[4] / 3)),
            moved_from: (picks[5] % 3 == 0).then(|| band(picks[5] / 3)),
        };
        let slow: Vec<_> = (0..sim.history_len())
            .rev()
            .map(|ix| sim.record(ix).unwrap())
            .filter(|view| {
                let record = view.record;
                let account = sim.domain(record.domain).unwrap().account;
                filter.domain.is_none_or(|domain| record.domain == domain)
                    && filter.accounts.as_ref().is_none_or(|accounts| accounts.contains(&account))
                    && filter.before.is_none_or(|before| record.at < before)
                    && filter.after.is_none_or(|after| record.at > after)
                    && filter.moved_to.is_none_or(|band| record.new_band == band)
                    && filter.moved_from.is_none_or(|band| record.prev_band == Some(band))
            })
            .collect();
        assert_eq!(sim.history(&filter).collect::<Vec<_>>(), slow);
    }
}

#[test]
fn random_sequences_reach_every_command_and_most_rules() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut accepted = std::collections::BTreeMap::<&str, u32>::new();
    let mut refused = std::collections::BTreeMap::<Option<String>, u32>::new();
    for _ in 0..400 {
        let mut sim = Sim::scenario(&spec().new_tree(&mut runner).unwrap().current());
        for _ in 0..20 {
            let step = step().new_tree(&mut runner).unwrap().current();
            let command = command(&sim, step);
            let name = match command {
                Command::SetPools { .. } => "set pools",
                Command::RemovePools => "remove pools",
                Command::ChangePool { .. } => "change pool",
                Command::Enroll { .. } => "enroll",
                Command::Unenroll { .. } => "unenroll",
                Command::EnrollAll { .. } => "enroll all",
                Command::SetOverride { .. } => "set override",
                Command::ClearOverride { .. } => "clear override",
                Command::CancelWarmUp { .. } => "cancel warm-up",
                Command::LinkIps { .. } => "link IPs",
                Command::SetPolicy(_) => "set policy",
                Command::Advance { .. } => "advance",
            };
            match sim.apply(&actor(&sim, step.actor), &command) {
                Ok(_) => *accepted.entry(name).or_default() += 1,
                Err(refusal) => *refused.entry(refusal.rule.map(|rule| rule.to_string())).or_default() += 1,
            }
        }
    }
    // Otherwise the sequences above would prove little.
    assert_eq!(accepted.len(), 12, "{accepted:?}");
    assert!(accepted.values().all(|count| *count >= 5), "{accepted:?}");
    for rule in [
        Rule::R1,
        Rule::R2,
        Rule::R3,
        Rule::R4,
        Rule::R6,
        Rule::R7,
        Rule::R8,
        Rule::R10,
        Rule::R13,
    ] {
        assert!(
            refused.contains_key(&Some(rule.to_string())),
            "{rule} was never in the way: {refused:?}"
        );
    }
}

#[test]
fn warming_only_ever_ends() {
    // R3 can't be broken by time passing, because an IP that is not warming never warms again.
    let mut sim = Sim::scenario(&ScenarioSpec::default());
    let boss = Actor::parent("ann@example.com");
    for _ in 0..16 {
        let before = sim.clone();
        let seconds = u64::try_from(WARM_UP_STAGE_SECONDS).unwrap();
        sim.apply(&boss, &Command::Advance { seconds }).unwrap();
        assert!(
            sim.ips()
                .iter()
                .all(|ip| before.is_warming(&ip.ip) || !sim.is_warming(&ip.ip))
        );
    }
    assert!(sim.ips().iter().all(|ip| !sim.is_warming(&ip.ip)));
}
