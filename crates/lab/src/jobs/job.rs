//! Jobs for the [lab](super::Lab), their progress and their results. They are plain data, for messages between a page
//! and a worker.

use crate::backtest::ReplayOptions;
use crate::calibrate::{Assumptions, Calibration, Observations};
use crate::compare::{ComparisonReport, DomainComparison, IpCapacity, Summary};
use crate::coverage::Coverage;
use crate::sweep::{Grid, Holdout, InvalidSweep, Sweep, SweepError};
use poolkeeper_core::health::{InvalidPolicy, Policy};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;
use thiserror::Error;

/// A calculation for the lab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabJob {
    /// The coverage of the traffic.
    Coverage,
    /// The [digest](crate::report::digest) of the traffic, for a report.
    Digest,
    /// Replay one policy.
    Backtest {
        /// The policy.
        policy: Policy,
        /// How to replay it.
        options: ReplayOptions,
    },
    /// Compare two policies.
    Compare {
        /// The current policy.
        a: Policy,
        /// The draft.
        b: Policy,
        /// How to replay them.
        options: ReplayOptions,
        /// The IPs that carry the mail, if the load per IP is asked for.
        ips: Option<IpCapacity>,
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
        options: ReplayOptions,
    },
    /// Estimate the thresholds of an account's policy.
    Calibrate {
        /// Everything observed of the account.
        observations: Arc<Observations>,
        /// What to assume.
        assumptions: Assumptions,
    },
    /// Replay every policy of a grid.
    Sweep {
        /// The grid, and the outcomes to count.
        sweep: Box<Sweep>,
        /// How to replay them.
        options: ReplayOptions,
        /// The current policy, for the outcome "ends differ" alone.
        a: Option<Policy>,
        /// Count the days before this one and the days from it on separately. It is counted from the table's first day.
        split_day: Option<u32>,
        /// The positions of the domains to sweep, for workers that share the work; `None` for all. Their
        /// [parts](crate::sweep::PartialGrid::merge) add up.
        domains: Option<Range<u32>>,
    },
}

impl LabJob {
    /// Whether it reads traffic; a calibration reads observations only.
    #[must_use]
    pub const fn needs_traffic(&self) -> bool {
        !matches!(self, Self::Calibrate { .. })
    }
}

/// The stage of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStage {
    /// Reading the traffic.
    Reading,
    /// Replaying a policy.
    Replaying,
    /// Comparing two replays.
    Comparing,
    /// Reading observations.
    Calibrating,
    /// Sweeping a grid.
    Sweeping,
}

/// The progress of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct JobProgress {
    /// The current stage.
    pub stage: JobStage,
    /// Units of work done, over all stages: mostly domains. Never decreases.
    pub done: u64,
    /// Units of work in total. Constant during a job.
    pub total: u64,
}

/// A job's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobResult {
    /// Of [`LabJob::Coverage`].
    Coverage(Coverage),
    /// Of [`LabJob::Digest`].
    Digest(String),
    /// Of [`LabJob::Backtest`].
    Backtest(Box<Summary>),
    /// Of [`LabJob::Compare`].
    Compare(Box<ComparisonReport>),
    /// Of [`LabJob::Domain`].
    Domain(Box<DomainComparison>),
    /// Of [`LabJob::Calibrate`].
    Calibrate(Box<Calibration>),
    /// Of [`LabJob::Sweep`] without a split.
    Sweep(Box<Grid>),
    /// Of [`LabJob::Sweep`] with a split.
    Holdout(Box<Holdout>),
}

/// Why a job has no result.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobError {
    /// A policy is out of range.
    #[error("invalid policy: {field}: {problem}")]
    Policy {
        /// The field, as it is named in a policy file.
        field: String,
        /// What is wrong and what is allowed.
        problem: String,
    },
    /// A sweep is out of range.
    #[error("invalid map: {field}: {problem}")]
    Sweep {
        /// The field, as it is named in a sweep.
        field: String,
        /// What is wrong and what is allowed.
        problem: String,
    },
    /// The table has no domain at that position.
    #[error("this domain is not in the traffic")]
    NoSuchDomain,
    /// No traffic is loaded.
    #[error("no traffic is loaded")]
    NoTraffic,
    /// The caller stopped it.
    #[error("stopped")]
    Stopped,
    /// The worker panicked: a bug of this program.
    #[error("the calculation failed: {0}")]
    Broken(String),
}

impl From<InvalidPolicy> for JobError {
    fn from(invalid: InvalidPolicy) -> Self {
        Self::Policy {
            field: invalid.field.to_owned(),
            problem: invalid.problem,
        }
    }
}

impl From<InvalidSweep> for JobError {
    fn from(invalid: InvalidSweep) -> Self {
        Self::Sweep {
            field: invalid.field.to_owned(),
            problem: invalid.problem,
        }
    }
}

impl From<SweepError> for JobError {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::Invalid(invalid) => invalid.into(),
            SweepError::Stopped => Self::Stopped,
        }
    }
}
