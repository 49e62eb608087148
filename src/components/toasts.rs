//! The messages at the page's edge.

use super::icon::Icon;
use crate::state::toasts::ToastTone;
use crate::state::use_toasts;
use leptos::prelude::*;

/// The stack of messages, announced as they come.
#[component]
pub(crate) fn ToastStack() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-label="Messages">
            <For each=move || toasts.ids() key=|id| *id let:id>
                <ToastView id=id />
            </For>
        </div>
    }
}

#[component]
fn ToastView(id: u64) -> impl IntoView {
    let toasts = use_toasts();
    let Some(toast) = toasts.get(id) else {
        return ().into_any();
    };
    let (class, icon) = match toast.tone {
        ToastTone::Done => ("toast toast-done", Icon::Done),
        ToastTone::Note => ("toast", Icon::Warn),
        ToastTone::Failed => ("toast toast-failed", Icon::Warn),
    };
    let undo = toast.undo.map(|undo| {
        view! {
            <button
                class="quiet"
                on:click=move |_| {
                    toasts.dismiss(id);
                    undo();
                }
            >
                "Undo"
            </button>
        }
    });
    view! {
        <div class=class>
            {icon.view()} <p>{toast.text}</p> {undo}
            <button class="icon-button plain" aria-label="Dismiss message" on:click=move |_| toasts.dismiss(id)>
                {Icon::Close.view()}
            </button>
        </div>
    }
    .into_any()
}
