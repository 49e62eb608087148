//! The server ended in the middle of changes, and two servers on one file.

use super::{Steps, report, tries};
use crate::serve::http::Http;
use crate::serve::keeping::{Folder, asked};
use crate::serve::process::{Server, race};
use mailgun_pools::transport::{Method, Request};
use std::sync::mpsc::{Sender, channel};
use std::thread;

const POOLS: [&str; 3] = ["dynamic_good", "dynamic_poor", "dynamic_new"];
const CLIENTS: usize = 3;

/// The pool that the `number`th change of a client pins its domain to.
fn pool(number: usize) -> &'static str {
    POOLS[number % POOLS.len()]
}

fn pin(domain: &str, number: usize) -> Request {
    let path = format!("/v1/dynamic_pools/domains/{domain}/override");
    Request::new(Method::Put, path).query("pool", pool(number))
}

/// Pins one domain to one pool after another until the server is gone; gives the number of the last answered change.
fn change_until_it_ends(base: &str, domain: &str, from: usize, answered: &Sender<()>) -> usize {
    let client = Http::new(base);
    let mut last = from;
    while let Ok(answer) = client.now(&pin(domain, last + 1)) {
        assert_eq!(answer.status, 200, "{answer:?}");
        last += 1;
        // Nobody waits for it any more once the server is being ended.
        let _ = answered.send(());
    }
    last
}

fn records(server: &Server) -> usize {
    let history = Request::new(Method::Get, "/v1/dynamic_pools/history")
        .query("limit", "1")
        .query("include_subaccounts", "true");
    let total = asked(server, &history)["total_items"].as_u64();
    usize::try_from(total.expect("a total")).unwrap()
}

/// The pool of a domain.
fn pool_of(server: &Server, domain: &str) -> String {
    let listed = asked(
        server,
        &Request::new(Method::Get, "/v1/dynamic_pools/domains").query("limit", "100"),
    );
    let found = listed["items"].as_array().unwrap().iter();
    let found = found.clone().find(|item| item["name"] == domain).expect("the domain");
    found["pool"].as_str().unwrap().to_owned()
}

/// Ends servers of one file in the middle of changes; gives how many changes were answered.
fn end_often(name: &str, times: usize, end: impl Fn(Server)) -> usize {
    let folder = Folder::new(name);
    let state = folder.file("account");
    let args = ["--state", &state, "--size", "30", "--seed", "3", "--still"];
    let mut steps = Steps(7);
    let mut server = Server::start(&args);
    let listed = asked(
        &server,
        &Request::new(Method::Get, "/v1/dynamic_pools/domains").query("limit", "3"),
    );
    let names = listed["items"].as_array().unwrap().iter();
    let domains: Vec<String> = names.map(|item| item["name"].as_str().unwrap().to_owned()).collect();
    // So that each change is a change.
    for domain in &domains {
        asked(&server, &pin(domain, 0));
    }
    let mut last = vec![0; CLIENTS];
    let mut in_all = 0;
    for round in 0..times {
        // From time to time the journal is replaced by a new account.
        let days = (1 + steps.below(20)) * 86_400;
        asked(
            &server,
            &Request::new(Method::Post, "/_poolkeeper/clock").query("seconds", days.to_string()),
        );
        let before = records(&server);
        let (answered, answers) = channel();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|at| {
                let (base, domain, from) = (server.base.clone(), domains[at].clone(), last[at]);
                let answered = answered.clone();
                thread::spawn(move || change_until_it_ends(&base, &domain, from, &answered))
            })
            .collect();
        for _ in 0..=steps.below(25) {
            answers.recv().unwrap();
        }
        end(server);
        let made: Vec<usize> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        server = Server::start(&args);
        let acknowledged: usize = made.iter().zip(&last).map(|(now, before)| now - before).sum();
        let stored = records(&server) - before;
        assert!(
            (acknowledged..=acknowledged + CLIENTS).contains(&stored),
            "round {round}: {acknowledged} changes were answered, {stored} are stored"
        );
        for at in 0..CLIENTS {
            // The change on the way may have been made or not.
            let found = pool_of(&server, &domains[at]);
            last[at] = made[at] + usize::from(found == pool(made[at] + 1));
            assert_eq!(found, pool(last[at]), "round {round}");
        }
        in_all += acknowledged;
    }
    in_all
}

#[test]
fn no_answered_change_is_lost_by_a_kill() {
    let times = tries(4, 200);
    let changes = end_often("torture-kill", times, Server::kill);
    report(
        "kill -9 of serve in the middle of changes of three clients",
        times,
        &format!("none of {changes} answered changes lost"),
    );
}

#[test]
fn no_answered_change_is_lost_by_the_signal_to_stop() {
    let times = tries(3, 60);
    let changes = end_often("torture-term", times, |server| {
        let status = server.terminate();
        assert!(status.success(), "{status}");
    });
    report(
        "SIGTERM of serve in the middle of changes of three clients",
        times,
        &format!("none of {changes} answered changes lost, each end clean"),
    );
}

#[test]
fn of_servers_started_at_once_on_one_file_one_serves() {
    let times = tries(3, 40);
    let folder = Folder::new("torture-race");
    let state = folder.file("account");
    for _ in 0..times {
        let (serving, refused) = race(4, &["--state", &state, "--size", "5", "--still"]);
        assert_eq!((serving, refused.len()), (1, 3), "{refused:?}");
        for said in refused {
            assert!(said.contains("process") && said.contains(&state), "{said}");
        }
    }
    report(
        "four servers started at once on one state file",
        times,
        "one serves, three are refused",
    );
}
