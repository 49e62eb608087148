//! Sends a change to the account that the page shows. Reads wait until it is over and then run once.

use super::account::{Account, TrialWish};
use crate::browser::{self, Slices};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::untrack;
use poolkeeper_account::change::Proposal;
use poolkeeper_account::fork::dry_run_copy::CopyProgress;
use poolkeeper_account::former_senders::FormerSenders;
use poolkeeper_account::record::{ChangeId, ChangeOrigin};
use poolkeeper_account::sending::{ChangeResult, ChangeSender, NextStep, StepOutcome};
use std::cell::Cell;

/// How often a wait checks whether it was cancelled, milliseconds.
const CANCEL_CHECK_MS: u32 = 250;

/// How far the sending is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SendProgress {
    /// The copy for the dry run, while it is read.
    pub(crate) reading: Option<CopyProgress>,
    /// Requests that have an outcome.
    pub(crate) finished: usize,
    /// Those of them that did not succeed.
    pub(crate) failed: usize,
    /// Milliseconds until the latest request is sent again.
    pub(crate) wait_ms: Option<u64>,
}

/// What came of a change that was sent.
pub(crate) struct SentChange {
    pub(crate) result: ChangeResult,
    /// Its name in the record, and the item of each step; `None` on a simulated account.
    pub(crate) recorded: Option<(ChangeId, Vec<usize>)>,
    /// Why what the enrolled domains sent from before is not all in the record; `None` where it is, or nothing was enrolled.
    pub(crate) not_noted: Option<String>,
    /// What it was to be in the record.
    origin: ChangeOrigin,
}

impl SentChange {
    /// What the steps that were not made are in the record.
    pub(crate) fn rest_origin(&self) -> ChangeOrigin {
        let Some((change, items)) = &self.recorded else {
            return self.origin.clone();
        };
        let rest = self.result.unfinished_places();
        let rest = rest.into_iter().filter_map(|place| items.get(place).copied());
        ChangeOrigin::GoesOn(change.clone(), rest.collect())
    }

    /// What its taking back is in the record.
    pub(crate) fn undo_origin(&self) -> ChangeOrigin {
        let change = self.recorded.as_ref().map(|(change, _)| change.clone());
        change.map_or(ChangeOrigin::New, ChangeOrigin::PutsBack)
    }
}

impl Account {
    /// Sends the steps of a change one after the other. On a live account it is recorded first. `on_progress` returns `false`
    /// to stop.
    pub(crate) async fn send(
        self,
        proposal: Proposal,
        origin: ChangeOrigin,
        trial: TrialWish,
        on_progress: impl Fn(SendProgress) -> bool,
    ) -> SentChange {
        if untrack(|| self.source().is_simulator()) {
            let sender = self.sender(proposal.steps, proposal.is_bulk, trial);
            return SentChange {
                result: self.send_all(sender, on_progress).await,
                recorded: None,
                not_noted: None,
                origin,
            };
        }
        // What is under way when the page is left has no outcome that anybody sees.
        let question = browser::ask_before_leaving();
        let noted = match origin {
            ChangeOrigin::New => FormerSenders::read(&untrack(|| self.client()), &proposal.steps).await,
            // What is put back enrolls nothing, and what goes on was noted when it began.
            ChangeOrigin::PutsBack(_) | ChangeOrigin::GoesOn(..) => FormerSenders::default(),
        };
        let not_noted = noted.problem();
        let recorded = match self.record().begin(&proposal, origin.clone(), noted).await {
            Ok(recorded) => recorded,
            Err(reason) => {
                let (steps, is_bulk) = (proposal.steps, proposal.is_bulk);
                return SentChange {
                    result: ChangeResult::not_begun(steps, is_bulk, reason),
                    recorded: None,
                    not_noted,
                    origin,
                };
            }
        };
        let sender = self
            .sender(proposal.steps, proposal.is_bulk, trial)
            .recorded_by(recorded.recorder());
        let result = self.send_all(sender, on_progress).await;
        let place = recorded.place();
        recorded.end().await;
        drop(question);
        SentChange {
            result,
            recorded: Some(place),
            not_noted,
            origin,
        }
    }

    async fn send_all(self, mut sender: ChangeSender, on_progress: impl Fn(SendProgress) -> bool) -> ChangeResult {
        let held = self.hold();
        let progress = Cell::new(SendProgress::default());
        let on_copy = |found: CopyProgress| {
            on_progress(SendProgress {
                reading: Some(found),
                ..progress.get()
            })
        };
        let mut slices = Slices::new();
        while on_progress(progress.get()) {
            match sender.step(browser::now_utc(), on_copy).await {
                NextStep::Over => break,
                NextStep::Now => {}
                NextStep::AfterMs(wait_ms) => {
                    let on_wait = |left_ms| {
                        on_progress(SendProgress {
                            wait_ms: Some(left_ms),
                            ..progress.get()
                        })
                    };
                    wait(wait_ms, on_wait).await;
                    continue;
                }
            }
            let steps = &sender.result().steps;
            let SendProgress { finished, failed, .. } = progress.get();
            let is_made = steps.last().is_some_and(|last| last.outcome == StepOutcome::Done);
            progress.set(SendProgress {
                finished: steps.len(),
                failed: failed + usize::from(steps.len() > finished && !is_made),
                ..SendProgress::default()
            });
            if slices.is_over() {
                slices.pause().await;
            }
        }
        let result = sender.finish();
        let made: Vec<_> = result.done().map(|step| step.write.clone()).collect();
        if !made.is_empty() {
            self.changed_by(made);
        }
        drop(held);
        result
    }
}

/// Waits until the time is over or `is_wanted` says no.
async fn wait(wait_ms: u64, is_wanted: impl Fn(u64) -> bool) {
    let mut left_ms = wait_ms;
    while left_ms > 0 && is_wanted(left_ms) {
        let piece_ms = u32::try_from(left_ms).unwrap_or(u32::MAX).min(CANCEL_CHECK_MS);
        TimeoutFuture::new(piece_ms).await;
        left_ms -= u64::from(piece_ms);
    }
}
