//! What can be done about a recorded change: check what is unknown, go on, put back, leave as it is.

use crate::components::WriteFlow;
use crate::state::{use_account, use_toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use poolkeeper_account::change::Proposal;
use poolkeeper_account::record::{ChangeOrigin, ChangeOutcome, RecordedChange};
use poolkeeper_core::text::counted;

#[component]
pub(super) fn ChangeActions(change: Memo<Option<RecordedChange>>) -> impl IntoView {
    let of = move |look: fn(&RecordedChange) -> bool| change.with(|change| change.as_ref().is_some_and(look));
    let is_unfinished = Memo::new(move |_| of(|change| change.outcome() == ChangeOutcome::Unfinished));
    let unknown = Memo::new(move |_| change.with(|change| change.as_ref().map_or(0, |change| change.counts().unknown)));
    let going_on = Memo::new(move |_| change.with(|change| change.as_ref().and_then(RecordedChange::go_on)));
    let put_back = Memo::new(move |_| change.with(|change| change.as_ref().and_then(RecordedChange::put_back)));
    let (is_going_on, is_putting_back) = (RwSignal::new(false), RwSignal::new(false));
    let id = Memo::new(move |_| change.with(|change| change.as_ref().map(|change| change.intent.id.clone())));
    let go_on_origin = Signal::derive(move || match (id.get(), going_on.get()) {
        (Some(id), Some((_, items))) => ChangeOrigin::GoesOn(id, items),
        _ => ChangeOrigin::New,
    });
    let put_back_origin = Signal::derive(move || id.get().map_or(ChangeOrigin::New, ChangeOrigin::PutsBack));
    let go_on_proposal = Signal::derive(move || going_on.get().map(|(proposal, _): (Proposal, _)| proposal));
    let record = use_account().record();
    let leave = move |_| {
        if let Some(id) = id.get_untracked() {
            spawn_local(async move { record.end(&id).await });
        }
    };
    view! {
        <div class="actions record-actions" role="group" aria-label="What to do about this change">
            <CheckButton change=change unknown=unknown />
            <Show when=move || going_on.with(Option::is_some)>
                <button type="button" on:click=move |_| is_going_on.set(true)>
                    "Go on"
                </button>
            </Show>
            <Show when=move || put_back.with(Option::is_some)>
                <button type="button" on:click=move |_| is_putting_back.set(true)>
                    "Put back"
                </button>
            </Show>
            <Show when=move || is_unfinished.get()>
                <button type="button" on:click=leave>
                    "Leave as it is"
                </button>
            </Show>
        </div>
        <WriteFlow open=is_going_on title="Go on with this change" proposal=go_on_proposal origin=go_on_origin />
        <WriteFlow open=is_putting_back title="Put this change back" proposal=put_back origin=put_back_origin />
    }
}

/// Reads the account for what is unknown.
#[component]
fn CheckButton(change: Memo<Option<RecordedChange>>, unknown: Memo<usize>) -> impl IntoView {
    let (account, toasts) = (use_account(), use_toasts());
    let is_on = RwSignal::new(false);
    let check = move |_| {
        let Some(change) = change.get_untracked() else { return };
        is_on.set(true);
        spawn_local(async move {
            let unknown = change.counts().unknown;
            match account.record().check(account.client(), change).await {
                Ok(known) if known == unknown => toasts.done(format!("Checked {}", counted(known as u64, "request"))),
                Ok(known) => toasts.note(format!(
                    "{known} of {unknown} are known now. Reading the account does not show the others."
                )),
                Err(problem) => toasts.failed(format!("Could not check what is unknown: {problem}")),
            }
            is_on.try_set(false);
        });
    };
    view! {
        <Show when=move || unknown.get() != 0>
            <button type="button" disabled=move || is_on.get() on:click=check>
                {move || format!("Check {} unknown", unknown.get())}
            </button>
        </Show>
    }
}
