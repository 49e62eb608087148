//! The what-if lab as the pages see it: the traffic at hand, what was asked about it, and what came of it.

use crate::ingest;
use crate::whatif::report::Origin;
use crate::whatif::{Answer, Desk, Job, JobError, Outcome, Progress, Request, Ticket, Timeline};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;

use crate::traffic::Table;

/// Who asks. Each has one question at a time: a newer one takes the older one's place, whoever else is waiting goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seat {
    /// What the traffic holds.
    Coverage,
    /// A against B.
    Compare,
    /// One domain under both.
    Domain,
    /// What an account shows about its policy.
    Calibrate,
    /// The traffic's digest, for reports.
    Digest,
    /// The map.
    Sweep,
}

impl Seat {
    const COUNT: usize = 6;
}

/// The traffic at hand, and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct LabTraffic {
    /// The counts.
    pub table: Arc<Table>,
    /// What people did meanwhile, where that is known.
    pub timeline: Option<Arc<Timeline>>,
    /// Where it came from.
    pub origin: Origin,
    /// What reading the file found, where it was one.
    pub import: Option<Arc<ingest::Report>>,
}

/// An answer, with the question it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// What was asked.
    pub job: Job,
    /// What came of it.
    pub outcome: Outcome,
}

/// What a seat asked last and what is known of it. The latest answer stays while a newer question is worked on.
#[derive(Clone, Copy)]
pub struct Asked {
    answered: RwSignal<Option<Arc<Answered>>>,
    progress: RwSignal<Option<Progress>>,
    problem: RwSignal<Option<JobError>>,
}

impl Asked {
    fn new() -> Self {
        Self {
            answered: RwSignal::new(None),
            progress: RwSignal::new(None),
            problem: RwSignal::new(None),
        }
    }

    /// The latest answer. Reactive.
    #[must_use]
    pub fn answered(&self) -> Option<Arc<Answered>> {
        self.answered.get()
    }

    /// How far the question under way is; `None` while none is. Reactive.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.progress.get()
    }

    /// Why nothing came of the latest question, if so. Reactive.
    #[must_use]
    pub fn problem(&self) -> Option<JobError> {
        self.problem.get()
    }
}

/// A handle on the lab. `Copy`.
#[derive(Clone, Copy)]
pub struct LabHandle {
    traffic: RwSignal<Option<Arc<LabTraffic>>>,
    seats: StoredValue<[Asked; Seat::COUNT]>,
    desks: StoredValue<Vec<Desk>, LocalStorage>,
    turns: StoredValue<[u64; Seat::COUNT]>,
}

impl LabHandle {
    /// The traffic at hand. Reactive.
    #[must_use]
    pub fn traffic(&self) -> Option<Arc<LabTraffic>> {
        self.traffic.get()
    }

    /// Looks at other traffic from now on. Every question under way is stopped and every answer forgotten.
    pub fn load(&self, traffic: LabTraffic) {
        for at in 0..Seat::COUNT {
            self.turn(at);
            self.desks.update_value(|desks| {
                if let Some(desk) = desks.get_mut(at) {
                    desk.take(Request::Load {
                        table: Arc::clone(&traffic.table),
                        timeline: traffic.timeline.clone(),
                    });
                }
            });
            if let Some(asked) = self.seats.with_value(|seats| seats.get(at).copied()) {
                asked.answered.set(None);
                asked.progress.set(None);
                asked.problem.set(None);
            }
        }
        self.traffic.set(Some(Arc::new(traffic)));
    }

    /// Asks. An older question of the same seat is stopped.
    pub fn ask(&self, seat: Seat, job: Job) {
        let at = seat as usize;
        let turn = self.turn(at);
        let asked = self.asked(seat);
        let ticket = Ticket(turn);
        let question = Request::Do {
            ticket,
            job: job.clone(),
        };
        self.desks.update_value(|desks| {
            if let Some(desk) = desks.get_mut(at) {
                desk.take(question);
            }
        });
        let lab = *self;
        spawn_local(async move {
            loop {
                TimeoutFuture::new(0).await;
                if lab.turns.try_with_value(|turns| turns.get(at).copied()).flatten() != Some(turn) {
                    return;
                }
                let answer = lab
                    .desks
                    .try_update_value(|desks| desks.get_mut(at).and_then(Desk::work))
                    .flatten();
                match answer {
                    Some(Answer::Progress(_, progress)) => asked.progress.set(Some(progress)),
                    Some(Answer::Done(_, result)) => {
                        asked.progress.set(None);
                        match result {
                            Ok(outcome) => {
                                asked.problem.set(None);
                                asked.answered.set(Some(Arc::new(Answered { job, outcome })));
                            }
                            Err(problem) => asked.problem.set(Some(problem)),
                        }
                        return;
                    }
                    None => return,
                }
            }
        });
    }

    /// Stops a seat's question; its latest answer stays.
    pub fn stop(&self, seat: Seat) {
        self.turn(seat as usize);
        self.asked(seat).progress.set(None);
    }

    /// What a seat asked and got.
    #[must_use]
    pub fn asked(&self, seat: Seat) -> Asked {
        self.seats
            .with_value(|seats| seats.get(seat as usize).copied())
            .unwrap_or_else(Asked::new)
    }

    fn turn(&self, at: usize) -> u64 {
        self.turns
            .try_update_value(|turns| {
                let turn = turns.get_mut(at)?;
                *turn += 1;
                Some(*turn)
            })
            .flatten()
            .unwrap_or(0)
    }
}

/// The lab.
#[must_use]
pub fn use_lab() -> LabHandle {
    expect_context()
}

/// Provides it to the views below the caller. It costs nothing until traffic is loaded.
pub(super) fn provide() {
    provide_context(LabHandle {
        traffic: RwSignal::new(None),
        seats: StoredValue::new(std::array::from_fn(|_| Asked::new())),
        desks: StoredValue::new_local((0..Seat::COUNT).map(|_| Desk::default()).collect()),
        turns: StoredValue::new([0; Seat::COUNT]),
    });
}
