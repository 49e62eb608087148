//! Sends a change of one thing or of many, one request after the other. On a live account each request is first tried on a
//! fresh copy of the domains and pools it changes. A request that a rule refuses there is not sent. A request that succeeds
//! is on the copy when the next one is tried.
//!
//! Each call of [`ChangeSender::step`] sends one request, so that a page can show progress and stop. Each request has its own
//! outcome.

use crate::change::ChangeStep;
use crate::forecast::refusal;
use crate::fork::dry_run_copy::{CopyProgress, copy_for};
use crate::record::ItemAnswer;
use chrono::{DateTime, Utc};
use mailgun_pools::api::{ApiError, ApiErrorKind, Client, Write};
use mailgun_pools::transport::{Backoff, RetryPolicy};
use poolkeeper_core::model::AccountId;
use poolkeeper_simulator::server::Simulator;
use std::collections::VecDeque;
use std::rc::Rc;

mod check;
mod recorder;
mod result;

pub use check::is_made;
pub use recorder::{NoRecorder, SendRecorder};
pub use result::{ChangeResult, StepOutcome, StepResult, StopReason};

/// A bulk ends after this many steps in a row failed in every attempt: the service is down.
const MOST_FAILED_IN_A_ROW: u32 = 3;

/// Changes tried on one copy. Reading a copy takes up to 200 requests on an account of 20,000 domains, which is little beside
/// 1,000 changes. A new copy for each 1,000 keeps the data fresh.
pub const TRIED_AT_ONCE: usize = 1_000;

/// Where changes are tried before they are sent.
enum DryRunSource {
    /// Nowhere: the account is simulated and refuses by the same rules itself, or a person sends without.
    NotNeeded,
    /// On a copy that is still to be read.
    Unread,
    /// On this copy, which covers this many of the waiting changes.
    Copy(Simulator, usize),
}

/// When to call [`ChangeSender::step`] again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// At once.
    Now,
    /// After this many milliseconds: the latest request failed with a transient error and is sent again.
    AfterMs(u64),
    /// Not at all: every step has an outcome, or the change was stopped.
    Over,
}

/// A request that is sent again.
struct RepeatedStep {
    /// Attempts so far.
    attempts: u32,
    /// Whether one of them may have arrived.
    is_in_doubt: bool,
    /// Why the latest failed.
    error: ApiError,
}

/// A change under way.
pub struct ChangeSender {
    client: Client,
    trials: DryRunSource,
    waiting: VecDeque<ChangeStep>,
    /// The first of those that wait, where it was sent before.
    repeated: Option<RepeatedStep>,
    /// Steps in a row that failed in each attempt.
    failed_in_a_row: u32,
    backoff: Option<Backoff>,
    /// The account that is acted for, once it was asked for; `None` where the service does not say.
    own_account: Option<Option<AccountId>>,
    recorder: Rc<dyn SendRecorder>,
    result: ChangeResult,
}

impl ChangeSender {
    /// Sends to a simulated account. In a bulk the steps are independent; any other change ends with its first step that
    /// does not succeed.
    #[must_use]
    pub fn simulated(client: Client, steps: Vec<ChangeStep>, is_bulk: bool) -> Self {
        Self::new(client, steps, is_bulk, DryRunSource::NotNeeded)
    }

    /// Sends to a live account without a dry run.
    #[must_use]
    pub fn untried(client: Client, steps: Vec<ChangeStep>, is_bulk: bool) -> Self {
        Self::new(client, steps, is_bulk, DryRunSource::NotNeeded)
    }

    /// Sends to a live account. `copy` is used for the first dry runs if one was just read.
    #[must_use]
    pub fn live(client: Client, steps: Vec<ChangeStep>, is_bulk: bool, copy: Option<Simulator>) -> Self {
        let trials = copy.map_or(DryRunSource::Unread, |copy| DryRunSource::Copy(copy, steps.len()));
        Self::new(client, steps, is_bulk, trials)
    }

    fn new(client: Client, steps: Vec<ChangeStep>, is_bulk: bool, trials: DryRunSource) -> Self {
        Self {
            client,
            trials,
            waiting: steps.into(),
            repeated: None,
            failed_in_a_row: 0,
            backoff: None,
            own_account: None,
            recorder: Rc::new(NoRecorder),
            result: ChangeResult {
                is_bulk,
                ..ChangeResult::default()
            },
        }
    }

    /// With a record that is told of each step before it is sent and when it has an outcome.
    #[must_use]
    pub fn recorded_by(self, recorder: Rc<dyn SendRecorder>) -> Self {
        Self { recorder, ..self }
    }

    /// The outcomes so far, without the steps that wait.
    #[must_use]
    pub const fn result(&self) -> &ChangeResult {
        &self.result
    }

    /// Reads a copy, or tries and sends the next change. In a bulk, a refusal ends only its own step, a transient error is
    /// retried, and an error that every step would meet ends the bulk. `reading` gets the copy's progress; it returns `false`
    /// to stop.
    pub async fn step(&mut self, now: DateTime<Utc>, reading: impl FnMut(CopyProgress) -> bool) -> NextStep {
        // A request that is sent again was tried before its first attempt.
        let is_untried = self.repeated.is_none() && !self.waiting.is_empty();
        if is_untried && matches!(self.trials, DryRunSource::Unread | DryRunSource::Copy(_, 0)) {
            return self.read(now, reading).await;
        }
        let Some(step) = self.waiting.pop_front() else {
            return NextStep::Over;
        };
        let before = self.repeated.take();
        let refusal = is_untried.then(|| self.refusal(&step.write)).flatten();
        let place = self.result.steps.len();
        if refusal.is_none()
            && let Err(why) = self.recorder.sending(place).await
        {
            self.waiting.push_front(step);
            self.repeated = before;
            self.result.stopped_by = Some(StopReason::NotRecorded(why));
            return NextStep::Over;
        }
        let outcome = match refusal {
            Some(why) => StepOutcome::Refused(why),
            None => match self
                .client
                .write_on_behalf_of(&step.write, step.on_behalf_of.as_ref())
                .await
            {
                Ok(_) => StepOutcome::Done,
                Err(error) => {
                    let repeated = RepeatedStep {
                        attempts: before.as_ref().map_or(1, |before| before.attempts + 1),
                        is_in_doubt: error.may_have_arrived() || before.is_some_and(|before| before.is_in_doubt),
                        error,
                    };
                    if let Some(wait_ms) = self.wait_ms(&repeated, now) {
                        self.waiting.push_front(step);
                        self.repeated = Some(repeated);
                        return NextStep::AfterMs(wait_ms);
                    }
                    self.resolve_outcome(&step.write, repeated).await
                }
            },
        };
        self.recorder.answered(place, ItemAnswer::from(&outcome)).await;
        let other_account = match &outcome {
            StepOutcome::Failed(error) if error.kind == ApiErrorKind::NotFound => self.other_account(&step).await,
            _ => None,
        };
        let result = StepResult {
            step,
            outcome,
            other_account,
        };
        self.record(result)
    }

    /// The account of a domain that was not found, where it is another than the one acted for. From the parent account, the
    /// service may want a subaccount's domain to be changed on the subaccount's behalf.
    async fn other_account(&mut self, step: &ChangeStep) -> Option<AccountId> {
        let account = step.account.as_ref().filter(|_| step.on_behalf_of.is_none())?;
        if self.own_account.is_none() {
            let own = match self.client.acts_for() {
                Some(subaccount) => Some(subaccount.clone()),
                // The pools belong to the account itself.
                None => {
                    let pools = self.client.pools().await.ok();
                    pools.and_then(|pools| pools.0.into_iter().find_map(|pool| pool.account_id))
                }
            };
            self.own_account = Some(own);
        }
        let own = self.own_account.as_ref()?.as_ref();
        own.is_some_and(|own| own != account).then(|| account.clone())
    }

    /// The outcomes; steps that still wait are listed as left.
    #[must_use]
    pub fn finish(mut self) -> ChangeResult {
        // An attempt of a step that was to be sent again may have arrived.
        if let Some(repeated) = self.repeated.filter(|repeated| repeated.is_in_doubt)
            && let Some(step) = self.waiting.pop_front()
        {
            let outcome = StepOutcome::Unknown(repeated.error);
            self.result.steps.push(StepResult {
                step,
                outcome,
                other_account: None,
            });
        }
        self.result.left = self.waiting.into();
        self.result
    }

    /// How long to wait before a request is sent again; `None` if it is not. Changes of a domain are idempotent. The steps of
    /// any other change depend on each other, so a person decides.
    fn wait_ms(&mut self, failed: &RepeatedStep, now: DateTime<Utc>) -> Option<u64> {
        let policy = RetryPolicy::default();
        if !self.result.is_bulk || !failed.error.is_transient() || failed.attempts >= policy.attempts {
            return None;
        }
        let seed = now.timestamp_millis().unsigned_abs();
        let backoff = self.backoff.get_or_insert_with(|| Backoff::new(policy, seed));
        let asked = failed.error.retry_after().and_then(|after| after.wait_ms(now));
        let wait_ms = asked.unwrap_or_else(|| backoff.wait_ms(failed.attempts - 1));
        (wait_ms <= policy.longest_ms).then_some(wait_ms)
    }

    /// The outcome of a request that is not sent again. If an attempt may have arrived, the account is read: a later attempt
    /// may have failed because the change was made already.
    async fn resolve_outcome(&self, write: &Write, failed: RepeatedStep) -> StepOutcome {
        let RepeatedStep { is_in_doubt, error, .. } = failed;
        if !is_in_doubt {
            return StepOutcome::Failed(error);
        }
        match is_made(&self.client, write).await {
            Ok(Some(true)) => StepOutcome::Done,
            Ok(Some(false)) => StepOutcome::Failed(error),
            Ok(None) | Err(_) => StepOutcome::Unknown(error),
        }
    }

    /// Records a step's outcome, and ends a bulk if every other step would end the same way.
    fn record(&mut self, result: StepResult) -> NextStep {
        let is_done = result.outcome == StepOutcome::Done;
        if let StepOutcome::Failed(error) | StepOutcome::Unknown(error) = &result.outcome
            && self.result.is_bulk
        {
            self.failed_in_a_row = if error.is_transient() {
                self.failed_in_a_row + 1
            } else {
                0
            };
            if is_fatal(error) || self.failed_in_a_row >= MOST_FAILED_IN_A_ROW {
                self.result.stopped_by = Some(StopReason::Fatal(error.clone()));
            }
        } else {
            self.failed_in_a_row = 0;
        }
        self.result.steps.push(result);
        let goes_on = self.result.stopped_by.is_none() && (self.result.is_bulk || is_done);
        if goes_on && !self.waiting.is_empty() {
            NextStep::Now
        } else {
            NextStep::Over
        }
    }

    async fn read(&mut self, now: DateTime<Utc>, reading: impl FnMut(CopyProgress) -> bool) -> NextStep {
        let ahead: Vec<&ChangeStep> = self.waiting.iter().take(TRIED_AT_ONCE).collect();
        let writes: Vec<Write> = ahead.iter().map(|step| step.write.clone()).collect();
        let accounts = accounts_of(ahead.iter().copied());
        match copy_for(&self.client, &writes, &accounts, now, reading).await {
            Ok(Some(sim)) => {
                self.trials = DryRunSource::Copy(Simulator::new(sim), writes.len());
                NextStep::Now
            }
            Ok(None) => NextStep::Over,
            Err(error) => {
                self.result.stopped_by = Some(StopReason::NotRead(error));
                NextStep::Over
            }
        }
    }

    /// Why a change must not be sent, by its dry run.
    fn refusal(&mut self, write: &Write) -> Option<String> {
        let DryRunSource::Copy(copy, held) = &mut self.trials else {
            return None;
        };
        *held = held.saturating_sub(1);
        refusal(copy, write)
    }
}

/// The accounts of the changes' domains; empty if any of them is unknown.
#[must_use]
pub fn accounts_of<'a>(steps: impl Iterator<Item = &'a ChangeStep>) -> Vec<AccountId> {
    let accounts: Option<std::collections::BTreeSet<&AccountId>> = steps.map(|step| step.account.as_ref()).collect();
    accounts.into_iter().flatten().cloned().collect()
}

/// Whether every other change would fail with the same error: no connection, no valid key, no role.
const fn is_fatal(error: &ApiError) -> bool {
    let is_its_own = matches!(
        error.kind,
        ApiErrorKind::BadRequest { .. } | ApiErrorKind::NotFound | ApiErrorKind::Conflict
    );
    !is_its_own && !error.is_transient()
}
