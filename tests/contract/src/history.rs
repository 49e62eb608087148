//! Operations 14 and 15, rule R12.

use super::*;
use mailgun_pools::transport::Method;
use poolkeeper_core::model::PoolName;

const PATH: &str = "/v1/dynamic_pools/history";

/// The domain, where it came from and went to, why, and when, in few words.
fn told(record: &HistoryRecord) -> (String, String, String, String) {
    let band = |pool: &Option<PoolName>| pool.as_ref().map_or("", |pool| pool.band().unwrap().word()).to_owned();
    let at = record.timestamp.unwrap().format("%d %H:%M").to_string();
    let moved = format!("{} > {}", band(&record.prev_band), band(&record.new_band));
    (at, record.domain_name.to_string(), moved, record.reason.clone())
}

async fn names(h: &impl Harness, query: &[(&str, &str)]) -> Vec<String> {
    let mut query = query.to_vec();
    query.extend([("limit", "100"), ("include_subaccounts", "true")]);
    let answer = raw(h, get(PATH, &query)).await;
    assert_eq!(answer.status, 200, "{query:?}: {answer:?}");
    let items = json(&answer)["items"].as_array().unwrap();
    assert_eq!(json(&answer)["total_items"].as_u64(), Some(items.len() as u64));
    items
        .iter()
        .map(|item| item["domain_name"].as_str().unwrap().to_owned())
        .collect()
}

pub async fn every_move_is_recorded_newest_first(h: &impl Harness) {
    let records = records(&client(h)).await;
    assert_eq!(records.len(), 13);
    let moves: Vec<_> = records[..6].iter().map(told).collect();
    let expected = [
        (
            "21 00:00",
            "bought.example.com",
            "new > poor",
            "bounce_rate in poor threshold",
        ),
        (
            "18 00:00",
            "recovered.shop.example",
            "poor > good",
            "Multiple metrics in good threshold",
        ),
        (
            "16 00:00",
            "silent.shop.example",
            "new > good",
            "Multiple metrics in good threshold",
        ),
    ];
    for (moved, (at, domain, bands, reason)) in moves.iter().zip(expected) {
        assert_eq!(
            *moved,
            (at.to_owned(), domain.to_owned(), bands.to_owned(), reason.to_owned())
        );
    }
    // Three at the same instant, in whichever order.
    let mut first_day = moves[3..].to_vec();
    first_day.sort();
    let expected = [
        (
            "complaints.blog.example",
            "new > poor",
            "complaint_rate in poor threshold",
        ),
        ("recovered.shop.example", "new > poor", "bounce_rate in poor threshold"),
        ("steady.example.com", "new > good", "Multiple metrics in good threshold"),
    ];
    for (moved, (domain, bands, reason)) in first_day.iter().zip(expected) {
        assert_eq!(
            *moved,
            (
                "14 00:00".to_owned(),
                domain.to_owned(),
                bands.to_owned(),
                reason.to_owned()
            )
        );
    }
    for enrolment in &records[6..] {
        let (at, _, bands, reason) = told(enrolment);
        assert_eq!(
            (at.as_str(), bands.as_str(), reason.as_str()),
            ("13 00:00", " > new", "Enrolled")
        );
    }
    // The metrics at that time: the one day of 25 000 messages.
    let bought = &records[0];
    assert_eq!(bought.bounce_rate.map(|rate| rate.0), Some(0.25));
    assert_eq!(bought.complaint_rate.map(|rate| rate.0), Some(0.0002));
    assert_eq!(
        (bought.processed_count, bought.initiated_by.as_deref()),
        (Some(25_000), Some("system"))
    );
}

pub async fn checks_enrolments_and_overrides_say_why_and_who(h: &impl Harness) {
    let client = client(h);
    client
        .set_override(name("steady.example.com"), Band::Poor.into())
        .await
        .unwrap();
    let pinned = records(&client).await.remove(0);
    assert_eq!(
        (pinned.reason.as_str(), pinned.prev_band.clone()),
        ("Override set", Some(Band::Good.into()))
    );
    assert_eq!(pinned.new_band, Some(Band::Poor.into()));
    let by = pinned.initiated_by.clone().unwrap();
    assert!(by.contains('@'), "“{by}” is no e-mail address");
    assert_eq!(
        (
            pinned.id.len(),
            pinned.owning_account_id.0.len(),
            pinned.domain_id.0.len()
        ),
        (24, 24, 24)
    );
    client
        .remove_domain(name("small.example.com"), Replacement::Shared)
        .await
        .unwrap();
    client.enroll(name("small.example.com"), None).await.unwrap();
    let enrolled = records(&client).await.remove(0);
    assert_eq!(
        (enrolled.reason.as_str(), enrolled.prev_band, enrolled.initiated_by),
        ("Enrolled", None, Some(by))
    );
    // An enrolment's missing band before is empty on the wire.
    let answer = raw(h, get(PATH, &[("limit", "1")])).await;
    assert_eq!(json(&answer)["items"][0]["prev_band"], "");
}

pub async fn filters_narrow_it(h: &impl Harness) {
    let poor = names(h, &[("moved_to", "dynamic_poor")]).await;
    assert_eq!((poor.len(), poor[0].as_str()), (3, "bought.example.com"));
    assert_eq!(
        names(h, &[("moved_from", "dynamic_poor")]).await,
        ["recovered.shop.example"]
    );
    assert_eq!(
        names(h, &[("moved_from", "dynamic_poor"), ("moved_to", "dynamic_good")]).await,
        ["recovered.shop.example"]
    );
    assert_eq!(names(h, &[("moved_from", "dynamic_good")]).await, [""; 0]);
    assert_eq!(names(h, &[("domain", "recovered.shop.example")]).await.len(), 3);
    assert_eq!(
        names(h, &[("domain", "Recovered.SHOP.example"), ("moved_to", "dynamic_good")])
            .await
            .len(),
        1
    );
    assert!(names(h, &[("domain", "nobody.example.com")]).await.is_empty());
    // Without its subaccounts an account's history is about its own domains.
    for query in [
        &[("limit", "100")][..],
        &[("limit", "100"), ("include_subaccounts", "false")][..],
    ] {
        let answer = raw(h, get(PATH, query)).await;
        let items = json(&answer)["items"].as_array().unwrap();
        assert_eq!(items.len(), 6, "four enrolments, and the moves of steady and bought");
        assert!(
            items
                .iter()
                .all(|item| item["domain_name"].as_str().unwrap().ends_with(".example.com"))
        );
    }
}

pub async fn times_are_exclusive_and_come_in_several_forms(h: &impl Harness) {
    // The move of silent.shop.example was at midnight of Thursday the 16th.
    for midnight in [
        "Thu, 16 Jul 2026 00:00:00 GMT",
        "Thu, 16 Jul 2026 00:00:00 UTC",
        "Thu, 16 Jul 2026 02:00:00 +0200",
    ] {
        let before = names(h, &[("before", midnight)]).await;
        let after = names(h, &[("after", midnight)]).await;
        assert_eq!(
            before.len(),
            10,
            "seven enrolments and the three moves of the 14th: {midnight}"
        );
        assert_eq!(after, ["bought.example.com", "recovered.shop.example"], "{midnight}");
    }
    let around = [
        ("after", "Wed, 15 Jul 2026 23:59:59 GMT"),
        ("before", "Thu, 16 Jul 2026 00:00:01 GMT"),
    ];
    assert_eq!(names(h, &around).await, ["silent.shop.example"]);
    let nothing = [
        ("after", "Thu, 16 Jul 2026 00:00:01 GMT"),
        ("before", "Wed, 15 Jul 2026 23:59:59 GMT"),
    ];
    assert!(names(h, &nothing).await.is_empty());
}

pub async fn either_spelling_of_limit_counts(h: &impl Harness) {
    for spelling in ["Limit", "limit"] {
        let answer = raw(h, get(PATH, &[(spelling, "3")])).await;
        assert_eq!(json(&answer)["items"].as_array().unwrap().len(), 3, "{spelling}");
        for bad in ["0", "101", "few"] {
            refused(h, get(PATH, &[(spelling, bad)]), 400, &[bad]).await;
        }
    }
}

pub async fn pages_hold_when_records_are_written_in_between(h: &impl Harness) {
    let client = client(h);
    let before: Vec<String> = records(&client).await.into_iter().map(|record| record.id).collect();
    let query = HistoryQuery {
        limit: Some(4),
        include_subaccounts: Some(true),
        ..HistoryQuery::default()
    };
    let mut walk = Paginator::new(client.clone(), query);
    let mut seen = Vec::new();
    let mut pins = [Band::Poor, Band::Good, Band::New].into_iter();
    while let Some(page) = walk.next_page().await.unwrap() {
        seen.extend(page.into_iter().map(|record| record.id));
        if let Some(band) = pins.next() {
            client
                .set_override(name("steady.example.com"), band.into())
                .await
                .unwrap();
        }
    }
    assert_eq!((seen, walk.progress().repeated), (before, 0));
    assert_eq!(records(&client).await.len(), 16);
}

pub async fn of_one_domain(h: &impl Harness) {
    let client = client(h);
    let page = client
        .domain_history(&name("recovered.shop.example"), Some(2))
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.total), (2, Some(3)));
    let all = all(Paginator::new(client.clone(), name("Recovered.Shop.Example"))).await;
    let moves: Vec<_> = all.iter().map(|record| told(record).2).collect();
    assert_eq!(moves, ["poor > good", "new > poor", " > new"]);
    let rest = client.history_page(&page.next.unwrap()).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (1, None));
    is_refusal(
        client.domain_history(&name("nobody.example.com"), None).await,
        404,
        &["nobody.example.com"],
    );
}

pub async fn bad_filters_are_refused_by_name(h: &impl Harness) {
    refused(h, get(PATH, &[("before", "yesterday")]), 400, &["before", "yesterday"]).await;
    refused(h, get(PATH, &[("after", "2026-99-99")]), 400, &["after"]).await;
    refused(
        h,
        get(PATH, &[("moved_to", "excellent")]),
        400,
        &["moved_to", "excellent"],
    )
    .await;
    refused(h, get(PATH, &[("moved_from", "good")]), 400, &["moved_from", "good"]).await;
    refused(
        h,
        get(PATH, &[("include_subaccounts", "perhaps")]),
        400,
        &["include_subaccounts"],
    )
    .await;
    refused(h, get(PATH, &[("domain", "not a domain")]), 400, &["domain"]).await;
    refused(
        h,
        Request::new(Method::Get, PATH).query("page", "after-x"),
        400,
        &["page"],
    )
    .await;
}
