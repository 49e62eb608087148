//! What the simulator's health checks go by.

use crate::components::{Card, PolicyForm};
use crate::state::simulator::use_simulated;
use crate::state::{Draft, use_toasts};
use leptos::prelude::*;
use poolkeeper_core::health::Policy;
use poolkeeper_simulator::sim::Command;
use std::rc::Rc;

#[component]
pub(crate) fn PolicyCard() -> impl IntoView {
    let simulated = use_simulated();
    let toasts = use_toasts();
    let current = Memo::new(move |_| simulated.sim().policy().clone());
    let draft = Draft::over(current);
    let edited = draft.shown();
    let is_changed = Memo::new(move |_| edited.with(|edited| current.with(|current| edited != current)));
    let problem = Memo::new(move |_| edited.with(Policy::validate).err().map(|problem| problem.to_string()));
    let apply = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let before = current.get_untracked();
        match simulated.apply(&Command::SetPolicy(edited.get_untracked())) {
            Ok(_) => {
                draft.discard();
                let undo = Rc::new(move || {
                    // The policy that was in force is a valid one.
                    let _ = simulated.apply(&Command::SetPolicy(before.clone()));
                });
                toasts.done_with_undo("The new policy applies from the next health check", undo);
            }
            Err(refusal) => toasts.failed(refusal.to_string()),
        }
    };
    view! {
        <Card title="Health check policy" note=|| "For the simulator only; Mailgun does not publish its policy">
            <form on:submit=apply>
                <PolicyForm policy=draft beside=current />
                {move || problem.get().map(|problem| view! { <p class="field-problem" role="alert">{problem}</p> })}
                <div class="actions settings-actions">
                    <button
                        type="submit"
                        class="primary"
                        disabled=move || !is_changed.get() || problem.with(Option::is_some)
                    >
                        "Use this policy"
                    </button>
                    <button
                        type="button"
                        disabled=move || !is_changed.get()
                        on:click=move |_| draft.discard()
                    >
                        "Revert"
                    </button>
                </div>
            </form>
        </Card>
    }
}
