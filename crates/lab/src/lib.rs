//! The what-if lab: what would another policy, or ten thousand others, have done to this traffic?
//!
//! Plain functions over a [`Table`](poolkeeper_core::traffic::Table), the same natively, in a worker and inline:
//!
//! - [`coverage`](fn@coverage) says what the traffic holds and lacks;
//! - [`backtest`](fn@backtest) replays a policy over it, exactly as the simulator's checks would have run;
//! - [`compare`](fn@compare) sets two backtests side by side, and [`findings`](fn@findings) says in sentences what differs;
//! - [`domain_view`] shows one domain under both, and [`ways`](fn@ways) what would have changed its verdict;
//! - [`calibrate`](calibrate::calibrate) bounds the service's unpublished thresholds by what an account shows;
//! - [`Lab`] does these as [`LabJob`]s, in steps, with progress and a way to stop, and keeps what it can reuse;
//! - [`JobRunner`] is what a worker holds: messages in and out, the newest job wins;
//! - [`report`] keeps a result as JSON, HTML and CSV;
//! - [`sweep`] does so for a whole grid of policies at once.
//!
//! Two conventions hold everywhere. **Days**: a day counts for the band the day *ends* in, after its check. **Messages**:
//! a day's processed messages count for the band the domain was in *before* that day's check, because that is the pool
//! they left from.

mod backtest;
mod backtesting;
pub mod calibrate;
mod capacity;
mod compare;
mod counterfactual;
mod coverage;
mod demotion_filter;
mod divergence;
mod domain;
mod findings;
mod job;
mod job_runner;
mod kernel;
mod lab;
mod number_format;
pub(crate) mod pod_serde;
pub mod protocol;
mod replay;
pub mod report;
pub mod sweep;
mod sweeping;
mod threads;
mod timeline;
mod window;

pub use backtest::{Backtest, BacktestTotals, BandMove, Cause, Deciding, DomainResult, FLAP_DAYS};
pub use backtesting::{BacktestRun, Overrides, ReplayData, ReplayOptions, backtest, backtest_domains};
pub use capacity::{IpCapacity, PoolLoad, pool_loads};
pub use compare::{Comparison, DomainsAndMail, PolicyResult, Side, Summary, TransitionMatrix, compare};
pub use counterfactual::{CleanDays, Counterfactuals, FewerEventsNeeded, ThresholdChange, ways};
pub use coverage::{Coverage, coverage};
pub use divergence::{AffectedDomain, DecisionMargin, LatestCheck, SideAtDivergence};
pub use domain::{DomainComparison, DomainDay, PolicyDay, domain_view};
pub use findings::{FEW_COMPLAINTS, Finding, findings};
pub use job::{ComparisonReport, JobError, JobProgress, JobResult, JobStage, LabJob};
pub use job_runner::{JobEvent, JobRequest, JobRunner, QueryId};
pub use lab::{Lab, OnProgress, RunningJob};
pub use poolkeeper_simulator::sim::PerBand;
pub use timeline::{Timeline, TimelineEvent, TimelineEventKind};
