//! What changes would do to a live account: what they concern is read, and they are tried on the copy.

use super::account::Account;
use crate::browser;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use mailgun_pools::api::{ApiError, Write};
use poolkeeper_account::bulk::accounts_of;
use poolkeeper_account::change::ChangeStep;
use poolkeeper_account::forecast::{self, BulkForecast, Forecast};
use poolkeeper_account::fork::dry_run_copy::copy_for;
use poolkeeper_core::model::AccountId;
use poolkeeper_simulator::server::Simulator;

/// A form that is being filled in is tried once it rests so long, milliseconds.
const REST_MS: u32 = 250;

/// Of many changes, so many are tried while one looks; every one is before it is sent.
const MOST_TRIED: usize = 25;

/// A copy that was read longer ago is read anew before changes are sent, milliseconds.
const FRESH_MS: f64 = 30_000.0;

/// Which changes, of which account, at which of its states.
#[derive(Clone, Debug, PartialEq)]
struct TrialQuery {
    connection: u64,
    revision: u64,
    writes: Vec<Write>,
    accounts: Vec<AccountId>,
}

impl TrialQuery {
    fn new(account: Account, writes: Vec<Write>, accounts: Vec<AccountId>) -> Self {
        Self {
            connection: account.connection(),
            revision: account.revision(),
            writes,
            accounts,
        }
    }

    /// Of many changes, the first.
    fn of_first(account: Account, steps: &[ChangeStep]) -> Self {
        let steps = steps.get(..MOST_TRIED).unwrap_or(steps);
        let writes = steps.iter().map(|step| step.write.clone()).collect();
        Self::new(account, writes, accounts_of(steps.iter()))
    }
}

/// What was read for a question.
struct TrialAnswer {
    question: TrialQuery,
    copy: Result<Simulator, ApiError>,
    at_ms: f64,
}

/// The latest trial. `Copy`.
#[derive(Clone, Copy)]
pub(super) struct LiveTrials {
    answered: RwSignal<Option<TrialAnswer>, LocalStorage>,
    asked: StoredValue<Option<TrialQuery>>,
}

impl LiveTrials {
    pub(super) fn new() -> Self {
        Self {
            answered: RwSignal::new_local(None),
            asked: StoredValue::new(None),
        }
    }

    /// A copy of what is asked about; `None` while it is read. Reactive.
    fn copy(&self, account: Account, question: &TrialQuery) -> Option<Result<Simulator, ApiError>> {
        let answer = self.answered.with(|answered| {
            let fits = answered.as_ref().filter(|answered| answered.question == *question);
            fits.map(|answered| answered.copy.clone())
        });
        if answer.is_none() && self.asked.with_value(|asked| asked.as_ref() != Some(question)) {
            self.ask(account, question.clone());
        }
        answer
    }

    fn ask(self, account: Account, question: TrialQuery) {
        self.asked.set_value(Some(question.clone()));
        let client = untrack(|| account.client());
        spawn_local(async move {
            let is_wanted = || self.asked.with_value(|asked| asked.as_ref() == Some(&question));
            TimeoutFuture::new(REST_MS).await;
            if !is_wanted() {
                return;
            }
            let now = browser::now_utc();
            let copy = copy_for(&client, &question.writes, &question.accounts, now, |_| is_wanted()).await;
            if let (true, Some(copy)) = (is_wanted(), copy.transpose()) {
                self.asked.set_value(None);
                self.answered.set(Some(TrialAnswer {
                    question,
                    copy: copy.map(Simulator::new),
                    at_ms: browser::now_ms(),
                }));
            }
        });
    }

    /// Reads again what could not be read.
    pub(super) fn try_again(&self) {
        self.answered.set(None);
    }

    /// What the changes would do. Reactive.
    pub(super) fn forecast(&self, account: Account, writes: &[Write]) -> Forecast {
        match self.copy(account, &TrialQuery::new(account, writes.to_vec(), Vec::new())) {
            None => Forecast::Trying,
            Some(Ok(copy)) => forecast::forecast(&copy, writes),
            Some(Err(error)) => Forecast::Untried(error.advice().happened),
        }
    }

    /// The same for changes that each stand for themselves; the first [`MOST_TRIED`] are tried. Reactive.
    pub(super) fn trial(&self, account: Account, steps: &[ChangeStep]) -> Result<BulkForecast, Forecast> {
        let question = TrialQuery::of_first(account, steps);
        match self.copy(account, &question) {
            None => Err(Forecast::Trying),
            Some(Ok(copy)) => Ok(forecast::trial(&copy, &question.writes)),
            Some(Err(error)) => Err(Forecast::Untried(error.advice().happened)),
        }
    }

    /// A copy of what all of the changes concern, if the latest trial has just read one; the trial's own stays as it is.
    pub(super) fn tried_copy(&self, account: Account, steps: &[ChangeStep]) -> Option<Simulator> {
        if steps.len() > MOST_TRIED {
            return None;
        }
        let question = untrack(|| TrialQuery::of_first(account, steps));
        self.answered.with_untracked(|answered| {
            let is_fresh = |answered: &&TrialAnswer| browser::now_ms() - answered.at_ms < FRESH_MS;
            let fits = answered.as_ref().filter(|answered| answered.question == question);
            let copy = fits.filter(is_fresh)?.copy.as_ref().ok()?;
            Some(Simulator::new((*copy.sim()).clone()))
        })
    }
}
