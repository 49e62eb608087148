//! A change under way, and what is said when it is over.

use crate::browser;
use crate::components::progress::ProgressBar;
use crate::state::toasts::Toasts;
use crate::state::{Account, SendProgress, WorkProgress};
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::Write;
use poolkeeper_account::change::{ChangeStep, Proposal};
use poolkeeper_account::sending::ChangeResult;
use poolkeeper_core::text::{count, counted};
use std::rc::Rc;

/// What is seen of a sending.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SendState {
    pub(super) is_on: bool,
    pub(super) is_cancelled: bool,
    pub(super) is_bulk: bool,
    pub(super) total: usize,
    /// How it went, where not all of it was made.
    pub(super) over: Option<ChangeResult>,
    /// What the toast says once all of it was made.
    pub(super) done: String,
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
                None => ("Sending", state.progress.through, state.total),
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
        let not_made = state.with(|state| state.progress.not_made as u64);
        (not_made > 0).then(|| format!("{} failed so far", count(not_made)))
    };
    let cancel = Callback::new(move |()| state.update(|state| state.is_cancelled = true));
    view! {
        <ProgressBar work=work on_cancel=cancel />
        {move || problems().map(|words| view! { <p class="muted">{words}</p> })}
    }
}

/// Sends what a dialog confirmed. `Copy`.
#[derive(Clone, Copy)]
pub(super) struct ProposalSender {
    pub(super) account: Account,
    pub(super) toasts: Toasts,
    pub(super) state: RwSignal<SendState>,
    pub(super) open: RwSignal<bool>,
    pub(super) on_done: Option<Callback<Vec<Write>>>,
}

impl ProposalSender {
    /// Sends a change, says how it went and offers to take it back.
    pub(super) fn send(self, proposal: Proposal) {
        let Proposal {
            steps, is_bulk, done, ..
        } = proposal;
        self.state.set(SendState {
            is_on: true,
            is_bulk,
            total: steps.len(),
            done: done.clone(),
            began_ms: browser::now_ms(),
            ..SendState::default()
        });
        spawn_local(async move {
            let hear = |progress| self.hear(progress);
            let result = self.account.send(steps, is_bulk, hear).await;
            self.finish(result, is_bulk, done);
        });
    }

    /// Sends what was not made.
    pub(super) fn send_rest(self) {
        let SendState {
            over, is_bulk, done, ..
        } = self.state.get_untracked();
        self.send(Proposal {
            steps: over.map(|over| over.unfinished()).unwrap_or_default(),
            is_bulk,
            done,
            ..Proposal::default()
        });
    }

    /// Shows how far it is; `false` once it was cancelled, or is gone with its page.
    fn hear(self, progress: SendProgress) -> bool {
        self.state.try_update(|state| state.progress = progress);
        self.state.try_with_untracked(|state| !state.is_cancelled) == Some(true)
    }

    fn finish(self, result: ChangeResult, is_bulk: bool, done: String) {
        let writes = result.done().map(|step| step.write.clone()).collect::<Vec<_>>();
        let is_complete = result.is_complete();
        if is_complete {
            self.say_done(done.clone(), result.undo(), is_bulk);
        } else if !is_bulk {
            self.say_broken_off(writes.len(), &result);
        }
        let over = (!is_complete).then_some(result);
        // Its page may be gone.
        let is_there = self.state.try_update(|state| {
            *state = SendState {
                is_bulk,
                over,
                done,
                ..SendState::default()
            };
        });
        if is_there.is_none() {
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

    fn say_done(self, done: String, undo: Option<Vec<ChangeStep>>, is_bulk: bool) {
        let Some(undo) = undo else {
            self.toasts.done(done);
            return;
        };
        let (account, toasts) = (self.account, self.toasts);
        let take_back = Rc::new(move || {
            let undo = undo.clone();
            spawn_local(async move {
                let result = account.send(undo, is_bulk, |_| true).await;
                match result.first_problem() {
                    None => toasts.done("Undone"),
                    Some(problem) if !is_bulk => toasts.failed(format!("Undo failed: {}", problem.happened)),
                    Some(_) => {
                        let not_made = counted(result.unfinished().len() as u64, "change");
                        toasts.failed(format!("Undo failed for {not_made}"));
                    }
                }
            });
        });
        self.toasts.done_with_undo(done, take_back);
    }
}
