//! The record: every change of this account, what came of each request, and going on with it or putting it back.

mod actions;
mod change;
mod filters;

use crate::components::{Empty, ExportMenu, PageHead, PhoneColumn, SkeletonRows, TableColumn, Time, VirtualTable};
use crate::state::record::{AccountRecord, RecordPhase};
use crate::state::{use_account, use_query_param};
use change::ChangeCard;
use filters::{FilterBar, RecordFilters};
use leptos::prelude::*;
use poolkeeper_account::record::{ChangeId, RecordFilter, RecordedChange};
use poolkeeper_core::text;
use poolkeeper_view::change_sheet::record_sheet;

/// The changes that are shown, by name, the latest first.
type Shown = Memo<Vec<ChangeId>>;

#[component]
pub(crate) fn Record() -> impl IntoView {
    let account = use_account();
    let record = account.record();
    record.refresh();
    let filters = RecordFilters::from_address();
    let shown = Memo::new(move |_| fitting(record, &filters.filter()));
    let lead = move || match record.phase() {
        RecordPhase::Ready => text::counted(shown.with(|shown| shown.len() as u64), "change"),
        _ => String::new(),
    };
    let export = Callback::new(move |()| {
        untrack(|| {
            record.with(|changes| {
                let found = shown.with(|shown| {
                    shown
                        .iter()
                        .filter_map(|id| changes.get(id))
                        .cloned()
                        .collect::<Vec<_>>()
                });
                record_sheet(found.iter())
            })
        })
    });
    let has_live = Memo::new(move |_| !account.source().is_simulator());
    view! {
        <PageHead title="Record" lead=lead>
            <ExportMenu name="record" sheet=export />
        </PageHead>
        {move || {
            if has_live.get() {
                view! { <Changes record=record filters=filters shown=shown /> }.into_any()
            } else {
                view! {
                    <Empty
                        title="The record has the changes of live accounts"
                        hint="The simulator's moves are in History. Connect to an account in Settings."
                    />
                }
                    .into_any()
            }
        }}
    }
}

fn fitting(record: AccountRecord, filter: &RecordFilter) -> Vec<ChangeId> {
    let account = record.account();
    record.with(|changes| {
        let of_account = changes
            .newest_first()
            .filter(|change| change.intent.account.is_same(&account));
        let fitting = of_account.filter(|change| filter.fits(change));
        fitting.map(|change| change.intent.id.clone()).collect()
    })
}

#[component]
fn Changes(record: AccountRecord, filters: RecordFilters, shown: Shown) -> impl IntoView {
    let chosen = use_query_param("change");
    let change = Memo::new(move |_| {
        let id = ChangeId::from(&*chosen.get());
        record.with(|changes| changes.get(&id).cloned())
    });
    let is_chosen = Memo::new(move |_| change.with(Option::is_some));
    view! {
        <FilterBar filters=filters />
        {move || problem(record)}
        <Show when=move || is_chosen.get()>
            <ChangeCard change=change on_close=move |()| chosen.set("") />
        </Show>
        {move || {
            if matches!(record.phase(), RecordPhase::Off | RecordPhase::Reading) {
                view! { <SkeletonRows rows=8 /> }.into_any()
            } else if shown.with(Vec::is_empty) {
                none(filters)
            } else {
                view! { <Table record=record shown=shown on_open=move |id: String| chosen.set(&id) /> }.into_any()
            }
        }}
    }
}

fn problem(record: AccountRecord) -> Option<AnyView> {
    let RecordPhase::Problem(why) = record.phase() else {
        return None;
    };
    Some(
        view! {
            <div class="refusal" role="alert">
                <p>
                    <b>"The record of changes could not be read: " {why}</b>
                </p>
                <p>"No change is sent without its entry in the record."</p>
                <button type="button" on:click=move |_| record.read()>
                    "Read again"
                </button>
            </div>
        }
        .into_any(),
    )
}

fn none(filters: RecordFilters) -> AnyView {
    if filters.are_set() {
        return view! {
            <Empty title="No changes match these filters" hint="Remove a filter or widen the dates.">
                <button type="button" on:click=move |_| filters.clear()>
                    "Clear all filters"
                </button>
            </Empty>
        }
        .into_any();
    }
    view! { <Empty title="No changes yet" hint="Each change of this account is recorded before it is sent." /> }
        .into_any()
}

#[component]
fn Table(record: AccountRecord, shown: Shown, #[prop(into)] on_open: Callback<String>) -> impl IntoView {
    let columns = vec![
        TableColumn::text("time", "When", "136px").on_phone(PhoneColumn::Aside),
        TableColumn::text("title", "Change", "minmax(170px, 1.3fr)").on_phone(PhoneColumn::Title),
        TableColumn::text("outcome", "Outcome", "116px"),
        TableColumn::text("progress", "Requests", "minmax(200px, 1.4fr)"),
        TableColumn::text("who", "By", "minmax(90px, 1fr)").on_phone(PhoneColumn::Hidden),
        TableColumn::text("undone", "Undone", "96px").on_phone(PhoneColumn::Hidden),
    ];
    let count = Signal::derive(move || shown.with(Vec::len));
    let id = move |row: usize| shown.with(|shown| shown.get(row).cloned());
    let key = Callback::new(move |row: usize| id(row).map(|id| id.to_string()).unwrap_or_default());
    let cells = Callback::new(move |row: usize| {
        let id = id(row);
        id.and_then(|id| record.with(|changes| changes.get(&id).map(cells_of)))
            .unwrap_or_default()
    });
    let open = Callback::new(move |row: usize| {
        if let Some(id) = untrack(|| id(row)) {
            on_open.run(id.to_string());
        }
    });
    view! { <VirtualTable label="Record" columns=columns count=count row_key=key cells=cells on_open=open /> }
}

fn cells_of(change: &RecordedChange) -> Vec<AnyView> {
    let text = |text: String| view! { <span>{text}</span> }.into_any();
    let intent = &change.intent;
    vec![
        view! { <Time at=Some(intent.at) /> }.into_any(),
        text(change.label()),
        text(change.outcome().word().to_owned()),
        text(change.progress()),
        text(intent.who.clone().unwrap_or_else(|| "–".to_owned())),
        text(if change.undone_by.is_empty() { "–" } else { "yes" }.to_owned()),
    ]
}
