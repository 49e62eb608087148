//! The tour: a card over each of its pages that says what one sees there.

use super::icon::Icon;
use super::small::types_text;
use crate::browser;
use crate::state::simulator::use_simulated;
use crate::state::{use_account, use_overlays};
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use poolkeeper_view::tour::{TourStep, tour};

/// The card of the current step; nothing where the account has no story to tell.
#[component]
pub(crate) fn Tour() -> impl IntoView {
    let overlays = use_overlays();
    let (account, simulated) = (use_account(), use_simulated());
    // Told on the account as it is when the tour begins; a step must not change while it is read.
    let steps = Memo::new(move |before: Option<&Vec<TourStep>>| {
        let begins = overlays.tour.get() == Some(0);
        match before {
            Some(steps) if !begins => steps.clone(),
            _ if untrack(|| account.source().is_simulator()) => tour(&simulated.sim_untracked()).unwrap_or_default(),
            _ => Vec::new(),
        }
    });
    let count = move || steps.with(Vec::len);
    let navigate = use_navigate();
    let card = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let address = overlays
            .tour
            .get()
            .and_then(|at| steps.with(|steps| steps.get(at).map(|step| step.address.clone())));
        if let Some(address) = address {
            navigate(
                &address,
                NavigateOptions {
                    resolve: false,
                    ..NavigateOptions::default()
                },
            );
            if let Some(card) = card.get_untracked() {
                browser::focus(&card);
            }
        }
    });
    let end = move || overlays.tour.set(None);
    let step = move |at: usize| {
        let found = steps.with(|steps| steps.get(at).cloned());
        found.map(|step| {
            let count = count();
            let is_last = at + 1 == count;
            view! {
                <p class="hint">{format!("Tour, step {} of {count}", at + 1)}</p>
                <h2>{step.title}</h2>
                <p>{step.text}</p>
                <div class="actions actions-end">
                    <button type="button" disabled=at == 0 on:click=move |_| overlays.tour.set(at.checked_sub(1))>
                        "Back"
                    </button>
                    <button
                        type="button"
                        class="primary"
                        on:click=move |_| overlays.tour.set((!is_last).then_some(at + 1))
                    >
                        {if is_last { "Done" } else { "Next" }}
                    </button>
                </div>
            }
        })
    };
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && overlays.tour.get_untracked().is_some() && !types_text(&event) {
            end();
        }
    });
    on_cleanup(move || listener.remove());
    view! {
        <Show when=move || overlays.tour.get().is_some() && count() != 0>
            <div class="tour" role="dialog" aria-label="Tour" tabindex="-1" node_ref=card>
                <button type="button" class="icon-button plain tour-end" aria-label="End the tour" on:click=move |_| end()>
                    {Icon::Close.view()}
                </button>
                {move || overlays.tour.get().and_then(step)}
            </div>
        </Show>
    }
}
