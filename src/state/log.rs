//! The request drawer's view on the transport's log.

use crate::browser;
use leptos::prelude::*;
use mailgun_pools::transport::{Exchange, Exchanges, LoggingTransport, Transport};
use std::rc::Rc;

const MOST_KEPT: usize = 200;

/// The latest requests, newest first. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct RequestLog {
    kept: StoredValue<Exchanges, LocalStorage>,
    changes: RwSignal<u64>,
}

impl RequestLog {
    /// An empty log.
    #[must_use]
    pub(crate) fn new() -> Self {
        let changes = RwSignal::new(0_u64);
        let kept = Exchanges::new(MOST_KEPT);
        kept.on_change(move || {
            changes.try_update(|changes| *changes += 1);
        });
        Self {
            kept: StoredValue::new_local(kept),
            changes,
        }
    }

    /// The exchanges' numbers, newest first. Reactive.
    #[must_use]
    pub(crate) fn ids(&self) -> Vec<u64> {
        self.changes.track();
        self.kept
            .with_value(|kept| kept.all().iter().map(|exchange| exchange.id).collect())
    }

    /// One exchange. Reactive.
    #[must_use]
    pub(crate) fn get(&self, id: u64) -> Option<Rc<Exchange>> {
        self.changes.track();
        self.kept.with_value(|kept| kept.get(id))
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.kept.with_value(Exchanges::clear);
    }

    /// A transport that notes here what passes through it.
    #[must_use]
    pub(crate) fn around(&self, inner: Rc<dyn Transport>) -> Rc<dyn Transport> {
        Rc::new(LoggingTransport::new(
            inner,
            self.kept.get_value(),
            Rc::new(browser::now_ms),
        ))
    }
}

impl Default for RequestLog {
    fn default() -> Self {
        Self::new()
    }
}
