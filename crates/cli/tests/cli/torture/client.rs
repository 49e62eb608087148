//! A client with faults, on two transports: the simulator in this process and the server over HTTP get the same requests
//! and the same faults, and must stay the same. What the client says was made is made, what it says was refused is not.

use super::{Steps, report, tries};
use crate::serve::http::Http;
use crate::serve::process::Server;
use futures::executor::block_on;
use futures::future::LocalBoxFuture;
use mailgun_pools::api::{Client, DomainsQuery, HistoryQuery, Write, is_read};
use mailgun_pools::transport::{
    ApiKey, BaseUrl, Body, FaultPlan, Faults, Method, NativeSender, Request, Response, Retry, RetryEnv, RetryPolicy,
    Transport, TransportError,
};
use mailgun_pools::wire::query::{AssignableQuery, SortBy};
use poolkeeper_core::model::{Band, DomainName, Ip, PoolName, Replacement};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
use std::rc::Rc;

/// A client whose requests fail in one of ten cases. Waits take no time.
fn client(transport: Rc<dyn Transport>) -> Client {
    let plan = FaultPlan::default();
    plan.set_rate_ppm(100_000);
    let env = RetryEnv {
        now: Box::new(|| chrono::DateTime::UNIX_EPOCH),
        sleep: Box::new(|_| Box::pin(async {})),
        on_wait: Box::new(|_| ()),
        is_read,
    };
    let faults = Rc::new(Faults::new(transport, plan, 5));
    Client::new(Rc::new(Retry::new(faults, RetryPolicy::default(), env, 5)))
}

/// The simulator in this process, with answers that went through text: as read from text, a rate may differ in its last bit.
struct ThroughText(Rc<dyn Transport>);

impl Transport for ThroughText {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let mut answered = self.0.send(request).await?;
            if let Body::Json(json) = &answered.body {
                answered.body = Body::Json(serde_json::from_str(&json.to_string()).expect("JSON"));
            }
            Ok(answered)
        })
    }
}

/// What is asked in a step.
enum Step {
    Change(Write),
    Domains(DomainsQuery),
    History(HistoryQuery),
    Of(DomainName),
    Assignable,
    Inventory,
    Clock(u64),
}

struct World {
    domains: Vec<DomainName>,
    ips: Vec<Ip>,
    pools: [PoolName; 3],
}

impl World {
    fn step(&self, steps: &mut Steps) -> Step {
        let domain = steps.pick(&self.domains).clone();
        let pool = steps.pick(&self.pools).clone();
        let ip = steps.pick(&self.ips).clone();
        match steps.below(24) {
            0..=4 => Step::Change(Write::SetOverride { domain, pool }),
            5..=7 => Step::Change(Write::RemoveOverride { domain }),
            8 | 9 => Step::Change(Write::RemoveDomain {
                domain,
                replacement: Replacement::Shared,
            }),
            10..=12 => Step::Change(Write::Enroll {
                domain,
                replacement: None,
            }),
            13 => Step::Change(Write::AddIp { pool, ip }),
            14 => Step::Change(Write::ChangePool {
                pool,
                add: vec![ip],
                remove: vec![steps.pick(&self.ips).clone()],
            }),
            15 => Step::Change(Write::CancelWarmUp { ip }),
            16 | 17 => Step::Domains(DomainsQuery {
                limit: Some(1 + steps.below(30) as u32),
                pools: vec![pool],
                sort_by: *steps.pick(&[SortBy::Name, SortBy::BounceRate, SortBy::ComplaintRate]),
                ..DomainsQuery::default()
            }),
            18 => Step::History(HistoryQuery {
                limit: Some(1 + steps.below(30) as u32),
                moved_to: Some(pool),
                include_subaccounts: Some(steps.below(2) == 0),
                ..HistoryQuery::default()
            }),
            19 | 20 => Step::Of(domain),
            21 => Step::Assignable,
            22 => Step::Inventory,
            _ => Step::Clock([60, 3_600, 86_400][steps.below(3)]),
        }
    }
}

/// Everything that the client says, as text.
fn ask(client: &Client, step: &Step) -> String {
    block_on(async {
        match step {
            Step::Change(write) => format!("{:?}", client.write(write).await),
            Step::Domains(query) => format!("{:?}", client.domains(query).await),
            Step::History(query) => format!("{:?}", client.history(query).await),
            Step::Of(domain) => format!(
                "{:?} {:?}",
                client.preview(domain).await,
                client.domain_history(domain, Some(5)).await
            ),
            Step::Assignable => format!("{:?}", client.assignable(&AssignableQuery::default()).await),
            Step::Inventory => format!("{:?} {:?}", client.pools().await, client.ips_with_kind().await),
            Step::Clock(_) => String::new(),
        }
    })
}

/// Whether the account is as if the change had been made.
fn is_made(sim: &Sim, write: &Write) -> bool {
    let state = |domain: &DomainName| sim.find_domain(domain).and_then(|ix| sim.domain(ix)).expect("a domain");
    match write {
        Write::SetOverride { domain, pool } => {
            let state = state(domain);
            state.is_overridden() && state.band().map(PoolName::Known).as_ref() == Some(pool)
        }
        Write::RemoveOverride { domain } => !state(domain).is_overridden(),
        Write::RemoveDomain { domain, .. } => state(domain).enrolment.is_none(),
        Write::Enroll { domain, .. } => state(domain).enrolment.is_some(),
        _ => true,
    }
}

#[test]
fn over_both_transports_with_faults_a_client_says_the_same_and_the_truth() {
    let times = tries(2_000, 100_000);
    let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 40, 3).unwrap();
    let simulator = Simulator::new(Sim::scenario(&spec));
    let server = Server::start(&["--size", "40", "--seed", "3", "--still"]);
    let base = BaseUrl::parse_absolute(&server.base).unwrap();
    let sender = NativeSender::new(base, ApiKey::new("some-key"), 60_000);
    let (embedded, served) = (
        client(Rc::new(ThroughText(simulator.transport()))),
        client(Rc::new(sender)),
    );
    let controls = Http::new(&server.base);
    let world = World {
        domains: simulator.sim().domains().map(|domain| domain.name.clone()).collect(),
        ips: simulator.sim().ips().iter().map(|ip| ip.ip.clone()).collect(),
        pools: Band::ALL.map(PoolName::Known),
    };
    let mut steps = Steps(3);
    let (mut made, mut refused, mut unknown) = (0, 0, 0);
    for at in 0..times {
        let step = world.step(&mut steps);
        if let Step::Clock(seconds) = step {
            simulator.advance(seconds).unwrap();
            let clock = Request::new(Method::Post, "/_poolkeeper/clock").query("seconds", seconds.to_string());
            assert_eq!(controls.now(&clock).unwrap().status, 200);
            continue;
        }
        let before = simulator.revision();
        let said = ask(&embedded, &step);
        assert_eq!(ask(&served, &step), said, "step {at}");
        let Step::Change(write) = &step else {
            assert_eq!(simulator.revision(), before, "step {at}: a read changed something");
            continue;
        };
        let is_changed = simulator.revision() != before;
        if said.starts_with("Ok") {
            assert!(
                is_made(&simulator.sim(), write),
                "step {at}: {write:?} is not made: {said}"
            );
            made += 1;
        } else if said.contains("made to fail") || said.contains("TimedOut") || said.contains("Gateway") {
            unknown += 1;
        } else {
            assert!(!is_changed, "step {at}: {write:?} was refused and made: {said}");
            refused += 1;
        }
    }
    assert!(
        made > times / 10 && refused > times / 50 && unknown > times / 100,
        "{made} {refused} {unknown}"
    );
    report(
        "steps of a client with 10 % faults, in process and over HTTP",
        times,
        &format!("both the same; {made} changes made, {refused} refused, {unknown} of unknown outcome"),
    );
}
