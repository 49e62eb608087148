//! The worker.

use super::codec::PostcardCodec;
use gloo_worker::{HandlerId, Registrable, Worker, WorkerScope};
use poolkeeper_lab::protocol::message::{FromLab, ToLab};
use poolkeeper_lab::protocol::session::WorkerSession;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, Performance, WorkerGlobalScope};

/// The worker works so long before it looks for messages.
const TURN_MS: f64 = 8.0;

/// Makes this program the lab's worker.
pub fn register() {
    LabWorker::registrar().encoding::<PostcardCodec>().register();
}

/// It is its turn to work.
pub struct WorkTurn;

/// A [`Reception`] that works whenever no message waits.
///
/// A turn is a message to itself: those queue behind what the page sent meanwhile, and are not held back for four
/// milliseconds as timers are.
pub struct LabWorker {
    reception: WorkerSession,
    clock: Option<Performance>,
    turns: MessageChannel,
    has_turn: bool,
    page: Option<HandlerId>,
}

/// Tells why.
type OnPanic = Box<dyn Fn(String)>;

thread_local! {
    /// Tells the page that the worker broke down.
    static BROKEN: RefCell<Option<OnPanic>> = const { RefCell::new(None) };
}

impl LabWorker {
    fn now_ms(&self) -> f64 {
        self.clock.as_ref().map_or(0.0, Performance::now)
    }

    fn take_turn(&mut self) {
        if self.reception.is_busy() && !self.has_turn {
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
        let take = scope.callback(|()| WorkTurn);
        let on_turn = Closure::<dyn Fn()>::new(move || take(()));
        turns
            .port1()
            .set_onmessage(Some(on_turn.into_js_value().unchecked_ref()));
        Self {
            reception: WorkerSession::default(),
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
        BROKEN.set(Some(Box::new(move |what| scope.respond(page, FromLab::Broken(what)))));
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            print(panic);
            BROKEN.with_borrow(|tell| {
                if let Some(tell) = tell {
                    tell(panic.to_string());
                }
            });
        }));
    }

    fn received(&mut self, scope: &WorkerScope<Self>, message: ToLab, page: HandlerId) {
        for answer in self.reception.take(message) {
            scope.respond(page, answer);
        }
        self.take_turn();
    }

    fn update(&mut self, scope: &WorkerScope<Self>, WorkTurn: WorkTurn) {
        self.has_turn = false;
        let end_ms = self.now_ms() + TURN_MS;
        while self.reception.is_busy() {
            let now_ms = self.now_ms();
            if now_ms >= end_ms {
                break;
            }
            if let (Some(page), Some(answer)) = (self.page, self.reception.work(now_ms)) {
                scope.respond(page, answer);
            }
        }
        self.take_turn();
    }
}
