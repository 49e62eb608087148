//! The queue of one worker's queries: the newest of each client slot.
//!
//! A newer query replaces the slot's older one. A query that has just started may still finish. Without this, a slot
//! that asks at every move of a slider would get no result until the slider rests. A query that has run for long is
//! stopped at once.

use crate::jobs::{LabJob, QueryId};
use std::collections::VecDeque;

/// A query may run for this long, even if it becomes outdated.
const MIN_RUN_MS: f64 = 60.0;

/// An outdated query may run for at most this long.
const GRACE_MS: f64 = 40.0;

/// A slot's query.
#[derive(Clone, Debug, PartialEq)]
pub struct QueuedQuery<S> {
    /// The client slot.
    pub slot: S,
    /// Identifies the answer.
    pub id: QueryId,
    /// The job.
    pub job: LabJob,
}

/// Queries in the order they run: one running, the others waiting. Each slot has at most one of each.
#[derive(Debug)]
pub struct RequestQueue<S> {
    waiting: VecDeque<QueuedQuery<S>>,
    running: Option<QueuedQuery<S>>,
    started_ms: f64,
    is_outdated: bool,
    last: QueryId,
}

impl<S> Default for RequestQueue<S> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            running: None,
            started_ms: 0.0,
            is_outdated: false,
            last: QueryId::default(),
        }
    }
}

impl<S: Copy + PartialEq> RequestQueue<S> {
    /// Adds a slot's query behind the other slots'. The slot's waiting query is dropped. If its running query becomes
    /// outdated, returns that query's id and the milliseconds after which to [expire](Self::expire) it.
    pub fn push(&mut self, slot: S, job: LabJob, now_ms: f64) -> Option<(QueryId, f64)> {
        self.waiting.retain(|query| query.slot != slot);
        self.last.0 += 1;
        self.waiting.push_back(QueuedQuery {
            slot,
            id: self.last,
            job,
        });
        let older = self.running.as_ref().filter(|query| query.slot == slot)?;
        let was_outdated = std::mem::replace(&mut self.is_outdated, true);
        let grace_ms = (self.started_ms + MIN_RUN_MS - now_ms).clamp(0.0, GRACE_MS);
        (!was_outdated).then_some((older.id, grace_ms))
    }

    /// Drops the running query if it has this id; returns whether it did.
    pub fn expire(&mut self, id: QueryId) -> bool {
        self.finish(id).is_some()
    }

    /// Drops a slot's queries; returns whether one was running.
    pub fn stop(&mut self, slot: S) -> bool {
        self.waiting.retain(|query| query.slot != slot);
        self.running.take_if(|query| query.slot == slot).is_some()
    }

    /// Drops every query.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.running = None;
    }

    /// Starts the next query, if none is running.
    pub fn start_next(&mut self, now_ms: f64) -> Option<(QueryId, LabJob)> {
        if self.running.is_some() {
            return None;
        }
        self.running = self.waiting.pop_front();
        (self.started_ms, self.is_outdated) = (now_ms, false);
        let query = self.running.as_ref()?;
        Some((query.id, query.job.clone()))
    }

    /// The slot that waits for this answer; `None` if the query is not running.
    #[must_use]
    pub fn slot_of(&self, id: QueryId) -> Option<S> {
        let query = self.running.as_ref().filter(|query| query.id == id)?;
        Some(query.slot)
    }

    /// Ends the running query if it has this id.
    pub fn finish(&mut self, id: QueryId) -> Option<QueuedQuery<S>> {
        self.running.take_if(|query| query.id == id)
    }
}
