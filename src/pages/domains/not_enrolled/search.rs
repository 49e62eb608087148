//! The filters of the domains that are not enrolled; both go to the API.

use super::NotEnrolledTab;
use crate::components::dialog::unique;
use crate::pages::domains::search::AddressSearch;
use leptos::prelude::*;
use poolkeeper_core::model::AccountId;

/// The search by regular expression; the address follows when typing pauses.
#[component]
pub(super) fn PatternSearch(tab: NotEnrolledTab) -> impl IntoView {
    view! {
        <div class="pattern-search">
            <AddressSearch
                label="Search by regular expression"
                param=tab.pattern
                pause_ms=250
                address_text=|typed| typed
            />
            <p class="field-problem" role="alert">
                {move || tab.pattern_problem()}
            </p>
        </div>
    }
}

#[component]
pub(super) fn SubaccountSelect(tab: NotEnrolledTab) -> impl IntoView {
    let id = format!("subaccount-{}", unique());
    let labelled = id.clone();
    let options = move || {
        let chosen = tab.subaccount.get();
        let mut accounts = tab.accounts.get().into_iter().collect::<Vec<_>>();
        accounts.sort_by_key(|(_, name)| name.to_lowercase());
        if !chosen.is_empty() && !accounts.iter().any(|(id, _)| id.0 == chosen) {
            accounts.push((AccountId(chosen.clone()), chosen.clone()));
        }
        accounts
            .into_iter()
            .map(|(id, name)| {
                let is_chosen = id.0 == chosen;
                view! {
                    <option value=id.0 selected=is_chosen>
                        {name}
                    </option>
                }
            })
            .collect_view()
    };
    view! {
        <label class="inline-field" for=labelled>
            <span>"Account"</span>
            <select id=id on:change=move |event| tab.subaccount.set(&event_target_value(&event))>
                <option value="" selected=move || tab.subaccount.get().is_empty()>
                    "All accounts"
                </option>
                {options}
            </select>
        </label>
    }
}
