//! What is about to move, and what did.

use crate::components::rate_bar::metric_name;
use crate::components::{BandChip, BandMove, Empty, RateBar, RecordedAt};
use leptos::prelude::*;
use poolkeeper_core::text;
use poolkeeper_view::overview_summary::{ClosestDomain, MoveDirection, OverviewSummary, RecentMove};
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
            let window = text::counted(u64::from(figures.policy.window_days), "day");
            let rows = figures
                .closest
                .iter()
                .map(|near| near_row(near, figures))
                .collect_view();
            view! {
                <p class="hint">{format!("Fewest bounces or complaints within {window} that would change the pool.")}</p>
                <ul class="near-list">{rows}</ul>
            }
            .into_any()
        })
    };
    rows.into_any()
}

fn near_row(near: &ClosestDomain, figures: &OverviewSummary) -> AnyView {
    let (arrow, travel) = match near.travel {
        MoveDirection::Rising => ("↗", "rising"),
        MoveDirection::Steady => ("→", "steady"),
        MoveDirection::Falling => ("↘", "falling"),
    };
    // Rising is bad news for every rate here.
    let tone = match near.travel {
        MoveDirection::Rising => "near-direction poor",
        MoveDirection::Steady => "near-direction muted",
        MoveDirection::Falling => "near-direction good",
    };
    let policy = near.metric.policy(&figures.policy);
    let what = format!("{} {travel} since the window before", metric_name(near.metric));
    let hint = what.clone();
    view! {
        <li>
            <a class="near-name" href=domain_href(near.domain.as_str())>
                {near.domain.to_string()}
            </a>
            <span class="near-rate">
                <RateBar rate=near.rate metric=near.metric policy=policy />
                <span class=tone title=hint>
                    <span aria-hidden="true">{arrow}</span>
                    <span class="hidden">{what}</span>
                </span>
            </span>
            <span class="near-room">
                <b>{near.words()}</b>
                <span class="muted">" to "</span>
                <BandChip pool=near.towards />
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
                {moved.domain.to_string()}
            </a>
            <BandMove from=moved.from.map(Into::into) to=Some(moved.to.into()) />
            <span class="move-why">{moved.reason.clone()}</span>
            <span class="move-by muted">{moved.by.clone()}</span>
        </li>
    }
    .into_any()
}
