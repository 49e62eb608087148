//! The workers of a page: one that answers its seats in turn, and several that share its sweeps.

use super::script;
use super::worker_client::WorkerClient;
use gloo_timers::future::TimeoutFuture;
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::protocol::request_queue::RequestQueue;
use poolkeeper_lab::protocol::shard_merge::{ShardMerge, share_of, shares, workers};
use poolkeeper_lab::protocol::upload::UploadRange;
use poolkeeper_lab::{JobError, JobEvent, JobProgress, JobResult, LabJob, Timeline};
use std::cell::RefCell;
use std::ops::Range;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// What a seat hears.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one at a time")]
pub enum PoolEvent {
    /// How far its question is.
    Progress(JobProgress),
    /// What came of it.
    Done(LabJob, Result<JobResult, JobError>),
}

/// The workers of a page. They are started when there is traffic for them, and kept.
pub struct WorkerPool<S>(Rc<RefCell<PoolState<S>>>);

struct PoolState<S> {
    tell: Rc<dyn Fn(S, PoolEvent)>,
    traffic: Option<UploadRange>,
    /// As many workers for a sweep, however many cores there are and whatever it is.
    most: Option<usize>,
    one: Option<WorkerClient>,
    line: RequestQueue<S>,
    many: Vec<WorkerClient>,
    /// What each of the many holds; empty until they are first asked about the traffic at hand.
    shares: Vec<Range<usize>>,
    sweeps: RequestQueue<S>,
    gather: Option<ShardMerge>,
}

impl<S: Copy + PartialEq + 'static> WorkerPool<S> {
    /// A crew that nobody has asked for anything yet, and whom it tells what becomes of questions.
    #[must_use]
    pub fn new(tell: impl Fn(S, PoolEvent) + 'static) -> Self {
        Self(Rc::new(RefCell::new(PoolState {
            tell: Rc::new(tell),
            traffic: None,
            most: None,
            one: None,
            line: RequestQueue::default(),
            many: Vec::new(),
            shares: Vec::new(),
            sweeps: RequestQueue::default(),
            gather: None,
        })))
    }

    /// The same, with at most so many workers for a sweep instead of as many as the machine has cores for it.
    #[must_use]
    pub fn at_most(self, workers: usize) -> Self {
        self.0.borrow_mut().most = Some(workers);
        self
    }

    /// Looks at other traffic from now on. Every question is dropped.
    pub fn load(&self, table: Arc<Table>, timeline: Option<Arc<Timeline>>) {
        let mut inner = self.0.borrow_mut();
        inner.line.clear();
        inner.sweeps.clear();
        inner.gather = None;
        inner.shares.clear();
        let domains = 0..table.domains().len();
        let load = UploadRange {
            table,
            timeline,
            domains,
        };
        inner.one(&Rc::downgrade(&self.0)).load(load.clone());
        inner.traffic = Some(load);
    }

    /// A seat asks; its older question is dropped, unless it is about to end.
    pub fn ask(&self, seat: S, job: LabJob) {
        let mut inner = self.0.borrow_mut();
        let crew = Rc::downgrade(&self.0);
        if matches!(job, LabJob::Sweep { .. }) && inner.traffic.is_some() {
            if let Some((older, grace_ms)) = inner.sweeps.ask(seat, job, now_ms()) {
                after(grace_ms, crew.clone(), move |inner, crew| {
                    if inner.sweeps.hurry(older) {
                        inner.next_sweep(crew);
                    }
                });
            }
            inner.next_sweep(&crew);
        } else {
            if let Some((older, grace_ms)) = inner.line.ask(seat, job, now_ms()) {
                after(grace_ms, crew.clone(), move |inner, crew| {
                    if inner.line.hurry(older) {
                        inner.next(crew);
                    }
                });
            }
            inner.next(&crew);
        }
    }

    /// The seat's answer is wanted no more.
    pub fn stop(&self, seat: S) {
        let mut inner = self.0.borrow_mut();
        if inner.line.stop(seat) {
            if let Some(one) = &inner.one {
                one.stop();
            }
            inner.next(&Rc::downgrade(&self.0));
        }
        if inner.sweeps.stop(seat) {
            inner.gather = None;
            inner.many.iter().for_each(WorkerClient::stop);
            inner.next_sweep(&Rc::downgrade(&self.0));
        }
    }
}

impl<S: Copy + PartialEq + 'static> PoolState<S> {
    fn one(&mut self, crew: &Weak<RefCell<Self>>) -> &WorkerClient {
        let crew = crew.clone();
        self.one.get_or_insert_with(|| {
            WorkerClient::start(Box::new(move |answer| {
                if let Some(crew) = crew.upgrade() {
                    heard(&crew, answer);
                }
            }))
        })
    }

    fn next(&mut self, crew: &Weak<RefCell<Self>>) {
        if let Some((ticket, job)) = self.line.take_turn(now_ms()) {
            self.one(crew).ask(ticket, job);
        }
    }

    fn next_sweep(&mut self, crew: &Weak<RefCell<Self>>) {
        let Some((ticket, job)) = self.sweeps.take_turn(now_ms()) else {
            return;
        };
        self.share_traffic(&job, crew);
        self.gather = Some(ShardMerge::new(ticket, self.shares.len()));
        for (hand, held) in self.many.iter().zip(&self.shares) {
            hand.ask(ticket, share_of(&job, held));
        }
    }

    /// Gives each of those that work on a question its domains, unless they have them.
    fn share_traffic(&mut self, job: &LabJob, crew: &Weak<RefCell<Self>>) {
        let Some(traffic) = &self.traffic else { return };
        let most = self
            .most
            .unwrap_or_else(|| workers(&traffic.table, job, script::cores()));
        let shares = shares(&traffic.table, most);
        if shares == self.shares {
            return;
        }
        self.shares = shares;
        // Those that are not needed would keep older traffic.
        self.many.truncate(self.shares.len());
        while self.many.len() < self.shares.len() {
            let (crew, share) = (crew.clone(), self.many.len());
            self.many.push(WorkerClient::start(Box::new(move |answer| {
                if let Some(crew) = crew.upgrade() {
                    heard_of_share(&crew, share, answer);
                }
            })));
        }
        for (hand, domains) in self.many.iter().zip(&self.shares) {
            hand.load(UploadRange {
                table: Arc::clone(&traffic.table),
                // A sweep looks at no enrolments and no overrides.
                timeline: None,
                domains: domains.clone(),
            });
        }
    }
}

/// The page's clock.
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
    crew: Weak<RefCell<PoolState<S>>>,
    act: impl FnOnce(&mut PoolState<S>, &Weak<RefCell<PoolState<S>>>) + 'static,
) {
    spawn_local(async move {
        TimeoutFuture::new(grace_ms as u32).await;
        if let Some(inner) = crew.upgrade() {
            act(&mut inner.borrow_mut(), &crew);
        }
    });
}

fn heard<S: Copy + PartialEq + 'static>(crew: &Rc<RefCell<PoolState<S>>>, answer: JobEvent) {
    let mut inner = crew.borrow_mut();
    let tell = Rc::clone(&inner.tell);
    let news = news(&mut inner.line, answer);
    inner.next(&Rc::downgrade(crew));
    drop(inner);
    if let Some((seat, news)) = news {
        tell(seat, news);
    }
}

fn heard_of_share<S: Copy + PartialEq + 'static>(crew: &Rc<RefCell<PoolState<S>>>, share: usize, answer: JobEvent) {
    let mut inner = crew.borrow_mut();
    let Some(answer) = inner.gather.as_mut().and_then(|gather| gather.take(share, answer)) else {
        return;
    };
    let tell = Rc::clone(&inner.tell);
    let news = news(&mut inner.sweeps, answer);
    inner.next_sweep(&Rc::downgrade(crew));
    drop(inner);
    if let Some((seat, news)) = news {
        tell(seat, news);
    }
}

fn news<S: Copy + PartialEq>(line: &mut RequestQueue<S>, answer: JobEvent) -> Option<(S, PoolEvent)> {
    match answer {
        JobEvent::Progress(ticket, progress) => Some((line.seat_of(ticket)?, PoolEvent::Progress(progress))),
        JobEvent::Done(ticket, result) => {
            let question = line.end(ticket)?;
            Some((question.seat, PoolEvent::Done(question.job, result)))
        }
    }
}
