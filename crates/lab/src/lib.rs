//! The what-if lab: replays other policies, one or ten thousand, over past traffic.
//!
//! These are plain functions over a [`Table`](poolkeeper_core::traffic::Table), which run natively, in a worker and
//! inline:
//!
//! - [`coverage`](fn@coverage) counts the domains and days with and without data;
//! - [`backtest`](fn@backtest) replays a policy, exactly as the simulator's checks would have run;
//! - [`compare`](fn@compare) compares two backtests, and [`findings`](fn@findings) lists the differences in sentences;
//! - [`domain_view`] shows one domain under both policies, and [`counterfactuals`] what would have changed its verdict;
//! - [`approach`](fn@approach) says when a domain moves if it goes on as in its latest days;
//! - [`PoorCause`] names the day that did it;
//! - [`calibrate`](calibrate::calibrate) estimates the service's unpublished thresholds from an account's data;
//! - [`sweep`](sweep::sweep) replays a whole grid of policies at once;
//! - [`report`] writes a result as JSON, HTML and CSV;
//! - [`Lab`] runs these as [`LabJob`]s, in steps, with progress and cancellation, and caches what it can reuse;
//! - [`JobRunner`] runs jobs by messages; the newest job wins. [`protocol`] carries its messages to and from a worker.
//!
//! Two conventions hold everywhere. **Days**: a day counts for the band the day *ends* in, after its check.
//! **Messages**: a day's processed messages count for the band *before* that day's check, because they were sent from
//! that pool.

mod approach;
mod backtest;
pub mod calibrate;
mod compare;
mod counterfactual;
mod coverage;
mod digest;
mod jobs;
mod pod_serde;
mod poor_cause;
pub mod protocol;
pub mod report;
pub mod sweep;
mod threads;
mod timeline;
mod window;

pub use approach::{Approach, PRESENT_DAYS, approach, clean_days_to_good};
pub use backtest::{
    Backtest, BacktestRun, BacktestTotals, BandMove, Cause, Deciding, DomainResult, FLAP_DAYS, Overrides, ReplayData,
    ReplayOptions, backtest, backtest_domains, startup_days,
};
pub use compare::{
    AffectedDomain, Comparison, ComparisonReport, DecisionMargin, DomainComparison, DomainDay, DomainsAndMail,
    FEW_COMPLAINTS, Finding, IpCapacity, LatestCheck, PolicyDay, PolicyResult, PoolLoad, Side, SideAtDivergence,
    Summary, TransitionMatrix, compare, domain_view, findings, pool_loads,
};
pub use counterfactual::{CleanDays, Counterfactuals, FewerEventsNeeded, ThresholdChange, counterfactuals};
pub use coverage::{Coverage, coverage};
pub use jobs::{
    JobError, JobEvent, JobProgress, JobRequest, JobResult, JobRunner, JobStage, Lab, LabJob, OnProgress, QueryId,
    RunningJob,
};
pub use poolkeeper_simulator::sim::PerBand;
pub use poor_cause::PoorCause;
pub use timeline::{Timeline, TimelineEvent, TimelineEventKind};
