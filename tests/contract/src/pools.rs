//! Operations 1 to 5, rules R2 to R6.

use super::*;
use mailgun_pools::transport::Method;

fn form(fields: &[(&str, &str)]) -> Body {
    Body::Form(
        fields
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

fn set(fields: &[(&str, &str)]) -> Request {
    Request::new(Method::Post, "/v3/dynamic_pools/all").body(form(fields))
}

fn patch(pool: &str, fields: &[(&str, &str)]) -> Request {
    Request::new(Method::Patch, format!("/v3/dynamic_pools/{pool}")).body(form(fields))
}

pub async fn they_are_listed_with_ips_and_identifiers(h: &impl Harness) {
    let client = client(h);
    let answer = raw(h, get("/v3/dynamic_pools", &[])).await;
    assert_eq!(answer.status, 200);
    let answer = json(&answer);
    for (at, (key, name)) in [
        ("good_reputation", "dynamic_good"),
        ("poor_reputation", "dynamic_poor"),
        ("new_senders", "dynamic_new"),
    ]
    .into_iter()
    .enumerate()
    {
        let pool = &answer["pools"][at];
        assert_eq!(
            (pool["name"].as_str(), pool["enabled"].as_bool()),
            (Some(name), Some(true))
        );
        assert_eq!(pool["ips"], answer[key]);
        assert!(!pool["ips"].as_array().unwrap().is_empty());
        for id in ["id", "account_id"] {
            let id = pool[id].as_str().unwrap();
            assert!(id.len() == 24 && id.chars().all(|c| c.is_ascii_hexdigit()), "{id}");
        }
    }
    assert!(client.pools().await.unwrap().is_configured());
}

pub async fn setting_all_replaces_what_they_held(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let wanted = PoolIps {
        good_reputation: vec![ips.free[0].clone()],
        poor_reputation: vec![ips.pool(Band::Good)[0].clone()],
        new_senders: vec![ips.free[1].clone(), ips.free_warming[0].clone()],
    };
    client.set_pools(wanted.clone()).await.unwrap();
    assert_eq!(Ips::of(&client).await.as_set(), wanted);
}

pub async fn setting_takes_forms_of_every_kind(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let [a, b, c] = [0, 1, 2].map(|at| ips.free[at].to_string());
    let d = ips.pool(Band::Poor)[0].to_string();
    let wanted = PoolIps {
        good_reputation: vec![ip(&a), ip(&b)],
        poor_reputation: vec![ip(&c)],
        new_senders: vec![ip(&d)],
    };
    let joined = format!("{a},{b}");
    let repeated = set(&[
        ("good_reputation", &a),
        ("good_reputation", &b),
        ("poor_reputation", &c),
        ("new_senders", &d),
    ]);
    let comma = set(&[
        ("good_reputation", &joined),
        ("poor_reputation", &c),
        ("new_senders", &d),
    ]);
    let in_query = Request::new(Method::Post, "/v3/dynamic_pools/all")
        .query("good_reputation", joined)
        .query("poor_reputation", c.as_str())
        .query("new_senders", d.as_str());
    let before = ips.as_set();
    for request in [repeated, comma, in_query] {
        client.set_pools(before.clone()).await.unwrap();
        let answer = raw(h, request).await;
        assert_eq!(answer.status, 200);
        assert_eq!(json(&answer)["good_reputation"], serde_json::json!([a, b]));
        assert_eq!(json(&answer)["new_senders"], serde_json::json!([d]));
        assert_eq!(Ips::of(&client).await.as_set(), wanted);
    }
}

pub async fn setting_needs_all_three(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let [a, b] = [0, 1].map(|at| ips.free[at].to_string());
    let before = everything(h).await;
    refused(
        h,
        set(&[("good_reputation", &a), ("poor_reputation", &b)]),
        400,
        &["dynamic_new"],
    )
    .await;
    let empty = [
        ("good_reputation", a.as_str()),
        ("poor_reputation", ""),
        ("new_senders", b.as_str()),
    ];
    refused(h, set(&empty), 400, &["dynamic_poor"]).await;
    refused(h, set(&[]), 400, &[]).await;
    let bad = [
        ("good_reputation", "192.0.2.300"),
        ("poor_reputation", a.as_str()),
        ("new_senders", b.as_str()),
    ];
    refused(h, set(&bad), 400, &["192.0.2.300", "good_reputation"]).await;
    assert_eq!(everything(h).await, before);
}

pub async fn only_dedicated_ips_of_the_account_go_in(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let before = everything(h).await;
    let shared = ips.shared[0].clone();
    is_refusal(
        client.add_ip(Band::Good.into(), shared.clone()).await,
        400,
        &[shared.as_str(), "shared"],
    );
    is_refusal(
        client.add_ip(Band::Good.into(), ip("198.51.100.250")).await,
        404,
        &["198.51.100.250"],
    );
    let change = client
        .change_pool(Band::New.into(), vec![ips.free[0].clone(), shared.clone()], vec![])
        .await;
    is_refusal(change, 400, &[shared.as_str()]);
    let wanted = PoolIps {
        poor_reputation: vec![shared.clone(), ips.free[0].clone()],
        ..ips.as_set()
    };
    is_refusal(client.set_pools(wanted).await, 400, &[shared.as_str()]);
    assert_eq!(everything(h).await, before);
}

pub async fn each_keeps_an_ip_that_is_not_warming(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let before = everything(h).await;
    let warming = ips.free_warming[0].clone();
    let only_warming = PoolIps {
        poor_reputation: vec![warming.clone()],
        ..ips.as_set()
    };
    is_refusal(
        client.set_pools(only_warming).await,
        400,
        &["dynamic_poor", warming.as_str()],
    );
    for band in Band::ALL {
        let ready: Vec<Ip> = ips
            .pool(band)
            .iter()
            .filter(|ip| !ips.warming.contains(ip))
            .cloned()
            .collect();
        let answer = client.change_pool(band.into(), vec![warming.clone()], ready).await;
        is_refusal(answer, 400, &[band.pool_name(), "warming"]);
    }
    assert_eq!(everything(h).await, before);
    // Beside one that is not warming, a warming one may go in.
    client.add_ip(Band::Poor.into(), warming.clone()).await.unwrap();
    assert_eq!(
        Ips::of(&client)
            .await
            .pools
            .holding(&warming)
            .and_then(|pool| pool.name.band()),
        Some(Band::Poor)
    );
}

pub async fn an_ip_is_in_one_pool_at_most(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let before = everything(h).await;
    let held = ips.pool(Band::Good)[0].clone();
    is_refusal(
        client.add_ip(Band::Poor.into(), held.clone()).await,
        409,
        &[held.as_str(), "dynamic_good"],
    );
    let change = client.change_pool(Band::New.into(), vec![held.clone()], vec![]).await;
    is_refusal(change, 409, &[held.as_str(), "dynamic_good"]);
    let twice = PoolIps {
        good_reputation: vec![ips.free[0].clone()],
        poor_reputation: vec![ips.free[0].clone(), ips.free[1].clone()],
        new_senders: vec![ips.free[2].clone()],
    };
    is_refusal(client.set_pools(twice).await, 400, &[ips.free[0].as_str()]);
    assert_eq!(everything(h).await, before);
}

pub async fn one_ip_is_added(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let path = format!("/v3/dynamic_pools/dynamic_poor/{}", ips.free[0]);
    let answer = raw(h, Request::new(Method::Post, path)).await;
    assert_eq!(
        (answer.status, json(&answer)),
        (200, &serde_json::json!({"message": "success"}))
    );
    let after = Ips::of(&client).await;
    assert!(after.pool(Band::Poor).contains(&ips.free[0]) && !after.free.contains(&ips.free[0]));
    refused(
        h,
        Request::new(Method::Post, "/v3/dynamic_pools/dynamic_poor/no-ip"),
        400,
        &["no-ip"],
    )
    .await;
}

pub async fn ips_are_added_and_removed_at_once(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let old = ips.pool(Band::New).to_vec();
    let [a, b] = [0, 1].map(|at| ips.free[at].to_string());
    let joined = format!("{a}, {b}");
    let mut fields = vec![("add_ip", joined.as_str())];
    fields.extend(old.iter().map(|ip| ("remove_ip", ip.as_str())));
    let answer = raw(h, patch("dynamic_new", &fields)).await;
    assert_eq!(
        (answer.status, json(&answer)),
        (200, &serde_json::json!({"message": "success"}))
    );
    assert_eq!(Ips::of(&client).await.pool(Band::New), [ip(&a), ip(&b)]);
}

pub async fn a_change_is_all_or_nothing(h: &impl Harness) {
    let client = client(h);
    let ips = Ips::of(&client).await;
    let before = everything(h).await;
    let elsewhere = ips.pool(Band::Poor)[0].clone();
    let change = client
        .change_pool(Band::Good.into(), vec![ips.free[0].clone(), elsewhere], vec![])
        .await;
    is_refusal(change, 409, &[]);
    let change = client
        .change_pool(Band::Good.into(), vec![ips.free[0].clone()], vec![ips.free[1].clone()])
        .await;
    is_refusal(change, 404, &[ips.free[1].as_str(), "dynamic_good"]);
    assert_eq!(everything(h).await, before);
}

pub async fn nothing_to_change_is_refused(h: &impl Harness) {
    refused(h, patch("dynamic_good", &[]), 400, &["add", "remove"]).await;
}

pub async fn unknown_pools_are_not_found(h: &impl Harness) {
    let client = client(h);
    let free = Ips::of(&client).await.free[0].to_string();
    refused(
        h,
        patch("dynamic_excellent", &[("add_ip", &free)]),
        404,
        &["dynamic_excellent"],
    )
    .await;
    // The path of all pools is no pool of that name.
    refused(h, patch("all", &[("add_ip", &free)]), 405, &["POST", "DELETE"]).await;
    let add = Request::new(Method::Post, format!("/v3/dynamic_pools/good/{free}"));
    refused(h, add, 404, &["good"]).await;
}

pub async fn removing_needs_every_domain_out(h: &impl Harness) {
    let client = client(h);
    let before = everything(h).await;
    is_refusal(client.remove_pools().await, 409, &["bought.example.com"]);
    assert_eq!(everything(h).await, before);
    // A subaccount's domain counts too.
    for domain in enrolled_names(&client).await {
        if domain != "complaints.blog.example" {
            client.remove_domain(name(&domain), Replacement::Shared).await.unwrap();
        }
    }
    is_refusal(client.remove_pools().await, 409, &["complaints.blog.example"]);
    client
        .remove_domain(name("complaints.blog.example"), Replacement::Shared)
        .await
        .unwrap();
    client.remove_pools().await.unwrap();
    assert!(!client.pools().await.unwrap().is_configured());
}

pub async fn removing_leaves_dedicated_pools_alone(h: &impl Harness) {
    let client = client(h);
    empty_out(&client).await;
    let before = (Ips::of(&client).await.as_set(), client.ip_pools().await.unwrap());
    client.remove_pools().await.unwrap();
    assert_eq!(client.ip_pools().await.unwrap(), before.1);
    let gone = raw(h, get("/v3/dynamic_pools", &[])).await;
    let none = serde_json::json!({"good_reputation": [], "poor_reputation": [], "new_senders": [], "pools": []});
    assert_eq!(json(&gone), &none);
    // With nothing set up there is nothing to remove or to add to.
    is_refusal(client.remove_pools().await, 404, &[]);
    is_refusal(
        client
            .add_ip(Band::Good.into(), before.0.good_reputation[0].clone())
            .await,
        404,
        &["dynamic_good"],
    );
    client.set_pools(before.0.clone()).await.unwrap();
    assert_eq!(Ips::of(&client).await.as_set(), before.0);
}

pub async fn they_belong_to_the_parent_account(h: &impl Harness) {
    let parent = client(h);
    let shop = parent.clone().on_behalf_of(Some(subaccount(&parent, "Shop").await));
    let ips = Ips::of(&parent).await;
    let before = everything(h).await;
    is_refusal(shop.set_pools(ips.as_set()).await, 403, &["Shop"]);
    is_refusal(
        shop.add_ip(Band::Good.into(), ips.free[0].clone()).await,
        403,
        &["Shop"],
    );
    is_refusal(shop.remove_pools().await, 403, &["Shop"]);
    assert_eq!(everything(h).await, before);
}
