//! What holds for every operation: paths, methods, accounts acted for.

use super::*;
use mailgun_pools::api::{AssignableQuery, Operation};
use mailgun_pools::transport::Method;

pub async fn the_unknown_is_answered_in_json(h: &impl Harness) {
    for path in [
        "/",
        "/v3",
        "/v3/nothing",
        "/v2/dynamic_pools",
        "/v3/domains//dynamic_pools",
        "/v1/dynamic_pools/domains/a/b/c",
    ] {
        let answer = raw(h, Request::new(Method::Get, path)).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            json(&answer)["message"]
                .as_str()
                .is_some_and(|message| message.contains(path)),
            "{path}"
        );
    }
}

pub async fn a_known_path_says_its_methods(h: &impl Harness) {
    let cases = [
        (Method::Put, "/v3/dynamic_pools", "GET"),
        (Method::Get, "/v3/dynamic_pools/all", "POST, DELETE"),
        (Method::Patch, "/v3/dynamic_pools/all", "POST, DELETE"),
        (
            Method::Get,
            "/v1/dynamic_pools/domains/steady.example.com/override",
            "PUT, DELETE",
        ),
        (Method::Get, "/v1/analytics/metrics", "POST"),
        (Method::Delete, "/v1/dynamic_pools/history", "GET"),
    ];
    for (method, path, allowed) in cases {
        let answer = raw(h, Request::new(method, path)).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        let mut said: Vec<&str> = answer.header("allow").unwrap_or_default().split(", ").collect();
        let mut expected: Vec<&str> = allowed.split(", ").collect();
        said.sort_unstable();
        expected.sort_unstable();
        assert_eq!(said, expected, "{method} {path}");
        assert!(json(&answer)["message"].is_string());
    }
}

pub async fn names_are_escaped_and_compare_without_case(h: &impl Harness) {
    let client = client(h);
    let spelled = ["steady.example.com", "STEADY.Example.COM", "steady%2Eexample%2Ecom"];
    for domain in spelled {
        let path = format!("/v1/dynamic_pools/domains/{domain}/preview");
        assert_eq!(raw(h, Request::new(Method::Get, path)).await.status, 200, "{domain}");
    }
    for hostile in [
        "../dynamic_pools",
        "a/b",
        "ä ö",
        "<script>alert(1)</script>",
        "%00",
        "a?b=c#d",
    ] {
        let answer = client.preview(&DomainName::as_sent(hostile)).await;
        is_refusal(answer, 404, &[hostile]);
    }
}

pub async fn acting_for_a_subaccount_sees_its_own(h: &impl Harness) {
    let parent = client(h);
    let shop = parent.clone().on_behalf_of(Some(subaccount(&parent, "Shop").await));
    assert_eq!(
        enrolled_names(&shop).await,
        ["recovered.shop.example", "silent.shop.example"]
    );
    let moves = records(&shop).await;
    assert_eq!(moves.len(), 5);
    assert!(
        moves
            .iter()
            .all(|record| record.domain_name.as_str().ends_with(".shop.example"))
    );
    is_refusal(
        shop.preview(&name("steady.example.com")).await,
        404,
        &["steady.example.com"],
    );
    is_refusal(
        shop.domain_history(&name("steady.example.com"), None).await,
        404,
        &["steady.example.com"],
    );
    let pin = shop.set_override(name("steady.example.com"), Band::Poor.into()).await;
    is_refusal(pin, 404, &["steady.example.com"]);
    shop.remove_domain(name("silent.shop.example"), Replacement::Shared)
        .await
        .unwrap();
    let free = shop.assignable(&AssignableQuery::default()).await.unwrap();
    assert_eq!(
        free.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(),
        ["silent.shop.example"]
    );
    shop.enroll(name("silent.shop.example"), None).await.unwrap();
    assert!(
        all(Paginator::new(shop.clone(), SubaccountsQuery::default()))
            .await
            .is_empty()
    );
    assert!(shop.pools().await.unwrap().is_configured());
}

pub async fn acting_for_nobody_is_refused(h: &impl Harness) {
    let nobody = client(h).on_behalf_of(Some(AccountId("5f1c00a1b32c35364a2ad34f".to_owned())));
    let before = everything(h).await;
    is_refusal(nobody.pools().await, 403, &["5f1c00a1b32c35364a2ad34f"]);
    is_refusal(
        nobody.set_override(name("steady.example.com"), Band::Poor.into()).await,
        403,
        &[],
    );
    assert_eq!(everything(h).await, before);
}

pub async fn every_read_leaves_everything_as_it_was(h: &impl Harness) {
    let before = everything(h).await;
    for operation in Operation::ALL.iter().filter(|operation| operation.is_read()) {
        let values = if operation.template().contains("{ip}") {
            ["192.0.2.25"]
        } else {
            ["steady.example.com"]
        };
        let path = operation.path(&values).unwrap();
        let mut request = Request::new(operation.method(), path);
        if operation.method() == Method::Post {
            request.body = Body::Json(serde_json::json!({}));
        }
        raw(h, request).await;
    }
    assert_eq!(everything(h).await, before);
}
