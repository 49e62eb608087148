//! When a list was read, and a button that reads it again.

use super::icon::Icon;
use super::small::Time;
use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// `As of 28 Jun, 14:03`, and the button. Nothing while there is no time.
#[component]
pub(crate) fn AsOf(
    /// When the reading began.
    #[prop(into)]
    at: Signal<Option<DateTime<Utc>>>,
    /// Reads again.
    #[prop(into)]
    on_refresh: Callback<()>,
) -> impl IntoView {
    move || {
        at.get().map(|at| {
            view! {
                <span class="as-of muted">
                    "As of " <Time at=Some(at) />
                    <button type="button" class="quiet" on:click=move |_| on_refresh.run(())>
                        {Icon::Again.view()}
                        "Refresh"
                    </button>
                </span>
            }
        })
    }
}
