//! What is stored in this browser, and erasing it.

use crate::components::Card;
use crate::state::{stored, use_toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What to type before everything is erased.
const WORD: &str = "erase";

#[component]
pub(super) fn StoredCard() -> impl IntoView {
    let toasts = use_toasts();
    let typed = RwSignal::new(String::new());
    let is_on = RwSignal::new(false);
    let is_off = move || is_on.get() || typed.with(|typed| typed.trim() != WORD);
    let erase = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if untrack(is_off) {
            return;
        }
        is_on.set(true);
        spawn_local(async move {
            if let Err(problem) = stored::erase_all().await {
                toasts.failed(format!("Not all of it was erased: {problem}"));
                is_on.try_set(false);
            }
        });
    };
    view! {
        <Card title="Stored in this browser">
            <p>
                "The simulator or a copied account, the record of changes of accounts that are reached without the program, a
                remembered connection, notes on domains, saved views, and settings. It stays when you disconnect."
            </p>
            <form on:submit=erase>
                <div class="field">
                    <label for="erase-word">"Type " <code>{WORD}</code> " to confirm"</label>
                    <input
                        id="erase-word"
                        type="text"
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby="erase-note"
                        prop:value=move || typed.get()
                        on:input=move |event| typed.set(event_target_value(&event))
                    />
                    <p class="muted" id="erase-note">
                        "Cannot be undone. What the program keeps in files, and what Mailgun keeps, stays."
                    </p>
                </div>
                <div class="actions">
                    <button type="submit" class="danger" disabled=is_off>
                        "Erase everything stored in this browser"
                    </button>
                </div>
            </form>
        </Card>
    }
}
