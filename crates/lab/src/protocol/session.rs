//! The worker's end of the protocol: it builds a table from chunks, passes queries to the job runner and returns its
//! events.

use super::message::{FromLab, ToLab, TrafficChunk, TrafficHeader};
use crate::jobs::{JobEvent, JobRequest, JobRunner};
use poolkeeper_core::traffic::Table;
use std::sync::Arc;

/// Progress is reported at most once in this interval.
const BETWEEN_PROGRESS_MS: f64 = 50.0;

/// A worker's job runner, and the incoming traffic.
#[derive(Default)]
pub struct WorkerSession {
    runner: JobRunner,
    incoming: Option<IncomingTraffic>,
    /// When progress was last reported, or when the query began.
    reported_ms: Option<f64>,
}

struct IncomingTraffic {
    header: TrafficHeader,
    table: Table,
}

impl IncomingTraffic {
    fn is_complete(&self) -> bool {
        self.table.domains().len() >= self.header.domains
    }
}

impl WorkerSession {
    /// Whether there is something to do.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.runner.is_busy()
    }

    /// Handles a message; returns the answers, in order.
    pub fn handle(&mut self, message: ToLab) -> Vec<FromLab> {
        let stopped = match message {
            ToLab::Open(header) => {
                let stopped = self.runner.handle(JobRequest::Stop);
                // Free the old traffic before the new one is allocated.
                self.runner = JobRunner::default();
                self.open(header);
                stopped
            }
            ToLab::Chunk(chunk) => {
                let load = chunk.load;
                self.add(chunk);
                return vec![FromLab::Received { load }];
            }
            ToLab::Run { id, job } => self.runner.handle(JobRequest::Run { id, job }),
            ToLab::Stop => self.runner.handle(JobRequest::Stop),
        };
        self.reported_ms = None;
        stopped.into_iter().map(FromLab::Answer).collect()
    }

    /// Works for a few milliseconds. Results are always reported, progress only at intervals, because messages take
    /// time.
    pub fn work(&mut self, now_ms: f64) -> Option<FromLab> {
        let answer = self.runner.work()?;
        if let JobEvent::Progress(..) = answer {
            let reported_ms = *self.reported_ms.get_or_insert(now_ms);
            if now_ms - reported_ms < BETWEEN_PROGRESS_MS {
                return None;
            }
            self.reported_ms = Some(now_ms);
        }
        Some(FromLab::Answer(answer))
    }

    fn open(&mut self, header: TrafficHeader) {
        let accounts = header.accounts.clone();
        let mut table = Table::empty(header.first_day, header.day_count, accounts, Vec::new());
        table.reserve(header.domains);
        self.load_if_complete(IncomingTraffic { header, table });
    }

    fn add(&mut self, chunk: TrafficChunk) {
        let Some(mut incoming) = self.incoming.take_if(|incoming| incoming.header.load == chunk.load) else {
            return;
        };
        // A chunk that does not fit belongs to another load. Skip it; this load then never completes.
        if chunk.append_to(&mut incoming.table).is_ok() {
            self.load_if_complete(incoming);
        }
    }

    fn load_if_complete(&mut self, incoming: IncomingTraffic) {
        if !incoming.is_complete() {
            self.incoming = Some(incoming);
            return;
        }
        self.runner.handle(JobRequest::Load {
            table: Arc::new(incoming.table),
            timeline: incoming.header.timeline,
        });
    }
}
