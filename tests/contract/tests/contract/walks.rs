//! Walks over long lists, with everything that can go wrong on the way.

use crate::canned::{Canned, now, ok, status};
use mailgun_pools::api::{DomainsQuery, MetricsQuery, Paginator, SubaccountsQuery};
use mailgun_pools::transport::{Body, TransportError};
use serde_json::{Value, json};

fn page(names: &[&str], total: u64, next: &str) -> Value {
    let items: Vec<Value> = names.iter().map(|name| json!({"id": name, "name": name})).collect();
    json!({"items": items, "total_items": total, "paging": {"Next": next}})
}

fn url(page: &str) -> String {
    format!("https://api.mailgun.net/v1/dynamic_pools/domains?limit=2&page={page}")
}

/// Walks to the end: the names page by page, the requests' queries, and how often an item came again.
fn walk(answers: Vec<Value>) -> (Vec<Vec<String>>, usize, u64) {
    let (client, canned) = Canned::client(answers.into_iter().map(ok));
    let mut walk = Paginator::new(client, DomainsQuery::default());
    let mut pages = Vec::new();
    while let Some(items) = now(walk.next_page()).unwrap() {
        pages.push(items.iter().map(|domain| domain.name.to_string()).collect());
    }
    assert!(walk.is_done());
    (pages, canned.asked().len(), walk.progress().repeated)
}

#[test]
fn pages_come_in_order_with_progress_to_the_last() {
    let answers = [
        page(&["a", "b"], 5, &url("2")),
        page(&["c", "d"], 5, &url("3")),
        page(&["e"], 5, ""),
    ];
    let (client, canned) = Canned::client(answers.map(ok));
    let mut walk = Paginator::new(
        client,
        DomainsQuery {
            limit: Some(2),
            ..DomainsQuery::default()
        },
    );
    let mut seen = Vec::new();
    while let Some(items) = now(walk.next_page()).unwrap() {
        let progress = walk.progress();
        seen.push((items.len(), progress.items, progress.total, progress.pages));
    }
    assert_eq!(seen, [(2, 2, Some(5), 1), (2, 4, Some(5), 2), (1, 5, Some(5), 3)]);
    let asked = canned.asked();
    assert_eq!(asked[0].query[0], ("limit".to_owned(), "2".to_owned()));
    assert_eq!(
        asked[1].query,
        [
            ("limit".to_owned(), "2".to_owned()),
            ("page".to_owned(), "2".to_owned())
        ]
    );
    assert!(now(walk.next_page()).unwrap().is_none() && canned.asked().len() == 3);
}

#[test]
fn links_lead_to_the_configured_host_only() {
    let evil = "https://evil.example/mailgun/us/v1/dynamic_pools/domains?page=2";
    let (client, canned) = Canned::client([ok(page(&["a"], 2, evil)), ok(page(&["b"], 2, ""))]);
    let mut walk = Paginator::new(client, DomainsQuery::default());
    while now(walk.next_page()).unwrap().is_some() {}
    // A request has no host at all; what is left is the path of the operation.
    assert_eq!(canned.asked()[1].path, "/v1/dynamic_pools/domains");
}

#[test]
fn loops_and_empty_pages_end_a_walk() {
    // A page that leads to itself.
    let (pages, asked, _) = walk(vec![page(&["a"], 9, &url("2")), page(&["b"], 9, &url("2"))]);
    assert_eq!((pages.len(), asked), (2, 2));
    // A loop of two pages.
    let loop_of_two = vec![
        page(&["a"], 9, &url("2")),
        page(&["b"], 9, &url("3")),
        page(&["c"], 9, &url("2")),
    ];
    assert_eq!(walk(loop_of_two).1, 3);
    // A page without items that claims there are more.
    let (pages, asked, _) = walk(vec![page(&["a"], 9, &url("2")), page(&[], 9, &url("3"))]);
    assert_eq!((pages.len(), asked), (1, 2));
    // The same items for ever, under ever new links.
    let stale = (0..100).map(|at| page(&["a"], 9, &url(&at.to_string()))).collect();
    let (pages, asked, _) = walk(stale);
    assert!(pages.concat() == ["a"] && asked <= 4, "{asked}");
}

#[test]
fn a_change_underneath_duplicates_nothing() {
    // “b” moved to the second page while the walk went on, and the total shrank.
    let (pages, _, repeated) = walk(vec![page(&["a", "b"], 4, &url("2")), page(&["b", "c"], 3, "")]);
    assert_eq!(
        (pages.concat().as_slice(), repeated),
        (["a", "b", "c"].map(str::to_owned).as_slice(), 1)
    );
}

#[test]
fn items_without_an_id_are_all_kept() {
    let nameless = json!({"items": [{}, {}], "paging": {}});
    assert_eq!(walk(vec![nameless]).0[0].len(), 2);
}

#[test]
fn a_walk_resumes_where_an_error_stopped_it() {
    let (client, canned) = Canned::client([
        ok(page(&["a"], 2, &url("2"))),
        Err(TransportError::Offline),
        status(503, json!({"message": "later"})),
        ok(page(&["b"], 2, "")),
    ]);
    let mut walk = Paginator::new(client, DomainsQuery::default());
    assert_eq!(now(walk.next_page()).unwrap().unwrap().len(), 1);
    assert!(now(walk.next_page()).is_err() && now(walk.next_page()).is_err());
    assert_eq!(walk.progress().items, 1);
    assert_eq!(now(walk.next_page()).unwrap().unwrap()[0].name.as_str(), "b");
    let asked = canned.asked();
    assert!(asked[1] == asked[2] && asked[2] == asked[3]);
}

#[test]
fn lists_that_are_paged_by_skipping() {
    let subaccount = |id: &str| json!({"id": id, "name": id, "status": "open"});
    let answers = [
        json!({"subaccounts": [subaccount("a"), subaccount("b")], "total": 3}),
        json!({"subaccounts": [subaccount("c")], "total": 3}),
    ];
    let (client, canned) = Canned::client(answers.map(ok));
    let mut walk = Paginator::new(
        client,
        SubaccountsQuery {
            limit: Some(2),
            ..SubaccountsQuery::default()
        },
    );
    let mut names = Vec::new();
    while let Some(items) = now(walk.next_page()).unwrap() {
        names.extend(items.into_iter().map(|subaccount| subaccount.name));
    }
    assert_eq!(names, ["a", "b", "c"]);
    assert!(canned.asked()[1].query.contains(&("skip".to_owned(), "2".to_owned())));

    let item = |domain: &str| json!({"dimensions": [{"dimension": "domain", "value": domain}], "metrics": {}});
    let answers = [
        // A total of 0 is no end: only a page shorter than the limit is.
        json!({"items": [item("a"), item("b")], "pagination": {"skip": 0, "limit": 2, "total": 0}}),
        json!({"items": [item("c")], "pagination": {"skip": 2, "limit": 2, "total": 0}}),
    ];
    let (client, canned) = Canned::client(answers.map(ok));
    let mut walk = Paginator::new(
        client,
        MetricsQuery {
            limit: Some(2),
            ..MetricsQuery::default()
        },
    );
    while now(walk.next_page()).unwrap().is_some() {}
    assert_eq!(walk.progress().items, 3);
    let Body::Json(body) = &canned.asked()[1].body else {
        panic!("no JSON")
    };
    assert_eq!(body["pagination"]["skip"], json!(2));
}
