//! Filters over a list that are kept in the address: a choice of words, and a day.

use crate::state::QueryParam;
use leptos::prelude::*;

/// A choice of words. `any` stands for no filter.
pub(crate) fn filter_choice(
    label: &'static str,
    id: &'static str,
    any: &'static str,
    words: impl IntoIterator<Item = &'static str>,
    param: QueryParam,
) -> AnyView {
    let values: Vec<(String, String)> = words
        .into_iter()
        .map(|word| (word.to_owned(), word.to_owned()))
        .collect();
    filter_of_values(label, id, any, Signal::stored(values), param)
}

/// A choice of values that may come and go, each with its words. A value of the address that is not among them stays chosen.
pub(crate) fn filter_of_values(
    label: &'static str,
    id: &'static str,
    any: &'static str,
    values: Signal<Vec<(String, String)>>,
    param: QueryParam,
) -> AnyView {
    let options = move || {
        let mut options = values.get();
        let chosen = param.get();
        if !chosen.is_empty() && options.iter().all(|(value, _)| *value != chosen) {
            options.push((chosen.clone(), chosen.clone()));
        }
        let option = |(value, words): (String, String)| {
            let is_on = value == chosen;
            view! { <option value=value prop:selected=is_on>{words}</option> }
        };
        options.into_iter().map(option).collect_view()
    };
    view! {
        <label class="inline-field filter-field" for=id>
            <span>{label}</span>
            <select id=id on:change=move |event| param.set(&event_target_value(&event))>
                <option value="" prop:selected=move || param.get().is_empty()>
                    {any}
                </option>
                {options}
            </select>
        </label>
    }
    .into_any()
}

/// A day, as the browser's own field has it.
pub(crate) fn filter_day(label: &'static str, id: &'static str, param: QueryParam) -> AnyView {
    view! {
        <label class="inline-field filter-field" for=id>
            <span>{label}</span>
            <input
                id=id
                type="date"
                prop:value=move || param.get()
                on:change=move |event| param.set(&event_target_value(&event))
            />
        </label>
    }
    .into_any()
}
