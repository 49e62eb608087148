//! Long work: how far, how long still, and a way to stop it.

use leptos::prelude::*;
use poolkeeper_core::text;

/// How far some work has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkProgress {
    /// What is being done: `Loading domains`.
    pub what: String,
    /// How much is done.
    pub done: u64,
    /// How much there is, once known.
    pub total: Option<u64>,
    /// Milliseconds since it began.
    pub elapsed_ms: f64,
}

impl WorkProgress {
    /// Milliseconds the rest should take at the pace so far; `None` before a tenth of a second or without a total.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate for display, never negative"
    )]
    pub fn left_ms(&self) -> Option<u64> {
        let total = self.total?;
        if self.done == 0 || self.elapsed_ms < 100.0 {
            return None;
        }
        let left = total.saturating_sub(self.done) as f64;
        Some((self.elapsed_ms / self.done as f64 * left) as u64)
    }
}

/// A bar with counts, time left and a button to cancel.
#[component]
pub fn ProgressBar(
    /// The work.
    #[prop(into)]
    work: Signal<WorkProgress>,
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
    .into_any()
}
