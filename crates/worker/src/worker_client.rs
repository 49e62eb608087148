//! The client of one worker; without workers, the page does the jobs itself.

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

/// A worker that has not started by then counts as refused, because browsers do not report a refusal.
const START_TIMEOUT_MS: u32 = 5_000;

/// A worker that panics this many times in a row without an answer is not started again.
const MAX_CRASHES: u32 = 3;

thread_local! {
    /// Why no worker can be started, once that is known.
    static REFUSED: Cell<Option<&'static str>> = const { Cell::new(None) };
}

pub(super) type OnEvent = Box<dyn Fn(JobEvent)>;

/// One worker, or the page's inline runner. Dropping it ends the worker.
pub(super) struct WorkerClient(Rc<RefCell<ClientState>>);

struct ClientState {
    upload: Upload,
    backend: Backend,
    is_ready: bool,
    crashes: u32,
    /// The latest query.
    latest_query: Option<QueryId>,
    on_event: Rc<dyn Fn(JobEvent)>,
}

#[expect(clippy::large_enum_variant, reason = "one a worker")]
enum Backend {
    Worker(WorkerBridge<LabWorker>),
    Inline { runner: JobRunner, is_working: bool },
}

impl WorkerClient {
    pub fn start(on_event: OnEvent) -> Self {
        let client = Rc::new_cyclic(|this: &Weak<RefCell<ClientState>>| {
            let backend = match REFUSED.get().map_or_else(script::script_url, Err) {
                Ok(script_url) => Backend::Worker(spawn(&script_url, this.clone())),
                Err(reason) => inline(reason),
            };
            RefCell::new(ClientState {
                upload: Upload::default(),
                backend,
                is_ready: false,
                crashes: 0,
                latest_query: None,
                on_event: on_event.into(),
            })
        });
        let this = Rc::downgrade(&client);
        spawn_local(async move {
            TimeoutFuture::new(START_TIMEOUT_MS).await;
            if let Some(client) = this.upgrade()
                && !client.borrow().is_ready
            {
                fall_back(&client, "it did not start");
            }
        });
        Self(client)
    }

    /// Replaces the traffic.
    pub fn load(&self, load: UploadRange) {
        let mut inner = self.0.borrow_mut();
        inner.latest_query = None;
        if let Backend::Inline { runner, .. } = &mut inner.backend {
            runner.handle(load_request(load));
            return;
        }
        let messages = inner.upload.load(load);
        inner.send(messages);
    }

    /// Sends a query; replaces the latest one.
    pub fn query(&self, id: QueryId, job: LabJob) {
        let mut inner = self.0.borrow_mut();
        inner.latest_query = Some(id);
        if let Backend::Inline { runner, .. } = &mut inner.backend {
            runner.handle(JobRequest::Run { id, job });
            drop(inner);
            work_inline(&self.0);
            return;
        }
        let messages = inner.upload.query(id, job);
        inner.send(messages);
    }

    /// Stops the latest query.
    pub fn stop(&self) {
        let mut inner = self.0.borrow_mut();
        inner.latest_query = None;
        if let Backend::Inline { runner, .. } = &mut inner.backend {
            runner.handle(JobRequest::Stop);
            return;
        }
        let messages = inner.upload.stop();
        inner.send(messages);
    }
}

impl ClientState {
    fn send(&self, messages: Vec<ToLab>) {
        if let Backend::Worker(bridge) = &self.backend {
            messages.into_iter().for_each(|message| bridge.send(message));
        }
    }
}

fn load_request(load: UploadRange) -> JobRequest {
    JobRequest::Load {
        table: load.to_table(),
        timeline: load.timeline,
    }
}

fn inline(reason: &str) -> Backend {
    let line = format!("The what-if lab runs in the page itself, since it has no worker: {reason}.");
    web_sys::console::info_1(&line.into());
    Backend::Inline {
        runner: JobRunner::default(),
        is_working: false,
    }
}

fn spawn(script_url: &str, client: Weak<RefCell<ClientState>>) -> WorkerBridge<LabWorker> {
    let callback = move |message| {
        if let Some(client) = client.upgrade() {
            on_message(&client, message);
        }
    };
    // The Content-Security-Policy allows the script's URL, but not a blob that wraps it.
    LabWorker::spawner()
        .encoding::<PostcardCodec>()
        .callback(callback)
        .with_loader(true)
        .as_module(false)
        .spawn(script_url)
}

fn on_message(client: &Rc<RefCell<ClientState>>, message: FromLab) {
    let mut inner = client.borrow_mut();
    match message {
        FromLab::Ready => {
            inner.is_ready = true;
            let messages = inner.upload.on_ready();
            inner.send(messages);
        }
        FromLab::Received { load } => {
            let messages = inner.upload.ack(load);
            inner.send(messages);
        }
        FromLab::Answer(event) => {
            inner.crashes = 0;
            let on_event = Rc::clone(&inner.on_event);
            drop(inner);
            on_event(event);
        }
        FromLab::Broken(what) => {
            // Its memory may be corrupt. Start another worker, without the query that made it panic.
            let broken = inner.latest_query.take();
            inner.is_ready = false;
            inner.upload.on_lost();
            inner.crashes += 1;
            let is_given_up = inner.crashes >= MAX_CRASHES;
            let another = script::script_url().map(|script_url| spawn(&script_url, Rc::downgrade(client)));
            let old_backend = another.map(|another| std::mem::replace(&mut inner.backend, Backend::Worker(another)));
            let on_event = Rc::clone(&inner.on_event);
            drop(inner);
            drop(old_backend);
            if is_given_up {
                fall_back(client, "it breaks down again and again");
            }
            if let Some(id) = broken {
                on_event(JobEvent::Done(id, Err(JobError::Broken(what))));
            }
        }
    }
}

/// Falls back to running jobs in the page.
fn fall_back(client: &Rc<RefCell<ClientState>>, reason: &'static str) {
    let mut inner = client.borrow_mut();
    if matches!(inner.backend, Backend::Inline { .. }) {
        return;
    }
    REFUSED.set(Some(reason));
    let (load, pending) = inner.upload.take_pending();
    let backend = std::mem::replace(&mut inner.backend, inline(reason));
    if let Backend::Inline { runner, .. } = &mut inner.backend {
        if let Some(load) = load {
            runner.handle(load_request(load));
        }
        if let Some((id, job)) = pending {
            runner.handle(JobRequest::Run { id, job });
        }
    }
    drop(inner);
    drop(backend);
    work_inline(client);
}

/// Works in slices, so that the page can draw and react between them.
fn work_inline(client: &Rc<RefCell<ClientState>>) {
    if let Backend::Inline { is_working, .. } = &mut client.borrow_mut().backend
        && std::mem::replace(is_working, true)
    {
        return;
    }
    let client = Rc::downgrade(client);
    spawn_local(async move {
        loop {
            TimeoutFuture::new(0).await;
            let Some(client) = client.upgrade() else { return };
            let mut inner = client.borrow_mut();
            let Backend::Inline { runner, is_working } = &mut inner.backend else {
                return;
            };
            let event = runner.work();
            let is_busy = runner.is_busy();
            *is_working = is_busy;
            let on_event = Rc::clone(&inner.on_event);
            drop(inner);
            if let Some(event) = event {
                on_event(event);
            }
            if !is_busy {
                return;
            }
        }
    });
}
