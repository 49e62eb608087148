//! The worker pool of a page: one worker answers its slots in turn, and several share its sweeps.

use super::script;
use super::worker_client::WorkerClient;
use gloo_timers::future::TimeoutFuture;
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::protocol::request_queue::RequestQueue;
use poolkeeper_lab::protocol::shard_merge::{ShardMerge, shard_job, split_into_shards, worker_count};
use poolkeeper_lab::protocol::upload::UploadRange;
use poolkeeper_lab::{JobError, JobEvent, JobProgress, JobResult, LabJob, Timeline};
use std::cell::RefCell;
use std::ops::Range;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// An event of a slot's query.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one at a time")]
pub enum PoolEvent {
    /// Its progress.
    Progress(JobProgress),
    /// Its job and result.
    Done(LabJob, Result<JobResult, JobError>),
}

/// The workers of a page. They start when there is traffic for them, and keep running.
pub struct WorkerPool<S>(Rc<RefCell<PoolState<S>>>);

struct PoolState<S> {
    emit: Rc<dyn Fn(S, PoolEvent)>,
    traffic: Option<UploadRange>,
    /// The maximum of workers for a sweep; `None` to decide by the cores.
    max_sweepers: Option<usize>,
    main: Option<WorkerClient>,
    queue: RequestQueue<S>,
    sweepers: Vec<WorkerClient>,
    /// The domains of each sweeper; empty until the first sweep of the loaded traffic.
    shards: Vec<Range<usize>>,
    sweep_queue: RequestQueue<S>,
    merge: Option<ShardMerge>,
}

impl<S: Copy + PartialEq + 'static> WorkerPool<S> {
    /// A pool that reports events by `emit`. No worker is started yet.
    #[must_use]
    pub fn new(emit: impl Fn(S, PoolEvent) + 'static) -> Self {
        Self(Rc::new(RefCell::new(PoolState {
            emit: Rc::new(emit),
            traffic: None,
            max_sweepers: None,
            main: None,
            queue: RequestQueue::default(),
            sweepers: Vec::new(),
            shards: Vec::new(),
            sweep_queue: RequestQueue::default(),
            merge: None,
        })))
    }

    /// Uses at most this many workers for a sweep, regardless of the cores.
    #[must_use]
    pub fn at_most(self, workers: usize) -> Self {
        self.0.borrow_mut().max_sweepers = Some(workers);
        self
    }

    /// Replaces the traffic; drops every query.
    pub fn load(&self, table: Arc<Table>, timeline: Option<Arc<Timeline>>) {
        let mut inner = self.0.borrow_mut();
        inner.queue.clear();
        inner.sweep_queue.clear();
        inner.merge = None;
        inner.shards.clear();
        let domains = 0..table.domains().len();
        let load = UploadRange {
            table,
            timeline,
            domains,
        };
        inner.main(&Rc::downgrade(&self.0)).load(load.clone());
        inner.traffic = Some(load);
    }

    /// Queries for a slot. Its older query is dropped, or has a short grace period if it is running.
    pub fn ask(&self, slot: S, job: LabJob) {
        let mut inner = self.0.borrow_mut();
        let pool = Rc::downgrade(&self.0);
        if matches!(job, LabJob::Sweep { .. }) && inner.traffic.is_some() {
            if let Some((older, grace_ms)) = inner.sweep_queue.push(slot, job, now_ms()) {
                after(grace_ms, pool.clone(), move |inner, pool| {
                    if inner.sweep_queue.expire(older) {
                        inner.next_sweep(pool);
                    }
                });
            }
            inner.next_sweep(&pool);
        } else {
            if let Some((older, grace_ms)) = inner.queue.push(slot, job, now_ms()) {
                after(grace_ms, pool.clone(), move |inner, pool| {
                    if inner.queue.expire(older) {
                        inner.next(pool);
                    }
                });
            }
            inner.next(&pool);
        }
    }

    /// Drops a slot's query.
    pub fn stop(&self, slot: S) {
        let mut inner = self.0.borrow_mut();
        if inner.queue.stop(slot) {
            if let Some(main) = &inner.main {
                main.stop();
            }
            inner.next(&Rc::downgrade(&self.0));
        }
        if inner.sweep_queue.stop(slot) {
            inner.merge = None;
            inner.sweepers.iter().for_each(WorkerClient::stop);
            inner.next_sweep(&Rc::downgrade(&self.0));
        }
    }
}

impl<S: Copy + PartialEq + 'static> PoolState<S> {
    fn main(&mut self, pool: &Weak<RefCell<Self>>) -> &WorkerClient {
        let pool = pool.clone();
        self.main.get_or_insert_with(|| {
            WorkerClient::start(Box::new(move |event| {
                if let Some(pool) = pool.upgrade() {
                    on_event(&pool, event);
                }
            }))
        })
    }

    fn next(&mut self, pool: &Weak<RefCell<Self>>) {
        if let Some((id, job)) = self.queue.start_next(now_ms()) {
            self.main(pool).query(id, job);
        }
    }

    fn next_sweep(&mut self, pool: &Weak<RefCell<Self>>) {
        let Some((id, job)) = self.sweep_queue.start_next(now_ms()) else {
            return;
        };
        self.load_shards(&job, pool);
        self.merge = Some(ShardMerge::new(id, self.shards.len()));
        for (client, domains) in self.sweepers.iter().zip(&self.shards) {
            client.query(id, shard_job(&job, domains));
        }
    }

    /// Uploads each shard's traffic to its sweeper, unless it is loaded.
    fn load_shards(&mut self, job: &LabJob, pool: &Weak<RefCell<Self>>) {
        let Some(traffic) = &self.traffic else { return };
        let max_sweepers = self
            .max_sweepers
            .unwrap_or_else(|| worker_count(&traffic.table, job, script::cores()));
        let shards = split_into_shards(&traffic.table, max_sweepers);
        if shards == self.shards {
            return;
        }
        self.shards = shards;
        // Surplus workers would keep the old traffic in memory.
        self.sweepers.truncate(self.shards.len());
        while self.sweepers.len() < self.shards.len() {
            let (pool, shard) = (pool.clone(), self.sweepers.len());
            self.sweepers.push(WorkerClient::start(Box::new(move |event| {
                if let Some(pool) = pool.upgrade() {
                    on_shard_event(&pool, shard, event);
                }
            })));
        }
        for (client, domains) in self.sweepers.iter().zip(&self.shards) {
            client.load(UploadRange {
                table: Arc::clone(&traffic.table),
                timeline: traffic.timeline.clone(),
                domains: domains.clone(),
            });
        }
    }
}

fn now_ms() -> f64 {
    let clock = web_sys::window().and_then(|window| window.performance());
    clock.map_or(0.0, |clock| clock.now())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "some milliseconds"
)]
fn after<S: 'static>(
    grace_ms: f64,
    pool: Weak<RefCell<PoolState<S>>>,
    then: impl FnOnce(&mut PoolState<S>, &Weak<RefCell<PoolState<S>>>) + 'static,
) {
    spawn_local(async move {
        TimeoutFuture::new(grace_ms as u32).await;
        if let Some(inner) = pool.upgrade() {
            then(&mut inner.borrow_mut(), &pool);
        }
    });
}

fn on_event<S: Copy + PartialEq + 'static>(pool: &Rc<RefCell<PoolState<S>>>, event: JobEvent) {
    let mut inner = pool.borrow_mut();
    let emit = Rc::clone(&inner.emit);
    let event = pool_event(&mut inner.queue, event);
    inner.next(&Rc::downgrade(pool));
    drop(inner);
    if let Some((slot, event)) = event {
        emit(slot, event);
    }
}

fn on_shard_event<S: Copy + PartialEq + 'static>(pool: &Rc<RefCell<PoolState<S>>>, shard: usize, event: JobEvent) {
    let mut inner = pool.borrow_mut();
    let Some(event) = inner.merge.as_mut().and_then(|merge| merge.add(shard, event)) else {
        return;
    };
    let emit = Rc::clone(&inner.emit);
    let event = pool_event(&mut inner.sweep_queue, event);
    inner.next_sweep(&Rc::downgrade(pool));
    drop(inner);
    if let Some((slot, event)) = event {
        emit(slot, event);
    }
}

fn pool_event<S: Copy + PartialEq>(queue: &mut RequestQueue<S>, event: JobEvent) -> Option<(S, PoolEvent)> {
    match event {
        JobEvent::Progress(id, progress) => Some((queue.slot_of(id)?, PoolEvent::Progress(progress))),
        JobEvent::Done(id, result) => {
            let query = queue.finish(id)?;
            Some((query.slot, PoolEvent::Done(query.job, result)))
        }
    }
}
