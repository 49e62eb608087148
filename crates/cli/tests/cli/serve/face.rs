//! What stands between HTTP and the simulator.

use super::http::{Http, agent, answer, basic};
use super::process::{Server, run};
use mailgun_pools::transport::{Body, Method, Request, Response};
use serde_json::Value;

fn json(response: &Response) -> &Value {
    match &response.body {
        Body::Json(json) => json,
        other => panic!("no JSON but {other:?}"),
    }
}

fn message(response: &Response) -> &str {
    json(response)["message"].as_str().expect("a message")
}

fn pools() -> Request {
    Request::new(Method::Get, "/v3/dynamic_pools")
}

#[test]
fn no_key_and_an_empty_key_are_refused_and_any_other_will_do() {
    let server = Server::known();
    let refused = Http::with_key(&server.base, "").now(&pools()).unwrap();
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").unwrap().starts_with("Basic"));
    assert!(message(&refused).contains("api"), "it says how to do it right");
    for (user_and_key, status) in [
        ("api:", 401),
        ("somebody:key", 401),
        ("api:key", 200),
        ("api:k:e:y", 200),
    ] {
        let request = ureq::http::Request::get(format!("{}/v3/dynamic_pools", server.base))
            .header("Authorization", basic(user_and_key))
            .body(())
            .unwrap();
        assert_eq!(answer(agent().run(request)).unwrap().status, status, "{user_and_key}");
    }
}

#[test]
fn the_one_key_that_was_set_is_taken_and_no_answer_repeats_it() {
    let server = Server::start(&["--key", "right-key", "--size", "5"]);
    assert_eq!(
        Http::with_key(&server.base, "right-key").now(&pools()).unwrap().status,
        200
    );
    let refused = Http::with_key(&server.base, "wrong-key").now(&pools()).unwrap();
    assert_eq!(refused.status, 401);
    let shown = format!("{refused:?}");
    assert!(!shown.contains("right-key") && !shown.contains("wrong-key"), "{shown}");
}

#[test]
fn pages_of_other_origins_may_ask_only_when_that_is_switched_on() {
    let asked = |server: &Server, method: &str| {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/v3/dynamic_pools", server.base))
            .header("Origin", "https://console.example")
            .header("Access-Control-Request-Method", "PATCH")
            .header("Access-Control-Request-Headers", "authorization,x-mailgun-on-behalf-of")
            .header("Authorization", basic("api:key"));
        answer(agent().run(request.body(()).unwrap())).unwrap()
    };
    let open = Server::start(&["--cors", "--size", "5"]);
    let preflight = asked(&open, "OPTIONS");
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    let headers = preflight.header("access-control-allow-headers").unwrap().to_lowercase();
    assert!(
        headers.contains("authorization") && headers.contains("x-mailgun-on-behalf-of"),
        "{headers}"
    );
    let answered = asked(&open, "GET");
    assert_eq!(answered.header("access-control-allow-origin"), Some("*"));
    let exposed = answered.header("access-control-expose-headers").unwrap().to_lowercase();
    for header in [
        "retry-after",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    ] {
        assert!(exposed.contains(header), "{exposed}");
    }
    let closed = Server::start(&["--size", "5"]);
    for method in ["OPTIONS", "GET"] {
        assert_eq!(
            asked(&closed, method).header("access-control-allow-origin"),
            None,
            "{method}"
        );
    }
}

/// Pins a domain with a body of a content type, or with a query.
fn pinned(server: &Server, content_type: &str, body: &str, query: &str) -> Response {
    let path = "/v1/dynamic_pools/domains/steady.example.com/override";
    let request = ureq::http::Request::put(format!("{}{path}{query}", server.base))
        .header("Authorization", basic("api:key"))
        .header("Content-Type", content_type)
        .body(body.to_owned())
        .unwrap();
    answer(agent().run(request)).unwrap()
}

#[test]
fn forms_may_be_multipart_urlencoded_or_in_the_query() {
    let server = Server::known();
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"pool\"\r\n\r\ndynamic_poor\r\n--x--\r\n";
    let ways = [
        ("multipart/form-data; boundary=x", multipart, ""),
        ("application/x-www-form-urlencoded", "pool=dynamic_new", ""),
        ("application/octet-stream", "", "?pool=dynamic_good"),
    ];
    for (way, pool) in ways.iter().zip(["dynamic_poor", "dynamic_new", "dynamic_good"]) {
        assert_eq!(pinned(&server, way.0, way.1, way.2).status, 200, "{way:?}");
        let domains = Request::new(Method::Get, "/v1/dynamic_pools/domains").query("pool", pool);
        let listed = Http::new(&server.base).now(&domains).unwrap();
        let found = json(&listed)["items"].as_array().unwrap().iter();
        let found: Vec<&Value> = found.filter(|domain| domain["name"] == "steady.example.com").collect();
        assert_eq!((found.len(), &found[0]["override"]), (1, &Value::Bool(true)), "{way:?}");
    }
}

#[test]
fn bodies_that_make_no_sense_are_answered_400_in_json() {
    let server = Server::known();
    for (content_type, body) in [
        ("multipart/form-data", "no boundary"),
        ("multipart/form-data; boundary=x", "--x\r\ncut off"),
        ("application/json", "{\"pool\": "),
        ("application/x-www-form-urlencoded", ""),
    ] {
        let refused = pinned(&server, content_type, body, "");
        assert_eq!(refused.status, 400, "{content_type}: {refused:?}");
        assert!(matches!(refused.body, Body::Json(_)), "{refused:?}");
    }
    let large = pinned(&server, "application/x-www-form-urlencoded", &"a".repeat(9_000_000), "");
    assert_eq!(large.status, 413);
    assert!(!message(&large).is_empty());
}

#[test]
fn a_request_that_is_too_much_is_refused_and_the_service_goes_on() {
    let server = Server::start(&["--size", "400"]);
    let client = Http::new(&server.base);
    let ask = |dimensions: Vec<&str>| {
        let body = serde_json::json!({"duration": "90d", "dimensions": dimensions, "metrics": ["processed_count"],
                                      "pagination": {"limit": 1000}});
        client
            .now(&Request::new(Method::Post, "/v1/analytics/metrics").body(Body::Json(body)))
            .unwrap()
    };
    let refused = ask([vec!["time", "domain"], vec!["time"; 5_000]].concat());
    assert_eq!(refused.status, 400);
    assert!(message(&refused).contains("dimensions") && message(&refused).contains("at most 3"));
    assert_eq!(ask(vec!["time"; 200_000]).status, 413);
    assert_eq!(ask(vec!["time", "domain"]).status, 200);
}

#[test]
fn a_method_that_a_path_does_not_take_is_answered_with_those_it_takes() {
    let server = Server::known();
    let asked = |method: &str, path: &str| {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", server.base))
            .header("Authorization", basic("api:key"));
        answer(agent().run(request.body(()).unwrap())).unwrap()
    };
    for (method, path, allowed) in [
        ("DELETE", "/v3/dynamic_pools", "GET"),
        ("OPTIONS", "/v3/dynamic_pools/all", "POST, DELETE"),
        ("PUT", "/_poolkeeper/clock", "GET, POST"),
        ("GET", "/_poolkeeper/reset", "POST"),
        ("TRACE", "/v3/nothing", "GET, POST, PUT, PATCH, DELETE"),
    ] {
        let refused = asked(method, path);
        assert_eq!(
            (refused.status, refused.header("allow")),
            (405, Some(allowed)),
            "{method} {path}"
        );
    }
}

#[test]
fn links_lead_back_to_the_server() {
    let server = Server::known();
    let page = Request::new(Method::Get, "/v1/dynamic_pools/domains").query("limit", "2");
    let listed = Http::new(&server.base).now(&page).unwrap();
    let paging = &json(&listed)["paging"];
    let next = paging["Next"]
        .as_str()
        .or_else(|| paging["next"].as_str())
        .expect("a next page");
    assert!(
        next.starts_with(&format!("{}/v1/dynamic_pools/domains?", server.base)),
        "{next}"
    );
}

#[test]
fn too_many_requests_are_answered_429_with_the_time_to_come_back() {
    let server = Server::start(&["--rate-limit", "2", "--size", "5"]);
    let client = Http::new(&server.base);
    let (mut allowed_in_a_row, mut refused) = (0_u32, None);
    // The server counts by its own seconds, so a row may straddle two of them; five never fit into both.
    for _ in 0..5 {
        let answered = client.now(&pools()).unwrap();
        assert_eq!(answered.header("x-ratelimit-limit"), Some("2"));
        let reset: u64 = answered.header("x-ratelimit-reset").unwrap().parse().unwrap();
        assert!(reset > 1_700_000_000_000, "Unix milliseconds: {reset}");
        if answered.status == 429 {
            refused = Some(answered);
            break;
        }
        assert_eq!(answered.status, 200);
        allowed_in_a_row += 1;
    }
    let refused = refused.expect("one too many");
    assert!((2..=4).contains(&allowed_in_a_row), "{allowed_in_a_row}");
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(message(&refused).contains("Retry-After"));
}

#[test]
fn a_failing_service_fails_in_ways_a_client_must_survive() {
    let server = Server::start(&["--fault", "1", "--size", "5"]);
    let client = Http::new(&server.base);
    let mut kinds = std::collections::BTreeSet::new();
    for _ in 0..12 {
        // One of the faults is silence: it ends when the client stops waiting.
        let request = ureq::http::Request::get(format!("{}/v3/dynamic_pools", server.base))
            .header("Authorization", basic("api:key"))
            .body(())
            .unwrap();
        let impatient: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_millis(500)))
            .build()
            .into();
        kinds.insert(match answer(impatient.run(request)) {
            Ok(answered) => answered.status.to_string(),
            Err(error) => format!("{error:?}").split('(').next().unwrap_or_default().to_owned(),
        });
    }
    assert!(kinds.len() >= 3 && !kinds.contains("200"), "{kinds:?}");
    // Its own controls answer all the same.
    let clock = Request::new(Method::Get, "/_poolkeeper/clock");
    assert_eq!(client.now(&clock).unwrap().status, 200);
}

#[test]
fn the_clock_moves_when_told_and_the_account_begins_again() {
    let server = Server::known();
    let client = Http::new(&server.base);
    let control = |path: &str, seconds: &str| {
        let request = Request::new(Method::Post, path);
        let request = if seconds.is_empty() {
            request
        } else {
            request.query("seconds", seconds)
        };
        client.now(&request).unwrap()
    };
    let records = || {
        let query = Request::new(Method::Get, "/v1/dynamic_pools/history").query("include_subaccounts", "true");
        json(&client.now(&query).unwrap())["total_items"].as_u64().unwrap()
    };
    let day = control("/_poolkeeper/clock", "86400");
    assert_eq!(json(&day)["now"], "2026-07-24T00:00:00Z", "the file ends on the 22nd");
    assert_eq!(
        pinned(&server, "application/x-www-form-urlencoded", "pool=dynamic_poor", "").status,
        200
    );
    assert!(records() > 13);
    assert_eq!(json(&control("/_poolkeeper/reset", ""))["now"], "2026-07-23T00:00:00Z");
    assert_eq!(records(), 13);
    for (path, seconds) in [
        ("/_poolkeeper/clock", ""),
        ("/_poolkeeper/clock", "soon"),
        ("/_poolkeeper/clock", "0"),
    ] {
        assert_eq!(control(path, seconds).status, 400, "{path} {seconds}");
    }
    let unsigned = Http::with_key(&server.base, "").now(&Request::new(Method::Post, "/_poolkeeper/reset"));
    assert_eq!(unsigned.unwrap().status, 401);
}

#[test]
fn a_command_line_that_makes_no_sense_ends_with_2_and_one_that_fails_with_1() {
    for args in [
        &["serve", "--scenario", "no-such-story"][..],
        &["serve", "--fault", "2"],
        &["serve", "--rate-limit", "0"],
        &["serve", "--csv", "x.csv", "--size", "5"],
    ] {
        let (code, said) = run(args);
        assert_eq!(code, Some(2), "{args:?}: {said}");
    }
    let (code, said) = run(&["serve", "--csv", "/no/such/file.csv"]);
    assert!(code == Some(1) && said.contains("/no/such/file.csv"), "{said}");
    let server = Server::start(&["--size", "5"]);
    let taken = server.base.trim_start_matches("http://");
    let (code, said) = run(&["serve", "--size", "5", "--listen", taken]);
    assert!(code == Some(1) && said.contains(taken), "{said}");
}
