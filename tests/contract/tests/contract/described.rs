//! The client and the simulator against the description in `openapi.json`.

use crate::canned::{Canned, form, now, ok, request};
use crate::openapi::ApiDescription;
use mailgun_pools::api::{
    AccountDomainsQuery, AssignableQuery, Client, DomainsQuery, HistoryQuery, IpDomainsQuery, IpsQuery, MetricsFilter,
    MetricsPeriod, MetricsQuery, Operation, PoolDomainsQuery, SortBy, SortOrder, SubaccountsQuery, WarmUpsQuery, Write,
};
use mailgun_pools::transport::{Body, Method, Request};
use poolkeeper_contract_suite::{ip, name};
use poolkeeper_core::model::{
    AccountId, Band, Dimension, PoolIps, Replacement, ReplacementIp, Resolution, SendingStatus,
};
use serde_json::json;
use std::collections::BTreeSet;

const ACCOUNT: &str = "646d00a1b32c35364a2ad34f";
const OTHER_ACCOUNT: &str = "646d00a1b32c35364a2ad350";

/// Every change that the client can send, in each of its forms.
fn writes() -> Vec<Write> {
    let news = || name("news.example.com");
    let good = || Band::Good.into();
    let one = || vec![ip("192.0.2.1")];
    let two = || vec![ip("192.0.2.2"), ip("2001:db8::2")];
    let enroll = |replacement| Write::Enroll {
        domain: news(),
        replacement,
    };
    let leave = |replacement| Write::RemoveDomain {
        domain: news(),
        replacement,
    };
    let change = |add, remove| Write::ChangePool {
        pool: good(),
        add,
        remove,
    };
    vec![
        Write::SetPools(PoolIps {
            good_reputation: two(),
            poor_reputation: one(),
            new_senders: one(),
        }),
        Write::RemovePools,
        Write::AddIp {
            pool: good(),
            ip: ip("2001:db8::1"),
        },
        change(two(), one()),
        change(one(), vec![]),
        change(vec![], two()),
        enroll(None),
        enroll(Some(ReplacementIp::Shared)),
        enroll(Some(ReplacementIp::Ip(ip("192.0.2.1")))),
        leave(Replacement::Shared),
        leave(Replacement::Ips(one())),
        leave(Replacement::Ips(two())),
        leave(Replacement::DedicatedPool(ACCOUNT.to_owned())),
        Write::EnrollAll {
            include_subaccounts: false,
        },
        Write::EnrollAll {
            include_subaccounts: true,
        },
        Write::SetOverride {
            domain: news(),
            pool: good(),
        },
        Write::RemoveOverride { domain: news() },
        Write::CancelWarmUp { ip: ip("2001:db8::1") },
        Write::LinkIps {
            subaccounts: [ACCOUNT, OTHER_ACCOUNT].map(|id| AccountId(id.to_owned())).to_vec(),
            link: two(),
            unlink: one(),
        },
    ]
}

fn metrics_query() -> MetricsQuery {
    let condition = |attribute: &str, comparator: &str| MetricsFilter {
        attribute: attribute.to_owned(),
        comparator: comparator.to_owned(),
        values: vec!["news.example.com".to_owned()],
    };
    MetricsQuery {
        span: MetricsPeriod::Between {
            start: "2026-07-13T00:00:00Z".parse().unwrap(),
            end: "2026-07-23T00:00:00Z".parse().unwrap(),
        },
        resolution: Resolution::Month,
        dimensions: vec![Dimension::Time, Dimension::Domain, Dimension::Subaccount],
        metrics: vec!["processed_count".to_owned()],
        filters: vec![condition("domain", "="), condition("subaccount", "!=")],
        include_subaccounts: true,
        include_aggregates: true,
        sort: Some("time:asc".to_owned()),
        skip: 1_000,
        limit: Some(1_000),
    }
}

/// Every read that the client can send, with every parameter.
fn reads() -> Vec<Request> {
    let everything = Vec::from_iter((0..20).map(|_| ok(json!({}))));
    let (client, canned) = Canned::client(everything);
    let at = || Some("2026-07-13T00:00:00Z".parse().unwrap());
    let news = name("news.example.com");
    let history = HistoryQuery {
        limit: Some(100),
        include_subaccounts: Some(true),
        domain: Some(news.clone()),
        before: at(),
        after: at(),
        moved_to: Some(Band::Good.into()),
        moved_from: Some(Band::Poor.into()),
    };
    let domains = DomainsQuery {
        limit: Some(1),
        accounts: [ACCOUNT, OTHER_ACCOUNT].map(|id| AccountId(id.to_owned())).to_vec(),
        pools: vec![Band::Poor.into(), Band::New.into()],
        sort_by: SortBy::ComplaintRate,
        sort_order: SortOrder::Descending,
    };
    let assignable = AssignableQuery {
        subaccount_id: Some(AccountId(ACCOUNT.to_owned())),
        domain: Some(r"^news\..+&x$".to_owned()),
    };
    let ips = IpsQuery {
        is_dedicated_only: true,
        enabled: Some(false),
    };
    let subaccounts = SubaccountsQuery {
        limit: Some(1_000),
        skip: 20,
        sort: Some(SortOrder::Descending),
        filter: Some("shop".to_owned()),
        enabled: Some(true),
        closed: Some(false),
    };
    let account_domains = AccountDomainsQuery {
        limit: Some(1_000),
        skip: 20,
        search: Some("news".to_owned()),
        state: Some(SendingStatus::Disabled),
        include_subaccounts: true,
    };
    let ip_domains = IpDomainsQuery {
        ip: ip("2001:db8::1"),
        limit: Some(500),
        skip: 500,
    };
    let pool_domains = PoolDomainsQuery {
        pool_id: ACCOUNT.to_owned(),
        limit: Some(500),
    };
    let send = async |client: &Client| {
        client.pools().await.unwrap();
        client.assignable(&assignable).await.unwrap();
        client.domains(&domains).await.unwrap();
        client.preview(&news).await.unwrap();
        client.domain_history(&news, Some(5)).await.unwrap();
        client.history(&history).await.unwrap();
        client.ips(&ips).await.unwrap();
        client.ip(&ip("2001:db8::1")).await.unwrap();
        client.warm_ups(&WarmUpsQuery { limit: Some(1_000) }).await.unwrap();
        client.ip_pools().await.unwrap();
        client.subaccounts(&subaccounts).await.unwrap();
        client.metrics(&metrics_query()).await.unwrap();
        client.overflow_pool().await.unwrap();
        client.account_domains(&account_domains).await.unwrap();
        client.ip_domains(&ip_domains).await.unwrap();
        client.pool_domains(&pool_domains).await.unwrap();
        let daily = MetricsQuery::daily_counts(MetricsPeriod::default(), true);
        client.metrics(&daily).await.unwrap();
    };
    now(send(&client));
    canned.asked()
}

#[test]
fn the_description_has_the_operations_of_the_contract_and_no_others() {
    let api = ApiDescription::read();
    let described: BTreeSet<String> = api
        .operations()
        .map(|(method, path, _)| format!("{} {path}", method.to_uppercase()))
        .collect();
    let known = Operation::ALL
        .iter()
        .map(|one| format!("{} {}", one.method().as_str(), one.template()));
    assert_eq!(described, known.collect());
}

/// One request of each kind at least.
fn requests() -> Vec<Request> {
    writes()
        .iter()
        .map(|write| write.request().unwrap())
        .chain(reads())
        .collect()
}

#[test]
fn every_request_of_the_client_is_as_described() {
    let api = ApiDescription::read();
    let all = requests();
    for request in &all {
        assert_eq!(api.request_problems(request), Vec::<String>::new(), "{request:?}");
    }
    let operation = |request: &Request| Operation::find(request.method, &request.path).unwrap().operation;
    let sent: Vec<Operation> = all.iter().map(operation).collect();
    for known in Operation::ALL {
        assert!(sent.contains(known), "{known:?} was not sent");
    }
}

#[test]
fn every_parameter_and_field_that_is_described_is_sent() {
    let api = ApiDescription::read();
    let all = requests();
    for (method, path, operation) in api.operations() {
        let of_operation = |request: &&Request| {
            let found = api.find(request.method, &request.path).unwrap();
            std::ptr::eq(found.operation, operation)
        };
        let mut sent = BTreeSet::new();
        for request in all.iter().filter(of_operation) {
            sent.extend(request.query.iter().map(|(name, _)| name.clone()));
            match &request.body {
                Body::Form(fields) => sent.extend(fields.iter().map(|(name, _)| name.clone())),
                Body::Json(body) => sent.extend(body.as_object().unwrap().keys().cloned()),
                Body::Empty | Body::Text(_) => {}
            }
        }
        let parameters = api
            .parameters(operation, "query")
            .map(|one| one["name"].as_str().unwrap());
        let fields = api
            .body(operation)
            .into_iter()
            .flat_map(|(_, schema)| schema["properties"].as_object().unwrap());
        let described = parameters.chain(fields.map(|(name, _)| name.as_str()));
        // A page comes from a link, and the client names the subaccounts that it means.
        for name in described.filter(|name| !["page", "all_subaccounts"].contains(name)) {
            assert!(
                sent.contains(name),
                "{method} {path}: {name} is described and never sent"
            );
        }
    }
}

#[test]
fn what_is_not_as_described_is_found() {
    let api = ApiDescription::read();
    let pool = "/v3/dynamic_pools/dynamic_good";
    let history = "/v1/dynamic_pools/history";
    let metrics = |body| request(Method::Post, "/v1/analytics/metrics", &[], Body::Json(body));
    let wrong = [
        request(Method::Get, "/v3/nothing", &[], Body::Empty),
        request(Method::Put, "/v3/dynamic_pools", &[], Body::Empty),
        request(
            Method::Patch,
            "/v3/dynamic_pools/excellent",
            &[],
            form(&[("add_ip", "192.0.2.1")]),
        ),
        request(Method::Patch, pool, &[], Body::Empty),
        request(Method::Patch, pool, &[], form(&[])),
        request(Method::Patch, pool, &[], form(&[("add_ip", "192.0.2.300")])),
        request(Method::Patch, pool, &[], form(&[("add", "192.0.2.1")])),
        request(Method::Patch, pool, &[("x", "1")], form(&[("add_ip", "192.0.2.1")])),
        request(Method::Patch, pool, &[], Body::Json(json!({ "add_ip": ["192.0.2.1"] }))),
        request(
            Method::Post,
            "/v3/dynamic_pools/all",
            &[],
            form(&[("good_reputation", "192.0.2.1")]),
        ),
        request(
            Method::Post,
            "/v3/domains/a.example/dynamic_pools",
            &[],
            form(&[("x", "1")]),
        ),
        request(Method::Get, history, &[("limit", "101")], Body::Empty),
        request(Method::Get, history, &[("limit", "ten")], Body::Empty),
        request(Method::Get, history, &[("limit", "1"), ("limit", "2")], Body::Empty),
        request(Method::Get, history, &[("include_subaccounts", "1")], Body::Empty),
        request(Method::Get, history, &[("before", "2026-07-13")], Body::Empty),
        metrics(json!({ "dimensions": ["time", "domain", "ip", "tag"] })),
        metrics(json!({ "dimensions": ["weather"] })),
        metrics(json!({ "pagination": { "limit": 1501 } })),
        metrics(json!({ "start": "2026-07-13T00:00:00Z" })),
    ];
    for request in wrong {
        assert!(!api.request_problems(&request).is_empty(), "{request:?}");
    }
    let list = request(Method::Get, history, &[], Body::Empty);
    let record = json!({ "id": "x" });
    for (status, body) in [
        (200, json!({})),
        (200, json!({ "items": [record], "total_items": 1, "paging": {} })),
        (200, json!({ "items": [], "total_items": "0", "paging": {} })),
        (204, json!({})),
        (404, json!({ "problem": "?" })),
    ] {
        let answer = crate::canned::status(status, body.clone()).unwrap();
        assert!(!api.answer_problems(&list, &answer).is_empty(), "{status} {body}");
    }
}
