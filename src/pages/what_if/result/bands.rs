//! Domains, or their mail, by band per day under both policies.

use super::LatestComparison;
use crate::charts::Chart;
use crate::components::{Card, Segmented};
use crate::state::use_query_param;
use leptos::prelude::*;
use poolkeeper_core::model::Band;
use poolkeeper_lab::{Comparison, Side, Summary};
use poolkeeper_view::charts::{ChartData, ChartKind, ChartSeries, ChartUnit, XAxis};

#[component]
pub(crate) fn Bands(latest: LatestComparison) -> impl IntoView {
    let shown = use_query_param("bands");
    let is_mail = Memo::new(move |_| shown.get() == "mail");
    let value = Signal::derive(move || if is_mail.get() { "mail" } else { "domains" }.to_owned());
    let choose = move |id: String| shown.set(if id == "mail" { "mail" } else { "" });
    let choices = [("domains", "Domains"), ("mail", "Messages")];
    let choices = choices.map(|(id, words)| (id.to_owned(), words.to_owned())).to_vec();
    let data = move |side: Side| {
        // Compared by value: while B is pulled, A's chart stays as it is.
        Signal::from(Memo::new(move |_| {
            let is_mail = is_mail.get();
            latest
                .with(|compared| chart(&compared.comparison, side, is_mail))
                .unwrap_or_else(nothing)
        }))
    };
    let (a, b) = (data(Side::A), data(Side::B));
    view! {
        <Card title="Bands by day" class="bands-card">
            <Segmented label="Unit" options=choices value=value on_choose=choose />
            <div class="bands-two">
                <div>
                    <h3>"Under A"</h3>
                    <Chart title="By band under A" data=a />
                </div>
                <div>
                    <h3>"Under B"</h3>
                    <Chart title="By band under B" data=b />
                </div>
            </div>
            <p class="hint result-caption">
                "Dimmed: the start of the replay, where every domain begins as new and windows are incomplete."
            </p>
        </Card>
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts for a chart")]
fn chart(comparison: &Comparison, side: Side, is_mail: bool) -> ChartData {
    let summary: &Summary = match side {
        Side::A => &comparison.a,
        Side::B => &comparison.b,
    };
    // Poor at the bottom, where its height can be read.
    let order = [Band::Poor, Band::Good, Band::New];
    let series = order.map(|band| {
        let values: Vec<f64> = if is_mail {
            summary
                .messages_by_day
                .get(band)
                .iter()
                .map(|mail| *mail as f64)
                .collect()
        } else {
            summary
                .domains_by_day
                .get(band)
                .iter()
                .map(|domains| f64::from(*domains))
                .collect()
        };
        ChartSeries::full(band.word(), band.into(), values)
    });
    ChartData {
        kind: ChartKind::Stacked,
        across: XAxis::Days(comparison.first_day),
        unit: ChartUnit::Count(if is_mail { "message" } else { "domain" }),
        series: series.into(),
        thresholds: Vec::new(),
        start: summary.startup_days as usize,
    }
}

const fn nothing() -> ChartData {
    ChartData {
        kind: ChartKind::Stacked,
        across: XAxis::Days(poolkeeper_core::model::Day(0)),
        unit: ChartUnit::Count("domain"),
        series: Vec::new(),
        thresholds: Vec::new(),
        start: 0,
    }
}
