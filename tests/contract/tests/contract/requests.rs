//! What the client sends, operation by operation.

use crate::canned::{Canned, form, now, ok, request};
use chrono::{DateTime, Utc};
use mailgun_pools::api::{
    AssignableQuery, Client, DomainsQuery, HistoryQuery, IpDomainsQuery, IpsQuery, MetricsFilter, MetricsPeriod,
    MetricsQuery, PageRef, PoolDomainsQuery, SortBy, SortOrder, SubaccountsQuery, WarmUpsQuery,
};
use mailgun_pools::transport::{Body, Method, Request};
use poolkeeper_core::model::{
    AccountId, Band, Dimension, DomainName, Ip, PoolIps, PoolName, Replacement, ReplacementIp,
};
use serde_json::{Value, json};

type Query = &'static [(&'static str, &'static str)];

fn sent<T>(answer: Value, ask: impl AsyncFnOnce(&Client) -> T) -> Request {
    let (client, canned) = Canned::client([ok(answer)]);
    now(ask(&client));
    canned.only()
}

fn success() -> Value {
    json!({"message": "success"})
}

fn ip(text: &str) -> Ip {
    Ip::parse(text).unwrap()
}

fn domain() -> DomainName {
    DomainName::parse("news.example.com").unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn pools_are_listed_set_and_removed() {
    let list = sent(json!({}), async |client| client.pools().await.unwrap());
    assert_eq!(list, request(Method::Get, "/v3/dynamic_pools", &[], Body::Empty));

    let pools = PoolIps {
        good_reputation: vec![ip("192.0.2.1"), ip("192.0.2.2")],
        poor_reputation: vec![ip("192.0.2.3")],
        new_senders: vec![ip("2001:db8::4")],
    };
    let set = sent(success(), async |client| client.set_pools(pools).await.unwrap());
    let fields = [
        ("good_reputation", "192.0.2.1"),
        ("good_reputation", "192.0.2.2"),
        ("poor_reputation", "192.0.2.3"),
        ("new_senders", "2001:db8::4"),
    ];
    assert_eq!(set, request(Method::Post, "/v3/dynamic_pools/all", &[], form(&fields)));

    let remove = sent(success(), async |client| client.remove_pools().await.unwrap());
    assert_eq!(
        remove,
        request(Method::Delete, "/v3/dynamic_pools/all", &[], Body::Empty)
    );
}

#[test]
fn a_pool_takes_and_loses_ips() {
    let add = sent(success(), async |client| {
        client.add_ip(Band::Poor.into(), ip("192.0.2.9")).await.unwrap()
    });
    assert_eq!(
        add,
        request(
            Method::Post,
            "/v3/dynamic_pools/dynamic_poor/192.0.2.9",
            &[],
            Body::Empty
        )
    );

    let add = sent(success(), async |client| {
        client.add_ip(Band::New.into(), ip("2001:db8::1")).await.unwrap()
    });
    assert_eq!(add.path, "/v3/dynamic_pools/dynamic_new/2001%3Adb8%3A%3A1");

    let change = sent(success(), async |client| {
        let (add, remove) = (vec![ip("192.0.2.1"), ip("192.0.2.2")], vec![ip("192.0.2.3")]);
        client.change_pool(Band::Good.into(), add, remove).await.unwrap()
    });
    let fields = [
        ("add_ip", "192.0.2.1"),
        ("add_ip", "192.0.2.2"),
        ("remove_ip", "192.0.2.3"),
    ];
    assert_eq!(
        change,
        request(Method::Patch, "/v3/dynamic_pools/dynamic_good", &[], form(&fields))
    );

    let later = PoolName::parse("dynamic_excellent/x");
    let change = sent(success(), async |client| {
        client.change_pool(later, vec![], vec![ip("192.0.2.3")]).await.unwrap()
    });
    assert_eq!(change.path, "/v3/dynamic_pools/dynamic_excellent%2Fx");
}

#[test]
fn domains_are_enrolled_and_taken_out() {
    let path = "/v3/domains/news.example.com/dynamic_pools";
    let cases: [(Option<ReplacementIp>, Query); 3] = [
        (None, &[]),
        (Some(ReplacementIp::Shared), &[("replacement_ip", "shared")]),
        (
            Some(ReplacementIp::Ip(ip("192.0.2.1"))),
            &[("replacement_ip", "192.0.2.1")],
        ),
    ];
    for (replacement, query) in cases {
        let enroll = sent(success(), async |client| {
            client.enroll(domain(), replacement).await.unwrap()
        });
        assert_eq!(enroll, request(Method::Post, path, query, Body::Empty));
    }

    let cases: [(Replacement, Query); 3] = [
        (Replacement::Shared, &[("replacement_ip", "shared")]),
        (
            Replacement::Ips(vec![ip("192.0.2.1"), ip("192.0.2.2")]),
            &[("replacement_ip", "192.0.2.1"), ("replacement_ip", "192.0.2.2")],
        ),
        (
            Replacement::DedicatedPool("5f1c".to_owned()),
            &[("replacement_pool_id", "5f1c")],
        ),
    ];
    for (replacement, query) in cases {
        let remove = sent(success(), async |client| {
            client.remove_domain(domain(), replacement).await.unwrap()
        });
        assert_eq!(remove, request(Method::Delete, path, query, Body::Empty));
    }

    let path = "/v3/domains/all/dynamic_pools/enroll";
    for (include_subaccounts, word) in [(true, "true"), (false, "false")] {
        let all = sent(json!({"message": "started"}), async |client| {
            client.enroll_all(include_subaccounts).await.unwrap()
        });
        assert_eq!(
            all,
            request(Method::Post, path, &[("include_subaccounts", word)], Body::Empty)
        );
    }
}

#[test]
fn assignable_domains_are_asked_for_by_expression_and_subaccount() {
    let query = AssignableQuery {
        subaccount_id: Some(AccountId("646d00a1b32c35364a2ad34f".to_owned())),
        domain: Some(r"^news\..+&x$".to_owned()),
    };
    let list = sent(json!({"items": []}), async |client| {
        client.assignable(&query).await.unwrap()
    });
    let pairs = [
        ("subaccount_id", "646d00a1b32c35364a2ad34f"),
        ("domain", r"^news\..+&x$"),
    ];
    assert_eq!(
        list,
        request(Method::Get, "/v3/domains/dynamic_pools/assignable", &pairs, Body::Empty)
    );
}

#[test]
fn enrolled_domains_are_filtered_and_sorted() {
    let query = DomainsQuery {
        limit: Some(100),
        accounts: ["a1", "a2"].map(|id| AccountId(id.to_owned())).to_vec(),
        pools: vec![Band::Poor.into(), PoolName::parse("dynamic_excellent")],
        sort_by: SortBy::ComplaintRate,
        sort_order: SortOrder::Descending,
    };
    let list = sent(json!({}), async |client| client.domains(&query).await.unwrap());
    let pairs = [
        ("limit", "100"),
        ("account", "a1"),
        ("account", "a2"),
        ("pool", "dynamic_poor"),
        ("pool", "dynamic_excellent"),
        ("sort_by", "complaint_rate"),
        ("sort_order", "descending"),
    ];
    assert_eq!(
        list,
        request(Method::Get, "/v1/dynamic_pools/domains", &pairs, Body::Empty)
    );
}

#[test]
fn previews_and_overrides_are_about_one_domain() {
    let path = |what: &str| format!("/v1/dynamic_pools/domains/news.example.com/{what}");
    let preview = sent(json!({}), async |client| client.preview(&domain()).await.unwrap());
    assert_eq!(preview, request(Method::Get, &path("preview"), &[], Body::Empty));

    let set = sent(success(), async |client| {
        client.set_override(domain(), Band::Good.into()).await.unwrap()
    });
    assert_eq!(
        set,
        request(Method::Put, &path("override"), &[], form(&[("pool", "dynamic_good")]))
    );

    let remove = sent(success(), async |client| {
        client.remove_override(domain()).await.unwrap()
    });
    assert_eq!(remove, request(Method::Delete, &path("override"), &[], Body::Empty));
}

#[test]
fn history_is_asked_for_with_both_spellings_of_limit_and_rfc_1123_times() {
    let query = HistoryQuery {
        limit: Some(50),
        include_subaccounts: Some(true),
        domain: Some(domain()),
        before: Some(at("2025-06-26T14:31:51.870037-05:00")),
        after: Some(at("2006-01-02T15:04:05Z")),
        moved_to: Some(Band::Good.into()),
        moved_from: Some(Band::Poor.into()),
    };
    let list = sent(json!({}), async |client| client.history(&query).await.unwrap());
    let pairs = [
        ("Limit", "50"),
        ("limit", "50"),
        ("include_subaccounts", "true"),
        ("domain", "news.example.com"),
        ("before", "Thu, 26 Jun 2025 19:31:51 GMT"),
        ("after", "Mon, 02 Jan 2006 15:04:05 GMT"),
        ("moved_to", "dynamic_good"),
        ("moved_from", "dynamic_poor"),
    ];
    assert_eq!(
        list,
        request(Method::Get, "/v1/dynamic_pools/history", &pairs, Body::Empty)
    );

    let one = sent(json!([]), async |client| {
        client.domain_history(&domain(), Some(5)).await.unwrap()
    });
    let path = "/v1/dynamic_pools/domains/news.example.com/history";
    assert_eq!(
        one,
        request(Method::Get, path, &[("Limit", "5"), ("limit", "5")], Body::Empty)
    );
}

#[test]
fn the_supporting_reads() {
    let query = IpsQuery {
        is_dedicated_only: true,
        enabled: Some(false),
    };
    let ips = sent(json!({}), async |client| client.ips(&query).await.unwrap());
    assert_eq!(
        ips,
        request(
            Method::Get,
            "/v3/ips",
            &[("dedicated", "true"), ("enabled", "false")],
            Body::Empty
        )
    );

    let one = sent(json!({"ip": "192.0.2.1"}), async |client| {
        client.ip(&ip("192.0.2.1")).await.unwrap()
    });
    assert_eq!(one, request(Method::Get, "/v3/ips/192.0.2.1", &[], Body::Empty));

    let warm = sent(json!({}), async |client| {
        client.warm_ups(&WarmUpsQuery { limit: Some(25) }).await.unwrap()
    });
    assert_eq!(
        warm,
        request(Method::Get, "/v3/ip_warmups", &[("limit", "25")], Body::Empty)
    );

    let token = PageRef::Token("next".to_owned());
    let warm = sent(json!({}), async |client| {
        client
            .warm_ups_page(&WarmUpsQuery { limit: Some(25) }, &token)
            .await
            .unwrap()
    });
    assert_eq!(
        warm,
        request(
            Method::Get,
            "/v3/ip_warmups",
            &[("page", "next"), ("limit", "25")],
            Body::Empty
        )
    );

    let pools = sent(json!({}), async |client| client.ip_pools().await.unwrap());
    assert_eq!(pools, request(Method::Get, "/v3/ip_pools", &[], Body::Empty));

    let query = IpDomainsQuery {
        ip: ip("192.0.2.1"),
        limit: Some(500),
        skip: 500,
    };
    let domains = sent(json!({}), async |client| client.ip_domains(&query).await.unwrap());
    assert_eq!(
        domains,
        request(
            Method::Get,
            "/v3/ips/192.0.2.1/domains",
            &[("limit", "500"), ("skip", "500")],
            Body::Empty
        )
    );

    let query = PoolDomainsQuery {
        pool_id: "60140bc1fee3e84dec5abeeb".to_owned(),
        limit: Some(500),
    };
    let path = "/v3/ip_pools/60140bc1fee3e84dec5abeeb/domains";
    let domains = sent(json!({}), async |client| client.pool_domains(&query).await.unwrap());
    assert_eq!(domains, request(Method::Get, path, &[("limit", "500")], Body::Empty));
    let next = sent(json!({}), async |client| {
        client.pool_domains_page(&query, &token).await.unwrap()
    });
    let pairs = [("page", "next"), ("limit", "500")];
    assert_eq!(next, request(Method::Get, path, &pairs, Body::Empty));

    let query = SubaccountsQuery {
        limit: Some(1000),
        skip: 20,
        sort: Some(SortOrder::Descending),
        filter: Some("shop".to_owned()),
        enabled: Some(true),
        closed: Some(false),
    };
    let subaccounts = sent(json!({}), async |client| client.subaccounts(&query).await.unwrap());
    let pairs = [
        ("limit", "1000"),
        ("skip", "20"),
        ("sort", "desc"),
        ("filter", "shop"),
        ("enabled", "true"),
        ("closed", "false"),
    ];
    assert_eq!(
        subaccounts,
        request(Method::Get, "/v5/accounts/subaccounts", &pairs, Body::Empty)
    );
}

#[test]
fn metrics_are_asked_for_in_json() {
    let query = MetricsQuery {
        span: MetricsPeriod::Between {
            start: at("2026-07-01T00:00:00Z"),
            end: at("2026-07-23T00:00:00Z"),
        },
        dimensions: vec![Dimension::Time, Dimension::Domain],
        metrics: vec!["processed_count".to_owned()],
        filters: vec![MetricsFilter {
            attribute: "domain".to_owned(),
            comparator: "=".to_owned(),
            values: vec!["news.example.com".to_owned()],
        }],
        include_subaccounts: true,
        sort: Some("time:asc".to_owned()),
        skip: 300,
        limit: Some(100),
        ..MetricsQuery::default()
    };
    let metrics = sent(json!({}), async |client| client.metrics(&query).await.unwrap());
    let body = json!({
        "start": "Wed, 01 Jul 2026 00:00:00 +0000",
        "end": "Thu, 23 Jul 2026 00:00:00 +0000",
        "resolution": "day",
        "dimensions": ["time", "domain"],
        "metrics": ["processed_count"],
        "filter": {"AND": [{
            "attribute": "domain",
            "comparator": "=",
            "values": [{"label": "news.example.com", "value": "news.example.com"}],
        }]},
        "include_subaccounts": true,
        "include_aggregates": false,
        "pagination": {"sort": "time:asc", "skip": 300, "limit": 100},
    });
    assert_eq!(
        metrics,
        request(Method::Post, "/v1/analytics/metrics", &[], Body::Json(body))
    );

    let query = MetricsQuery::daily_counts(
        MetricsPeriod::Last {
            duration: "30d".to_owned(),
            end: None,
        },
        false,
    );
    let metrics = sent(json!({}), async |client| client.metrics(&query).await.unwrap());
    let Body::Json(body) = metrics.body else {
        panic!("no JSON")
    };
    assert_eq!(
        (&body["duration"], &body["dimensions"]),
        (&json!("30d"), &json!(["time", "domain"]))
    );
}

#[test]
fn every_request_says_the_account_it_acts_for() {
    let (client, canned) = Canned::client([ok(json!({})), ok(success())]);
    let client = client.on_behalf_of(Some(AccountId("646d00a1b32c35364a2ad34f".to_owned())));
    now(client.pools()).unwrap();
    now(client.remove_pools()).unwrap();
    for request in canned.asked() {
        assert_eq!(request.on_behalf_of.as_deref(), Some("646d00a1b32c35364a2ad34f"));
    }
}

#[test]
fn a_name_no_path_can_carry_is_refused_before_anything_is_sent() {
    for name in ["", ".", ".."] {
        let (client, canned) = Canned::client([]);
        let refused = now(client.preview(&DomainName::as_sent(name))).unwrap_err();
        assert!(refused.is_refusal() && canned.asked().is_empty(), "{refused}");
    }
}

#[test]
fn only_what_changes_nothing_may_be_repeated() {
    use mailgun_pools::api::is_read;
    let metrics = Request::new(Method::Post, "/v1/analytics/metrics");
    let read = Request::new(Method::Get, "/v3/dynamic_pools");
    let write = Request::new(Method::Post, "/v3/dynamic_pools/all");
    assert_eq!([metrics, read, write].each_ref().map(is_read), [true, true, false]);
}
