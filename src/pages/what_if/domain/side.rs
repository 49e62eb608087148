//! A domain under one policy: verdict, metrics, what would have changed it, its moves.

use crate::components::{BandChip, BandMove};
use leptos::prelude::*;
use poolkeeper_core::health::{Metric, Policy, Vote};
use poolkeeper_core::model::{Band, Day};
use poolkeeper_core::text;
use poolkeeper_lab::{BandMove, Counterfactuals};
use poolkeeper_view::what_if::counterfactual;

/// Moves listed; the charts have all of them.
const MOST_MOVES: usize = 8;

/// The view of one side.
pub(crate) fn side_view(
    name: &'static str,
    band: Option<Band>,
    found: Option<&Counterfactuals>,
    moves: &[BandMove],
    first_day: Day,
    policy: &Policy,
) -> AnyView {
    let chip = match band {
        Some(band) => view! { <span>"ends in " <BandChip pool=band /></span> }.into_any(),
        None => view! { <span class="muted">"not enrolled at the end"</span> }.into_any(),
    };
    let body = match found {
        Some(found) => verdict_view(found, policy),
        None => view! { <p class="muted">"The traffic ends before the first check."</p> }.into_any(),
    };
    view! {
        <section class="lab-side" aria-label=format!("Under {name}")>
            <header>
                <h4>{format!("Under {name}")}</h4>
                {chip}
            </header>
            {body}
            <h5>{format!("Moves: {}", text::count(moves.len() as u64))}</h5>
            {moves_view(moves, first_day)}
        </section>
    }
    .into_any()
}

fn verdict_view(found: &Counterfactuals, policy: &Policy) -> AnyView {
    let explanation = &found.explanation;
    let close_call = explanation.is_one_event_from_flipping.then(|| {
        view! {
            <p class="close-call">
                <span aria-hidden="true">"◐ "</span>
                "Close call: one event would have decided otherwise."
            </p>
        }
    });
    let metrics = Metric::ALL
        .into_iter()
        .filter_map(|metric| explanation.metric(metric))
        .map(|part| {
            let vote = match part.vote {
                _ if explanation.check.is_below_minimum => view! { <span class="muted">"no say"</span> }.into_any(),
                Vote::For(band) => view! { <BandChip pool=band /> }.into_any(),
                Vote::Hold => view! { <span class="hold">"◐ hold"</span> }.into_any(),
            };
            view! { <li>{vote} " " {counterfactual::metric(part)}</li> }
        })
        .collect_view();
    let changes = counterfactual::changes(found, policy);
    view! {
        <p class="lab-verdict">{counterfactual::verdict(found, policy)}</p>
        {close_call}
        <ul class="lab-metrics">{metrics}</ul>
        <h5>"What would have changed it"</h5>
        <ul class="lab-ways">{changes.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
    }
    .into_any()
}

fn moves_view(moves: &[BandMove], first_day: Day) -> AnyView {
    if moves.is_empty() {
        return view! { <p class="muted">"No moves."</p> }.into_any();
    }
    let rows = moves
        .iter()
        .rev()
        .take(MOST_MOVES)
        .map(|change| {
            let day = first_day.plus(i32::try_from(change.day).unwrap_or(i32::MAX));
            let by = (!change.is_by_check()).then(|| view! { <span class="muted">"by a person"</span> });
            view! {
                <li>
                    <span class="muted">{text::day(day)}</span>
                    <BandMove from=change.from.map(Into::into) to=change.to.map(Into::into) />
                    {by}
                </li>
            }
        })
        .collect_view();
    let rest = moves.len().saturating_sub(MOST_MOVES) as u64;
    view! {
        <ol class="lab-moves">{rows}</ol>
        {(rest > 0).then(|| view! { <p class="muted">{format!("and {} before", text::counted(rest, "move"))}</p> })}
    }
    .into_any()
}
