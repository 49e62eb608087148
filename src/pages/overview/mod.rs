//! Overview: the three pools, domains by band over time, what moved and what is about to.

mod cards;
mod held;
mod lists;
mod live;

pub(crate) use held::HeldPools;
pub(crate) use live::LiveOverview;

use crate::browser;
use crate::charts::Chart;
use crate::components::{Card, Empty, ExportMenu, Later, PageHead, Term};
use crate::state::simulator::use_simulated;
use crate::state::use_overlays;
use cards::PoolCard;
use leptos::prelude::*;
use lists::{Closest, Moves};
use poolkeeper_core::model::Band;
use poolkeeper_core::text;
use poolkeeper_view::charts::{ChartData, ChartKind, ChartSeries, ChartUnit, XAxis};
use poolkeeper_view::export::Sheet;
use poolkeeper_view::glossary::GlossaryTerm;
use poolkeeper_view::overview_summary::OverviewSummary;
use poolkeeper_view::routes::PageRoute;

#[component]
pub(crate) fn Overview(
    /// What a live account shows instead; it is downloaded when it is first needed.
    live_view: fn() -> AnyView,
    /// The domains whose pool their rates do not explain; it is downloaded when there is nothing else to do.
    held_view: fn() -> AnyView,
) -> impl IntoView {
    let simulated = use_simulated();
    let figures = Memo::new(move |_| simulated.today().map(|_| OverviewSummary::of(&simulated.sim())));
    // The same words stand in the page before the app is there.
    let about = browser::description().unwrap_or_default();
    let is_configured = Memo::new(move |_| figures.with(|figures| figures.as_ref().is_some_and(|f| f.is_configured)));
    let is_simulated = Memo::new(move |_| figures.with(Option::is_some));
    let body = move || match (is_simulated.get(), is_configured.get()) {
        (false, _) => live_view(),
        (true, false) => unconfigured_view(),
        (true, true) => {
            let first = figures.get_untracked();
            first.map_or_else(live_view, |first| {
                let figures = Signal::derive(move || figures.get().unwrap_or_else(|| first.clone()));
                figures_view(figures, held_view)
            })
        }
    };
    let sheet = move |()| figures.with_untracked(|figures| figures.as_ref().map(sheet).unwrap_or_default());
    view! {
        <PageHead title="Overview" lead=move || about.clone()>
            {move || is_simulated.get().then(|| view! { <ExportMenu name="pools" sheet=sheet /> })}
            <a class="button primary" href=PageRoute::WhatIf.href(&[])>
                "Try other thresholds"
            </a>
        </PageHead>
        {body}
    }
    .into_any()
}

fn facts(figures: &OverviewSummary) -> String {
    let domains = format!("{} in three pools", text::counted(figures.enrolled, "domain"));
    let outside = if figures.outside > 0 {
        format!(" · {} not enrolled", text::count(figures.outside))
    } else {
        String::new()
    };
    let check = figures.checked_at.map_or_else(
        || " · no health check yet".to_owned(),
        |at| {
            format!(
                " · check of {} moved {}",
                text::day(at.plus_seconds(-1).day()),
                text::count(figures.checked_moves)
            )
        },
    );
    domains + &outside + &check
}

fn figures_view(figures: Signal<OverviewSummary>, held_view: fn() -> AnyView) -> AnyView {
    let by_band = Signal::derive(move || figures.with(by_band));
    let cards = Band::ALL
        .map(|band| view! { <PoolCard band=band figures=figures /> })
        .collect_view();
    let facts = move || figures.with(facts);
    let changes = move || format!("last 7 days: {}", figures.with(|figures| figures.week.clone()));
    let days = move || format!("last {} days", figures.with(|figures| figures.by_band.good.len()));
    view! {
        {about_view(figures)}
        <p class="overview-facts">
            {facts} " · "
            <a href=PageRoute::Changes.href(&[])>{changes}</a>
        </p>
        <div class="pool-figures">{cards}</div>
        <div class="overview-two">
            <Card title="Domains by band" note=days>
                <Later after=1>
                    <Chart title="Domains by band" data=by_band height=300.0 />
                </Later>
            </Card>
            <Card
                title="Closest to moving"
                end=|| view! { <a href=PageRoute::Domains.href(&[])>"All domains"</a> }
            >
                <Later after=2>
                    <Closest figures=figures />
                </Later>
            </Card>
        </div>
        <Later after=3>
            <Card
                title="Recent moves"
                note=|| "days and times in UTC"
                end=|| view! { <a href=PageRoute::History.href(&[])>"All history"</a> }
            >
                <Moves figures=figures />
            </Card>
            {held_view()}
        </Later>
    }
    .into_any()
}

/// Whose data this is, by which limits it is judged, and that they are not Mailgun's.
fn about_view(figures: Signal<OverviewSummary>) -> AnyView {
    let overlays = use_overlays();
    let whose = move || match figures.with(|figures| figures.traffic_file.clone()) {
        None => "Simulated data: invented domains and mail. Nothing here reaches Mailgun. ".to_owned(),
        Some(file) => format!("The mail of {file}, in the simulator. Nothing here reaches Mailgun. "),
    };
    let judged = move || figures.with(|figures| text::policy_sentences(&figures.policy).join(" "));
    view! {
        <div class="overview-about">
            <p>
                <b>{whose}</b>
                <a href=PageRoute::Settings.href(&[])>"Connect an account"</a>
                " · "
                <button type="button" class="quiet overview-help" on:click=move |_| overlays.help.set(true)>
                    "Help and tour"
                </button>
            </p>
            <p>
                {judged}
                " This is Poolkeeper’s "
                <Term term=GlossaryTerm::Policy words="policy" />
                ": Mailgun does not publish its "
                <Term term=GlossaryTerm::Threshold words="thresholds" />
                ", and they can’t be set."
            </p>
        </div>
    }
    .into_any()
}

fn by_band(figures: &OverviewSummary) -> ChartData {
    // Poor lies at the bottom: the smallest and the one to watch.
    let series = [Band::Poor, Band::Good, Band::New]
        .map(|band| ChartSeries::full(band.word(), band.into(), figures.by_band.get(band).iter().copied()));
    ChartData {
        kind: ChartKind::Stacked,
        across: XAxis::Days(figures.first_day),
        unit: ChartUnit::Count("domain"),
        series: series.to_vec(),
        thresholds: Vec::new(),
        start: 0,
    }
}

fn sheet(figures: &OverviewSummary) -> Sheet {
    let mut sheet = Sheet::new(&[
        "pool",
        "ips",
        "warming_ips",
        "domains",
        "processed_in_window",
        "daily_per_warm_ip",
        "highest_bounce_rate",
        "highest_complaint_rate",
    ]);
    let rate = |worst: &Option<(poolkeeper_core::model::Rate, _)>| {
        worst.as_ref().map(|(rate, _)| rate.0.to_string()).unwrap_or_default()
    };
    sheet.rows = figures
        .pools
        .iter()
        .map(|(band, pool)| {
            vec![
                band.pool_name().to_owned(),
                pool.ips.to_string(),
                pool.warming.to_string(),
                pool.domains.to_string(),
                pool.processed.to_string(),
                pool.daily_per_warm_ip
                    .map(|daily| daily.to_string())
                    .unwrap_or_default(),
                rate(&pool.worst_bounce),
                rate(&pool.worst_complaint),
            ]
        })
        .collect();
    sheet
}

fn unconfigured_view() -> AnyView {
    view! {
        <Empty
            title="The dynamic pools are not set up yet"
            hint="Assign each of the three pools at least one dedicated IP that is not warming up, then enroll domains."
        >
            <a class="button primary" href=PageRoute::Pools.href(&[])>
                "Set up pools"
            </a>
        </Empty>
    }
    .into_any()
}
