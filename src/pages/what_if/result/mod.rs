//! What moves between A and B: sentences first, then the numbers.

mod affected;
mod bands;
mod capacity;
mod findings;
mod sides;
mod transition_matrix;

use super::query::ask_on_change;
use super::state::WhatIfState;
use crate::components::{Card, Empty, SkeletonLines};
use crate::state::lab::LabAnswer;
use crate::state::{LabTraffic, QuerySlot, use_lab};
use leptos::prelude::*;
use poolkeeper_lab::{self, JobError, JobResult, LabJob};
use std::sync::Arc;

/// A comparison and the traffic it is of.
#[derive(Clone)]
pub(crate) struct ShownComparison {
    pub(crate) traffic: Arc<LabTraffic>,
    answered: Arc<LabAnswer>,
}

// By identity: comparing thousands of affected domains costs more than drawing the few on screen.
impl PartialEq for ShownComparison {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.traffic, &other.traffic) && Arc::ptr_eq(&self.answered, &other.answered)
    }
}

impl ShownComparison {
    fn of(traffic: Arc<LabTraffic>, answered: Arc<LabAnswer>) -> Option<Self> {
        matches!(answered.outcome, JobResult::Compare(_)).then_some(Self { traffic, answered })
    }

    /// Reads the comparison.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&poolkeeper_lab::ComparisonReport) -> R) -> Option<R> {
        match &self.answered.outcome {
            JobResult::Compare(compared) => Some(read(compared)),
            _ => None,
        }
    }

    fn is_of(&self, job: &LabJob) -> bool {
        self.answered.job == *job
    }
}

/// The latest comparison, for the parts that show it. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct LatestComparison(Memo<Option<ShownComparison>>);

impl LatestComparison {
    /// Reads it; `None` while there is none. Reactive.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&poolkeeper_lab::ComparisonReport) -> R) -> Option<R> {
        self.0.with(|shown| shown.as_ref()?.with(read))
    }

    /// It. Reactive.
    #[must_use]
    pub(crate) fn get(&self) -> Option<ShownComparison> {
        self.0.get()
    }
}

/// The section. Asks the lab whenever something changes; what was there stays, marked, until the answer is.
#[component]
pub(crate) fn Compared(
    /// What is compared.
    study: WhatIfState,
    /// Whether it is on the screen.
    is_seen: Signal<bool>,
) -> impl IntoView {
    let lab = use_lab();
    let job = Memo::new(move |_| LabJob::Compare {
        a: study.a.get(),
        b: study.b.get(),
        options: study.options.get(),
        ips: study.ips.get(),
    });
    ask_on_change(QuerySlot::Compare, move || Some(job.get()), is_seen);
    let asked = lab.query(QuerySlot::Compare);
    let latest = LatestComparison(Memo::new(move |old: Option<&Option<ShownComparison>>| {
        let answered = asked.answered();
        let traffic = lab.traffic()?;
        match answered {
            Some(answered) => ShownComparison::of(traffic, answered),
            // Other traffic is being worked on.
            None => old.cloned().flatten(),
        }
    }));
    let has_result = Memo::new(move |_| latest.0.with(Option::is_some));
    let is_stale = Memo::new(move |_| {
        asked.answered().is_none()
            || latest
                .0
                .with(|shown| shown.as_ref().is_some_and(|shown| !job.with(|job| shown.is_of(job))))
    });
    // Once a slider moves, what is off the screen is skipped. Not before: every card has stood at its own height by then and keeps it.
    let skips = Memo::new(move |old: Option<&bool>| old == Some(&true) || (has_result.get() && is_stale.get()));
    let problem = Memo::new(move |_| asked.problem().filter(|problem| *problem != JobError::Stopped));
    let has_traffic = Memo::new(move |_| lab.traffic().is_some());
    let body = move || {
        if has_result.get() {
            return view! { <Body study=study latest=latest /> }.into_any();
        }
        if problem.with(Option::is_some) {
            return ().into_any();
        }
        if has_traffic.get() {
            return view! { <SkeletonLines lines=8 /> }.into_any();
        }
        view! {
            <Empty
                title="Nothing to compare yet"
                hint="Choose traffic above to compare A and B."
            />
        }
        .into_any()
    };
    view! {
        <div class="study-result" class:study-skips=skips class:study-stale=move || has_result.get() && is_stale.get()>
            {move || {
                problem
                    .get()
                    .map(|problem| {
                        view! {
                            <div class="state state-failed" role="alert">
                                <p class="state-title">{format!("No comparison: {problem}.")}</p>
                            </div>
                        }
                    })
            }}
            <p class="study-calculating" role="status">
                {move || (has_result.get() && is_stale.get()).then_some("Calculating…")}
            </p>
            {body}
        </div>
        <findings::FirstFinding latest=latest />
    }
}

#[component]
fn Body(study: WhatIfState, latest: LatestComparison) -> impl IntoView {
    let nobody = Memo::new(move |_| {
        latest.with(|compared| compared.comparison.domains == 0 && compared.comparison.messages == 0) == Some(true)
    });
    move || {
        if nobody.get() {
            return view! {
                <Card title="Summary">
                    <Empty
                        title="No enrolled domains"
                        hint="No domain was enrolled on any complete day of this traffic."
                    />
                </Card>
            }
            .into_any();
        }
        view! {
            <findings::Findings study=study latest=latest />
            <div class="result-two">
                <transition_matrix::CrossingCard latest=latest />
                <sides::Sides latest=latest />
            </div>
            <bands::Bands latest=latest />
            <affected::AffectedCard study=study latest=latest />
            <capacity::Capacity study=study latest=latest />
        }
        .into_any()
    }
}
