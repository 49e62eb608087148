//! Sends a change, of one thing or of many, request after request. On a live account each is first tried on a copy of what
//! they concern, read right before: what a rule refuses there is not sent, and what the service takes is on the copy for the
//! next.
//!
//! One request a step, so that a page can show how far it is, and stop. Each step of the change has its own outcome.

use crate::change::ChangeStep;
use crate::forecast::refusal;
use crate::fork::dry_run_copy::{CopyProgress, copy_for};
use chrono::{DateTime, Utc};
use mailgun_pools::api::{ApiError, ApiErrorKind, Client, ErrorAdvice, Write};
use poolkeeper_core::model::AccountId;
use poolkeeper_simulator::server::Simulator;
use std::collections::VecDeque;

/// Changes tried on one copy. The reading takes up to 200 requests on an account of 20,000 domains: few beside the changes
/// themselves, and none is tried on what was read long ago.
pub const TRIED_AT_ONCE: usize = 1_000;

/// How one request of a change ended.
#[derive(Clone, Debug, PartialEq)]
pub enum StepOutcome {
    /// The service made it.
    Done,
    /// The dry run refused it, so it was not sent; why.
    Refused(String),
    /// The service did not make it.
    Failed(ApiError),
    /// The answer does not say whether it was made.
    Unknown(ApiError),
}

impl StepOutcome {
    fn of_error(error: ApiError) -> Self {
        if error.may_have_arrived() {
            Self::Unknown(error)
        } else {
            Self::Failed(error)
        }
    }

    /// What kept it from being made, for people; `None` when it was.
    #[must_use]
    pub fn problem(&self) -> Option<ErrorAdvice> {
        match self {
            Self::Done => None,
            Self::Refused(why) => Some(ErrorAdvice {
                happened: why.clone(),
                to_do: "The dry run refused it, so it was not sent. Reload and look again.".to_owned(),
            }),
            Self::Failed(error) | Self::Unknown(error) => Some(error.advice()),
        }
    }
}

/// One request of a change, and how it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct StepResult {
    /// The request.
    pub step: ChangeStep,
    /// How it ended.
    pub outcome: StepOutcome,
}

/// Why a change ended before its last step, where no person stopped it.
#[derive(Clone, Debug, PartialEq)]
pub enum StopReason {
    /// What it concerns could not be read for the dry run.
    NotRead(ApiError),
    /// Every request after this one would meet the same error.
    Fatal(ApiError),
}

impl StopReason {
    /// For people.
    #[must_use]
    pub fn advice(&self) -> ErrorAdvice {
        let (before, error) = match self {
            Self::NotRead(error) => ("Could not read the data for the dry run", error),
            Self::Fatal(error) => ("The remaining requests would fail too", error),
        };
        let ErrorAdvice { happened, to_do } = error.advice();
        ErrorAdvice {
            happened: format!("{before}: {happened}"),
            to_do,
        }
    }
}

/// How the sending went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeResult {
    /// What was tried or sent, in order.
    pub steps: Vec<StepResult>,
    /// What was neither tried nor sent.
    pub left: Vec<ChangeStep>,
    /// What ended it early; nothing when a person did.
    pub stopped_by: Option<StopReason>,
    is_bulk: bool,
}

impl ChangeResult {
    /// Steps in all.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.steps.len() + self.left.len()
    }

    /// The changes that the service made.
    pub fn done(&self) -> impl DoubleEndedIterator<Item = &ChangeStep> {
        let done = self.steps.iter().filter(|result| result.outcome == StepOutcome::Done);
        done.map(|result| &result.step)
    }

    /// Whether all of it was made.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.done().count() == self.total()
    }

    /// Those that were not sent since the dry run refused them.
    pub fn refused(&self) -> impl Iterator<Item = &StepResult> {
        let is_refused = |result: &&StepResult| matches!(result.outcome, StepOutcome::Refused(_));
        self.steps.iter().filter(is_refused)
    }

    /// Those that were sent and, as far as the answers say, not made.
    pub fn failed(&self) -> impl Iterator<Item = &StepResult> {
        let is_failed = |outcome: &StepOutcome| matches!(outcome, StepOutcome::Failed(_) | StepOutcome::Unknown(_));
        self.steps.iter().filter(move |result| is_failed(&result.outcome))
    }

    /// What was not made, in order.
    #[must_use]
    pub fn unfinished(&self) -> Vec<ChangeStep> {
        let tried = self.steps.iter().filter(|result| result.outcome != StepOutcome::Done);
        tried.map(|result| &result.step).chain(&self.left).cloned().collect()
    }

    /// Why the first one that was not made was not; `None` where all were made, or a person stopped.
    #[must_use]
    pub fn first_problem(&self) -> Option<ErrorAdvice> {
        let told = self.steps.iter().find_map(|result| result.outcome.problem());
        told.or_else(|| self.stopped_by.as_ref().map(StopReason::advice))
    }

    /// What takes back all that was made, the latest first where a step depends on the one before. `None` where nothing was
    /// made, or the API cannot take back all of it.
    #[must_use]
    pub fn undo(&self) -> Option<Vec<ChangeStep>> {
        let steps = self.done().map(ChangeStep::reversed);
        let undo: Vec<ChangeStep> = if self.is_bulk {
            steps.collect::<Option<_>>()?
        } else {
            steps.rev().collect::<Option<_>>()?
        };
        (!undo.is_empty()).then_some(undo)
    }
}

/// How the account is to be tried on.
enum DryRunSource {
    /// It is simulated: it refuses by the same rules what would be refused on a copy.
    Needless,
    /// A copy is to be read.
    Due,
    /// The copy, and how many of the changes that wait it holds.
    On(Simulator, usize),
}

/// A change under way.
pub struct ChangeSender {
    client: Client,
    trials: DryRunSource,
    waiting: VecDeque<ChangeStep>,
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

    /// Reads a copy, or tries and sends the next change; `false` after the last. In a bulk a refusal concerns its one
    /// domain; a fatal error ends the run. `reading` is called with the copy's progress and stops it by `false`.
    pub async fn step(&mut self, now: DateTime<Utc>, reading: impl FnMut(CopyProgress) -> bool) -> bool {
        if !self.waiting.is_empty() && matches!(self.trials, DryRunSource::Due | DryRunSource::On(_, 0)) {
            return self.read(now, reading).await;
        }
        let Some(step) = self.waiting.pop_front() else {
            return false;
        };
        let outcome = match self.refusal(&step.write) {
            Some(why) => StepOutcome::Refused(why),
            None => match self.client.write(&step.write).await {
                Ok(_) => StepOutcome::Done,
                Err(error) => {
                    if self.result.is_bulk && is_fatal(&error) {
                        self.result.stopped_by = Some(StopReason::Fatal(error.clone()));
                    }
                    StepOutcome::of_error(error)
                }
            },
        };
        let goes_on = self.result.stopped_by.is_none() && (self.result.is_bulk || outcome == StepOutcome::Done);
        self.result.steps.push(StepResult { step, outcome });
        goes_on && !self.waiting.is_empty()
    }

    /// How it went; what still waits is left.
    #[must_use]
    pub fn finish(mut self) -> ChangeResult {
        self.result.left = self.waiting.into();
        self.result
    }

    async fn read(&mut self, now: DateTime<Utc>, reading: impl FnMut(CopyProgress) -> bool) -> bool {
        let ahead: Vec<&ChangeStep> = self.waiting.iter().take(TRIED_AT_ONCE).collect();
        let writes: Vec<Write> = ahead.iter().map(|step| step.write.clone()).collect();
        let accounts = accounts_of(ahead.iter().copied());
        match copy_for(&self.client, &writes, &accounts, now, reading).await {
            Ok(Some(sim)) => {
                self.trials = DryRunSource::On(Simulator::new(sim), writes.len());
                true
            }
            Ok(None) => false,
            Err(error) => {
                self.result.stopped_by = Some(StopReason::NotRead(error));
                false
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
    !matches!(
        error.kind,
        ApiErrorKind::BadRequest { .. } | ApiErrorKind::NotFound | ApiErrorKind::Conflict | ApiErrorKind::TimedOut(_)
    )
}
