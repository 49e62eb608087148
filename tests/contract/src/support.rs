//! Operations 16 to 20 and 22 to 27.

use super::*;
use mailgun_pools::api::{AccountDomainsQuery, IpDomainsQuery, PoolDomainsQuery, Write};
use mailgun_pools::transport::Method;
use poolkeeper_core::model::{SendingStatus, SubaccountStatus};

pub async fn ips_by_kind_and_what_they_may_do(h: &impl Harness) {
    let client = client(h);
    let listed = async |query: &[(&str, &str)]| {
        let answer = raw(h, get("/v3/ips", query)).await;
        let answer = json(&answer).clone();
        assert_eq!(
            answer["total_count"].as_u64(),
            answer["items"].as_array().map(|items| items.len() as u64)
        );
        answer
    };
    let all = listed(&[]).await;
    let dedicated = listed(&[("dedicated", "true")]).await;
    // `dedicated` is a switch: `false` lists all, not the shared ones.
    assert_eq!(listed(&[("dedicated", "false")]).await, all);
    let count = |answer: &Value| answer["total_count"].as_u64().unwrap();
    assert!(0 < count(&dedicated) && count(&dedicated) < count(&all));
    assert_eq!(count(&listed(&[("enabled", "true")]).await), count(&all));
    // What may go into pools: dedicated IPs that are in no dynamic pool.
    let pools = client.pools().await.unwrap();
    let is_held = |ip: &Value| pools.holding(&ip_of(ip)).is_some();
    let assignable = all["assignable_to_pools"].as_array().unwrap();
    let expected: Vec<&Value> = dedicated["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|ip| !is_held(ip))
        .collect();
    assert_eq!(assignable.iter().collect::<Vec<_>>(), expected);
    assert_eq!(dedicated["assignable_to_pools"], all["assignable_to_pools"]);
    for detail in all["details"].as_array().unwrap() {
        let warming = warm_ups(&client)
            .await
            .iter()
            .any(|warm_up| warm_up.ip == ip_of(&detail["ip"]));
        assert_eq!(detail["is_on_warmup"].as_bool(), Some(warming), "{detail}");
        let is_dedicated = dedicated["items"].as_array().unwrap().contains(&detail["ip"]);
        assert_eq!(detail["dedicated"].as_bool(), Some(is_dedicated), "{detail}");
    }
    refused(
        h,
        get("/v3/ips", &[("dedicated", "perhaps")]),
        400,
        &["dedicated", "perhaps"],
    )
    .await;
}

fn ip_of(value: &Value) -> Ip {
    ip(value.as_str().unwrap())
}

pub async fn one_ip(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    for (ip, dedicated) in [(&ips.free[0], true), (&ips.shared[0], false)] {
        let answer = raw(h, get(&format!("/v3/ips/{ip}"), &[])).await;
        let answer = json(&answer);
        assert_eq!(
            (answer["ip"].as_str(), answer["dedicated"].as_bool()),
            (Some(ip.as_str()), Some(dedicated))
        );
        assert!(!answer["rdns"].as_str().unwrap().is_empty());
    }
    is_refusal(client.ip(&ip("198.51.100.250")).await, 404, &["198.51.100.250"]);
    refused(h, Request::new(Method::Get, "/v3/ips/nothing"), 404, &["nothing"]).await;
}

pub async fn warm_ups_in_pages(h: &impl Harness) {
    let client = client(h);
    let before = warm_ups(&client).await;
    assert!(before.len() >= 3, "the account warms some IPs");
    for warm_up in &before {
        assert!(
            (1..=15).contains(&warm_up.stage_number) && warm_up.sent_within_stage.ends_with('%'),
            "{warm_up:?}"
        );
        assert!(warm_up.stage_start_time.is_some() && warm_up.stage_volume_limit.is_some());
    }
    let answer = raw(h, get("/v3/ip_warmups", &[("limit", "1")])).await;
    let paging = &json(&answer)["paging"];
    assert!(
        paging["first"].as_str().unwrap().contains("limit=1") && paging["next"].as_str().unwrap().contains("limit=1")
    );
    refused(h, get("/v3/ip_warmups", &[("limit", "0")]), 400, &["limit"]).await;
    // Time brings each further, and in the end there is nothing left to warm.
    h.advance(5 * DAY).await;
    let later = warm_ups(&client).await;
    for warm_up in &later {
        let earlier = before.iter().find(|before| before.ip == warm_up.ip).unwrap();
        assert!(warm_up.stage_number > earlier.stage_number);
    }
    h.advance(360 * DAY).await;
    assert!(warm_ups(&client).await.is_empty());
}

pub async fn a_warm_up_is_cancelled(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let warming = ips.free_warming[0].clone();
    // R3: a pool of one IP that warms up is refused, until the warm-up is over.
    let mut pools = ips.as_set();
    pools.new_senders = vec![warming.clone()];
    is_refusal(
        client.set_pools(pools.clone()).await,
        400,
        &[warming.as_str(), "warming"],
    );
    let cancel = Write::CancelWarmUp { ip: warming.clone() };
    let before = warm_ups(&client).await.len();
    client.write(&cancel).await.unwrap();
    let after = warm_ups(&client).await;
    assert_eq!(after.len() + 1, before);
    assert!(after.iter().all(|warm_up| warm_up.ip != warming));
    client.set_pools(pools).await.unwrap();
    // Once only, and only what the account has.
    is_refusal(client.write(&cancel).await, 404, &[warming.as_str(), "not warming"]);
    let unknown = Write::CancelWarmUp {
        ip: ip("198.51.100.250"),
    };
    is_refusal(client.write(&unknown).await, 404, &["198.51.100.250"]);
    let shop = subaccount(&client, "Shop").await;
    let acting = client.on_behalf_of(Some(shop));
    is_refusal(acting.write(&cancel).await, 403, &["Shop", "parent"]);
}

/// R13.
pub async fn an_ip_of_a_dynamic_pool_is_linked_to_no_subaccount(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let shop = subaccount(&client, "Shop").await;
    let link = |subaccounts: &[AccountId], link: &[Ip], unlink: &[Ip]| Write::LinkIps {
        subaccounts: subaccounts.to_vec(),
        link: link.to_vec(),
        unlink: unlink.to_vec(),
    };
    let shops = std::slice::from_ref(&shop);
    let (held, free) = (ips.pool(Band::Good)[0].clone(), ips.free[0].clone());
    let refusal = client.write(&link(shops, &[free.clone(), held.clone()], &[])).await;
    is_refusal(refusal, 409, &[held.as_str(), "dynamic_good"]);
    client
        .write(&link(shops, std::slice::from_ref(&free), &[]))
        .await
        .unwrap();
    client
        .write(&link(shops, &[], std::slice::from_ref(&held)))
        .await
        .unwrap();
    let shared = client.write(&link(shops, &ips.shared[..1], &[])).await;
    is_refusal(shared, 400, &[ips.shared[0].as_str(), "shared"]);
    let unknown = client.write(&link(shops, &[ip("198.51.100.250")], &[])).await;
    is_refusal(unknown, 404, &["198.51.100.250"]);
    is_refusal(
        client.write(&link(shops, &[], &[])).await,
        400,
        &["link_ip", "unlink_ip"],
    );
    let nobody = AccountId("5f1c00a1b32c35364a2ad34f".to_owned());
    let refusal = client.write(&link(&[nobody], std::slice::from_ref(&free), &[])).await;
    is_refusal(refusal, 404, &["5f1c00a1b32c35364a2ad34f"]);
    // Either the subaccounts by name or all of them, not both and not neither.
    let form = |fields: &[(&str, &str)]| {
        let fields = fields
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Request::new(Method::Patch, "/v3/ips/subaccounts").body(Body::Form(fields.collect()))
    };
    let all = form(&[("all_subaccounts", "true"), ("link_ip", free.as_str())]);
    assert_eq!(raw(h, all).await.status, 200);
    let both = [
        ("all_subaccounts", "true"),
        ("subaccount_id", &shop.0),
        ("link_ip", free.as_str()),
    ];
    refused(h, form(&both), 400, &["all_subaccounts"]).await;
    refused(h, form(&[("link_ip", free.as_str())]), 400, &["subaccount_id"]).await;
}

pub async fn overflow_of_warming_ips_is_told(h: &impl Harness) {
    let answer = raw(h, get("/v3/ips/account/settings", &[])).await;
    assert_eq!(
        json(&answer),
        &serde_json::json!({"extra_dedicated_ips": {"pool_id": ""}})
    );
    assert_eq!(client(h).overflow_pool().await.unwrap(), None);
}

pub async fn every_domain_with_its_account(h: &impl Harness) {
    let client = client(h);
    let shop = subaccount(&client, "Shop").await;
    let found = async |domain: &str| client.account_domain(&name(domain)).await.unwrap();
    let of_shop = found("silent.shop.example").await.unwrap();
    assert_eq!(
        (of_shop.subaccount, of_shop.status),
        (Some(shop.clone()), SendingStatus::Active)
    );
    assert_eq!(found("steady.example.com").await.unwrap().subaccount, None);
    // A part of a name is no name.
    assert_eq!(found("silent.shop").await, None);
    let total = async |client: &Client, query: &AccountDomainsQuery| client.account_domains(query).await.unwrap().total;
    let with = |search: Option<&str>, include_subaccounts| AccountDomainsQuery {
        search: search.map(str::to_owned),
        include_subaccounts,
        ..AccountDomainsQuery::default()
    };
    assert_eq!(total(&client, &with(None, true)).await, Some(7));
    assert_eq!(total(&client, &with(None, false)).await, Some(4));
    assert_eq!(total(&client, &with(Some("SHOP"), true)).await, Some(2));
    let page = AccountDomainsQuery {
        limit: Some(3),
        skip: 5,
        ..with(None, true)
    };
    let page = client.account_domains(&page).await.unwrap();
    assert_eq!((page.items.len(), page.total, page.next), (2, Some(7), None));
    assert_eq!(
        total(&client.clone().on_behalf_of(Some(shop)), &with(None, true)).await,
        Some(2)
    );
    // Every account is open, so every domain may send.
    let in_state = async |state: &str| {
        let answer = raw(
            h,
            get("/v4/domains", &[("state", state), ("include_subaccounts", "true")]),
        )
        .await;
        json(&answer)["total_count"].as_u64()
    };
    assert_eq!(
        (in_state("active").await, in_state("disabled").await),
        (Some(7), Some(0))
    );
    assert_eq!(in_state("unverified").await, Some(0));
    refused(h, get("/v4/domains", &[("state", "asleep")]), 400, &["state", "asleep"]).await;
    refused(h, get("/v4/domains", &[("limit", "1001")]), 400, &["limit", "1001"]).await;
}

pub async fn dedicated_pools(h: &impl Harness) {
    let client = client(h);
    let answer = raw(h, get("/v3/ip_pools", &[])).await;
    assert_eq!(json(&answer)["message"], "success");
    // A pool is linked once a domain sends from it.
    empty_out(&client).await;
    let pools = client.ip_pools().await.unwrap();
    assert!(
        pools
            .iter()
            .all(|pool| !pool.is_linked && !pool.is_inherited && !pool.ips.is_empty()),
        "{pools:?}"
    );
    client.enroll(name("steady.example.com"), None).await.unwrap();
    let to_pool = Replacement::DedicatedPool(pools[1].id.clone());
    client.remove_domain(name("steady.example.com"), to_pool).await.unwrap();
    let linked: Vec<bool> = client
        .ip_pools()
        .await
        .unwrap()
        .iter()
        .map(|pool| pool.is_linked)
        .collect();
    assert_eq!((linked[0], linked[1]), (false, true));
}

pub async fn what_each_ip_and_dedicated_pool_sends(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let pools = client.ip_pools().await.unwrap();
    // An enrolled domain sends from its dynamic pool, so a pool's IP sends the account's own domains of that pool.
    let of_ip = async |client: &Client, ip: &Ip| {
        let query = IpDomainsQuery {
            ip: ip.clone(),
            limit: Some(2),
            skip: 0,
        };
        let found = all(Paginator::new(client.clone(), query)).await;
        assert!(found.iter().all(|domain| domain.ips.contains(ip)), "{found:?}");
        let mut names: Vec<String> = found.iter().map(|domain| domain.name.to_string()).collect();
        names.sort();
        names
    };
    let of_pool = async |client: &Client, pool_id: &str| {
        let query = PoolDomainsQuery {
            pool_id: pool_id.to_owned(),
            limit: Some(10),
        };
        let found = all(Paginator::new(client.clone(), query)).await;
        found.iter().map(|domain| domain.name.to_string()).collect::<Vec<_>>()
    };
    let new = ips.pool(Band::New)[0].clone();
    assert_eq!(of_ip(&client, &new).await, ["holding.example.com", "small.example.com"]);
    assert_eq!(of_ip(&client, &ips.free[0]).await, [""; 0]);
    let shop = subaccount(&client, "Shop").await;
    let acting = client.clone().on_behalf_of(Some(shop));
    let good = ips.pool(Band::Good)[0].clone();
    assert_eq!(of_ip(&client, &good).await, ["steady.example.com"]);
    assert_eq!(
        of_ip(&acting, &good).await,
        ["recovered.shop.example", "silent.shop.example"]
    );

    // What leaves sends from what was named.
    let two = vec![ips.free[0].clone(), ips.free[1].clone()];
    let leave = async |domain: &str, to| client.remove_domain(name(domain), to).await.unwrap();
    leave("steady.example.com", Replacement::Ips(two.clone())).await;
    leave("bought.example.com", Replacement::Shared).await;
    leave("holding.example.com", Replacement::DedicatedPool(pools[0].id.clone())).await;
    for ip in &two {
        assert_eq!(of_ip(&client, ip).await, ["steady.example.com"]);
    }
    assert_eq!(of_ip(&client, &good).await, [""; 0]);
    assert_eq!(of_ip(&client, &ips.shared[0]).await, ["bought.example.com"]);
    assert_eq!(of_ip(&client, &new).await, ["small.example.com"]);
    assert_eq!(of_ip(&client, &pools[0].ips[0]).await, ["holding.example.com"]);
    assert_eq!(of_pool(&client, &pools[0].id).await, ["holding.example.com"]);
    assert_eq!(of_pool(&client, &pools[1].id).await, [""; 0]);
    assert_eq!(of_pool(&acting, &pools[0].id).await, [""; 0]);
    client.enroll(name("holding.example.com"), None).await.unwrap();
    assert_eq!(of_pool(&client, &pools[0].id).await, [""; 0]);

    let path = format!("/v3/ips/{}/domains", two[0]);
    let page = raw(h, get(&path, &[("limit", "1"), ("skip", "1")])).await;
    assert_eq!(json(&page), &serde_json::json!({"items": [], "total_count": 1}));
    refused(h, get(&path, &[("limit", "0")]), 400, &["limit"]).await;
    refused(h, get("/v3/ips/198.51.100.250/domains", &[]), 404, &["198.51.100.250"]).await;
    let path = format!("/v3/ip_pools/{}/domains", pools[0].id);
    for limit in ["9", "501"] {
        refused(h, get(&path, &[("limit", limit)]), 400, &["limit", limit]).await;
    }
    refused(h, get("/v3/ip_pools/nothing/domains", &[]), 404, &["nothing"]).await;
}

pub async fn subaccounts_in_pages_filtered_and_sorted(h: &impl Harness) {
    const PATH: &str = "/v5/accounts/subaccounts";
    let client = client(h);
    let names = async |query: &[(&str, &str)]| {
        let answer = raw(h, get(PATH, query)).await;
        let found = json(&answer)["subaccounts"].as_array().unwrap().clone();
        let names: Vec<String> = found
            .iter()
            .map(|found| found["name"].as_str().unwrap().to_owned())
            .collect();
        (names.join(" "), json(&answer)["total"].as_u64().unwrap())
    };
    let told = |names: &str, total| (names.to_owned(), total);
    assert_eq!(names(&[("sort", "asc")]).await, told("Blog Shop", 2));
    assert_eq!(names(&[("sort", "desc")]).await, told("Shop Blog", 2));
    assert_eq!(names(&[("sort", "asc"), ("limit", "1")]).await, told("Blog", 2));
    assert_eq!(
        names(&[("sort", "asc"), ("limit", "1"), ("skip", "1")]).await,
        told("Shop", 2)
    );
    assert_eq!(names(&[("skip", "2")]).await, told("", 2));
    assert_eq!(names(&[("filter", "sho")]).await, told("Shop", 1));
    // Both are open.
    for (filter, expected) in [
        (("enabled", "true"), told("Blog Shop", 2)),
        (("enabled", "false"), told("", 0)),
        (("closed", "false"), told("Blog Shop", 2)),
        (("closed", "true"), told("", 0)),
    ] {
        assert_eq!(names(&[("sort", "asc"), filter]).await, expected, "{filter:?}");
    }
    refused(h, get(PATH, &[("sort", "up")]), 400, &["sort", "up"]).await;
    refused(h, get(PATH, &[("limit", "1001")]), 400, &["limit", "1001"]).await;
    let paged = all(Paginator::new(
        client.clone(),
        SubaccountsQuery {
            limit: Some(1),
            ..SubaccountsQuery::default()
        },
    ))
    .await;
    assert_eq!(paged.len(), 2);
    assert!(
        paged
            .iter()
            .all(|found| found.status == SubaccountStatus::Open && found.created_at.is_some())
    );
    let answer = raw(h, get(PATH, &[])).await;
    let created = json(&answer)["subaccounts"][0]["created_at"].as_str().unwrap();
    assert!(
        created.ends_with(" GMT") && created.contains(','),
        "{created} is not RFC 1123"
    );
}
