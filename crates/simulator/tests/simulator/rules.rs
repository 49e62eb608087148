//! Each rule, refused and allowed, on a small generated account.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests may fail as tests do"
)]

use poolkeeper_core::health::{Metric, MetricPolicy, Policy, Vote};
use poolkeeper_core::model::{Band, DomainName, Ip, Timestamp};
use poolkeeper_simulator::sim::{
    AccountIx, AccountStatus, Actor, Command, CommandResult, DomainEventKind, DomainPlacement, DomainView,
    EnrolmentReplacement, IpProblem, MoveReason, Refusal, RefusalKind, RefusalSubject, RemovalReplacement, Rule,
    ScenarioKind, ScenarioSpec, SendsFrom, Sim, WARM_UP_STAGE_SECONDS,
};

const DAY: u64 = 86_400;

fn account() -> Sim {
    Sim::scenario(&ScenarioSpec::new(ScenarioKind::BoughtList, 60, 1).unwrap())
}

fn unconfigured() -> Sim {
    Sim::scenario(
        &ScenarioSpec::new(ScenarioKind::BoughtList, 60, 1)
            .unwrap()
            .unconfigured(),
    )
}

fn boss() -> Actor {
    Actor::parent("ann@example.com")
}

fn of_subaccount() -> Actor {
    Actor {
        account: AccountIx(1),
        by: "sub@example.com".to_owned(),
    }
}

/// The refusal of a command; fails when it is accepted or leaves a trace.
fn refused(sim: &Sim, actor: &Actor, command: &Command) -> Refusal {
    let mut tried = sim.clone();
    let refusal = tried.apply(actor, command).expect_err("refused");
    assert_eq!(tried, *sim, "a refused command leaves no trace");
    assert_eq!(sim.dry_run(actor, command), Err(refusal.clone()));
    refusal
}

fn does(sim: &mut Sim, actor: &Actor, command: &Command) -> CommandResult {
    sim.apply(actor, command)
        .unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"))
}

fn free(sim: &Sim, is_warming: bool) -> Vec<Ip> {
    let free = sim
        .assignable_ips()
        .filter(|ip| sim.dedicated_pool_of(&ip.ip).is_none());
    free.filter(|ip| sim.is_warming(&ip.ip) == is_warming)
        .map(|ip| ip.ip.clone())
        .collect()
}

fn shared(sim: &Sim) -> Ip {
    sim.ips().iter().find(|ip| !ip.is_dedicated).unwrap().ip.clone()
}

fn foreign() -> Ip {
    Ip::parse("198.51.100.250").unwrap()
}

fn pick(sim: &Sim, wanted: impl Fn(&DomainView<'_>) -> bool) -> DomainName {
    sim.domains().find(wanted).unwrap().name.clone()
}

fn is_steady(domain: &DomainView<'_>, band: Band) -> bool {
    domain.band() == Some(band) && !domain.is_overridden()
}

fn standing(sim: &Sim, name: &DomainName) -> Option<DomainPlacement> {
    sim.standing(sim.find_domain(name).unwrap())
}

fn set(good: &[Ip], poor: &[Ip], new: &[Ip]) -> Command {
    Command::SetPools {
        good: good.to_vec(),
        poor: poor.to_vec(),
        new: new.to_vec(),
    }
}

fn change(pool: Band, add: &[Ip], remove: &[Ip]) -> Command {
    Command::ChangePool {
        pool,
        add: add.to_vec(),
        remove: remove.to_vec(),
    }
}

fn leave(domain: &DomainName, replacement: RemovalReplacement) -> Command {
    Command::Unenroll {
        domain: domain.clone(),
        replacement,
    }
}

fn enroll(domain: &DomainName) -> Command {
    Command::Enroll {
        domain: domain.clone(),
        replacement_ip: None,
    }
}

fn about_ips(refusal: &Refusal) -> Vec<Ip> {
    let ip = |subject: &RefusalSubject| match subject {
        RefusalSubject::Ip(ip) => Some(ip.clone()),
        _ => None,
    };
    refusal.subjects.iter().filter_map(ip).collect()
}

#[test]
fn r1_nothing_is_enrolled_before_all_three_pools_hold_ips() {
    let mut sim = unconfigured();
    assert!(!sim.is_configured());
    assert_eq!(sim.history_len(), 0);
    let name = pick(&sim, |_| true);
    for command in [
        enroll(&name),
        Command::EnrollAll {
            include_subaccounts: true,
        },
    ] {
        let refusal = refused(&sim, &boss(), &command);
        assert_eq!((refusal.kind, refusal.rule), (RefusalKind::Forbidden, Some(Rule::R1)));
        assert!(refusal.message.contains("not set up"), "{refusal}");
    }
    let ips = free(&sim, false);
    let refusal = refused(&sim, &boss(), &change(Band::Good, &ips[..1], &[]));
    assert_eq!(
        (refusal.rule, refusal.subjects),
        (Some(Rule::R1), vec![RefusalSubject::Pool(Band::Good)])
    );
    let refusal = refused(&sim, &boss(), &set(&ips[..1], &[], &ips[1..2]));
    assert_eq!(refusal.subjects, [RefusalSubject::Pool(Band::Poor)]);

    does(&mut sim, &boss(), &set(&ips[..1], &ips[1..2], &ips[2..3]));
    assert!(sim.is_configured());
    does(&mut sim, &boss(), &enroll(&name));
    assert!(standing(&sim, &name).is_some());
}

#[test]
fn r2_only_dedicated_ips_of_the_account_enter_a_pool_and_every_offender_is_named() {
    let mut sim = account();
    let (shared, foreign, ips) = (shared(&sim), foreign(), free(&sim, false));
    let both = [shared.clone(), ips[0].clone(), foreign.clone()];
    let refusal = refused(&sim, &boss(), &change(Band::New, &both, &[]));
    assert_eq!(refusal.rule, Some(Rule::R2));
    assert_eq!(about_ips(&refusal), [shared.clone(), foreign.clone()]);
    assert!(
        refusal.message.contains(&format!("{shared} is a shared IP")),
        "{refusal}"
    );
    assert!(
        refusal
            .message
            .contains(&format!("{foreign} is not an IP of this account")),
        "{refusal}"
    );
    let refusal = refused(
        &sim,
        &boss(),
        &set(&ips[..1], std::slice::from_ref(&shared), &ips[1..2]),
    );
    assert_eq!(about_ips(&refusal), std::slice::from_ref(&shared));
    assert_eq!(
        refused(&sim, &boss(), &change(Band::New, &[foreign], &[])).kind,
        RefusalKind::NotFound
    );
    assert_eq!(sim.ip_eligibility(&shared, Band::New), Err(IpProblem::Shared));

    assert_eq!(sim.ip_eligibility(&ips[0], Band::New), Ok(()));
    does(&mut sim, &boss(), &change(Band::New, &ips[..1], &[]));
    assert_eq!(sim.pool_of(&ips[0]), Some(Band::New));
}

#[test]
fn r3_each_pool_keeps_an_ip_that_is_not_warming() {
    let mut sim = account();
    let (warm, cold) = (free(&sim, false), free(&sim, true));
    assert!(cold.len() >= 2 && warm.len() >= 3);
    let refusal = refused(&sim, &boss(), &set(&cold[..1], &warm[..1], &cold[1..2]));
    assert_eq!((refusal.kind, refusal.rule), (RefusalKind::BadInput, Some(Rule::R3)));
    assert_eq!(about_ips(&refusal), [cold[0].clone(), cold[1].clone()]);
    assert!(
        refusal.subjects.contains(&RefusalSubject::Pool(Band::Good))
            && refusal.subjects.contains(&RefusalSubject::Pool(Band::New))
    );
    assert!(
        refusal
            .message
            .contains(&format!("dynamic_good would hold only {}, which is warming", cold[0]))
    );

    let held = sim.pool_ips(Band::Poor).to_vec();
    let refusal = refused(&sim, &boss(), &change(Band::Poor, &cold[..1], &held));
    assert_eq!(refusal.rule, Some(Rule::R3));
    let refusal = refused(&sim, &boss(), &change(Band::Poor, &[], &held));
    assert!(refusal.message.contains("would hold no IP at all"), "{refusal}");

    // Beside one that is not warming, a warming IP is welcome; swapping for one that is not warming is too.
    does(
        &mut sim,
        &boss(),
        &change(Band::Poor, &[cold[0].clone(), warm[0].clone()], &held),
    );
    assert_eq!(sim.pool_ips(Band::Poor), [cold[0].clone(), warm[0].clone()]);
}

#[test]
fn r4_an_ip_is_in_one_dynamic_pool_at_most() {
    let mut sim = account();
    let ips = free(&sim, false);
    let in_good = sim.pool_ips(Band::Good)[0].clone();
    let refusal = refused(
        &sim,
        &boss(),
        &change(Band::Poor, &[ips[0].clone(), in_good.clone()], &[]),
    );
    assert_eq!((refusal.kind, refusal.rule), (RefusalKind::Conflict, Some(Rule::R4)));
    assert_eq!(about_ips(&refusal), std::slice::from_ref(&in_good));
    assert!(
        refusal.message.contains(&format!("{in_good} is in dynamic_good")),
        "{refusal}"
    );
    let refusal = refused(&sim, &boss(), &set(&ips[..2], &ips[1..2], &ips[2..3]));
    assert_eq!(
        (refusal.rule, about_ips(&refusal)),
        (Some(Rule::R4), vec![ips[1].clone()])
    );
    let refusal = refused(&sim, &boss(), &change(Band::Poor, &ips[..1], &ips[..1]));
    assert_eq!(
        (refusal.kind, about_ips(&refusal)),
        (RefusalKind::BadInput, vec![ips[0].clone()])
    );

    // Out of one, it may go into another.
    does(
        &mut sim,
        &boss(),
        &change(Band::Good, &[], std::slice::from_ref(&in_good)),
    );
    does(
        &mut sim,
        &boss(),
        &change(Band::Poor, std::slice::from_ref(&in_good), &[]),
    );
    assert_eq!(sim.pool_of(&in_good), Some(Band::Poor));
}

#[test]
fn r5_setting_all_pools_replaces_what_they_held() {
    let mut sim = account();
    let before = sim.pool_ips(Band::Good).to_vec();
    let ips = free(&sim, false);
    let in_good = before.iter().find(|ip| !sim.is_warming(ip)).unwrap().clone();
    // An IP of the good pool may be given to the poor pool: nothing stays where it was.
    let command = set(
        &[ips[0].clone(), ips[0].clone()],
        std::slice::from_ref(&in_good),
        &ips[1..2],
    );
    let effects = sim.dry_run(&boss(), &command).unwrap();
    does(&mut sim, &boss(), &command);
    assert_eq!(sim.pool_ips(Band::Good), &ips[..1]);
    assert_eq!(sim.pool_ips(Band::Poor), std::slice::from_ref(&in_good));
    assert_eq!(sim.pool_ips(Band::New), &ips[1..2]);
    let moved = effects.ips.iter().find(|change| change.ip == in_good).unwrap();
    assert_eq!((moved.from, moved.to), (Some(Band::Good), Some(Band::Poor)));
    assert_eq!(
        effects.ips.iter().filter(|change| change.to.is_none()).count(),
        before.len() - 1 + 3 + 4
    );
}

#[test]
fn r6_the_pools_are_removed_only_when_every_domain_is_out() {
    let mut sim = account();
    let dedicated = sim.dedicated_pools().to_vec();
    let enrolled: Vec<_> = sim
        .domains()
        .filter(|domain| domain.band().is_some())
        .map(|d| d.name.clone())
        .collect();
    for (left, name) in (1..=enrolled.len()).rev().zip(&enrolled) {
        let refusal = refused(&sim, &boss(), &Command::RemovePools);
        assert_eq!((refusal.kind, refusal.rule), (RefusalKind::Conflict, Some(Rule::R6)));
        assert_eq!(refusal.subjects.len(), left);
        assert!(left > 3 || refusal.message.contains(name.as_str()), "{refusal}");
        does(&mut sim, &boss(), &leave(name, RemovalReplacement::Shared));
    }
    does(&mut sim, &boss(), &Command::RemovePools);
    assert!(!sim.is_configured() && Band::ALL.into_iter().all(|band| sim.pool_ips(band).is_empty()));
    assert_eq!(sim.dedicated_pools(), dedicated);
    assert_eq!(
        refused(&sim, &boss(), &Command::RemovePools).kind,
        RefusalKind::NotFound
    );
}

#[test]
fn r7_a_domain_leaves_for_ips_that_are_in_no_pool_or_shared_or_a_dedicated_pool() {
    let mut sim = account();
    let name = pick(&sim, |domain| is_steady(domain, Band::Good));
    let (ips, shared) = (free(&sim, false), shared(&sim));
    let in_good = sim.pool_ips(Band::Good)[0].clone();
    let in_dedicated = sim.dedicated_pools()[0].ips[0].clone();

    let all = vec![
        ips[0].clone(),
        in_good.clone(),
        in_dedicated.clone(),
        foreign(),
        shared.clone(),
    ];
    let refusal = refused(&sim, &boss(), &leave(&name, RemovalReplacement::Ips(all)));
    assert_eq!((refusal.kind, refusal.rule), (RefusalKind::Conflict, Some(Rule::R7)));
    assert_eq!(
        about_ips(&refusal),
        [in_good.clone(), in_dedicated, foreign(), shared.clone()]
    );
    assert!(
        refusal.message.contains(&format!("{in_good} is in dynamic_good")),
        "{refusal}"
    );
    let refusal = refused(&sim, &boss(), &leave(&name, RemovalReplacement::Ips(vec![])));
    assert_eq!((refusal.kind, refusal.rule), (RefusalKind::BadInput, Some(Rule::R7)));
    let refusal = refused(&sim, &boss(), &leave(&name, RemovalReplacement::Pool("0".repeat(24))));
    assert_eq!((refusal.kind, refusal.rule), (RefusalKind::NotFound, Some(Rule::R7)));

    let pool = sim.dedicated_pools()[1].id.clone();
    let ways = [
        (
            RemovalReplacement::Ips(vec![shared.clone()]),
            SendsFrom::Ips(vec![shared].into()),
        ),
        (RemovalReplacement::Ips(ips.clone()), SendsFrom::Ips(ips.into())),
        (RemovalReplacement::Shared, SendsFrom::Shared),
        (RemovalReplacement::Pool(pool), SendsFrom::DedicatedPool(1)),
    ];
    for (replacement, outside) in ways {
        let records = sim.history_len();
        does(&mut sim, &boss(), &leave(&name, replacement));
        let domain = sim.domain(sim.find_domain(&name).unwrap()).unwrap();
        assert_eq!(
            (domain.band(), domain.last_check, domain.outside),
            (None, None, &outside)
        );
        assert_eq!(sim.history_len(), records, "leaving is no change of band");
        let refusal = refused(&sim, &boss(), &leave(&name, RemovalReplacement::Shared));
        assert_eq!(refusal.subjects, [RefusalSubject::Domain(name.clone())]);
        does(&mut sim, &boss(), &enroll(&name));
    }
}

#[test]
fn enrolling_one_domain_starts_with_a_check_and_leaves_a_record() {
    let mut sim = account();
    let name = pick(&sim, |domain| {
        domain.band().is_none() && domain.window.processed > 1_000
    });
    let ix = sim.find_domain(&name).unwrap();
    let verdict = sim.preview(&boss(), &name).unwrap();
    let effects = sim.dry_run(&boss(), &enroll(&name)).unwrap();
    let outcome = does(&mut sim, &boss(), &enroll(&name));
    let record = sim.record(outcome.records.start).unwrap().record;
    let first = match verdict.check.vote {
        Vote::For(band) => band,
        Vote::Hold => Band::New,
    };
    assert_eq!(outcome.records.len(), 1);
    assert_eq!(
        (record.prev_band, record.new_band, record.reason),
        (None, first, MoveReason::Enrolled)
    );
    assert_eq!(
        (sim.person(record.by), record.at, record.counts),
        ("ann@example.com", sim.now(), verdict.counts)
    );
    assert_eq!(record.reason.text(record.new_band), "Enrolled");
    assert_eq!(verdict.band, first);
    assert_eq!(effects.domains[0].to, standing(&sim, &name));
    assert_eq!(effects.records.len(), 1);
    assert_eq!(verdict.counts, sim.window_counts(ix, sim.last_complete_day(), 7));
    assert_eq!(refused(&sim, &boss(), &enroll(&name)).kind, RefusalKind::Conflict);
    let unknown = DomainName::parse("nobody.example").unwrap();
    assert_eq!(refused(&sim, &boss(), &enroll(&unknown)).kind, RefusalKind::NotFound);

    let other = pick(&sim, |domain| domain.band().is_none());
    let in_good = sim.pool_ips(Band::Good)[0].clone();
    let with = |ip| Command::Enroll {
        domain: other.clone(),
        replacement_ip: Some(ip),
    };
    assert_eq!(
        refused(&sim, &boss(), &with(EnrolmentReplacement::Ip(in_good))).rule,
        Some(Rule::R7)
    );
    does(&mut sim, &boss(), &with(EnrolmentReplacement::Shared));
}

#[test]
fn r8_the_job_is_for_the_parent_takes_time_and_shows_how_far_it_is() {
    let mut sim = account();
    let all = Command::EnrollAll {
        include_subaccounts: true,
    };
    let refusal = refused(&sim, &of_subaccount(), &all);
    assert_eq!((refusal.kind, refusal.rule), (RefusalKind::Forbidden, Some(Rule::R8)));

    let waiting: Vec<_> = sim
        .domains()
        .filter(|domain| domain.band().is_none())
        .map(|domain| domain.ix)
        .collect();
    assert!(waiting.len() >= 4);
    let promised = sim.dry_run(&boss(), &all).unwrap();
    assert_eq!(promised.domains.len(), waiting.len());
    let outcome = does(&mut sim, &boss(), &all);
    assert_eq!(
        (outcome.job_total.unwrap() as usize, outcome.records.len()),
        (waiting.len(), 0)
    );
    assert_eq!(refused(&sim, &boss(), &all).subjects, [RefusalSubject::Job]);

    // Three seconds a domain.
    does(&mut sim, &boss(), &Command::Advance { seconds: 7 });
    let job = sim.job().unwrap();
    assert_eq!((job.done, job.is_running()), (2, true));
    let done: Vec<_> = waiting.iter().filter(|ix| sim.standing(**ix).is_some()).collect();
    assert_eq!(done, [&waiting[0], &waiting[1]]);
    let in_between = Sim::from_bytes(&sim.to_bytes()).unwrap();
    assert_eq!(in_between, sim, "a running job survives saving");

    let third = sim.domain(waiting[2]).unwrap().name.clone();
    does(&mut sim, &boss(), &enroll(&third));
    does(&mut sim, &boss(), &Command::Advance { seconds: 3_600 });
    let job = sim.job().unwrap();
    assert_eq!((job.done as usize, job.is_running()), (waiting.len(), false));
    assert!(sim.domains().all(|domain| domain.band().is_some()));
    for change in &promised.domains {
        assert_eq!(sim.standing(change.ix), change.to, "the dry run said so");
    }
    let records: Vec<_> = sim.records_of(waiting[2]).collect();
    assert_eq!(records.len(), 1, "a domain that is enrolled already is passed over");
    let last = sim.records_of(waiting[3]).next().unwrap().record;
    assert_eq!(
        (last.reason, sim.person(last.by)),
        (MoveReason::Enrolled, "ann@example.com")
    );
    assert_eq!(last.at, Timestamp(sim.job().unwrap().started_at.0 + 12));
}

#[test]
fn r8_without_subaccounts_only_the_parents_domains_are_enrolled() {
    let mut sim = account();
    does(
        &mut sim,
        &boss(),
        &Command::EnrollAll {
            include_subaccounts: false,
        },
    );
    does(&mut sim, &boss(), &Command::Advance { seconds: 3_600 });
    assert!(
        sim.domains()
            .all(|domain| domain.band().is_some() || !domain.account.is_parent())
    );
    assert!(sim.domains().any(|domain| domain.band().is_none()));
}

#[test]
fn r9_checks_run_at_the_end_of_each_day_over_the_trailing_window() {
    let mut sim = account();
    let end = sim.now();
    let count = sim.history_len();
    does(&mut sim, &boss(), &Command::Advance { seconds: DAY - 1 });
    assert_eq!(sim.history_len(), count, "no check before the day is over");
    does(&mut sim, &boss(), &Command::Advance { seconds: 1 });
    let midnight = end.plus_seconds(86_400);
    assert_eq!(sim.now(), midnight);
    for domain in sim.domains().filter(|domain| domain.band().is_some()) {
        let last = domain.last_check.unwrap();
        if domain.is_overridden() {
            assert!(last.at < midnight, "checks skip a pinned domain");
        } else {
            assert_eq!(last.at, midnight);
            assert_eq!(last.counts, sim.window_counts(domain.ix, sim.last_complete_day(), 7));
        }
    }
    let rare = Policy {
        check_every_days: 5,
        ..Policy::default()
    };
    does(&mut sim, &boss(), &Command::SetPolicy(rare));
    does(&mut sim, &boss(), &Command::Advance { seconds: 20 * DAY });
    for view in (count..sim.history_len())
        .filter_map(|ix| sim.record(ix))
        .filter(|view| view.record.at > midnight)
    {
        let day = view.record.day();
        assert_eq!((day.since(sim.first_day()) + 1) % 5, 0, "checked on {day}");
        assert_eq!(view.record.at, day.end());
    }
}

#[test]
fn r10_an_override_pins_and_its_removal_waits_for_the_next_check() {
    let mut sim = account();
    let name = pick(&sim, |domain| {
        is_steady(domain, Band::Good) && domain.window.processed > 5_000
    });
    let ix = sim.find_domain(&name).unwrap();
    let pin = |pool| Command::SetOverride {
        domain: name.clone(),
        pool,
    };
    let unpin = Command::ClearOverride { domain: name.clone() };
    assert_eq!(refused(&sim, &boss(), &unpin).rule, Some(Rule::R10));

    let outcome = does(&mut sim, &boss(), &pin(Band::Poor));
    let record = sim.record(outcome.records.start).unwrap().record;
    assert_eq!((record.prev_band, record.new_band), (Some(Band::Good), Band::Poor));
    assert_eq!(
        (record.reason.text(record.new_band).as_str(), sim.person(record.by)),
        ("Override set", "ann@example.com")
    );
    assert_eq!(
        does(&mut sim, &boss(), &pin(Band::Poor)).records.len(),
        0,
        "no change, no record"
    );
    does(&mut sim, &boss(), &Command::Advance { seconds: 10 * DAY });
    assert_eq!(
        standing(&sim, &name),
        Some(DomainPlacement {
            band: Band::Poor,
            is_overridden: true
        })
    );
    assert_eq!(sim.records_of(ix).next().unwrap().record.at, record.at);

    does(&mut sim, &boss(), &unpin);
    assert_eq!(
        standing(&sim, &name),
        Some(DomainPlacement {
            band: Band::Poor,
            is_overridden: false
        })
    );
    let kinds: Vec<_> = sim.domain_events(ix).iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds[kinds.len() - 2..],
        [DomainEventKind::Pinned { band: Band::Poor }, DomainEventKind::Unpinned]
    );
    // Under a policy that finds everything good, the next check takes it back.
    let mild = MetricPolicy {
        good_at_most_ppm: 999_999,
        poor_at_least_ppm: 1_000_000,
        poor_min_events: 1,
    };
    let policy = Policy {
        bounce: Some(mild),
        complaint: Some(mild),
        ..Policy::default()
    };
    does(&mut sim, &boss(), &Command::SetPolicy(policy));
    does(&mut sim, &boss(), &Command::Advance { seconds: DAY });
    assert_eq!(standing(&sim, &name).map(|standing| standing.band), Some(Band::Good));

    let outside = pick(&sim, |domain| domain.band().is_none());
    let command = Command::SetOverride {
        domain: outside,
        pool: Band::Good,
    };
    assert_eq!(refused(&sim, &boss(), &command).kind, RefusalKind::Conflict);
}

#[test]
fn r11_a_preview_says_what_the_next_check_over_the_same_window_would() {
    let sim = account();
    let before = sim.clone();
    for domain in sim.domains() {
        let verdict = sim.preview(&boss(), domain.name).unwrap();
        assert_eq!(verdict.current, domain.band());
        if let Some(enrolment) = domain.enrolment.filter(|enrolment| !enrolment.is_overridden) {
            // The window's check has run already, at the midnight that is now: nothing more comes of it.
            assert_eq!(verdict.band, enrolment.latch.band);
        }
        let metric = verdict.metric_band(Metric::BounceRate).unwrap();
        match verdict.check.bounce.unwrap() {
            Vote::For(band) => assert_eq!(metric, band),
            Vote::Hold => assert_eq!(metric, domain.band().unwrap_or(Band::New)),
        }
        assert_eq!(
            verdict.processed_band() == Band::Good,
            verdict.counts.processed >= 1_000
        );
    }
    assert_eq!(sim, before);
    let unknown = DomainName::parse("nobody.example").unwrap();
    assert_eq!(sim.preview(&boss(), &unknown).unwrap_err().kind, RefusalKind::NotFound);
}

#[test]
fn r12_records_follow_one_another_from_band_to_band() {
    let mut sim = account();
    does(&mut sim, &boss(), &Command::Advance { seconds: 30 * DAY });
    let mut moves = 0;
    for domain in sim.domains() {
        let mut records: Vec<_> = sim.records_of(domain.ix).map(|view| view.record).collect();
        records.reverse();
        for pair in records.windows(2) {
            assert!(pair[0].at <= pair[1].at);
            assert_eq!(pair[1].prev_band, Some(pair[0].new_band));
            assert_ne!(pair[1].prev_band, Some(pair[1].new_band));
            moves += 1;
        }
        assert_eq!(records.last().map(|record| record.new_band), domain.band());
        assert!(records.first().is_none_or(|record| record.prev_band.is_none()));
    }
    let counted: u32 = sim.day_moves().iter().map(|day| day.promoted + day.demoted).sum();
    assert_eq!(moves, counted);
}

#[test]
fn r13_an_ip_of_a_dynamic_pool_is_linked_to_no_subaccount() {
    let mut sim = account();
    let shop = sim.accounts()[1].id.clone();
    let link = |ips: &[Ip]| Command::LinkIps {
        subaccounts: Some(vec![shop.clone()]),
        link: ips.to_vec(),
        unlink: Vec::new(),
    };
    let (held, free) = (sim.pool_ips(Band::Poor)[0].clone(), free(&sim, false)[0].clone());
    let refusal = refused(
        &sim,
        &boss(),
        &link(&[free.clone(), held.clone(), foreign(), shared(&sim)]),
    );
    assert_eq!((refusal.kind, refusal.rule), (RefusalKind::Conflict, Some(Rule::R13)));
    assert_eq!(about_ips(&refusal), [held.clone(), foreign(), shared(&sim)]);
    does(&mut sim, &boss(), &link(std::slice::from_ref(&free)));
    // Out of the pool it may be linked.
    does(
        &mut sim,
        &boss(),
        &change(Band::Poor, &[free], std::slice::from_ref(&held)),
    );
    does(&mut sim, &boss(), &link(&[held]));
}

#[test]
fn r3_ending_a_warm_up_makes_an_ip_count_as_warm() {
    let mut sim = account();
    let warming = free(&sim, true)[0].clone();
    let held = sim.pool_ips(Band::New).to_vec();
    let only_it = change(Band::New, std::slice::from_ref(&warming), &held);
    assert_eq!(refused(&sim, &boss(), &only_it).rule, Some(Rule::R3));
    let end = Command::CancelWarmUp { ip: warming.clone() };
    assert_eq!(
        sim.dry_run(&boss(), &end).unwrap().warmed,
        std::slice::from_ref(&warming)
    );
    assert_eq!(refused(&sim, &of_subaccount(), &end).kind, RefusalKind::Forbidden);
    does(&mut sim, &boss(), &end);
    assert!(sim.warm_up(&warming).is_none());
    assert_eq!(refused(&sim, &boss(), &end).kind, RefusalKind::NotFound);
    does(&mut sim, &boss(), &only_it);
}

#[test]
fn a_subaccount_reaches_its_own_domains_only() {
    let mut sim = account();
    let own = pick(&sim, |domain| {
        domain.account == AccountIx(1) && is_steady(domain, Band::Good)
    });
    let other = pick(&sim, |domain| {
        domain.account != AccountIx(1) && is_steady(domain, Band::Good)
    });
    let pin = |domain: &DomainName| Command::SetOverride {
        domain: domain.clone(),
        pool: Band::New,
    };
    let refusal = refused(&sim, &of_subaccount(), &pin(&other));
    assert_eq!(
        (refusal.kind, refusal.subjects),
        (RefusalKind::NotFound, vec![RefusalSubject::Domain(other)])
    );
    does(&mut sim, &of_subaccount(), &pin(&own));
    let ips = free(&sim, false);
    for command in [
        Command::RemovePools,
        change(Band::Good, &ips, &[]),
        set(&ips[..1], &ips[1..2], &ips[2..3]),
    ] {
        let refusal = refused(&sim, &of_subaccount(), &command);
        assert_eq!(refusal.kind, RefusalKind::Forbidden);
        assert!(refusal.message.contains("parent account"), "{refusal}");
    }
    let nobody = Actor {
        account: AccountIx(999),
        by: String::new(),
    };
    assert_eq!(refused(&sim, &nobody, &pin(&own)).kind, RefusalKind::NotFound);

    let large = Sim::scenario(
        &ScenarioSpec::new(ScenarioKind::SteadySenders, 1_200, 1)
            .unwrap()
            .with_past_days(0)
            .unwrap(),
    );
    let closed = large
        .accounts()
        .iter()
        .position(|account| account.status == AccountStatus::Closed)
        .unwrap();
    let ghost = Actor {
        account: AccountIx(u32::try_from(closed).unwrap()),
        by: String::new(),
    };
    assert_eq!(
        refused(&large, &ghost, &Command::Advance { seconds: 1 }).kind,
        RefusalKind::Forbidden
    );
}

#[test]
fn the_clock_and_the_policy_take_sensible_values_only() {
    let mut sim = account();
    for seconds in [0, 367 * DAY, u64::MAX] {
        let refusal = refused(&sim, &boss(), &Command::Advance { seconds });
        assert_eq!(refusal.subjects, [RefusalSubject::Field("seconds".to_owned())]);
    }
    let odd = Policy {
        window_days: 0,
        ..Policy::default()
    };
    let refusal = refused(&sim, &boss(), &Command::SetPolicy(odd));
    assert_eq!(
        (refusal.kind, refusal.subjects),
        (
            RefusalKind::BadInput,
            vec![RefusalSubject::Field("window_days".to_owned())]
        )
    );

    let wide = Policy {
        window_days: 30,
        ..Policy::default()
    };
    does(&mut sim, &boss(), &Command::SetPolicy(wide.clone()));
    assert_eq!(sim.policy(), &wide);
    assert_eq!(sim.policy_changes().len(), 2);
    for domain in sim.domains() {
        assert_eq!(domain.window, sim.window_counts(domain.ix, sim.last_complete_day(), 30));
    }
    assert_eq!(
        refused(&sim, &boss(), &change(Band::Good, &[], &[])).kind,
        RefusalKind::BadInput
    );
    let absent = free(&sim, false)[0].clone();
    assert_eq!(
        refused(&sim, &boss(), &change(Band::Good, &[], &[absent])).kind,
        RefusalKind::NotFound
    );
}

#[test]
fn warm_up_goes_by_stages_and_ends() {
    let mut sim = account();
    let warming: Vec<_> = sim
        .ips()
        .iter()
        .filter(|ip| sim.is_warming(&ip.ip))
        .map(|ip| ip.ip.clone())
        .collect();
    assert!(warming.len() >= 4);
    let soon = warming
        .iter()
        .find(|ip| sim.warm_up(ip).unwrap().stage_number == 15)
        .unwrap()
        .clone();
    let fresh = warming
        .iter()
        .find(|ip| sim.warm_up(ip).unwrap().stage_number == 1)
        .unwrap()
        .clone();
    assert_eq!(sim.warm_up(&fresh).unwrap().sent_within_stage, "0%");
    does(&mut sim, &boss(), &Command::Advance { seconds: DAY });
    assert!(!sim.is_warming(&soon) && sim.warm_up(&soon).is_none());
    let stage = sim.warm_up(&fresh).unwrap();
    assert_eq!((stage.stage_number, stage.sent_within_stage.as_str()), (1, "50%"));
    does(&mut sim, &boss(), &Command::Advance { seconds: DAY });
    let next = sim.warm_up(&fresh).unwrap();
    assert_eq!(
        (next.stage_number, next.stage_start_volume),
        (2, stage.stage_volume_limit)
    );
}

#[test]
fn a_warm_up_has_fifteen_stages_from_a_thousand_messages_each_twice_the_one_before() {
    let mut sim = account();
    let fresh = sim
        .ips()
        .iter()
        .find(|ip| sim.warm_up(&ip.ip).is_some_and(|warm_up| warm_up.stage_number == 1))
        .unwrap()
        .ip
        .clone();
    let mut stages = Vec::new();
    while let Some(stage) = sim.warm_up(&fresh) {
        stages.push((stage.stage_number, stage.stage_start_volume, stage.stage_volume_limit));
        let seconds = u64::try_from(WARM_UP_STAGE_SECONDS).unwrap();
        does(&mut sim, &boss(), &Command::Advance { seconds });
    }
    assert_eq!(stages.len(), 15);
    assert_eq!(
        stages[..3],
        [
            (1, Some(0), Some(1_000)),
            (2, Some(1_000), Some(2_000)),
            (3, Some(2_000), Some(4_000)),
        ]
    );
    for pair in stages.windows(2) {
        assert_eq!((pair[1].0, pair[1].1), (pair[0].0 + 1, pair[0].2));
        assert_eq!(pair[1].2.unwrap(), 2 * pair[0].2.unwrap());
    }
}
