//! What goes to one worker, and when: traffic in parts, then the latest question about it.

use super::message::{ToLab, TrafficChunk, TrafficHeader};
use crate::{LabJob, QueryId, Timeline};
use poolkeeper_core::traffic::Table;
use std::ops::Range;
use std::sync::Arc;

/// Domain-days in a part, of 16 bytes each: a part takes the page about a millisecond.
const CELLS_PER_PART: usize = 1 << 16;

/// Parts on their way at a time: while the worker takes one, the next is on its way.
const PARTS_AHEAD: usize = 2;

/// Some of a table's domains, for one worker.
#[derive(Clone, Debug)]
pub struct UploadRange {
    /// The table.
    pub table: Arc<Table>,
    /// What people did to its domains meanwhile.
    pub timeline: Option<Arc<Timeline>>,
    /// The domains, by position.
    pub domains: Range<usize>,
}

impl UploadRange {
    /// The domains alone, as a table.
    #[must_use]
    pub fn part(&self) -> Arc<Table> {
        if self.domains == (0..self.table.domains().len()) {
            return Arc::clone(&self.table);
        }
        // Domains that the table does not have are no domains.
        self.table.part(self.domains.clone()).map_or_else(
            || {
                let (first_day, day_count) = (self.table.first_day(), self.table.day_count());
                Arc::new(Table::empty(first_day, day_count, Vec::new(), Vec::new()))
            },
            Arc::new,
        )
    }
}

/// What goes to one worker.
///
/// Each method gives the messages to send now, in order. Nothing is sent before the worker [is ready](Outbox::ready), and
/// no question before its traffic.
#[derive(Debug, Default)]
pub struct Upload {
    is_ready: bool,
    loads: u64,
    load: Option<UploadRange>,
    /// The first domain that was not sent yet.
    next: usize,
    on_the_way: usize,
    question: Option<(QueryId, LabJob)>,
}

impl Upload {
    /// The worker runs.
    pub fn ready(&mut self) -> Vec<ToLab> {
        self.is_ready = true;
        self.open()
    }

    /// Other traffic from now on. A question about what there was is forgotten.
    pub fn load(&mut self, load: UploadRange) -> Vec<ToLab> {
        self.loads += 1;
        self.load = Some(load);
        self.question = None;
        self.open()
    }

    /// A part of this load has arrived.
    pub fn taken(&mut self, load: u64) -> Vec<ToLab> {
        if load != self.loads {
            return Vec::new();
        }
        self.on_the_way = self.on_the_way.saturating_sub(1);
        self.go_on()
    }

    /// Asks, instead of whatever was asked before.
    pub fn ask(&mut self, ticket: QueryId, job: LabJob) -> Vec<ToLab> {
        self.question = Some((ticket, job));
        self.go_on()
    }

    /// The answer is wanted no more.
    pub fn stop(&mut self) -> Vec<ToLab> {
        let was_sent = self.question.take().is_none() && self.is_ready;
        if was_sent { vec![ToLab::Stop] } else { Vec::new() }
    }

    /// The worker is gone; another one has to get ready.
    pub fn lost(&mut self) {
        self.is_ready = false;
    }

    /// What a worker that never came would have got.
    pub fn undelivered(&mut self) -> (Option<UploadRange>, Option<(QueryId, LabJob)>) {
        (self.load.take(), self.question.take())
    }

    fn open(&mut self) -> Vec<ToLab> {
        let Some(load) = self.load.as_ref().filter(|_| self.is_ready) else {
            return Vec::new();
        };
        self.next = load.domains.start;
        self.on_the_way = 0;
        let table = &load.table;
        let opening = ToLab::Open(TrafficHeader {
            load: self.loads,
            first_day: table.first_day(),
            day_count: table.day_count(),
            accounts: table.accounts.clone(),
            domains: load.domains.len(),
            timeline: load.timeline.clone(),
        });
        let mut messages = vec![opening];
        messages.extend(self.go_on());
        messages
    }

    fn go_on(&mut self) -> Vec<ToLab> {
        let mut messages = Vec::new();
        if !self.is_ready {
            return messages;
        }
        if let Some(load) = &self.load {
            let each = (CELLS_PER_PART / (load.table.day_count() as usize).max(1)).max(1);
            while self.next < load.domains.end && self.on_the_way < PARTS_AHEAD {
                let domains = self.next..load.domains.end.min(self.next.saturating_add(each));
                self.next = domains.end;
                self.on_the_way += 1;
                messages.extend(TrafficChunk::of(self.loads, &load.table, domains).map(ToLab::Part));
            }
            if self.next < load.domains.end {
                return messages;
            }
        }
        if let Some((ticket, job)) = self.question.take() {
            messages.push(ToLab::Do { ticket, job });
        }
        messages
    }
}
