//! The enrolled domains: a list that streams in, filters in the address, a selection and what can be done with it.

mod columns;
mod filter_bar;
mod moves;
mod rows;

use super::accounts::{account_names, read_accounts};
use super::actions::{ActionDialogs, ActionRequest, DomainAction};
use super::simulated::use_policy;
use crate::components::columns_choice::ShownColumns;
use crate::components::{
    AsOf, ColumnsChoice, Empty, ExportMenu, Failed, Icon, ListProgress, SavedViewsMenu, Selection, SelectionBar,
    SkeletonRows, Sort, VirtualTable,
};
use crate::state::{DomainList, LabelStore, ReadState, use_account, use_domains, use_last_day, use_toasts};
use filter_bar::{FilterBar, FilterParams};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use moves::LastMovesReader;
use poolkeeper_core::model::Domain;
use poolkeeper_core::text::{count, counted};
use poolkeeper_view::enrolled_rows;
use poolkeeper_view::export::Sheet;
use poolkeeper_view::filters::DomainFilters;
use poolkeeper_view::paged_list::ListPhase;
use poolkeeper_view::routes::{PageRoute, domain_href};
use rows::{RowSources, Rows};
use std::sync::Arc;

/// What the tab is made of. `Copy`.
#[derive(Clone, Copy)]
struct EnrolledTab {
    params: FilterParams,
    filters: Memo<DomainFilters>,
    list: DomainList,
    rows: Rows,
    moves: LastMovesReader,
    columns: ShownColumns,
    selection: Selection,
    asked: ActionRequest,
}

/// The tab's panel.
#[component]
pub(crate) fn Enrolled() -> impl IntoView {
    let account = use_account();
    let params = FilterParams::here();
    let filters = params.filters();
    let list = use_domains();
    list.follow();
    let subaccounts = account.read_once(read_accounts);
    let met = Memo::new(move |_| list.with_rows(enrolled_rows::account_names));
    let accounts = Memo::new(move |_| met.with(|met| account_names(subaccounts.value().as_deref(), met)));
    let has_rows = Memo::new(move |_| list.status().with(|status| status.phase != ListPhase::Waiting));
    let moves = LastMovesReader::new(account, has_rows);
    let sources = RowSources {
        accounts,
        moves,
        policy: use_policy(),
        last_day: use_last_day().into(),
        labels: LabelStore::stored(),
    };
    let tab = EnrolledTab {
        params,
        filters,
        list,
        rows: Rows::new(list, filters, sources),
        moves,
        columns: ShownColumns::new(columns::columns(), &columns::HIDDEN_AT_FIRST),
        selection: Selection::new(),
        asked: ActionRequest::new(),
    };
    forget_what_left(tab);
    view! {
        <FilterBar params=params filters=filters accounts=accounts labels=sources.labels>
            <SavedViewsMenu page=PageRoute::Domains />
            <ColumnsChoice columns=tab.columns />
            <ExportMenu name="domains" sheet=export(tab) />
        </FilterBar>
        <Reach tab=tab />
        <EnrolledActions tab=tab />
        {move || body(tab)}
        <ActionDialogs asked=tab.asked />
    }
}

/// Unticks domains that are enrolled no longer, once a reading is whole.
fn forget_what_left(tab: EnrolledTab) {
    let is_whole = Memo::new(move |_| tab.list.status().with(|status| status.phase == ListPhase::Complete));
    Effect::new(move |_| {
        if is_whole.get() && tab.selection.count() > 0 {
            let known = tab.list.with_rows(|rows| {
                let names = rows.iter().map(|row| row.name.to_string());
                names.collect::<std::collections::HashSet<_>>()
            });
            tab.selection.keep(&known);
        }
    });
}

fn export(tab: EnrolledTab) -> Callback<(), Sheet> {
    let toasts = use_toasts();
    Callback::new(move |()| {
        let status = tab.list.status().get_untracked();
        if status.phase != ListPhase::Complete && !status.is_refresh {
            let of = status
                .total
                .map(|total| format!(" of {}", count(total)))
                .unwrap_or_default();
            toasts.note(format!(
                "The file contains the {}{of} domains loaded so far",
                count(status.done)
            ));
        }
        columns::sheet(
            &tab.rows.all_untracked(),
            &tab.rows.accounts().get_untracked(),
            tab.moves,
            tab.rows,
        )
    })
}

/// How far the reading is, and how many rows the filters leave.
#[component]
fn Reach(tab: EnrolledTab) -> impl IntoView {
    let status = tab.list.status();
    let words = move || {
        let status = status.get();
        let shown = tab.rows.count() as u64;
        let narrowed = tab.filters.with(|filters| !filters.lets_all_through());
        match (&status.phase, narrowed) {
            (ListPhase::Waiting, _) => String::new(),
            (ListPhase::Complete, false) => counted(shown, "domain"),
            (ListPhase::Complete, true) => format!("{} of {}", count(shown), counted(status.done, "domain")),
            (_, false) if status.is_refresh => counted(shown, "domain"),
            (_, false) => format!("{} loaded", counted(shown, "domain")),
            (_, true) => format!("{} among the domains loaded so far", count(shown)),
        }
    };
    let is_live = move || !use_account().source().is_simulator();
    let as_of = Signal::derive(move || tab.list.as_of().filter(|_| is_live()));
    // What is ticked while the list is loading is not all there will be.
    let ticked = Memo::new(move |_| {
        let is_partial = status.with(|status| status.phase != ListPhase::Complete && !status.is_refresh);
        let ticked = tab.selection.count() as u64;
        (is_partial && ticked > 0).then(|| {
            let loaded = status.with(|status| count(status.done));
            format!(
                "{} of the {loaded} loaded so far selected. Domains that load later are not selected.",
                count(ticked)
            )
        })
    });
    view! {
        <div class="list-reach">
            <p class="muted" role="status">
                {words}
            </p>
            <p class="muted" role="status">{move || ticked.get()}</p>
            <AsOf at=as_of on_refresh=move |()| tab.list.refresh() />
            <ListProgress
                status=status
                work=Signal::derive(move || tab.list.work())
                on_stop=move |()| tab.list.stop()
                on_resume=move |()| tab.list.resume()
            />
            {move || {
                is_live()
                    .then(|| {
                        view! {
                            <p class="muted">
                                "Rate bars use this console's default thresholds. Mailgun does not publish its own."
                            </p>
                        }
                    })
            }}
            {move || {
                tab.moves
                    .problem()
                    .map(|error| {
                        view! {
                            <p class="muted">{format!("Last moves are missing: {}", error.advice().happened)}</p>
                        }
                    })
            }}
        </div>
    }
}

const NONE_PINNED: &str = "None of the selected domains is pinned";

/// What can be done with the ticked rows.
#[component]
fn EnrolledActions(tab: EnrolledTab) -> impl IntoView {
    let chosen = move || {
        let keys = tab.selection.keys();
        let wanted = keys.into_iter().collect::<std::collections::HashSet<_>>();
        tab.list.with_rows_untracked(|rows| {
            let ticked = rows.iter().filter(|row| wanted.contains(row.name.as_str()));
            ticked.cloned().collect::<Vec<Arc<Domain>>>()
        })
    };
    let ask = move |deed: DomainAction| tab.asked.ask(deed, untrack(chosen));
    let has_pinned = Memo::new(move |_| {
        tab.selection.count() > 0
            && tab.list.with_rows(|rows| {
                rows.iter()
                    .any(|row| row.is_overridden == Some(true) && tab.selection.has(row.name.as_str()))
            })
    });
    view! {
        <SelectionBar label="Selected domains" selection=tab.selection>
            <button type="button" on:click=move |_| ask(DomainAction::Pin(None))>
                {Icon::Pin.view()}
                "Override"
            </button>
            <button
                type="button"
                disabled=move || !has_pinned.get()
                aria-describedby="none-pinned"
                title=move || (!has_pinned.get()).then_some(NONE_PINNED)
                on:click=move |_| ask(DomainAction::Unpin)
            >
                "Clear override"
            </button>
            <span id="none-pinned" class="hidden">
                {move || (!has_pinned.get()).then_some(NONE_PINNED)}
            </span>
            <button type="button" on:click=move |_| ask(DomainAction::Remove)>
                {Icon::Remove.view()}
                "Remove"
            </button>
        </SelectionBar>
    }
}

/// What the list is now: waiting, failed, empty, or rows.
#[derive(Clone, Debug, PartialEq)]
enum EnrolledListState {
    Waiting,
    Failed,
    NothingEnrolled,
    NothingFound,
    /// None of those loaded so far matches, and more are to come.
    NothingFoundYet,
    Rows,
}

fn body(tab: EnrolledTab) -> AnyView {
    let status = tab.list.status();
    let look = Memo::new(move |_| {
        let has_rows = tab.rows.count() > 0;
        status.with(|status| match (&status.phase, has_rows) {
            (_, true) => EnrolledListState::Rows,
            (ListPhase::Waiting, _) => EnrolledListState::Waiting,
            (ListPhase::Failed(_), _) => EnrolledListState::Failed,
            (ListPhase::Reading | ListPhase::Stopped, _) if tab.filters.with(DomainFilters::narrows) => {
                EnrolledListState::NothingFoundYet
            }
            (ListPhase::Reading, _) => EnrolledListState::Waiting,
            _ if tab.filters.with(DomainFilters::narrows) => EnrolledListState::NothingFound,
            _ => EnrolledListState::NothingEnrolled,
        })
    });
    let failure = move || {
        let error = status.with(|status| status.error().cloned())?;
        Some(view! { <Failed error=error on_retry=move |()| tab.list.resume() /> })
    };
    view! {
        {failure}
        {move || match look.get() {
            EnrolledListState::Waiting => view! { <SkeletonRows rows=12 /> }.into_any(),
            EnrolledListState::Failed => ().into_any(),
            EnrolledListState::NothingEnrolled => nothing_enrolled(),
            EnrolledListState::NothingFound => {
                view! {
                    <Empty title="No enrolled domains match" hint="Try another name or clear the filters.">
                        <button type="button" on:click=move |_| tab.params.clear()>
                            "Clear filters"
                        </button>
                    </Empty>
                }
                    .into_any()
            }
            EnrolledListState::NothingFoundYet => {
                view! {
                    <Empty
                        title="No match among the domains loaded so far"
                        hint="The list is incomplete. Domains that match are shown as they load."
                    />
                }
                    .into_any()
            }
            EnrolledListState::Rows => table(tab),
        }}
    }
    .into_any()
}

fn nothing_enrolled() -> AnyView {
    let account = use_account();
    let pools: ReadState<bool> =
        account.read(|client| async move { client.pools().await.map(|pools| pools.is_configured()) });
    view! {
        {move || {
            if pools.value() == Some(false) {
                view! {
                    <Empty
                        title="The dynamic pools are not set up"
                        hint="Assign IPs to the three pools first, then enroll domains."
                    >
                        <a class="button primary" href=PageRoute::Pools.href(&[])>
                            "Set up pools"
                        </a>
                    </Empty>
                }
                    .into_any()
            } else {
                view! {
                    <Empty
                        title="No enrolled domains"
                        hint="A daily health check assigns each enrolled domain to the good, poor or new pool."
                    >
                        <a class="button primary" href=PageRoute::Domains.href(&[("tab", "not-enrolled")])>
                            "Enroll domains"
                        </a>
                    </Empty>
                }
                    .into_any()
            }
        }}
    }
    .into_any()
}

fn table(tab: EnrolledTab) -> AnyView {
    let policy = use_policy();
    let navigate = StoredValue::new_local(use_navigate());
    let rows = tab.rows;
    let open = Callback::new(move |row: usize| {
        let name = untrack(|| rows.name(row));
        if !name.is_empty() {
            let options = NavigateOptions {
                resolve: false,
                ..NavigateOptions::default()
            };
            // Taken out first: going there drops what is stored here.
            let navigate = navigate.get_value();
            navigate(&domain_href(&name), options);
        }
    });
    let sort = Signal::derive(move || tab.filters.with(|filters| filters.sort.clone()));
    let set_sort = Callback::new(move |sort: Sort| {
        let word = sort.to_query();
        tab.params.sort.set(if word == "name" { "" } else { &word });
    });
    (move || {
        let (at, columns): (Vec<usize>, Vec<_>) = tab.columns.get().into_iter().unzip();
        let cells =
            Callback::new(move |row: usize| ShownColumns::cells(&at, columns::cells(rows, tab.moves, policy, row)));
        view! {
            <VirtualTable
                label="Enrolled domains"
                columns=columns
                count=Signal::derive(move || rows.count())
                row_key=move |row: usize| rows.name(row)
                cells=cells
                sort=(sort, set_sort)
                selection=tab.selection
                on_open=open
            />
        }
    })
    .into_any()
}
