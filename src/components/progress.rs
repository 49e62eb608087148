//! Long work: how far, how long still, and a way to stop it.

use crate::state::WorkProgress;
use leptos::prelude::*;
use poolkeeper_core::text;

/// A bar with counts, time left and a button to cancel.
#[component]
pub(crate) fn ProgressBar(
    #[prop(into)] work: Signal<WorkProgress>,
    /// Stops it; without, there is no button.
    #[prop(into, optional)]
    on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let words = move || {
        work.with(|work| {
            let done = text::count(work.done);
            let of = work
                .total
                .map(|total| format!(" of {}", text::count(total)))
                .unwrap_or_default();
            let left = work
                .left_ms()
                .filter(|left| *left >= 1_000)
                .map(|left| format!(" · {} left", text::duration_ms(left)))
                .unwrap_or_default();
            format!("{done}{of}{left}")
        })
    };
    let value = move || work.with(|work| work.total.map(|_| work.done.to_string()));
    let max = move || work.with(|work| work.total.unwrap_or(1).max(1).to_string());
    let label = move || work.with(|work| work.what.clone());
    view! {
        <div class="progress">
            <div class="progress-words">
                <span>{label}</span>
                <span class="muted">{words}</span>
            </div>
            <progress aria-label=label value=value max=max></progress>
            {on_cancel
                .map(|cancel| {
                    view! {
                        <button type="button" on:click=move |_| cancel.run(())>
                            "Cancel"
                        </button>
                    }
                })}
        </div>
    }
}
