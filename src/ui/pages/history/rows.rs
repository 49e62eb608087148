//! One record as cells and as a line of a file.

use crate::model::{Day, HistoryRecord, PoolName, Rate, Timestamp};
use crate::ui::components::{BandMove, Time};
use crate::ui::export::Sheet;
use crate::ui::format;
use crate::ui::routes::{Page, domain_href};
use leptos::prelude::*;

/// The cells, in the columns' order.
pub fn cells(record: &HistoryRecord) -> Vec<AnyView> {
    let name = record.domain_name.to_string();
    let rate = |rate: Option<Rate>| rate.map_or_else(|| "–".to_owned(), Rate::percent);
    let text = |text: String| view! { <span>{text}</span> }.into_any();
    let href = record_href(record);
    vec![
        view! { <Time at=record.timestamp /> }.into_any(),
        view! { <a href=href>{name}</a> }.into_any(),
        view! { <BandMove from=record.prev_band.clone() to=record.new_band.clone() /> }.into_any(),
        text(record.reason.clone()),
        text(rate(record.bounce_rate)),
        text(rate(record.complaint_rate)),
        text(record.processed_count.map_or_else(|| "–".to_owned(), format::count)),
        text(record.initiated_by.clone().unwrap_or_else(|| "–".to_owned())),
    ]
}

/// The domain's page, at the record's day.
pub fn record_href(record: &HistoryRecord) -> String {
    let name = record.domain_name.as_str();
    let Some(at) = record.timestamp else {
        return domain_href(name);
    };
    // A scheduled check runs as its day ends, at the next midnight: the day it judged is the one before.
    let day: Day = Timestamp::from(at).plus_seconds(-1).day();
    Page::Domain.href(&[("name", name), ("day", &day.to_string())])
}

/// The records as a file has them.
pub fn sheet(records: &[HistoryRecord]) -> Sheet {
    let mut sheet = Sheet::new(&[
        "timestamp",
        "domain_name",
        "account_id",
        "account_name",
        "prev_band",
        "new_band",
        "reason",
        "bounce_rate",
        "complaint_rate",
        "processed_count",
        "initiated_by",
        "id",
    ]);
    let pool = |pool: &Option<PoolName>| pool.as_ref().map(ToString::to_string).unwrap_or_default();
    let rate = |rate: Option<Rate>| rate.map(|rate| rate.0.to_string()).unwrap_or_default();
    sheet.rows = records
        .iter()
        .map(|record| {
            vec![
                record.timestamp.map(|at| at.to_rfc3339()).unwrap_or_default(),
                record.domain_name.to_string(),
                record.account_id.to_string(),
                record.account_name.clone().unwrap_or_default(),
                pool(&record.prev_band),
                pool(&record.new_band),
                record.reason.clone(),
                rate(record.bounce_rate),
                rate(record.complaint_rate),
                record
                    .processed_count
                    .map(|count| count.to_string())
                    .unwrap_or_default(),
                record.initiated_by.clone().unwrap_or_default(),
                record.id.clone(),
            ]
        })
        .collect();
    sheet
}
