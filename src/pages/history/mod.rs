//! History: every move, with the service's filters, why it happened and who did it.

mod filters;
mod rows;

use crate::charts::Chart;
use crate::components::{
    Card, Empty, ExportMenu, Failed, PageHead, PhoneColumn, ProgressBar, SkeletonRows, TableColumn, VirtualTable,
};
use crate::state::PagedListState;
use filters::{FilterBar, HistoryFilters};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use mailgun_pools::api::HistoryQuery;
use poolkeeper_core::model::HistoryRecord;
use poolkeeper_core::text;
use poolkeeper_view::routes::PageRoute;
use rows::{cells, moves_by_day, record_href, sheet};

/// The page.
#[component]
pub fn History() -> impl IntoView {
    let filters = HistoryFilters::from_address();
    let question = Memo::new(move |_| filters.query());
    let listing = PagedListState::<HistoryQuery>::new(question);
    let lead = move || {
        let records = listing.rows().len() as u64;
        match listing.total() {
            None if !listing.has_answer() => String::new(),
            Some(total) if total != records => {
                format!("{} of {}", text::count(records), text::counted(total, "record"))
            }
            _ => text::counted(records, "record"),
        }
    };
    let export = Callback::new(move |()| sheet(&listing.rows()));
    view! {
        <PageHead title="History" lead=lead>
            <ExportMenu name="history" sheet=export />
        </PageHead>
        <FilterBar filters=filters />
        {move || progress(listing)}
        {move || listing.error().map(|error| view! { <Failed error=error on_retry=move |()| listing.resume() /> })}
        <Moves listing=listing />
        {move || list(listing, filters)}
    }
    .into_any()
}

/// Moves a day by direction, of the records that are here and fit the filters.
#[component]
fn Moves(listing: PagedListState<HistoryQuery>) -> impl IntoView {
    let data = Memo::new(move |_| moves_by_day(&listing.rows()));
    let has_days = Memo::new(move |_| data.with(|data| data.count() > 1));
    move || {
        has_days.get().then(|| {
            view! {
                <Card title="Moves per day" note=|| "up to a better pool, down to a worse one" class="history-moves">
                    <Chart title="Moves per day" data=data height=150.0 />
                </Card>
            }
        })
    }
}

fn progress(listing: PagedListState<HistoryQuery>) -> Option<AnyView> {
    if listing.is_stopped() {
        return Some(
            view! {
                <p>
                    "Stopped before the end. "
                    <button type="button" class="quiet" on:click=move |_| listing.resume()>
                        "Load the rest"
                    </button>
                </p>
            }
            .into_any(),
        );
    }
    // One page needs no bar.
    let is_long = Memo::new(move |_| listing.is_loading() && listing.has_answer());
    let work = Signal::derive(move || listing.work("Loading history"));
    is_long
        .get()
        .then(|| view! { <ProgressBar work=work on_cancel=move |()| listing.stop() /> }.into_any())
}

fn list(listing: PagedListState<HistoryQuery>, filters: HistoryFilters) -> AnyView {
    let state = Memo::new(move |_| {
        let is_empty = listing.rows().is_empty();
        (listing.has_answer(), is_empty, listing.error().is_some())
    });
    match state.get() {
        (false, _, false) => view! { <SkeletonRows rows=10 /> }.into_any(),
        (false, _, true) => ().into_any(),
        (true, true, _) if filters.are_set() => view! {
            <Empty title="No records match these filters" hint="Remove a filter or widen the dates.">
                <button type="button" on:click=move |_| filters.clear()>
                    "Clear all filters"
                </button>
            </Empty>
        }
        .into_any(),
        (true, true, _) => view! {
            <Empty title="No records yet" hint="A record is added when a domain is enrolled or changes pool.">
                <a class="button" href=PageRoute::Domains.href(&[("tab", "not-enrolled")])>
                    "Enroll domains"
                </a>
            </Empty>
        }
        .into_any(),
        (true, false, _) => table(listing),
    }
}

fn table(listing: PagedListState<HistoryQuery>) -> AnyView {
    let columns = vec![
        TableColumn::text("timestamp", "When", "136px").on_phone(PhoneColumn::Aside),
        TableColumn::text("domain", "Domain", "minmax(170px, 1.3fr)").on_phone(PhoneColumn::Title),
        TableColumn::text("move", "Move", "150px"),
        TableColumn::text("reason", "Why", "minmax(232px, 1.6fr)"),
        TableColumn::number("bounce_rate", "Bounces", "72px").on_phone(PhoneColumn::Hidden),
        TableColumn::number("complaint_rate", "Complaints", "84px").on_phone(PhoneColumn::Hidden),
        TableColumn::number("processed_count", "Processed", "84px").on_phone(PhoneColumn::Hidden),
        TableColumn::text("initiated_by", "By", "minmax(132px, 1fr)").on_phone(PhoneColumn::Hidden),
    ];
    let count = Signal::derive(move || listing.rows().len());
    let at = move |row: usize| -> Option<HistoryRecord> { listing.rows().get(row).cloned() };
    let key = Callback::new(move |row: usize| at(row).map(|record| record.id).unwrap_or_default());
    let cells = Callback::new(move |row: usize| at(row).map(|record| cells(&record)).unwrap_or_default());
    let navigate = use_navigate();
    let go = StoredValue::new_local(navigate);
    let open = Callback::new(move |row: usize| {
        let record = listing.rows().get(row).cloned();
        if let Some(record) = record {
            go.with_value(|go| {
                go(
                    &record_href(&record),
                    NavigateOptions {
                        resolve: false,
                        ..NavigateOptions::default()
                    },
                )
            });
        }
    });
    view! { <VirtualTable label="History" columns=columns count=count row_key=key cells=cells on_open=open /> }
        .into_any()
}
