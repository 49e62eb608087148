//! Sends a change, of one thing or of many, request after request. On a live account each is first tried on a copy of what
//! they concern, read right before: what a rule refuses there is not sent, and what the service takes is on the copy for the
//! next.
//!
//! One request a step, so that a page can show how far it is, and stop. Each step of the change has its own outcome.

use crate::change::ChangeStep;
use crate::forecast::refusal;
use crate::fork::dry_run_copy::{CopyProgress, copy_for, enrolled};
use chrono::{DateTime, Utc};
use mailgun_pools::api::{ApiError, ApiErrorKind, Client, Write};
use mailgun_pools::transport::{Backoff, RetryPolicy};
use poolkeeper_core::model::AccountId;
use poolkeeper_simulator::server::Simulator;
use std::collections::VecDeque;

mod result;

pub use result::{ChangeResult, StepOutcome, StepResult, StopReason};

/// Steps in a row, each sent as often as it may be, after which a bulk ends: the service is down.
const MOST_FAILED_IN_A_ROW: u32 = 3;

/// Changes tried on one copy. The reading takes up to 200 requests on an account of 20,000 domains: few beside the changes
/// themselves, and none is tried on what was read long ago.
pub const TRIED_AT_ONCE: usize = 1_000;

/// How the account is to be tried on.
enum DryRunSource {
    /// It is simulated: it refuses by the same rules what would be refused on a copy.
    Needless,
    /// A copy is to be read.
    Due,
    /// The copy, and how many of the changes that wait it holds.
    On(Simulator, usize),
}

/// When the sender is to be asked for its next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// At once.
    Now,
    /// The latest request failed for a reason that may pass: it is sent again after so many milliseconds.
    AfterMs(u64),
    /// Never: all is through, or it was stopped.
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
    result: ChangeResult,
}

impl ChangeSender {
    /// To an account that is simulated itself. In a bulk each step stands for itself; in any other change the first that is
    /// not made ends it.
    #[must_use]
    pub fn simulated(client: Client, steps: Vec<ChangeStep>, is_bulk: bool) -> Self {
        Self::new(client, steps, is_bulk, DryRunSource::Needless)
    }

    /// To a live account. A copy of what all of them concern, where one was just read, is not read again.
    #[must_use]
    pub fn live(client: Client, steps: Vec<ChangeStep>, is_bulk: bool, copy: Option<Simulator>) -> Self {
        let trials = copy.map_or(DryRunSource::Due, |copy| DryRunSource::On(copy, steps.len()));
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
            result: ChangeResult {
                is_bulk,
                ..ChangeResult::default()
            },
        }
    }

    /// How it went so far; what waits is not in it.
    #[must_use]
    pub const fn result(&self) -> &ChangeResult {
        &self.result
    }

    /// Reads a copy, or tries and sends the next change. In a bulk a refusal concerns its one domain, and what fails for a
    /// reason that may pass is sent again; what would fail for all ends it. `reading` is called with the copy's progress
    /// and stops it by `false`.
    pub async fn step(&mut self, now: DateTime<Utc>, reading: impl FnMut(CopyProgress) -> bool) -> NextStep {
        // What is sent again has been tried.
        let is_untried = self.repeated.is_none() && !self.waiting.is_empty();
        if is_untried && matches!(self.trials, DryRunSource::Due | DryRunSource::On(_, 0)) {
            return self.read(now, reading).await;
        }
        let Some(step) = self.waiting.pop_front() else {
            return NextStep::Over;
        };
        let before = self.repeated.take();
        let refusal = is_untried.then(|| self.refusal(&step.write)).flatten();
        let outcome = match refusal {
            Some(why) => StepOutcome::Refused(why),
            None => match self.client.write(&step.write).await {
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
                    self.settle(&step.write, repeated).await
                }
            },
        };
        self.push(step, outcome)
    }

    /// How it went; what still waits is left.
    #[must_use]
    pub fn finish(mut self) -> ChangeResult {
        // Stopped before it was sent again, it may have been made all the same.
        if let Some(repeated) = self.repeated.filter(|repeated| repeated.is_in_doubt)
            && let Some(step) = self.waiting.pop_front()
        {
            let outcome = StepOutcome::Unknown(repeated.error);
            self.result.steps.push(StepResult { step, outcome });
        }
        self.result.left = self.waiting.into();
        self.result
    }

    /// How long to wait before a request is sent again; `None` where it is not. Sent twice, a change of a domain comes to the
    /// same. The steps of any other change depend on each other, so a person looks first.
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

    /// What came of a request that is not sent again. Where an attempt may have arrived, the domain says: the answer to a
    /// later one may be that there is nothing left to change.
    async fn settle(&self, write: &Write, failed: RepeatedStep) -> StepOutcome {
        let RepeatedStep { is_in_doubt, error, .. } = failed;
        if !self.result.is_bulk || !is_in_doubt {
            return StepOutcome::of_error(error);
        }
        match is_made(&self.client, write).await {
            Ok(true) => StepOutcome::Done,
            Ok(false) => StepOutcome::Failed(error),
            Err(_) => StepOutcome::Unknown(error),
        }
    }

    /// Takes down how a step ended, and ends a bulk where every other one would end like it.
    fn push(&mut self, step: ChangeStep, outcome: StepOutcome) -> NextStep {
        let is_done = outcome == StepOutcome::Done;
        if let StepOutcome::Failed(error) | StepOutcome::Unknown(error) = &outcome
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
        self.result.steps.push(StepResult { step, outcome });
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
                self.trials = DryRunSource::On(Simulator::new(sim), writes.len());
                NextStep::Now
            }
            Ok(None) => NextStep::Over,
            Err(error) => {
                self.result.stopped_by = Some(StopReason::NotRead(error));
                NextStep::Over
            }
        }
    }

    /// Why a change is not to be sent.
    fn refusal(&mut self, write: &Write) -> Option<String> {
        let DryRunSource::On(copy, held) = &mut self.trials else {
            return None;
        };
        *held = held.saturating_sub(1);
        refusal(copy, write)
    }
}

/// The accounts that the changes' domains are of; none where one is not known.
#[must_use]
pub fn accounts_of<'a>(steps: impl Iterator<Item = &'a ChangeStep>) -> Vec<AccountId> {
    let accounts: Option<std::collections::BTreeSet<&AccountId>> = steps.map(|step| step.account.as_ref()).collect();
    accounts.into_iter().flatten().cloned().collect()
}

/// Whether an error would meet every other change too: a missing connection, key or role.
const fn is_fatal(error: &ApiError) -> bool {
    let is_its_own = matches!(
        error.kind,
        ApiErrorKind::BadRequest { .. } | ApiErrorKind::NotFound | ApiErrorKind::Conflict
    );
    !is_its_own && !error.is_transient()
}

/// Whether a domain is as a change would leave it.
async fn is_made(client: &Client, write: &Write) -> Result<bool, ApiError> {
    let Some(name) = write.domain() else {
        return Ok(false);
    };
    let domain = enrolled(client, name).await?;
    Ok(match write {
        Write::Enroll { .. } => domain.is_some(),
        Write::RemoveDomain { .. } => domain.is_none(),
        Write::SetOverride { pool, .. } => {
            domain.is_some_and(|domain| domain.is_overridden == Some(true) && domain.pool == *pool)
        }
        Write::RemoveOverride { .. } => domain.is_some_and(|domain| domain.is_overridden == Some(false)),
        _ => false,
    })
}
