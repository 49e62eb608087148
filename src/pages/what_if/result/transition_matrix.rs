//! The 3×3 table: A's band against B's, in domains and in messages.

use super::LatestComparison;
use crate::components::{BandChip, Card, Segmented};
use crate::state::{QueryParam, use_query_param};
use leptos::prelude::*;
use poolkeeper_core::model::Band;
use poolkeeper_core::text;
use poolkeeper_lab::{DomainsAndMail, TransitionMatrix};
use poolkeeper_view::url_state::list::{cell_text, parse_cell};

/// The card. Its cells choose which affected domains are listed.
#[component]
pub(crate) fn CrossingCard(latest: LatestComparison) -> impl IntoView {
    let (counted, chosen) = (use_query_param("count"), use_query_param("cell"));
    let by_days = Memo::new(move |_| counted.get() == "days");
    let value = Signal::derive(move || if by_days.get() { "days" } else { "ends" }.to_owned());
    let choose = move |id: String| counted.set(if id == "days" { "days" } else { "" });
    let choices = [("ends", "Domains, final band"), ("days", "Domain-days")];
    let choices = choices.map(|(id, words)| (id.to_owned(), words.to_owned())).to_vec();
    let crossing = Memo::new(move |_| {
        let by_days = by_days.get();
        latest
            .with(|compared| {
                let comparison = &compared.comparison;
                if by_days { comparison.days } else { comparison.ends }
            })
            .unwrap_or_default()
    });
    let heads = Band::ALL
        .map(|band| {
            view! {
                <th scope="col">
                    <BandChip pool=band />
                </th>
            }
        })
        .collect_view();
    let rows = Band::ALL.map(|a| row(a, crossing, by_days, chosen)).collect_view();
    let totals = Band::ALL
        .map(|b| view! { <td class="crossing-sum">{move || share_view(column(&crossing.get(), b), all(&crossing.get()))}</td> })
        .collect_view();
    view! {
        <Card title="Where domains end: A vs B" class="crossing-card">
            <Segmented label="Unit" options=choices value=value on_choose=choose />
            <table class="crossing">
                <caption class="hint result-caption">
                    {move || {
                        if by_days.get() {
                            "Rows: band per day under A. Columns: under B. Messages count by the band they were sent from."
                        } else {
                            "Rows: final band under A. Columns: final band under B. Select a cell to list its domains."
                        }
                    }}
                </caption>
                <thead>
                    <tr>
                        <td class="crossing-corner">
                            <span aria-hidden="true">"A ↓  B →"</span>
                        </td>
                        {heads}
                        <th scope="col" class="crossing-sum">
                            "A total"
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {rows} <tr>
                        <th scope="row" class="crossing-sum">
                            "B total"
                        </th>
                        {totals}
                        <td class="crossing-sum">{move || share_view(all(&crossing.get()), all(&crossing.get()))}</td>
                    </tr>
                </tbody>
            </table>
        </Card>
    }
}

fn row(a: Band, crossing: Memo<TransitionMatrix>, by_days: Memo<bool>, chosen: QueryParam) -> AnyView {
    let cells = Band::ALL.map(|b| cell(a, b, crossing, by_days, chosen)).collect_view();
    view! {
        <tr>
            <th scope="row">
                <BandChip pool=a />
            </th>
            {cells}
            <td class="crossing-sum">{move || share_view(line(&crossing.get(), a), all(&crossing.get()))}</td>
        </tr>
    }
    .into_any()
}

fn cell(a: Band, b: Band, crossing: Memo<TransitionMatrix>, by_days: Memo<bool>, chosen: QueryParam) -> AnyView {
    let share = Memo::new(move |_| crossing.with(|crossing| (crossing.get(a, b), all(crossing))));
    let is_chosen = Memo::new(move |_| parse_cell(&chosen.get()) == Some((a, b)));
    let class = match (a, b) {
        (a, b) if a == b => "crossing-stays",
        (_, Band::Poor) => "crossing-moved crossing-to-poor",
        (_, Band::Good) => "crossing-moved crossing-to-good",
        (_, Band::New) => "crossing-moved crossing-to-new",
    };
    let toggle = move |_| {
        let text = cell_text((a, b));
        chosen.set(if is_chosen.get_untracked() { "" } else { &text });
    };
    let content = move || {
        let (share, whole) = share.get();
        let body = share_view(share, whole);
        if a == b || by_days.get() || share.domains == 0 {
            return body;
        }
        let name = format!(
            "List {} that end {} under A and {} under B",
            text::counted(share.domains, "domain"),
            a.word(),
            b.word()
        );
        view! {
            <button
                type="button"
                class="plain crossing-button"
                aria-label=name
                aria-pressed=move || is_chosen.get().to_string()
                on:click=toggle
            >
                {body}
            </button>
        }
        .into_any()
    };
    view! {
        <td class=class class:crossing-chosen=move || is_chosen.get() class:crossing-none=move || share.get().0.domains == 0>
            {content}
        </td>
    }
    .into_any()
}

fn share_view(share: DomainsAndMail, whole: DomainsAndMail) -> AnyView {
    let mail = text::share(share.messages, whole.messages);
    let messages = text::counted(share.messages, "message");
    view! {
        <span class="crossing-share" title=messages>
            <b>{text::count(share.domains)}</b>
            <span>{text::count(share.messages)}</span>
            <span>{mail}</span>
        </span>
    }
    .into_any()
}

fn sum(shares: impl Iterator<Item = DomainsAndMail>) -> DomainsAndMail {
    shares.fold(DomainsAndMail::default(), |sum, share| DomainsAndMail {
        domains: sum.domains + share.domains,
        messages: sum.messages + share.messages,
    })
}

fn line(crossing: &TransitionMatrix, a: Band) -> DomainsAndMail {
    sum(Band::ALL.into_iter().map(|b| crossing.get(a, b)))
}

fn column(crossing: &TransitionMatrix, b: Band) -> DomainsAndMail {
    sum(Band::ALL.into_iter().map(|a| crossing.get(a, b)))
}

fn all(crossing: &TransitionMatrix) -> DomainsAndMail {
    sum(Band::ALL.into_iter().map(|a| line(crossing, a)))
}
