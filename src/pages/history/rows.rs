//! One record as cells and as a line of a file.

use crate::components::{BandMove, RecordedAt, domain_name};
use leptos::prelude::*;
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::{Day, HistoryRecord, PoolName, Rate};
use poolkeeper_core::text;
use poolkeeper_view::charts::{ChartData, ChartKind, ChartSeries, ChartUnit, SeriesColor, XAxis};
use poolkeeper_view::export::Sheet;
use poolkeeper_view::history_filters::account_name;
use poolkeeper_view::record_time::RecordTime;
use poolkeeper_view::routes::{PageRoute, domain_href};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The cells, in the columns' order.
pub(crate) fn cells(record: &HistoryRecord) -> Vec<AnyView> {
    let name = record.domain_name.to_string();
    let rate = |rate: Option<Rate>| rate.map_or_else(|| "–".to_owned(), Rate::percent);
    let text = |text: String| view! { <span>{text}</span> }.into_any();
    let href = record_href(record);
    vec![
        view! { <RecordedAt time=RecordTime::of(record) /> }.into_any(),
        view! { <a href=href>{domain_name(&name)}</a> }.into_any(),
        view! { <BandMove from=record.prev_band.clone() to=record.new_band.clone() /> }.into_any(),
        text(record.reason.clone()),
        view! { <span class="clip">{account_name(record).to_owned()}</span> }.into_any(),
        figure(Metric::BounceRate, rate(record.bounce_rate)),
        figure(Metric::ComplaintRate, rate(record.complaint_rate)),
        text(record.processed_count.map_or_else(|| "–".to_owned(), text::count)),
        text(record.initiated_by.clone().unwrap_or_else(|| "–".to_owned())),
    ]
}

/// A figure, with what it is where a phone shows no headings.
fn figure(metric: Metric, text: String) -> AnyView {
    view! {
        <span class="phone-label" aria-hidden="true">
            {text::events_noun(metric)}
        </span>
        <span>{text}</span>
    }
    .into_any()
}

/// The domain's page, at the record's day.
pub(crate) fn record_href(record: &HistoryRecord) -> String {
    let name = record.domain_name.as_str();
    let Some(time) = RecordTime::of(record) else {
        return domain_href(name);
    };
    PageRoute::Domain.href(&[("name", name), ("day", &time.day.to_string())])
}

/// Moves to a better pool above the line, to a worse one below it; enrolments are no moves. The days before `settled` are the
/// start of an account, in which nearly every domain moves.
#[must_use]
pub(crate) fn moves_by_day<'a>(
    records: impl Iterator<Item = &'a Arc<HistoryRecord>>,
    settled: Option<Day>,
) -> ChartData {
    let mut by_day: BTreeMap<Day, (f64, f64)> = BTreeMap::new();
    for record in records {
        let bands = (
            record.prev_band.as_ref().and_then(PoolName::band),
            record.new_band.as_ref().and_then(PoolName::band),
        );
        if let ((Some(from), Some(to)), Some(time)) = (bands, RecordTime::of(record)) {
            let (up, down) = by_day.entry(time.day).or_default();
            *if to > from { up } else { down } += 1.0;
        }
    }
    let first = by_day.keys().next().copied().unwrap_or(Day(0));
    let days = by_day.keys().next_back().map_or(0, |last| last.since(first) + 1);
    let on = |at: i32| by_day.get(&first.plus(at)).copied().unwrap_or_default();
    ChartData {
        kind: ChartKind::Bars,
        across: XAxis::Days(first),
        unit: ChartUnit::Count("move"),
        series: vec![
            ChartSeries::full("better", SeriesColor::Good, (0..days).map(|at| on(at).0)),
            ChartSeries::full("worse", SeriesColor::Poor, (0..days).map(|at| on(at).1)).below(),
        ],
        thresholds: Vec::new(),
        start: settled.map_or(0, |day| usize::try_from(day.since(first)).unwrap_or(0)),
    }
}

/// The records as a file has them.
pub(crate) fn sheet<'a>(records: impl Iterator<Item = &'a Arc<HistoryRecord>>) -> Sheet {
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
