//! One change: its requests with what came of each, and what can be done about it.

use super::actions::ChangeActions;
use crate::components::{Card, ExportMenu, PhoneColumn, TableColumn, VirtualTable, domain_name};
use leptos::prelude::*;
use poolkeeper_account::record::{ItemState, RecordedChange};
use poolkeeper_core::text::counted;
use poolkeeper_view::change_sheet::record_sheet;
use poolkeeper_view::routes::{PageRoute, domain_href};

#[component]
pub(super) fn ChangeCard(change: Memo<Option<RecordedChange>>, #[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let title = change.with_untracked(|change| {
        let title = change.as_ref().map(|change| change.intent.title.clone());
        title.unwrap_or_default()
    });
    let progress = move || change.with(|change| change.as_ref().map(RecordedChange::progress).unwrap_or_default());
    let export = Callback::new(move |()| change.with_untracked(|change| record_sheet(change.iter())));
    let end = move || {
        view! {
            <ExportMenu name="change" sheet=export />
            <button type="button" class="quiet" on:click=move |_| on_close.run(())>
                "Close"
            </button>
        }
        .into_any()
    };
    view! {
        <Card title=title note=progress end=end class="record-change">
            {move || change.get().map(|change| facts(&change))}
            <ChangeActions change=change />
            <Items change=change />
        </Card>
    }
}

fn facts(change: &RecordedChange) -> AnyView {
    let link = |id: String| {
        let href = PageRoute::Record.href(&[("change", &id)]);
        view! { <a href=href>{id}</a> " " }
    };
    let intent = &change.intent;
    let undoes = intent.undoes.as_ref().map(|id| {
        view! {
            <dt>"Puts back"</dt>
            <dd>{link(id.to_string())}</dd>
        }
    });
    let undone_by = (!change.undone_by.is_empty()).then(|| {
        let links = change.undone_by.iter().map(|id| link(id.to_string())).collect_view();
        view! {
            <dt>"Undone by"</dt>
            <dd>{links}</dd>
        }
    });
    let forecast = (!intent.forecast.is_empty()).then(|| {
        view! {
            <dt>"Expected"</dt>
            <dd>{intent.forecast.join("; ")}</dd>
        }
    });
    let senders = &intent.former_senders;
    let former = (!senders.is_empty()).then(|| {
        let noted = format!("noted for {}", counted(senders.count() as u64, "domain"));
        let words = [Some(noted), senders.problem()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>();
        view! {
            <dt>"Sent from before"</dt>
            <dd>{words.join(". ")}</dd>
        }
    });
    view! {
        <dl class="pairs record-facts">
            <dt>"Outcome"</dt>
            <dd>{change.outcome().word()}</dd>
            {forecast}
            {former}
            {undoes}
            {undone_by}
        </dl>
    }
    .into_any()
}

/// The requests, each with its outcome.
#[component]
fn Items(change: Memo<Option<RecordedChange>>) -> impl IntoView {
    let columns = vec![
        TableColumn::text("domain", "Domain", "minmax(150px, 1fr)").on_phone(PhoneColumn::Title),
        TableColumn::text("outcome", "Outcome", "96px").on_phone(PhoneColumn::Aside),
        TableColumn::text("request", "Request", "minmax(220px, 2fr)").on_phone(PhoneColumn::Hidden),
        TableColumn::text("reason", "Why", "minmax(180px, 2fr)"),
    ];
    let count = Signal::derive(move || change.with(|change| change.as_ref().map_or(0, |change| change.states.len())));
    let key = Callback::new(|row: usize| row.to_string());
    let cells = Callback::new(move |row: usize| {
        change.with(|change| {
            let item = change.as_ref().and_then(|change| change.items().nth(row));
            item.map(|(item, state)| {
                let domain = item.domain().map(|name| {
                    let name = name.to_string();
                    view! { <a href=domain_href(&name)>{domain_name(&name)}</a> }
                });
                let reason = match state {
                    ItemState::Answered(answer) => answer.reason().unwrap_or("–").to_owned(),
                    ItemState::Sent => "no answer".to_owned(),
                    ItemState::Waiting => "–".to_owned(),
                };
                let request = item.sent().map(|request| request.line()).unwrap_or_default();
                vec![
                    view! { <span>{domain}</span> }.into_any(),
                    view! { <span>{state.word()}</span> }.into_any(),
                    view! { <code>{request}</code> }.into_any(),
                    view! { <span>{reason}</span> }.into_any(),
                ]
            })
            .unwrap_or_default()
        })
    });
    view! { <VirtualTable label="Requests of the change" columns=columns count=count row_key=key cells=cells /> }
}
