//! A copy of an account, compared with the account it was read from. The account is a simulated one, so that everything
//! the client does not say can be looked up; the copy is made through the client alone.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use mailgun_pools::api::{ApiErrorKind, Client, DomainsQuery, Paginator, Write};
use mailgun_pools::transport::{Body, Fault, FaultPlan, Faults, Request, Response, Transport, TransportError};
use poolkeeper_account::fork::{Fork, ForkExtent, ForkStage, dry_run_copy};
use poolkeeper_core::model::{self, Band, Day, DomainName};
use poolkeeper_simulator::server::{Rejection, Simulator};
use poolkeeper_simulator::sim::{
    Actor, Command, DomainIx, ImportNotes, MoveRecord, PerBand, RemovalReplacement, ScenarioKind, ScenarioSpec, Sim,
};
use std::collections::BTreeMap;
use std::rc::Rc;

const EVERYTHING: ForkExtent = ForkExtent {
    days: 60,
    with_outside: true,
};

/// An account with a past of sixty days, overrides, subaccounts and domains outside.
fn original() -> Simulator {
    let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 250, 5).unwrap();
    Simulator::new(Sim::scenario(&spec.with_past_days(60).unwrap()))
}

fn fork(original: &Simulator, transport: Rc<dyn Transport>, extent: ForkExtent) -> Fork {
    let now = original.sim().now().to_utc();
    Fork::new(Client::new(transport), "The copy", now, extent)
}

/// Reads to the end; whatever fails is tried again.
fn finished(mut fork: Fork) -> (Sim, ImportNotes, u32) {
    let mut failures = 0;
    loop {
        match fork.step().now_or_never().expect("the simulator answers at once") {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(_) => failures += 1,
        }
    }
    let (sim, notes) = fork.finish();
    (sim, notes, failures)
}

fn copy_of(original: &Simulator) -> (Sim, ImportNotes) {
    let (sim, notes, failures) = finished(fork(original, original.transport(), EVERYTHING));
    assert_eq!(failures, 0);
    (sim, notes)
}

/// A domain as far as a client sees it: account, band, override, and the last check's counts.
fn domains(sim: &Sim) -> BTreeMap<DomainName, String> {
    let told = |domain: poolkeeper_simulator::sim::DomainView<'_>| {
        let account = &sim.account(domain.account).unwrap().id;
        let standing = sim.standing(domain.ix).map(|now| (now.band, now.is_overridden));
        let checked = domain
            .last_check
            .filter(|_| standing.is_some())
            .map(|check| check.counts);
        format!("{account} {standing:?} {checked:?} {:?}", domain.window)
    };
    sim.domains()
        .map(|domain| (domain.name.clone(), told(domain)))
        .collect()
}

/// History with names in place of positions, in an order that does not depend on positions.
fn history(sim: &Sim) -> Vec<String> {
    let told = |record: &MoveRecord| {
        let name = sim.domain(record.domain).unwrap().name;
        let counts = record.counts;
        format!(
            "{:?} {name} {:?} > {:?} {:?} {counts:?} by {}",
            record.at,
            record.prev_band,
            record.new_band,
            record.reason,
            sim.person(record.by)
        )
    };
    let mut told: Vec<String> = (0..sim.history_len())
        .map(|ix| told(&sim.record(ix).unwrap().record))
        .collect();
    told.sort();
    told
}

fn counts(sim: &Sim) -> BTreeMap<DomainName, Vec<(Day, Option<poolkeeper_core::model::Counts>)>> {
    let days = |ix: DomainIx| sim.daily_counts(ix, sim.first_day(), sim.last_complete_day()).collect();
    sim.domains()
        .map(|domain| (domain.name.clone(), days(domain.ix)))
        .collect()
}

/// Fails with the first few that differ, not with all of both.
fn same<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(ours: &BTreeMap<K, V>, theirs: &BTreeMap<K, V>) {
    let keys: std::collections::BTreeSet<&K> = ours.keys().chain(theirs.keys()).collect();
    let differing = keys.into_iter().filter(|key| ours.get(key) != theirs.get(key));
    let shown: Vec<String> = differing
        .take(5)
        .map(|key| format!("{key:?}: {:?} instead of {:?}", ours.get(key), theirs.get(key)))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

fn by_line(lines: Vec<String>) -> BTreeMap<String, u32> {
    lines.into_iter().fold(BTreeMap::new(), |mut counted, line| {
        *counted.entry(line).or_default() += 1;
        counted
    })
}

#[test]
fn the_copy_is_the_account_wherever_the_client_could_see_it() {
    let original = original();
    let sim = original.sim();
    let (copy, _) = copy_of(&original);
    assert_eq!((copy.now(), copy.first_day()), (sim.now(), sim.first_day()));
    assert_eq!(
        PerBand::from_fn(|band| copy.pool_ips(band).to_vec()),
        PerBand::from_fn(|band| sim.pool_ips(band).to_vec())
    );
    let accounts = |sim: &Sim| -> Vec<_> {
        let told = |account: &poolkeeper_simulator::sim::SimAccount| {
            (account.id.clone(), account.name.clone(), account.status)
        };
        sim.accounts().iter().map(told).collect()
    };
    let (mut ours, mut theirs) = (accounts(&copy), accounts(&sim));
    assert_eq!(ours[0], theirs[0], "the parent is first");
    ours.sort_by(|a, b| a.0.cmp(&b.0));
    theirs.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(ours, theirs);
    let ips = |sim: &Sim| -> Vec<_> {
        let told = |ip: &poolkeeper_simulator::sim::AccountIp| (ip.ip.clone(), ip.is_dedicated, sim.warm_up(&ip.ip));
        sim.ips().iter().map(told).collect()
    };
    assert_eq!(ips(&copy), ips(&sim));
    assert_eq!(copy.dedicated_pools(), sim.dedicated_pools());
    same(&domains(&copy), &domains(&sim));
    same(&by_line(history(&copy)), &by_line(history(&sim)));
    same(&counts(&copy), &counts(&sim));
    assert_eq!(copy.day_totals(), sim.day_totals());
    assert_eq!(copy.day_moves(), sim.day_moves());
    assert_eq!(copy.policy(), sim.policy());
    // The account has something of everything, so that the comparisons above can fail.
    assert!(sim.domains().any(|domain| domain.is_overridden()) && sim.domains().any(|domain| domain.band().is_none()));
    assert!(sim.history_len() > 300 && sim.accounts().len() > 2);
}

#[test]
fn what_the_copy_holds_in_its_own_way_is_listed() {
    let original = original();
    let sim = original.sim();
    let (copy, notes) = copy_of(&original);
    let listed = |sim: &Sim| -> BTreeMap<DomainName, (String, i64)> {
        let client = Client::new(Simulator::new(sim.clone()).transport());
        let mut walk = Paginator::new(client, DomainsQuery::default());
        let mut all = BTreeMap::new();
        while let Some(page) = walk.next_page().now_or_never().unwrap().unwrap() {
            let told = |domain: model::Domain| {
                let registered = domain.registered_at.unwrap().timestamp();
                (domain.name, (domain.id.to_string(), registered))
            };
            all.extend(page.into_iter().map(told));
        }
        all
    };
    let (ours, theirs) = (listed(&copy), listed(&sim));
    let first = copy.first_day().start().to_utc().timestamp();
    for (name, (id, registered)) in &ours {
        assert_ne!(*id, theirs[name].0, "{name}");
        assert_eq!(*registered, first, "{name}");
    }
    assert!(theirs.values().any(|(_, registered)| *registered != first));
    let has = |part: &str| notes.stand_ins.iter().any(|note| note.contains(part));
    assert!(
        has("Identifiers of domains and of history records are new"),
        "{notes:?}"
    );
    let day = copy.first_day();
    assert!(has(&format!("every domain counts as registered on {day}")), "{notes:?}");
    let warming = sim.ips().iter().filter(|ip| sim.warm_up(&ip.ip).is_some()).count();
    assert!(
        warming > 0 && has(&format!("IPs that warm up: {warming}.")),
        "{notes:?}"
    );
    let dedicated = format!("Dedicated pools: {}.", sim.dedicated_pools().len());
    assert!(
        notes.missing.iter().any(|note| note.starts_with(&dedicated)),
        "{notes:?}"
    );
    // Sixty days hold every enrolment and override of this account.
    assert!(!has("whose enrolment") && !has("do not say whether"), "{notes:?}");
    let (_, short, _) = finished(fork(
        &original,
        original.transport(),
        ForkExtent { days: 3, ..EVERYTHING },
    ));
    let (copy, enrolled) = (sim.first_day(), ours.len());
    let since = sim.now().day().plus(-3).start();
    let recorded = (0..sim.history_len())
        .map(|ix| sim.record(ix).unwrap().record)
        .filter(|record| record.prev_band.is_none() && record.at >= since && sim.standing(record.domain).is_some());
    let recorded: std::collections::BTreeSet<_> = recorded.map(|record| record.domain.0).collect();
    assert!(copy.start() < since);
    let line = format!(
        "Domains whose enrolment is in no record that was copied: {}.",
        enrolled - recorded.len()
    );
    assert!(
        short.stand_ins.iter().any(|note| note.starts_with(&line)),
        "{line} {short:?}"
    );
}

#[test]
fn the_time_is_the_services_where_it_lives_in_another() {
    let original = original();
    let client = Client::new(original.transport());
    let there = original.sim().now().to_utc();
    let at = |here| concern_now(&client, here);
    for days in [-400, -3, 3, 400] {
        assert_eq!(at(there + chrono::TimeDelta::days(days)), there, "{days} days apart");
    }
    for hours in [-30, 0, 30] {
        let here = there + chrono::TimeDelta::hours(hours);
        assert_eq!(at(here), here, "{hours} hours apart, as clocks and time zones are");
    }
    let refusing: Rc<dyn Transport> = Rc::new(Refusing(original.transport(), &["/v1/analytics"]));
    let far = there + chrono::TimeDelta::days(90);
    assert_eq!(concern_now(&Client::new(refusing), far), far);
}

fn concern_now(client: &Client, here: chrono::DateTime<chrono::Utc>) -> chrono::DateTime<chrono::Utc> {
    poolkeeper_account::fork::service_now(client, here)
        .now_or_never()
        .unwrap()
}

#[test]
fn the_copy_goes_on_by_the_rules_and_survives_being_saved() {
    let original = original();
    let (mut copy, _) = copy_of(&original);
    let saved = Sim::from_bytes(&copy.to_bytes()).expect("a copy is an account like any other");
    assert_eq!(saved, copy);
    let you = Actor::parent("you@example.com");
    let name = copy
        .domains()
        .find(|domain| domain.band() == Some(Band::Good))
        .unwrap()
        .name
        .clone();
    let pin = Command::SetOverride {
        domain: name.clone(),
        pool: Band::Poor,
    };
    copy.apply(&you, &pin).expect("it can be pinned");
    let leave = Command::Unenroll {
        domain: name.clone(),
        replacement: RemovalReplacement::Shared,
    };
    copy.apply(&you, &leave).expect("it can leave");
    copy.apply(&you, &Command::Advance { seconds: 86_400 })
        .expect("days pass");
    assert_eq!(copy.standing(copy.find_domain(&name).unwrap()), None);
    // What was done to the copy was not done to the account.
    let sim = original.sim();
    assert_eq!(sim.standing(sim.find_domain(&name).unwrap()).unwrap().band, Band::Good);
}

/// Refuses some paths, as a key with a small role is refused.
struct Refusing(Rc<dyn Transport>, &'static [&'static str]);

impl Transport for Refusing {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        if self.1.iter().any(|path| request.path.starts_with(path)) {
            let body = Body::Json(serde_json::json!({ "message": "your role may not" }));
            let (status, headers) = (403, Vec::new());
            return Box::pin(async move { Ok(Response { status, headers, body }) });
        }
        self.0.send(request)
    }
}

#[test]
fn what_the_key_may_not_read_is_listed_and_the_rest_is_copied() {
    let original = original();
    let refused = &["/v1/analytics/metrics", "/v5/accounts", "/v3/ip_warmups"];
    let refusing = Rc::new(Refusing(original.transport(), refused));
    let (copy, notes, failures) = finished(fork(&original, refusing, EVERYTHING));
    assert_eq!(failures, 0, "a refusal is not tried again");
    for words in [
        "Daily counts: Not allowed",
        "Subaccounts: Not allowed",
        "Warm-ups: Not allowed",
    ] {
        assert!(
            notes.missing.iter().any(|note| note.starts_with(words)),
            "{words}: {notes:?}"
        );
    }
    let sim = original.sim();
    let standings = |sim: &Sim| -> BTreeMap<DomainName, _> {
        sim.domains()
            .map(|domain| (domain.name.clone(), sim.standing(domain.ix)))
            .collect()
    };
    assert_eq!(standings(&copy), standings(&sim));
    assert_eq!(copy.history_len(), sim.history_len());
    // The accounts follow from their domains.
    let owner = |sim: &Sim, ix: DomainIx| sim.account(sim.domain(ix).unwrap().account).unwrap().id.clone();
    for domain in sim.domains() {
        let ix = copy.find_domain(domain.name).unwrap();
        assert_eq!(owner(&copy, ix), owner(&sim, domain.ix));
    }
    // Rates stand although the counts behind them could not be read.
    let checked = |sim: &Sim, name: &DomainName| {
        let domain = sim.domain(sim.find_domain(name).unwrap()).unwrap();
        domain
            .last_check
            .filter(|_| domain.band().is_some())
            .map(|check| check.counts)
    };
    let mut compared = 0;
    for domain in sim.domains() {
        let (ours, theirs) = (checked(&copy, domain.name), checked(&sim, domain.name));
        assert_eq!(ours.is_some(), theirs.is_some());
        let Some((ours, theirs)) = ours.zip(theirs) else {
            continue;
        };
        let rate = |counts: &poolkeeper_core::model::Counts| counts.bounce_rate().unwrap_or_default();
        // A whole number of messages is within half a message of the rate.
        #[expect(clippy::cast_precision_loss, reason = "a count far below 2⁵³")]
        let most = 0.5 / theirs.processed.max(1) as f64 + 1e-12;
        assert!(
            (rate(&ours) - rate(&theirs)).abs() <= most,
            "{}: {ours:?} {theirs:?}",
            domain.name
        );
        compared += 1;
    }
    assert!(compared > 100);
}

#[test]
fn without_its_domains_nothing_is_copied() {
    let original = original();
    let refusing = Rc::new(Refusing(original.transport(), &["/v1/dynamic_pools/domains"]));
    let mut fork = fork(&original, refusing, EVERYTHING);
    let error = loop {
        match fork.step().now_or_never().unwrap() {
            Ok(Some(progress)) => assert_ne!(progress.part, ForkStage::Domains),
            Ok(None) => panic!("it went on without domains"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind, ApiErrorKind::Forbidden);
    assert!(fork.step().now_or_never().unwrap().is_err(), "it stays where it stands");
}

#[test]
fn a_reading_that_failed_goes_on_where_it_stood() {
    let original = original();
    let (whole, whole_notes) = copy_of(&original);
    let plan = FaultPlan::default();
    plan.set_rate_ppm(300_000);
    let faulty = Rc::new(Faults::new(original.transport(), plan, 9));
    let (copy, notes, failures) = finished(fork(&original, faulty, EVERYTHING));
    assert!(failures > 20, "{failures} failures");
    assert!(copy == whole, "nothing is lost or doubled");
    assert_eq!(notes, whole_notes);
}

#[test]
fn an_answer_that_makes_no_sense_costs_only_its_own_part() {
    let original = original();
    let plan = FaultPlan::default();
    // Pools pass; the IPs come as a login's page.
    plan.push(None);
    plan.push(Some(Fault::LoginPage));
    let faulty = Rc::new(Faults::new(original.transport(), plan, 9));
    let (copy, notes, _) = finished(fork(&original, faulty, EVERYTHING));
    assert!(
        notes.missing.iter().any(|note| note.starts_with("The IPs: ")),
        "{notes:?}"
    );
    assert!(copy.is_configured(), "the pools name their IPs themselves");
    same(&domains(&copy), &domains(&original.sim()));
}

#[test]
fn fewer_days_leave_out_what_is_older_and_say_so() {
    let original = original();
    let short = ForkExtent { days: 10, ..EVERYTHING };
    let (copy, _, _) = finished(fork(&original, original.transport(), short));
    let sim = original.sim();
    assert_eq!(copy.last_complete_day().since(copy.first_day()), 9);
    let since = copy.first_day().start();
    let recent = (0..sim.history_len())
        .filter(|ix| sim.record(*ix).unwrap().record.at >= since)
        .count();
    assert_eq!(copy.history_len() as usize, recent);
    assert!(recent > 0 && recent < sim.history_len() as usize);
    let days = usize::try_from(copy.first_day().since(sim.first_day())).unwrap();
    assert_eq!(copy.day_totals().len(), 10);
    let bands = |sim: &Sim, from: usize| -> Vec<_> {
        sim.day_totals()
            .iter()
            .skip(from)
            .map(|day| (day.domains, day.outside_domains))
            .collect()
    };
    assert_eq!(bands(&copy, 0), bands(&sim, days));
}

#[test]
fn the_present_alone_takes_few_requests_and_tells_what_a_change_would_do() {
    let original = original();
    let present = ForkExtent {
        days: 0,
        with_outside: false,
    };
    let mut fork = fork(&original, original.transport(), present);
    let mut requests = 0;
    while fork.step().now_or_never().unwrap().unwrap().is_some() {
        requests += 1;
    }
    // Pools, IPs twice, warm-ups, dedicated pools, subaccounts, and three pages of domains.
    assert!(requests <= 9, "{requests}");
    let (copy, _) = fork.finish();
    let sim = original.sim();
    let remove = |sim: &Sim| {
        sim.dry_run(&Actor::parent("you@example.com"), &Command::RemovePools)
            .map(|_| ())
    };
    let (ours, theirs) = (remove(&copy).unwrap_err(), remove(&sim).unwrap_err());
    assert_eq!((ours.rule, ours.kind), (theirs.rule, theirs.kind));
}

/// What a request would do to an account: its effects with names for positions, or the rule that refuses it.
fn tried(sim: &Sim, write: &Write) -> String {
    let simulator = Simulator::new(sim.clone());
    match simulator.dry_run(&write.request().unwrap()) {
        Ok(effects) => {
            let domains = effects.domains.iter();
            let mut domains: Vec<_> = domains.map(|change| (&change.name, change.from, change.to)).collect();
            domains.sort_by_key(|(name, ..)| *name);
            format!("{domains:?} {:?} {:?}", effects.ips, effects.job.map(|job| job.total()))
        }
        Err(Rejection::Refused(refusal)) => format!("{:?} {:?} {}", refusal.rule, refusal.kind, refusal.message),
        Err(rejection) => rejection.message(),
    }
}

#[test]
fn changes_tried_on_what_they_concern_come_to_what_the_account_itself_would_do() {
    let original = original();
    let sim = original.sim();
    let client = Client::new(original.transport());
    let named = |wanted: fn(&poolkeeper_simulator::sim::DomainView<'_>) -> bool| {
        let found = sim
            .domains()
            .find(|domain| wanted(domain) && !domain.account.is_parent());
        found.expect("such a domain").name.clone()
    };
    let enrolled = named(|domain| domain.band() == Some(Band::Good) && !domain.is_overridden());
    let pinned = sim
        .domains()
        .find(|domain| domain.is_overridden())
        .unwrap()
        .name
        .clone();
    let outside = named(|domain| domain.band().is_none() && domain.window.processed > 2_000);
    let unknown = DomainName::parse("nobody.example.com").unwrap();
    let free: Vec<_> = sim.assignable_ips().map(|ip| ip.ip.clone()).collect();
    let held = sim.pool_ips(Band::Poor)[0].clone();
    let in_dedicated = sim.dedicated_pools()[0].ips[0].clone();
    let set = |poor| poolkeeper_core::model::PoolIps {
        good_reputation: sim.pool_ips(Band::Good).to_vec(),
        poor_reputation: poor,
        new_senders: sim.pool_ips(Band::New).to_vec(),
    };
    let over = |domain: &DomainName| Write::SetOverride {
        domain: domain.clone(),
        pool: Band::Poor.into(),
    };
    let leave = |domain: &DomainName, replacement| Write::RemoveDomain {
        domain: domain.clone(),
        replacement,
    };
    let enroll = |domain: &DomainName| Write::Enroll {
        domain: domain.clone(),
        replacement: None,
    };
    let change = |add: Vec<_>, remove: Vec<_>| Write::ChangePool {
        pool: Band::Good.into(),
        add,
        remove,
    };
    let writes = [
        over(&enrolled),
        over(&pinned),
        over(&outside),
        over(&unknown),
        Write::RemoveOverride { domain: pinned.clone() },
        Write::RemoveOverride {
            domain: enrolled.clone(),
        },
        leave(&enrolled, model::Replacement::Shared),
        leave(&enrolled, model::Replacement::Ips(vec![held.clone()])),
        leave(&enrolled, model::Replacement::Ips(vec![in_dedicated])),
        leave(
            &enrolled,
            model::Replacement::DedicatedPool(sim.dedicated_pools()[0].id.clone()),
        ),
        enroll(&outside),
        enroll(&enrolled),
        Write::RemovePools,
        Write::EnrollAll {
            include_subaccounts: true,
        },
        Write::EnrollAll {
            include_subaccounts: false,
        },
        Write::SetPools(set(free.clone())),
        Write::SetPools(set(sim.pool_ips(Band::Good).to_vec())),
        Write::AddIp {
            pool: Band::Good.into(),
            ip: held.clone(),
        },
        change(free.clone(), Vec::new()),
        change(vec![held], Vec::new()),
        change(Vec::new(), sim.pool_ips(Band::Good).to_vec()),
    ];
    let mut refused = 0;
    for write in &writes {
        let copy = dry_run_copy::copy_for(&client, std::slice::from_ref(write), &[], sim.now().to_utc(), |_| true);
        let copy = copy.now_or_never().unwrap().unwrap().expect("it was not stopped");
        let (ours, theirs) = (tried(&copy, write), tried(&sim, write));
        // Refusals count what is enrolled; the copy knows that there is any.
        let is_counted = matches!(write, Write::RemovePools);
        let cut = |text: &str| {
            if is_counted {
                text.chars().take(17).collect()
            } else {
                text.to_owned()
            }
        };
        assert_eq!(cut(&ours), cut(&theirs), "{write:?}");
        refused += u32::from(theirs.starts_with("Some(R") || theirs.starts_with("None"));
    }
    assert!(refused >= 8, "{refused}: refusals are compared too");
    assert_eq!(*original.sim(), *sim, "the account is as it was");
}

/// A service on which one bounce of each row came late: counted as delivered and as bounced, and as sent once.
struct LateBounces(Rc<dyn Transport>);

impl Transport for LateBounces {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let mut answer = self.0.send(request).await?;
            if let Body::Json(body) = &mut answer.body
                && let Some(items) = body.get_mut("items").and_then(serde_json::Value::as_array_mut)
            {
                for metrics in items.iter_mut().filter_map(|item| item.get_mut("metrics")) {
                    metrics["sent_count"] = (metrics["sent_count"].as_u64().unwrap() - 1).into();
                    metrics["delayed_bounce_count"] = 1.into();
                }
            }
            Ok(answer)
        })
    }
}

#[test]
fn a_copy_says_where_the_service_has_another_base_for_rates() {
    let original = original();
    let note = |transport| {
        let (_, notes, _) = finished(fork(&original, transport, EVERYTHING));
        notes.stand_ins.into_iter().find(|note| note.contains("as sent"))
    };
    assert_eq!(note(original.transport()), None);
    let sim = original.sim();
    let days = sim.first_day().0..=sim.last_complete_day().0;
    let rows = sim
        .domains()
        .flat_map(|domain| days.clone().map(move |day| (domain.ix, Day(day))));
    let counts: Vec<model::Counts> = rows.filter_map(|(ix, day)| sim.counts(ix, day)).collect();
    let both: u64 = counts.iter().map(|counts| counts.delivered + counts.bounced).sum();
    let late = counts.len() as u64;
    let number = poolkeeper_core::text::count;
    let expected = format!(
        "Mailgun counts {} messages as sent, and {} as delivered or bounced; {} delayed bounces count as both. Bounce rates here \
         are of the second.",
        number(both - late),
        number(both),
        number(late)
    );
    assert_eq!(note(Rc::new(LateBounces(original.transport()))), Some(expected));
}
