//! The worker: a gloo agent around a [`WorkerSession`].

use super::codec::PostcardCodec;
use gloo_worker::{HandlerId, Registrable, Worker, WorkerScope};
use poolkeeper_lab::protocol::message::{FromLab, ToLab};
use poolkeeper_lab::protocol::session::WorkerSession;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, Performance, WorkerGlobalScope};

/// The worker reads messages after this much work.
const TURN_MS: f64 = 8.0;

/// Registers this program as the lab's worker.
pub fn register() {
    LabWorker::registrar().encoding::<PostcardCodec>().register();
}

/// The worker's message to itself: continue the job.
pub struct WorkTurn;

/// A [`WorkerSession`] that works whenever no message is waiting.
///
/// For each turn it posts itself a message. That message queues behind those of the page, and browsers do not delay it
/// by four milliseconds like a timer.
pub struct LabWorker {
    session: WorkerSession,
    clock: Option<Performance>,
    turns: MessageChannel,
    has_turn: bool,
    page: Option<HandlerId>,
}

/// Called with the panic's message.
type OnPanic = Box<dyn Fn(String)>;

thread_local! {
    /// Reports a panic to the page.
    static ON_PANIC: RefCell<Option<OnPanic>> = const { RefCell::new(None) };
}

impl LabWorker {
    fn now_ms(&self) -> f64 {
        self.clock.as_ref().map_or(0.0, Performance::now)
    }

    fn request_turn(&mut self) {
        if self.session.is_busy() && !self.has_turn {
            self.has_turn = self.turns.port2().post_message(&JsValue::NULL).is_ok();
        }
    }
}

impl Worker for LabWorker {
    type Message = WorkTurn;
    type Input = ToLab;
    type Output = FromLab;

    fn create(scope: &WorkerScope<Self>) -> Self {
        let turns = MessageChannel::new().unwrap_throw();
        let on_message = scope.callback(|()| WorkTurn);
        let on_turn = Closure::<dyn Fn()>::new(move || on_message(()));
        turns
            .port1()
            .set_onmessage(Some(on_turn.into_js_value().unchecked_ref()));
        Self {
            session: WorkerSession::default(),
            clock: js_sys::global().unchecked_into::<WorkerGlobalScope>().performance(),
            turns,
            has_turn: false,
            page: None,
        }
    }

    fn connected(&mut self, scope: &WorkerScope<Self>, page: HandlerId) {
        self.page = Some(page);
        scope.respond(page, FromLab::Ready);
        let scope = scope.clone();
        ON_PANIC.set(Some(Box::new(move |what| scope.respond(page, FromLab::Broken(what)))));
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            print(panic);
            ON_PANIC.with_borrow(|on_panic| {
                if let Some(on_panic) = on_panic {
                    on_panic(panic.to_string());
                }
            });
        }));
    }

    fn received(&mut self, scope: &WorkerScope<Self>, message: ToLab, page: HandlerId) {
        for reply in self.session.handle(message) {
            scope.respond(page, reply);
        }
        self.request_turn();
    }

    fn update(&mut self, scope: &WorkerScope<Self>, WorkTurn: WorkTurn) {
        self.has_turn = false;
        let end_ms = self.now_ms() + TURN_MS;
        while self.session.is_busy() {
            let now_ms = self.now_ms();
            if now_ms >= end_ms {
                break;
            }
            if let (Some(page), Some(reply)) = (self.page, self.session.work(now_ms)) {
                scope.respond(page, reply);
            }
        }
        self.request_turn();
    }
}
