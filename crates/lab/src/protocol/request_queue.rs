//! The queue of one worker's queries. Each client slot has one: its newest.
//!
//! A newer query replaces the slot's older one. A query that has just begun may still end; otherwise a slot that asks at
//! every move of a slider would get no result until the slider rests. A query that has run for long is stopped at once.

use crate::jobs::{LabJob, QueryId};
use std::collections::VecDeque;

/// A query may run this many milliseconds from its start, even once it is outdated.
const LEAST_MS: f64 = 60.0;

/// An outdated query may go on for this many milliseconds at most.
const GRACE_MS: f64 = 40.0;

/// A slot's query.
#[derive(Clone, Debug, PartialEq)]
pub struct QueuedQuery<S> {
    /// The client slot that asks.
    pub slot: S,
    /// Identifies the answer.
    pub id: QueryId,
    /// What it asks.
    pub job: LabJob,
}

/// Queries in the order they run: one under way, the others waiting. Each slot has at most one of each.
#[derive(Debug)]
pub struct RequestQueue<S> {
    waiting: VecDeque<QueuedQuery<S>>,
    under_way: Option<QueuedQuery<S>>,
    started_ms: f64,
    is_outdated: bool,
    last: QueryId,
}

impl<S> Default for RequestQueue<S> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            under_way: None,
            started_ms: 0.0,
            is_outdated: false,
            last: QueryId::default(),
        }
    }
}

impl<S: Copy + PartialEq> RequestQueue<S> {
    /// Adds a slot's query behind the other slots'. Its older one is dropped if it waits. If its older one is under way and
    /// was not outdated before: that one's id, and the milliseconds after which to [expire](Self::expire) it.
    pub fn ask(&mut self, slot: S, job: LabJob, now_ms: f64) -> Option<(QueryId, f64)> {
        self.waiting.retain(|query| query.slot != slot);
        self.last.0 += 1;
        self.waiting.push_back(QueuedQuery {
            slot,
            id: self.last,
            job,
        });
        let older = self.under_way.as_ref().filter(|query| query.slot == slot)?;
        let was_outdated = std::mem::replace(&mut self.is_outdated, true);
        let grace_ms = (self.started_ms + LEAST_MS - now_ms).clamp(0.0, GRACE_MS);
        (!was_outdated).then_some((older.id, grace_ms))
    }

    /// Drops the query under way, if it has this id. Whether it did.
    pub fn expire(&mut self, id: QueryId) -> bool {
        self.finish(id).is_some()
    }

    /// Drops a slot's queries. Whether one was under way.
    pub fn stop(&mut self, slot: S) -> bool {
        self.waiting.retain(|query| query.slot != slot);
        self.under_way.take_if(|query| query.slot == slot).is_some()
    }

    /// Drops every query.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.under_way = None;
    }

    /// Starts the next query, if none is under way.
    pub fn start_next(&mut self, now_ms: f64) -> Option<(QueryId, LabJob)> {
        if self.under_way.is_some() {
            return None;
        }
        self.under_way = self.waiting.pop_front();
        (self.started_ms, self.is_outdated) = (now_ms, false);
        let query = self.under_way.as_ref()?;
        Some((query.id, query.job.clone()))
    }

    /// The slot that waits for this answer; `None` where the query is not under way.
    #[must_use]
    pub fn slot_of(&self, id: QueryId) -> Option<S> {
        let query = self.under_way.as_ref().filter(|query| query.id == id)?;
        Some(query.slot)
    }

    /// Ends the query under way, if it has this id.
    pub fn finish(&mut self, id: QueryId) -> Option<QueuedQuery<S>> {
        self.under_way.take_if(|query| query.id == id)
    }
}
