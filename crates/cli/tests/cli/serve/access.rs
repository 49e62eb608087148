//! Host names, pages of other sites, and the controls' header. Requests are written byte by byte, as an attacker's would be.

use super::http::basic;
use super::process::{Server, run};
use crate::console::raw::{Ask, Got};

/// A request that any client on this machine may send.
fn ask(server: &Server, method: &str, target: &str) -> Ask {
    Ask::new(method, target)
        .header("Host", server.address())
        .header("Authorization", basic("api:key"))
        .header("Content-Length", "0")
}

/// A control that a client sends, with its header.
fn control(server: &Server, target: &str) -> Ask {
    ask(server, "POST", target).header("X-Poolkeeper-Control", "1")
}

fn send(server: &Server, ask: &Ask) -> Got {
    ask.send(&server.address())
}

fn status_as(server: &Server, host: &str) -> u16 {
    send(server, &ask(server, "GET", "/v3/dynamic_pools").instead("Host", host)).status
}

fn now(server: &Server) -> serde_json::Value {
    send(server, &ask(server, "GET", "/_poolkeeper/clock")).json()
}

#[test]
fn only_names_of_this_machine_are_answered() {
    let server = Server::start(&["--size", "5", "--still"]);
    let port = server.port();
    for host in ["127.0.0.1", "localhost", "LocalHost", "[::1]"] {
        assert_eq!(status_as(&server, &format!("{host}:{port}")), 200, "{host}");
    }
    for host in [
        "evil.example",
        &format!("evil.example:{port}"),
        &format!("localhost.evil.example:{port}"),
        &format!("evil.example@127.0.0.1:{port}"),
        "127.0.0.1",
        "localhost:1",
        "",
    ] {
        assert_eq!(status_as(&server, host), 421, "{host}");
    }
    let pools = ask(&server, "GET", "/v3/dynamic_pools");
    assert_eq!(send(&server, &pools.clone().without("Host")).status, 421);
    let two = pools.clone().header("Host", "evil.example");
    assert_eq!(send(&server, &two).status, 421);
    let absolute = ask(&server, "GET", "http://evil.example/v3/dynamic_pools");
    assert_eq!(send(&server, &absolute).status, 421);
    // The message has the option that lets the name in.
    let refused = send(&server, &pools.instead("Host", "Evil.example:99")).json();
    let text = refused["message"].as_str().unwrap();
    assert!(
        text.contains(&format!("localhost:{port}")) && text.contains("--host evil.example."),
        "{text}"
    );
}

#[test]
fn a_named_host_is_answered_at_any_port_beside_the_machines_own() {
    let server = Server::start(&[
        "--size",
        "5",
        "--host",
        "Simulator.example",
        "--host",
        "10.0.0.1",
        "--cors",
    ]);
    for host in [
        "simulator.example",
        "SIMULATOR.example:80",
        "10.0.0.1:1234",
        &server.address(),
    ] {
        assert_eq!(status_as(&server, host), 200, "{host}");
    }
    assert_eq!(status_as(&server, "evil.example"), 421);
    // A page's question whether it may ask is answered to a known host only.
    let question = ask(&server, "OPTIONS", "/v3/dynamic_pools")
        .header("Origin", "https://evil.example")
        .header("Access-Control-Request-Method", "PATCH");
    assert_eq!(
        send(&server, &question).header("access-control-allow-origin"),
        Some("*")
    );
    let refused = send(&server, &question.instead("Host", "evil.example"));
    assert_eq!(
        (refused.status, refused.header("access-control-allow-origin")),
        (421, None)
    );
}

#[test]
fn an_address_of_the_network_answers_every_name_until_one_is_given() {
    let open = Server::start_at("0.0.0.0:0", &["--size", "5"]);
    assert_eq!(status_as(&open, "simulator.example"), 200);
    let named = Server::start_at("0.0.0.0:0", &["--size", "5", "--host", "simulator.example"]);
    assert_eq!(status_as(&named, "simulator.example:8025"), 200);
    assert_eq!(status_as(&named, &format!("localhost:{}", named.port())), 200);
    assert_eq!(status_as(&named, "evil.example"), 421);
}

#[test]
fn a_form_of_another_site_cannot_use_a_control() {
    let server = Server::known();
    let before = now(&server);
    for target in ["/_poolkeeper/clock?seconds=86400", "/_poolkeeper/reset"] {
        let form = ask(&server, "POST", target)
            .without("Content-Length")
            .body("application/x-www-form-urlencoded", "a=b");
        let refused = send(&server, &form);
        assert_eq!(refused.status, 403, "{target}");
        let text = refused.json()["message"].to_string();
        assert!(text.contains("X-Poolkeeper-Control: 1"), "{text}");
    }
    assert_eq!(now(&server), before, "the clock was not moved");
    for target in ["/_poolkeeper/clock?seconds=86400", "/_poolkeeper/reset"] {
        assert_eq!(send(&server, &control(&server, target)).status, 200, "{target}");
    }
}

#[test]
fn a_page_of_another_site_cannot_use_a_control_whatever_it_sends() {
    for args in [&["--size", "5", "--still"][..], &["--size", "5", "--still", "--cors"]] {
        let server = Server::start(args);
        let before = now(&server);
        let advance = control(&server, "/_poolkeeper/clock?seconds=86400");
        let own = format!("http://{}", server.address());
        for headers in [
            &[("Origin", "https://evil.example")][..],
            &[("Origin", "null")],
            &[("Origin", "http://localhost:1")],
            &[("Origin", &own), ("Origin", "https://evil.example")],
            &[("Origin", &own), ("Sec-Fetch-Site", "cross-site")],
            &[("Sec-Fetch-Site", "cross-site")],
            &[("Sec-Fetch-Site", "same-site")],
        ] {
            let sent = headers
                .iter()
                .fold(advance.clone(), |ask, (name, value)| ask.header(name, *value));
            assert_eq!(send(&server, &sent).status, 403, "{args:?} {headers:?}");
        }
        assert_eq!(now(&server), before, "the clock was not moved");
        // Nor may it ask first, or read the clock.
        for method in ["OPTIONS", "GET"] {
            let question = ask(&server, method, "/_poolkeeper/clock")
                .header("Origin", "https://evil.example")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "x-poolkeeper-control");
            let answered = send(&server, &question);
            assert_eq!(
                answered.header("access-control-allow-origin"),
                None,
                "{args:?} {method}"
            );
        }
        for headers in [
            &[("Sec-Fetch-Site", "none")][..],
            &[("Origin", &own), ("Sec-Fetch-Site", "same-origin")],
            &[("Origin", &own)],
        ] {
            let sent = headers
                .iter()
                .fold(advance.clone(), |ask, (name, value)| ask.header(name, *value));
            assert_eq!(send(&server, &sent).status, 200, "{args:?} {headers:?}");
        }
    }
}

#[test]
fn a_named_origin_may_use_the_api_and_the_controls_and_no_other_may() {
    let server = Server::start(&["--size", "5", "--still", "--cors", "https://App.example"]);
    for (method, target) in [
        ("GET", "/v3/dynamic_pools"),
        ("OPTIONS", "/v3/dynamic_pools"),
        ("POST", "/_poolkeeper/reset"),
        ("OPTIONS", "/_poolkeeper/reset"),
    ] {
        let sent = ask(&server, method, target)
            .header("X-Poolkeeper-Control", "1")
            .header("Sec-Fetch-Site", "cross-site")
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "x-poolkeeper-control");
        let named = send(&server, &sent.clone().header("Origin", "https://app.example"));
        let allowed = named.header("access-control-allow-origin");
        assert_eq!(
            (named.status, allowed),
            (200, Some("https://app.example")),
            "{method} {target}"
        );
        if method == "OPTIONS" {
            let headers = named.header("access-control-allow-headers").unwrap_or_default();
            assert!(headers.contains("x-poolkeeper-control"), "{headers}");
        }
        for origin in [
            "https://evil.example",
            "https://app.example.evil.example",
            "http://app.example",
        ] {
            let other = send(&server, &sent.clone().header("Origin", origin));
            assert_eq!(
                other.header("access-control-allow-origin"),
                None,
                "{method} {target} {origin}"
            );
            if method == "POST" {
                assert_eq!(other.status, 403, "{origin}");
            }
        }
    }
}

#[test]
fn hosts_and_origins_that_could_never_match_are_refused_at_the_start() {
    for args in [
        ["serve", "--host", "simulator.example:8025"],
        ["serve", "--host", "http://simulator.example"],
        ["serve", "--cors", "https://app.example/"],
        ["serve", "--cors", "app.example"],
    ] {
        let (code, said) = run(&args);
        assert!(code == Some(2) && said.contains("such as"), "{args:?}: {said}");
    }
}
