//! Choosing one of a few: a segmented control and tabs.

use super::dialog::unique;
use leptos::prelude::*;

/// A few choices side by side; one is on. Radio buttons underneath, so arrow keys work.
#[component]
pub(crate) fn Segmented(
    /// What is chosen: `Band`.
    #[prop(into)]
    label: String,
    /// Value and words of each choice.
    options: Vec<(String, String)>,
    /// The chosen value.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the value a person chose.
    #[prop(into)]
    on_choose: Callback<String>,
) -> impl IntoView {
    let group = format!("segmented-{}", unique());
    let choices = options
        .into_iter()
        .map(|(option, words)| {
            let own = option.clone();
            let chosen = move || value.with(|value| *value == own);
            view! {
                <label>
                    <input
                        type="radio"
                        name=group.clone()
                        value=option.clone()
                        prop:checked=chosen
                        on:change=move |_| on_choose.run(option.clone())
                    />
                    <span>{words}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="segmented">
            <legend class="hidden">{label}</legend>
            {choices}
        </fieldset>
    }
}

/// Tabs over one panel. The chosen one lives in the address: give a query parameter's value and setter.
#[component]
pub(crate) fn Tabs(
    /// What the tabs are of.
    #[prop(into)]
    label: String,
    /// Value and words of each tab; the first is chosen when the value is none of them.
    tabs: Vec<(&'static str, String)>,
    /// The chosen value.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the value a person chose.
    #[prop(into)]
    on_choose: Callback<String>,
    /// Builds a tab's panel.
    panel: fn(&str) -> AnyView,
) -> impl IntoView {
    let group = unique();
    let values = StoredValue::new(tabs.iter().map(|(value, _)| *value).collect::<Vec<_>>());
    let chosen = Memo::new(move |_| {
        let value = value.get();
        values.with_value(|values| {
            let known = values.iter().find(|known| **known == value);
            known.or(values.first()).copied().unwrap_or_default()
        })
    });
    let go = move |step: i32| {
        values.with_value(|values| {
            let at = values
                .iter()
                .position(|value| *value == chosen.get_untracked())
                .unwrap_or(0);
            let count = i32::try_from(values.len()).unwrap_or(1).max(1);
            let next = (i32::try_from(at).unwrap_or(0) + step).rem_euclid(count);
            if let Some(value) = usize::try_from(next).ok().and_then(|next| values.get(next)) {
                on_choose.run((*value).to_owned());
                crate::browser::focus_id(&format!("tab-{group}-{value}"));
            }
        });
    };
    let keys = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "ArrowRight" => go(1),
        "ArrowLeft" => go(-1),
        _ => {}
    };
    let buttons = tabs
        .into_iter()
        .map(|(tab, words)| {
            view! {
                <button
                    type="button"
                    role="tab"
                    id=format!("tab-{group}-{tab}")
                    aria-controls=format!("panel-{group}")
                    class="plain"
                    aria-selected=move || (chosen.get() == tab).to_string()
                    tabindex=move || if chosen.get() == tab { "0" } else { "-1" }
                    on:click=move |_| on_choose.run(tab.to_owned())
                >
                    {words}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=keys>
            {buttons}
        </div>
        <div
            role="tabpanel"
            id=format!("panel-{group}")
            aria-labelledby=move || format!("tab-{group}-{}", chosen.get())
        >
            {move || panel(chosen.get())}
        </div>
    }
    .into_any()
}
