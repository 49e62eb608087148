//! Operations 10 to 13, rules R9 to R11.

use super::*;
use mailgun_pools::api::{PageRef, SortBy, SortOrder};
use mailgun_pools::transport::Method;
use poolkeeper_core::model::{PoolName, PreviewMetric};

const PATH: &str = "/v1/dynamic_pools/domains";

const BY_NAME: [&str; 7] = [
    "bought.example.com",
    "complaints.blog.example",
    "holding.example.com",
    "recovered.shop.example",
    "silent.shop.example",
    "small.example.com",
    "steady.example.com",
];

async fn names(client: &Client, query: DomainsQuery) -> Vec<String> {
    let walk = Paginator::new(
        client.clone(),
        DomainsQuery {
            limit: Some(2),
            ..query
        },
    );
    all(walk)
        .await
        .into_iter()
        .map(|domain| domain.name.to_string())
        .collect()
}

pub async fn they_are_listed_with_the_last_checks_rates(h: &impl Harness) {
    let answer = raw(h, get(PATH, &[("limit", "100")])).await;
    assert_eq!((answer.status, json(&answer)["total_items"].as_u64()), (200, Some(7)));
    for item in json(&answer)["items"].as_array().unwrap() {
        for required in [
            "id",
            "account_id",
            "account_name",
            "name",
            "registered_at",
            "pool",
            "override",
        ] {
            assert!(!item[required].is_null(), "{required} is missing: {item}");
        }
        assert_eq!(item["id"].as_str().unwrap().len(), 24);
    }
    let client = client(h);
    let listed: Vec<_> = enrolled(&client).await;
    let shown: Vec<_> = listed
        .iter()
        .map(|domain| {
            let rates = (
                domain.bounce_rate.map(|rate| rate.0),
                domain.complaint_rate.map(|rate| rate.0),
            );
            (
                domain.name.as_str(),
                domain.pool.band().unwrap(),
                rates,
                domain.processed_count,
            )
        })
        .collect();
    // Sums over 16–22 July; where nothing was sent there is no rate.
    assert_eq!(
        shown,
        [
            (
                "bought.example.com",
                Band::Poor,
                (Some(0.25), Some(0.0002)),
                Some(25_000)
            ),
            (
                "complaints.blog.example",
                Band::Poor,
                (Some(0.0), Some(0.004)),
                Some(7_000)
            ),
            ("holding.example.com", Band::New, (Some(0.07), Some(0.0)), Some(7_000)),
            (
                "recovered.shop.example",
                Band::Good,
                (Some(0.01), Some(0.0)),
                Some(14_000)
            ),
            ("silent.shop.example", Band::Good, (None, None), Some(0)),
            ("small.example.com", Band::New, (Some(0.0), Some(0.0)), Some(70)),
            ("steady.example.com", Band::Good, (Some(0.01), Some(0.0)), Some(7_000)),
        ]
    );
    assert!(listed.iter().all(|domain| domain.is_overridden == Some(false)));
    assert_eq!(listed[1].account_name.as_deref(), Some("Blog"));
}

pub async fn pages_lead_to_one_another_both_ways(h: &impl Harness) {
    let client = client(h);
    let account = enrolled(&client).await[0].account_id.to_string();
    let filters = [
        ("limit", "2"),
        ("sort_order", "descending"),
        ("pool", "dynamic_new"),
        ("pool", "dynamic_poor"),
        ("account", &account),
    ];
    let mut pages = vec![json(&raw(h, get(PATH, &filters)).await).clone()];
    let follow = async |link: &Value| {
        let url = link.as_str().unwrap();
        assert!(url.starts_with("http"), "{url} is not absolute");
        for (key, value) in filters {
            assert!(url.contains(&format!("{key}={value}")), "{url} lost {key}={value}");
        }
        let Some(PageRef::Link { path, query }) = PageRef::parse(url) else {
            panic!("{url}")
        };
        json(
            &raw(
                h,
                Request {
                    query,
                    ..Request::new(Method::Get, path)
                },
            )
            .await,
        )
        .clone()
    };
    while pages[pages.len() - 1]["paging"].get("Next").is_some() {
        let next = follow(&pages[pages.len() - 1]["paging"]["Next"]).await;
        pages.push(next);
        assert!(pages.len() <= 2, "two pages hold three domains");
    }
    let names = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&pages[0]), ["small.example.com", "holding.example.com"]);
    assert_eq!(names(&pages[1]), ["bought.example.com"]);
    assert!(pages.iter().all(|page| page["total_items"] == 3));
    assert!(pages[0]["paging"].get("Previous").is_none());
    assert_eq!(names(&follow(&pages[1]["paging"]["Previous"]).await), names(&pages[0]));
    assert_eq!(names(&follow(&pages[1]["paging"]["First"]).await), names(&pages[0]));
    assert_eq!(names(&follow(&pages[0]["paging"]["Last"]).await), names(&pages[1]));
}

pub async fn limits_have_bounds(h: &impl Harness) {
    for bad in ["0", "101", "-1", "many", "1.5"] {
        refused(h, get(PATH, &[("limit", bad)]), 400, &["limit", bad]).await;
    }
    for (good, items) in [("1", 1), ("7", 7), ("100", 7)] {
        let answer = raw(h, get(PATH, &[("limit", good)])).await;
        assert_eq!(json(&answer)["items"].as_array().unwrap().len(), items);
    }
    refused(h, get(PATH, &[("page", "elsewhere")]), 400, &["page"]).await;
}

pub async fn accounts_and_pools_filter(h: &impl Harness) {
    let client = client(h);
    let (shop, blog) = (subaccount(&client, "Shop").await, subaccount(&client, "Blog").await);
    let of = |accounts: &[&AccountId], bands: &[Band]| DomainsQuery {
        accounts: accounts.iter().map(|id| (*id).clone()).collect(),
        pools: bands.iter().map(|band| (*band).into()).collect(),
        ..DomainsQuery::default()
    };
    assert_eq!(
        names(&client, of(&[&shop], &[])).await,
        ["recovered.shop.example", "silent.shop.example"]
    );
    let of_both = [
        "complaints.blog.example",
        "recovered.shop.example",
        "silent.shop.example",
    ];
    assert_eq!(names(&client, of(&[&shop, &blog], &[])).await, of_both);
    assert_eq!(
        names(&client, of(&[], &[Band::Poor])).await,
        ["bought.example.com", "complaints.blog.example"]
    );
    assert_eq!(
        names(&client, of(&[&blog], &[Band::Poor, Band::New])).await,
        ["complaints.blog.example"]
    );
    assert!(names(&client, of(&[&blog], &[Band::Good])).await.is_empty());
    // Comma-separated is taken too, and an account nobody has heard of has no domains.
    let comma = format!("{shop},{blog}");
    let answer = raw(
        h,
        get(PATH, &[("account", &comma), ("pool", "dynamic_good,dynamic_poor")]),
    )
    .await;
    assert_eq!(json(&answer)["total_items"], 3);
    // The PHP client numbers the members of a list.
    let shop_and_blog = [("account[0]", shop.0.as_str()), ("account[1]", blog.0.as_str())];
    let numbered = raw(h, get(PATH, &shop_and_blog)).await;
    let repeated = raw(
        h,
        get(PATH, &[("account", shop.0.as_str()), ("account", blog.0.as_str())]),
    )
    .await;
    assert_eq!(json(&numbered)["items"], json(&repeated)["items"]);
    assert!(!json(&numbered)["items"].as_array().unwrap().is_empty());
    let answer = raw(h, get(PATH, &[("account", "5f1c00a1b32c35364a2ad34f")])).await;
    assert_eq!(
        (
            json(&answer)["total_items"].as_u64(),
            json(&answer)["items"].as_array().map(Vec::len)
        ),
        (Some(0), Some(0))
    );
}

pub async fn every_sort_in_both_orders(h: &impl Harness) {
    let client = client(h);
    let by = |sort_by, sort_order| DomainsQuery {
        sort_by,
        sort_order,
        ..DomainsQuery::default()
    };
    assert_eq!(names(&client, by(SortBy::Name, SortOrder::Ascending)).await, BY_NAME);
    let mut reversed = BY_NAME;
    reversed.reverse();
    assert_eq!(names(&client, by(SortBy::Name, SortOrder::Descending)).await, reversed);
    // 0, 0, 1 %, 1 %, 7 %, 25 %; equal rates in order of name; the one without a rate last in both orders.
    assert_eq!(
        names(&client, by(SortBy::BounceRate, SortOrder::Ascending)).await,
        [
            "complaints.blog.example",
            "small.example.com",
            "recovered.shop.example",
            "steady.example.com",
            "holding.example.com",
            "bought.example.com",
            "silent.shop.example",
        ]
    );
    let descending = names(&client, by(SortBy::BounceRate, SortOrder::Descending)).await;
    assert_eq!(descending[..2], ["bought.example.com", "holding.example.com"]);
    assert_eq!((descending.len(), descending[6].as_str()), (7, "silent.shop.example"));
    let complaints = names(&client, by(SortBy::ComplaintRate, SortOrder::Descending)).await;
    assert_eq!(complaints[..2], ["complaints.blog.example", "bought.example.com"]);
    assert_eq!(complaints.len(), 7);
}

pub async fn unknown_filters_are_refused_by_name(h: &impl Harness) {
    refused(
        h,
        get(PATH, &[("pool", "dynamic_excellent")]),
        400,
        &["pool", "dynamic_excellent"],
    )
    .await;
    refused(
        h,
        get(PATH, &[("sort_by", "age")]),
        400,
        &["sort_by", "age", "bounce_rate"],
    )
    .await;
    refused(
        h,
        get(PATH, &[("sort_order", "up")]),
        400,
        &["sort_order", "up", "descending"],
    )
    .await;
    // Parameters the contract does not have are ignored.
    assert_eq!(raw(h, get(PATH, &[("colour", "blue")])).await.status, 200);
}

pub async fn pages_hold_when_domains_leave_in_between(h: &impl Harness) {
    let client = client(h);
    for sort_by in [SortBy::Name, SortBy::BounceRate] {
        let order = names(
            &client,
            DomainsQuery {
                sort_by,
                ..DomainsQuery::default()
            },
        )
        .await;
        let mut walk = Paginator::new(
            client.clone(),
            DomainsQuery {
                limit: Some(3),
                sort_by,
                ..DomainsQuery::default()
            },
        );
        let first = walk.next_page().await.unwrap().unwrap();
        // The link's own item leaves, and one before it: the rest comes all the same, each once.
        for gone in [&order[2], &order[0]] {
            client.remove_domain(name(gone), Replacement::Shared).await.unwrap();
        }
        let mut seen: Vec<String> = first.iter().map(|domain| domain.name.to_string()).collect();
        seen.extend(all(walk).await.into_iter().map(|domain| domain.name.to_string()));
        assert_eq!(seen, order);
        for back in [&order[2], &order[0]] {
            client.enroll(name(back), None).await.unwrap();
        }
    }
}

pub async fn a_preview_shows_values_and_bands(h: &impl Harness) {
    let answer = raw(h, get("/v1/dynamic_pools/domains/bought.example.com/preview", &[])).await;
    assert_eq!(
        json(&answer),
        &serde_json::json!({"pool": "dynamic_poor", "results": {
            "bounce_rate": {"value": 0.25, "band": "dynamic_poor"},
            "complaint_rate": {"value": 0.0002, "band": "dynamic_good"},
            "processed_count": {"value": 25000, "band": "dynamic_good"},
        }})
    );
    let client = client(h);
    let pool = async |domain: &str| {
        client
            .preview(&name(domain))
            .await
            .unwrap()
            .pool
            .unwrap()
            .band()
            .unwrap()
    };
    assert_eq!(pool("steady.example.com").await, Band::Good);
    // Between the thresholds, and below the minimum, a domain stays where it is.
    assert_eq!(pool("holding.example.com").await, Band::New);
    assert_eq!(pool("silent.shop.example").await, Band::Good);
    let small = client.preview(&name("small.example.com")).await.unwrap();
    assert_eq!(
        small.processed_count,
        Some(PreviewMetric {
            value: Some(70.0),
            band: Some(Band::New.into())
        })
    );
    is_refusal(
        client.preview(&name("nobody.example.com")).await,
        404,
        &["nobody.example.com"],
    );
}

pub async fn a_preview_changes_nothing(h: &impl Harness) {
    let client = client(h);
    client
        .remove_domain(name("bought.example.com"), Replacement::Shared)
        .await
        .unwrap();
    let before = everything(h).await;
    for domain in BY_NAME {
        client.preview(&name(domain)).await.unwrap();
    }
    assert_eq!(everything(h).await, before);
}

pub async fn a_preview_of_an_unenrolled_domain_is_where_it_would_start(h: &impl Harness) {
    let client = client(h);
    empty_out(&client).await;
    for (domain, band) in [
        ("steady.example.com", Band::Good),
        ("bought.example.com", Band::Poor),
        ("holding.example.com", Band::New),
        ("silent.shop.example", Band::New),
    ] {
        assert_eq!(
            client.preview(&name(domain)).await.unwrap().pool,
            Some(PoolName::Known(band)),
            "{domain}"
        );
    }
}

pub async fn an_override_pins_until_it_is_removed(h: &impl Harness) {
    let client = client(h);
    let steady = name("steady.example.com");
    let standing = async || {
        let domain = domain(&client, "steady.example.com").await;
        (domain.pool.band().unwrap(), domain.is_overridden.unwrap())
    };
    let path = "/v1/dynamic_pools/domains/steady.example.com/override";
    let form = Body::Form(vec![("pool".to_owned(), "dynamic_poor".to_owned())]);
    let answer = raw(h, Request::new(Method::Put, path).body(form)).await;
    assert_eq!(
        (answer.status, json(&answer)),
        (200, &serde_json::json!({"message": "success"}))
    );
    assert_eq!(standing().await, (Band::Poor, true));
    // The file is over, but the window's six days with traffic still vote good; the override stands all the same.
    h.advance(DAY).await;
    assert_eq!(standing().await, (Band::Poor, true));
    assert_eq!(
        client.preview(&steady).await.unwrap().pool,
        Some(PoolName::Known(Band::Good))
    );
    let answer = raw(h, Request::new(Method::Delete, path)).await;
    assert_eq!(
        (answer.status, json(&answer)),
        (200, &serde_json::json!({"message": "success"}))
    );
    // Until the next check it stays where it is.
    assert_eq!(standing().await, (Band::Poor, false));
    h.advance(DAY).await;
    assert_eq!(standing().await, (Band::Good, false));
    is_refusal(client.remove_override(steady).await, 409, &["steady.example.com"]);
}

pub async fn a_bad_override_names_field_and_value(h: &impl Harness) {
    let before = everything(h).await;
    let path = "/v1/dynamic_pools/domains/steady.example.com/override";
    for bad in ["invalid_name", "", "good_reputation", "Dynamic_Good"] {
        let form = Body::Form(vec![("pool".to_owned(), bad.to_owned())]);
        let answer = raw(h, Request::new(Method::Put, path).body(form)).await;
        assert_eq!(
            (answer.status, json(&answer)),
            (400, &serde_json::json!({"Field": "pool", "Value": bad}))
        );
    }
    assert_eq!(everything(h).await, before);
}

pub async fn overrides_of_the_unknown_are_not_found(h: &impl Harness) {
    let client = client(h);
    is_refusal(
        client.set_override(name("nobody.example.com"), Band::Good.into()).await,
        404,
        &["nobody.example.com"],
    );
    is_refusal(
        client.remove_override(name("nobody.example.com")).await,
        404,
        &["nobody.example.com"],
    );
    client
        .remove_domain(name("steady.example.com"), Replacement::Shared)
        .await
        .unwrap();
    let outside = client.set_override(name("steady.example.com"), Band::Good.into()).await;
    is_refusal(outside, 409, &["steady.example.com"]);
}
