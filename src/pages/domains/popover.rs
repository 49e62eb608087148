//! A button with a panel of controls under it. Escape and a click elsewhere close it.

use crate::browser;
use crate::components::Icon;
use crate::components::dialog::unique;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The button and its panel.
#[component]
pub fn Popover(
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
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let id = format!("popover-{}", unique());
    let close = move || {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            browser::focus(&button);
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.stop_propagation();
            close();
        }
    };
    // A click on bare ground inside takes focus nowhere; only what is known to lie outside closes it.
    let left = move |event: web_sys::FocusEvent| {
        let target = event
            .related_target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let is_outside =
            target.is_some_and(|node| root.get_untracked().is_some_and(|root| !root.contains(Some(&node))));
        if is_outside {
            open.set(false);
        }
    };
    let outside = window_event_listener(leptos::ev::pointerdown, move |event| {
        let node = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let is_inside = root
            .get_untracked()
            .is_some_and(|root| node.is_some_and(|node| root.contains(Some(&node))));
        if !is_inside && open.try_get_untracked() == Some(true) {
            open.set(false);
        }
    });
    on_cleanup(move || outside.remove());
    let controls = id.clone();
    let name = label.clone();
    view! {
        <div class="popover" node_ref=root on:keydown=keys on:focusout=left>
            <button
                type="button"
                node_ref=button
                class:popover-set=move || !chosen.with(String::is_empty)
                aria-expanded=move || open.get().to_string()
                aria-controls=controls
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {label}
                <span class="popover-chosen">{move || chosen.get()}</span>
                {Icon::Down.view()}
            </button>
            <div id=id>
                {move || {
                    open.get()
                        .then(|| {
                            view! {
                                <div class="popover-panel" role="group" aria-label=name.clone()>
                                    {panel.run()}
                                </div>
                            }
                        })
                }}
            </div>
        </div>
    }
    .into_any()
}
