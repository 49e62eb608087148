//! Sends a change to the account that is looked at. Readings wait until it is over, and are then made once.

use super::account::Account;
use crate::browser::{self, Slices};
use poolkeeper_account::change::ChangeStep;
use poolkeeper_account::fork::dry_run_copy::CopyProgress;
use poolkeeper_account::sending::{ChangeResult, StepOutcome};
use std::cell::Cell;

/// How far the sending is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendProgress {
    /// The copy for the dry run, while it is read.
    pub reading: Option<CopyProgress>,
    /// Requests that are through, whichever way.
    pub through: usize,
    /// Those of them that were not made.
    pub not_made: usize,
}

impl Account {
    /// Sends the steps of a change one after the other. `hear` is called with the progress, and stops it by `false`.
    pub async fn send(
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
        while hear(progress.get()) && sender.step(browser::now_utc(), hear_copy).await {
            let steps = &sender.result().steps;
            let SendProgress { through, not_made, .. } = progress.get();
            let is_made = steps.last().is_some_and(|last| last.outcome == StepOutcome::Done);
            progress.set(SendProgress {
                reading: None,
                through: steps.len(),
                not_made: not_made + usize::from(steps.len() > through && !is_made),
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
