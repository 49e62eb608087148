//! The account's lists, read side by side and kept up to date, compared with plain walks of the same lists.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

use super::list_service::ListService;
use futures::FutureExt;
use mailgun_pools::api::{Client, DomainsQuery, HistoryQuery, PagedQuery, Paginator, Write};
use mailgun_pools::transport::{ConcurrencyLimit, Fault, FaultPlan, Faults, Pacing, Transport};
use poolkeeper_account::cache::{
    DomainReader, HistoryReader, apply_history, apply_writes, history_since, merge, newest_record,
};
use poolkeeper_core::model::{Band, Domain, DomainName, HistoryRecord, PoolName, Replacement};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{Command, ScenarioKind, ScenarioSpec, Sim};
use poolkeeper_test_support::virtual_service::VirtualService;
use poolkeeper_test_support::virtual_time::VirtualTime;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

const LATENCY_MS: u64 = 150;
const PER_SECOND: u64 = 50;

/// An account with a history of `days`.
fn account(size: u32, days: u32) -> Simulator {
    let spec = ScenarioSpec::new(ScenarioKind::BoughtList, size, 5).unwrap();
    Simulator::new(Sim::scenario(&spec.with_past_days(days).unwrap()))
}

/// What lies between the client and the service: pacing, and at most eight at once.
fn client_in(time: &VirtualTime, service: &Rc<VirtualService>) -> Client {
    let (now, sleep) = (time.clone(), time.clone());
    let paced = Pacing::new(
        Rc::clone(service) as Rc<dyn Transport>,
        Box::new(move || now.now()),
        Rc::new(move |ms| sleep.sleep(ms)),
    );
    Client::new(Rc::new(ConcurrencyLimit::new(Rc::new(paced), 8)))
}

fn service_of(simulator: &Simulator) -> (VirtualTime, Rc<VirtualService>, Client) {
    let time = VirtualTime::default();
    let service = VirtualService::new(simulator.transport(), time.clone(), LATENCY_MS, PER_SECOND);
    let service = Rc::new(service);
    let client = client_in(&time, &service);
    (time, service, client)
}

async fn read_domains(client: Client) -> Vec<Arc<Domain>> {
    let mut reader = DomainReader::new(client);
    let mut rows = Vec::new();
    while let Some(domains) = reader.next_domains().await.unwrap() {
        merge(&mut rows, domains);
    }
    assert!(reader.is_over());
    rows
}

/// Every item of a list, by one plain walk.
fn walked<Q: PagedQuery>(transport: Rc<dyn Transport>, query: Q) -> Vec<Q::Item> {
    let mut walk = Paginator::new(Client::new(transport), query);
    let mut all = Vec::new();
    while let Some(page) = walk.next_page().now_or_never().expect("an answer at once").unwrap() {
        all.extend(page);
    }
    all
}

fn walked_domains(simulator: &Simulator) -> Vec<Domain> {
    let query = DomainsQuery {
        limit: Some(100),
        ..DomainsQuery::default()
    };
    walked(simulator.transport(), query)
}

fn owned(rows: &[Arc<Domain>]) -> Vec<Domain> {
    rows.iter().map(|row| (**row).clone()).collect()
}

#[test]
fn all_enrolled_domains_are_read_side_by_side_within_the_limits() {
    let simulator = account(4_000, 30);
    let expected = walked_domains(&simulator);
    let (time, service, client) = service_of(&simulator);
    let rows = time.run(read_domains(client));
    assert_eq!(owned(&rows), expected);
    let pages = (expected.len() as u64).div_ceil(100);
    let requests = service.sent().len() as u64;
    // The first page of the whole list, the unfinished last page of each of six walks, and one over where two meet.
    assert!(requests <= pages + 1 + 6 + 3, "{requests} requests for {pages} pages");
    let one_after_another_ms = pages * LATENCY_MS;
    assert!(time.now_ms() * 2 < one_after_another_ms, "{} ms", time.now_ms());
    assert!((2..=8).contains(&service.most_at_once()));
    assert_eq!(service.turned_away(), 0);
}

#[test]
fn a_service_with_fewer_requests_a_second_turns_none_away() {
    let simulator = account(3_000, 30);
    let time = VirtualTime::default();
    let service = Rc::new(VirtualService::new(simulator.transport(), time.clone(), LATENCY_MS, 10));
    let client = client_in(&time, &service);
    let rows = time.run(read_domains(client));
    assert_eq!(owned(&rows), walked_domains(&simulator));
    assert_eq!(service.turned_away(), 0, "of {}", service.sent().len());
}

#[test]
fn the_list_of_a_small_account_is_one_request() {
    let simulator = account(60, 30);
    let (time, service, client) = service_of(&simulator);
    assert_eq!(owned(&time.run(read_domains(client))), walked_domains(&simulator));
    assert_eq!(service.sent().len(), 1);
}

#[test]
fn a_reading_goes_on_where_it_failed() {
    let simulator = account(4_000, 30);
    let plan = FaultPlan::default();
    plan.set_rate_ppm(300_000);
    plan.push(Some(Fault::Status(503)));
    let faulty = Rc::new(Faults::new(simulator.transport(), plan, 3));
    let mut reader = DomainReader::new(Client::new(faulty));
    let (mut rows, mut failures) = (Vec::new(), 0);
    loop {
        match reader.next_domains().now_or_never().expect("an answer at once") {
            Ok(Some(domains)) => merge(&mut rows, domains),
            Ok(None) => break,
            Err(_) => failures += 1,
        }
    }
    assert!(failures > 3, "{failures}");
    assert_eq!(owned(&rows), walked_domains(&simulator));
}

#[test]
fn no_domain_is_missed_whatever_the_service_does_with_the_query() {
    let pools = ["dynamic_good", "dynamic_good", "dynamic_poor", "dynamic_new"];
    let with_unknown = ["dynamic_good", "dynamic_great", "dynamic_poor"];
    let plain = || ListService::of(1_111, &pools);
    let services = [
        ("as the contract says", plain()),
        ("a pool of another version", ListService::of(1_111, &with_unknown)),
        (
            "only pools of another version",
            ListService::of(750, &["dynamic_great"]),
        ),
        ("no domain", ListService::of(0, &pools)),
        ("whole pages", ListService::of(800, &pools)),
        (
            "no order",
            ListService {
                ignores_order: true,
                ..plain()
            },
        ),
        (
            "no filter",
            ListService {
                ignores_pools: true,
                ..plain()
            },
        ),
        (
            "neither",
            ListService {
                ignores_order: true,
                ignores_pools: true,
                ..plain()
            },
        ),
        (
            "no total",
            ListService {
                is_silent_on_total: true,
                ..plain()
            },
        ),
        (
            "a move while it is read",
            ListService {
                moves_after: Some((6, 150, "dynamic_good")),
                ..plain()
            },
        ),
        (
            "an early move",
            ListService {
                moves_after: Some((3, 1_110, "dynamic_new")),
                ..plain()
            },
        ),
    ];
    for (name, service) in services {
        let service = Rc::new(service);
        let client = Client::new(Rc::clone(&service) as Rc<dyn Transport>);
        let rows = read_domains(client).now_or_never().expect("an answer at once");
        let read: Vec<(String, String)> = rows
            .iter()
            .map(|row| (row.name.to_string(), row.pool.to_string()))
            .collect();
        let names = |list: Vec<(String, String)>| list.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let listed = service.domains.borrow();
        let expected: Vec<(String, String)> = listed
            .iter()
            .map(|(name, pool)| (name.clone(), (*pool).to_owned()))
            .collect();
        if service.moves_after.is_none() {
            assert_eq!(read, expected, "{name}");
        }
        assert_eq!(names(read), names(expected), "{name}");
        assert!(
            service.requests.get() < 40,
            "{name}: {} requests",
            service.requests.get()
        );
    }
}

fn walked_history(simulator: &Simulator) -> Vec<HistoryRecord> {
    let query = HistoryQuery {
        limit: Some(100),
        include_subaccounts: Some(true),
        ..HistoryQuery::default()
    };
    walked(simulator.transport(), query)
}

fn by_id(records: Vec<HistoryRecord>) -> BTreeMap<String, HistoryRecord> {
    let count = records.len();
    let by_id: BTreeMap<_, _> = records.into_iter().map(|record| (record.id.clone(), record)).collect();
    assert_eq!(by_id.len(), count, "each record once");
    by_id
}

#[test]
fn history_is_read_in_windows_that_give_each_record_once() {
    let simulator = account(6_000, 120);
    let expected = by_id(walked_history(&simulator));
    let days_ago = |days: i64| Some(simulator.sim().now().plus_seconds(-days * 86_400).to_utc());
    for after in [None, days_ago(40)] {
        let (time, service, client) = service_of(&simulator);
        let mut reader = HistoryReader::new(client, after);
        let mut records = Vec::new();
        time.run(async {
            while let Some(page) = reader.next_records().await.unwrap() {
                records.extend(page);
            }
        });
        let mut expected = expected.clone();
        expected.retain(|_, record| after.is_none_or(|after| record.timestamp.unwrap() > after));
        assert!(expected.len() > 1_000, "{}", expected.len());
        let pages = (expected.len() as u64).div_ceil(100);
        assert_eq!(reader.progress(), (expected.len() as u64, Some(expected.len() as u64)));
        assert_eq!(by_id(records), expected);
        // Those of the first day are of one instant: no window is shorter.
        let is_spread = after.is_some();
        let read_ms = time.now_ms();
        assert!(
            !is_spread || read_ms * 3 < pages * LATENCY_MS * 2,
            "{read_ms} ms for {pages} pages"
        );
        assert_eq!(service.turned_away(), 0);
    }
}

#[test]
fn an_override_costs_one_request_after_it_and_the_list_is_as_if_read_again() {
    let simulator = account(2_000, 30);
    let (time, service, client) = service_of(&simulator);
    let mut rows = time.run(read_domains(client.clone()));
    let newest = time.run(newest_record(&client)).unwrap();
    let changed = rows
        .iter()
        .find(|row| row.pool.band() == Some(Band::Good))
        .unwrap()
        .name
        .clone();
    let write = Write::SetOverride {
        domain: changed.clone(),
        pool: PoolName::Known(Band::Poor),
    };
    time.run(client.write(&write)).unwrap();
    service.forget();
    let since = time.run(history_since(&client, newest.as_ref(), 5)).unwrap().unwrap();
    apply_history(&mut rows, &since);
    apply_writes(&mut rows, &[write]);
    assert_eq!(service.sent().len(), 1, "{:?}", service.sent());
    assert_eq!(since.len(), 1, "{since:?}");
    let row = rows.iter().find(|row| row.name == changed).unwrap();
    assert_eq!((row.pool.band(), row.is_overridden), (Some(Band::Poor), Some(true)));
    let pools = |rows: &[Domain]| -> Vec<_> {
        rows.iter()
            .map(|row| (row.name.clone(), row.pool.clone(), row.is_overridden))
            .collect()
    };
    assert_eq!(pools(&owned(&rows)), pools(&walked_domains(&simulator)));
}

#[test]
fn history_since_brings_each_pool_up_to_date_after_days() {
    let simulator = account(4_000, 30);
    let (time, _, client) = service_of(&simulator);
    let mut rows = time.run(read_domains(client.clone()));
    let before = owned(&rows);
    let newest = time.run(newest_record(&client)).unwrap();
    simulator.apply(&Command::Advance { seconds: 15 * 86_400 }).unwrap();
    let some = time.run(history_since(&client, newest.as_ref(), 1)).unwrap();
    assert_eq!(some.map(|records| records.len()), None, "more than a page");
    let since = time.run(history_since(&client, newest.as_ref(), 50)).unwrap().unwrap();
    apply_history(&mut rows, &since);
    let pools = |rows: &[Domain]| -> Vec<_> { rows.iter().map(|row| (row.name.clone(), row.pool.clone())).collect() };
    let after = walked_domains(&simulator);
    assert_ne!(pools(&before), pools(&after), "15 days moved some");
    assert_eq!(pools(&owned(&rows)), pools(&after));
}

fn domain(name: &str, pool: Band, is_overridden: Option<bool>) -> Domain {
    Domain {
        id: poolkeeper_core::model::DomainId(format!("id of {name}")),
        account_id: poolkeeper_core::model::AccountId::default(),
        account_name: None,
        name: poolkeeper_core::model::DomainName::as_sent(name),
        registered_at: None,
        pool: PoolName::Known(pool),
        is_overridden,
        bounce_rate: None,
        complaint_rate: None,
        processed_count: None,
    }
}

fn record(name: &str, pool: Band, by: &str) -> HistoryRecord {
    HistoryRecord {
        id: String::new(),
        owning_account_id: poolkeeper_core::model::AccountId::default(),
        account_id: poolkeeper_core::model::AccountId::default(),
        account_name: None,
        domain_id: poolkeeper_core::model::DomainId(format!("id of {name}")),
        domain_name: poolkeeper_core::model::DomainName::as_sent(name),
        new_band: Some(PoolName::Known(pool)),
        prev_band: None,
        reason: String::new(),
        bounce_rate: None,
        complaint_rate: None,
        processed_count: None,
        initiated_by: Some(by.to_owned()),
        timestamp: None,
    }
}

#[test]
fn what_history_does_not_say_is_unknown() {
    let mut rows = vec![
        Arc::new(domain("a.example", Band::Good, Some(false))),
        Arc::new(domain("b.example", Band::Good, Some(false))),
    ];
    let records = [
        record("c.example", Band::New, "ops@example.com"),
        record("b.example", Band::Poor, "ops@example.com"),
        record("b.example", Band::New, "system"),
        record("a.example", Band::Poor, "system"),
    ];
    apply_history(&mut rows, &records);
    let expected = [
        domain("a.example", Band::Poor, Some(false)),
        domain("b.example", Band::Poor, None),
        domain("c.example", Band::New, None),
    ];
    assert_eq!(owned(&rows), expected);
}

#[test]
fn changes_that_were_made_show_in_the_rows_they_are_about() {
    let row = |name: &str, band, is_overridden| Arc::new(domain(name, band, Some(is_overridden)));
    let mut rows = vec![
        row("a.example", Band::Good, false),
        row("b.example", Band::Poor, true),
        row("c.example", Band::New, false),
        row("d.example", Band::New, false),
    ];
    let named = DomainName::as_sent;
    apply_writes(
        &mut rows,
        &[
            Write::SetOverride {
                domain: named("a.example"),
                pool: PoolName::Known(Band::Poor),
            },
            Write::RemoveOverride {
                domain: named("b.example"),
            },
            Write::RemoveDomain {
                domain: named("c.example"),
                replacement: Replacement::Shared,
            },
            Write::RemovePools,
        ],
    );
    // R10: without its override a domain stays where it is.
    let expected = [
        row("a.example", Band::Poor, true),
        row("b.example", Band::Poor, false),
        row("d.example", Band::New, false),
    ];
    assert_eq!(rows, expected);
}
