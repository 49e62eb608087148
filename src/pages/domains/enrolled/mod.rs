//! The enrolled domains: a list that streams in, filters in the address, a selection and what can be done with it.

mod columns;
mod filter_bar;
mod loader;
mod moves;
mod rows;
mod status;

use super::accounts::{account_names, read_accounts};
use super::actions::{ActionDialogs, ActionRequest, DomainAction};
use super::simulated::use_policy;
use crate::components::{Empty, ExportMenu, Failed, Icon, ProgressBar, Selection, SkeletonRows, Sort, VirtualTable};
use crate::state::{ReadState, use_account, use_toasts};
use filter_bar::{FilterBar, FilterParams};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use loader::EnrolledLoader;
use moves::LastMovesReader;
use poolkeeper_core::model::Domain;
use poolkeeper_core::text::{count, counted};
use poolkeeper_view::export::Sheet;
use poolkeeper_view::filters::DomainFilters;
use poolkeeper_view::routes::{PageRoute, domain_href};
use rows::Rows;
use status::{ListPhase, ListStatus};
use std::sync::Arc;

/// What the tab is made of. `Copy`.
#[derive(Clone, Copy)]
struct EnrolledTab {
    params: FilterParams,
    filters: Memo<DomainFilters>,
    loader: EnrolledLoader,
    rows: Rows,
    moves: LastMovesReader,
    selection: Selection,
    asked: ActionRequest,
}

/// The tab's panel.
#[component]
pub fn Enrolled() -> impl IntoView {
    let account = use_account();
    let params = FilterParams::here();
    let filters = params.filters();
    let query = Memo::new(move |_| filters.with(DomainFilters::query));
    let loader = EnrolledLoader::new(account, query);
    let subaccounts = account.read(read_accounts);
    let accounts = Memo::new(move |_| account_names(subaccounts.value().as_deref(), &loader.accounts()));
    let has_rows = Memo::new(move |_| loader.status().with(|status| status.phase != ListPhase::Waiting));
    let tab = EnrolledTab {
        params,
        filters,
        loader,
        rows: Rows::new(loader, filters, accounts),
        moves: LastMovesReader::new(account, has_rows),
        selection: Selection::new(),
        asked: ActionRequest::new(),
    };
    forget_what_left(tab);
    let done = Callback::new(move |writes: Vec<_>| loader.apply(&writes));
    view! {
        <FilterBar params=params filters=filters accounts=accounts>
            <ExportMenu name="domains" sheet=export(tab) />
        </FilterBar>
        <Reach tab=tab />
        <SelectionBar tab=tab />
        {move || body(tab)}
        <ActionDialogs asked=tab.asked on_done=done />
    }
    .into_any()
}

/// Unticks domains that are enrolled no longer, once a reading is whole.
fn forget_what_left(tab: EnrolledTab) {
    let is_whole = Memo::new(move |_| tab.loader.status().with(|status| status.phase == ListPhase::Complete));
    Effect::new(move |_| {
        if is_whole.get() && tab.selection.count() > 0 && !tab.filters.with_untracked(DomainFilters::narrows_the_api) {
            let known = tab.loader.with_rows_untracked(|rows| {
                let names = rows.iter().map(|row| row.name.to_string());
                names.collect::<std::collections::HashSet<_>>()
            });
            if tab.selection.keys().iter().any(|name| !known.contains(name)) {
                tab.selection.retain(|name| known.contains(name));
            }
        }
    });
}

fn export(tab: EnrolledTab) -> Callback<(), Sheet> {
    let toasts = use_toasts();
    Callback::new(move |()| {
        let status = tab.loader.status().get_untracked();
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
        )
    })
}

/// How far the reading is, and how many rows the filters leave.
#[component]
fn Reach(tab: EnrolledTab) -> impl IntoView {
    let status = tab.loader.status();
    let account = use_account();
    // The simulator has two pages there before a bar would have been seen; a network may stop after any.
    let is_long = Memo::new(move |_| {
        let least = if account.source().is_simulator() { 200 } else { 1 };
        status.with(|status| {
            let is_more_to_come = status.total.is_none_or(|total| total > status.done);
            status.phase == ListPhase::Reading && status.done >= least && is_more_to_come
        })
    });
    let work = Signal::derive(move || status.with(ListStatus::work));
    let stop = Callback::new(move |()| tab.loader.stop());
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
    view! {
        <div class="list-reach">
            <p class="muted" role="status">
                {words}
            </p>
            {move || is_long.get().then(|| view! { <ProgressBar work=work on_cancel=stop /> })}
            {move || stopped(tab)}
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
    .into_any()
}

fn stopped(tab: EnrolledTab) -> Option<AnyView> {
    let status = tab.loader.status();
    let is_stopped = Memo::new(move |_| status.with(|status| status.phase == ListPhase::Stopped));
    if !is_stopped.get() {
        return None;
    }
    let status = status.get_untracked();
    let of = status
        .total
        .map(|total| format!(" of {}", count(total)))
        .unwrap_or_default();
    let words = format!("Stopped at {}{of}. This list is incomplete.", count(status.done));
    Some(
        view! {
            <div class="notice" role="note">
                {Icon::Warn.view()} <p>{words}</p>
                <button type="button" on:click=move |_| tab.loader.resume()>
                    "Load the rest"
                </button>
            </div>
        }
        .into_any(),
    )
}

const NONE_PINNED: &str = "None of the selected domains is pinned";

/// What can be done with the ticked rows.
#[component]
fn SelectionBar(tab: EnrolledTab) -> impl IntoView {
    let chosen = move || {
        let keys = tab.selection.keys();
        let wanted = keys.into_iter().collect::<std::collections::HashSet<_>>();
        tab.loader.with_rows_untracked(|rows| {
            let ticked = rows.iter().filter(|row| wanted.contains(row.name.as_str()));
            ticked.cloned().collect::<Vec<Arc<Domain>>>()
        })
    };
    let ask = move |deed: DomainAction| tab.asked.ask(deed, untrack(chosen));
    let has_pinned = Memo::new(move |_| {
        tab.selection.count() > 0
            && tab.loader.with_rows(|rows| {
                rows.iter()
                    .any(|row| row.is_overridden == Some(true) && tab.selection.has(row.name.as_str()))
            })
    });
    view! {
        <Show when=move || { tab.selection.count() > 0 }>
            <div class="bulk-bar" role="toolbar" aria-label="Selected domains">
                <b>{move || format!("{} selected", count(tab.selection.count() as u64))}</b>
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
                <button type="button" class="quiet bulk-clear" on:click=move |_| tab.selection.clear()>
                    "Clear selection"
                </button>
            </div>
        </Show>
    }
    .into_any()
}

/// What the list is now: waiting, failed, empty, or rows.
#[derive(Clone, Debug, PartialEq)]
enum EnrolledListState {
    Waiting,
    Failed,
    NothingEnrolled,
    NothingFound,
    Rows,
}

fn body(tab: EnrolledTab) -> AnyView {
    let status = tab.loader.status();
    let look = Memo::new(move |_| {
        let has_rows = tab.rows.count() > 0;
        status.with(|status| match (&status.phase, has_rows) {
            (_, true) => EnrolledListState::Rows,
            (ListPhase::Waiting, _) => EnrolledListState::Waiting,
            (ListPhase::Failed(_), _) => EnrolledListState::Failed,
            (ListPhase::Reading, _) if tab.filters.with(DomainFilters::narrows) => EnrolledListState::NothingFound,
            (ListPhase::Reading, _) => EnrolledListState::Waiting,
            _ if tab.filters.with(DomainFilters::narrows) => EnrolledListState::NothingFound,
            _ => EnrolledListState::NothingEnrolled,
        })
    });
    let failure = move || {
        let error = status.with(|status| match &status.phase {
            ListPhase::Failed(error) => Some(error.clone()),
            _ => None,
        })?;
        Some(view! { <Failed error=error on_retry=move |()| tab.loader.resume() /> })
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
    let cells = Callback::new(move |row: usize| columns::cells(rows, tab.moves, policy, row));
    view! {
        <VirtualTable
            label="Enrolled domains"
            columns=columns::columns()
            count=Signal::derive(move || rows.count())
            row_key=move |row: usize| rows.name(row)
            cells=cells
            sort=(sort, set_sort)
            selection=tab.selection
            on_open=open
        />
    }
    .into_any()
}
