//! The handle beside the contract: trying out, listening, replacing.

use crate::canned::now;
use crate::embedded::Embedded;
use mailgun_pools::api::{Client, Write};
use mailgun_pools::transport::{Method, Request};
use poolkeeper_contract_suite::{DAY, enrolled_names, get, json, name};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{Band, PoolIps, Replacement};
use poolkeeper_simulator::server::{Rejection, Simulator, SimulatorChange};
use poolkeeper_simulator::sim::{Command, RefusalKind, Rule, ScenarioKind, ScenarioSpec, Sim};
use std::cell::RefCell;
use std::rc::Rc;

fn client(simulator: &Simulator) -> Client {
    Client::new(simulator.transport())
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let simulator = Embedded::fresh().0;
    let before = simulator.sim();
    let write = Write::SetOverride {
        domain: name("steady.example.com"),
        pool: Band::Poor.into(),
    };
    let effects = simulator.dry_run(&write.request().unwrap()).unwrap();
    assert_eq!((effects.domains.len(), effects.records.len()), (1, 1));
    let change = &effects.domains[0];
    let (from, to) = (change.from.unwrap(), change.to.unwrap());
    assert_eq!(change.name, name("steady.example.com"));
    assert_eq!(
        (from.band, from.is_overridden, to.band, to.is_overridden),
        (Band::Good, false, Band::Poor, true)
    );
    let all = Write::RemoveDomain {
        domain: name("steady.example.com"),
        replacement: Replacement::Shared,
    };
    assert_eq!(simulator.dry_run(&all.request().unwrap()).unwrap().domains[0].to, None);
    assert!(*simulator.sim() == *before && simulator.revision() == 0);
}

#[test]
fn a_dry_run_is_refused_as_the_request_would_be() {
    let simulator = Embedded::fresh().0;
    let Err(Rejection::Refused(refusal)) = simulator.dry_run(&Write::RemovePools.request().unwrap()) else {
        panic!("not refused");
    };
    assert_eq!((refusal.kind, refusal.rule), (RefusalKind::Conflict, Some(Rule::R6)));
    let empty = Write::SetPools(PoolIps::default()).request().unwrap();
    assert_eq!(simulator.dry_run(&empty).unwrap_err().status(), 400);
    let read = simulator
        .dry_run(&Request::new(Method::Get, "/v3/dynamic_pools"))
        .unwrap_err();
    assert!(read.message().contains("reads"));
    let mut nobody = Write::RemovePools.request().unwrap();
    nobody.on_behalf_of = Some("5f1c00a1b32c35364a2ad34f".to_owned());
    assert_eq!(simulator.dry_run(&nobody).unwrap_err().status(), 403);
}

#[test]
fn listeners_hear_every_change_once_until_they_are_let_go() {
    let simulator = Embedded::fresh().0;
    let heard = Rc::new(RefCell::new(Vec::new()));
    let (notes, looks) = (Rc::clone(&heard), simulator.clone());
    let subscription = simulator.subscribe(move |change, sim| {
        let what = match change {
            SimulatorChange::Applied {
                command: Command::Advance { .. },
                ..
            } => "advance",
            SimulatorChange::Applied { actor, .. } if actor.by.contains("kim") => "kim",
            SimulatorChange::Applied { .. } => "other",
            SimulatorChange::Replaced => "replaced",
        };
        // The account handed in is the one everybody sees, and asking while hearing is fine.
        assert!(*looks.sim() == *sim && looks.handle(&get("/v3/ips", &[])).status == 200);
        notes.borrow_mut().push((what, looks.revision()));
    });
    simulator.advance(DAY).unwrap();
    simulator.set_person("kim@example.com");
    now(client(&simulator).set_override(name("steady.example.com"), Band::Poor.into())).unwrap();
    // What is refused, read or tried is no change.
    now(client(&simulator).remove_pools()).unwrap_err();
    now(client(&simulator).pools()).unwrap();
    simulator.replace(Sim::scenario(
        &ScenarioSpec::new(ScenarioKind::SteadySenders, 5, 7).unwrap(),
    ));
    assert_eq!(*heard.borrow(), [("advance", 1), ("kim", 2), ("replaced", 3)]);
    drop(subscription);
    simulator.advance(DAY).unwrap();
    assert_eq!((heard.borrow().len(), simulator.revision()), (3, 4));
}

#[test]
fn a_listener_may_change_things_itself() {
    let simulator = Embedded::fresh().0;
    let again = simulator.clone();
    let _subscription = simulator.subscribe(move |_, sim| {
        if sim.now().day() < poolkeeper_core::model::Day::from_ymd(2026, 7, 26).unwrap() {
            again.advance(DAY).unwrap();
        }
    });
    simulator.advance(DAY).unwrap();
    assert_eq!(simulator.sim().now().day().to_string(), "2026-07-26");
}

#[test]
fn who_holds_the_account_keeps_what_they_read() {
    let simulator = Embedded::fresh().0;
    let held = simulator.sim();
    simulator.advance(DAY).unwrap();
    assert_eq!(held.now().day().to_string(), "2026-07-23");
    assert_eq!(simulator.sim().now().day().to_string(), "2026-07-24");
}

#[test]
fn another_account_takes_its_place_for_clients_that_are_there_already() {
    let simulator = Embedded::fresh().0;
    let client = client(&simulator);
    assert_eq!(now(enrolled_names(&client)).len(), 7);
    simulator.replace(Sim::scenario(
        &ScenarioSpec::new(ScenarioKind::SteadySenders, 60, 7).unwrap(),
    ));
    let names = now(enrolled_names(&client));
    assert!(names.len() > 20 && !names.contains(&"steady.example.com".to_owned()));
}

#[test]
fn a_policy_is_checked_and_counts_from_the_next_check_on() {
    let simulator = Embedded::fresh().0;
    let strict = Policy {
        minimum_processed: 0,
        ..Policy::default()
    };
    simulator.set_policy(strict).unwrap();
    let pool = |simulator: &Simulator| {
        let domain = simulator.sim().find_domain(&name("small.example.com")).unwrap();
        simulator.sim().domain(domain).unwrap().band()
    };
    assert_eq!(pool(&simulator), Some(Band::New));
    simulator.advance(DAY).unwrap();
    assert_eq!(pool(&simulator), Some(Band::Good));
    let nonsense = Policy {
        window_days: 0,
        ..Policy::default()
    };
    assert!(
        simulator
            .set_policy(nonsense)
            .unwrap_err()
            .message
            .contains("window_days")
    );
}

#[test]
fn links_begin_with_the_address_the_simulator_is_reached_at() {
    let simulator = Embedded::fresh().0;
    let next = |simulator: &Simulator| {
        let answer = simulator.handle(&get("/v1/dynamic_pools/domains", &[("limit", "2")]));
        json(&answer)["paging"]["Next"].as_str().unwrap().to_owned()
    };
    assert!(next(&simulator).starts_with("https://api.mailgun.net/v1/dynamic_pools/domains?limit=2&page="));
    simulator.set_base_url("http://127.0.0.1:8025/");
    assert!(next(&simulator).starts_with("http://127.0.0.1:8025/v1/dynamic_pools/domains?limit=2&page="));
}
