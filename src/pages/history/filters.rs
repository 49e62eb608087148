//! The service's own filters, kept in the address.

use crate::components::SearchField;
use crate::components::filter_field::{filter_choice, filter_day, filter_of_values};
use crate::state::{QueryParam, QueryWriter, use_query_param, use_query_writer};
use chrono::NaiveDate;
use leptos::prelude::*;
use mailgun_pools::api::HistoryQuery;
use poolkeeper_core::model::{Band, Day, DomainName, PoolName};
use poolkeeper_view::Sort;
use poolkeeper_view::history_filters::{HistoryChoices, HistoryListFilters, MoveDirection};

/// The filters as the address has them. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct HistoryFilters {
    domain: QueryParam,
    to: QueryParam,
    from: QueryParam,
    after: QueryParam,
    before: QueryParam,
    own: QueryParam,
    direction: QueryParam,
    reason: QueryParam,
    account: QueryParam,
    person: QueryParam,
    /// The list's sort.
    pub(crate) sort: QueryParam,
    writer: QueryWriter,
}

const KEYS: [&str; 10] = [
    "domain",
    "to",
    "from",
    "after",
    "before",
    "accounts",
    "direction",
    "reason",
    "account",
    "by",
];

impl HistoryFilters {
    /// Those of the current address.
    #[must_use]
    pub(crate) fn from_address() -> Self {
        Self {
            domain: use_query_param("domain"),
            to: use_query_param("to"),
            from: use_query_param("from"),
            after: use_query_param("after"),
            before: use_query_param("before"),
            own: use_query_param("accounts"),
            direction: use_query_param("direction"),
            reason: use_query_param("reason"),
            account: use_query_param("account"),
            person: use_query_param("by"),
            sort: use_query_param("sort"),
            writer: use_query_writer(),
        }
    }

    /// The first and the last UTC day shown. Reactive.
    #[must_use]
    pub(crate) fn days(&self) -> (Option<Day>, Option<Day>) {
        let day = |param: QueryParam| {
            NaiveDate::parse_from_str(&param.get(), "%Y-%m-%d")
                .ok()
                .map(Day::from_date)
        };
        (day(self.after), day(self.before))
    }

    /// What the page itself filters and sorts by. Reactive.
    #[must_use]
    pub(crate) fn of_list(&self) -> HistoryListFilters {
        let (first, last) = self.days();
        let direction = self.direction.get();
        HistoryListFilters {
            first,
            last,
            account: self.account.get(),
            reason: self.reason.get(),
            person: self.person.get(),
            direction: MoveDirection::ALL.into_iter().find(|known| known.word() == direction),
            sort: Sort::parse(&self.sort.get()),
        }
    }

    /// The question to the service. Dates are whole UTC days, both ends included. Reactive.
    #[must_use]
    pub(crate) fn query(&self) -> HistoryQuery {
        let band = |param: QueryParam| {
            Some(param.get())
                .filter(|name| !name.is_empty())
                .map(|name| PoolName::parse(&name))
        };
        let (from, to) = self.days();
        HistoryQuery {
            limit: Some(100),
            include_subaccounts: Some(self.own.get() != "own"),
            domain: DomainName::parse(&self.domain.get()).ok(),
            // The service's bounds are exclusive. Both midnights are in; the page drops what is of another day.
            after: from.map(|day| day.start().plus_seconds(-1).to_utc()),
            before: to.map(|day| day.end().plus_seconds(1).to_utc()),
            moved_to: band(self.to),
            moved_from: band(self.from),
        }
    }

    /// Whether any is set. Reactive.
    #[must_use]
    pub(crate) fn are_set(&self) -> bool {
        let params = [
            self.domain,
            self.to,
            self.from,
            self.after,
            self.before,
            self.own,
            self.direction,
            self.reason,
            self.account,
            self.person,
        ];
        params.iter().any(|param| !param.get().is_empty())
    }

    /// Takes all away.
    pub(crate) fn clear(&self) {
        self.writer.set(&KEYS.map(|key| (key, "")));
    }
}

/// The filters' controls.
#[component]
pub(crate) fn FilterBar(filters: HistoryFilters, choices: Memo<HistoryChoices>) -> impl IntoView {
    let same = |texts: &[String]| texts.iter().map(|text| (text.clone(), text.clone())).collect();
    let accounts = Signal::derive(move || choices.with(|choices| choices.accounts.clone()));
    let reasons = Signal::derive(move || choices.with(|choices| same(&choices.reasons)));
    let people = Signal::derive(move || choices.with(|choices| same(&choices.people)));
    let directions = MoveDirection::ALL.map(MoveDirection::word);
    view! {
        <div class="filters" role="search" aria-label="Filter history">
            <SearchField
                label="Exact domain name"
                value=filters.domain.signal()
                on_input=move |text: String| filters.domain.set(text.trim())
            />
            {filter_choice("Old pool", "filter-from", "any pool", pools(), filters.from)}
            {filter_choice("New pool", "filter-to", "any pool", pools(), filters.to)}
            {filter_choice("Direction", "filter-direction", "any", directions, filters.direction)}
            {filter_of_values("Reason", "filter-reason", "any reason", reasons, filters.reason)}
            {filter_of_values("Account", "filter-account", "any account", accounts, filters.account)}
            {filter_of_values("By", "filter-by", "anybody", people, filters.person)}
            {filter_day("From day, UTC", "filter-after", filters.after)}
            {filter_day("To day, UTC", "filter-before", filters.before)}
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || filters.own.get() != "own"
                    on:change=move |event| filters.own.set(if event_target_checked(&event) { "" } else { "own" })
                />
                "Include subaccounts"
            </label>
            {move || {
                filters
                    .are_set()
                    .then(|| {
                        view! {
                            <button type="button" class="quiet" on:click=move |_| filters.clear()>
                                "Clear filters"
                            </button>
                        }
                    })
            }}
        </div>
    }
}

fn pools() -> [&'static str; 3] {
    Band::ALL.map(Band::pool_name)
}
