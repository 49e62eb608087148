//! Jobs: every question as plain data, done in steps with progress and a way to stop, and what can be reused kept.

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
