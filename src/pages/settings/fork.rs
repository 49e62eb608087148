//! Copying the live account into the simulator.

use crate::browser;
use crate::components::{Card, Failed, Field, ProgressBar};
use crate::state::long_task::{LongTask, TaskHandle};
use crate::state::{use_account, use_live, use_simulated, use_toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::ApiError;
use poolkeeper_account::fork::{Fork, ForkExtent, ForkProgress, ForkStage, service_now};
use poolkeeper_core::text;
use poolkeeper_simulator::sim::ImportNotes;
use std::rc::Rc;

const DAYS: [u32; 5] = [7, 30, 90, 180, 365];

/// How a copy came out.
#[derive(Clone, Debug, PartialEq)]
struct ForkSummary {
    /// What is in it.
    summary: String,
    /// What tells it from the account.
    notes: ImportNotes,
}

/// The card. Shown while a live account is looked at, and until its copy has been looked at.
#[component]
pub(crate) fn ForkCard() -> impl IntoView {
    let (live, simulated, account) = (use_live(), use_simulated(), use_account());
    let toasts = use_toasts();
    let days = RwSignal::new(30_u32);
    let work = LongTask::new();
    let failed = RwSignal::new(None::<ApiError>);
    let copied = RwSignal::new(None::<ForkSummary>);
    // A reading that failed waits here to go on.
    let halted = StoredValue::new_local(None::<Fork>);
    on_cleanup(move || work.cancel());
    let run = move |mut fork: Fork| {
        failed.set(None);
        copied.set(None);
        spawn_local(async move {
            let task = work.begin();
            match read(&mut fork, task).await {
                // Cancelled meanwhile, nobody waits for it any more.
                Err(_) if !task.is_current() => {}
                Err(error) => {
                    task.end();
                    failed.set(Some(error));
                    halted.set_value(Some(fork));
                }
                Ok(false) => {}
                Ok(true) => {
                    let (sim, notes) = fork.finish();
                    let summary = summary(&sim);
                    let before = simulated.sim_untracked();
                    simulated.replace(sim);
                    task.end();
                    copied.set(Some(ForkSummary { summary, notes }));
                    let undo = Rc::new(move || simulated.replace((*before).clone()));
                    toasts.done_with_undo("Account copied to the simulator".to_owned(), undo);
                }
            }
        });
    };
    let begin = move |_| {
        halted.set_value(None);
        let Some(connected) = untrack(|| live.connected()) else {
            return;
        };
        let extent = ForkExtent {
            days: days.get_untracked(),
            with_outside: true,
        };
        let name = format!("Copy of {}", connected.place);
        let client = account.client();
        spawn_local(async move {
            let now = service_now(&client, browser::now_utc()).await;
            run(Fork::new(client, &name, now, extent));
        });
    };
    let go_on = Callback::new(move |()| {
        if let Some(fork) = halted.try_update_value(Option::take).flatten() {
            run(fork);
        }
    });
    let is_live = Memo::new(move |_| live.connected().is_some());
    let is_working = move || work.current().is_some();
    let progress = Signal::derive(move || work.current().unwrap_or_default());
    let form = move || {
        is_live.get().then(|| {
            view! {
                <p>
                    "Pools, IPs, subaccounts, domains, history and daily counts become a simulated account to play with. Reads
                    only; nothing changes in the live account."
                </p>
                <Field id="fork-days" label="Days to copy" hint="More domains and days need more requests.">
                    <select
                        id="fork-days"
                        aria-describedby="fork-days-note"
                        on:change=move |event| days.set(event_target_value(&event).parse().unwrap_or(30))
                    >
                        {DAYS.map(|option| choice(option, days)).collect_view()}
                    </select>
                </Field>
                <div class="actions settings-actions">
                    <button type="button" class="primary" disabled=is_working on:click=begin>
                        "Fork to simulator"
                    </button>
                </div>
            }
        })
    };
    let look = move |_| live.disconnect();
    view! {
        <Show when=move || is_live.get() || copied.with(Option::is_some)>
            <Card title="Fork to simulator" class="fork-card">
                {form}
                {move || is_working().then(|| view! { <ProgressBar work=progress on_cancel=move |()| work.cancel() /> })}
                {move || failed.get().map(|error| view! { <Failed error=error on_retry=go_on /> })}
                <div role="status">{move || copied.get().map(|copied| copied_view(&copied))}</div>
                {move || {
                    (is_live.get() && copied.with(Option::is_some))
                        .then(|| view! { <button type="button" on:click=look>"Disconnect and open the copy"</button> })
                }}
            </Card>
        </Show>
    }
}

fn choice(option: u32, days: RwSignal<u32>) -> AnyView {
    view! {
        <option value=option.to_string() selected=move || days.get() == option>
            {text::counted(u64::from(option), "day")}
        </option>
    }
    .into_any()
}

/// Reads to the end; `false` when it was cancelled.
async fn read(fork: &mut Fork, task: TaskHandle) -> Result<bool, ApiError> {
    if !task.yield_now("Reading the pools", 0, None).await {
        return Ok(false);
    }
    while let Some(progress) = fork.step().await? {
        let ForkProgress { part, done, total } = progress;
        let unit = if part == ForkStage::DailyCounts { ", days" } else { "" };
        if !task
            .yield_now(&format!("Reading {}{unit}", part.words()), done, total)
            .await
        {
            return Ok(false);
        }
    }
    Ok(task.yield_now("Making the copy", 0, None).await)
}

fn summary(sim: &poolkeeper_simulator::sim::Sim) -> String {
    let days = u64::try_from(sim.now().day().since(sim.first_day())).unwrap_or(0);
    format!(
        "Copied: {}, {} and {} of counts",
        text::counted(u64::from(sim.domain_count()), "domain"),
        text::counted(u64::from(sim.history_len()), "history record"),
        text::counted(days, "day")
    )
}

fn copied_view(copied: &ForkSummary) -> AnyView {
    let list = |title: &'static str, lines: &[String]| {
        let lines = lines
            .iter()
            .map(|line| view! { <li>{line.clone()}</li> })
            .collect_view();
        view! {
            <section aria-label=title>
                <p>{format!("{title}:")}</p>
                <ul>{lines}</ul>
            </section>
        }
    };
    view! {
        <div class="settings-found">
            <p>
                <b>{copied.summary.clone()}</b>
            </p>
            {list("Not copied", &copied.notes.missing)}
            {list("Replaced by defaults", &copied.notes.stand_ins)}
        </div>
    }
    .into_any()
}
