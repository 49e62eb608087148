//! Operations 6 to 9, rules R1, R7 and R8.

use super::*;
use mailgun_pools::api::AssignableQuery;
use mailgun_pools::transport::Method;
use poolkeeper_core::model::{PoolName, ReplacementIp};

fn leave(domain: &str, query: &[(&str, &str)]) -> Request {
    let path = format!("/v3/domains/{domain}/dynamic_pools");
    query
        .iter()
        .fold(Request::new(Method::Delete, path), |request, (key, value)| {
            request.query(key, *value)
        })
}

async fn assignable_names(client: &Client, query: &AssignableQuery) -> Vec<String> {
    client
        .assignable(query)
        .await
        .unwrap()
        .into_iter()
        .map(|item| item.name.to_string())
        .collect()
}

pub async fn needs_the_pools_set_up(h: &impl Harness) {
    let client = client(h);
    let pools = Ips::of(&client).await.as_set();
    empty_out(&client).await;
    client.remove_pools().await.unwrap();
    is_refusal(client.enroll(name("steady.example.com"), None).await, 403, &["pools"]);
    is_refusal(client.enroll_all(true).await, 403, &["pools"]);
    assert!(enrolled(&client).await.is_empty());
    client.set_pools(pools).await.unwrap();
    client.enroll(name("steady.example.com"), None).await.unwrap();
    assert_eq!(enrolled_names(&client).await, ["steady.example.com"]);
}

pub async fn the_first_pool_comes_from_a_check(h: &impl Harness) {
    let client = client(h);
    empty_out(&client).await;
    // From the week 16–22 July alone: what holds starts as new, and so does what sent nothing.
    let expected = [
        ("steady.example.com", Band::Good),
        ("bought.example.com", Band::Poor),
        ("holding.example.com", Band::New),
        ("small.example.com", Band::New),
        ("recovered.shop.example", Band::Good),
        ("silent.shop.example", Band::New),
        ("complaints.blog.example", Band::Poor),
    ];
    for (domain_name, band) in expected {
        let path = format!("/v3/domains/{domain_name}/dynamic_pools");
        let answer = raw(h, Request::new(Method::Post, path)).await;
        assert_eq!(
            (answer.status, json(&answer)),
            (200, &serde_json::json!({"message": "success"}))
        );
        assert_eq!(
            domain(&client, domain_name).await.pool,
            PoolName::Known(band),
            "{domain_name}"
        );
        let record = records(&client).await.remove(0);
        assert_eq!(
            (record.domain_name.as_str(), record.reason.as_str()),
            (domain_name, "Enrolled")
        );
        assert_eq!((record.prev_band, record.new_band), (None, Some(PoolName::Known(band))));
    }
}

pub async fn a_replacement_may_be_named_and_is_checked(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    empty_out(&client).await;
    let held = ips.pool(Band::Good)[0].clone();
    let enroll = async |replacement| client.enroll(name("steady.example.com"), Some(replacement)).await;
    is_refusal(
        enroll(ReplacementIp::Ip(held.clone())).await,
        409,
        &[held.as_str(), "dynamic_good"],
    );
    is_refusal(
        enroll(ReplacementIp::Ip(ip("198.51.100.250"))).await,
        404,
        &["198.51.100.250"],
    );
    // One client sends it as a field of the form.
    let as_field = |ip: &str| {
        let field = ("replacement_ip".to_owned(), ip.to_owned());
        Request::new(Method::Post, "/v3/domains/bought.example.com/dynamic_pools").body(Body::Form(vec![field]))
    };
    refused(h, as_field(held.as_str()), 409, &[held.as_str(), "dynamic_good"]).await;
    assert!(enrolled(&client).await.is_empty());
    assert_eq!(raw(h, as_field("shared")).await.status, 200);
    enroll(ReplacementIp::Shared).await.unwrap();
    client
        .enroll(name("small.example.com"), Some(ReplacementIp::Ip(ips.free[0].clone())))
        .await
        .unwrap();
    assert_eq!(
        enrolled_names(&client).await,
        ["bought.example.com", "small.example.com", "steady.example.com"]
    );
}

pub async fn twice_is_a_conflict_and_unknown_is_not_found(h: &impl Harness) {
    let client = client(h);
    is_refusal(
        client.enroll(name("steady.example.com"), None).await,
        409,
        &["steady.example.com"],
    );
    is_refusal(
        client.enroll(name("nobody.example.com"), None).await,
        404,
        &["nobody.example.com"],
    );
    client
        .remove_domain(name("steady.example.com"), Replacement::Shared)
        .await
        .unwrap();
    let again = client
        .remove_domain(name("steady.example.com"), Replacement::Shared)
        .await;
    is_refusal(again, 409, &["steady.example.com"]);
    let unknown = client
        .remove_domain(name("nobody.example.com"), Replacement::Shared)
        .await;
    is_refusal(unknown, 404, &["nobody.example.com"]);
}

pub async fn leaving_takes_each_kind_of_replacement(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let pool = client.ip_pools().await.unwrap().remove(0).id;
    let several = vec![ips.free[0].clone(), ips.free[1].clone()];
    let cases = [
        ("steady.example.com", Replacement::Shared),
        ("bought.example.com", Replacement::Ips(vec![ips.free[0].clone()])),
        ("holding.example.com", Replacement::Ips(several.clone())),
        ("small.example.com", Replacement::DedicatedPool(pool)),
        ("recovered.shop.example", Replacement::Ips(vec![ips.shared[0].clone()])),
    ];
    for (domain_name, replacement) in cases {
        client.remove_domain(name(domain_name), replacement).await.unwrap();
        assert!(!enrolled_names(&client).await.contains(&domain_name.to_owned()));
        assert!(
            assignable_names(&client, &AssignableQuery::default())
                .await
                .contains(&domain_name.to_owned())
        );
    }
    let joined = format!("{},{}", several[0], several[1]);
    let answer = raw(h, leave("silent.shop.example", &[("replacement_ip", &joined)])).await;
    assert_eq!(
        (answer.status, json(&answer)),
        (200, &serde_json::json!({"message": "success"}))
    );
}

pub async fn leaving_needs_exactly_one_replacement(h: &impl Harness) {
    let client = client(h);
    let free = Ips::of(&client).await.free[0].to_string();
    let pool = client.ip_pools().await.unwrap().remove(0).id;
    let before = everything(h).await;
    let domain = "steady.example.com";
    refused(h, leave(domain, &[]), 400, &["replacement_ip", "replacement_pool_id"]).await;
    refused(h, leave(domain, &[("replacement_ip", "")]), 400, &["replacement_ip"]).await;
    let both = [
        ("replacement_ip", free.as_str()),
        ("replacement_pool_id", pool.as_str()),
    ];
    refused(h, leave(domain, &both), 400, &["replacement_ip", "replacement_pool_id"]).await;
    let both = [("replacement_ip", "shared"), ("replacement_ip", free.as_str())];
    refused(h, leave(domain, &both), 400, &["shared"]).await;
    refused(h, leave(domain, &[("replacement_ip", "here")]), 400, &["here"]).await;
    assert_eq!(everything(h).await, before);
}

pub async fn a_replacement_is_in_no_pool(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let before = everything(h).await;
    let leave = async |ips: &[&Ip]| {
        let ips = ips.iter().map(|ip| (*ip).clone()).collect();
        client
            .remove_domain(name("steady.example.com"), Replacement::Ips(ips))
            .await
    };
    let (dynamic, dedicated) = (&ips.pool(Band::New)[0], &ips.in_dedicated_pools[0]);
    is_refusal(leave(&[dynamic]).await, 409, &[dynamic.as_str(), "dynamic_new"]);
    is_refusal(leave(&[dedicated]).await, 409, &[dedicated.as_str()]);
    is_refusal(leave(&[&ips.free[0], dynamic]).await, 409, &[dynamic.as_str()]);
    assert_eq!(everything(h).await, before);
}

pub async fn several_replacements_are_all_dedicated(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let several = Replacement::Ips(vec![ips.free[0].clone(), ips.shared[0].clone()]);
    is_refusal(
        client.remove_domain(name("steady.example.com"), several).await,
        400,
        &[ips.shared[0].as_str()],
    );
}

pub async fn unknown_replacements_are_not_found(h: &impl Harness) {
    let client = client(h);
    let unknown = Replacement::Ips(vec![ip("198.51.100.250")]);
    is_refusal(
        client.remove_domain(name("steady.example.com"), unknown).await,
        404,
        &["198.51.100.250"],
    );
    let unknown = Replacement::DedicatedPool("5f1c00a1b32c35364a2ad34f".to_owned());
    let answer = client.remove_domain(name("steady.example.com"), unknown).await;
    is_refusal(answer, 404, &["5f1c00a1b32c35364a2ad34f"]);
}

pub async fn all_domains_in_a_background_job(h: &impl Harness) {
    let client = client(h);
    empty_out(&client).await;
    let request =
        Request::new(Method::Post, "/v3/domains/all/dynamic_pools/enroll").query("include_subaccounts", "true");
    let answer = raw(h, request.clone()).await;
    assert!((200..300).contains(&answer.status));
    assert_eq!(json(&answer), &serde_json::json!({"message": "started"}));
    // At once it has only started; a second one has to wait for it.
    assert!(enrolled(&client).await.len() < 7);
    refused(h, request, 409, &[]).await;
    h.advance(3_600).await;
    assert_eq!(enrolled(&client).await.len(), 7);
}

pub async fn all_domains_without_subaccounts(h: &impl Harness) {
    let client = client(h);
    empty_out(&client).await;
    // Left out, the parameter means false.
    raw(h, Request::new(Method::Post, "/v3/domains/all/dynamic_pools/enroll")).await;
    h.advance(3_600).await;
    let parents = [
        "bought.example.com",
        "holding.example.com",
        "small.example.com",
        "steady.example.com",
    ];
    assert_eq!(enrolled_names(&client).await, parents);
    let bad = Request::new(Method::Post, "/v3/domains/all/dynamic_pools/enroll").query("include_subaccounts", "maybe");
    refused(h, bad, 400, &["include_subaccounts", "maybe"]).await;
}

pub async fn all_is_for_the_parent_account(h: &impl Harness) {
    let parent = client(h);
    let shop = parent.clone().on_behalf_of(Some(subaccount(&parent, "Shop").await));
    is_refusal(shop.enroll_all(false).await, 403, &["Shop"]);
}

pub async fn assignable_domains_by_expression_and_subaccount(h: &impl Harness) {
    let client = client(h);
    assert!(client.assignable(&AssignableQuery::default()).await.unwrap().is_empty());
    empty_out(&client).await;
    let all = client.assignable(&AssignableQuery::default()).await.unwrap();
    assert_eq!(all.len(), 7);
    let shop = subaccount(&client, "Shop").await;
    assert!(
        all.iter()
            .any(|item| item.account_id == shop && item.name.as_str() == "silent.shop.example")
    );
    let by = |subaccount_id: Option<&AccountId>, domain: Option<&str>| AssignableQuery {
        subaccount_id: subaccount_id.cloned(),
        domain: domain.map(str::to_owned),
    };
    let of_shop = assignable_names(&client, &by(Some(&shop), None)).await;
    assert_eq!(of_shop, ["recovered.shop.example", "silent.shop.example"]);
    assert_eq!(
        assignable_names(&client, &by(None, Some("^S.+ll\\."))).await,
        ["small.example.com"]
    );
    assert_eq!(
        assignable_names(&client, &by(Some(&shop), Some("^s"))).await,
        ["silent.shop.example"]
    );
    assert!(assignable_names(&client, &by(None, Some("^nothing$"))).await.is_empty());
    let bad = client.assignable(&by(None, Some("(shop"))).await;
    is_refusal(bad, 400, &["domain", "(shop"]);
    let unknown = AccountId("5f1c00a1b32c35364a2ad34f".to_owned());
    is_refusal(
        client.assignable(&by(Some(&unknown), None)).await,
        404,
        &["5f1c00a1b32c35364a2ad34f"],
    );
}
