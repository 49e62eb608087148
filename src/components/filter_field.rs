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
    let options = words.into_iter().map(|word| {
        let is_on = move || param.get() == word;
        view! { <option value=word prop:selected=is_on>{word}</option> }
    });
    let options = options.collect_view();
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
