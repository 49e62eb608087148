//! Bringing traffic into the lab, in slices, whichever it is taken from.

use crate::browser::{self, SLICE_MS};
use crate::pages::what_if::state::WhatIfState;
use crate::state::background::BackgroundTask;
use crate::state::loaded_traffic::{LoadedTraffic, TrafficSummary};
use crate::state::long_task::{LongTask, TaskHandle, simulate};
use crate::state::{
    Account, LabHandle, LabTraffic, SimulatedAccount, WorkProgress, csv_file, use_account, use_background, use_lab,
    use_loaded_traffic, use_simulated,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::ApiError;
use poolkeeper_account::fork::{LiveTrafficReader, service_now};
use poolkeeper_lab::Timeline;
use poolkeeper_lab::report::TrafficOrigin;
use poolkeeper_simulator::sim::{self, AccountBuilder, ScenarioSpec, Sim};
use poolkeeper_view::url_state::StudyTraffic;
use std::ops::Range;
use std::sync::Arc;
use web_sys::File;

/// Domains of the first piece; later ones are as large as fits a slice.
const FIRST_PIECE: u32 = 64;

/// Why there is no new traffic.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TrafficProblem {
    /// A file can't be read.
    File {
        name: String,
        /// Why, in words.
        reason: String,
    },
    /// The live account broke it off; it can go on.
    Live(ApiError),
}

/// A handle on what is being taken. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct TrafficLoader {
    account: Account,
    lab: LabHandle,
    study: WhatIfState,
    simulated: SimulatedAccount,
    held: TrafficSummary,
    /// What is under way of all but the live account.
    work: LongTask,
    /// The live account's counts: their reading goes on when the page is left.
    live: BackgroundTask,
    /// Why nothing came of the latest file.
    problem: RwSignal<Option<TrafficProblem>>,
    /// Goes with the page.
    is_page_open: StoredValue<()>,
}

/// A reading of the live account that broke off.
struct HaltedCounts {
    counts: LiveTrafficReader,
    connection: u64,
}

impl TrafficLoader {
    /// Nothing under way.
    #[must_use]
    pub(crate) fn new(study: WhatIfState) -> Self {
        let (work, live) = (LongTask::new(), use_background().traffic);
        on_cleanup(move || work.cancel());
        Self {
            account: use_account(),
            lab: use_lab(),
            study,
            simulated: use_simulated(),
            held: use_loaded_traffic(),
            work,
            live,
            problem: RwSignal::new(None),
            is_page_open: StoredValue::new(()),
        }
    }

    fn put(&self, source: StudyTraffic, revision: u64, traffic: LabTraffic) {
        self.lab.load(traffic);
        self.held.set(LoadedTraffic {
            source,
            revision,
            other_base: None,
        });
    }

    fn begin(&self) -> TaskHandle {
        self.cancel();
        self.work.begin()
    }

    fn begin_live(&self) -> TaskHandle {
        self.cancel();
        self.live.work.begin()
    }

    /// Stops whatever is under way; the traffic that is there stays.
    pub(crate) fn cancel(&self) {
        self.problem.set(None);
        self.live.failed.set(None);
        self.work.cancel();
        self.live.work.cancel();
    }

    /// How far what is under way is. Reactive.
    #[must_use]
    pub(crate) fn current(&self) -> Option<WorkProgress> {
        self.work.current().or_else(|| self.live.work.current())
    }

    /// Whether a live account's counts are read. Reactive.
    #[must_use]
    pub(crate) fn is_reading_live(&self) -> bool {
        self.live.work.current().is_some()
    }

    /// Why nothing came of the latest try. Reactive.
    #[must_use]
    pub(crate) fn problem(&self) -> Option<TrafficProblem> {
        self.problem
            .get()
            .or_else(|| self.live.failed.get().map(TrafficProblem::Live))
    }

    /// Takes the simulator's past as it is at a revision of the account.
    pub(crate) fn take_simulator(&self, revision: u64) {
        let (loader, sim) = (*self, self.simulated.sim_untracked());
        let task = self.begin();
        spawn_local(async move {
            let origin = match sim.origin() {
                sim::AccountOrigin::Scenario(spec) => TrafficOrigin::Simulator(*spec),
                sim::AccountOrigin::Table { name } => TrafficOrigin::File { name: name.clone() },
            };
            if let Some(traffic) = past(&sim, origin, task).await {
                loader.put(StudyTraffic::Simulator, revision, traffic);
                task.end();
            }
        });
    }

    /// Makes a scenario's past and takes it.
    pub(crate) fn take_scenario(&self, spec: ScenarioSpec) {
        let loader = *self;
        let task = self.begin();
        spawn_local(async move {
            if !task.yield_now("Making the sample", 0, None).await {
                return;
            }
            let Some(sim) = simulate(AccountBuilder::scenario(&spec), task).await else {
                return;
            };
            if let Some(traffic) = past(&sim, TrafficOrigin::Simulator(spec), task).await {
                loader.put(StudyTraffic::Scenario(spec), 0, traffic);
                task.end();
            }
        });
    }

    /// Reads a file of daily counts.
    pub(crate) fn take_file(&self, file: File) {
        let loader = *self;
        let task = self.begin();
        spawn_local(async move {
            let name = file.name();
            match csv_file::read(&file, task).await {
                Ok(Some(imported)) => {
                    let traffic = LabTraffic {
                        table: Arc::new(imported.table),
                        timeline: None,
                        origin: TrafficOrigin::File { name },
                        import: Some(Arc::new(imported.report)),
                    };
                    loader.put(StudyTraffic::File, 0, traffic);
                    loader.study.edit(|settings| settings.source = StudyTraffic::File);
                }
                // Cancelled: what was there stays.
                Ok(None) => return,
                Err(reason) => loader.problem.set(Some(TrafficProblem::File { name, reason })),
            }
            task.end();
        });
    }

    /// Reads the last days of the live account that is connected.
    pub(crate) fn take_live(&self, days: u32) {
        let (loader, client) = (*self, self.account.client());
        let connection = untrack(|| self.account.connection());
        self.live.halted.clear();
        let task = self.begin_live();
        spawn_local(async move {
            if !task.yield_now("Asking the account for its time", 0, None).await {
                return;
            }
            let now = service_now(&client, browser::now_utc()).await;
            let counts = LiveTrafficReader::new(client, now, days);
            loader.read_on(HaltedCounts { counts, connection }, task).await;
        });
    }

    /// Goes on where the live account broke it off.
    pub(crate) fn resume(&self) {
        if let Some(halted) = self.live.halted.take::<HaltedCounts>() {
            let loader = *self;
            let task = self.begin_live();
            spawn_local(async move { loader.read_on(halted, task).await });
        }
    }

    async fn read_on(self, mut halted: HaltedCounts, task: TaskHandle) {
        let days = halted.counts.days();
        loop {
            match halted.counts.step().await {
                // Cancelled meanwhile: its result is not wanted any more.
                _ if !task.is_current() => return,
                Ok(None) => break,
                Ok(Some(done)) => {
                    let done = u64::from(done);
                    if !task
                        .yield_now("Reading daily counts, days", done, Some(u64::from(days)))
                        .await
                    {
                        return;
                    }
                }
                Err(error) => {
                    task.end();
                    self.live.failed.set(Some(error));
                    self.live.halted.put(halted);
                    return;
                }
            }
        }
        let HaltedCounts { counts, connection } = halted;
        let other_base = poolkeeper_core::text::base_difference(&counts.bases());
        let (table, _) = counts.finish("live account");
        let traffic = LabTraffic {
            table: Arc::new(table),
            timeline: None,
            origin: TrafficOrigin::Live { days },
            import: None,
        };
        task.end();
        // Another account is connected meanwhile.
        if untrack(|| self.account.connection()) != connection {
            return;
        }
        self.lab.load(traffic);
        self.held.set(LoadedTraffic {
            source: StudyTraffic::Live(days),
            revision: connection,
            other_base,
        });
        // Otherwise the address is another page's.
        if self.is_page_open.try_get_value().is_some() {
            self.study.edit(|settings| settings.source = StudyTraffic::Live(days));
        }
    }
}

/// A simulated account's complete days and what people did, put together in slices; `None` when cancelled.
async fn past(sim: &Sim, origin: TrafficOrigin, task: TaskHandle) -> Option<LabTraffic> {
    let mut table = sim.empty_table(sim.first_day(), sim.last_complete_day());
    let mut timeline = Timeline::new(false);
    let total = sim.domain_count();
    let (mut at, mut piece) = (0, FIRST_PIECE);
    while at < total {
        let domains: Range<u32> = at..at.saturating_add(piece).min(total);
        let began_ms = browser::now_ms();
        sim.fill_table(&mut table, domains.clone());
        timeline.add_from(sim, domains.clone());
        let took_ms = browser::now_ms() - began_ms;
        piece = if took_ms < SLICE_MS / 2.0 {
            piece.saturating_mul(2)
        } else {
            (piece / 2).max(1)
        };
        at = domains.end;
        if !task
            .yield_now("Reading domains", u64::from(at), Some(u64::from(total)))
            .await
        {
            return None;
        }
    }
    // Where nobody was ever enrolled there is nothing to replay: every domain is taken as enrolled from the first day.
    let is_anybody_enrolled = timeline.domains().next().is_some();
    Some(LabTraffic {
        table: Arc::new(table),
        timeline: is_anybody_enrolled.then(|| Arc::new(timeline)),
        origin,
        import: None,
    })
}
