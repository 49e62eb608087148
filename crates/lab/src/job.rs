//! Jobs: what a page or a command line asks of the [lab](super::Lab), how far it is, and what comes of it.
//!
//! All of it is plain data that serde takes apart and puts together again, so that it passes between a page and a worker.

use super::PerBand;
use super::backtesting::ReplayOptions;
use super::calibrate::{Assumptions, Calibration, Observations};
use super::capacity::{IpCapacity, PoolLoad};
use super::compare::{Comparison, Summary};
use super::coverage::Coverage;
use super::domain::DomainComparison;
use super::findings::Finding;
use super::sweep::{Grid, Holdout, InvalidSweep, Sweep, SweepError};
use poolkeeper_core::health::{InvalidPolicy, Policy};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use thiserror::Error;

/// Something to find out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabJob {
    /// What the traffic holds and lacks.
    Coverage,
    /// The [digest](super::report::digest) of the traffic, for a report.
    Digest,
    /// What one policy would have done.
    Backtest {
        /// The policy.
        policy: Policy,
        /// How to replay it.
        options: ReplayOptions,
    },
    /// What moves between two policies.
    Compare {
        /// The current policy.
        a: Policy,
        /// The draft.
        b: Policy,
        /// How to replay them.
        options: ReplayOptions,
        /// The IPs to carry the mail, if that is asked.
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
    /// What an account shows about its policy.
    Calibrate {
        /// What it shows.
        observations: Box<Observations>,
        /// What to assume.
        assumptions: Assumptions,
    },
    /// What every policy of a grid would have done. Here every domain is enrolled from the first day, as new, and none is
    /// pinned: enrolments and overrides are left out.
    Sweep {
        /// The grid, and what to count.
        sweep: Box<Sweep>,
        /// The current policy, for the outcome "ends differ" alone.
        a: Option<Policy>,
        /// A day, as a position from the table's first: count what comes before it and what comes from it on apart.
        split_day: Option<u32>,
        /// Only the domains at these positions, for several workers that share the work; `None` for all. Their
        /// [parts](super::sweep::Partial::merge) add up.
        domains: Option<Range<u32>>,
    },
}

impl LabJob {
    /// Whether it is about traffic; a calibration is about observations alone.
    #[must_use]
    pub const fn needs_traffic(&self) -> bool {
        !matches!(self, Self::Calibrate { .. })
    }
}

/// What a job is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStage {
    /// Going through the traffic.
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

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct JobProgress {
    /// What it is busy with.
    pub stage: JobStage,
    /// Steps done, over all stages: mostly domains. Never fewer than before.
    pub done: u64,
    /// Steps in all; the same from the start to the end of a job.
    pub total: u64,
}

/// What moves between A and B, with everything shown beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonReport {
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
pub enum JobResult {
    /// Of [`Job::Coverage`].
    Coverage(Coverage),
    /// Of [`Job::Digest`].
    Digest(String),
    /// Of [`Job::Backtest`].
    Backtest(Box<Summary>),
    /// Of [`Job::Compare`].
    Compare(Box<ComparisonReport>),
    /// Of [`Job::Domain`].
    Domain(Box<DomainComparison>),
    /// Of [`Job::Calibrate`].
    Calibrate(Box<Calibration>),
    /// Of [`Job::Sweep`] without a split.
    Sweep(Box<Grid>),
    /// Of [`Job::Sweep`] with a split.
    Holdout(Box<Holdout>),
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
    /// A sweep makes no sense.
    #[error("the sweep makes no sense: {field}: {problem}")]
    Sweep {
        /// The field, as it is named in a sweep.
        field: String,
        /// What is wrong and what would do.
        problem: String,
    },
    /// The table has no domain at that position.
    #[error("there is no such domain in this traffic")]
    NoSuchDomain,
    /// There is no traffic to look at.
    #[error("there is no traffic yet")]
    NoTraffic,
    /// Whoever asked wants it no more.
    #[error("stopped")]
    Stopped,
    /// Whoever did it broke down over it: a mistake of this program.
    #[error("the lab broke down over this: {0}")]
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
