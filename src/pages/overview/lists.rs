//! What is about to move, and what did.

use crate::components::rate_bar::metric_name;
use crate::components::{BandChip, BandMove, Empty, RateBar, RecordedAt, domain_name};
use leptos::prelude::*;
use poolkeeper_view::closest::{ClosestDomain, PRESENT_DAYS, RateTrend};
use poolkeeper_view::overview_summary::{OverviewSummary, RecentMove};
use poolkeeper_view::routes::domain_href;

/// The domains with the least headroom.
#[component]
pub(crate) fn Closest(
    /// The page's figures.
    figures: Signal<OverviewSummary>,
) -> impl IntoView {
    let rows = move || {
        figures.with(|figures| {
            if figures.closest.is_empty() {
                return view! {
                    <Empty
                        title="No domains near a threshold"
                        hint="No enrolled domain sends enough mail to be judged."
                    />
                }
                .into_any();
            }
            let rows = figures
                .closest
                .iter()
                .map(|near| near_row(near, figures))
                .collect_view();
            view! {
                <p class="hint">{format!("Days to the next move, if each goes on as in its last {PRESENT_DAYS} days.")}</p>
                <ul class="near-list">{rows}</ul>
                {figures.score.and_then(|score| score.sentence()).map(|said| view! { <p class="hint">{said}</p> })}
            }
            .into_any()
        })
    };
    rows.into_any()
}

fn near_row(near: &ClosestDomain, figures: &OverviewSummary) -> AnyView {
    let (arrow, tone) = match near.trend() {
        RateTrend::Above => ("↗", "near-direction poor"),
        RateTrend::Below => ("↘", "near-direction good"),
        RateTrend::Usual => ("→", "near-direction muted"),
    };
    let metric = near.approach.metric;
    let policy = metric.policy(&figures.policy);
    let usual = near.deviation_words();
    let what = format!("{} {}", metric_name(metric), usual.clone().unwrap_or_default());
    let hint = what.clone();
    let details = near.headroom().into_iter().chain(usual);
    let details: String = details.map(|detail| format!(" · {detail}")).collect();
    view! {
        <li>
            <a class="near-name" href=domain_href(near.domain.as_str())>
                {domain_name(near.domain.as_str())}
            </a>
            <span class="near-rate">
                <RateBar rate=near.rate metric=metric policy=policy />
                <span class=tone title=hint>
                    <span aria-hidden="true">{arrow}</span>
                    <span class="hidden">{what}</span>
                </span>
            </span>
            <span class="near-room">
                <b>{near.when()}</b>
                <span class="muted">" to "</span>
                <BandChip pool=near.approach.towards />
                <span class="muted">{details}</span>
            </span>
        </li>
    }
    .into_any()
}

/// The latest moves.
#[component]
pub(crate) fn Moves(
    /// The page's figures.
    figures: Signal<OverviewSummary>,
) -> impl IntoView {
    let rows = move || {
        figures.with(|figures| {
            if figures.moves.is_empty() {
                return view! {
                    <Empty title="No moves yet" hint="A health check moves a domain when its rates cross a threshold." />
                }
                .into_any();
            }
            let rows = figures.moves.iter().map(move_row).collect_view();
            view! { <ul class="move-list">{rows}</ul> }.into_any()
        })
    };
    rows.into_any()
}

fn move_row(moved: &RecentMove) -> AnyView {
    view! {
        <li>
            <span class="move-when muted">
                <RecordedAt time=Some(moved.time) />
            </span>
            <a class="move-name" href=domain_href(moved.domain.as_str())>
                {domain_name(moved.domain.as_str())}
            </a>
            <BandMove from=moved.from.map(Into::into) to=Some(moved.to.into()) />
            <span class="move-why">{moved.reason.clone()}</span>
            <span class="move-by muted">{moved.by.clone()}</span>
        </li>
    }
    .into_any()
}
