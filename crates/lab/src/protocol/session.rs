//! A worker's end: parts become a table, questions go to the desk, and what it says comes back, not too often.

use super::message::{FromLab, ToLab, TrafficChunk, TrafficHeader};
use crate::{JobEvent, JobRequest, JobRunner};
use poolkeeper_core::traffic::Table;
use std::sync::Arc;

/// Progress is told at most once in so many milliseconds.
const BETWEEN_PROGRESS_MS: f64 = 50.0;

/// A worker's desk, and the traffic that is arriving.
#[derive(Default)]
pub struct WorkerSession {
    desk: JobRunner,
    arriving: Option<IncomingTraffic>,
    /// When progress was told last, or else when the question at hand was begun.
    told_ms: Option<f64>,
}

struct IncomingTraffic {
    opening: TrafficHeader,
    table: Table,
}

impl IncomingTraffic {
    fn is_whole(&self) -> bool {
        self.table.domains().len() >= self.opening.domains
    }
}

impl WorkerSession {
    /// Whether there is something to do.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.desk.is_busy()
    }

    /// Takes a message; the answers to it, in order.
    pub fn take(&mut self, message: ToLab) -> Vec<FromLab> {
        let stopped = match message {
            ToLab::Open(opening) => {
                let stopped = self.desk.take(JobRequest::Stop);
                // The traffic that was at hand makes room first.
                self.desk = JobRunner::default();
                self.open(opening);
                stopped
            }
            ToLab::Part(part) => {
                let load = part.load;
                self.add(part);
                return vec![FromLab::Taken { load }];
            }
            ToLab::Do { ticket, job } => self.desk.take(JobRequest::Do { ticket, job }),
            ToLab::Stop => self.desk.take(JobRequest::Stop),
        };
        self.told_ms = None;
        stopped.into_iter().map(FromLab::Answer).collect()
    }

    /// Works for a few milliseconds. An end is always told; progress now and again, so that short work is not held up by it.
    pub fn work(&mut self, now_ms: f64) -> Option<FromLab> {
        let answer = self.desk.work()?;
        if let JobEvent::Progress(..) = answer {
            let told_ms = *self.told_ms.get_or_insert(now_ms);
            if now_ms - told_ms < BETWEEN_PROGRESS_MS {
                return None;
            }
            self.told_ms = Some(now_ms);
        }
        Some(FromLab::Answer(answer))
    }

    fn open(&mut self, opening: TrafficHeader) {
        let accounts = opening.accounts.clone();
        let mut table = Table::empty(opening.first_day, opening.day_count, accounts, Vec::new());
        table.reserve(opening.domains);
        self.settle(IncomingTraffic { opening, table });
    }

    fn add(&mut self, part: TrafficChunk) {
        let Some(mut arriving) = self.arriving.take_if(|arriving| arriving.opening.load == part.load) else {
            return;
        };
        // A part of other days would be of another load: without it the traffic never gets whole.
        if part.append_to(&mut arriving.table).is_ok() {
            self.settle(arriving);
        }
    }

    fn settle(&mut self, arriving: IncomingTraffic) {
        if !arriving.is_whole() {
            self.arriving = Some(arriving);
            return;
        }
        self.desk.take(JobRequest::Load {
            table: Arc::new(arriving.table),
            timeline: arriving.opening.timeline,
        });
    }
}
