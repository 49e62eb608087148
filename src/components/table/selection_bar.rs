//! What can be done with the ticked rows of a table.

use super::selection::Selection;
use leptos::prelude::*;
use poolkeeper_core::text::count;

/// The bar, while any row is ticked. Put the buttons inside.
#[component]
pub(crate) fn SelectionBar(
    /// What is ticked: `Selected domains`.
    label: &'static str,
    /// The ticked rows.
    selection: Selection,
    /// What can be done with them.
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    view! {
        <Show when=move || { selection.count() > 0 }>
            <div class="bulk-bar" role="toolbar" aria-label=label>
                <b>{move || format!("{} selected", count(selection.count() as u64))}</b>
                {children.with_value(|buttons| buttons())}
                <button type="button" class="quiet bulk-clear" on:click=move |_| selection.clear()>
                    "Clear selection"
                </button>
            </div>
        </Show>
    }
}
