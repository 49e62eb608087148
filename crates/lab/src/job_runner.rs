//! A worker's desk: what comes in, what goes out, and which job is on it. The newest job wins.
//!
//! Neither a worker nor a clock is needed: whoever owns the desk hands it messages and lets it work step by step, each a few
//! milliseconds, looking for new messages in between.

use super::Timeline;
use super::job::{JobError, JobProgress, JobResult, LabJob};
use super::lab::{Lab, RunningJob};
use poolkeeper_core::traffic::Table;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Tells an answer what it answers: the asker counts up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QueryId(pub u64);

/// A message to the desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum JobRequest {
    /// Work on this traffic from now on. Stops the job at hand.
    Load {
        /// The traffic.
        table: Arc<Table>,
        /// What people did meanwhile.
        timeline: Option<Arc<Timeline>>,
    },
    /// Do this instead of whatever is being done.
    Do {
        /// For the answer.
        ticket: QueryId,
        /// What to do.
        job: LabJob,
    },
    /// Stop the job at hand.
    Stop,
}

/// A message from the desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum JobEvent {
    /// How far a job is.
    Progress(QueryId, JobProgress),
    /// A job's end. Jobs that were stopped, by a newer one or by [`Request::Stop`], end in [`JobError::Stopped`].
    Done(QueryId, Result<JobResult, JobError>),
}

/// The traffic, and the job at hand.
#[derive(Default)]
pub struct JobRunner {
    lab: Lab,
    has_traffic: bool,
    job: Option<(QueryId, LabJob)>,
    running: Option<(QueryId, RunningJob)>,
}

impl JobRunner {
    /// Whether there is something to do.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.running.is_some() || self.job.is_some()
    }

    /// Takes a message. The answer for the job it stopped, if it stopped one.
    pub fn take(&mut self, request: JobRequest) -> Option<JobEvent> {
        let running = self.running.take().map(|(ticket, _)| ticket);
        let stopped = running.or(self.job.take().map(|(ticket, _)| ticket));
        match request {
            JobRequest::Load { table, timeline } => {
                self.lab = Lab::new(table, timeline);
                self.has_traffic = true;
            }
            JobRequest::Do { ticket, job } => self.job = Some((ticket, job)),
            JobRequest::Stop => {}
        }
        stopped.map(|ticket| JobEvent::Done(ticket, Err(JobError::Stopped)))
    }

    /// Works for a few milliseconds and says how far it is; `None` when there is nothing to do.
    pub fn work(&mut self) -> Option<JobEvent> {
        if let Some((ticket, job)) = self.job.take() {
            if !self.has_traffic && job.needs_traffic() {
                return Some(JobEvent::Done(ticket, Err(JobError::NoTraffic)));
            }
            self.running = Some((ticket, self.lab.start(job)));
        }
        let (ticket, running) = self.running.as_mut()?;
        let ticket = *ticket;
        match self.lab.step(running) {
            Ok(None) => Some(JobEvent::Progress(ticket, running.progress())),
            Ok(Some(outcome)) => {
                self.running = None;
                Some(JobEvent::Done(ticket, Ok(outcome)))
            }
            Err(error) => {
                self.running = None;
                Some(JobEvent::Done(ticket, Err(error)))
            }
        }
    }
}
