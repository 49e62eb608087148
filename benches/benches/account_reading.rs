//! How long an account of 20,000 domains takes to read, in virtual time: 150 ms an answer, 50 requests a second.
//! `cargo bench --no-default-features --bench account_reading`. Prints figures, checks none.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a benchmark may stop where it is"
)]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use mailgun_pools::api::{Client, DomainsQuery, Paginator, Write};
use mailgun_pools::transport::{ConcurrencyLimit, Pacing, Transport};
use poolkeeper_account::cache::{DomainReader, HistoryReader, apply_writes, history_since, merge, newest_record};
use poolkeeper_account::fork::{Fork, ForkExtent};
use poolkeeper_core::model::{Band, Domain, PoolName};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
use poolkeeper_test_support::virtual_service::VirtualService;
use poolkeeper_test_support::virtual_time::VirtualTime;
use std::rc::Rc;
use std::sync::Arc;

const LATENCY_MS: u64 = 150;
const PER_SECOND: u64 = 50;

/// A fresh service, so that each figure begins at a full second.
fn service_of(simulator: &Simulator) -> (VirtualTime, Rc<VirtualService>, Client) {
    let time = VirtualTime::default();
    let service = VirtualService::new(simulator.transport(), time.clone(), LATENCY_MS, PER_SECOND);
    let service = Rc::new(service);
    let (now, sleep) = (time.clone(), time.clone());
    let paced = Pacing::new(
        Rc::clone(&service) as Rc<dyn Transport>,
        Box::new(move || now.now()),
        Rc::new(move |ms| sleep.sleep(ms)),
    );
    let client = Client::new(Rc::new(ConcurrencyLimit::new(Rc::new(paced), 8)));
    (time, service, client)
}

fn print(what: &str, time: &VirtualTime, service: &VirtualService) {
    println!(
        "{what}: {:.1} s, {} requests, {} at once at most, {} turned away",
        time.now_ms() as f64 / 1e3,
        service.sent().len(),
        service.most_at_once(),
        service.turned_away()
    );
}

fn main() {
    let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 20_000, 5).expect("a valid size");
    let simulator = Simulator::new(Sim::scenario(&spec));
    let now = simulator.sim().now().to_utc();

    let (time, service, client) = service_of(&simulator);
    let query = DomainsQuery {
        limit: Some(100),
        ..DomainsQuery::default()
    };
    let mut walk = Paginator::new(client, query);
    let walked = time.run(async {
        let mut count = 0;
        while let Some(page) = walk.next_page().await.unwrap() {
            count += page.len();
        }
        count
    });
    print(&format!("{walked} enrolled domains, page after page"), &time, &service);

    let (time, service, client) = service_of(&simulator);
    let mut reader = DomainReader::new(client.clone());
    let mut rows: Vec<Arc<Domain>> = Vec::new();
    time.run(async {
        while let Some(page) = reader.next_domains().await.unwrap() {
            merge(&mut rows, page);
        }
    });
    print(
        &format!("{} enrolled domains, side by side", rows.len()),
        &time,
        &service,
    );

    let newest = time.run(newest_record(&client)).unwrap();
    let good = rows.iter().find(|row| row.pool.band() == Some(Band::Good));
    let write = Write::SetOverride {
        domain: good.expect("a domain in good").name.clone(),
        pool: PoolName::Known(Band::Poor),
    };
    time.run(client.write(&write)).unwrap();
    service.forget();
    let began_ms = time.now_ms();
    time.run(history_since(&client, newest.as_ref(), 5)).unwrap();
    apply_writes(&mut rows, &[write]);
    println!(
        "after an override: {} ms, {} request",
        time.now_ms() - began_ms,
        service.sent().len()
    );

    for days in [0, 30] {
        let (time, service, client) = service_of(&simulator);
        let extent = ForkExtent {
            days,
            with_outside: true,
        };
        let mut fork = Fork::new(client, "The copy", now, extent);
        time.run(async { while fork.step().await.unwrap().is_some() {} });
        print(
            &format!("the whole account with {days} days of history and counts"),
            &time,
            &service,
        );
    }

    let (time, service, client) = service_of(&simulator);
    let mut reader = HistoryReader::new(client, None);
    time.run(async { while reader.next_records().await.unwrap().is_some() {} });
    print(&format!("all {} history records", reader.progress().0), &time, &service);
}
