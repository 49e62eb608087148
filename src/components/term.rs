//! A term whose meaning opens at a press.

use super::dialog::unique;
use super::popup::Popup;
use crate::state::use_overlays;
use leptos::prelude::*;
use poolkeeper_core::text::capitalized;
use poolkeeper_view::glossary::GlossaryTerm;

/// Makes what a term's card says; the app downloads the words when they are first needed.
#[derive(Clone, Copy)]
pub(crate) struct TermCard(pub(crate) fn(GlossaryTerm) -> AnyView);

/// What a term means, and where its rule comes from.
pub(crate) fn meaning(term: GlossaryTerm) -> AnyView {
    view! {
        <p>
            <b>{capitalized(term.name())}</b>
            ": "
            {term.meaning()}
        </p>
        <p class="hint">{term.source().words()}</p>
    }
    .into_any()
}

/// A term in a text or a label. A press opens what it means, by touch, mouse and keyboard alike.
#[component]
pub(crate) fn Term(
    /// The term.
    term: GlossaryTerm,
    /// How it reads here.
    #[prop(into)]
    words: String,
) -> impl IntoView {
    let popup = Popup::default();
    let overlays = use_overlays();
    let TermCard(card) = expect_context();
    let id = format!("term-{}", unique());
    let all = move |_| {
        popup.close();
        overlays.help.set(true);
    };
    view! {
        <button
            type="button"
            class="term"
            node_ref=popup.button
            popovertarget=id.clone()
            aria-expanded=move || popup.is_open.get().to_string()
        >
            {words}
        </button>
        <div
            id=id
            popover="auto"
            class="term-card"
            role="group"
            aria-label=term.name()
            node_ref=popup.panel
            on:beforetoggle=move |event| popup.toggle(&event)
        >
            {move || {
                popup
                    .is_open
                    .get()
                    .then(|| {
                        view! {
                            {card(term)}
                            <p>
                                <button type="button" class="quiet" on:click=all>
                                    "All terms"
                                </button>
                            </p>
                        }
                    })
            }}
        </div>
    }
}
