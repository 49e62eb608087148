//! Long work that goes on while pages come and go. The header shows how far it is.

use super::halted::HaltedWork;
use super::long_task::LongTask;
use leptos::prelude::*;
use mailgun_pools::api::ApiError;
use poolkeeper_simulator::sim::ImportNotes;

/// How a copy of the live account ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ForkSummary {
    /// What is in it.
    pub(crate) summary: String,
    /// How it differs from the account.
    pub(crate) notes: ImportNotes,
}

/// A piece of work and what became of it. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct BackgroundTask {
    /// What is under way.
    pub(crate) work: LongTask,
    /// Why it broke off.
    pub(crate) failed: RwSignal<Option<ApiError>>,
    /// What broke off, to go on.
    pub(crate) halted: HaltedWork,
}

impl BackgroundTask {
    fn new() -> Self {
        Self {
            work: LongTask::new(),
            failed: RwSignal::new(None),
            halted: HaltedWork::new(),
        }
    }
}

/// All of it. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct BackgroundTasks {
    /// Copying the live account into the simulator.
    pub(crate) fork: BackgroundTask,
    /// What the last copy came to.
    pub(crate) copied: RwSignal<Option<ForkSummary>>,
    /// Reading a live account's daily counts for the lab.
    pub(crate) traffic: BackgroundTask,
    /// Collecting what an account shows of the service's thresholds.
    pub(crate) calibration: BackgroundTask,
    /// Taking back a change of many domains.
    pub(crate) undo: LongTask,
    /// Counts the collections that ended; the latest is in `calibration.halted`.
    pub(crate) collected: RwSignal<u32>,
}

impl BackgroundTasks {
    /// Stops all of it, and forgets what could go on: it may hold a key.
    pub(super) fn cancel(&self) {
        for task in [self.fork, self.traffic, self.calibration] {
            task.work.cancel();
            task.failed.set(None);
            task.halted.clear();
        }
    }
}

/// The app's long work.
#[must_use]
pub(crate) fn use_background() -> BackgroundTasks {
    expect_context()
}

/// Provides it to the views below the caller.
pub(super) fn provide() {
    provide_context(BackgroundTasks {
        fork: BackgroundTask::new(),
        copied: RwSignal::new(None),
        traffic: BackgroundTask::new(),
        calibration: BackgroundTask::new(),
        undo: LongTask::new(),
        collected: RwSignal::new(0),
    });
}
