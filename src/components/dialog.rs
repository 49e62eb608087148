//! A modal dialog on the browser's own `<dialog>`: it traps focus, closes on Escape and gives focus back.

use super::icon::Icon;
use leptos::html;
use leptos::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// A number for ids that must be unique on the page.
#[must_use]
pub(crate) fn unique() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A modal dialog. Its content is built when it opens and dropped when it closes.
#[component]
pub(crate) fn Dialog(
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// Called when the person closes it; set `open` to false there.
    #[prop(into)]
    on_close: Callback<()>,
    #[prop(into)] title: Signal<String>,
    /// More room, for content with a table.
    #[prop(optional)]
    wide: bool,
    /// A class of its own: `drawer` lies at the right edge, `palette` near the top.
    #[prop(optional)]
    class: &'static str,
    /// What is inside.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let heading = format!("dialog-{}", unique());
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() {
            if !dialog.open() {
                // Fails only for an element that is off the page.
                let _ = dialog.show_modal();
            }
        } else if dialog.open() {
            dialog.close();
        }
    });
    let closing = move || {
        if open.get_untracked() {
            on_close.run(());
        }
    };
    // Whether an event is the dialog's own: a file field inside has a `cancel` of its own, which bubbles.
    let is_own = move |event: &web_sys::Event| {
        node.get_untracked()
            .is_some_and(|dialog| event.target().is_some_and(|target| target == ****dialog))
    };
    let classes = format!("dialog {class}{}", if wide { " dialog-wide" } else { "" });
    let labelled = heading.clone();
    view! {
        <dialog
            node_ref=node
            class=classes
            aria-labelledby=labelled
            // Escape: told before the browser closes it. The news that it is closed comes later, when a quick person may
            // have opened it again; then it is old news.
            on:cancel=move |event| {
                if is_own(&event) {
                    closing();
                }
            }
            on:close=move |_| {
                if node.get_untracked().is_some_and(|dialog| !dialog.open()) {
                    closing();
                }
            }
            // A click on the backdrop.
            on:click=move |event| {
                if is_own(&event) {
                    closing();
                }
            }
        >
            <div class="sheet">
                <header class="sheet-head">
                    <h2 id=heading>{move || title.get()}</h2>
                    <button type="button" class="icon-button plain" aria-label="Close" on:click=move |_| closing()>
                        {Icon::Close.view()}
                    </button>
                </header>
                {move || open.get().then(|| children())}
            </div>
        </dialog>
    }
}
