//! A domain's days and its history.

use super::dossier::{Dossier, Past};
use crate::ui::components::{BandMove, Card, Empty, Time};
use crate::ui::format;
use crate::ui::state::use_query_param;
use leptos::prelude::*;

/// Counts a day.
#[component]
pub fn DaysCard(
    /// The domain.
    dossier: Memo<Option<Dossier>>,
) -> impl IntoView {
    view! {
        <Card title="Day by day" note=|| "latest 90 days, UTC">
            {move || dossier.get().map(|dossier| format::counted(dossier.days.len() as u64, "day"))}
        </Card>
    }
    .into_any()
}

/// Every change of band.
#[component]
pub fn HistoryCard(
    /// The domain.
    dossier: Memo<Option<Dossier>>,
) -> impl IntoView {
    let marked = use_query_param("day");
    let records =
        Memo::new(move |_| dossier.with(|dossier| dossier.as_ref().map(|d| d.history.clone()).unwrap_or_default()));
    let note = move || format::counted(records.with(|records| records.len() as u64), "record");
    view! {
        <Card title="History" note=note>
            {move || {
                let records = records.get();
                if records.is_empty() {
                    return view! { <Empty title="Nothing yet" hint="A record appears when it is enrolled or changes pool." /> }
                        .into_any();
                }
                let marked = marked.get();
                view! { <ol class="past">{records.iter().map(|past| past_view(past, &marked)).collect_view()}</ol> }.into_any()
            }}
        </Card>
    }
    .into_any()
}

fn past_view(past: &Past, marked: &str) -> AnyView {
    let is_marked = past.day.to_string() == marked;
    let rates = [
        ("bounces", past.counts.bounce_rate()),
        ("complaints", past.counts.complaint_rate()),
    ]
    .map(|(noun, rate)| rate.map(|rate| format!("{noun} {}", crate::model::Rate(rate).percent())));
    let mut facts: Vec<String> = rates.into_iter().flatten().collect();
    facts.push(format!("{} processed", format::count(past.counts.processed)));
    facts.push(format!("by {}", past.by));
    view! {
        <li class="past-row" class:marked=is_marked aria-current=is_marked.then_some("true")>
            <span class="past-when">
                <Time at=Some(past.at.to_utc()) />
            </span>
            <BandMove from=past.from.map(Into::into) to=Some(past.to.into()) />
            <span>{past.reason.clone()}</span>
            <span class="muted">{facts.join(" · ")}</span>
        </li>
    }
    .into_any()
}
