//! What a change would do, in words.

use crate::components::{domain_name, name_mark};
use crate::state::use_account;
use leptos::prelude::*;
use poolkeeper_account::change::Proposal;
use poolkeeper_account::forecast::{BulkForecast, Forecast};
use poolkeeper_core::text::counted;

const MOST_SHOWN: usize = 8;
const MOST_REFUSALS_SHOWN: usize = 4;

/// The forecast, listed; of a bulk, below what it comes to by kind.
#[component]
pub(super) fn ForecastView(proposal: Proposal, forecast: Forecast, is_live: bool) -> impl IntoView {
    let tried = match forecast {
        // Nothing is left to change, so there is nothing that was tried.
        _ if proposal.steps.is_empty() => ().into_any(),
        Forecast::Changes(lines) => changes_view(lines),
        Forecast::Bulk(bulk) => bulk_view(bulk),
        Forecast::Refused { reason, rule } => view! {
            <div class="refusal">
                <p>
                    <b>"Refused: "</b>
                    {reason}
                </p>
                {rule.map(|rule| view! { <p class="muted">{rule}</p> })}
            </div>
        }
        .into_any(),
        Forecast::Trying => view! { <p class="muted">"Reading the affected data for the dry run…"</p> }.into_any(),
        Forecast::Untried(why) => untried_view(&why),
    };
    view! {
        {proposal.is_bulk.then(|| summary_view(proposal, is_live))}
        {tried}
    }
}

fn changes_view(lines: Vec<String>) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="muted">"No changes: everything is already set this way."</p> }.into_any();
    }
    let rest = lines.len().saturating_sub(MOST_SHOWN);
    let more = (rest > 0).then(|| view! { <li class="muted">{format!("and {rest} more")}</li> });
    let shown = lines
        .into_iter()
        .take(MOST_SHOWN)
        .map(|line| view! { <li>{marked_line(&line)}</li> });
    view! { <ul class="effects">{shown.collect_view()} {more}</ul> }.into_any()
}

/// A sentence, followed by the warnings about the names in it.
fn marked_line(line: &str) -> AnyView {
    let words = line
        .split_whitespace()
        .map(|word| word.trim_matches([',', ':', ';', '(', ')', '“', '”']));
    let marks = words
        .filter(|word| word.contains('.'))
        .filter_map(name_mark)
        .collect_view();
    view! {
        <bdi>{line.to_owned()}</bdi>
        {marks}
    }
    .into_any()
}

fn untried_view(why: &str) -> AnyView {
    let account = use_account();
    view! {
        <div class="refusal">
            <p>{format!("The dry run failed: {why}. Nothing was sent.")}</p>
            <button type="button" on:click=move |_| account.try_again()>
                "Try again"
            </button>
        </div>
    }
    .into_any()
}

/// What a bulk comes to by kind, and how it is sent.
fn summary_view(proposal: Proposal, is_live: bool) -> AnyView {
    let count = proposal.steps.len();
    let lines = proposal.summary.into_iter().map(|line| view! { <li>{line}</li> });
    let how = (count > 0).then(|| {
        let requests = counted(count as u64, "request");
        let tried = if is_live {
            " Each gets a dry run on a copy first; requests that fail it are not sent."
        } else {
            ""
        };
        let words = format!("{requests}, sent one at a time. A failed request does not stop the others.{tried}");
        view! { <p class="muted">{words}</p> }
    });
    view! {
        <ul class="effects bulk-summary">{lines.collect_view()}</ul>
        {how}
    }
    .into_any()
}

/// What the copy came to, and what was refused on it.
fn bulk_view(bulk: BulkForecast) -> AnyView {
    let some = (bulk.total > bulk.tried).then(|| format!("Dry run of the first {}:", bulk.tried));
    let refused_count = bulk.refused.len();
    let more = refused_count.saturating_sub(MOST_REFUSALS_SHOWN);
    let more = (more > 0).then(|| view! { <li class="muted">{format!("and {more} more")}</li> });
    let shown = bulk.refused.into_iter().take(MOST_REFUSALS_SHOWN);
    let shown =
        shown.map(|(name, why)| view! { <li><b>{name.map(|name| domain_name(name.as_str()))}</b> " " {why}</li> });
    let refused = (refused_count > 0).then(|| {
        view! {
            <div class="refusal">
                <p>
                    <b>{format!("{} would be refused", counted(refused_count as u64, "request"))}</b>
                </p>
                <ul>{shown.collect_view()} {more}</ul>
            </div>
        }
    });
    view! {
        {some.map(|words| view! { <p class="muted">{words}</p> })}
        {changes_view(bulk.changes)}
        {refused}
    }
    .into_any()
}
