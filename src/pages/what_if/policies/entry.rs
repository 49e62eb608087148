//! A field for a number of a policy. An invalid entry stays in the field with its problem beside it; the policy keeps its value.

use super::PolicyEditor;
use crate::components::dialog::unique;
use leptos::html;
use leptos::prelude::*;
use poolkeeper_core::health::PolicyParam;
use poolkeeper_view::url_state::parameters;

/// The field.
#[component]
pub fn Entry(
    /// Which number.
    param: PolicyParam,
    /// Of which policy.
    edited: PolicyEditor,
    /// The other policy: a number that differs from its is marked.
    beside: PolicyEditor,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let note = format!("knob-{}", unique());
    let typed = RwSignal::new(None::<String>);
    let text = Memo::new(move |_| edited.policy.with(|policy| param.text(policy)));
    let differs = Memo::new(move |_| beside.policy.with(|policy| param.text(policy)) != text.get());
    let shown = move || typed.get().or_else(|| text.get()).unwrap_or_default();
    let problem = Memo::new(move |_| {
        let typed = typed.get()?;
        edited
            .policy
            .with(|policy| parameters::typed(param, policy, &typed).err())
    });
    // Retry a pending invalid entry when another field changes; drop it when the whole policy is replaced.
    let again = move |is_replaced: bool| {
        let Some(waiting) = typed.get_untracked() else { return };
        if is_replaced {
            typed.set(None);
        } else if let Ok(policy) = edited
            .policy
            .with_untracked(|policy| parameters::typed(param, policy, &waiting))
        {
            typed.set(None);
            edited.policy.set(policy);
        }
    };
    Effect::watch(
        move || {
            edited.policy.track();
            edited.replaced.get()
        },
        move |now, was, _| again(was.is_some_and(|was| was != now)),
        false,
    );
    let change = move |event| {
        let entered = event_target_value(&event);
        match edited
            .policy
            .with_untracked(|policy| parameters::typed(param, policy, &entered))
        {
            Ok(policy) => {
                typed.set(None);
                if edited.policy.with_untracked(|known| *known != policy) {
                    edited.policy.set(policy);
                }
                // `5.0 %` is the number that was there: the field says it the usual way again.
                if let Some(input) = input.get_untracked() {
                    input.set_value(&text.get_untracked().unwrap_or_default());
                }
            }
            Err(_) => typed.set(Some(entered)),
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
                {move || problem.get()}
            </span>
        </span>
    }
    .into_any()
}
