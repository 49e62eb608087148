//! How a change went, step by step.

use crate::change::ChangeStep;
use mailgun_pools::api::{ApiError, ErrorAdvice, Write};
use poolkeeper_core::model::AccountId;

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
    /// The domain's account, where the service did not find the domain and that account is another one than was acted for: the
    /// change may be made on its behalf.
    pub other_account: Option<AccountId>,
}

/// Why a change ended before its last step, where no person stopped it.
#[derive(Clone, Debug, PartialEq)]
pub enum StopReason {
    /// What it concerns could not be read for the dry run.
    NotRead(ApiError),
    /// Every request after this one would meet the same error.
    Fatal(ApiError),
    /// The record of changes could not be written; why.
    NotRecorded(String),
    /// Another page sends the same change.
    SentElsewhere,
    /// More of it was made elsewhere than was known here.
    GoneOnElsewhere,
}

impl StopReason {
    /// For people.
    #[must_use]
    pub fn advice(&self) -> ErrorAdvice {
        let (before, error) = match self {
            Self::NotRead(error) => ("Could not read the data for the dry run", error),
            Self::Fatal(error) => ("The remaining requests would fail too", error),
            Self::NotRecorded(why) => {
                return ErrorAdvice {
                    happened: format!("The record of changes could not be written: {why}"),
                    to_do: "No change is sent without its entry in the record. Free some space, then try again."
                        .to_owned(),
                };
            }
            Self::SentElsewhere => {
                return ErrorAdvice {
                    happened: "Another page is sending this change".to_owned(),
                    to_do: "Wait until it has ended, or stop it there.".to_owned(),
                };
            }
            Self::GoneOnElsewhere => {
                return ErrorAdvice {
                    happened: "More of this change has been made elsewhere".to_owned(),
                    to_do: "Close this and go on from the record, which has been read again.".to_owned(),
                };
            }
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
    pub(super) is_bulk: bool,
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

    /// The changes of other accounts' domains that the service did not find, each on behalf of its domain's account.
    #[must_use]
    pub fn on_behalf_of_others(&self) -> Vec<ChangeStep> {
        let others = self.steps.iter().filter_map(|result| {
            Some(ChangeStep {
                on_behalf_of: Some(result.other_account.clone()?),
                ..result.step.clone()
            })
        });
        others.collect()
    }

    /// The places of what was not made among all steps, from 0.
    #[must_use]
    pub fn unfinished_places(&self) -> Vec<usize> {
        let tried = self.steps.iter().enumerate();
        let tried = tried.filter(|(_, result)| result.outcome != StepOutcome::Done);
        tried
            .map(|(place, _)| place)
            .chain(self.steps.len()..self.total())
            .collect()
    }

    /// Of a change that could not begin.
    #[must_use]
    pub fn not_begun(steps: Vec<ChangeStep>, is_bulk: bool, why: StopReason) -> Self {
        Self {
            steps: Vec::new(),
            left: steps,
            stopped_by: Some(why),
            is_bulk,
        }
    }

    /// Whether the service wants to know what the domains to enroll go back to, and was not told.
    #[must_use]
    pub fn wants_replacement(&self) -> bool {
        self.steps.iter().any(|result| {
            let is_untold = matches!(result.step.write, Write::Enroll { replacement: None, .. });
            is_untold && matches!(&result.outcome, StepOutcome::Failed(error) if error.wants_replacement_ip())
        })
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
