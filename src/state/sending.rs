//! Sends a change to the account that is looked at. Readings wait until it is over, and are then made once.

use super::account::Account;
use crate::browser::{self, Slices};
use gloo_timers::future::TimeoutFuture;
use poolkeeper_account::change::ChangeStep;
use poolkeeper_account::fork::dry_run_copy::CopyProgress;
use poolkeeper_account::sending::{ChangeResult, NextStep, StepOutcome};
use std::cell::Cell;

/// While a request waits to be sent again, so often it is asked whether it still should, milliseconds.
const LOOK_EVERY_MS: u32 = 250;

/// How far the sending is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SendProgress {
    /// The copy for the dry run, while it is read.
    pub(crate) reading: Option<CopyProgress>,
    /// Requests that are through, whichever way.
    pub(crate) through: usize,
    /// Those of them that were not made.
    pub(crate) not_made: usize,
    /// Milliseconds until the latest is sent again.
    pub(crate) wait_ms: Option<u64>,
}

impl Account {
    /// Sends the steps of a change one after the other. `hear` is called with the progress, and stops it by `false`.
    pub(crate) async fn send(
        self,
        steps: Vec<ChangeStep>,
        is_bulk: bool,
        hear: impl Fn(SendProgress) -> bool,
    ) -> ChangeResult {
        let mut sender = self.sender(steps, is_bulk);
        let held = self.hold();
        let progress = Cell::new(SendProgress::default());
        let hear_copy = |found: CopyProgress| {
            hear(SendProgress {
                reading: Some(found),
                ..progress.get()
            })
        };
        let mut slices = Slices::new();
        while hear(progress.get()) {
            match sender.step(browser::now_utc(), hear_copy).await {
                NextStep::Over => break,
                NextStep::Now => {}
                NextStep::AfterMs(wait_ms) => {
                    let hear_wait = |left_ms| {
                        hear(SendProgress {
                            wait_ms: Some(left_ms),
                            ..progress.get()
                        })
                    };
                    wait(wait_ms, hear_wait).await;
                    continue;
                }
            }
            let steps = &sender.result().steps;
            let SendProgress { through, not_made, .. } = progress.get();
            let is_made = steps.last().is_some_and(|last| last.outcome == StepOutcome::Done);
            progress.set(SendProgress {
                through: steps.len(),
                not_made: not_made + usize::from(steps.len() > through && !is_made),
                ..SendProgress::default()
            });
            if slices.is_over() {
                slices.pause().await;
            }
        }
        let result = sender.finish();
        if result.done().next().is_some() {
            self.changed();
        }
        drop(held);
        result
    }
}

/// Waits, as long as it is wanted.
async fn wait(wait_ms: u64, is_wanted: impl Fn(u64) -> bool) {
    let mut left_ms = wait_ms;
    while left_ms > 0 && is_wanted(left_ms) {
        let piece_ms = u32::try_from(left_ms).unwrap_or(u32::MAX).min(LOOK_EVERY_MS);
        TimeoutFuture::new(piece_ms).await;
        left_ms -= u64::from(piece_ms);
    }
}
