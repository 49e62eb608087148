//! The what-if lab as the pages see it: the traffic at hand, what was asked about it, and what came of it.

use leptos::prelude::*;
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::report::TrafficOrigin;
use poolkeeper_lab::{JobError, JobProgress, JobResult, LabJob, Timeline};
use poolkeeper_worker::{PoolEvent, WorkerPool};
use std::sync::Arc;

/// Who asks. Each has one question at a time: a newer one takes the older one's place, whoever else is waiting goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuerySlot {
    /// What the traffic holds.
    Coverage,
    /// A against B.
    Compare,
    /// One domain under both.
    Domain,
    /// What an account shows about its policy.
    Calibrate,
    /// The traffic's digest, for reports.
    Digest,
    /// The map.
    Sweep,
}

impl QuerySlot {
    const COUNT: usize = 6;
}

/// The traffic at hand, and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct LabTraffic {
    /// The counts.
    pub table: Arc<Table>,
    /// What people did meanwhile, where that is known.
    pub timeline: Option<Arc<Timeline>>,
    /// Where it came from.
    pub origin: TrafficOrigin,
    /// What reading the file found, where it was one.
    pub import: Option<Arc<poolkeeper_ingest::ImportReport>>,
}

/// An answer, with the question it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct LabAnswer {
    /// What was asked.
    pub job: LabJob,
    /// What came of it.
    pub outcome: JobResult,
}

/// What a seat asked last and what is known of it. The latest answer stays while a newer question is worked on.
#[derive(Clone, Copy)]
pub struct QueryState {
    answered: RwSignal<Option<Arc<LabAnswer>>>,
    progress: RwSignal<Option<JobProgress>>,
    problem: RwSignal<Option<JobError>>,
}

impl QueryState {
    fn new() -> Self {
        Self {
            answered: RwSignal::new(None),
            progress: RwSignal::new(None),
            problem: RwSignal::new(None),
        }
    }

    fn hear(&self, news: PoolEvent) {
        match news {
            PoolEvent::Progress(progress) => self.progress.set(Some(progress)),
            PoolEvent::Done(job, result) => {
                self.progress.set(None);
                match result {
                    Ok(outcome) => {
                        self.problem.set(None);
                        self.answered.set(Some(Arc::new(LabAnswer { job, outcome })));
                    }
                    Err(problem) => self.problem.set(Some(problem)),
                }
            }
        }
    }

    /// The latest answer. Reactive.
    #[must_use]
    pub fn answered(&self) -> Option<Arc<LabAnswer>> {
        self.answered.get()
    }

    /// How far the question under way is; `None` while none is. Reactive.
    #[must_use]
    pub fn progress(&self) -> Option<JobProgress> {
        self.progress.get()
    }

    /// Why nothing came of the latest question, if so. Reactive.
    #[must_use]
    pub fn problem(&self) -> Option<JobError> {
        self.problem.get()
    }
}

/// Answers that no frame has shown yet. Each changes much of the page: one a frame, so that the page answers in between.
#[derive(Default)]
struct PendingEvents(Vec<(QuerySlot, PoolEvent)>);

impl PendingEvents {
    /// Whether nothing waited before. A seat's older answer is shown no more.
    fn add(&mut self, seat: QuerySlot, news: PoolEvent) -> bool {
        let is_first = self.0.is_empty();
        match self.0.iter_mut().find(|(waiting, _)| *waiting == seat) {
            Some((_, older)) => *older = news,
            None => self.0.push((seat, news)),
        }
        is_first
    }

    fn next(&mut self) -> Option<(QuerySlot, PoolEvent)> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }
}

type QuerySlots = StoredValue<[QueryState; QuerySlot::COUNT]>;

fn hear(seats: QuerySlots, seat: QuerySlot, news: PoolEvent) {
    let asked = seats.try_with_value(|seats| seats.get(seat as usize).copied());
    if let Some(asked) = asked.flatten() {
        asked.hear(news);
    }
}

fn hear_in_a_frame(seats: QuerySlots, waiting: StoredValue<PendingEvents>) {
    request_animation_frame(move || {
        if let Some(Some((seat, news))) = waiting.try_update_value(PendingEvents::next) {
            hear(seats, seat, news);
        }
        if waiting.try_with_value(|waiting| !waiting.0.is_empty()) == Some(true) {
            hear_in_a_frame(seats, waiting);
        }
    });
}

/// A handle on the lab. `Copy`.
#[derive(Clone, Copy)]
pub struct LabHandle {
    traffic: RwSignal<Option<Arc<LabTraffic>>>,
    seats: QuerySlots,
    waiting: StoredValue<PendingEvents>,
    crew: StoredValue<WorkerPool<QuerySlot>, LocalStorage>,
}

impl LabHandle {
    fn new() -> Self {
        let seats = StoredValue::new(std::array::from_fn(|_| QueryState::new()));
        let waiting = StoredValue::new(PendingEvents::default());
        let tell = move |seat: QuerySlot, news| match news {
            PoolEvent::Progress(_) => hear(seats, seat, news),
            PoolEvent::Done(..) => {
                let is_first = waiting.try_update_value(|waiting| waiting.add(seat, news));
                if is_first == Some(true) {
                    hear_in_a_frame(seats, waiting);
                }
            }
        };
        Self {
            traffic: RwSignal::new(None),
            seats,
            waiting,
            crew: StoredValue::new_local(WorkerPool::new(tell)),
        }
    }

    /// The traffic at hand. Reactive.
    #[must_use]
    pub fn traffic(&self) -> Option<Arc<LabTraffic>> {
        self.traffic.get()
    }

    /// Looks at other traffic from now on. Every question under way is stopped and every answer forgotten.
    pub fn load(&self, traffic: LabTraffic) {
        let (table, timeline) = (Arc::clone(&traffic.table), traffic.timeline.clone());
        self.crew.with_value(|crew| crew.load(table, timeline));
        self.waiting.update_value(|waiting| waiting.0.clear());
        for asked in self.seats.get_value() {
            asked.answered.set(None);
            asked.progress.set(None);
            asked.problem.set(None);
        }
        self.traffic.set(Some(Arc::new(traffic)));
    }

    /// Asks. An older question of the same seat is stopped, unless it is about to be answered.
    pub fn ask(&self, seat: QuerySlot, job: LabJob) {
        self.crew.with_value(|crew| crew.ask(seat, job));
    }

    /// Stops a seat's question; its latest answer stays.
    pub fn stop(&self, seat: QuerySlot) {
        self.crew.with_value(|crew| crew.stop(seat));
        self.waiting
            .update_value(|waiting| waiting.0.retain(|(waiting, _)| *waiting != seat));
        self.asked(seat).progress.set(None);
    }

    /// What a seat asked and got.
    #[must_use]
    pub fn asked(&self, seat: QuerySlot) -> QueryState {
        self.seats
            .with_value(|seats| seats.get(seat as usize).copied())
            .unwrap_or_else(QueryState::new)
    }
}

/// The lab.
#[must_use]
pub fn use_lab() -> LabHandle {
    expect_context()
}

/// Provides it to the views below the caller. It costs nothing until traffic is loaded.
pub(super) fn provide() {
    provide_context(LabHandle::new());
}
