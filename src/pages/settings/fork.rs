//! Copying the live account into the simulator.

use crate::browser;
use crate::components::{Card, Failed, Field, ProgressBar};
use crate::state::background::{BackgroundTasks, ForkSummary};
use crate::state::live::LiveAccount;
use crate::state::long_task::TaskHandle;
use crate::state::toasts::Toasts;
use crate::state::{
    Account, DomainList, SimulatedAccount, use_account, use_background, use_domains, use_live, use_simulated,
    use_toasts,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::ApiError;
use poolkeeper_account::fork::{Fork, ForkExtent, ForkProgress, ForkStage, service_now};
use poolkeeper_core::text;
use std::rc::Rc;

const DAYS: [u32; 5] = [7, 30, 90, 180, 365];

/// What copies the live account. It goes on when the page is left. `Copy`.
#[derive(Clone, Copy)]
struct ForkRunner {
    live: LiveAccount,
    simulated: SimulatedAccount,
    account: Account,
    domains: DomainList,
    background: BackgroundTasks,
    toasts: Toasts,
}

impl ForkRunner {
    fn new() -> Self {
        Self {
            live: use_live(),
            simulated: use_simulated(),
            account: use_account(),
            domains: use_domains(),
            background: use_background(),
            toasts: use_toasts(),
        }
    }

    /// Begins a copy of so many days; the domains that are in the cache are not read again.
    fn begin(self, days: u32) {
        self.background.fork.halted.clear();
        let Some(connected) = untrack(|| self.live.connected()) else {
            return;
        };
        let extent = ForkExtent {
            days,
            with_outside: true,
        };
        let name = format!("Copy of {}", connected.place);
        let client = self.account.client();
        spawn_local(async move {
            let now = service_now(&client, browser::now_utc()).await;
            let fork = Fork::new(client, &name, now, extent);
            self.run(match self.domains.complete() {
                Some(known) => fork.with_domains(&known),
                None => fork,
            });
        });
    }

    /// Goes on where it broke off.
    fn resume(self) {
        if let Some(fork) = self.background.fork.halted.take::<Fork>() {
            self.run(fork);
        }
    }

    fn run(self, mut fork: Fork) {
        let BackgroundTasks {
            fork: place, copied, ..
        } = self.background;
        place.failed.set(None);
        copied.set(None);
        spawn_local(async move {
            let task = place.work.begin();
            match read(&mut fork, task).await {
                // Cancelled meanwhile: its result is not wanted any more.
                Err(_) if !task.is_current() => {}
                Err(error) => {
                    task.end();
                    place.failed.set(Some(error));
                    place.halted.put(fork);
                }
                Ok(false) => {}
                Ok(true) => {
                    let (sim, notes) = fork.finish();
                    let summary = summary(&sim);
                    let simulated = self.simulated;
                    let before = simulated.sim_untracked();
                    simulated.replace(sim);
                    task.end();
                    copied.set(Some(ForkSummary { summary, notes }));
                    let undo = Rc::new(move || simulated.replace((*before).clone()));
                    self.toasts
                        .done_with_undo("Account copied to the simulator".to_owned(), undo);
                }
            }
        });
    }
}

/// The card. Shown while a live account is looked at, and until its copy has been looked at.
#[component]
pub(crate) fn ForkCard() -> impl IntoView {
    let runner = ForkRunner::new();
    let ForkRunner { live, background, .. } = runner;
    let BackgroundTasks {
        fork: place, copied, ..
    } = background;
    let (work, failed) = (place.work, place.failed);
    let days = RwSignal::new(30_u32);
    let begin = move |_| runner.begin(days.get_untracked());
    let go_on = Callback::new(move |()| runner.resume());
    let is_live = Memo::new(move |_| live.connected().is_some());
    let is_working = move || work.current().is_some();
    let progress = Signal::derive(move || work.current().unwrap_or_default());
    let form = move || {
        is_live.get().then(|| {
            view! {
                <p>
                    "Pools, IPs, subaccounts, domains, history and daily counts become a simulated account to play with. Reads
                    only; nothing changes in the live account. You can leave this page meanwhile: the header shows the progress."
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
