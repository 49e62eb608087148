//! The what-if lab: what would another policy, or ten thousand others, have done to this traffic?
//!
//! Plain functions over a [`Table`](poolkeeper_core::traffic::Table), the same natively, in a worker and inline:
//!
//! - [`coverage`](fn@coverage) says what the traffic holds and lacks;
//! - [`backtest`](fn@backtest) replays a policy over it, exactly as the simulator's checks would have run;
//! - [`compare`](fn@compare) sets two backtests side by side, and [`findings`](fn@findings) says in sentences what differs;
//! - [`domain_view`] shows one domain under both, and [`counterfactuals`] what would have changed its verdict;
//! - [`calibrate`](calibrate::calibrate) bounds the service's unpublished thresholds by what an account shows;
//! - [`sweep`](sweep::sweep) replays a whole grid of policies at once;
//! - [`report`] keeps a result as JSON, HTML and CSV;
//! - [`Lab`] does these as [`LabJob`]s, in steps, with progress and a way to stop, and keeps what it can reuse;
//! - [`JobRunner`] runs jobs by messages; the newest job wins. [`protocol`] carries its messages to and from a worker.
//!
//! Two conventions hold everywhere. **Days**: a day counts for the band the day *ends* in, after its check. **Messages**:
//! a day's processed messages count for the band the domain was in *before* that day's check, because that is the pool
//! they left from.

mod backtest;
pub mod calibrate;
mod compare;
mod counterfactual;
mod coverage;
mod digest;
mod jobs;
mod pod_serde;
pub mod protocol;
pub mod report;
pub mod sweep;
mod threads;
mod timeline;
mod window;

pub use backtest::{
    Backtest, BacktestRun, BacktestTotals, BandMove, Cause, Deciding, DomainResult, FLAP_DAYS, Overrides, ReplayData,
    ReplayOptions, backtest, backtest_domains,
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
pub use timeline::{Timeline, TimelineEvent, TimelineEventKind};
