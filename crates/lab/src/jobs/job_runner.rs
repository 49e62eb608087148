//! A cooperative job runner: requests in, events out, one job at a time. The newest job wins.
//!
//! It needs neither a worker nor a clock. Its owner passes requests to it and calls [`JobRunner::work`], which takes a
//! few milliseconds. Between calls the owner looks for new requests.

use super::engine::{Lab, RunningJob};
use super::job::{JobError, JobProgress, JobResult, LabJob};
use crate::timeline::Timeline;
use poolkeeper_core::traffic::Table;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Matches an answer to its query. The caller counts up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QueryId(pub u64);

/// A request to the runner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum JobRequest {
    /// Replace the traffic. Stops the current job.
    Load {
        /// The traffic.
        table: Arc<Table>,
        /// The enrolments and overrides.
        timeline: Option<Arc<Timeline>>,
    },
    /// Run this job instead of the current one.
    Run {
        /// Identifies the answer.
        id: QueryId,
        /// The job.
        job: LabJob,
    },
    /// Stop the current job.
    Stop,
}

/// An event of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum JobEvent {
    /// A job's progress.
    Progress(QueryId, JobProgress),
    /// A job's end. A job that was stopped, by a newer one or by [`JobRequest::Stop`], ends in [`JobError::Stopped`].
    Done(QueryId, Result<JobResult, JobError>),
}

/// A lab and its current job.
#[derive(Default)]
pub struct JobRunner {
    lab: Lab,
    has_traffic: bool,
    job: Option<(QueryId, LabJob)>,
    running: Option<(QueryId, RunningJob)>,
}

impl JobRunner {
    /// Whether there is a job.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.running.is_some() || self.job.is_some()
    }

    /// Handles a request. Returns the event of the job that it stopped, if any.
    pub fn handle(&mut self, request: JobRequest) -> Option<JobEvent> {
        let running = self.running.take().map(|(id, _)| id);
        let stopped = running.or(self.job.take().map(|(id, _)| id));
        match request {
            JobRequest::Load { table, timeline } => {
                self.lab = Lab::new(table, timeline);
                self.has_traffic = true;
            }
            JobRequest::Run { id, job } => self.job = Some((id, job)),
            JobRequest::Stop => {}
        }
        stopped.map(|id| JobEvent::Done(id, Err(JobError::Stopped)))
    }

    /// Works for a few milliseconds. Returns the job's progress or end; `None` when there is no job.
    pub fn work(&mut self) -> Option<JobEvent> {
        if let Some((id, job)) = self.job.take() {
            if !self.has_traffic && job.needs_traffic() {
                return Some(JobEvent::Done(id, Err(JobError::NoTraffic)));
            }
            self.running = Some((id, self.lab.start(job)));
        }
        let (id, running) = self.running.as_mut()?;
        let id = *id;
        match self.lab.step(running) {
            Ok(None) => Some(JobEvent::Progress(id, running.progress())),
            Ok(Some(result)) => {
                self.running = None;
                Some(JobEvent::Done(id, Ok(result)))
            }
            Err(error) => {
                self.running = None;
                Some(JobEvent::Done(id, Err(error)))
            }
        }
    }
}
