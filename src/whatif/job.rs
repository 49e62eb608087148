//! Jobs: what a page or a command line asks of the lab, how far it is, and what comes of it.
//!
//! The lab keeps the traffic and the last backtests, so that a draft that changes while the current policy stays costs
//! one backtest, not two. Whoever asks is told of progress every few milliseconds and can break off there.

use super::backtest::{Backtest, BacktestError, Data, Options, backtest_watched};
use super::calibrate::{Assumptions, Calibration, Observations, calibrate_watched};
use super::capacity::{Ips, PoolLoad, pool_loads};
use super::compare::{Case, Comparison, Summary, compare_watched};
use super::coverage::{Coverage, coverage};
use super::domain::{DomainView, domain_view};
use super::findings::{Finding, findings};
use super::{PerBand, Timeline};
use crate::health::Policy;
use crate::traffic::Table;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;
use thiserror::Error;

/// How many backtests are kept: A's and B's.
const KEPT: usize = 2;

/// Something to find out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// What the traffic holds and lacks.
    Coverage,
    /// What one policy would have done.
    Backtest {
        /// The policy.
        policy: Policy,
        /// How to replay it.
        options: Options,
    },
    /// What moves between two policies.
    Compare {
        /// The current policy.
        a: Policy,
        /// The draft.
        b: Policy,
        /// How to replay them.
        options: Options,
        /// The IPs to carry the mail, if that is asked.
        ips: Option<Ips>,
    },
    /// One domain under two policies.
    Domain {
        /// Its position in the table.
        domain: u32,
        /// The current policy.
        a: Policy,
        /// The draft.
        b: Policy,
        /// How to replay them.
        options: Options,
    },
    /// What an account shows about its policy.
    Calibrate {
        /// What it shows.
        observations: Box<Observations>,
        /// What to assume.
        assumptions: Assumptions,
    },
}

/// What a job is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Replaying a policy.
    Replaying,
    /// Comparing two replays.
    Comparing,
    /// Reading observations.
    Calibrating,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Progress {
    /// What it is busy with.
    pub stage: Stage,
    /// Steps done, over all stages.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
}

/// What moves between A and B, with everything shown beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// What the traffic holds and lacks.
    pub coverage: Coverage,
    /// What moves.
    pub comparison: Comparison,
    /// What is worth saying about it, most important first.
    pub findings: Vec<Finding>,
    /// What the pools carry under A and under B; `None` when no IPs were given.
    pub loads: Option<(PerBand<PoolLoad>, PerBand<PoolLoad>)>,
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Of [`Job::Coverage`].
    Coverage(Coverage),
    /// Of [`Job::Backtest`].
    Backtest(Box<Summary>),
    /// Of [`Job::Compare`].
    Compare(Box<Compared>),
    /// Of [`Job::Domain`].
    Domain(Box<DomainView>),
    /// Of [`Job::Calibrate`].
    Calibrate(Box<Calibration>),
}

/// Why nothing came of a job.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobError {
    /// A policy makes no sense.
    #[error("the policy makes no sense: {field}: {problem}")]
    Policy {
        /// The field, as it is named in a policy file.
        field: String,
        /// What is wrong and what would do.
        problem: String,
    },
    /// The table has no domain at that position.
    #[error("there is no such domain in this traffic")]
    NoSuchDomain,
    /// Whoever asked wants it no more.
    #[error("stopped")]
    Stopped,
}

impl From<BacktestError> for JobError {
    fn from(error: BacktestError) -> Self {
        match error {
            BacktestError::Policy(invalid) => Self::Policy {
                field: invalid.field.to_owned(),
                problem: invalid.problem,
            },
            BacktestError::Stopped => Self::Stopped,
        }
    }
}

/// A backtest that is kept, and what it is of.
struct Kept {
    policy: Policy,
    options: Options,
    result: Arc<Backtest>,
}

/// The traffic at hand, and what has been worked out about it.
pub struct Lab {
    table: Arc<Table>,
    timeline: Option<Arc<Timeline>>,
    coverage: Option<Coverage>,
    /// The latest used last.
    kept: Vec<Kept>,
}

/// Told how far a job is; says whether to go on.
pub type Watch<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

impl Lab {
    /// A lab over some traffic.
    #[must_use]
    pub const fn new(table: Arc<Table>, timeline: Option<Arc<Timeline>>) -> Self {
        Self {
            table,
            timeline,
            coverage: None,
            kept: Vec::new(),
        }
    }

    /// The traffic.
    #[must_use]
    pub const fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The enrolments and overrides, if there are any.
    #[must_use]
    pub fn timeline(&self) -> Option<&Timeline> {
        self.timeline.as_deref()
    }

    fn data(&self) -> Data<'_> {
        Data {
            table: &self.table,
            timeline: self.timeline.as_deref(),
        }
    }

    /// What the traffic holds and lacks.
    pub fn coverage(&mut self) -> &Coverage {
        self.coverage.get_or_insert_with(|| coverage(&self.table))
    }

    /// Does a job.
    ///
    /// # Errors
    /// [`JobError`]; [`JobError::Stopped`] soon after `watch` broke off.
    pub fn run(&mut self, job: &Job, watch: Watch<'_>) -> Result<Outcome, JobError> {
        match job {
            Job::Coverage => Ok(Outcome::Coverage(self.coverage().clone())),
            Job::Backtest { policy, options } => {
                let total = self.table.domains().len() as u64;
                let result = self.backtest(policy, options, (0, total), watch)?;
                Ok(Outcome::Backtest(Box::new(Summary::of(&result))))
            }
            Job::Compare { a, b, options, ips } => {
                let compared = self.compare(a, b, options, ips.as_ref(), watch)?;
                Ok(Outcome::Compare(Box::new(compared)))
            }
            Job::Domain { domain, a, b, options } => {
                let view = domain_view(self.data(), *domain, a, b, options)?.ok_or(JobError::NoSuchDomain)?;
                Ok(Outcome::Domain(Box::new(view)))
            }
            Job::Calibrate {
                observations,
                assumptions,
            } => {
                let total = observations.len();
                let mut step = |done| {
                    watch(Progress {
                        stage: Stage::Calibrating,
                        done,
                        total,
                    })
                };
                let found = calibrate_watched(observations, assumptions, &mut step).ok_or(JobError::Stopped)?;
                Ok(Outcome::Calibrate(Box::new(found)))
            }
        }
    }

    /// A policy's backtest, kept or made. `(before, total)`: steps done before it and steps in all.
    fn backtest(
        &mut self,
        policy: &Policy,
        options: &Options,
        (before, total): (u64, u64),
        watch: Watch<'_>,
    ) -> Result<Arc<Backtest>, JobError> {
        let known = self
            .kept
            .iter()
            .position(|kept| kept.policy == *policy && kept.options == *options);
        let kept = if let Some(at) = known {
            self.kept.remove(at)
        } else {
            let mut step = |done: usize| {
                watch(Progress {
                    stage: Stage::Replaying,
                    done: before + done as u64,
                    total,
                })
            };
            let result = Arc::new(backtest_watched(self.data(), policy, options, &mut step)?);
            Kept {
                policy: policy.clone(),
                options: *options,
                result,
            }
        };
        let result = Arc::clone(&kept.result);
        self.kept.push(kept);
        let surplus = self.kept.len().saturating_sub(KEPT);
        self.kept.drain(..surplus);
        Ok(result)
    }

    fn compare(
        &mut self,
        a: &Policy,
        b: &Policy,
        options: &Options,
        ips: Option<&Ips>,
        watch: Watch<'_>,
    ) -> Result<Compared, JobError> {
        let domains = self.table.domains().len() as u64;
        let total = 3 * domains;
        let in_a = self.backtest(a, options, (0, total), watch)?;
        let in_b = self.backtest(b, options, (domains, total), watch)?;
        let coverage = self.coverage().clone();
        let mut step = |done: usize| {
            watch(Progress {
                stage: Stage::Comparing,
                done: 2 * domains + done as u64,
                total,
            })
        };
        let (case_a, case_b) = (
            Case {
                policy: a,
                result: &in_a,
            },
            Case {
                policy: b,
                result: &in_b,
            },
        );
        let comparison = compare_watched(self.data(), case_a, case_b, &mut step).ok_or(JobError::Stopped)?;
        let loads = |ips: &Ips| {
            let first_day = comparison.first_day;
            (
                pool_loads(first_day, &comparison.a, ips),
                pool_loads(first_day, &comparison.b, ips),
            )
        };
        Ok(Compared {
            loads: ips.map(loads),
            findings: findings(&comparison, &coverage, ips),
            coverage,
            comparison,
        })
    }
}
