//! One worker as the page sees it, or the page itself in its place.

use super::codec::PostcardCodec;
use super::lab_worker::LabWorker;
use super::script;
use gloo_timers::future::TimeoutFuture;
use gloo_worker::{Spawnable, WorkerBridge};
use poolkeeper_lab::protocol::message::{FromLab, ToLab};
use poolkeeper_lab::protocol::upload::{Upload, UploadRange};
use poolkeeper_lab::{JobError, JobEvent, JobRequest, JobRunner, LabJob, QueryId};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen_futures::spawn_local;

/// A worker that is not there by then is taken to be refused: the browser does not say.
const LONGEST_START_MS: u32 = 5_000;

/// A worker that broke down so often without an answer in between is not started again.
const MOST_BREAKDOWNS: u32 = 3;

thread_local! {
    /// Why no more workers are started, once that is known.
    static REFUSED: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Told what the lab says.
pub(super) type OnEvent = Box<dyn Fn(JobEvent)>;

/// One worker, or the page in its place. Dropped, it ends.
pub(super) struct WorkerClient(Rc<RefCell<ClientState>>);

struct ClientState {
    outbox: Upload,
    place: Backend,
    is_ready: bool,
    breakdowns: u32,
    /// The question that was asked last.
    asked: Option<QueryId>,
    tell: Rc<dyn Fn(JobEvent)>,
}

#[expect(clippy::large_enum_variant, reason = "one a worker")]
enum Backend {
    Worker(WorkerBridge<LabWorker>),
    Page { desk: JobRunner, is_working: bool },
}

impl WorkerClient {
    /// Starts a worker.
    pub fn start(tell: OnEvent) -> Self {
        let hand = Rc::new_cyclic(|this: &Weak<RefCell<ClientState>>| {
            let place = match REFUSED.get().map_or_else(script::address, Err) {
                Ok(address) => Backend::Worker(spawn(&address, this.clone())),
                Err(reason) => inline(reason),
            };
            RefCell::new(ClientState {
                outbox: Upload::default(),
                place,
                is_ready: false,
                breakdowns: 0,
                asked: None,
                tell: tell.into(),
            })
        });
        let this = Rc::downgrade(&hand);
        spawn_local(async move {
            TimeoutFuture::new(LONGEST_START_MS).await;
            if let Some(hand) = this.upgrade()
                && !hand.borrow().is_ready
            {
                give_up(&hand, "it did not start");
            }
        });
        Self(hand)
    }

    /// Looks at other traffic.
    pub fn load(&self, load: UploadRange) {
        let mut inner = self.0.borrow_mut();
        inner.asked = None;
        if let Backend::Page { desk, .. } = &mut inner.place {
            desk.take(request(load));
            return;
        }
        let messages = inner.outbox.load(load);
        inner.send(messages);
    }

    /// Asks, instead of whatever was asked before.
    pub fn ask(&self, ticket: QueryId, job: LabJob) {
        let mut inner = self.0.borrow_mut();
        inner.asked = Some(ticket);
        if let Backend::Page { desk, .. } = &mut inner.place {
            desk.take(JobRequest::Do { ticket, job });
            drop(inner);
            work_here(&self.0);
            return;
        }
        let messages = inner.outbox.ask(ticket, job);
        inner.send(messages);
    }

    /// The answer is wanted no more.
    pub fn stop(&self) {
        let mut inner = self.0.borrow_mut();
        inner.asked = None;
        if let Backend::Page { desk, .. } = &mut inner.place {
            desk.take(JobRequest::Stop);
            return;
        }
        let messages = inner.outbox.stop();
        inner.send(messages);
    }
}

impl ClientState {
    fn send(&self, messages: Vec<ToLab>) {
        if let Backend::Worker(bridge) = &self.place {
            messages.into_iter().for_each(|message| bridge.send(message));
        }
    }
}

fn request(load: UploadRange) -> JobRequest {
    JobRequest::Load {
        table: load.part(),
        timeline: load.timeline,
    }
}

fn inline(reason: &str) -> Backend {
    let line = format!("The what-if lab runs in the page itself, since it has no worker: {reason}.");
    web_sys::console::info_1(&line.into());
    Backend::Page {
        desk: JobRunner::default(),
        is_working: false,
    }
}

fn spawn(address: &str, hand: Weak<RefCell<ClientState>>) -> WorkerBridge<LabWorker> {
    let heard = move |message| {
        if let Some(hand) = hand.upgrade() {
            hear(&hand, message);
        }
    };
    // The content policy wants the script's own address, not one that the page makes up.
    LabWorker::spawner()
        .encoding::<PostcardCodec>()
        .callback(heard)
        .with_loader(true)
        .as_module(false)
        .spawn(address)
}

fn hear(hand: &Rc<RefCell<ClientState>>, message: FromLab) {
    let mut inner = hand.borrow_mut();
    match message {
        FromLab::Ready => {
            inner.is_ready = true;
            let messages = inner.outbox.ready();
            inner.send(messages);
        }
        FromLab::Taken { load } => {
            let messages = inner.outbox.taken(load);
            inner.send(messages);
        }
        FromLab::Answer(answer) => {
            inner.breakdowns = 0;
            let tell = Rc::clone(&inner.tell);
            drop(inner);
            tell(answer);
        }
        FromLab::Broken(what) => {
            // Its memory may be in any state: another takes its place, without the question.
            let broken = inner.asked.take();
            inner.is_ready = false;
            inner.outbox.lost();
            inner.breakdowns += 1;
            let is_hopeless = inner.breakdowns >= MOST_BREAKDOWNS;
            let another = script::address().map(|address| spawn(&address, Rc::downgrade(hand)));
            let gone = another.map(|another| std::mem::replace(&mut inner.place, Backend::Worker(another)));
            let tell = Rc::clone(&inner.tell);
            drop(inner);
            drop(gone);
            if is_hopeless {
                give_up(hand, "it breaks down again and again");
            }
            if let Some(ticket) = broken {
                tell(JobEvent::Done(ticket, Err(JobError::Broken(what))));
            }
        }
    }
}

/// Does the work in the page from now on.
fn give_up(hand: &Rc<RefCell<ClientState>>, reason: &'static str) {
    let mut inner = hand.borrow_mut();
    if matches!(inner.place, Backend::Page { .. }) {
        return;
    }
    REFUSED.set(Some(reason));
    let (load, question) = inner.outbox.undelivered();
    let place = std::mem::replace(&mut inner.place, inline(reason));
    if let Backend::Page { desk, .. } = &mut inner.place {
        if let Some(load) = load {
            desk.take(request(load));
        }
        if let Some((ticket, job)) = question {
            desk.take(JobRequest::Do { ticket, job });
        }
    }
    drop(inner);
    drop(place);
    work_here(hand);
}

/// Works in slices, so that the page draws and takes clicks in between.
fn work_here(hand: &Rc<RefCell<ClientState>>) {
    if let Backend::Page { is_working, .. } = &mut hand.borrow_mut().place
        && std::mem::replace(is_working, true)
    {
        return;
    }
    let hand = Rc::downgrade(hand);
    spawn_local(async move {
        loop {
            TimeoutFuture::new(0).await;
            let Some(hand) = hand.upgrade() else { return };
            let mut inner = hand.borrow_mut();
            let Backend::Page { desk, is_working } = &mut inner.place else {
                return;
            };
            let answer = desk.work();
            *is_working = desk.is_busy();
            let goes_on = desk.is_busy();
            let tell = Rc::clone(&inner.tell);
            drop(inner);
            if let Some(answer) = answer {
                tell(answer);
            }
            if !goes_on {
                return;
            }
        }
    });
}
