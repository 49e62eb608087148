//! A button that copies a text.

use super::icon::Icon;
use crate::browser;
use crate::state::use_toasts;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Copies what `text` gives when pressed, and says so.
#[component]
pub(crate) fn CopyButton(
    /// What the button says: `Copy as cURL`.
    #[prop(into)]
    label: String,
    /// The text, made when pressed.
    #[prop(into)]
    text: Callback<(), String>,
) -> impl IntoView {
    let toasts = use_toasts();
    let press = move |_| {
        let text = text.run(());
        spawn_local(async move {
            if browser::copy(&text).await {
                toasts.done("Copied");
            } else {
                toasts.failed("The browser blocked the clipboard. Select the text and copy it.");
            }
        });
    };
    view! {
        <button type="button" class="quiet" on:click=press>
            {Icon::Copy.view()}
            {label}
        </button>
    }
}
