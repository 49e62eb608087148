//! Uploads to one worker, with back-pressure: traffic in chunks, then the latest query about it.

use super::message::{ToLab, TrafficChunk, TrafficHeader};
use crate::jobs::{LabJob, QueryId};
use crate::timeline::Timeline;
use poolkeeper_core::traffic::Table;
use std::ops::Range;
use std::sync::Arc;

/// Domain-days per chunk, of 16 bytes each. A chunk takes the page about a millisecond.
const CELLS_PER_CHUNK: usize = 1 << 16;

/// Unacknowledged chunks: the worker reads one while the next is on its way.
const MAX_IN_FLIGHT: usize = 2;

/// Some of a table's domains, for one worker.
#[derive(Clone, Debug)]
pub struct UploadRange {
    /// The table.
    pub table: Arc<Table>,
    /// The enrolments and overrides of its domains.
    pub timeline: Option<Arc<Timeline>>,
    /// The domains, by position.
    pub domains: Range<usize>,
}

impl UploadRange {
    /// These domains as a table of their own.
    #[must_use]
    pub fn to_table(&self) -> Arc<Table> {
        if self.domains == (0..self.table.domains().len()) {
            return Arc::clone(&self.table);
        }
        // A range outside the table has no domains.
        self.table.part(self.domains.clone()).map_or_else(
            || {
                let (first_day, day_count) = (self.table.first_day(), self.table.day_count());
                Arc::new(Table::empty(first_day, day_count, Vec::new(), Vec::new()))
            },
            Arc::new,
        )
    }
}

/// The messages for one worker.
///
/// Each method returns the messages to send now, in order. Nothing is sent before the worker [is
/// ready](Self::on_ready), and no query before its traffic.
#[derive(Debug, Default)]
pub struct Upload {
    is_ready: bool,
    load_id: u64,
    load: Option<UploadRange>,
    /// The first domain not sent yet.
    next: usize,
    in_flight: usize,
    pending: Option<(QueryId, LabJob)>,
}

impl Upload {
    /// Call when the worker has started.
    pub fn on_ready(&mut self) -> Vec<ToLab> {
        self.is_ready = true;
        self.open()
    }

    /// Replaces the traffic; drops the pending query about the old one.
    pub fn load(&mut self, load: UploadRange) -> Vec<ToLab> {
        self.load_id += 1;
        self.load = Some(load);
        self.pending = None;
        self.open()
    }

    /// Call when the worker has received a chunk of this load.
    pub fn ack(&mut self, load: u64) -> Vec<ToLab> {
        if load != self.load_id {
            return Vec::new();
        }
        self.in_flight = self.in_flight.saturating_sub(1);
        self.send_more()
    }

    /// Sends a query; replaces the pending one.
    pub fn query(&mut self, id: QueryId, job: LabJob) -> Vec<ToLab> {
        self.pending = Some((id, job));
        self.send_more()
    }

    /// Stops the query, sent or pending.
    pub fn stop(&mut self) -> Vec<ToLab> {
        let was_sent = self.pending.take().is_none() && self.is_ready;
        if was_sent { vec![ToLab::Stop] } else { Vec::new() }
    }

    /// Call when the worker has failed. Nothing is sent until another is ready.
    pub fn on_lost(&mut self) {
        self.is_ready = false;
    }

    /// Takes the undelivered traffic and query, if the worker never started.
    pub fn take_pending(&mut self) -> (Option<UploadRange>, Option<(QueryId, LabJob)>) {
        (self.load.take(), self.pending.take())
    }

    fn open(&mut self) -> Vec<ToLab> {
        let Some(load) = self.load.as_ref().filter(|_| self.is_ready) else {
            return Vec::new();
        };
        self.next = load.domains.start;
        self.in_flight = 0;
        let table = &load.table;
        let header = ToLab::Open(TrafficHeader {
            load: self.load_id,
            first_day: table.first_day(),
            day_count: table.day_count(),
            accounts: table.accounts.clone(),
            domains: load.domains.len(),
            timeline: load.timeline.clone(),
        });
        let mut messages = vec![header];
        messages.extend(self.send_more());
        messages
    }

    fn send_more(&mut self) -> Vec<ToLab> {
        let mut messages = Vec::new();
        if !self.is_ready {
            return messages;
        }
        if let Some(load) = &self.load {
            let chunk_domains = (CELLS_PER_CHUNK / (load.table.day_count() as usize).max(1)).max(1);
            while self.next < load.domains.end && self.in_flight < MAX_IN_FLIGHT {
                let domains = self.next..load.domains.end.min(self.next.saturating_add(chunk_domains));
                self.next = domains.end;
                self.in_flight += 1;
                messages.extend(TrafficChunk::of(self.load_id, &load.table, domains).map(ToLab::Chunk));
            }
            if self.next < load.domains.end {
                return messages;
            }
        }
        if let Some((id, job)) = self.pending.take() {
            messages.push(ToLab::Run { id, job });
        }
        messages
    }
}
