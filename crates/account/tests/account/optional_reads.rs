//! What a key may not read leaves its column empty, with the reason, and holds up neither a page nor a change.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use mailgun_pools::api::{Client, Write};
use mailgun_pools::transport::{Body, Request, Response, Transport, TransportError};
use poolkeeper_account::change::Proposal;
use poolkeeper_account::forecast::{self, Forecast};
use poolkeeper_account::fork::dry_run_copy::copy_with_gaps;
use poolkeeper_account::ip_inventory::IpInventory;
use poolkeeper_core::model::{Band, PoolName};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
use serde_json::json;
use std::rc::Rc;

/// Answers by hand: `pools[].enabled` and `details[].enabled` may be false.
struct SwitchedOff;

impl Transport for SwitchedOff {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        let body = match request.path.as_str() {
            "/v3/dynamic_pools" => json!({"pools": [
                {"name": "dynamic_good", "enabled": true, "ips": ["192.0.2.1"]},
                {"name": "dynamic_poor", "enabled": false, "ips": ["192.0.2.2"]},
                {"name": "dynamic_new", "ips": ["192.0.2.3"]},
            ]}),
            "/v3/ips" => json!({"items": [], "details": [
                {"ip": "192.0.2.1", "dedicated": true, "enabled": true},
                {"ip": "192.0.2.4", "dedicated": true, "enabled": false},
                {"ip": "192.0.2.5", "dedicated": false, "enabled": false},
            ]}),
            _ => json!({}),
        };
        let answer = Response {
            status: 200,
            headers: Vec::new(),
            body: Body::Json(body),
        };
        Box::pin(async move { Ok(answer) })
    }
}

/// Refuses some paths by 403.
struct Forbidding(Rc<dyn Transport>, &'static [&'static str]);

impl Transport for Forbidding {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        if !self.1.contains(&request.path.as_str()) {
            return self.0.send(request);
        }
        let answer = Response {
            status: 403,
            headers: Vec::new(),
            body: Body::Json(json!({"message": "role missing"})),
        };
        Box::pin(async move { Ok(answer) })
    }
}

fn client(simulator: &Simulator, forbidden: &'static [&'static str]) -> Client {
    Client::new(Rc::new(Forbidding(simulator.transport(), forbidden)))
}

fn account() -> Simulator {
    Simulator::new(Sim::scenario(
        &ScenarioSpec::new(ScenarioKind::BoughtList, 60, 5).unwrap(),
    ))
}

fn inventory(simulator: &Simulator, forbidden: &'static [&'static str]) -> IpInventory {
    let read = IpInventory::read(client(simulator, forbidden)).now_or_never();
    read.expect("an answer at once").unwrap()
}

#[test]
fn without_an_optional_read_the_ips_are_there_and_what_it_says_is_unknown() {
    let simulator = account();
    let whole = inventory(&simulator, &[]);
    assert!(whole.missing.is_empty());
    assert!(
        whole.ips.iter().any(|row| row.warm_up.is_some()),
        "the scenario warms some"
    );
    assert!(
        whole.ips.iter().any(|row| row.dedicated_pool.is_some()),
        "and has a dedicated pool"
    );

    let partly = inventory(&simulator, &["/v3/ip_pools", "/v3/ip_warmups"]);
    let ips = |inventory: &IpInventory| {
        inventory
            .ips
            .iter()
            .map(|row| (row.ip.clone(), row.pool.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(ips(&partly), ips(&whole));
    assert!(
        partly
            .ips
            .iter()
            .all(|row| row.warm_up.is_none() && row.dedicated_pool.is_none())
    );
    let whats: Vec<_> = partly
        .missing
        .iter()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(whats, ["Dedicated pools", "Warm-ups"]);

    // Of the pools alone: every IP in them is dedicated (R2), whether it warms is not known.
    let pools_alone = inventory(&simulator, &["/v3/ip_pools", "/v3/ip_warmups", "/v3/ips"]);
    assert!(!pools_alone.ips.is_empty());
    for row in &pools_alone.ips {
        assert_eq!(
            (row.is_dedicated, row.is_warming, row.warmth().as_str()),
            (Some(true), None, "–")
        );
    }
}

#[test]
fn the_pools_themselves_are_no_optional_read() {
    let read = IpInventory::read(client(&account(), &["/v3/dynamic_pools"])).now_or_never();
    assert!(read.expect("an answer at once").is_err());
}

#[test]
fn a_dry_run_without_optional_reads_says_what_it_did_not_check() {
    let simulator = account();
    let now = simulator.sim().now().to_utc();
    let pool = PoolName::Known(Band::Good);
    let free = inventory(&simulator, &[])
        .assignable()
        .next()
        .expect("a free IP")
        .ip
        .clone();
    let writes = [Write::AddIp { pool, ip: free }];
    let client = client(&simulator, &["/v3/ip_pools", "/v3/ip_warmups"]);
    let copy = copy_with_gaps(&client, &writes, &[], now, |_| true).now_or_never();
    let copy = copy.expect("an answer at once").unwrap().expect("nobody stopped it");
    assert_eq!(copy.gaps.len(), 2, "{:?}", copy.gaps);
    let proposal = Proposal {
        steps: writes.map(Into::into).to_vec(),
        ..Proposal::default()
    };
    let said = forecast::forecast(&Simulator::new(copy.sim), &proposal, 25).with_gaps(&copy.gaps);
    let Forecast::Changes(lines) = said else {
        panic!("{said:?}")
    };
    assert!(
        lines.iter().any(|line| line.starts_with("Not checked: warm-ups")),
        "{lines:?}"
    );
}

#[test]
fn the_pool_of_an_enrolment_is_the_services_to_say() {
    let simulator = account();
    let sim = simulator.sim();
    let outside = sim
        .domains()
        .find(|domain| domain.enrolment.is_none())
        .expect("a domain outside");
    let proposal = poolkeeper_account::change::enroll(&[(outside.name.clone(), None)], None);
    let lines = |said| match said {
        Forecast::Changes(lines) => lines.join(" "),
        other => panic!("{other:?}"),
    };
    let by_simulator = lines(forecast::forecast(&simulator, &proposal, 25));
    assert!(by_simulator.contains("is enrolled into"), "{by_simulator}");
    let live = lines(forecast::forecast_live(&simulator, &proposal, 25));
    assert_eq!(
        live,
        format!(
            "{} is enrolled; the service's own health check picks its pool",
            outside.name
        )
    );
}

#[test]
fn a_pool_or_an_ip_that_is_switched_off_is_said_to_be_off_and_nothing_is_said_where_nothing_is_known() {
    let read = IpInventory::read(Client::new(Rc::new(SwitchedOff))).now_or_never();
    let inventory = read.expect("an answer at once").unwrap();
    assert_eq!(
        Band::ALL
            .map(|band| (band, inventory.is_off(band)))
            .into_iter()
            .filter(|(_, off)| *off)
            .count(),
        1
    );
    assert!(inventory.is_off(Band::Poor));
    let remarks = |ip: &str| {
        let row = inventory.ips.iter().find(|row| row.ip.as_str() == ip).unwrap();
        row.remarks().unwrap_or_default()
    };
    assert_eq!(remarks("192.0.2.1"), "");
    assert_eq!(remarks("192.0.2.3"), "");
    assert_eq!(remarks("192.0.2.4"), "switched off at Mailgun");
    assert_eq!(
        remarks("192.0.2.5"),
        "switched off at Mailgun; shared; dynamic pools take dedicated IPs only"
    );
}
