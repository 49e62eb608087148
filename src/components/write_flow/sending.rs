//! A change that is being sent, and the message when it is over.

use crate::browser;
use crate::components::progress::ProgressBar;
use crate::state::long_task::LongTask;
use crate::state::toasts::Toasts;
use crate::state::{Account, SendProgress, SentChange, TrialWish, WorkProgress};
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::Write;
use poolkeeper_account::change::{ChangeStep, Proposal};
use poolkeeper_account::record::ChangeOrigin;
use poolkeeper_account::sending::ChangeResult;
use poolkeeper_core::text::{count, counted, duration_ms, listed};
use std::rc::Rc;

/// The state of a change that is being sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SendState {
    pub(super) is_on: bool,
    pub(super) is_cancelled: bool,
    pub(super) is_bulk: bool,
    pub(super) total: usize,
    /// The result and the change, if not every step succeeded.
    pub(super) over: Option<(ChangeResult, Proposal)>,
    /// What the rest is in the record.
    rest_origin: ChangeOrigin,
    progress: SendProgress,
    began_ms: f64,
}

impl SendState {
    /// Whether a copy for the dry run is read.
    pub(super) const fn is_reading(&self) -> bool {
        self.progress.reading.is_some()
    }
}

/// How far it is.
#[component]
pub(super) fn Sending(state: RwSignal<SendState>) -> impl IntoView {
    let work = Signal::derive(move || {
        state.with(|state| {
            let (what, done, total) = match state.progress.reading {
                Some(found) => ("Reading the affected domains", found.domains, found.of),
                None => ("Sending", state.progress.finished, state.total),
            };
            WorkProgress {
                what: what.to_owned(),
                done: done as u64,
                total: Some(total as u64),
                elapsed_ms: browser::now_ms() - state.began_ms,
            }
        })
    });
    let problems = move || {
        let SendProgress { failed, wait_ms, .. } = state.with(|state| state.progress);
        let failed = (failed > 0).then(|| format!("{} failed so far. ", count(failed as u64)));
        let again = wait_ms.map(|left_ms| format!("The service failed; trying again in {}.", duration_ms(left_ms)));
        failed.into_iter().chain(again).collect::<String>()
    };
    let cancel = Callback::new(move |()| state.update(|state| state.is_cancelled = true));
    view! {
        <ProgressBar work=work on_cancel=cancel />
        <p class="muted">{problems}</p>
    }
}

/// Sends what a dialog confirmed. `Copy`.
#[derive(Clone, Copy)]
pub(super) struct ProposalSender {
    pub(super) account: Account,
    pub(super) toasts: Toasts,
    pub(super) state: RwSignal<SendState>,
    pub(super) open: RwSignal<bool>,
    pub(super) origin: Signal<ChangeOrigin>,
    pub(super) on_done: Option<Callback<Vec<Write>>>,
    /// Shows how far an undo is while other pages are looked at.
    pub(super) undo: LongTask,
}

impl ProposalSender {
    /// Sends a change, reports the result and offers undo. `origin` is what it is in the record.
    pub(super) fn send(self, proposal: Proposal, origin: ChangeOrigin, trial: TrialWish) {
        self.state.set(SendState {
            is_on: true,
            is_bulk: proposal.is_bulk,
            total: proposal.steps.len(),
            began_ms: browser::now_ms(),
            ..SendState::default()
        });
        spawn_local(async move {
            let on_progress = |progress| self.on_progress(progress);
            let sent = self.account.send(proposal.clone(), origin, trial, on_progress).await;
            self.finish(sent, proposal);
        });
    }

    /// Sends the steps that did not succeed.
    pub(super) fn send_rest(self) {
        let SendState { over, rest_origin, .. } = self.state.get_untracked();
        if let Some((over, proposal)) = over {
            let steps = over.unfinished();
            self.send(Proposal { steps, ..proposal }, rest_origin, TrialWish::First);
        }
    }

    /// Sends the changes of other accounts' domains that the service did not find, on behalf of those accounts.
    pub(super) fn send_on_behalf(self) {
        if let Some((over, proposal)) = self.state.get_untracked().over {
            let others = Proposal {
                steps: over.on_behalf_of_others(),
                ..proposal
            };
            // Other requests than the recorded ones: a change of its own.
            self.send(others, ChangeOrigin::New, TrialWish::First);
        }
    }

    /// Shows the form again, with what it had.
    pub(super) fn back_to_form(self) {
        self.state.set(SendState::default());
    }

    /// Shows the progress; `false` once the change was cancelled or its page is gone.
    fn on_progress(self, progress: SendProgress) -> bool {
        self.state.try_update(|state| state.progress = progress);
        self.state.try_with_untracked(|state| !state.is_cancelled) == Some(true)
    }

    fn finish(self, sent: SentChange, proposal: Proposal) {
        let (rest_origin, undo_origin) = (sent.rest_origin(), sent.undo_origin());
        let SentChange { result, not_noted, .. } = sent;
        let writes = result.done().map(|step| step.write.clone()).collect::<Vec<_>>();
        if let (false, Some(problem)) = (writes.is_empty(), not_noted) {
            self.toasts.note(problem);
        }
        let (is_complete, is_bulk) = (result.is_complete(), proposal.is_bulk);
        let over = if is_complete {
            self.say_done(proposal, result.undo(), undo_origin);
            None
        } else {
            if !is_bulk {
                self.say_broken_off(writes.len(), &result);
            }
            Some((result, proposal))
        };
        let after = SendState {
            is_bulk,
            over,
            rest_origin,
            ..SendState::default()
        };
        // Its page may be gone.
        if self.state.try_set(after).is_some() {
            return;
        }
        if is_complete {
            self.open.set(false);
        }
        if let (false, Some(on_done)) = (writes.is_empty(), self.on_done) {
            on_done.run(writes);
        }
    }

    fn say_broken_off(self, made: usize, result: &ChangeResult) {
        let total = result.total();
        match result.first_problem() {
            None => self.toasts.note(format!("Stopped after {made} of {total} changes")),
            Some(problem) if made > 0 => self.toasts.failed(format!(
                "{made} of {total} changes made. The next one failed: {}",
                problem.happened
            )),
            // The dialog says it.
            Some(_) => {}
        }
    }

    fn say_done(self, proposal: Proposal, undo: Option<Vec<ChangeStep>>, origin: ChangeOrigin) {
        let (account, toasts, work) = (self.account, self.toasts, self.undo);
        let Proposal {
            is_bulk, done, undone, ..
        } = proposal;
        let Some(undo) = undo else {
            toasts.done(done);
            return;
        };
        let take_back = Rc::new(move || {
            let (undone, origin) = (undone.clone(), origin.clone());
            let proposal = Proposal {
                steps: undo.clone(),
                is_bulk,
                confirm: "Undo".to_owned(),
                ..Proposal::default()
            };
            spawn_local(async move {
                let (task, total) = (work.begin(), proposal.steps.len() as u64);
                let on_progress = |progress: SendProgress| {
                    task.report("Undoing", progress.finished as u64, Some(total));
                    // Another undo that begins meanwhile does not stop this one.
                    true
                };
                let result = account
                    .send(proposal, origin, TrialWish::First, on_progress)
                    .await
                    .result;
                task.end();
                match result.first_problem() {
                    None => toasts.done(undone.unwrap_or_else(|| "Undone".to_owned())),
                    Some(problem) if is_bulk => toasts.failed(not_undone(&result, &problem.happened)),
                    Some(problem) => toasts.failed(format!("Undo failed: {}", problem.happened)),
                }
            });
        });
        toasts.done_with_undo(done, take_back);
    }
}

/// What an undo came to that did not take back all.
fn not_undone(result: &ChangeResult, why: &str) -> String {
    let rest = result.unfinished();
    let names = rest.iter().filter_map(|step| step.write.domain());
    let names = names.map(ToString::to_string).collect::<Vec<_>>();
    let undone = count(result.done().count() as u64);
    let total = counted(result.total() as u64, "change");
    format!("{undone} of {total} undone. Not undone: {}. {why}", listed(&names, 3))
}
