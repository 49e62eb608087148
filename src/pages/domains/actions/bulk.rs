//! Many changes in one go: one look at what will happen, then request after request, and a result that lists what failed.

use super::sending::{BulkRun, BulkView, Outcome, Sending, domain_of};
use crate::components::Dialog;
use crate::components::dialog::unique;
use crate::components::write_flow::{ForecastView, HeldBack, RequestsView, live_note};
use crate::state::{use_account, use_toasts};
use leptos::prelude::*;
use mailgun_pools::api::Write;
use poolkeeper_account::change::{ChangeStep, DomainsChange};
use poolkeeper_account::forecast::{BulkForecast, Forecast};
use poolkeeper_core::text::counted;

const MOST_REFUSALS_SHOWN: usize = 4;

/// The dialog. Put the form inside; leave `change` at `None` until it is complete.
#[component]
pub fn BulkFlow(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// The change as the form has it now.
    #[prop(into)]
    change: Signal<Option<DomainsChange>>,
    /// Called with the changes that were made, also when others failed.
    on_done: Callback<Vec<Write>>,
    /// The form.
    children: ChildrenFn,
) -> impl IntoView {
    let show = RwSignal::new(BulkView::default());
    let close = move |()| {
        if show.with_untracked(|show| show.is_on) {
            show.update(|show| show.is_cancelled = true);
        } else {
            show.set(BulkView::default());
            open.set(false);
        }
    };
    let phase = Memo::new(move |_| show.with(|show| (show.is_on, show.over.is_some())));
    let children = StoredValue::new(children);
    view! {
        <Dialog open=open on_close=close title=title wide=true>
            {move || match phase.get() {
                (true, _) => view! { <Sending show=show /> }.into_any(),
                (false, true) => {
                    view! { <Outcome open=open show=show change=change on_done=on_done on_close=close /> }.into_any()
                }
                (false, false) => {
                    view! {
                        <div class="write-form">{children.with_value(|form| form())}</div>
                        <Look open=open change=change show=show on_done=on_done />
                    }
                        .into_any()
                }
            }}
        </Dialog>
    }
    .into_any()
}

/// What will happen, the requests, and the button.
#[component]
fn Look(
    open: RwSignal<bool>,
    change: Signal<Option<DomainsChange>>,
    show: RwSignal<BulkView>,
    on_done: Callback<Vec<Write>>,
) -> impl IntoView {
    let account = use_account();
    let toasts = use_toasts();
    let typed = RwSignal::new(String::new());
    let trial = Memo::new(move |_| change.with(|change| change.as_ref().map(|change| account.trial(&change.steps))));
    let wanted = Memo::new(move |_| change.get().and_then(|change| change.type_to_confirm));
    let step_count = Memo::new(move |_| change.with(|change| change.as_ref().map_or(0, |change| change.steps.len())));
    let is_typed = move || {
        wanted.with(|name| {
            name.as_ref()
                .is_none_or(|name| typed.with(|typed| typed.trim() == name))
        })
    };
    let is_hopeless = move || {
        trial.with(|trial| match trial {
            Some(Ok(trial)) => trial.refused.len() >= step_count.get(),
            // Nothing is sent untried.
            Some(Err(_)) | None => true,
        })
    };
    let is_off = move || step_count.get() == 0 || !is_typed() || is_hopeless() || account.source().is_read_only();
    let confirm = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let (false, Some(change)) = (is_off(), change.get_untracked()) {
            let sender = BulkRun {
                account,
                toasts,
                show,
                open,
                on_done,
            };
            sender.send(change.steps, change.done);
        }
    };
    let held = format!("held-{}", unique());
    let words = move || {
        change
            .get()
            .map_or_else(|| "Confirm".to_owned(), |change| change.confirm)
    };
    view! {
        <section class="consequences" aria-label="What will change" aria-live="polite">
            <h3>"What will change"</h3>
            {move || summary_view(change.get(), trial.get(), !account.source().is_simulator())}
            {move || (!account.source().is_simulator()).then(live_note)}
        </section>
        {move || {
            let writes = change.get()?.steps.into_iter().map(|step| step.write).collect::<Vec<_>>();
            (!writes.is_empty()).then(|| view! { <RequestsView writes=writes /> })
        }}
        <form class="write-confirm" on:submit=confirm>
            {move || wanted.get().map(|name| type_field(name, typed))}
            <HeldBack id=held.clone() />
            <div class="actions actions-end">
                <button type="button" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button
                    type="submit"
                    aria-describedby=held
                    class=move || if wanted.with(Option::is_some) { "danger" } else { "primary" }
                    disabled=is_off
                >
                    {words}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn summary_view(
    change: Option<DomainsChange>,
    trial: Option<Result<BulkForecast, Forecast>>,
    is_live: bool,
) -> AnyView {
    let Some(change) = change else {
        return view! { <p class="muted">"Fill in the form first."</p> }.into_any();
    };
    let count = change.steps.len();
    let lines = change
        .summary
        .into_iter()
        .map(|line| view! { <li>{line}</li> })
        .collect_view();
    let how = (count > 0).then(|| {
        let requests = counted(count as u64, "request");
        let tried = if is_live {
            " Each gets a dry run on a copy first; requests that fail it are not sent."
        } else {
            ""
        };
        let words = format!("{requests}, sent one at a time. A failed request does not stop the others.{tried}");
        view! { <p class="muted">{words}</p> }
    });
    let tried = match trial {
        None => ().into_any(),
        Some(Err(forecast)) => view! { <ForecastView forecast=forecast /> }.into_any(),
        Some(Ok(trial)) => trial_view(&trial, &change.steps),
    };
    view! {
        <ul class="effects bulk-summary">{lines}</ul>
        {how}
        {(count > 0).then_some(tried)}
    }
    .into_any()
}

/// What the copy came to, and what was refused on it.
fn trial_view(trial: &BulkForecast, steps: &[ChangeStep]) -> AnyView {
    let some = (steps.len() > trial.tried).then(|| format!("Dry run of the first {}:", trial.tried));
    let some = some.map(|words| view! { <p class="muted">{words}</p> });
    let refused = trial.refused.iter().take(MOST_REFUSALS_SHOWN).map(|(at, why)| {
        let name = steps
            .get(*at)
            .and_then(|step| domain_of(&step.write))
            .map(ToString::to_string);
        view! { <li><b>{name}</b> " " {why.clone()}</li> }
    });
    let refused = refused.collect_view();
    let refused_count = trial.refused.len();
    let more = refused_count.saturating_sub(MOST_REFUSALS_SHOWN);
    let more = (more > 0).then(|| view! { <li class="muted">{format!("and {more} more")}</li> });
    let refused = (refused_count > 0).then(|| {
        view! {
            <div class="refusal">
                <p>
                    <b>{format!("{} would be refused", counted(refused_count as u64, "request"))}</b>
                </p>
                <ul>{refused} {more}</ul>
            </div>
        }
    });
    view! {
        {some}
        <ForecastView forecast=Forecast::Changes(trial.changes.clone()) />
        {refused}
    }
    .into_any()
}

fn type_field(name: String, typed: RwSignal<String>) -> AnyView {
    let id = format!("type-{}", unique());
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
    .into_any()
}
