//! The map in sentences, and what stands in their place.

use super::{MapState, asked_of, grids_of};
use crate::browser;
use crate::components::{Icon, ProgressBar};
use crate::state::{QuerySlot, WorkProgress, use_lab};
use leptos::prelude::*;
use poolkeeper_lab::{JobError, LabJob};
use poolkeeper_view::charts::threshold_map::{around, around_b, best, holdout, mark_note, slow, wants_most};

/// A sweep is said to be under way only when it takes longer than this.
const PATIENCE_MS: f64 = 400.0;

/// Why there is no map of what is asked, and what to do about it.
#[component]
pub(crate) fn Problem(state: MapState, problem: Memo<Option<String>>) -> impl IntoView {
    let asked = use_lab().query(QuerySlot::Sweep);
    let words = move || {
        problem.get().or_else(|| match asked.problem()? {
            JobError::Stopped | JobError::NoTraffic => None,
            error => Some(format!("The map cannot be drawn: {error}.")),
        })
    };
    let older = move || {
        state
            .answered
            .with(Option::is_some)
            .then_some(" Showing the previous map.")
    };
    view! {
        <div role="status">
            {move || {
                words()
                    .map(|words| {
                        view! {
                            <p class="sweep-problem">
                                {Icon::Warn.view()} <span>{words} {older()}</span>
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// Progress of a sweep that takes its time.
#[component]
pub(crate) fn Waiting(job: Memo<Option<LabJob>>) -> impl IntoView {
    let lab = use_lab();
    let asked = lab.query(QuerySlot::Sweep);
    // The newest question, and when it was asked.
    let began = Memo::new(move |_| {
        job.track();
        browser::now_ms()
    });
    let work = Memo::new(move |_| {
        let progress = asked.progress()?;
        let elapsed_ms = browser::now_ms() - began.get_untracked();
        (elapsed_ms > PATIENCE_MS).then(|| WorkProgress {
            what: "Sweeping".to_owned(),
            done: progress.done,
            total: Some(progress.total),
            elapsed_ms,
        })
    });
    let is_long = Memo::new(move |_| work.with(Option::is_some));
    let why = move || {
        job.with(|job| match job {
            Some(LabJob::Sweep { sweep, .. }) => slow(sweep),
            _ => None,
        })
    };
    view! {
        <Show when=move || is_long.get()>
            <div class="sweep-waiting">
                <ProgressBar work=Signal::derive(move || work.get().unwrap_or_default()) on_cancel=move |()| lab.stop(QuerySlot::Sweep) />
                {move || why().map(|why| view! { <p class="hint">{why}</p> })}
            </div>
        </Show>
    }
}

/// What the map says, before it is looked at.
#[component]
pub(crate) fn Sentences(state: MapState) -> impl IntoView {
    let lab = use_lab();
    let first_day = Memo::new(move |_| lab.traffic().map(|traffic| traffic.table.first_day()));
    let said = Memo::new(move |_| {
        let outcome = state.outcome.get();
        state.answered.with(|answered| {
            let grids = grids_of(answered.as_deref());
            let (Some(grid), Some((_, split_day))) = (grids.first(), asked_of(answered.as_deref())) else {
                return Vec::new();
            };
            let columns = grid.totals.width();
            let b = state.b_mark.get();
            let mut said = Vec::new();
            if let (Some(b), Some(plane)) = (b.as_ref().filter(|b| b.outside.is_empty()), grid.plane(outcome)) {
                said.extend(around(plane, columns, b.cell).map(|found| around_b(grid, outcome, &found)));
            }
            if let (Some(rest), Some(split_day), Some(first_day)) = (grids.get(1), split_day, first_day.get()) {
                let planes = grid.plane(outcome).zip(rest.plane(outcome));
                let found = planes.and_then(|(before, after)| best(before, after, columns, wants_most(outcome)));
                let at_b = b
                    .as_ref()
                    .filter(|b| b.outside.is_empty())
                    .and_then(|b| rest.at(outcome, b.cell.0, b.cell.1));
                said.extend(found.map(|found| holdout(outcome, &found, first_day, split_day, at_b)));
            }
            said.extend(mark_note("B", b.as_ref()));
            said.extend(mark_note("A", state.a_mark.get().as_ref()));
            said
        })
    });
    view! {
        <div class="sweep-says">
            {move || said.get().into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view()}
        </div>
    }
}
