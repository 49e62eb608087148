//! A button with a panel of controls under it.

use super::dialog::unique;
use super::icon::Icon;
use super::popup::Popup;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The button and its panel.
#[component]
pub(crate) fn Popover(
    /// What the button says: `Account`.
    #[prop(into)]
    label: String,
    /// A word on what is chosen, beside the label; nothing while it is empty.
    #[prop(into)]
    chosen: Signal<String>,
    /// The controls, built when it opens.
    #[prop(into)]
    panel: ViewFn,
) -> impl IntoView {
    let popup = Popup::default();
    let id = format!("popover-{}", unique());
    // The panel never covers what has the focus. A click on bare ground inside takes the focus nowhere.
    let focus_moved = move |event: web_sys::FocusEvent| {
        let target = event
            .related_target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if target.is_some_and(|target| !popup.contains(&target)) {
            popup.close();
        }
    };
    let name = label.clone();
    view! {
        <button
            type="button"
            class="popover"
            node_ref=popup.button
            class:popover-set=move || !chosen.with(String::is_empty)
            popovertarget=id.clone()
            aria-expanded=move || popup.is_open.get().to_string()
            aria-controls=id.clone()
        >
            {label}
            <span class="popover-chosen">{move || chosen.get()}</span>
            {Icon::Down.view()}
        </button>
        <div
            id=id
            popover="auto"
            class="popover-panel"
            role="group"
            aria-label=name
            node_ref=popup.panel
            on:beforetoggle=move |event| popup.toggle(&event)
            on:focusout=focus_moved
        >
            {move || popup.is_open.get().then(|| panel.run())}
        </div>
    }
}
