//! Wire → model → wire is the identity for every documented answer, and for every query and path.

use chrono::DateTime;
use mailgun_pools::api::{AssignableQuery, DomainsQuery, HistoryQuery, MetricsQuery, SubaccountsQuery};
use mailgun_pools::transport::Method;
use mailgun_pools::wire::query::RequestParams;
use mailgun_pools::wire::{
    Operation, PageLinks, PageRef, PathError, domains, history, metrics, path_and_query, pools, support, time,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

fn id() -> impl Strategy<Value = String> {
    "[0-9a-f]{24}"
}

fn domain_name() -> impl Strategy<Value = String> {
    "[a-z0-9]{1,12}(\\.[a-z0-9ü-]{1,12}){1,3}"
}

fn pool_name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("dynamic_good".to_owned()),
        Just("dynamic_poor".to_owned()),
        Just("dynamic_new".to_owned()),
        "dynamic_[a-z]{3,9}",
    ]
}

fn ip() -> impl Strategy<Value = String> {
    any::<std::net::IpAddr>().prop_map(|ip| ip.to_string())
}

/// A time as the service writes it in UTC: whole seconds, or a fraction of milli-, micro- or nanoseconds.
fn instant() -> impl Strategy<Value = String> {
    (
        0_i64..4_000_000_000,
        prop_oneof![Just(1_000_000_000), Just(1_000_000), Just(1_000), Just(1)],
        0_u32..1_000_000_000,
    )
        .prop_map(|(seconds, step, nanos)| {
            let at = DateTime::from_timestamp(seconds, nanos / step * step).unwrap();
            at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
        })
}

fn rate() -> impl Strategy<Value = Value> {
    option::of(0.0..=1.0_f64).prop_map(|rate| json!(rate))
}

fn count() -> impl Strategy<Value = Value> {
    option::of(any::<u64>()).prop_map(|count| json!(count))
}

fn paging() -> impl Strategy<Value = Value> {
    let link = || {
        option::of(
            "[a-z0-9=&]{0,20}".prop_map(|query| format!("https://api.mailgun.net/v1/dynamic_pools/history?{query}")),
        )
    };
    (link(), link(), link(), link()).prop_map(|(next, previous, first, last)| {
        let links = [("Next", next), ("Previous", previous), ("First", first), ("Last", last)];
        links
            .into_iter()
            .filter_map(|(name, url)| Some((name.to_owned(), json!(url?))))
            .collect()
    })
}

fn domain() -> impl Strategy<Value = Value> {
    let names = (id(), id(), ".{0,12}", domain_name(), pool_name());
    (names, instant(), any::<bool>(), rate(), rate(), count()).prop_map(
        |((id, account_id, account_name, name, pool), registered_at, is_overridden, bounce, complaint, processed)| {
            json!({"id": id, "account_id": account_id, "account_name": account_name, "name": name,
                   "registered_at": registered_at, "pool": pool, "override": is_overridden, "bounce_rate": bounce,
                   "complaint_rate": complaint, "processed_count": processed})
        },
    )
}

fn record() -> impl Strategy<Value = Value> {
    let names = (id(), id(), id(), ".{0,12}", id(), domain_name());
    let move_ = (
        pool_name(),
        prop_oneof![Just(String::new()), pool_name()],
        ".{0,30}",
        option::of("[a-z]{1,9}"),
    );
    (names, move_, instant(), rate(), rate(), count()).prop_map(
        |(
            (id, owner, account, account_name, domain_id, name),
            (new, prev, reason, by),
            at,
            bounce,
            complaint,
            processed,
        )| {
            json!({"id": id, "owning_account_id": owner, "account_id": account, "account_name": account_name,
                   "domain_id": domain_id, "domain_name": name, "new_band": new, "prev_band": prev, "reason": reason,
                   "bounce_rate": bounce, "complaint_rate": complaint, "processed_count": processed,
                   "initiated_by": by, "timestamp": at})
        },
    )
}

fn page(item: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (vec(item, 0..5), any::<u64>(), paging())
        .prop_map(|(items, total, paging)| json!({"items": items, "total_items": total, "paging": paging}))
}

fn metric(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (value, pool_name()).prop_map(|(value, band)| json!({"value": value, "band": band}))
}

fn pairs_to_string(pairs: &[(String, String)]) -> String {
    path_and_query("/", pairs)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn pools_and_back(good in vec(ip(), 1..4), poor in vec(ip(), 1..4), new in vec(ip(), 1..4),
                      ids in (id(), id(), id(), id()), enabled in any::<bool>()) {
        let pool = |name: &str, id: &str, ips: &[String]| {
            json!({"account_id": ids.0, "enabled": enabled, "id": id, "ips": ips, "name": name})
        };
        let wire = json!({
            "good_reputation": good, "poor_reputation": poor, "new_senders": new,
            "pools": [pool("dynamic_good", &ids.1, &good), pool("dynamic_poor", &ids.2, &poor), pool("dynamic_new", &ids.3, &new)],
        });
        prop_assert_eq!(pools::encode(&pools::decode(&wire).unwrap()), wire);
    }

    #[test]
    fn domains_and_back(wire in page(domain())) {
        let decoded = domains::decode_page(&wire).unwrap();
        let paging = PageLinks::decode(&wire["paging"]).unwrap();
        prop_assert_eq!(domains::encode_list(&decoded.items, decoded.total.unwrap(), &paging), wire);
    }

    #[test]
    fn history_and_back(wire in page(record())) {
        let decoded = history::decode_page(&wire).unwrap();
        let paging = PageLinks::decode(&wire["paging"]).unwrap();
        prop_assert_eq!(history::encode_list(&decoded.items, decoded.total.unwrap(), &paging), wire);
    }

    #[test]
    fn previews_and_back(pool in pool_name(), bounce in metric((0.0..=1.0_f64).prop_map(|rate| json!(rate))),
                         complaint in metric(Just(json!(null))), processed in metric((0_u64..1 << 53).prop_map(|count| json!(count)))) {
        let wire = json!({"pool": pool, "results":
            {"bounce_rate": bounce, "complaint_rate": complaint, "processed_count": processed}});
        prop_assert_eq!(domains::encode_preview(&domains::decode_preview(&wire).unwrap()), wire);
    }

    #[test]
    fn assignable_domains_and_back(items in vec((id(), id(), domain_name()), 0..5)) {
        let items: Vec<Value> = items.into_iter()
            .map(|(account, id, name)| json!({"account_id": account, "id": id, "name": name})).collect();
        let wire = json!({"items": items});
        prop_assert_eq!(domains::encode_assignable(&domains::decode_assignable(&wire).unwrap()), wire);
    }

    #[test]
    fn supporting_reads_and_back(addresses in proptest::collection::hash_set(ip(), 0..5), warming in any::<bool>(),
                                 ids in (id(), id()), at in 0_i64..4_000_000_000, status in "[a-z]{1,9}", stage in any::<u32>()) {
        let addresses: Vec<String> = addresses.into_iter().collect();
        let details: Vec<Value> = addresses.iter().map(|ip| json!({"ip": ip, "is_on_warmup": warming})).collect();
        let ips = json!({"items": addresses, "details": details,
            "assignable_to_pools": addresses.iter().take(2).collect::<Vec<_>>(), "total_count": addresses.len()});
        prop_assert_eq!(support::encode_ips(&support::decode_ips(&ips).unwrap()), ips);

        let at = DateTime::from_timestamp(at, 0).unwrap();
        let subaccounts = json!({"subaccounts": [{"id": ids.0, "name": "x", "status": status,
            "created_at": time::to_rfc1123(at), "updated_at": time::to_rfc1123(at)}], "total": 1});
        let page = support::decode_subaccounts(&subaccounts).unwrap();
        prop_assert_eq!(support::encode_subaccounts(&page.items, 1), subaccounts);

        let pools = json!({"ip_pools": [{"pool_id": ids.1, "name": "x", "description": "y", "ips": addresses,
            "is_linked": warming, "is_inherited": !warming}], "message": "success"});
        prop_assert_eq!(support::encode_ip_pools(&support::decode_ip_pools(&pools).unwrap()), pools);

        let domains = json!({"items": [{"domain": "a.example", "ips": addresses}], "total_count": 1});
        let page = support::decode_ip_domains(&domains).unwrap();
        prop_assert_eq!(support::encode_ip_domains(&page.items, 1), domains);

        let url = "https://api.mailgun.net/v3/ip_warmups?page=2";
        let warm_ups = json!({"items": addresses.iter().map(|ip| json!({"ip": ip, "sent_within_stage": "25%",
            "throttle": 90, "stage_number": stage, "stage_start_volume": 10000,
            "stage_start_time": time::to_rfc3339(at), "stage_volume_limit": 8000})).collect::<Vec<_>>(),
            "paging": {"next": url}});
        let page = support::decode_warm_ups(&warm_ups).unwrap();
        let paging = PageLinks { next: Some(url.to_owned()), ..PageLinks::default() };
        prop_assert_eq!(support::encode_warm_ups(&page.items, &paging), warm_ups);

        let domains = json!({"domains": [{"id": ids.0, "name": "a.example"}], "paging": {"next": url}});
        let page = support::decode_pool_domains(&domains).unwrap();
        prop_assert_eq!(support::encode_pool_domains(&page.items, &paging), domains);
    }

    #[test]
    fn metrics_and_back(processed in 0_u64..1 << 53, rate in 0_u32..=10_000, at in 0_i64..4_000_000_000, total in any::<u64>()) {
        let at = time::to_rfc2822(DateTime::from_timestamp(at, 0).unwrap());
        let values = json!({"processed_count": processed, "bounce_rate": format!("{:.4}", f64::from(rate) / 10_000.0)});
        let wire = json!({
            "start": at, "end": at, "resolution": "day", "duration": "7d", "dimensions": ["time", "domain", "ip_pool"],
            "pagination": {"sort": "time:asc", "skip": 3, "limit": 10, "total": total},
            "items": [{"dimensions": [{"dimension": "time", "value": at, "display_value": at},
                {"dimension": "domain", "value": "example.com", "display_value": "example.com"}], "metrics": values}],
            "aggregates": {"metrics": values},
        });
        prop_assert_eq!(metrics::encode(&metrics::decode(&wire).unwrap()), wire);
    }

    #[test]
    fn queries_and_back(limit in option::of(1_u32..=100), accounts in vec(id(), 0..3), flags in (any::<bool>(), any::<bool>()),
                        seconds in 0_i64..4_000_000_000, name in domain_name(), pools in vec(0_usize..3, 0..3), skip in any::<u64>()) {
        use mailgun_pools::api::{SortBy, SortOrder};
        use mailgun_pools::api::AccountDomainsQuery;
        use poolkeeper_core::model::{AccountId, Band, DomainName, PoolName, SendingStatus};
        let at = DateTime::from_timestamp(seconds, 0);
        let order = if flags.0 { SortOrder::Ascending } else { SortOrder::Descending };
        let query = DomainsQuery {
            limit,
            accounts: accounts.iter().cloned().map(AccountId).collect(),
            pools: pools.iter().map(|at| PoolName::Known(Band::ALL[*at])).collect(),
            sort_by: if flags.1 { SortBy::BounceRate } else { SortBy::Name },
            sort_order: order,
        };
        prop_assert_eq!(DomainsQuery::decode(RequestParams(&query.encode())), Ok(query));
        let query = HistoryQuery {
            limit, include_subaccounts: Some(flags.0), domain: DomainName::parse(&name).ok(), before: at, after: at,
            moved_to: Some(PoolName::Known(Band::Good)), moved_from: None,
        };
        prop_assert_eq!(HistoryQuery::decode(RequestParams(&query.encode())), Ok(query));
        let query = AssignableQuery { subaccount_id: accounts.first().cloned().map(AccountId), domain: Some(name.clone()) };
        prop_assert_eq!(AssignableQuery::decode(RequestParams(&query.encode())), query);
        let states = [None, Some(SendingStatus::Active), Some(SendingStatus::Unverified), Some(SendingStatus::Disabled)];
        for state in states {
            let query = AccountDomainsQuery { limit, skip, search: Some(name.clone()), state, include_subaccounts: flags.0 };
            prop_assert_eq!(AccountDomainsQuery::decode(RequestParams(&query.encode())), Ok(query));
        }
        let query = SubaccountsQuery { limit, skip, sort: Some(order), filter: Some(name), enabled: Some(flags.0), closed: flags.1.then_some(true) };
        prop_assert_eq!(SubaccountsQuery::decode(RequestParams(&query.encode())), Ok(query));
    }

    #[test]
    fn metrics_queries_and_back(skip in any::<u64>(), limit in option::of(any::<u64>()), values in vec(".{1,9}", 1..3), seconds in 0_i64..4_000_000_000) {
        use mailgun_pools::api::{MetricsFilter, MetricsPeriod};
        let end = DateTime::from_timestamp(seconds, 0);
        for span in [MetricsPeriod::default(), MetricsPeriod::Last { duration: "30d".to_owned(), end }, MetricsPeriod::Between { start: end.unwrap(), end: end.unwrap() }] {
            let filter = MetricsFilter { attribute: "domain".to_owned(), comparator: "=".to_owned(), values: values.clone() };
            let query = MetricsQuery { filters: vec![filter], skip, limit, ..MetricsQuery::daily_counts(span, true) };
            prop_assert_eq!(MetricsQuery::decode(&query.encode()), Ok(query));
        }
    }

    #[test]
    fn links_and_back(query in vec((".{1,8}", ".{0,8}"), 0..4), segment in "[^/?#\\\\]{1,8}") {
        prop_assume!(!["", ".", ".."].contains(&segment.trim()) && segment.trim() == segment);
        let path = Operation::Preview.path(&[&segment]).unwrap();
        let link = PageRef::parse(&format!("https://api.mailgun.net{path}?{}", pairs_to_string(&query).trim_start_matches("/?").trim_start_matches('/')));
        prop_assert_eq!(link, Some(PageRef::Link { path, query }));
    }

    #[test]
    fn no_path_makes_the_router_stumble(path in "(/|[a-z%{}.0-9:]{0,9}|v1|v3|dynamic_pools|all|domains){0,9}") {
        for method in [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete] {
            if let Err(PathError::WrongMethod(allowed)) = Operation::find(method, &path) {
                prop_assert!(!allowed.is_empty() && !allowed.contains(&method));
            }
        }
    }

    #[test]
    fn dates_are_read_in_any_zone(seconds in 0_i64..4_000_000_000, minutes in -14 * 60..=14 * 60_i32) {
        let zone = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
        let at = DateTime::from_timestamp(seconds, 0).unwrap();
        let there = at.with_timezone(&zone);
        let spelled = [
            there.to_rfc3339(), there.to_rfc2822(), time::to_rfc1123(at), time::to_rfc2822(at),
            at.format("%a, %d %b %Y %H:%M:%S UTC").to_string(), at.format("%d %b %Y %H:%M:%S GMT").to_string(),
        ];
        for text in spelled {
            prop_assert_eq!(time::parse(&text), Some(at), "{}", text);
        }
    }
}
