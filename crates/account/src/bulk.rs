//! Many changes, sent request after request. On a live account each is first tried on a copy of what they concern, read
//! right before: what a rule refuses there is not sent, and what the service takes is on the copy for the next.
//!
//! One request a step, so that a page can show how far it is, and stop.

use crate::change::ChangeStep;
use crate::forecast::refusal;
use crate::fork::dry_run_copy::{CopyProgress, copy_for};
use chrono::{DateTime, Utc};
use mailgun_pools::api::{ApiError, ApiErrorKind, Client, Write};
use poolkeeper_core::model::AccountId;
use poolkeeper_simulator::server::Simulator;
use std::collections::VecDeque;

/// Changes tried on one copy. The reading takes up to 200 requests on an account of 20,000 domains: few beside the changes
/// themselves, and none is tried on what was read long ago.
pub const TRIED_AT_ONCE: usize = 1_000;

/// How the sending went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BulkResult {
    /// Those the service made.
    pub made: Vec<ChangeStep>,
    /// Those that were not sent since the trial refused them, and why.
    pub refused: Vec<(ChangeStep, String)>,
    /// Those that failed, and why.
    pub failed: Vec<(ChangeStep, String)>,
    /// Those that were neither tried nor sent.
    pub left: Vec<ChangeStep>,
    /// What ended it early, in a sentence; nothing when a person did.
    pub stopped_by: Option<String>,
}

impl BulkResult {
    /// Changes that are through, whichever way.
    #[must_use]
    pub const fn through(&self) -> usize {
        self.made.len() + self.refused.len() + self.failed.len()
    }

    /// Changes in all.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.through() + self.left.len()
    }

    /// What was not made, in the order of the lists above.
    #[must_use]
    pub fn unfinished(&self) -> Vec<ChangeStep> {
        let refused = self.refused.iter().chain(&self.failed).map(|(step, _)| step);
        refused.chain(&self.left).cloned().collect()
    }

    /// Why the first one that was not made was not.
    #[must_use]
    pub fn first_problem(&self) -> Option<&str> {
        let mut told = self.refused.iter().chain(&self.failed).map(|(_, why)| why.as_str());
        told.next().or(self.stopped_by.as_deref())
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

/// A row of changes under way.
pub struct BulkSender {
    client: Client,
    trials: DryRunSource,
    waiting: VecDeque<ChangeStep>,
    is_row: bool,
    course: BulkResult,
}

impl BulkSender {
    /// To an account that is simulated itself.
    #[must_use]
    pub fn simulated(client: Client, steps: Vec<ChangeStep>) -> Self {
        Self::new(client, steps, DryRunSource::Needless)
    }

    /// To a live account. A copy of what all of them concern, where one was just read, is not read again.
    #[must_use]
    pub fn live(client: Client, steps: Vec<ChangeStep>, copy: Option<Simulator>) -> Self {
        let trials = copy.map_or(DryRunSource::Due, |copy| DryRunSource::On(copy, steps.len()));
        Self::new(client, steps, trials)
    }

    fn new(client: Client, steps: Vec<ChangeStep>, trials: DryRunSource) -> Self {
        Self {
            client,
            trials,
            waiting: steps.into(),
            is_row: false,
            course: BulkResult::default(),
        }
    }

    /// Each of the changes rests on the one before: the first that is not made ends the row.
    #[must_use]
    pub fn in_a_row(self) -> Self {
        Self { is_row: true, ..self }
    }

    /// How it went so far; what waits is not in it.
    #[must_use]
    pub const fn course(&self) -> &BulkResult {
        &self.course
    }

    /// Reads a copy, or tries and sends the next change; `false` after the last. What one domain is refused for is its
    /// own; what stands against all of them ends it. `reading` hears how far a copy is and stops it by `false`.
    pub async fn step(&mut self, now: DateTime<Utc>, reading: impl FnMut(CopyProgress) -> bool) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        if matches!(self.trials, DryRunSource::Due | DryRunSource::On(_, 0)) {
            return self.read(now, reading).await;
        }
        let Some(step) = self.waiting.pop_front() else {
            return false;
        };
        if let Some(why) = self.refusal(&step.write) {
            self.course.refused.push((step, why));
            return self.goes_on(!self.is_row);
        }
        match self.client.write(&step.write).await {
            Ok(_) => {
                self.course.made.push(step);
                self.goes_on(true)
            }
            Err(error) => {
                let why = error.advice().happened;
                let is_common = stands_against_all(&error);
                if is_common {
                    self.course.stopped_by = Some(format!("The rest would fare no better: {why}"));
                }
                self.course.failed.push((step, why));
                self.goes_on(!is_common && !self.is_row)
            }
        }
    }

    /// How it went; what still waits is left.
    #[must_use]
    pub fn finish(mut self) -> BulkResult {
        self.course.left = self.waiting.into();
        self.course
    }

    fn goes_on(&self, may: bool) -> bool {
        may && !self.waiting.is_empty()
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
                let why = error.advice().happened;
                self.course.stopped_by = Some(format!("What they concern could not be read to try them on: {why}"));
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

/// Whether an error is not the one domain's: without a connection, key or role, the others fare no better.
const fn stands_against_all(error: &ApiError) -> bool {
    !matches!(
        error.kind,
        ApiErrorKind::BadRequest { .. } | ApiErrorKind::NotFound | ApiErrorKind::Conflict | ApiErrorKind::TimedOut(_)
    )
}
