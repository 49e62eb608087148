//! The controls above the list. Each writes the address; the list follows the address.

use crate::components::dialog::unique;
use crate::components::filter_field::filter_of_values;
use crate::components::{BandChip, Icon, Popover, Segmented};
use crate::pages::domains::keys::{focus_list, is_search};
use crate::pages::domains::search::AddressSearch;
use crate::state::{LabelStore, QueryParam, QueryWriter, use_query_param, use_query_writer};
use leptos::prelude::*;
use poolkeeper_core::model::{AccountId, Band, PoolName};
use poolkeeper_core::text;
use poolkeeper_core::text::pool_word;
use poolkeeper_view::filters::{DomainFilters, KEYS, RateRange, pool_of_word, toggled};
use std::collections::BTreeMap;

/// The address's parameters of the list.
#[derive(Clone, Copy)]
pub(crate) struct FilterParams {
    /// Letters of the name.
    pub(crate) name: QueryParam,
    pool: QueryParam,
    account: QueryParam,
    pinned: QueryParam,
    bounce: QueryParam,
    complaint: QueryParam,
    used: QueryParam,
    moved: QueryParam,
    moved_to: QueryParam,
    customer: QueryParam,
    tag: QueryParam,
    pub(crate) sort: QueryParam,
    writer: QueryWriter,
}

impl FilterParams {
    /// Those of the current page. Their names are [`KEYS`].
    #[must_use]
    pub(crate) fn here() -> Self {
        Self {
            name: use_query_param("q"),
            pool: use_query_param("pool"),
            account: use_query_param("account"),
            pinned: use_query_param("override"),
            bounce: use_query_param("bounce"),
            complaint: use_query_param("complaint"),
            used: use_query_param("used"),
            moved: use_query_param("moved"),
            moved_to: use_query_param("moved_to"),
            customer: use_query_param("customer"),
            tag: use_query_param("tag"),
            sort: use_query_param("sort"),
            writer: use_query_writer(),
        }
    }

    /// What they say.
    #[must_use]
    pub(crate) fn filters(self) -> Memo<DomainFilters> {
        Memo::new(move |_| {
            let params = [
                self.name,
                self.pool,
                self.account,
                self.pinned,
                self.bounce,
                self.complaint,
                self.used,
                self.moved,
                self.moved_to,
                self.customer,
                self.tag,
                self.sort,
            ];
            DomainFilters::parse(&params.map(|param| param.get()))
        })
    }

    /// Takes every filter out of the address; the sort stays.
    pub(crate) fn clear(&self) {
        let filters = KEYS.into_iter().filter(|key| *key != "sort");
        self.writer.set(&filters.map(|key| (key, "")).collect::<Vec<_>>());
    }
}

/// The controls.
#[component]
pub(crate) fn FilterBar(
    /// The address's parameters.
    params: FilterParams,
    /// What they say.
    filters: Memo<DomainFilters>,
    /// Accounts that can be chosen, with their names.
    accounts: Memo<BTreeMap<AccountId, String>>,
    /// What a person noted.
    labels: LabelStore,
    /// Buttons at the end of the first line.
    children: Children,
) -> impl IntoView {
    let unfolded = RwSignal::new(false);
    let panel_id = format!("filters-{}", unique());
    let set_count = Memo::new(move |_| filters.with(DomainFilters::set_count));
    let pinned = params.pinned;
    let choose_pinned = Callback::new(move |value: String| pinned.set(&value));
    let override_choices = [("", "Any"), ("on", "Pinned"), ("off", "Not pinned")];
    let override_choices = override_choices.map(|(value, words)| (value.to_owned(), words.to_owned()));
    let account_chosen = Signal::derive(move || chosen_accounts(filters, accounts));
    let rates_chosen = Signal::derive(move || filters.with(chosen_rates));
    let pools_chosen = Memo::new(move |_| filters.with(|filters| filters.pools.clone()));
    let move_chosen = Signal::derive(move || filters.with(chosen_move));
    // From the search down into the list.
    let keys = |event: web_sys::KeyboardEvent| {
        if event.key() == "ArrowDown" && is_search(&event) && focus_list() {
            event.prevent_default();
        }
    };
    view! {
        <div class="domain-filters" role="search" aria-label="Filter enrolled domains" on:keydown=keys>
            <div class="filter-line">
                <AddressSearch label="Search names" param=params.name pause_ms=150 address_text=str::trim />
                <button
                    type="button"
                    class="unfold-filters"
                    aria-expanded=move || unfolded.get().to_string()
                    aria-controls=panel_id.clone()
                    on:click=move |_| unfolded.update(|open| *open = !*open)
                >
                    "Filters"
                    {move || (set_count.get() > 0).then(|| view! { <span class="filter-count">{set_count.get()}</span> })}
                    {Icon::Down.view()}
                </button>
                <div class="filter-end">{children()}</div>
            </div>
            <div id=panel_id class="filter-more" class:filter-more-open=move || unfolded.get()>
                <PoolChips legend="Pool" is_titled=false param=params.pool chosen=pools_chosen />
                <Segmented
                    label="Override"
                    options=override_choices.to_vec()
                    value=params.pinned.signal()
                    on_choose=choose_pinned
                />
                <Popover
                    label="Account"
                    chosen=account_chosen
                    panel=move || view! { <AccountChoices param=params.account filters=filters accounts=accounts /> }
                />
                <Popover
                    label="Rates"
                    chosen=rates_chosen
                    panel=move || {
                        view! {
                            <RateRangeFields label="Bounce rate" param=params.bounce />
                            <RateRangeFields label="Complaint rate" param=params.complaint />
                            <UsedField param=params.used />
                        }
                    }
                />
                <Popover
                    label="Last move"
                    chosen=move_chosen
                    panel=move || view! { <LastMoveChoices params=params filters=filters /> }
                />
                {move || {
                    labels.with(|labels| !labels.is_empty()).then(|| label_choices(params, labels))
                }}
                {move || {
                    filters
                        .with(DomainFilters::narrows)
                        .then(|| {
                            view! {
                                <button type="button" class="quiet" on:click=move |_| params.clear()>
                                    {Icon::Close.view()}
                                    "Clear filters"
                                </button>
                            }
                        })
                }}
            </div>
        </div>
    }
}

fn chosen_accounts(filters: Memo<DomainFilters>, accounts: Memo<BTreeMap<AccountId, String>>) -> String {
    filters.with(|filters| match filters.accounts.as_slice() {
        [] => String::new(),
        [one] => accounts.with(|accounts| accounts.get(one).cloned().unwrap_or_else(|| one.to_string())),
        several => text::counted(several.len() as u64, "account"),
    })
}

fn chosen_rates(filters: &DomainFilters) -> String {
    let words = |name: &str, range: RateRange| match (range.from_percent, range.to_percent) {
        (None, None) => None,
        (Some(from), None) => Some(format!("{name} ≥ {from} %")),
        (None, Some(to)) => Some(format!("{name} ≤ {to} %")),
        (Some(from), Some(to)) => Some(format!("{name} {from}–{to} %")),
    };
    let used = filters.used_percent.map(|percent| format!("limit used ≥ {percent} %"));
    let all = [
        words("bounce", filters.bounce),
        words("complaint", filters.complaint),
        used,
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn chosen_move(filters: &DomainFilters) -> String {
    let days = filters.moved_days.map(|days| text::counted(days.into(), "day"));
    let pools: Vec<&str> = filters.moved_to.iter().map(pool_word).collect();
    let to = (!pools.is_empty()).then(|| format!("to {}", pools.join(" or ")));
    days.into_iter().chain(to).collect::<Vec<_>>().join(", ")
}

/// The customers and tags that a person noted.
fn label_choices(params: FilterParams, labels: LabelStore) -> AnyView {
    let same = |texts: std::collections::BTreeSet<&str>| {
        texts
            .into_iter()
            .map(|text| (text.to_owned(), text.to_owned()))
            .collect::<Vec<_>>()
    };
    let customers = Signal::derive(move || labels.with(|labels| same(labels.customers())));
    let tags = Signal::derive(move || labels.with(|labels| same(labels.tags())));
    view! {
        {filter_of_values("Customer", "filter-customer", "any", customers, params.customer)}
        {filter_of_values("Tag", "filter-tag", "any", tags, params.tag)}
    }
    .into_any()
}

/// Periods that a last move can be asked for, in days.
const MOVED_DAYS: [u32; 3] = [7, 30, 90];

/// When and where domains moved last.
#[component]
fn LastMoveChoices(params: FilterParams, filters: Memo<DomainFilters>) -> impl IntoView {
    let any = ("".to_owned(), "Any time".to_owned());
    let days = MOVED_DAYS.map(|days| (days.to_string(), text::counted(days.into(), "day")));
    let options: Vec<(String, String)> = std::iter::once(any).chain(days).collect();
    let choose = Callback::new(move |value: String| params.moved.set(&value));
    let to = Memo::new(move |_| filters.with(|filters| filters.moved_to.clone()));
    view! {
        <Segmented label="Moved in the latest" options=options value=params.moved.signal() on_choose=choose />
        <PoolChips legend="Moved to" is_titled=true param=params.moved_to chosen=to />
        <p class="hint">"Domains whose last move is not in the history that was read are not shown."</p>
    }
}

/// The least share of the nearest poor limit; the address follows when it is a number.
#[component]
fn UsedField(param: QueryParam) -> impl IntoView {
    let id = format!("used-{}", unique());
    let take = move |event| {
        let typed = event_target_value(&event);
        let plain = typed.trim().trim_end_matches('%').trim();
        if plain.is_empty() || plain.parse::<f64>().is_ok() {
            param.set(plain);
        }
    };
    view! {
        <fieldset class="rate-range">
            <legend>"Limit used"</legend>
            <label class="rate-end">
                <span>"at least"</span>
                <input
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    aria-describedby=id.clone()
                    prop:value=param.get_untracked()
                    on:input=take
                />
                <span aria-hidden="true">"%"</span>
            </label>
            <p class="hint" id=id>
                "Of the poor limit that is nearer, bounces or complaints."
            </p>
        </fieldset>
    }
}

/// The pools as chips that are on or off; none on is all.
#[component]
fn PoolChips(
    /// What is chosen.
    legend: &'static str,
    /// Whether that is shown.
    is_titled: bool,
    /// The address's parameter.
    param: QueryParam,
    /// What it says.
    chosen: Memo<Vec<PoolName>>,
) -> impl IntoView {
    let all = Memo::new(move |_| {
        let known = Band::ALL.map(PoolName::Known).to_vec();
        let others = chosen.get().into_iter().filter(|pool| pool.band().is_none());
        known.into_iter().chain(others).collect::<Vec<_>>()
    });
    let chip = move |pool: PoolName| {
        let own_word = pool_word(&pool).to_owned();
        let own = pool.clone();
        let is_on = move || chosen.with(|chosen| chosen.contains(&own));
        let press = move |_| {
            // Spelled one way, whichever way the address had it.
            let texts = param.get_untracked();
            let words = texts.split(',').filter(|text| !text.is_empty()).map(pool_of_word);
            let words = words
                .map(|pool| pool_word(&pool).to_owned())
                .collect::<Vec<_>>()
                .join(",");
            param.set(&toggled(&words, &own_word));
        };
        view! {
            <label class="chip">
                <input type="checkbox" prop:checked=is_on on:change=press />
                <BandChip pool=pool />
            </label>
        }
    };
    view! {
        <fieldset class="chips">
            <legend class:hidden=!is_titled>{legend}</legend>
            {move || all.get().into_iter().map(chip).collect_view()}
        </fieldset>
    }
}

const MOST_ACCOUNTS_LISTED: usize = 100;

/// Accounts as checkboxes, with a search where there are many.
#[component]
fn AccountChoices(
    param: QueryParam,
    filters: Memo<DomainFilters>,
    accounts: Memo<BTreeMap<AccountId, String>>,
) -> impl IntoView {
    let letters = RwSignal::new(String::new());
    let has_many = move || accounts.with(BTreeMap::len) > 12;
    let found = move || {
        let wanted = letters.get().trim().to_lowercase();
        let mut found = accounts.with(|accounts| {
            let named = accounts
                .iter()
                .filter(|(_, name)| name.to_lowercase().contains(&wanted));
            named.map(|(id, name)| (id.clone(), name.clone())).collect::<Vec<_>>()
        });
        found.sort_by_key(|(_, name)| name.to_lowercase());
        found
    };
    let choice = move |(id, name): (AccountId, String)| {
        let (own, word) = (id.clone(), id.to_string());
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || filters.with(|filters| filters.accounts.contains(&own))
                    on:change=move |_| param.set(&toggled(&param.get_untracked(), &word))
                />
                <span class="clip">{name}</span>
            </label>
        }
    };
    view! {
        {move || {
            has_many()
                .then(|| {
                    view! {
                        <input
                            type="search"
                            aria-label="Find an account"
                            placeholder="Find an account"
                            on:input=move |event| letters.set(event_target_value(&event))
                        />
                    }
                })
        }}
        <div class="check-list">
            {move || {
                let found = found();
                let rest = found.len().saturating_sub(MOST_ACCOUNTS_LISTED);
                let none = found.is_empty().then(|| view! { <p class="muted">"No results"</p> });
                let more = (rest > 0)
                    .then(|| view! { <p class="muted">{format!("and {rest} more. Type to search.")}</p> });
                let shown = found.into_iter().take(MOST_ACCOUNTS_LISTED).map(choice).collect_view();
                view! {
                    {shown}
                    {none}
                    {more}
                }
            }}
        </div>
    }
}

/// From and to of a rate in percent; the address follows when both make sense.
#[component]
fn RateRangeFields(#[prop(into)] label: String, param: QueryParam) -> impl IntoView {
    let known = param.get_untracked();
    let (from, to) = known.split_once("..").unwrap_or((known.as_str(), ""));
    let from = RwSignal::new(from.to_owned());
    let to = RwSignal::new(to.to_owned());
    let problem = Memo::new(move |_| RateRange::from_texts(&from.get(), &to.get()).err().unwrap_or_default());
    let take = move || {
        if let Ok(range) = RateRange::from_texts(&from.get_untracked(), &to.get_untracked()) {
            param.set(&range.to_query());
        }
    };
    let id = format!("rate-{}", unique());
    let end = move |words: &'static str, value: RwSignal<String>, note: String| {
        view! {
            <label class="rate-end">
                <span>{words}</span>
                <input
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    aria-describedby=note
                    aria-invalid=move || (!problem.with(String::is_empty)).then_some("true")
                    prop:value=move || value.get()
                    on:input=move |event| {
                        value.set(event_target_value(&event));
                        take();
                    }
                />
                <span aria-hidden="true">"%"</span>
            </label>
        }
    };
    view! {
        <fieldset class="rate-range">
            <legend>{label}</legend>
            <div class="rate-ends">
                {end("at least", from, id.clone())} {end("at most", to, id.clone())}
            </div>
            <p class="field-problem" id=id role="alert">
                {move || problem.get()}
            </p>
        </fieldset>
    }
}
