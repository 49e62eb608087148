//! Every change goes this way: form → what will happen → confirm, with the exact request shown → toast.

mod forecast;
mod requests;

pub use forecast::ForecastView;
pub use requests::RequestsView;

use super::dialog::{Dialog, unique};
use super::progress::ProgressBar;
use super::small::WhyNot;
use crate::browser;
use crate::state::{Account, WorkProgress, use_account, use_toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::{ApiError, Write};
use poolkeeper_account::change::ChangeStep;
use poolkeeper_account::forecast::Forecast;
use std::rc::Rc;

/// A change ready to be looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// The requests, sent in order; the first refusal ends the row.
    pub writes: Vec<Write>,
    /// What the button says: `Remove all pools`.
    pub confirm: String,
    /// The name to type first, for what deletes or replaces.
    pub type_to_confirm: Option<String>,
    /// What the toast says when it worked: `news.example.com is pinned to good`.
    pub done: String,
    /// What takes it back, where the API can.
    pub undo: Vec<Write>,
}

/// Where the sending stands.
#[derive(Clone, Debug, Default, PartialEq)]
struct WriteState {
    is_on: bool,
    done: usize,
    cancelled: bool,
    failed: Option<ApiError>,
    began_ms: f64,
}

/// The dialog. Put the form inside; leave `proposal` at `None` until it is complete.
#[component]
pub fn WriteFlow(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// The change as the form has it now.
    #[prop(into)]
    proposal: Signal<Option<Proposal>>,
    /// Called after it worked.
    #[prop(into, optional)]
    on_done: Option<Callback<()>>,
    /// More room.
    #[prop(optional)]
    wide: bool,
    /// The form.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let sending = RwSignal::new(WriteState::default());
    let close = move |()| {
        if sending.with_untracked(|sending| sending.is_on) {
            sending.update(|sending| sending.cancelled = true);
        } else {
            sending.set(WriteState::default());
            open.set(false);
        }
    };
    let children = StoredValue::new(children);
    view! {
        <Dialog open=open on_close=close title=title wide=wide>
            <div class="write-form">{move || children.with_value(|form| form.as_ref().map(|form| form()))}</div>
            <Consequences open=open proposal=proposal sending=sending on_done=on_done />
        </Dialog>
    }
    .into_any()
}

#[component]
fn Consequences(
    open: RwSignal<bool>,
    proposal: Signal<Option<Proposal>>,
    sending: RwSignal<WriteState>,
    on_done: Option<Callback<()>>,
) -> impl IntoView {
    let account = use_account();
    let toasts = use_toasts();
    let typed = RwSignal::new(String::new());
    let forecast = Memo::new(move |_| proposal.get().map(|proposal| account.forecast(&proposal.writes)));
    // Nothing is sent untried.
    let is_refused = move || forecast.with(|forecast| !matches!(forecast, Some(Forecast::Changes(_))));
    let is_typed = move || {
        proposal.with(|proposal| {
            proposal
                .as_ref()
                .and_then(|proposal| proposal.type_to_confirm.as_ref())
                .is_none_or(|name| typed.with(|typed| typed.trim() == name))
        })
    };
    let is_held = move || account.source().is_read_only();
    let is_off =
        move || proposal.with(Option::is_none) || is_refused() || !is_typed() || is_held() || sending.get().is_on;
    let is_danger = move || proposal.with(|proposal| proposal.as_ref().is_some_and(|p| p.type_to_confirm.is_some()));
    let confirm = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_off() {
            return;
        }
        if let Some(proposal) = proposal.get_untracked() {
            send(account, toasts, proposal, sending, move || {
                open.set(false);
                if let Some(on_done) = on_done {
                    on_done.run(());
                }
            });
        }
    };
    let held = format!("held-{}", unique());
    let confirm_words = move || {
        let words = proposal.with(|proposal| proposal.as_ref().map(|proposal| proposal.confirm.clone()));
        words.unwrap_or_else(|| "Confirm".to_owned())
    };
    view! {
        <section class="consequences" aria-label="What will change" aria-live="polite">
            <h3>"What will change"</h3>
            {move || match forecast.get() {
                None => view! { <p class="muted">"Fill in the form first."</p> }.into_any(),
                Some(forecast) => view! { <ForecastView forecast=forecast /> }.into_any(),
            }}
            {move || (!account.source().is_simulator()).then(live_note)}
        </section>
        {move || {
            proposal.get().map(|proposal| view! { <RequestsView writes=proposal.writes /> })
        }}
        {move || sending.get().failed.map(|error| failed_view(&error))}
        <form class="write-confirm" on:submit=confirm>
            {move || type_field(proposal, typed)} {move || sending_view(proposal, sending)}
            <HeldBack id=held.clone() />
            <div class="actions actions-end">
                <button type="button" on:click=move |_| open.set(false) disabled=move || sending.get().is_on>
                    "Cancel"
                </button>
                <button type="submit" class=move || if is_danger() { "danger" } else { "primary" } disabled=is_off aria-describedby=held>
                    {confirm_words}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// What a forecast on a live account is worth.
pub fn live_note() -> AnyView {
    let words = "Result of a dry run on a copy, by the simulator's rules. The live account may decide otherwise.";
    view! { <p class="muted">{words}</p> }.into_any()
}

/// Why nothing can be sent, while the connection is read-only.
#[component]
pub fn HeldBack(
    /// The id the button refers to.
    id: String,
) -> impl IntoView {
    let account = use_account();
    let reason = Signal::derive(move || {
        if account.source().is_read_only() {
            "This connection is read-only. Allow changes in Settings.".to_owned()
        } else {
            String::new()
        }
    });
    view! { <WhyNot id=id reason=reason /> }.into_any()
}

fn type_field(proposal: Signal<Option<Proposal>>, typed: RwSignal<String>) -> Option<AnyView> {
    let name = proposal.with(|proposal| proposal.as_ref()?.type_to_confirm.clone())?;
    let id = format!("type-{}", unique());
    Some(
        view! {
            <div class="field">
                <label for=id.clone()>
                    "Type " <code>{name}</code> " to confirm"
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
        .into_any(),
    )
}

fn sending_view(proposal: Signal<Option<Proposal>>, sending: RwSignal<WriteState>) -> Option<AnyView> {
    let total = proposal.with(|proposal| proposal.as_ref().map(|proposal| proposal.writes.len()))?;
    if total < 2 || !sending.with(|sending| sending.is_on) {
        return None;
    }
    let work = Signal::derive(move || {
        sending.with(|sending| WorkProgress {
            what: "Sending".to_owned(),
            done: sending.done as u64,
            total: Some(total as u64),
            elapsed_ms: browser::now_ms() - sending.began_ms,
        })
    });
    let cancel = Callback::new(move |()| sending.update(|sending| sending.cancelled = true));
    Some(view! { <ProgressBar work=work on_cancel=cancel /> }.into_any())
}

fn failed_view(error: &ApiError) -> AnyView {
    let advice = error.advice();
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

/// Sends the requests in order, says how it went and offers to take it back.
fn send(
    account: Account,
    toasts: crate::state::toasts::Toasts,
    proposal: Proposal,
    sending: RwSignal<WriteState>,
    finished: impl Fn() + 'static,
) {
    sending.set(WriteState {
        is_on: true,
        began_ms: browser::now_ms(),
        ..WriteState::default()
    });
    spawn_local(async move {
        let client = account.client();
        account.hold();
        let mut outcome = Ok(());
        let mut sent = 0;
        for write in &proposal.writes {
            if sending.try_with_untracked(|sending| sending.cancelled).unwrap_or(true) {
                break;
            }
            if let Err(error) = client.write(write).await {
                outcome = Err(error);
                break;
            }
            sent += 1;
            sending.try_update(|sending| sending.done = sent);
        }
        if sent > 0 {
            account.changed();
        }
        account.release();
        let all = proposal.writes.len();
        sending.try_set(WriteState {
            failed: outcome.clone().err(),
            ..WriteState::default()
        });
        match outcome {
            Ok(()) if sent == all => {
                say_done(account, toasts, &proposal);
                finished();
            }
            Ok(()) => toasts.note(format!("Stopped after {sent} of {all} changes")),
            Err(error) if sent > 0 => {
                toasts.failed(format!(
                    "{sent} of {all} changes made. The next one failed: {}",
                    error.advice().happened
                ));
            }
            Err(_) => {}
        }
    });
}

fn say_done(account: Account, toasts: crate::state::toasts::Toasts, proposal: &Proposal) {
    if proposal.undo.is_empty() {
        toasts.done(proposal.done.clone());
        return;
    }
    let steps = proposal.undo.iter().cloned().map(ChangeStep::from).collect::<Vec<_>>();
    let undo = Rc::new(move || {
        let mut sending = account.sending(steps.clone()).stop_on_error();
        spawn_local(async move {
            account.hold();
            while sending.step(browser::now_utc(), |_| true).await {}
            account.changed();
            account.release();
            match sending.finish().first_problem() {
                None => toasts.done("Undone"),
                Some(why) => toasts.failed(format!("Undo failed: {why}")),
            }
        });
    });
    toasts.done_with_undo(proposal.done.clone(), undo);
}
