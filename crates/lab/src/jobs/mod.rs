//! Jobs: each calculation as plain data, run in steps with progress and cancellation, with caches between jobs.

mod backtest_job;
mod compare_job;
mod coverage_job;
mod digest_job;
mod engine;
mod engine_traffic;
mod job;
mod job_report;
mod job_runner;
mod sweep_job;
mod window_cache;

pub use engine::{Lab, OnProgress, RunningJob};
pub use job::{JobError, JobProgress, JobResult, JobStage, LabJob};
pub use job_runner::{JobEvent, JobRequest, JobRunner, QueryId};
