//! The domains that are not enrolled: search by regular expression, preview, enroll one, several or all.

mod enroll;
mod list;
mod previews;
mod search;

use super::accounts::{account_names, names_by_domain, read_accounts};
use super::job::EnrollAllProgress;
use super::keys::{focus_list, is_search};
use crate::components::{AsOf, Empty, ExportMenu, Failed, Icon, ProgressBar, Selection, SelectionBar, SkeletonRows};
use crate::state::{QueryParam, ReadState, use_account, use_query_param};
use enroll::EnrollAllDialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use list::{sheet, table};
use mailgun_pools::api::{ApiError, ApiErrorKind, AssignableQuery};
use poolkeeper_core::model::{AccountId, AssignableDomain, DomainName, Subaccount};
use poolkeeper_core::text::counted;
use poolkeeper_view::routes::PageRoute;
use search::{PatternSearch, SubaccountSelect};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use enroll::{EnrollDialog, Verdict};
pub(crate) use previews::Previews;

type AssignableList = Arc<Vec<AssignableDomain>>;

/// What the tab is made of. `Copy`.
#[derive(Clone, Copy)]
struct NotEnrolledTab {
    pattern: QueryParam,
    subaccount: QueryParam,
    list: ReadState<AssignableList>,
    accounts: Memo<BTreeMap<AccountId, String>>,
    is_configured: Memo<Option<bool>>,
    previews: Previews,
    selection: Selection,
    enrolling: RwSignal<bool>,
    names: RwSignal<Vec<DomainName>>,
}

impl NotEnrolledTab {
    fn count(&self) -> usize {
        self.list.with(|list| list.map_or(0, |list| list.len()))
    }

    fn get(&self, at: usize) -> Option<AssignableDomain> {
        self.list.with(|list| list.and_then(|list| list.get(at).cloned()))
    }

    fn account_name(&self, id: &AccountId) -> String {
        self.accounts
            .with(|accounts| accounts.get(id).cloned().unwrap_or_else(|| id.to_string()))
    }

    fn account_of(&self, name: &DomainName) -> Option<AccountId> {
        let listed = |list: &AssignableList| {
            let item = list.iter().find(|item| item.name == *name)?;
            Some(item.account_id.clone()).filter(|id| !id.0.is_empty())
        };
        self.list.with(|list| list.and_then(listed))
    }

    /// Why nothing can be enrolled; empty when it can.
    fn why_not(&self) -> &'static str {
        match self.is_configured.get() {
            Some(false) => "The dynamic pools are not set up",
            _ => "",
        }
    }

    fn enroll(&self, names: Vec<DomainName>) {
        if untrack(|| self.why_not().is_empty()) && !names.is_empty() {
            self.enrolling.set(false);
            self.names.set(names);
            self.enrolling.set(true);
        }
    }

    fn chosen(&self) -> Vec<DomainName> {
        let keys = untrack(|| self.selection.keys());
        keys.iter().map(|key| DomainName::as_sent(key)).collect()
    }

    /// What is wrong with the expression, as the service says it.
    fn pattern_problem(&self) -> Option<String> {
        let error = self.list.error()?;
        let is_its_fault = matches!(error.kind, ApiErrorKind::BadRequest { .. }) && !self.pattern.get().is_empty();
        is_its_fault.then(|| {
            let said = error.message.clone().unwrap_or_default();
            let said = said.trim_start_matches("domain: ").to_owned();
            if said.is_empty() { error.advice().happened } else { said }
        })
    }
}

/// The tab's panel.
#[component]
pub(crate) fn NotEnrolled(
    /// The job that enrolls all.
    job: EnrollAllProgress,
) -> impl IntoView {
    let account = use_account();
    let pattern = use_query_param("match");
    let subaccount = use_query_param("subaccount");
    let list = account.read(move |client| {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let query = AssignableQuery {
            subaccount_id: some(subaccount.get()).map(AccountId),
            domain: some(pattern.get()),
        };
        async move { client.assignable(&query).await.map(Arc::new) }
    });
    let subaccounts = account.read_once(read_accounts);
    let pools = account.read(|client| async move { client.pools().await.map(|pools| pools.is_configured()) });
    let tab = NotEnrolledTab {
        pattern,
        subaccount,
        list,
        accounts: use_names(list, subaccounts),
        is_configured: Memo::new(move |_| pools.value()),
        previews: Previews::new(account),
        selection: Selection::new(),
        enrolling: RwSignal::new(false),
        names: RwSignal::new(Vec::new()),
    };
    // What is not in the list can't be ticked: the search would hide what a button does.
    Effect::new(move |_| {
        let listed = tab.list.with(|list| {
            let names = list.into_iter().flat_map(|list| list.iter());
            names
                .map(|item| item.name.to_string())
                .collect::<std::collections::HashSet<_>>()
        });
        tab.selection.keep(&listed);
    });
    let all = RwSignal::new(false);
    let why_not_all = move || {
        if job.is_running() {
            "All domains are being enrolled"
        } else {
            tab.why_not()
        }
    };
    let sheet = Callback::new(move |()| sheet(tab));
    let keys = |event: web_sys::KeyboardEvent| {
        if event.key() == "ArrowDown" && is_search(&event) && focus_list() {
            event.prevent_default();
        }
    };
    view! {
        <div class="domain-filters" role="search" aria-label="Filter domains that are not enrolled" on:keydown=keys>
            <div class="filter-line">
                <PatternSearch tab=tab />
                <SubaccountSelect tab=tab />
                <div class="filter-end">
                    <ExportMenu name="domains-not-enrolled" sheet=sheet />
                    <button
                        type="button"
                        class="primary"
                        disabled=move || !why_not_all().is_empty()
                        aria-describedby="why-not-enroll"
                        title=why_not_all
                        on:click=move |_| all.set(true)
                    >
                        {Icon::Plus.view()}
                        "Enroll all"
                    </button>
                    <span id="why-not-enroll" class="hidden">
                        {why_not_all}
                    </span>
                </div>
            </div>
        </div>
        {move || (tab.is_configured.get() == Some(false)).then(not_configured)}
        <Reach tab=tab />
        <NotEnrolledActions tab=tab />
        {move || body(tab)}
        <EnrollDialog
            open=tab.enrolling
            names=tab.names
            previews=tab.previews
            account_of=move |name: DomainName| tab.account_of(&name)
            on_done=move |_| tab.selection.clear()
        />
        <EnrollAllDialog open=all job=job />
    }
}

/// The accounts' names: subaccounts as listed; the others, in truth the parent alone, by one of their enrolled domains.
fn use_names(
    list: ReadState<AssignableList>,
    subaccounts: ReadState<Arc<Vec<Subaccount>>>,
) -> Memo<BTreeMap<AccountId, String>> {
    let listed = Memo::new(move |_| account_names(subaccounts.value().as_deref(), &BTreeMap::new()));
    let nameless = Memo::new(move |_| {
        let is_listed = subaccounts.with(|subaccounts| subaccounts.is_some());
        let ids = list.with(|list| {
            let ids = list
                .into_iter()
                .flat_map(|list| list.iter().map(|item| &item.account_id));
            ids.filter(|id| listed.with(|listed| !listed.contains_key(*id)))
                .cloned()
                .collect::<BTreeSet<_>>()
        });
        if is_listed { ids } else { BTreeSet::new() }
    });
    // An effect and no reading: a resource's first run misses what its memos learn before that run begins.
    let found = RwSignal::new(BTreeMap::new());
    let account = use_account();
    Effect::new(move |_| {
        account.watch();
        let mut ids = nameless.get();
        ids.retain(|id| found.with_untracked(|found: &BTreeMap<_, _>| !found.contains_key(id)));
        if !ids.is_empty() {
            let client = account.client();
            spawn_local(async move {
                let names = names_by_domain(&client, ids).await;
                found.try_update(|found| found.extend(names));
            });
        }
    });
    Memo::new(move |_| {
        let mut names = listed.get();
        names.extend(found.get());
        names
    })
}

fn not_configured() -> AnyView {
    view! {
        <div class="notice" role="note">
            {Icon::Warn.view()}
            <p>
                "The dynamic pools are not set up. Assign IPs to all three pools before you enroll domains. Previews work without them."
            </p>
            <a class="button" href=PageRoute::Pools.href(&[])>
                "Set up pools"
            </a>
        </div>
    }
    .into_any()
}

#[component]
fn Reach(tab: NotEnrolledTab) -> impl IntoView {
    let words = move || match tab.list.with(|list| list.map(|list| list.len())) {
        None => String::new(),
        Some(_) if tab.pattern_problem().is_some() => "Showing the previous results.".to_owned(),
        Some(found) if tab.pattern.get().is_empty() => format!("{} not enrolled", counted(found as u64, "domain")),
        Some(found) => format!("{} found, not enrolled", counted(found as u64, "domain")),
    };
    let is_previewing = Memo::new(move |_| tab.previews.work().is_some());
    let work = Signal::derive(move || tab.previews.work().unwrap_or_default());
    let stop = Callback::new(move |()| tab.previews.cancel());
    let is_live = move || !use_account().source().is_simulator();
    let as_of = Signal::derive(move || tab.list.as_of().filter(|_| is_live()));
    view! {
        <div class="list-reach">
            <p class="muted" role="status">
                {words}
            </p>
            <AsOf at=as_of on_refresh=move |()| tab.list.retry() />
            {move || is_previewing.get().then(|| view! { <ProgressBar work=work on_cancel=stop /> })}
        </div>
    }
}

#[component]
fn NotEnrolledActions(tab: NotEnrolledTab) -> impl IntoView {
    view! {
        <SelectionBar label="Selected domains" selection=tab.selection>
            <button type="button" on:click=move |_| tab.previews.ask(tab.chosen())>
                "Preview"
            </button>
            <button
                type="button"
                disabled=move || !tab.why_not().is_empty()
                aria-describedby="why-not-enroll"
                title=move || tab.why_not()
                on:click=move |_| tab.enroll(tab.chosen())
            >
                {Icon::Plus.view()}
                "Enroll"
            </button>
        </SelectionBar>
    }
}

#[derive(Clone, Debug, PartialEq)]
enum AssignableListState {
    Waiting,
    Failed(ApiError),
    Nothing,
    NothingFound,
    Rows,
}

fn body(tab: NotEnrolledTab) -> AnyView {
    let look = Memo::new(move |_| {
        let found = tab.list.with(|list| list.map(|list| list.len()));
        let is_narrowed = !tab.pattern.get().is_empty() || !tab.subaccount.get().is_empty();
        // What is wrong with the expression stands beside it.
        let error = tab.list.error().filter(|_| tab.pattern_problem().is_none());
        match (found, error) {
            (_, Some(error)) => AssignableListState::Failed(error),
            (None, None) if tab.list.error().is_some() => AssignableListState::NothingFound,
            (None, None) => AssignableListState::Waiting,
            (Some(0), None) if is_narrowed => AssignableListState::NothingFound,
            (Some(0), None) => AssignableListState::Nothing,
            (Some(_), None) => AssignableListState::Rows,
        }
    });
    view! {
        {move || match look.get() {
            AssignableListState::Waiting => view! { <SkeletonRows rows=12 /> }.into_any(),
            AssignableListState::Failed(error) => view! { <Failed error=error on_retry=move |()| tab.list.retry() /> }.into_any(),
            AssignableListState::Nothing => {
                view! { <Empty title="Every domain is enrolled" hint="No domains are left to enroll." /> }.into_any()
            }
            AssignableListState::NothingFound => {
                let clear = move |_| {
                    tab.pattern.set("");
                    tab.subaccount.set("");
                };
                view! {
                    <Empty
                        title="No results"
                        hint="The expression matches anywhere in the name: ^news\\. finds names that begin with “news.”"
                    >
                        <button type="button" on:click=clear>
                            "Clear the search"
                        </button>
                    </Empty>
                }
                    .into_any()
            }
            AssignableListState::Rows => table(tab),
        }}
    }
    .into_any()
}
