//! History: every move, with the service's filters, why it happened and who did it.

mod filters;
mod rows;

use crate::charts::Chart;
use crate::components::columns_choice::ShownColumns;
use crate::components::{
    AsOf, Card, ColumnsChoice, Empty, ExportMenu, Failed, ListProgress, PageHead, PhoneColumn, SavedViewsMenu,
    SkeletonRows, Sort, TableColumn, VirtualTable,
};
use crate::state::{PagedResource, use_account, use_simulated};
use filters::{FilterBar, HistoryFilters};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use mailgun_pools::api::HistoryQuery;
use poolkeeper_core::model::HistoryRecord;
use poolkeeper_core::text;
use poolkeeper_lab::startup_days;
use poolkeeper_view::history_filters::HistoryChoices;
use poolkeeper_view::paged_list::ListPhase;
use poolkeeper_view::routes::PageRoute;
use rows::{cells, moves_by_day, record_href, sheet};
use std::sync::Arc;

/// Records that are read of a live account before a person wants the rest.
const NEWEST: u64 = 2_000;

/// The order of the service, as a sort.
const NEWEST_FIRST: &str = "-timestamp";

/// The records of the chosen days. `Copy`.
#[derive(Clone, Copy)]
struct ShownRecords {
    list: PagedResource<HistoryQuery>,
    /// Their positions in the list; `None` for all.
    positions: Memo<Option<Vec<u32>>>,
}

impl ShownRecords {
    /// How many. Reactive.
    fn count(&self) -> usize {
        self.positions
            .with(|positions| positions.as_ref().map(Vec::len))
            .unwrap_or_else(|| self.list.with_rows(<[_]>::len))
    }

    /// The record in a row. Reactive.
    fn get(&self, row: usize) -> Option<Arc<HistoryRecord>> {
        let at = self.positions.with(|positions| match positions {
            Some(positions) => positions.get(row).map(|at| *at as usize),
            None => Some(row),
        })?;
        self.list.with_rows(|records| records.get(at).cloned())
    }

    /// Reads them in order. Reactive.
    fn with<R>(&self, read: impl FnOnce(&mut dyn Iterator<Item = &Arc<HistoryRecord>>) -> R) -> R {
        self.list.with_rows(|records| {
            self.positions.with(|positions| match positions {
                Some(positions) => read(&mut positions.iter().filter_map(|at| records.get(*at as usize))),
                None => read(&mut records.iter()),
            })
        })
    }
}

#[component]
pub(crate) fn History() -> impl IntoView {
    let filters = HistoryFilters::from_address();
    let question = Memo::new(move |_| filters.query());
    let account = use_account();
    let list = PagedResource::<HistoryQuery>::new(account, question, NEWEST);
    let as_of = Signal::derive(move || list.as_of().filter(|_| !account.source().is_simulator()));
    let shown = ShownRecords {
        list,
        positions: Memo::new(move |_| {
            let of_list = filters.of_list();
            list.with_rows(|records| of_list.positions(records))
        }),
    };
    let lead = move || {
        let records = shown.count() as u64;
        list.status().with(|status| match status.total {
            None if status.phase == ListPhase::Waiting => String::new(),
            Some(total) if status.phase != ListPhase::Complete && total != records => {
                format!("{} of {}", text::count(records), text::counted(total, "record"))
            }
            _ => text::counted(records, "record"),
        })
    };
    let choices = Memo::new(move |_| list.with_rows(HistoryChoices::of));
    let columns = ShownColumns::new(columns(), &["account"]);
    let export = Callback::new(move |()| untrack(|| shown.with(|records| sheet(records))));
    let error = move || list.status().with(|status| status.error().cloned());
    view! {
        <PageHead title="History" lead=lead>
            <AsOf at=as_of on_refresh=move |()| list.reload() />
            <a class="button" href=PageRoute::Changes.href(&[])>
                "What changed"
            </a>
            <SavedViewsMenu page=PageRoute::History />
            <ColumnsChoice columns=columns />
            <ExportMenu name="history" sheet=export />
        </PageHead>
        <FilterBar filters=filters choices=choices />
        <ListProgress
            status=list.status()
            work=Signal::derive(move || list.work("history"))
            on_stop=move |()| list.stop()
            on_resume=move |()| list.resume()
        />
        {move || error().map(|error| view! { <Failed error=error on_retry=move |()| list.resume() /> })}
        <Moves shown=shown />
        {move || body(shown, filters, columns)}
    }
}

/// Moves a day by direction, of the records that are here and fit the filters.
#[component]
fn Moves(shown: ShownRecords) -> impl IntoView {
    let (account, simulated) = (use_account(), use_simulated());
    let settled = move || {
        let sim = account.source().is_simulator().then(|| simulated.sim())?;
        let days = i32::try_from(startup_days(sim.policy())).ok()?;
        Some(sim.first_day().plus(days))
    };
    let data = Memo::new(move |_| shown.with(|records| moves_by_day(records, settled())));
    let note = move || {
        let start = if data.with(|data| data.start > 0) {
            "; the account’s first days are dimmed, and leave the axis"
        } else {
            ""
        };
        format!("up to a better pool, down to a worse one; a check counts for the UTC day it closes{start}")
    };
    let has_days = Memo::new(move |_| data.with(|data| data.count() > 1));
    move || {
        has_days.get().then(|| {
            view! {
                <Card title="Moves per day" note=note class="history-moves">
                    <Chart title="Moves per day" data=data height=150.0 />
                </Card>
            }
        })
    }
}

fn body(shown: ShownRecords, filters: HistoryFilters, columns: ShownColumns) -> AnyView {
    let state = Memo::new(move |_| {
        let is_empty = shown.count() == 0;
        shown.list.status().with(|status| match &status.phase {
            ListPhase::Waiting => (false, true, false),
            ListPhase::Failed(_) => (!is_empty, is_empty, true),
            ListPhase::Reading | ListPhase::Complete | ListPhase::Stopped => (true, is_empty, false),
        })
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
        (true, false, _) => table(shown, filters, columns),
    }
}

fn columns() -> Vec<TableColumn> {
    let columns = [
        TableColumn::text("timestamp", "When, UTC", "136px").on_phone(PhoneColumn::Aside),
        TableColumn::text("domain", "Domain", "minmax(170px, 1.3fr)").on_phone(PhoneColumn::Title),
        TableColumn::text("move", "Move", "150px"),
        TableColumn::text("reason", "Why", "minmax(232px, 1.6fr)"),
        TableColumn::text("account", "Account", "minmax(80px, 1fr)").on_phone(PhoneColumn::Hidden),
        TableColumn::number("bounce_rate", "Bounces", "84px").on_phone(PhoneColumn::Half),
        TableColumn::number("complaint_rate", "Complaints", "96px").on_phone(PhoneColumn::Half),
        TableColumn::number("processed_count", "Processed", "96px").on_phone(PhoneColumn::Hidden),
        TableColumn::text("initiated_by", "By", "minmax(132px, 1fr)").on_phone(PhoneColumn::Hidden),
    ];
    columns.map(TableColumn::sortable).to_vec()
}

fn table(shown: ShownRecords, filters: HistoryFilters, columns: ShownColumns) -> AnyView {
    let count = Signal::derive(move || shown.count());
    let at = move |row: usize| shown.get(row);
    let key = Callback::new(move |row: usize| at(row).map(|record| record.id.clone()).unwrap_or_default());
    let navigate = use_navigate();
    let go = StoredValue::new_local(navigate);
    let open = Callback::new(move |row: usize| {
        if let Some(record) = untrack(|| at(row)) {
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
    let sort = Signal::derive(move || {
        let asked = filters.sort.get();
        // The service's own order.
        Sort::parse(if asked.is_empty() { NEWEST_FIRST } else { &asked })
    });
    let set_sort = Callback::new(move |sort: Sort| {
        let word = sort.to_query();
        filters.sort.set(if word == NEWEST_FIRST { "" } else { &word });
    });
    (move || {
        let (chosen, columns): (Vec<usize>, Vec<_>) = columns.get().into_iter().unzip();
        let cells = Callback::new(move |row: usize| {
            let record = at(row);
            ShownColumns::cells(&chosen, record.map(|record| cells(&record)).unwrap_or_default())
        });
        view! {
            <VirtualTable
                label="History"
                columns=columns
                count=count
                row_key=key
                cells=cells
                sort=(sort, set_sort)
                on_open=open
            />
        }
    })
    .into_any()
}
