//! A domain's days and its history.

use super::domain_details::{DomainDetails, DomainPast};
use crate::charts::Chart;
use crate::components::rate_bar::{plain_percent, thresholds};
use crate::components::{BandMove, Card, Empty, RecordedAt};
use crate::state::use_query_param;
use leptos::prelude::*;
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::{Counts, Day};
use poolkeeper_core::text;
use poolkeeper_view::charts::{ChartData, ChartKind, ChartSeries, ChartUnit, LimitLine, SeriesColor, XAxis};

/// Counts a day, and the windowed rates against their thresholds, on one time axis.
#[component]
pub(crate) fn DaysCard(
    /// The domain.
    details: Memo<Option<DomainDetails>>,
) -> impl IntoView {
    let chart = move |make: fn(&DomainDetails) -> ChartData| {
        Signal::derive(move || details.with(|details| details.as_ref().map(make).unwrap_or_else(empty_chart)))
    };
    let gaps = move || {
        let gaps = details.with(|d| {
            d.as_ref()
                .map_or(0, |d| d.days.iter().filter(|day| day.counts.is_none()).count())
        });
        (gaps > 0).then(|| {
            view! {
                <p class="muted">
                    {format!("{} without data. They add nothing to a window.", text::counted(gaps as u64, "day"))}
                </p>
            }
        })
    };
    view! {
        <Card title="Day by day" note=|| "latest 90 days, UTC" class="domain-days">
            <h3>"Pool"</h3>
            <Chart title="Pool each day" data=chart(pools) height=60.0 />
            <h3>"Messages"</h3>
            <Chart title="Messages per day" data=chart(volume) height=160.0 />
            <h3>"Bounce rate in the window"</h3>
            <Chart title="Bounce rate in the window" data=chart(|d| rate(d, Metric::BounceRate)) height=150.0 />
            <h3>"Complaint rate in the window"</h3>
            <Chart title="Complaint rate in the window" data=chart(|d| rate(d, Metric::ComplaintRate)) height=150.0 />
            {gaps}
        </Card>
    }
}

fn empty_chart() -> ChartData {
    ChartData {
        kind: ChartKind::Lines,
        across: XAxis::Days(Day(0)),
        unit: ChartUnit::Percent,
        series: Vec::new(),
        thresholds: Vec::new(),
        start: 0,
    }
}

fn first_day(details: &DomainDetails) -> Day {
    details.days.first().map_or(details.last_day, |row| row.day)
}

/// The pool after each day's check. When a domain left is in no record, so one that is out shows none.
fn pools(details: &DomainDetails) -> ChartData {
    let on = |day: Day| {
        let past = details.history.iter().find(|past| past.time.day <= day)?;
        details.standing.map(|_| past.to)
    };
    let days = details.days.iter().map(|row| on(row.day)).collect();
    ChartData::bands(first_day(details), [("pool", days)])
}

fn volume(details: &DomainDetails) -> ChartData {
    ChartData::messages(first_day(details), details.days.iter().map(|row| row.counts))
}

fn rate(details: &DomainDetails, metric: Metric) -> ChartData {
    let of = |window: &Counts| match metric {
        Metric::BounceRate => window.bounce_rate(),
        Metric::ComplaintRate => window.complaint_rate(),
    };
    let limits = metric.policy(&details.policy).map(|policy| thresholds(&policy));
    let lines = limits.map(|[good, poor]| {
        vec![
            LimitLine {
                name: format!("good at most {}", plain_percent(good)),
                value: good,
                tone: SeriesColor::Good,
            },
            LimitLine {
                name: format!("poor from {}", plain_percent(poor)),
                value: poor,
                tone: SeriesColor::Poor,
            },
        ]
    });
    ChartData {
        kind: ChartKind::Lines,
        across: XAxis::Days(first_day(details)),
        unit: ChartUnit::Percent,
        series: vec![ChartSeries::with_gaps(
            "rate",
            SeriesColor::Ink,
            details.days.iter().map(|row| of(&row.window)),
        )],
        thresholds: lines.unwrap_or_default(),
        start: 0,
    }
}

/// Every change of band.
#[component]
pub(crate) fn HistoryCard(
    /// The domain.
    details: Memo<Option<DomainDetails>>,
) -> impl IntoView {
    let marked = use_query_param("day");
    let records =
        Memo::new(move |_| details.with(|details| details.as_ref().map(|d| d.history.clone()).unwrap_or_default()));
    let note = move || {
        let records = text::counted(records.with(|records| records.len() as u64), "record");
        format!("{records}; days and times in UTC")
    };
    view! {
        <Card title="History" note=note>
            {move || {
                let records = records.get();
                if records.is_empty() {
                    return view! { <Empty title="No records yet" hint="A record is added when the domain is enrolled or changes pool." /> }
                        .into_any();
                }
                let marked = marked.get();
                view! { <ol class="past">{records.iter().map(|past| past_view(past, &marked)).collect_view()}</ol> }.into_any()
            }}
        </Card>
    }
}

fn past_view(past: &DomainPast, marked: &str) -> AnyView {
    let is_marked = past.time.day.to_string() == marked;
    let rates = [
        ("bounces", past.counts.bounce_rate()),
        ("complaints", past.counts.complaint_rate()),
    ]
    .map(|(noun, rate)| rate.map(|rate| format!("{noun} {}", poolkeeper_core::model::Rate(rate).percent())));
    let mut facts: Vec<String> = rates.into_iter().flatten().collect();
    facts.push(format!("{} processed", text::count(past.counts.processed)));
    facts.push(format!("by {}", past.by));
    view! {
        <li class="past-row" class:past-marked=is_marked aria-current=is_marked.then_some("true")>
            <span>
                <RecordedAt time=Some(past.time) />
            </span>
            <BandMove from=past.from.map(Into::into) to=Some(past.to.into()) />
            <span>{past.reason.clone()}</span>
            <span class="muted">{facts.join(" · ")}</span>
        </li>
    }
    .into_any()
}
