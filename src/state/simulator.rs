//! The simulator in this page: the one place where its clock moves and where it is replaced.

use super::account::{Account, AccountSource, TransportRoute, use_account};
use super::console_program;
use super::toasts::{Toasts, use_toasts};
use crate::browser;
use crate::persistence::{self, SimulatorStore, StoreNotice};
use futures::future::LocalBoxFuture;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::transport::Transport;
use poolkeeper_core::model::{Day, SECONDS_PER_DAY};
use poolkeeper_simulator::server::{Simulator, Subscription};
use poolkeeper_simulator::sim::{
    AccountBuilder, AccountOrigin, Command, CommandResult, JOB_SECONDS_PER_DOMAIN, Refusal, ScenarioSpec, Sim,
};
use std::rc::Rc;

/// The address that command lines name while the simulator is looked at.
const MAILGUN: &str = "https://api.mailgun.net";
/// Real milliseconds a day takes while playing.
const DAY_MS: u32 = 1_000;
/// Days of the first account's past made in one task: a few milliseconds, also on a slow phone some ten.
const DAYS_A_TASK: u32 = 30;
/// Real milliseconds between two moves of the clock while the enrol-all job runs, and in how many moves it ends.
const JOB_TICK_MS: u32 = 200;
const JOB_TICKS: i64 = 16;

/// Keeps a simulator from now on and reports to the listener; `None` when the code could not be downloaded.
type KeepSimulator = fn(Simulator, Box<dyn Fn(StoreNotice)>) -> LocalBoxFuture<'static, Option<SimulatorStore>>;

/// What the simulator needs and the app downloads after its first view.
#[derive(Clone, Copy)]
pub(crate) struct SimulatorChunks {
    /// The simulator as a transport.
    pub(crate) new_transport: fn(Simulator) -> Rc<dyn Transport>,
    /// Stores the simulator.
    pub(crate) keep: KeepSimulator,
    /// Downloads the rest, so that the next page opens at once.
    pub(crate) fetch_rest: fn() -> LocalBoxFuture<'static, ()>,
}

/// A handle on the simulator. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct SimulatedAccount {
    account: Account,
    simulator: StoredValue<Simulator, LocalStorage>,
    chunks: SimulatorChunks,
    is_playing: RwSignal<bool>,
    is_ticking: StoredValue<bool>,
    is_saving: RwSignal<bool>,
    is_restored: RwSignal<bool>,
}

impl SimulatedAccount {
    /// The simulated account. Reactive: runs again after each change.
    #[must_use]
    pub(crate) fn sim(&self) -> Rc<Sim> {
        self.account.watch();
        self.sim_untracked()
    }

    /// The simulated account, without subscribing.
    #[must_use]
    pub(crate) fn sim_untracked(&self) -> Rc<Sim> {
        self.simulator.with_value(Simulator::sim)
    }

    #[must_use]
    pub(crate) fn simulator(&self) -> Simulator {
        self.simulator.get_value()
    }

    /// The virtual day; `None` while another account is looked at, and until what was kept has been looked for: a day
    /// stepped before would be lost with the account it was stepped in. Reactive.
    #[must_use]
    pub(crate) fn today(&self) -> Option<Day> {
        (self.is_restored.get() && self.account.source().is_simulator()).then(|| self.sim().now().day())
    }

    /// Whether what was kept has been looked for, so that nobody sees an account that is about to be replaced. Reactive.
    #[must_use]
    pub(crate) fn is_restored(&self) -> bool {
        self.is_restored.get()
    }

    /// Whether days pass by themselves. Reactive.
    #[must_use]
    pub(crate) fn is_playing(&self) -> bool {
        self.is_playing.get()
    }

    /// Whether the browser has not stored the latest change yet. Reactive.
    #[must_use]
    pub(crate) fn is_saving(&self) -> bool {
        self.is_saving.get()
    }

    /// Carries out a command for the parent account.
    ///
    /// # Errors
    /// The rule that stands against it; nothing has changed then.
    pub(crate) fn apply(&self, command: &Command) -> Result<CommandResult, Refusal> {
        self.simulator.with_value(|simulator| simulator.apply(command))
    }

    /// Puts another account in this one's place.
    pub(crate) fn replace(&self, sim: Sim) {
        self.simulator.with_value(|simulator| simulator.replace(sim));
    }

    /// Lets a number of days pass, to the midnight that ends the last of them.
    pub(crate) fn step(&self, days: u32) {
        let Some(more) = days.checked_sub(1) else { return };
        let now = self.sim_untracked().now();
        let seconds = now.day().end().0 - now.0 + i64::from(more) * SECONDS_PER_DAY;
        self.advance(seconds);
    }

    /// Starts or stops the days passing by themselves.
    pub(crate) fn play(&self, play: bool) {
        let was = self.is_playing.get_untracked();
        self.is_playing.set(play);
        if play && !was {
            let simulated = *self;
            spawn_local(async move {
                while simulated.is_playing.try_get_untracked() == Some(true) {
                    simulated.step(1);
                    TimeoutFuture::new(DAY_MS).await;
                }
            });
        }
    }

    /// Enrolled domains whose name has these letters, at most so many. Reactive.
    #[must_use]
    pub(crate) fn domains_named(&self, letters: &str, most: usize) -> Vec<String> {
        let sim = self.sim();
        let named = sim.domains_by_name().filter(|domain| domain.enrolment.is_some());
        let named = named
            .map(|domain| domain.name.as_str())
            .filter(|name| name.contains(letters));
        named.take(most).map(str::to_owned).collect()
    }

    /// What was kept has been looked for: shows it, and returns once it is on the screen.
    async fn show_restored(&self) {
        self.is_restored.set(true);
        browser::drawn().await;
        // Where a program serves the page, its account may come yet.
        if !console_program::is_present() {
            browser::mark_first_view();
        }
    }

    fn advance(&self, seconds: i64) {
        if let Ok(seconds @ 1..) = u64::try_from(seconds)
            && self.apply(&Command::Advance { seconds }).is_err()
        {
            // Only the end of the calendar refuses a step of this size.
            self.is_playing.set(false);
        }
    }

    /// While the enrol-all job runs its time passes by itself, so that it ends without anybody stepping days.
    fn tick_job(&self) {
        let is_running = |simulated: &Self| {
            simulated
                .sim_untracked()
                .job()
                .is_some_and(poolkeeper_simulator::sim::EnrollAllJob::is_running)
        };
        if self.is_ticking.get_value() || !is_running(self) {
            return;
        }
        self.is_ticking.set_value(true);
        let simulated = *self;
        spawn_local(async move {
            loop {
                TimeoutFuture::new(JOB_TICK_MS).await;
                let sim = simulated.sim_untracked();
                let Some(job) = sim.job().filter(|job| job.is_running()) else {
                    break;
                };
                let seconds = (i64::from(job.total()) * JOB_SECONDS_PER_DOMAIN / JOB_TICKS).max(JOB_SECONDS_PER_DOMAIN);
                drop(sim);
                simulated.advance(seconds);
            }
            simulated.is_ticking.set_value(false);
        });
    }

    /// Looks at the simulator from now on.
    pub(crate) fn connect(&self) {
        let route = TransportRoute {
            transport: self.account.log().around((self.chunks.new_transport)(self.simulator())),
            acts_for: None,
            base: MAILGUN.to_owned(),
        };
        self.account.connect(route, self.source());
    }

    fn source(&self) -> AccountSource {
        let scenario = match self.sim_untracked().origin() {
            AccountOrigin::Scenario(spec) => spec.kind().name().to_owned(),
            AccountOrigin::Table { name } => name.clone(),
        };
        AccountSource::Simulator { scenario }
    }
}

/// The simulator in this page.
#[must_use]
pub(crate) fn use_simulated() -> SimulatedAccount {
    expect_context()
}

/// Held for the app's life: dropping it would end the listening.
#[derive(Clone, Copy)]
struct ChangeSubscription(#[expect(dead_code, reason = "held, not read")] StoredValue<Subscription, LocalStorage>);

/// The simulator until what was kept has been restored. Made a few days at a time, so that the page is not held up.
pub(crate) async fn initial() -> Simulator {
    TimeoutFuture::new(0).await;
    let mut build = AccountBuilder::scenario(&ScenarioSpec::default());
    while !build.is_done() {
        TimeoutFuture::new(0).await;
        build.step(DAYS_A_TASK);
    }
    TimeoutFuture::new(0).await;
    Simulator::new(build.finish())
}

pub(super) fn provide(simulator: Simulator, chunks: SimulatorChunks) {
    let account = use_account();
    let simulated = SimulatedAccount {
        account,
        simulator: StoredValue::new_local(simulator.clone()),
        chunks,
        is_playing: RwSignal::new(false),
        is_ticking: StoredValue::new(false),
        is_saving: RwSignal::new(false),
        is_restored: RwSignal::new(false),
    };
    simulated.connect();
    let subscription = simulator.subscribe(move |change, _| {
        // A live account that is looked at does not change with the simulator.
        if untrack(|| account.source().is_simulator()) {
            if matches!(change, poolkeeper_simulator::server::SimulatorChange::Replaced) {
                account.set_source(simulated.source());
            }
            account.changed();
        }
        simulated.tick_job();
    });
    provide_context(ChangeSubscription(StoredValue::new_local(subscription)));
    provide_context(simulated);
    keep(simulator, simulated);
}

/// Held for the app's life: the record goes on as long as its keeper is held.
#[derive(Clone, Copy)]
struct StorageState(#[expect(dead_code, reason = "held, not read")] StoredValue<Option<SimulatorStore>, LocalStorage>);

/// Restores the simulator as it was left, and keeps every change from then on.
fn keep(simulator: Simulator, simulated: SimulatedAccount) {
    let toasts = use_toasts();
    let kept = StoredValue::new_local(None);
    provide_context(StorageState(kept));
    spawn_local(async move {
        // On a first visit nothing is kept: then the scenario is shown at once, and what keeps it comes after.
        let is_first_visit = !persistence::may_be_there().await;
        if is_first_visit {
            simulated.show_restored().await;
        }
        let on_notice = Box::new(move |notice| on_notice(toasts, simulated.is_saving, &notice));
        match (simulated.chunks.keep)(simulator, on_notice).await {
            Some(store) => kept.set_value(Some(store)),
            None => toasts.failed("Storage could not be downloaded. The simulator is lost when this tab is closed."),
        }
        if !is_first_visit {
            simulated.show_restored().await;
        }
        (simulated.chunks.fetch_rest)().await;
    });
}

fn on_notice(toasts: Toasts, is_saving: RwSignal<bool>, notice: &StoreNotice) {
    match notice {
        StoreNotice::Restored | StoreNotice::Followed => {}
        StoreNotice::Saving(now) => is_saving.set(*now),
        StoreNotice::Overtaken => toasts
            .failed("Another tab changed the simulator first. Your last change was not saved; repeat it if needed."),
        StoreNotice::SetAside {
            why,
            is_partly_restored,
            ..
        } => {
            let rest = if *is_partly_restored {
                "An earlier state is shown."
            } else {
                "A new simulator is shown."
            };
            toasts.failed(format!(
                "The saved simulator could not be restored: {why}. It was renamed, not deleted. {rest}"
            ));
        }
        StoreNotice::Unsaved(problem) => {
            toasts.failed(format!("Changes are not being saved: {problem}. Retrying."));
        }
        StoreNotice::SavedAgain => toasts.done("Changes are saved again"),
        StoreNotice::Off(problem) => {
            toasts.note(format!("The simulator is lost when this tab is closed: {problem}"));
        }
    }
}
