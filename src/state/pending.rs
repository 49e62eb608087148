//! Requests of a live account that have no answer yet: how long the oldest waits, and a way to end them.

use crate::browser;
use futures::future::{AbortHandle, LocalBoxFuture, abortable};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::transport::{Request, Response, Transport, TransportError};
use std::rc::Rc;

/// A wait is shown after this many seconds.
const SHOWN_AFTER_SECONDS: u64 = 3;

const TICK_MS: u32 = 1_000;

/// Statuses with which a proxy says that the service behind it does not answer.
const UNREACHABLE: [u16; 2] = [502, 504];

struct PendingRequest {
    id: u64,
    began_ms: f64,
    handle: AbortHandle,
}

/// The requests without an answer. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct PendingRequests {
    requests: StoredValue<Vec<PendingRequest>, LocalStorage>,
    next_id: StoredValue<u64>,
    is_ticking: StoredValue<bool>,
    /// Seconds that the oldest waits, once that is worth a word.
    seconds: RwSignal<Option<u64>>,
    is_reachable: RwSignal<bool>,
    /// Requests that were answered.
    answered: StoredValue<u64>,
}

impl PendingRequests {
    pub(super) fn new() -> Self {
        Self {
            requests: StoredValue::new_local(Vec::new()),
            next_id: StoredValue::new(0),
            is_ticking: StoredValue::new(false),
            seconds: RwSignal::new(None),
            is_reachable: RwSignal::new(true),
            answered: StoredValue::new(0),
        }
    }

    /// Seconds that the oldest request waits; `None` while all are answered soon. Reactive.
    pub(crate) fn seconds(&self) -> Option<u64> {
        self.seconds.get()
    }

    /// Whether requests are answered: `false` once one was not, and no other was since it began. Reactive.
    pub(crate) fn is_reachable(&self) -> bool {
        self.is_reachable.get()
    }

    /// Ends all that are under way. A change among them may have arrived.
    pub(crate) fn cancel(&self) {
        self.requests
            .with_value(|requests| requests.iter().for_each(|request| request.handle.abort()));
    }

    /// Another account is looked at from now on.
    pub(super) fn forget(&self) {
        self.cancel();
        self.is_reachable.set(true);
    }

    fn begin(self, handle: AbortHandle) -> PendingGuard {
        let id = self.next_id.get_value();
        self.next_id.set_value(id + 1);
        let began_ms = browser::now_ms();
        self.requests
            .update_value(|requests| requests.push(PendingRequest { id, began_ms, handle }));
        if !self.is_ticking.get_value() {
            self.is_ticking.set_value(true);
            spawn_local(self.tick());
        }
        PendingGuard {
            pending: self,
            id,
            answered_before: self.answered.get_value(),
        }
    }

    async fn tick(self) {
        loop {
            TimeoutFuture::new(TICK_MS).await;
            let oldest = self
                .requests
                .with_value(|requests| requests.iter().map(|request| request.began_ms).reduce(f64::min));
            let Some(oldest) = oldest else { break };
            self.show(whole_seconds(browser::now_ms() - oldest));
        }
        self.is_ticking.set_value(false);
        self.show(0);
    }

    fn show(self, seconds: u64) {
        let shown = (seconds >= SHOWN_AFTER_SECONDS).then_some(seconds);
        if self.seconds.get_untracked() != shown {
            self.seconds.set(shown);
        }
    }

    fn note(self, answer: &Result<Response, TransportError>, answered_before: u64) {
        let is_answered = match answer {
            Ok(answer) => !UNREACHABLE.contains(&answer.status),
            Err(TransportError::Offline | TransportError::Unreachable(_) | TransportError::TimedOut(_)) => false,
            Err(_) => return,
        };
        if is_answered {
            self.answered.update_value(|answered| *answered += 1);
        }
        let is_reachable = is_answered || self.answered.get_value() > answered_before;
        if self.is_reachable.get_untracked() != is_reachable {
            self.is_reachable.set(is_reachable);
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds for display, never negative"
)]
fn whole_seconds(ms: f64) -> u64 {
    (ms / 1_000.0) as u64
}

/// Takes its request off the list however it ends.
struct PendingGuard {
    pending: PendingRequests,
    id: u64,
    /// Requests that had been answered when this one began.
    answered_before: u64,
}

impl Drop for PendingGuard {
    fn drop(&mut self) {
        let id = self.id;
        self.pending
            .requests
            .try_update_value(|requests| requests.retain(|request| request.id != id));
    }
}

/// A transport whose requests can be ended by a person.
pub(super) struct CancellableTransport {
    pub(super) inner: Rc<dyn Transport>,
    pub(super) pending: PendingRequests,
}

impl Transport for CancellableTransport {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let (answer, handle) = abortable(self.inner.send(request));
            let guard = self.pending.begin(handle);
            let answer = answer.await.unwrap_or(Err(TransportError::Cancelled));
            self.pending.note(&answer, guard.answered_before);
            answer
        })
    }
}
