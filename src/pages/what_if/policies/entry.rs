//! A field for a number of a policy. An invalid entry stays in the field with its problem beside it; the policy keeps its value.

use super::editor::PolicyEditor;
use crate::components::dialog::unique;
use leptos::html;
use leptos::prelude::*;
use poolkeeper_core::health::PolicyParam;

#[component]
pub(crate) fn Entry(
    /// Which number.
    param: PolicyParam,
    /// Of which policy.
    edited: PolicyEditor,
    /// The other policy: a number that differs from its is marked.
    beside: PolicyEditor,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let note = format!("knob-{}", unique());
    let text = Memo::new(move |_| edited.policy.with(|policy| param.text(policy)));
    let differs = Memo::new(move |_| beside.policy.with(|policy| param.text(policy)) != text.get());
    let problem = Memo::new(move |_| edited.problem(param));
    let shown = move || {
        let typed = problem.get().map(|(typed, _)| typed);
        typed.or_else(|| text.get()).unwrap_or_default()
    };
    let change = move |event| {
        // `5.0 %` is the number that was there: the field says it the usual way again.
        if edited.enter(param, event_target_value(&event))
            && let Some(input) = input.get_untracked()
        {
            input.set_value(&text.get_untracked().unwrap_or_default());
        }
    };
    let is_percent = param.unit() == "%";
    view! {
        <span class="knob-value" class:knob-differs=move || differs.get()>
            <span class="knob-field">
                <input
                    node_ref=input
                    inputmode=if is_percent { "decimal" } else { "numeric" }
                    autocomplete="off"
                    aria-label=format!("{}: {}", edited.name(), param.label_with_unit())
                    aria-describedby=note.clone()
                    aria-invalid=move || problem.with(Option::is_some).then_some("true")
                    disabled=move || text.with(Option::is_none)
                    prop:value=shown
                    on:change=change
                />
                {is_percent.then(|| view! { <span class="knob-unit" aria-hidden="true">"%"</span> })}
            </span>
            <span class="field-problem knob-problem" role="alert" id=note>
                {move || problem.get().map(|(_, why)| why)}
            </span>
        </span>
    }
}
