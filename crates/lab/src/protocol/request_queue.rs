//! Whose turn it is where several seats ask one worker.
//!
//! A seat's newer question takes the older one's place. If the older one has just begun it may still end: else a seat that
//! asks at every move of a slider would hear nothing before the slider rests. One that takes long is stopped at once.

use crate::{LabJob, QueryId};
use std::collections::VecDeque;

/// Milliseconds from its start that a question may take whatever its seat asks meanwhile.
const LEAST_MS: f64 = 60.0;

/// Milliseconds that a question under way may go on, at most, after its seat has asked another one.
const GRACE_MS: f64 = 40.0;

/// A seat's question.
#[derive(Clone, Debug, PartialEq)]
pub struct QueuedQuery<S> {
    /// Who asks.
    pub seat: S,
    /// For the answer.
    pub ticket: QueryId,
    /// What is asked.
    pub job: LabJob,
}

/// Questions in the order of their turn: one under way, the others waiting. Each seat has one at most.
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
    /// A seat asks. Its older question is dropped if it waits; the newer one waits behind the other seats'. If the older one
    /// is under way and that is news: its ticket, and the milliseconds after which it has to be [dropped](Line::hurry).
    pub fn ask(&mut self, seat: S, job: LabJob, now_ms: f64) -> Option<(QueryId, f64)> {
        self.waiting.retain(|question| question.seat != seat);
        self.last.0 += 1;
        self.waiting.push_back(QueuedQuery {
            seat,
            ticket: self.last,
            job,
        });
        let older = self.under_way.as_ref().filter(|question| question.seat == seat)?;
        let was_outdated = std::mem::replace(&mut self.is_outdated, true);
        let grace_ms = (self.started_ms + LEAST_MS - now_ms).clamp(0.0, GRACE_MS);
        (!was_outdated).then_some((older.ticket, grace_ms))
    }

    /// Drops the question with this ticket, if it is still under way. Whether it was.
    pub fn hurry(&mut self, ticket: QueryId) -> bool {
        self.end(ticket).is_some()
    }

    /// Drops a seat's question. Whether it was under way.
    pub fn stop(&mut self, seat: S) -> bool {
        self.waiting.retain(|question| question.seat != seat);
        self.under_way.take_if(|question| question.seat == seat).is_some()
    }

    /// Drops every question.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.under_way = None;
    }

    /// The question whose turn it is, if none is under way: from now on it is.
    pub fn take_turn(&mut self, now_ms: f64) -> Option<(QueryId, LabJob)> {
        if self.under_way.is_some() {
            return None;
        }
        self.under_way = self.waiting.pop_front();
        (self.started_ms, self.is_outdated) = (now_ms, false);
        let question = self.under_way.as_ref()?;
        Some((question.ticket, question.job.clone()))
    }

    /// Who waits for the answer with this ticket; nobody when it is not under way (any more).
    #[must_use]
    pub fn seat_of(&self, ticket: QueryId) -> Option<S> {
        let question = self.under_way.as_ref().filter(|question| question.ticket == ticket)?;
        Some(question.seat)
    }

    /// Ends the question under way, if it has this ticket.
    pub fn end(&mut self, ticket: QueryId) -> Option<QueuedQuery<S>> {
        self.under_way.take_if(|question| question.ticket == ticket)
    }
}
