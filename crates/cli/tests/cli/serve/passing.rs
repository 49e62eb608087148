//! The clock beside requests.

use super::http::Http;
use super::process::Server;
use mailgun_pools::transport::{Method, Request};
use std::time::{Duration, Instant};

#[expect(
    clippy::disallowed_methods,
    reason = "how long a real server takes is what is tested"
)]
fn now() -> Instant {
    Instant::now()
}

/// At this speed and size no machine can keep up: 7 million days of domains a second.
const TOO_FAST: [&str; 4] = ["--size", "20000", "--speed", "366"];

#[test]
fn a_clock_that_cannot_keep_up_says_so_and_holds_up_neither_requests_nor_the_end() {
    let (server, mut said) = Server::start_and_listen(&TOO_FAST);
    let client = Http::new(&server.base);
    let said = said.next().unwrap();
    assert!(
        said.contains("can't keep up with --speed 366") && said.contains("20000"),
        "{said}"
    );
    let start = now();
    for _ in 0..20 {
        let clock = client.now(&Request::new(Method::Get, "/_poolkeeper/clock")).unwrap();
        assert_eq!(clock.status, 200);
    }
    // Half a second each at most, where it was 4 to 17.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let start = now();
    assert!(server.terminate().success());
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn a_long_way_of_the_clock_lets_requests_through() {
    let server = Server::start(&["--size", "20000", "--still"]);
    let year = Request::new(Method::Post, "/_poolkeeper/clock").query("seconds", (366 * 86_400).to_string());
    let base = server.base.clone();
    let way = std::thread::spawn(move || Http::new(&base).now(&year).unwrap());
    let client = Http::new(&server.base);
    let clock = || {
        let answer = client.now(&Request::new(Method::Get, "/_poolkeeper/clock")).unwrap();
        format!("{:?}", answer.body)
    };
    let mut seen = std::collections::BTreeSet::new();
    while !way.is_finished() {
        seen.insert(clock());
    }
    assert_eq!(way.join().unwrap().status, 200);
    assert!(seen.len() > 10, "requests were answered on the way: {}", seen.len());
}
