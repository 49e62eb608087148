//! Every shape of answer the service documents or has been seen to send, and what it means.

use crate::canned::{Canned, now, ok, read, text};
use chrono::{DateTime, Utc};
use mailgun_pools::api::{
    AccountDomainsQuery, AssignableQuery, DomainsQuery, HistoryQuery, IpDomainsQuery, IpsQuery, MetricsQuery,
    PoolDomainsQuery, SubaccountsQuery, WarmUpsQuery,
};
use mailgun_pools::wire::PageRef;
use poolkeeper_core::model::{
    AccountId, AssignableDomain, Band, Counts, Day, DedicatedPool, Dimension, Domain, DomainId, DomainName,
    HistoryRecord, Ip, Pool, PoolName, Preview, PreviewMetric, Rate, Resolution, SendingStatus, Subaccount,
    SubaccountStatus, WarmUp,
};
use serde_json::{Value, json};

fn at(text: &str) -> Option<DateTime<Utc>> {
    Some(text.parse().unwrap())
}

fn ips(texts: &[&str]) -> Vec<Ip> {
    texts.iter().map(|text| Ip::as_sent(text)).collect()
}

fn by_band(answer: Value) -> [Vec<Ip>; 3] {
    let pools = read(answer, async |client| client.pools().await);
    Band::ALL.map(|band| pools.of(band).map(|pool| pool.ips.clone()).unwrap_or_default())
}

#[test]
fn pools_as_documented() {
    let answer = json!({
        "good_reputation": ["192.0.2.1", "192.0.2.2"],
        "poor_reputation": ["192.0.2.3"],
        "new_senders": ["192.0.2.4"],
        "pools": [
            {"account_id": "5f1c00a1b32c35364a2ad34f", "enabled": true, "id": "646d00a1b32c35364a2ad34f",
             "ips": ["192.0.2.1", "192.0.2.2"], "name": "dynamic_good", "some_later_field": {"a": 1}},
            {"account_id": "5f1c00a1b32c35364a2ad34f", "enabled": false, "id": "646d00a1b32c35364a2ad350",
             "ips": ["192.0.2.3"], "name": "dynamic_poor"},
            {"account_id": "5f1c00a1b32c35364a2ad34f", "enabled": true, "id": "646d00a1b32c35364a2ad351",
             "ips": ["192.0.2.4"], "name": "dynamic_new"},
        ],
    });
    let pools = read(answer, async |client| client.pools().await);
    assert_eq!(
        pools.of(Band::Good),
        Some(&Pool {
            account_id: Some(AccountId("5f1c00a1b32c35364a2ad34f".to_owned())),
            id: Some("646d00a1b32c35364a2ad34f".to_owned()),
            name: PoolName::Known(Band::Good),
            enabled: Some(true),
            ips: ips(&["192.0.2.1", "192.0.2.2"]),
        })
    );
    assert_eq!(pools.of(Band::Poor).and_then(|pool| pool.enabled), Some(false));
    assert!(pools.is_configured() && pools.0.len() == 3);
}

#[test]
fn pools_as_also_seen() {
    let expected = [
        ips(&["192.0.2.1", "192.0.2.2"]),
        ips(&["192.0.2.3"]),
        ips(&["192.0.2.4"]),
    ];
    let only_pools = json!({"pools": [
        {"name": "dynamic_good", "ips": ["192.0.2.1", "192.0.2.2"]},
        {"name": "dynamic_poor", "ips": ["192.0.2.3"]},
        {"name": "dynamic_new", "ips": ["192.0.2.4"]},
    ]});
    let only_lists = json!({
        "good_reputation": ["192.0.2.1", "192.0.2.2"], "poor_reputation": ["192.0.2.3"], "new_senders": ["192.0.2.4"],
    });
    let by_name = json!({
        "dynamic_good": ["192.0.2.1", "192.0.2.2"], "dynamic_poor": ["192.0.2.3"], "dynamic_new": ["192.0.2.4"],
        "message": "success",
    });
    let split = json!({
        "pools": [{"name": "dynamic_good", "ips": null}, {"name": "dynamic_poor", "ips": ["192.0.2.3"]}],
        "good_reputation": ["192.0.2.1", "192.0.2.2"], "poor_reputation": null, "new_senders": ["192.0.2.4"],
    });
    for answer in [only_pools, only_lists, by_name, split] {
        assert_eq!(by_band(answer.clone()), expected, "{answer}");
    }
}

#[test]
fn no_pools_in_every_way_of_saying_it() {
    let none = [
        json!({}),
        json!(null),
        json!({"pools": null}),
        json!({"pools": []}),
        json!({"good_reputation": null, "poor_reputation": null, "new_senders": null, "pools": null}),
        json!({"good_reputation": [], "poor_reputation": [], "new_senders": []}),
    ];
    for answer in none {
        let pools = read(answer.clone(), async |client| client.pools().await);
        assert!(!pools.is_configured() && pools.0.is_empty(), "{answer}");
    }
}

#[test]
fn a_pool_of_a_later_version_is_kept() {
    for answer in [
        json!({"pools": [{"name": "dynamic_excellent", "ips": ["192.0.2.9"]}]}),
        json!({"dynamic_excellent": ["192.0.2.9"], "message": "success"}),
    ] {
        let pools = read(answer, async |client| client.pools().await);
        assert_eq!(pools.0[0].name, PoolName::Unknown("dynamic_excellent".to_owned()));
        assert_eq!(pools.0[0].ips, ips(&["192.0.2.9"]));
    }
}

#[test]
fn changes_are_answered_in_several_ways() {
    let said = |message: &str| Some(message.to_owned());
    let lists =
        json!({"good_reputation": ["192.0.2.1"], "poor_reputation": ["192.0.2.2"], "new_senders": ["192.0.2.3"]});
    let answers = [
        (ok(json!({"message": "success"})), said("success")),
        (ok(json!({"message": "started"})), said("started")),
        (ok(json!("IP added")), said("IP added")),
        (text(200, "\"IP added\""), said("IP added")),
        (ok(lists), None),
        (ok(json!({})), None),
        (ok(json!(null)), None),
        (
            Ok(mailgun_pools::transport::Response {
                status: 202,
                headers: vec![],
                body: Default::default(),
            }),
            None,
        ),
    ];
    for (answer, message) in answers {
        let (client, _) = Canned::client([answer]);
        assert_eq!(now(client.remove_pools()).unwrap().message, message);
    }
}

#[test]
fn assignable_domains() {
    let expected = vec![AssignableDomain {
        account_id: AccountId("5f1c00a1b32c35364a2ad34f".to_owned()),
        id: DomainId("646d00a1b32c35364a2ad34f".to_owned()),
        name: DomainName::parse("news.example.com").unwrap(),
    }];
    let item = json!(
        {"account_id": "5f1c00a1b32c35364a2ad34f", "id": "646d00a1b32c35364a2ad34f", "name": "news.example.com"});
    for answer in [json!({"items": [item]}), json!({"items": [item], "message": "success"})] {
        assert_eq!(
            read(answer, async |client| client
                .assignable(&AssignableQuery::default())
                .await),
            expected
        );
    }
    for none in [json!({"items": []}), json!({"items": null}), json!({}), json!(null)] {
        assert_eq!(
            read(none, async |client| client
                .assignable(&AssignableQuery::default())
                .await),
            []
        );
    }
}

#[test]
fn enrolled_domains() {
    let answer = json!({
        "items": [
            {"id": "646d00a1b32c35364a2ad34f", "account_id": "5f1c00a1b32c35364a2ad34f", "account_name": "Shop",
             "name": "News.Example.com", "registered_at": "2025-06-26T14:31:51.870037-05:00", "pool": "dynamic_poor",
             "override": true, "bounce_rate": 0.25, "complaint_rate": 0.0002, "processed_count": 25000},
            {"id": "646d00a1b32c35364a2ad350", "account_id": "5f1c00a1b32c35364a2ad34f",
             "name": "new.example.com", "registered_at": "0001-01-01T00:00:00Z", "pool": "dynamic_excellent",
             "bounce_rate": null, "complaint_rate": null, "processed_count": null},
            {},
        ],
        "total_items": 3,
        "paging": {"Next": "https://api.mailgun.net/v1/dynamic_pools/domains?limit=2&pool=a&pool=b&page=x%2By",
                   "Previous": "", "First": "https://api.mailgun.net/v1/dynamic_pools/domains?limit=2", "Last": ""},
    });
    let page = read(answer, async |client| client.domains(&DomainsQuery::default()).await);
    let account_id = AccountId("5f1c00a1b32c35364a2ad34f".to_owned());
    let full = Domain {
        id: DomainId("646d00a1b32c35364a2ad34f".to_owned()),
        account_id: account_id.clone(),
        account_name: Some("Shop".to_owned()),
        name: DomainName::parse("news.example.com").unwrap(),
        registered_at: at("2025-06-26T19:31:51.870037Z"),
        pool: PoolName::Known(Band::Poor),
        is_overridden: Some(true),
        bounce_rate: Some(Rate(0.25)),
        complaint_rate: Some(Rate(0.0002)),
        processed_count: Some(25_000),
    };
    let sparse = Domain {
        id: DomainId("646d00a1b32c35364a2ad350".to_owned()),
        account_id,
        account_name: None,
        name: DomainName::parse("new.example.com").unwrap(),
        registered_at: None,
        pool: PoolName::Unknown("dynamic_excellent".to_owned()),
        is_overridden: None,
        bounce_rate: None,
        complaint_rate: None,
        processed_count: None,
    };
    assert_eq!(page.items[..2], [full, sparse]);
    assert_eq!((page.items.len(), page.total), (3, Some(3)));
    let query = [("limit", "2"), ("pool", "a"), ("pool", "b"), ("page", "x+y")];
    let query = query.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
    assert_eq!(
        page.next,
        Some(PageRef::Link {
            path: "/v1/dynamic_pools/domains".to_owned(),
            query
        })
    );
}

#[test]
fn a_previews_every_shape() {
    let poor = Some(PoolName::Known(Band::Poor));
    let good = Some(PoolName::Known(Band::Good));
    let metric = |value, band| {
        Some(PreviewMetric {
            value: Some(value),
            band,
        })
    };
    let full = Preview {
        pool: poor.clone(),
        bounce_rate: metric(0.25, poor.clone()),
        complaint_rate: metric(0.0002, good.clone()),
        processed_count: metric(25_000.0, good),
        message: None,
    };
    let bare = Preview {
        pool: poor,
        bounce_rate: None,
        complaint_rate: None,
        processed_count: None,
        message: None,
    };
    let bounce = json!({"value": 0.25, "band": "dynamic_poor"});
    let complaint = json!({"value": 0.0002, "band": "dynamic_good"});
    let cases = [
        (
            json!({"pool": "dynamic_poor", "results": {"bounce_rate": bounce, "complaint_rate": complaint,
                   "processed_count": {"value": 25000, "band": "dynamic_good"}}}),
            full.clone(),
        ),
        (
            json!({"pool": "dynamic_poor", "bounce_rate": bounce, "complaint_rate": complaint}),
            Preview {
                processed_count: None,
                ..full
            },
        ),
        (
            json!({"pool": "dynamic_poor", "message": "success"}),
            Preview {
                message: Some("success".to_owned()),
                ..bare.clone()
            },
        ),
        (json!({"pool": "dynamic_poor", "results": null}), bare),
    ];
    let domain = DomainName::parse("news.example.com").unwrap();
    for (answer, expected) in cases {
        assert_eq!(read(answer, async |client| client.preview(&domain).await), expected);
    }
}

fn record_json() -> Value {
    json!({
        "id": "646d00a1b32c35364a2ad352", "owning_account_id": "5f1c00a1b32c35364a2ad34f",
        "account_id": "5f1c00a1b32c35364a2ad350", "account_name": "Shop",
        "domain_id": "646d00a1b32c35364a2ad34f", "domain_name": "news.example.com",
        "new_band": "dynamic_good", "prev_band": "dynamic_poor", "reason": "bounce_rate in good threshold",
        "bounce_rate": 0.04, "complaint_rate": null, "processed_count": 25000,
        "initiated_by": "system", "timestamp": "2025-06-26T14:31:51.870037-05:00",
    })
}

fn record() -> HistoryRecord {
    HistoryRecord {
        id: "646d00a1b32c35364a2ad352".to_owned(),
        owning_account_id: AccountId("5f1c00a1b32c35364a2ad34f".to_owned()),
        account_id: AccountId("5f1c00a1b32c35364a2ad350".to_owned()),
        account_name: Some("Shop".to_owned()),
        domain_id: DomainId("646d00a1b32c35364a2ad34f".to_owned()),
        domain_name: DomainName::parse("news.example.com").unwrap(),
        new_band: Some(PoolName::Known(Band::Good)),
        prev_band: Some(PoolName::Known(Band::Poor)),
        reason: "bounce_rate in good threshold".to_owned(),
        bounce_rate: Some(Rate(0.04)),
        complaint_rate: None,
        processed_count: Some(25_000),
        initiated_by: Some("system".to_owned()),
        timestamp: at("2025-06-26T19:31:51.870037Z"),
    }
}

#[test]
fn history_of_all_domains() {
    let answer = json!({"items": [record_json()], "total_items": 9, "paging": {
        "next": "https://api.eu.mailgun.net/v1/dynamic_pools/history?Limit=1&page=2"}});
    let page = read(answer, async |client| client.history(&HistoryQuery::default()).await);
    assert_eq!((page.items, page.total), (vec![record()], Some(9)));
    assert!(matches!(page.next, Some(PageRef::Link { path, .. }) if path == "/v1/dynamic_pools/history"));
}

#[test]
fn one_domains_history_as_a_list_a_bare_record_or_a_bare_list() {
    let domain = DomainName::parse("news.example.com").unwrap();
    let paged = json!({"items": [record_json()], "total_items": 1, "paging": {}});
    for answer in [paged, record_json(), json!([record_json()])] {
        let page = read(answer.clone(), async |client| {
            client.domain_history(&domain, None).await
        });
        assert_eq!(
            (page.items, page.total, page.next),
            (vec![record()], Some(1), None),
            "{answer}"
        );
    }
    for none in [
        json!({"items": null, "paging": null}),
        json!([]),
        json!({}),
        json!(null),
    ] {
        let page = read(none.clone(), async |client| client.domain_history(&domain, None).await);
        assert!(page.items.is_empty() && page.next.is_none(), "{none}");
    }
}

#[test]
fn an_enrolments_record_has_no_band_before() {
    for empty in [json!(""), json!(null)] {
        let mut answer = record_json();
        answer["prev_band"] = empty;
        answer["initiated_by"] = json!("kim@example.com");
        let page = read(json!([answer]), async |client| {
            client.history(&HistoryQuery::default()).await
        });
        assert_eq!(page.items[0].prev_band, None);
        assert_eq!(page.items[0].initiated_by.as_deref(), Some("kim@example.com"));
    }
}

#[test]
fn odd_paging_means_none() {
    let odd = [
        json!({}),
        json!(null),
        json!(""),
        json!({"Next": ""}),
        json!({"next": null}),
        json!({"Next": "not a URL"}),
    ];
    for paging in odd {
        let answer = json!({"items": [record_json()], "paging": paging});
        let page = read(answer, async |client| client.history(&HistoryQuery::default()).await);
        assert_eq!((page.items.len(), page.next), (1, None), "{paging}");
    }
}

#[test]
fn ips_and_what_may_be_done_with_them() {
    let answer = json!({
        "items": ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
        "details": [{"ip": "192.0.2.2", "is_on_warmup": true}, {"ip": "192.0.2.1", "is_on_warmup": false},
                    {"ip": "192.0.2.3"}],
        "assignable_to_pools": ["192.0.2.1", "192.0.2.9"],
        "total_count": 4,
    });
    let query = IpsQuery {
        is_dedicated_only: true,
        ..IpsQuery::default()
    };
    let ips = read(answer, async |client| client.ips(&query).await);
    let told: Vec<_> = ips
        .iter()
        .map(|ip| (ip.ip.as_str(), ip.is_warming, ip.is_assignable, ip.is_dedicated))
        .collect();
    assert_eq!(
        told,
        [
            ("192.0.2.1", Some(false), true, Some(true)),
            ("192.0.2.2", Some(true), false, Some(true)),
            ("192.0.2.3", None, false, Some(true)),
            ("192.0.2.9", None, true, Some(true)),
        ]
    );
    // What an answer for all IPs says of each one; a flag in place of the list says nothing of any.
    let answer = json!({
        "items": ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
        "details": [{"ip": "192.0.2.2", "dedicated": true, "enabled": true}, {"ip": "192.0.2.1", "dedicated": false}],
        "assignable_to_pools": true,
    });
    let ips = read(answer, async |client| client.ips(&IpsQuery::default()).await);
    let told: Vec<_> = ips
        .iter()
        .map(|ip| (ip.ip.as_str(), ip.is_assignable, ip.is_dedicated))
        .collect();
    assert_eq!(
        told,
        [
            ("192.0.2.1", false, Some(false)),
            ("192.0.2.2", false, Some(true)),
            ("192.0.2.3", false, None),
        ]
    );
    let answer = json!({"ip": "192.0.2.1", "dedicated": false, "rdns": "o1.example.net"});
    let one = read(answer, async |client| client.ip(&Ip::as_sent("192.0.2.1")).await);
    assert_eq!(
        (one.is_dedicated, one.rdns.as_deref()),
        (Some(false), Some("o1.example.net"))
    );
}

#[test]
fn what_sends_from_an_ip_or_a_dedicated_pool() {
    let of_ip = |answer| {
        let query = IpDomainsQuery {
            ip: Ip::as_sent("192.0.2.1"),
            limit: Some(1),
            skip: 2,
        };
        read(answer, async |client| client.ip_domains(&query).await)
    };
    let answer = json!({"items": [{"domain": "a.example", "ips": ["192.0.2.1", "192.0.2.2"]}], "total_count": 4});
    let page = of_ip(answer);
    let ips = ["192.0.2.1", "192.0.2.2"].map(Ip::as_sent).to_vec();
    assert_eq!((page.items[0].name.as_str(), &page.items[0].ips), ("a.example", &ips));
    // Two skipped and one here of four: one is left.
    assert_eq!(page.next, Some(PageRef::Skip(3)));
    let last = of_ip(json!({"items": [{"domain": "a.example", "ips": null, "id": 7}], "total_count": 3}));
    assert_eq!((last.items[0].ips.len(), last.next), (0, None));
    assert_eq!(of_ip(json!({"items": null})).items, []);

    let of_pool = |answer| {
        let query = PoolDomainsQuery {
            pool_id: "60140bc1fee3e84dec5abeeb".to_owned(),
            limit: None,
        };
        read(answer, async |client| client.pool_domains(&query).await)
    };
    let page = of_pool(json!({
        "domains": [{"id": "646d00a1b32c35364a2ad34f", "name": "a.example"}],
        "paging": {"first": "https://api.mailgun.net/v3/ip_pools/60140bc1fee3e84dec5abeeb/domains",
                   "next": "https://api.mailgun.net/v3/ip_pools/60140bc1fee3e84dec5abeeb/domains?page=x"},
    }));
    assert_eq!(page.items[0].name.as_str(), "a.example");
    assert!(page.next.is_some());
    let page = of_pool(json!({"domains": [{"name": "a.example"}], "paging": {"next": "eyJ4"}}));
    assert_eq!(page.next, Some(PageRef::Token("eyJ4".to_owned())));
    assert_eq!(of_pool(json!({"domains": null, "message": "success"})).items, []);
}

#[test]
fn warm_ups() {
    let answer = json!({
        "items": [{"ip": "192.0.2.1", "sent_within_stage": "25%", "throttle": 90, "stage_number": 4,
                   "stage_start_volume": 10000, "stage_start_time": "2025-01-01T00:00:00Z", "stage_volume_limit": 8000}],
        "paging": {"first": "https://api.mailgun.net/v3/ip_warmups?page=first&limit=1",
                   "next": "https://api.mailgun.net/v3/ip_warmups?page=next&limit=1"},
    });
    let page = read(answer, async |client| client.warm_ups(&WarmUpsQuery::default()).await);
    let expected = WarmUp {
        ip: Ip::as_sent("192.0.2.1"),
        stage_number: 4,
        sent_within_stage: "25%".to_owned(),
        throttle: Some(90),
        stage_start_volume: Some(10_000),
        stage_start_time: at("2025-01-01T00:00:00Z"),
        stage_volume_limit: Some(8_000),
    };
    assert_eq!(page.items, [expected]);
    assert!(page.next.is_some());
    // A bare token in place of a link is a page too.
    let answer = json!({"items": [{"ip": "192.0.2.1"}], "paging": {"first": "first", "next": "next"}});
    let page = read(answer, async |client| client.warm_ups(&WarmUpsQuery::default()).await);
    assert_eq!(page.next, Some(PageRef::Token("next".to_owned())));
}

#[test]
fn dedicated_pools() {
    let answer = json!({"ip_pools": [
        {"pool_id": "5f1c", "name": "Reserve", "description": "Spare", "ips": ["192.0.2.8"], "is_linked": true,
         "is_inherited": false},
        {"pool_id": "5f1d", "name": "Bare", "description": null, "ips": null},
    ], "message": "success"});
    let pools = read(answer, async |client| client.ip_pools().await);
    let expected = DedicatedPool {
        id: "5f1c".to_owned(),
        name: "Reserve".to_owned(),
        description: "Spare".to_owned(),
        ips: ips(&["192.0.2.8"]),
        is_linked: true,
        is_inherited: false,
    };
    assert_eq!(pools[0], expected);
    assert_eq!((pools[1].description.as_str(), pools[1].ips.len()), ("", 0));
}

#[test]
fn subaccounts_with_rfc_1123_times() {
    let answer = json!({"subaccounts": [
        {"id": "646d00a1b32c35364a2ad34f", "name": "Shop", "status": "open",
         "created_at": "Wed, 01 Jan 2025 08:00:00 GMT", "updated_at": "Thu, 02 Jan 2025 08:00:00 UTC"},
        {"id": "646d00a1b32c35364a2ad350", "name": "Old", "status": "closed",
         "created_at": "Wed, 01 Jan 2025 03:00:00 -0500", "updated_at": null},
        {"id": "646d00a1b32c35364a2ad351", "name": "Odd", "status": "frozen"},
    ], "total": 7});
    let page = read(answer, async |client| {
        client.subaccounts(&SubaccountsQuery::default()).await
    });
    let expected = Subaccount {
        id: AccountId("646d00a1b32c35364a2ad34f".to_owned()),
        name: "Shop".to_owned(),
        status: SubaccountStatus::Open,
        created_at: at("2025-01-01T08:00:00Z"),
        updated_at: at("2025-01-02T08:00:00Z"),
    };
    assert_eq!(page.items[0], expected);
    assert_eq!(
        (page.items[1].created_at, page.items[1].updated_at),
        (at("2025-01-01T08:00:00Z"), None)
    );
    assert_eq!(page.items[2].status, SubaccountStatus::Unknown("frozen".to_owned()));
    assert_eq!((page.total, page.next), (Some(7), Some(PageRef::Skip(3))));
}

#[test]
fn metrics_with_counts_missing_null_and_rates_as_texts() {
    let item = |domain: &str, metrics: Value| {
        json!({"dimensions": [
            {"dimension": "time", "value": "Wed, 01 Nov 2023 00:00:00 +0000", "display_value": "Wed, 01 Nov 2023 00:00:00 +0000"},
            {"dimension": "domain", "value": domain, "display_value": domain},
        ], "metrics": metrics})
    };
    let answer = json!({
        "start": "Wed, 01 Nov 2023 00:00:00 +0000", "end": "Fri, 01 Dec 2023 00:00:00 +0000",
        "resolution": "day", "duration": "1m", "dimensions": ["time", "domain"],
        "pagination": {"sort": "time:asc", "skip": 0, "limit": 10, "total": 100},
        "items": [
            item("example.com", json!({"processed_count": 100, "delivered_count": 90, "bounced_count": 10,
                 "complained_count": 1, "bounce_rate": "0.1000"})),
            item("quiet.example.com", json!({"processed_count": null, "delivered_rate": "0.8300"})),
        ],
        "aggregates": {"metrics": {"processed_count": 100}},
    });
    let page = read(answer, async |client| client.metrics(&MetricsQuery::default()).await);
    let row = page.items[0].row().unwrap();
    assert_eq!(
        (row.domain.as_str(), row.day),
        ("example.com", Day::from_ymd(2023, 11, 1).unwrap())
    );
    assert_eq!(
        row.counts,
        Counts {
            processed: 100,
            delivered: 90,
            bounced: 10,
            complained: 1
        }
    );
    assert_eq!(page.items[0].metrics["bounce_rate"], 0.1);
    assert_eq!(page.items[1].row().unwrap().counts, Counts::ZERO);
    assert_eq!(page.items[1].metrics["delivered_rate"], 0.83);
    assert_eq!((page.total, page.resolution), (Some(100), Some(Resolution::Day)));
    assert_eq!(page.dimensions, [Dimension::Time, Dimension::Domain]);
    assert_eq!(page.aggregates.unwrap()["processed_count"], 100.0);
    assert_eq!(page.start, at("2023-11-01T00:00:00Z"));
}

#[test]
fn numbers_written_as_texts_are_numbers() {
    let answer = json!({"items": [{"bounce_rate": "0.0123", "complaint_rate": 0, "processed_count": "25000",
                                   "override": "false"}], "total_items": "1"});
    let page = read(answer, async |client| client.domains(&DomainsQuery::default()).await);
    let domain = &page.items[0];
    assert_eq!(
        (domain.bounce_rate, domain.complaint_rate),
        (Some(Rate(0.0123)), Some(Rate(0.0)))
    );
    assert_eq!(
        (domain.processed_count, domain.is_overridden, page.total),
        (Some(25_000), Some(false), Some(1))
    );
}

#[test]
fn domains_of_an_account_say_their_account_and_whether_they_may_send() {
    // As described, with fields that nothing here reads; a disabled domain says why.
    let answer = json!({"total_count": 3, "items": [
        {"id": "5f1c00a1b32c35364a2ad34f", "name": "a.example", "state": "active", "is_disabled": false, "type": "custom",
         "subaccount_id": "646d00a1b32c35364a2ad34f", "disabled": null},
        {"name": "b.example", "state": "active", "is_disabled": true,
         "disabled": {"code": "bounce_rate", "reason": "too many bounces", "permanently": false}},
        {"name": "c.example", "state": "asleep"},
    ]});
    let page = read(answer, async |client| {
        client.account_domains(&AccountDomainsQuery::default()).await
    });
    let told = page
        .items
        .into_iter()
        .map(|item| (item.status, item.subaccount.map(|id| id.0), item.disabled_reason));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (SendingStatus::Active, Some("646d00a1b32c35364a2ad34f".to_owned()), None),
            (SendingStatus::Disabled, None, Some("too many bounces".to_owned())),
            (SendingStatus::Unknown("asleep".to_owned()), None, None),
        ]
    );
    assert_eq!((page.total, page.next), (Some(3), None));
}

#[test]
fn no_pool_for_overflow_is_an_empty_one_null_or_nothing() {
    for none in [
        json!({"extra_dedicated_ips": {"pool_id": ""}}),
        json!({"extra_dedicated_ips": {"pool_id": null}}),
        json!({"extra_dedicated_ips": null}),
        json!({}),
    ] {
        assert_eq!(read(none, async |client| client.overflow_pool().await), None);
    }
    let some = json!({"extra_dedicated_ips": {"pool_id": "5f1c00a1b32c35364a2ad34f"}});
    let pool = read(some, async |client| client.overflow_pool().await);
    assert_eq!(pool.as_deref(), Some("5f1c00a1b32c35364a2ad34f"));
}
