//! What changes would do to a live account: what they concern is read, and they are tried on the copy.

use super::task::TaskSlot;
use crate::browser;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use mailgun_pools::api::{ApiError, Client, Write};
use poolkeeper_account::change::{ChangeStep, Proposal};
use poolkeeper_account::forecast::{self, Forecast};
use poolkeeper_account::fork::dry_run_copy::copy_with_gaps;
use poolkeeper_account::sending::accounts_of;
use poolkeeper_core::model::AccountId;
use poolkeeper_simulator::server::Simulator;

/// A form that is being filled in is tried once it rests so long, milliseconds.
const REST_MS: u32 = 250;

/// Of many changes, so many are tried while one looks; every one is before it is sent.
const MOST_TRIED: usize = 25;

/// A copy that was read longer ago is read anew before changes are sent, milliseconds.
const FRESH_MS: f64 = 30_000.0;

/// The account that changes are tried for, in its present state.
pub(super) struct TrialTarget {
    pub(super) connection: u64,
    pub(super) revision: u64,
    pub(super) client: Client,
}

/// Which changes, of which account, at which of its states.
#[derive(Clone, Debug, PartialEq)]
struct TrialQuery {
    connection: u64,
    revision: u64,
    writes: Vec<Write>,
    accounts: Vec<AccountId>,
}

impl TrialQuery {
    /// Of many changes, the first.
    fn of_first(target: &TrialTarget, steps: &[ChangeStep]) -> Self {
        let steps = steps.get(..MOST_TRIED).unwrap_or(steps);
        Self {
            connection: target.connection,
            revision: target.revision,
            writes: steps.iter().map(|step| step.write.clone()).collect(),
            accounts: accounts_of(steps.iter()),
        }
    }
}

/// A copy to try changes on, and what it lacks.
#[derive(Clone)]
struct TrialCopy {
    simulator: Simulator,
    gaps: Vec<String>,
}

/// What was read for a question.
struct TrialAnswer {
    question: TrialQuery,
    copy: Result<TrialCopy, ApiError>,
    at_ms: f64,
}

/// The latest trial. `Copy`.
#[derive(Clone, Copy)]
pub(super) struct LiveTrials {
    answered: RwSignal<Option<TrialAnswer>, LocalStorage>,
    asked: StoredValue<Option<TrialQuery>>,
    reading: TaskSlot,
}

impl LiveTrials {
    pub(super) fn new() -> Self {
        Self {
            answered: RwSignal::new_local(None),
            asked: StoredValue::new(None),
            reading: TaskSlot::new(),
        }
    }

    /// A copy of what is asked about; `None` while it is read. Reactive.
    fn copy(&self, target: &TrialTarget, question: &TrialQuery) -> Option<Result<TrialCopy, ApiError>> {
        let answer = self.answered.with(|answered| {
            let fits = answered.as_ref().filter(|answered| answered.question == *question);
            fits.map(|answered| answered.copy.clone())
        });
        if answer.is_none() && self.asked.with_value(|asked| asked.as_ref() != Some(question)) {
            self.ask(target.client.clone(), question.clone());
        }
        answer
    }

    fn ask(self, client: Client, question: TrialQuery) {
        self.asked.set_value(Some(question.clone()));
        self.reading.run(async move {
            TimeoutFuture::new(REST_MS).await;
            let now = browser::now_utc();
            let copy = copy_with_gaps(&client, &question.writes, &question.accounts, now, |_| true).await;
            if let Some(copy) = copy.transpose() {
                self.asked.set_value(None);
                self.answered.set(Some(TrialAnswer {
                    question,
                    copy: copy.map(|copy| TrialCopy {
                        simulator: Simulator::new(copy.sim),
                        gaps: copy.gaps,
                    }),
                    at_ms: browser::now_ms(),
                }));
            }
        });
    }

    /// Reads again what could not be read.
    pub(super) fn try_again(&self) {
        self.answered.set(None);
    }

    /// What a change would do; of a bulk, the first [`MOST_TRIED`] steps are tried. Reactive.
    pub(super) fn forecast(&self, target: &TrialTarget, proposal: &Proposal) -> Forecast {
        match self.copy(target, &TrialQuery::of_first(target, &proposal.steps)) {
            None => Forecast::Trying,
            Some(Ok(copy)) => forecast::forecast_live(&copy.simulator, proposal, MOST_TRIED).with_gaps(&copy.gaps),
            Some(Err(error)) => Forecast::Untried(error.advice().happened),
        }
    }

    /// A copy of what all of the changes concern, if the latest trial has just read one; the trial's own stays as it is.
    pub(super) fn tried_copy(&self, target: &TrialTarget, steps: &[ChangeStep]) -> Option<Simulator> {
        if steps.len() > MOST_TRIED {
            return None;
        }
        let question = TrialQuery::of_first(target, steps);
        self.answered.with_untracked(|answered| {
            let is_fresh = |answered: &&TrialAnswer| browser::now_ms() - answered.at_ms < FRESH_MS;
            let fits = answered.as_ref().filter(|answered| answered.question == question);
            let copy = fits.filter(is_fresh)?.copy.as_ref().ok()?;
            Some(Simulator::new((*copy.simulator.sim()).clone()))
        })
    }
}
