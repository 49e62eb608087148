//! How long the simulator takes to answer lists of a large account, from the request to the bytes of its answer.
//! `cargo bench -p poolkeeper-benches --bench simulator_requests`. Prints figures, checks none.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a benchmark measures, and may stop where it is"
)]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use mailgun_pools::transport::{Body, Method, Request};
use poolkeeper_core::model::Band;
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{Command, ScenarioKind, ScenarioSpec, Sim};
use std::time::{Duration, Instant};

const MOST_ROUNDS: usize = 400;
const LONGEST: Duration = Duration::from_secs(4);

/// The time of one answer, encoded as the server does.
fn answer(simulator: &Simulator, request: &Request) -> (Duration, usize) {
    let begun = Instant::now();
    let answered = simulator.handle(request);
    let bytes = match answered.body {
        Body::Json(json) => json.to_string().len(),
        other => panic!("no JSON but {other:?}"),
    };
    assert_eq!(answered.status, 200);
    (begun.elapsed(), bytes)
}

fn print(size: u32, what: &str, times: &mut [Duration], bytes: usize) {
    times.sort_unstable();
    let total: Duration = times.iter().sum();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
    println!(
        "| {size} domains | {what} | {:.0} | {:.2} | {:.2} | {} |",
        times.len() as f64 / total.as_secs_f64(),
        at(50),
        at(99),
        bytes / 1_000
    );
}

fn main() {
    println!("| account | request | requests a second | median, ms | 99 % within, ms | answer, KB |");
    for size in [20_000, 100_000] {
        let spec = ScenarioSpec::new(ScenarioKind::BoughtList, size, 5).expect("a valid size");
        let simulator = Simulator::new(Sim::scenario(&spec));
        let get = |path: &str| Request::new(Method::Get, path);
        let domains = get("/v1/dynamic_pools/domains").query("limit", "100");
        let by_rate = domains.clone().query("sort", "bounce_rate");
        let assignable = get("/v3/domains/dynamic_pools/assignable");
        let history = get("/v1/dynamic_pools/history")
            .query("limit", "100")
            .query("include_subaccounts", "true");
        let matching = assignable.clone().query("domain", "^mail.*");
        for (what, request) in [
            ("domains", &domains),
            ("domains by bounce rate", &by_rate),
            ("assignable", &assignable),
            ("assignable, a pattern", &matching),
            ("history", &history),
        ] {
            let begun = Instant::now();
            let (mut times, mut bytes) = (Vec::new(), 0);
            while times.len() < MOST_ROUNDS && begun.elapsed() < LONGEST {
                let (time, answered) = answer(&simulator, request);
                times.push(time);
                bytes = answered;
            }
            print(size, what, &mut times, bytes);
        }
        // Each after a change, when nothing is kept of the answer before.
        let names: Vec<_> = simulator.sim().domains().map(|domain| domain.name.clone()).collect();
        for (what, request) in [
            ("assignable after a change", &assignable),
            ("history after a change", &history),
        ] {
            let (mut times, mut bytes) = (Vec::new(), 0);
            for (at, domain) in names.iter().enumerate().take(60) {
                let pool = Band::ALL[at % 3];
                let command = Command::SetOverride {
                    domain: domain.clone(),
                    pool,
                };
                if simulator.apply(&command).is_ok() {
                    let (time, answered) = answer(&simulator, request);
                    times.push(time);
                    bytes = answered;
                }
            }
            print(size, what, &mut times, bytes);
        }
    }
}
