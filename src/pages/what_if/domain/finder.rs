//! Looking for a domain by its name.

use super::position_of;
use crate::components::Icon;
use crate::pages::what_if::state::use_what_if;
use crate::state::use_lab;
use leptos::prelude::*;

/// Names offered while one types.
const MOST_OFFERED: usize = 12;

/// A field over the traffic's domain names, with some of them offered.
#[component]
pub(crate) fn Finder() -> impl IntoView {
    let (lab, study) = (use_lab(), use_what_if());
    let typed = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let offered = Memo::new(move |_| {
        let letters = typed.get().trim().to_ascii_lowercase();
        let Some(traffic) = lab.traffic() else {
            return Vec::new();
        };
        let names = traffic.table.domains().iter().map(|domain| domain.name.as_str());
        names
            .filter(|name| name.to_ascii_lowercase().contains(&letters))
            .take(MOST_OFFERED)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let is_name = move |name: &str| {
        lab.traffic()
            .is_some_and(|traffic| position_of(&traffic.table, name).is_some())
    };
    // A name that was picked is shown at once; letters wait for the button or Enter.
    let pick = move |_| {
        let name = typed.get_untracked().trim().to_owned();
        if untrack(|| is_name(&name)) {
            study.edit(|settings| settings.domain = Some(name));
        }
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let name = typed.get_untracked().trim().to_owned();
        let found = untrack(|| is_name(&name)).then(|| name.clone());
        let found =
            found.or_else(|| offered.with_untracked(|names| names.first().filter(|_| !name.is_empty()).cloned()));
        match found {
            Some(found) => {
                problem.set(String::new());
                typed.set(found.clone());
                study.edit(|settings| settings.domain = Some(found));
            }
            None if name.is_empty() => problem.set("Enter part of a domain name.".to_owned()),
            None => problem.set(format!("No domain name contains “{name}”.")),
        }
    };
    let options = move || {
        offered.with(|names| {
            let option = |name: &String| view! { <option value=name.clone()></option> };
            names.iter().map(option).collect_view()
        })
    };
    view! {
        <form class="lab-finder" on:submit=submit>
            <label class="search-field">
                {Icon::Search.view()} <span class="hidden">"Domain name"</span>
                <input
                    type="search"
                    list="lab-domain-names"
                    placeholder="Domain name"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || typed.get()
                    aria-describedby="lab-finder-problem"
                    aria-invalid=move || (!problem.with(String::is_empty)).then_some("true")
                    on:input=move |event| {
                        problem.set(String::new());
                        typed.set(event_target_value(&event));
                    }
                    on:change=pick
                />
            </label>
            <datalist id="lab-domain-names">{options}</datalist>
            <button type="submit">"Show domain"</button>
            <span class="field-problem" id="lab-finder-problem" role="alert">
                {move || problem.get()}
            </span>
        </form>
    }
}
