//! Operation 21.

use super::*;
use mailgun_pools::api::{MetricsFilter, MetricsPeriod, MetricsQuery};
use mailgun_pools::transport::Method;
use poolkeeper_core::model::{Counts, Day, Dimension, MetricRow, MetricsItem, Resolution};
use serde_json::json;

fn between(first: &str, end: &str) -> MetricsPeriod {
    let midnight = |date: &str| format!("2026-{date}T00:00:00Z").parse().unwrap();
    MetricsPeriod::Between {
        start: midnight(first),
        end: midnight(end),
    }
}

fn whole_file() -> MetricsPeriod {
    between("07-13", "07-23")
}

async fn items(client: &Client, query: &MetricsQuery) -> Vec<MetricsItem> {
    all(Paginator::new(
        client.clone(),
        MetricsQuery {
            limit: Some(7),
            ..query.clone()
        },
    ))
    .await
}

/// The file's rows.
fn file() -> Vec<(MetricRow, String)> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let count = |at: usize| cells[at].parse().unwrap();
        let row = MetricRow {
            domain: name(cells[2]),
            day: Day::from_date(cells[0].parse().unwrap()),
            counts: Counts {
                processed: count(3),
                delivered: count(4),
                bounced: count(5),
                complained: count(6),
            },
        };
        (row, cells[1].to_owned())
    };
    KNOWN_CSV.lines().skip(1).map(row).collect()
}

fn sum<'a>(rows: impl IntoIterator<Item = &'a (MetricRow, String)>) -> Counts {
    rows.into_iter().map(|(row, _)| row.counts).sum()
}

pub async fn days_by_domain_are_the_file(h: &impl Harness) {
    let client = client(h);
    let query = MetricsQuery {
        include_aggregates: true,
        ..MetricsQuery::daily_counts(whole_file(), true)
    };
    let found: Vec<MetricRow> = items(&client, &query)
        .await
        .iter()
        .map(|item| item.row().unwrap())
        .collect();
    let mut expected: Vec<MetricRow> = file().into_iter().map(|(row, _)| row).collect();
    expected.sort_by(|a, b| (a.day, &a.domain).cmp(&(b.day, &b.domain)));
    assert_eq!(found, expected);
    let page = client.metrics(&query).await.unwrap();
    // A page without a limit holds 1,500 items with the dimension time; the file has fewer.
    assert_eq!(
        (page.total, page.items.len()),
        (Some(expected.len() as u64), expected.len())
    );
    assert_eq!(
        page.aggregates.unwrap()["processed_count"],
        sum(&file()).processed as f64
    );
}

pub async fn totals_by_each_dimension(h: &impl Harness) {
    let client = client(h);
    let by = |dimensions: &[Dimension]| MetricsQuery {
        dimensions: dimensions.to_vec(),
        ..MetricsQuery::daily_counts(whole_file(), true)
    };
    let file = file();
    let days = items(&client, &by(&[Dimension::Time])).await;
    assert_eq!(days.len(), 10);
    for (item, day) in days.iter().zip(13..) {
        let day = Day::from_ymd(2026, 7, day).unwrap();
        assert_eq!(item.counts(), sum(file.iter().filter(|(row, _)| row.day == day)));
    }
    let domains = items(&client, &by(&[Dimension::Domain])).await;
    assert_eq!(domains.len(), 7);
    for item in &domains {
        let domain = &item.dimension(&Dimension::Domain).unwrap().value;
        assert_eq!(
            item.counts(),
            sum(file.iter().filter(|(row, _)| row.domain.as_str() == domain))
        );
    }
    let accounts = items(&client, &by(&[Dimension::Subaccount])).await;
    assert_eq!(accounts.len(), 3);
    for (account, rows) in [("Shop", "Shop"), ("Blog", "Blog")] {
        let is_it = |item: &&MetricsItem| item.dimensions[0].display_value.as_deref() == Some(account);
        let item = accounts.iter().find(is_it).unwrap();
        assert_eq!(item.dimensions[0].value, subaccount(&client, account).await.0);
        assert_eq!(item.counts(), sum(file.iter().filter(|(_, account)| account == rows)));
    }
    let months = MetricsQuery {
        resolution: Resolution::Month,
        ..by(&[Dimension::Time])
    };
    let months = items(&client, &months).await;
    assert_eq!((months.len(), months[0].counts()), (1, sum(&file)));
    assert_eq!(months[0].dimensions[0].value, "Wed, 01 Jul 2026 00:00:00 +0000");
    let all = items(&client, &by(&[])).await;
    assert_eq!((all.len(), all[0].counts()), (1, sum(&file)));
}

pub async fn spans_end_before_their_end(h: &impl Harness) {
    let client = client(h);
    let days = async |span: MetricsPeriod| {
        let query = MetricsQuery {
            dimensions: vec![Dimension::Time],
            ..MetricsQuery::daily_counts(span, true)
        };
        let page = client.metrics(&query).await.unwrap();
        let day = |item: &MetricsItem| item.dimensions[0].at.unwrap().format("%d").to_string().parse().unwrap();
        page.items.iter().map(day).collect::<Vec<u32>>()
    };
    assert_eq!(days(between("07-15", "07-18")).await, [15, 16, 17]);
    assert_eq!(days(between("07-01", "07-15")).await, [13, 14]);
    let last = |duration: &str, end: Option<&str>| MetricsPeriod::Last {
        duration: duration.to_owned(),
        end: end.map(|date| format!("2026-{date}T00:00:00Z").parse().unwrap()),
    };
    // The clock stands at midnight of the 23rd.
    assert_eq!(days(last("3d", None)).await, [20, 21, 22]);
    assert_eq!(days(last("48h", Some("07-16"))).await, [14, 15]);
    assert_eq!(days(last("1m", Some("07-16"))).await, [13, 14, 15]);
    assert_eq!(days(MetricsPeriod::default()).await, [16, 17, 18, 19, 20, 21, 22]);
    let answer = raw(
        h,
        post(
            json!({"start": "Wed, 15 Jul 2026 02:00:00 +0200", "end": "Thu, 16 Jul 2026 00:00:00 GMT",
                                    "dimensions": ["time"], "metrics": ["processed_count"]}),
        ),
    )
    .await;
    assert_eq!(json(&answer)["items"].as_array().unwrap().len(), 1);
    assert_eq!(json(&answer)["start"], "Wed, 15 Jul 2026 00:00:00 +0000");
}

fn json(response: &Response) -> &Value {
    super::json(response)
}

fn post(body: Value) -> Request {
    Request::new(Method::Post, "/v1/analytics/metrics").body(Body::Json(body))
}

pub async fn filters_and_accounts(h: &impl Harness) {
    let client = client(h);
    let filter = |attribute: &str, comparator: &str, values: &[&str]| MetricsFilter {
        attribute: attribute.to_owned(),
        comparator: comparator.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let names = async |filters: Vec<MetricsFilter>, include_subaccounts: bool| {
        let dimensions = vec![Dimension::Domain];
        let query = MetricsQuery {
            dimensions,
            filters,
            ..MetricsQuery::daily_counts(whole_file(), include_subaccounts)
        };
        let found = items(&client, &query).await;
        found
            .iter()
            .map(|item| item.dimensions[0].value.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        names(vec![], false).await,
        "bought.example.com holding.example.com small.example.com steady.example.com"
    );
    let two = filter("domain", "=", &["small.example.com", "Silent.Shop.example"]);
    assert_eq!(
        names(vec![two.clone()], true).await,
        "silent.shop.example small.example.com"
    );
    assert_eq!(names(vec![two.clone()], false).await, "small.example.com");
    assert_eq!(
        names(vec![two, filter("domain", "!=", &["small.example.com"])], true).await,
        "silent.shop.example"
    );
    assert_eq!(
        names(vec![filter("domain", "contains", &["shop", "blog"])], true)
            .await
            .split(' ')
            .count(),
        3
    );
    assert_eq!(
        names(vec![filter("domain", "not contains", &["shop", "blog"])], true).await,
        "bought.example.com holding.example.com small.example.com steady.example.com"
    );
    let shop = subaccount(&client, "Shop").await;
    let of_shop = filter("subaccount", "=", &[&shop.0]);
    assert_eq!(
        names(vec![of_shop], true).await,
        "recovered.shop.example silent.shop.example"
    );
    let acting = client.clone().on_behalf_of(Some(shop));
    let query = MetricsQuery {
        dimensions: vec![Dimension::Domain],
        ..MetricsQuery::daily_counts(whole_file(), true)
    };
    assert_eq!(items(&acting, &query).await.len(), 2);
}

pub async fn pages_and_sorts(h: &impl Harness) {
    let client = client(h);
    let sorted = async |sort: &str| {
        let query = MetricsQuery {
            dimensions: vec![Dimension::Domain],
            metrics: vec!["processed_count".to_owned(), "bounce_rate".to_owned()],
            sort: Some(sort.to_owned()),
            ..MetricsQuery::daily_counts(whole_file(), true)
        };
        items(&client, &query)
            .await
            .iter()
            .map(|item| item.dimensions[0].value.clone())
            .collect::<Vec<_>>()
    };
    let by_name = sorted("domain:asc").await;
    assert!(by_name.is_sorted() && by_name.len() == 7);
    assert!(sorted("domain:desc").await.is_sorted_by(|a, b| a >= b));
    assert_eq!(
        sorted("processed_count:desc").await[..2],
        ["bought.example.com", "recovered.shop.example"]
    );
    assert_eq!(
        sorted("bounce_rate:desc").await[..2],
        ["bought.example.com", "holding.example.com"]
    );
    let latest = MetricsQuery {
        sort: Some("time:desc".to_owned()),
        ..MetricsQuery::daily_counts(whole_file(), true)
    };
    let days: Vec<Day> = items(&client, &latest)
        .await
        .iter()
        .map(|item| item.row().unwrap().day)
        .collect();
    assert!(days.is_sorted_by(|a, b| a >= b) && days.len() == file().len());
    let answer = raw(
        h,
        post(
            json!({"dimensions": ["domain"], "metrics": ["processed_count"], "include_subaccounts": true,
                                    "pagination": {"sort": "domain:asc", "skip": 5, "limit": 4}}),
        ),
    )
    .await;
    let answer = json(&answer);
    assert_eq!(
        answer["pagination"],
        json!({"sort": "domain:asc", "skip": 5, "limit": 4, "total": 6})
    );
    assert_eq!(
        answer["items"].as_array().unwrap().len(),
        1,
        "the week holds six domains' traffic"
    );
}

pub async fn what_is_not_simulated_is_refused_by_name(h: &impl Harness) {
    let bad = [
        (json!({"dimensions": ["ip"]}), &["dimensions", "ip"][..]),
        (json!({"dimensions": ["time", "ip_pool"]}), &["dimensions", "ip_pool"]),
        (json!({"dimensions": ["colour"]}), &["colour"]),
        (json!({"resolution": "hour"}), &["resolution", "hour", "day"]),
        (json!({"resolution": "minute"}), &["resolution", "minute"]),
        (json!({"metrics": ["weather_count"]}), &["metrics", "weather_count"]),
        (json!({"duration": "soon"}), &["duration", "soon"]),
        (json!({"start": "yesterday", "end": "today"}), &["start", "yesterday"]),
        (
            json!({"start": "Thu, 23 Jul 2026 00:00:00 +0000", "end": "Wed, 22 Jul 2026 00:00:00 +0000"}),
            &["end"],
        ),
        (
            json!({"filter": {"AND": [{"attribute": "tag", "comparator": "=", "values": []}]}}),
            &["tag"],
        ),
        (
            json!({"filter": {"AND": [{"attribute": "domain", "comparator": "~", "values": []}]}}),
            &["~"],
        ),
        (json!({"filter": {"OR": []}}), &["filter"]),
        (json!({"pagination": {"limit": 0}}), &["limit"]),
        (json!({"pagination": {"limit": 1001}}), &["limit", "1001"]),
        (
            json!({"dimensions": ["domain"], "pagination": {"limit": 1001}}),
            &["limit", "1001"],
        ),
        (
            json!({"dimensions": ["time"], "pagination": {"limit": 1501}}),
            &["limit", "1501"],
        ),
        (
            json!({"dimensions": ["time", "domain", "subaccount", "ip"]}),
            &["dimensions", "4", "3"],
        ),
        (
            json!({"metrics": vec!["processed_count"; 11]}),
            &["metrics", "11", "10"],
        ),
        (json!({"pagination": {"sort": "size:asc"}}), &["sort", "size"]),
        (json!({"dimensions": "time"}), &["dimensions"]),
        (json!([]), &["JSON object"]),
    ];
    for (body, names) in bad {
        refused(h, post(body), 400, names).await;
    }
}

/// What Mailgun's reference and its own clients ask for, over the file's days.
pub async fn the_official_examples_are_answered(h: &impl Harness) {
    let example = json!({
        "start": "Mon, 13 Jul 2026 00:00:00 +0000",
        "end": "Thu, 23 Jul 2026 00:00:00 +0000",
        "resolution": "day",
        "duration": "10d",
        "dimensions": ["time"],
        "metrics": ["accepted_count", "delivered_count", "clicked_rate", "opened_rate"],
        "filter": {"AND": [{"attribute": "domain", "comparator": "=", "values": [
            {"label": "bought.example.com", "value": "bought.example.com"}]}]},
        "include_subaccounts": true,
        "include_aggregates": true,
    });
    let answer = raw(h, post(example)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    // The domain sent once: on the 20th.
    let metrics =
        json!({"accepted_count": 25000, "delivered_count": 15000, "clicked_rate": "0.0000", "opened_rate": "0.0000"});
    let items = json(&answer)["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["metrics"]), (1, &metrics));
    assert_eq!(json(&answer)["aggregates"]["metrics"], metrics);
    // At most ten at once, so in groups. Delivered and bounced as the file has them, what is not simulated 0.
    let known = json!({"accepted_outgoing_count": 25000, "processed_count": 25000, "sent_count": 20000,
        "delivered_smtp_count": 15000, "delivered_http_count": 0, "failed_count": 5000, "permanent_failed_count": 5000,
        "hard_bounces_count": 5000, "soft_bounces_count": 0, "delayed_bounce_count": 0, "bounced_count": 5000,
        "complained_count": 3, "opened_count": 0, "clicked_count": 0, "unsubscribed_count": 0,
        "temporary_failed_count": 0, "suppressed_bounces_count": 0, "delivered_rate": "0.7500",
        "bounce_rate": "0.2500", "complained_rate": "0.0002", "permanent_fail_rate": "0.2500"});
    let names: Vec<&String> = known.as_object().unwrap().keys().collect();
    for names in names.chunks(10) {
        let query = json!({"duration": "10d", "metrics": names, "filter": {"AND": [
            {"attribute": "domain", "comparator": "=", "values": [{"value": "bought.example.com"}]}]}});
        let answer = raw(h, post(query)).await;
        for name in names {
            assert_eq!(json(&answer)["items"][0]["metrics"][name], known[name], "{name}");
        }
    }
}

/// With the dimension time a page holds 1,500 items, else 10, unless a limit is given: up to 1,500, else 1,000.
pub async fn pages_have_documented_limits(h: &impl Harness) {
    let limit = async |dimensions: Value, pagination: Value| {
        let query = json!({"dimensions": dimensions, "include_subaccounts": true, "pagination": pagination});
        let answer = raw(h, post(query)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        json(&answer)["pagination"]["limit"].as_u64().unwrap()
    };
    assert_eq!(limit(json!(["time", "domain"]), json!({})).await, 1_500);
    assert_eq!(limit(json!(["domain"]), json!({})).await, 10);
    assert_eq!(limit(json!(["domain"]), json!({"limit": 1_000})).await, 1_000);
    assert_eq!(limit(json!(["domain", "time"]), json!({"limit": 1_500})).await, 1_500);
}

/// The preview's verdict follows from the counts the metrics tell, by the rules written out once more.
pub async fn a_check_agrees_with_the_counts(h: &impl Harness) {
    let client = client(h);
    let query = MetricsQuery {
        dimensions: vec![Dimension::Domain],
        ..MetricsQuery::daily_counts(MetricsPeriod::default(), true)
    };
    let found = items(&client, &query).await;
    assert_eq!(found.len(), 6);
    for item in found {
        let (domain, counts) = (name(&item.dimensions[0].value), item.counts());
        let preview = client.preview(&domain).await.unwrap();
        let sent = counts.delivered + counts.bounced;
        let value = |metric: Option<poolkeeper_core::model::PreviewMetric>| metric.unwrap().value.unwrap();
        assert_eq!(value(preview.bounce_rate), counts.bounced as f64 / sent as f64);
        assert_eq!(
            value(preview.complaint_rate),
            counts.complained as f64 / counts.delivered as f64
        );
        assert_eq!(value(preview.processed_count), counts.processed as f64);
        let is_poor = counts.bounced * 10 >= sent
            || (counts.complained * 1_000 >= counts.delivered * 3 && counts.complained >= 3);
        let is_good = counts.bounced * 20 <= sent && counts.complained * 1_000 <= counts.delivered;
        let stays = super::domain(&client, domain.as_str()).await.pool.band().unwrap();
        let expected = match (counts.processed < 1_000, is_poor, is_good) {
            (true, ..) => stays,
            (_, true, _) => Band::Poor,
            (_, _, true) => Band::Good,
            _ => stays,
        };
        assert_eq!(preview.pool.unwrap().band(), Some(expected), "{domain}");
    }
}
