//! From a picture to its numbers and back.

use leptos::prelude::*;

/// The button that shows a picture's numbers as a table.
#[component]
pub(crate) fn AsTable(
    /// Whether they are shown.
    as_table: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="quiet"
            aria-pressed=move || as_table.get().to_string()
            on:click=move |_| as_table.update(|as_table| *as_table = !*as_table)
        >
            "View as table"
        </button>
    }
}
