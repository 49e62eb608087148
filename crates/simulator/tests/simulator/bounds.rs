//! Every request has a bound of work, and says which.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests may fail as tests do"
)]

use mailgun_pools::transport::{Body, Method, Request, Response};
use poolkeeper_core::model::{Day, DomainName};
use poolkeeper_core::traffic::{Table, TableDomain};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
use serde_json::{Value, json};
use std::sync::Arc;

fn account(domains: u32) -> Simulator {
    let spec = ScenarioSpec::new(ScenarioKind::BoughtList, domains, 1).unwrap();
    Simulator::new(Sim::scenario(&spec))
}

fn metrics(simulator: &Simulator, body: Value) -> Response {
    simulator.handle(&Request::new(Method::Post, "/v1/analytics/metrics").body(Body::Json(body)))
}

fn json(response: &Response) -> &Value {
    match &response.body {
        Body::Json(json) => json,
        other => panic!("no JSON but {other:?}"),
    }
}

/// Refused with this status, by a message that has all of these words.
fn refused(response: &Response, status: u16, words: &[&str]) {
    let message = json(response)["message"].as_str().unwrap();
    assert_eq!(response.status, status, "{message}");
    for word in words {
        assert!(message.contains(word), "{word}: {message}");
    }
}

#[test]
fn a_metrics_query_names_three_dimensions_and_ten_metrics_at_most() {
    let simulator = account(40);
    let ask = |dimensions: &[&str], metrics_asked: &[&str]| {
        let body = json!({"duration": "90d", "dimensions": dimensions, "metrics": metrics_asked,
                          "pagination": {"limit": 1000}});
        metrics(&simulator, body)
    };
    let mut many = vec!["time", "domain"];
    many.extend(["time"; 5_000]);
    refused(
        &ask(&many, &["processed_count"]),
        400,
        &["dimensions", "5002", "at most 3"],
    );
    refused(
        &ask(&["time"], &["processed_count"; 400_000]),
        400,
        &["metrics", "400000", "at most 10"],
    );
    refused(&ask(&["time"], &["processed_count"; 11]), 400, &["metrics", "11"]);
    assert_eq!(
        ask(&["time", "domain", "subaccount"], &["processed_count"; 10]).status,
        200
    );
}

#[test]
fn dimensions_are_a_set() {
    let simulator = account(40);
    let ask = |dimensions: &[&str]| {
        let body = json!({"duration": "3d", "dimensions": dimensions, "metrics": ["processed_count"],
                          "include_subaccounts": true});
        json(&metrics(&simulator, body)).clone()
    };
    let twice = ask(&["time", "domain", "time"]);
    assert_eq!(twice, ask(&["time", "domain"]));
    assert_eq!(twice["items"][0]["dimensions"].as_array().unwrap().len(), 2);
}

#[test]
fn a_filter_has_so_many_conditions_and_values_at_most() {
    let simulator = account(40);
    let ask = |conditions: usize, comparator: &str, values: usize| {
        let condition = json!({"attribute": "domain", "comparator": comparator, "values": vec!["x"; values]});
        metrics(&simulator, json!({"filter": {"AND": vec![condition; conditions]}}))
    };
    refused(&ask(11, "=", 1), 400, &["filter", "11", "at most 10"]);
    refused(&ask(1, "=", 1_001), 400, &["filter", "1001", "at most 1000"]);
    refused(&ask(1, "contains", 21), 400, &["contains", "21", "at most 20"]);
    for (conditions, comparator, values) in [(10, "=", 100), (1, "!=", 1_000), (1, "contains", 20)] {
        assert_eq!(ask(conditions, comparator, values).status, 200, "{comparator} {values}");
    }
}

#[test]
fn a_query_adds_up_ten_million_days_of_domains_at_most() {
    let domain = |at| TableDomain {
        name: DomainName::as_sent(&format!("d{at}.example")),
        account: 0,
    };
    let first = Day::from_ymd(2026, 1, 1).unwrap();
    let table = Table::empty(first, 1, vec!["Parent".to_owned()], (0..5_000).map(domain).collect());
    let simulator = Simulator::new(Sim::from_table(Arc::new(table), "quiet.csv"));
    for _ in 0..6 {
        simulator.advance(366 * 86_400).unwrap();
    }
    // 2,000 days of 5,000 domains are the most.
    let ask = |days: u32, domain: Option<&str>| {
        let filter =
            domain.map(|domain| json!({"AND": [{"attribute": "domain", "comparator": "=", "values": [domain]}]}));
        let body = json!({"duration": format!("{days}d"), "dimensions": ["time"], "metrics": ["processed_count"],
                          "include_subaccounts": true, "filter": filter});
        metrics(&simulator, body)
    };
    refused(
        &ask(2_001, None),
        413,
        &["10005000", "10000000", "fewer days", "filter"],
    );
    assert_eq!(ask(2_001, Some("d1.example")).status, 200);
}

#[test]
fn an_expression_on_names_is_as_large_as_their_number_allows() {
    let spec = ScenarioSpec::new(ScenarioKind::OnboardingWave, 20_000, 1).unwrap();
    let simulator = Simulator::new(Sim::scenario(&spec.unconfigured()));
    let ask = |expression: &str| {
        let request = Request::new(Method::Get, "/v3/domains/dynamic_pools/assignable").query("domain", expression);
        simulator.handle(&request)
    };
    for heavy in ["(.{0,100}){0,30}x", "((((.?){9}){9}){9}){9}", "(a|b|c|d|.){1000}"] {
        refused(&ask(heavy), 400, &["domain", "too large", "shorter"]);
    }
    refused(&ask("(a"), 400, &["domain", "(a", "regular expression"]);
    let names = |response: &Response| {
        let items = json(response)["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let all = names(&ask(".*"));
    assert_eq!(all.len(), 20_000);
    // Clients ask for domains by their names, many at once.
    let some: Vec<String> = all.iter().step_by(80).cloned().collect();
    let listed: Vec<String> = some.iter().map(|name| name.replace('.', "\\.")).collect();
    assert_eq!(names(&ask(&format!("^({})$", listed.join("|")))), some);
}

#[test]
fn a_list_of_ips_has_a_thousand_at_most() {
    let simulator = account(40);
    let form = |field: &str, count: usize| Body::Form(vec![(field.to_owned(), "192.0.2.1".to_owned()); count]);
    let add = |count| Request::new(Method::Patch, "/v3/dynamic_pools/dynamic_good").body(form("add_ip", count));
    refused(&simulator.handle(&add(1_001)), 400, &["add_ip", "1001", "at most 1000"]);
    refused(&simulator.handle(&add(1_000)), 404, &["192.0.2.1"]);
    let path = "/v3/domains/one.example/dynamic_pools";
    let leave = Request::new(Method::Delete, path).body(form("replacement_ip", 1_001));
    refused(&simulator.handle(&leave), 400, &["replacement_ip", "1001"]);
}
