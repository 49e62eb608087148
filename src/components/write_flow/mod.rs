//! Every change goes this way: form → what will happen → confirm, with the exact request shown → toast. Of a bulk, whatever
//! was not made is listed.

mod forecast;
mod outcome;
mod requests;
mod sending;

use super::dialog::{Dialog, unique};
use super::small::WhyNot;
use crate::state::{TrialWish, use_account, use_background, use_toasts};
use forecast::ForecastView;
use leptos::prelude::*;
use mailgun_pools::api::{ErrorAdvice, Write};
use outcome::{OnBehalf, Outcome};
use poolkeeper_account::change::Proposal;
use poolkeeper_account::forecast::Forecast;
use poolkeeper_account::record::ChangeOrigin;
use requests::RequestsView;
use sending::{ProposalSender, SendState, Sending};

/// What to type before a change is sent that the dry run refused or could not try.
const SEND_ANYWAY: &str = "send anyway";

/// The dialog. Put the form inside; leave `proposal` at `None` until it is complete.
#[component]
pub(crate) fn WriteFlow(
    /// Whether it is open.
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// The change as the form has it now.
    #[prop(into)]
    proposal: Signal<Option<Proposal>>,
    /// Called with the changes that were made, also when others failed.
    #[prop(into, optional)]
    on_done: Option<Callback<Vec<Write>>>,
    /// What it is in the record; without, a change of its own.
    #[prop(into, optional)]
    origin: Signal<ChangeOrigin>,
    /// More room.
    #[prop(optional)]
    wide: bool,
    #[prop(optional)] children: Option<ChildrenFn>,
) -> impl IntoView {
    let state = RwSignal::new(SendState::default());
    let sender = ProposalSender {
        account: use_account(),
        toasts: use_toasts(),
        state,
        open,
        origin,
        on_done,
        undo: use_background().undo,
    };
    let close = Callback::new(move |()| {
        if state.with_untracked(|state| state.is_on) {
            state.update(|state| state.is_cancelled = true);
        } else {
            state.set(SendState::default());
            open.set(false);
        }
    });
    // A bulk takes the form's place while it is sent, and so does what came of it.
    let phase =
        Memo::new(move |_| state.with(|state| (state.is_bulk && state.is_on, state.is_bulk && state.over.is_some())));
    let children = StoredValue::new(children);
    view! {
        <Dialog open=open on_close=close title=title wide=wide>
            {move || match phase.get() {
                (true, _) => view! { <Sending state=state /> }.into_any(),
                (false, true) => view! { <Outcome sender=sender on_close=close /> }.into_any(),
                (false, false) => {
                    view! {
                        <div class="write-form">{children.with_value(|form| form.as_ref().map(|form| form()))}</div>
                        <Consequences proposal=proposal sender=sender on_close=close />
                    }
                        .into_any()
                }
            }}
        </Dialog>
    }
}

/// What will happen, the requests, and the button.
#[component]
fn Consequences(proposal: Signal<Option<Proposal>>, sender: ProposalSender, on_close: Callback<()>) -> impl IntoView {
    let ProposalSender { account, state, .. } = sender;
    let proposal = Memo::new(move |_| proposal.get());
    // A dialog that closes is not tried again on the account as it is after the change.
    let is_open = sender.open;
    let is_on = Memo::new(move |_| state.with(|state| state.is_on));
    let forecast = Memo::new(move |before: Option<&Option<Forecast>>| {
        let is_open = is_open.get();
        // Nor is one that is being sent, while its last entry is stored.
        if is_on.get() {
            return before.cloned().flatten();
        }
        proposal.with(|proposal| {
            let meant = proposal.as_ref().filter(|_| is_open);
            meant.map(|known| account.forecast(known))
        })
    });
    let to_type = Memo::new(move |_| proposal.with(|proposal| proposal.as_ref()?.type_to_confirm.clone()));
    let typed = RwSignal::new(String::new());
    let is_typed = move || {
        let is_it = |name: &String| typed.with(|typed| typed.trim() == name);
        to_type.with(|name| name.as_ref().is_none_or(is_it))
    };
    let is_held = move || account.source().is_read_only();
    let may_send = move || forecast.with(|forecast| forecast.as_ref().is_some_and(Forecast::may_send));
    // On a live account only the dry run says no, or there is none.
    let is_anyway = Memo::new(move |_| {
        let is_live = !account.source().is_simulator();
        is_live && forecast.with(|forecast| forecast.as_ref().is_some_and(Forecast::may_send_anyway))
    });
    let typed_anyway = RwSignal::new(String::new());
    let is_meant = move || is_anyway.get() && typed_anyway.with(|typed| typed.trim() == SEND_ANYWAY);
    let is_off = move || !(may_send() || is_meant()) || !is_typed() || is_held() || is_on.get();
    let confirm = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let (false, Some(proposal)) = (is_off(), proposal.get_untracked()) {
            let trial = if untrack(is_meant) {
                TrialWish::Without
            } else {
                TrialWish::First
            };
            sender.send(proposal, sender.origin.get_untracked(), trial);
        }
    };
    let held = format!("held-{}", unique());
    let reason = Signal::derive(move || {
        let why = "This connection is read-only. Allow changes in Settings.";
        if is_held() { why } else { "" }.to_owned()
    });
    let words = move || {
        let words = proposal.with(|proposal| proposal.as_ref().map(|proposal| proposal.confirm.clone()));
        words.unwrap_or_else(|| "Confirm".to_owned())
    };
    let failed = move || state.with(|state| state.over.as_ref()?.0.first_problem());
    // A copy is read, or several requests are under way.
    let has_progress = Memo::new(move |_| state.with(|state| state.is_on && (state.total > 1 || state.is_reading())));
    view! {
        <section class="consequences" aria-label="What will change" aria-live="polite">
            <h3>"What will change"</h3>
            {move || match (proposal.get(), forecast.get()) {
                (Some(proposal), Some(forecast)) => {
                    let is_live = !account.source().is_simulator();
                    view! { <ForecastView proposal=proposal forecast=forecast is_live=is_live /> }.into_any()
                }
                _ => view! { <p class="muted">"Fill in the form first."</p> }.into_any(),
            }}
            {move || (!account.source().is_simulator()).then(live_note)}
        </section>
        {move || {
            let writes = proposal.get()?.writes();
            (!writes.is_empty()).then(|| view! { <RequestsView writes=writes /> })
        }}
        {move || failed().map(failed_view)}
        <OnBehalf sender=sender />
        <form class="write-confirm" on:submit=confirm>
            {move || to_type.get().map(|name| type_field(name, "to confirm", typed))}
            {move || {
                (is_anyway.get() && !is_held())
                    .then(|| type_field(SEND_ANYWAY.to_owned(), "to send it without a dry run", typed_anyway))
            }}
            {move || has_progress.get().then(|| view! { <Sending state=state /> })}
            <WhyNot id=held.clone() reason=reason />
            <div class="actions actions-end">
                <button type="button" on:click=move |_| on_close.run(()) disabled=move || is_on.get()>
                    "Cancel"
                </button>
                <button
                    type="submit"
                    class=move || if to_type.with(Option::is_some) { "danger" } else { "primary" }
                    disabled=is_off
                    aria-describedby=held
                >
                    {words}
                </button>
            </div>
        </form>
    }
}

/// What a forecast on a live account is worth.
fn live_note() -> AnyView {
    let words = "Result of a dry run on a copy, by the simulator's rules. The live account may decide otherwise.";
    view! { <p class="muted">{words}</p> }.into_any()
}

fn type_field(name: String, purpose: &'static str, typed: RwSignal<String>) -> AnyView {
    let id = format!("type-{}", unique());
    view! {
        <div class="field">
            <label for=id.clone()>
                "Type " <code>{name}</code> " " {purpose}
            </label>
            <input
                id=id
                type="text"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || typed.get()
                on:input=move |event| typed.set(event_target_value(&event))
            />
        </div>
    }
    .into_any()
}

fn failed_view(advice: ErrorAdvice) -> AnyView {
    view! {
        <div class="refusal" role="alert">
            <p>
                <b>{advice.happened}</b>
            </p>
            <p>{advice.to_do}</p>
        </div>
    }
    .into_any()
}
