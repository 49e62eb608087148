//! Work done in slices, so that the page draws and takes clicks in between.

use super::progress::WorkProgress;
use crate::browser::{self, SLICE_MS};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use poolkeeper_simulator::sim::{AccountBuilder, Sim};

/// One piece of long work at a time. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct LongTask {
    work: RwSignal<Option<WorkProgress>>,
    generation: StoredValue<u64>,
}

/// A running piece of work; it is over when another began or a person cancelled it.
#[derive(Clone, Copy)]
pub(crate) struct TaskHandle {
    of: LongTask,
    number: u64,
    began_ms: f64,
}

impl LongTask {
    /// Nothing under way.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self {
            work: RwSignal::new(None),
            generation: StoredValue::new(0),
        }
    }

    /// What is under way. Reactive.
    #[must_use]
    pub(crate) fn current(&self) -> Option<WorkProgress> {
        self.work.get()
    }

    /// Begins a piece; one that is under way is cancelled.
    #[must_use]
    pub(crate) fn begin(&self) -> TaskHandle {
        self.generation.update_value(|generation| *generation += 1);
        TaskHandle {
            of: *self,
            number: self.generation.get_value(),
            began_ms: browser::now_ms(),
        }
    }

    /// Stops what is under way; what it would have replaced stays.
    pub(crate) fn cancel(&self) {
        self.generation.try_update_value(|generation| *generation += 1);
        self.work.try_set(None);
    }
}

impl TaskHandle {
    /// Reports progress and yields to the event loop; `false` when the task is cancelled.
    pub(crate) async fn yield_now(&self, what: &str, done: u64, total: Option<u64>) -> bool {
        if !self.report(what, done, total) {
            return false;
        }
        TimeoutFuture::new(0).await;
        self.is_current()
    }

    /// Reports progress; `false` when the task is cancelled.
    pub(crate) fn report(&self, what: &str, done: u64, total: Option<u64>) -> bool {
        if !self.is_current() {
            return false;
        }
        let elapsed_ms = browser::now_ms() - self.began_ms;
        self.of.work.try_set(Some(WorkProgress {
            what: what.to_owned(),
            done,
            total,
            elapsed_ms,
        }));
        true
    }

    /// Whether no other task began and nobody cancelled.
    #[must_use]
    pub(crate) fn is_current(&self) -> bool {
        self.of.generation.try_get_value() == Some(self.number)
    }

    /// Done: the progress goes away.
    pub(crate) fn end(&self) {
        if self.is_current() {
            self.of.work.try_set(None);
        }
    }
}

/// Brings an account to its present, day by day; `None` when cancelled.
pub(crate) async fn simulate(mut build: AccountBuilder, task: TaskHandle) -> Option<Sim> {
    // Few large steps are quickest: a step grows until it fills a slice.
    let mut days = 1;
    while !build.is_done() {
        let began_ms = browser::now_ms();
        build.step(days);
        let took_ms = browser::now_ms() - began_ms;
        days = if took_ms < SLICE_MS / 2.0 {
            days.saturating_mul(2).min(64)
        } else {
            (days / 2).max(1)
        };
        let total = u64::from(build.days_total());
        if !task
            .yield_now("Simulating days", u64::from(build.days_done()), Some(total))
            .await
        {
            return None;
        }
    }
    Some(build.finish())
}
