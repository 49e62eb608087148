//! The what-if lab as the pages see it: the traffic at hand, what was asked about it, and what came of it.

use leptos::prelude::*;
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::report::TrafficOrigin;
use poolkeeper_lab::{JobError, JobProgress, JobResult, LabJob, Timeline};
use poolkeeper_worker::{PoolEvent, WorkerPool};
use std::sync::Arc;

/// Who asks. Each has one question at a time: a newer one takes the older one's place, whoever else is waiting goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum QuerySlot {
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
    Sweep,
}

impl QuerySlot {
    const COUNT: usize = 6;
}

/// The traffic at hand, and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LabTraffic {
    /// The counts.
    pub(crate) table: Arc<Table>,
    /// What people did meanwhile, where that is known.
    pub(crate) timeline: Option<Arc<Timeline>>,
    /// Where it came from.
    pub(crate) origin: TrafficOrigin,
    /// What reading the file found, where it was one.
    pub(crate) import: Option<Arc<poolkeeper_ingest::ImportReport>>,
}

/// An answer, with the question it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LabAnswer {
    /// What was asked.
    pub(crate) job: LabJob,
    /// What came of it.
    pub(crate) outcome: JobResult,
}

/// What a seat asked last and what is known of it. The latest answer stays while a newer question is worked on.
#[derive(Clone, Copy)]
pub(crate) struct QueryState {
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

    fn on_event(&self, event: PoolEvent) {
        match event {
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
    pub(crate) fn answered(&self) -> Option<Arc<LabAnswer>> {
        self.answered.get()
    }

    /// How far the question under way is; `None` while none is. Reactive.
    #[must_use]
    pub(crate) fn progress(&self) -> Option<JobProgress> {
        self.progress.get()
    }

    /// Why nothing came of the latest question, if so. Reactive.
    #[must_use]
    pub(crate) fn problem(&self) -> Option<JobError> {
        self.problem.get()
    }
}

/// Answers that no frame has shown yet. Each changes much of the page: one a frame, so that the page answers in between.
#[derive(Default)]
struct PendingEvents(Vec<(QuerySlot, PoolEvent)>);

impl PendingEvents {
    /// Whether nothing waited before. A seat's older answer is shown no more.
    fn add(&mut self, slot: QuerySlot, event: PoolEvent) -> bool {
        let is_first = self.0.is_empty();
        match self.0.iter_mut().find(|(waiting, _)| *waiting == slot) {
            Some((_, older)) => *older = event,
            None => self.0.push((slot, event)),
        }
        is_first
    }

    fn next(&mut self) -> Option<(QuerySlot, PoolEvent)> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }
}

type QuerySlots = StoredValue<[QueryState; QuerySlot::COUNT]>;

fn deliver(slots: QuerySlots, slot: QuerySlot, event: PoolEvent) {
    let query = slots.try_with_value(|slots| slots.get(slot as usize).copied());
    if let Some(query) = query.flatten() {
        query.on_event(event);
    }
}

fn deliver_in_a_frame(slots: QuerySlots, waiting: StoredValue<PendingEvents>) {
    request_animation_frame(move || {
        if let Some(Some((slot, event))) = waiting.try_update_value(PendingEvents::next) {
            deliver(slots, slot, event);
        }
        if waiting.try_with_value(|waiting| !waiting.0.is_empty()) == Some(true) {
            deliver_in_a_frame(slots, waiting);
        }
    });
}

/// A handle on the lab. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct LabHandle {
    traffic: RwSignal<Option<Arc<LabTraffic>>>,
    slots: QuerySlots,
    waiting: StoredValue<PendingEvents>,
    workers: StoredValue<WorkerPool<QuerySlot>, LocalStorage>,
}

impl LabHandle {
    fn new() -> Self {
        let slots = StoredValue::new(std::array::from_fn(|_| QueryState::new()));
        let waiting = StoredValue::new(PendingEvents::default());
        let on_pool_event = move |slot: QuerySlot, event| match event {
            PoolEvent::Progress(_) => deliver(slots, slot, event),
            PoolEvent::Done(..) => {
                let is_first = waiting.try_update_value(|waiting| waiting.add(slot, event));
                if is_first == Some(true) {
                    deliver_in_a_frame(slots, waiting);
                }
            }
        };
        Self {
            traffic: RwSignal::new(None),
            slots,
            waiting,
            workers: StoredValue::new_local(WorkerPool::new(on_pool_event)),
        }
    }

    /// The traffic at hand. Reactive.
    #[must_use]
    pub(crate) fn traffic(&self) -> Option<Arc<LabTraffic>> {
        self.traffic.get()
    }

    /// Looks at other traffic from now on. Every question under way is stopped and every answer forgotten.
    pub(crate) fn load(&self, traffic: LabTraffic) {
        let (table, timeline) = (Arc::clone(&traffic.table), traffic.timeline.clone());
        self.workers.with_value(|workers| workers.load(table, timeline));
        self.waiting.update_value(|waiting| waiting.0.clear());
        for query in self.slots.get_value() {
            query.answered.set(None);
            query.progress.set(None);
            query.problem.set(None);
        }
        self.traffic.set(Some(Arc::new(traffic)));
    }

    /// Asks. An older question of the same seat is stopped, unless it is about to be answered.
    pub(crate) fn ask(&self, slot: QuerySlot, job: LabJob) {
        self.workers.with_value(|workers| workers.ask(slot, job));
    }

    /// Stops a seat's question; its latest answer stays.
    pub(crate) fn stop(&self, slot: QuerySlot) {
        self.workers.with_value(|workers| workers.stop(slot));
        self.waiting
            .update_value(|waiting| waiting.0.retain(|(waiting, _)| *waiting != slot));
        self.query(slot).progress.set(None);
    }

    /// What a seat asked and got.
    #[must_use]
    pub(crate) fn query(&self, slot: QuerySlot) -> QueryState {
        self.slots
            .with_value(|slots| slots.get(slot as usize).copied())
            .unwrap_or_else(QueryState::new)
    }
}

#[must_use]
pub(crate) fn use_lab() -> LabHandle {
    expect_context()
}

/// Provides it to the views below the caller. It costs nothing until traffic is loaded.
pub(super) fn provide() {
    provide_context(LabHandle::new());
}
