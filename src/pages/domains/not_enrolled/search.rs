//! The filters of the domains that are not enrolled; both go to the API.

use super::NotEnrolledTab;
use crate::components::SearchField;
use crate::components::dialog::unique;
use leptos::prelude::*;
use poolkeeper_core::model::AccountId;
use std::time::Duration;

/// The search by regular expression; the address follows when typing pauses.
#[component]
pub(super) fn PatternSearch(tab: NotEnrolledTab) -> impl IntoView {
    let param = tab.pattern;
    let typed = RwSignal::new(param.get_untracked());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let value = param.signal();
    Effect::new(move |before: Option<String>| {
        let now = value.get();
        if before.is_some_and(|before| before != now) && typed.get_untracked() != now {
            typed.set(now.clone());
        }
        now
    });
    let input = Callback::new(move |text: String| {
        typed.set(text);
        if let Some(handle) = timer.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        let write = move || {
            if let Some(typed) = typed.try_get_untracked() {
                param.set(&typed);
            }
        };
        timer.set_value(set_timeout_with_handle(write, Duration::from_millis(250)).ok());
    });
    view! {
        <div class="pattern-search">
            <SearchField label="Search by regular expression" value=typed on_input=input />
            <p class="field-problem" role="alert">
                {move || tab.pattern_problem()}
            </p>
        </div>
    }
    .into_any()
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
    .into_any()
}
