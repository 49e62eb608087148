//! What the observations come to.

use super::files::SaveMenu;
use super::interval::interval_view;
use super::{ShownCalibration, kinds};
use crate::components::{Empty, Icon, SkeletonLines};
use crate::pages::what_if::state::use_what_if;
use crate::state::lab::LabAnswer;
use crate::state::{QuerySlot, use_lab, use_toasts};
use leptos::prelude::*;
use poolkeeper_core::health::Policy;
use poolkeeper_core::text;
use poolkeeper_lab::calibrate::{Assumptions, Calibration};
use poolkeeper_lab::{JobResult, LabJob};
use poolkeeper_view::what_if::calibration::{bases, basis, contradiction, uninformative_text};
use std::rc::Rc;
use std::sync::Arc;

/// Everything under the gathering: what was read, the intervals, contradictions, and what to do with them.
#[component]
pub(crate) fn Found(
    /// The observations.
    seen: Arc<ShownCalibration>,
    /// What is assumed beside them.
    assumptions: Memo<Assumptions>,
) -> impl IntoView {
    if seen.observations.is_empty() {
        let why = if seen.missing.is_empty() {
            "Enroll domains or open saved observations.".to_owned()
        } else {
            seen.missing.join("; ")
        };
        return view! { <Empty title="No observations" hint=why /> }.into_any();
    }
    let asked = use_lab().query(QuerySlot::Calibrate);
    let count = seen.observations.len();
    let answer = Memo::new(move |_| {
        let answered = asked.answered()?;
        let is_of_these =
            matches!(&answered.job, LabJob::Calibrate { observations, .. } if observations.len() == count);
        is_of_these.then_some(answered)
    });
    let notes = notes(&seen);
    let body = move || match answer.get() {
        Some(answered) => found_view(&seen, &answered),
        None => asked
            .problem()
            .is_none()
            .then(|| view! { <SkeletonLines lines=5 /> }.into_any()),
    };
    view! {
        {notes}
        <p class="muted">{move || assumed(assumptions.get())}</p>
        {body}
    }
    .into_any()
}

/// What was read, and what was not.
fn notes(seen: &ShownCalibration) -> AnyView {
    let stopped = if seen.is_stopped {
        "Stopped before the end. "
    } else {
        ""
    };
    let missing = (!seen.missing.is_empty()).then(|| {
        view! { <p class="notice" role="note">{format!("Not read: {}", seen.missing.join("; "))}</p> }
    });
    let truth = seen.truth.is_some().then(|| {
        view! {
            <p class="muted">
                "This account is simulated, so its true thresholds are known. Each is marked."
            </p>
        }
    });
    view! {
        <p>{format!("{stopped}Collected: {}.", kinds(&seen.observations))}</p>
        {missing}
        {truth}
    }
    .into_any()
}

fn assumed(assumptions: Assumptions) -> String {
    let moves = if assumptions.moves_on_one_vote {
        "one vote moves a domain"
    } else {
        "a move may need several votes, so a band alone is uninformative"
    };
    format!(
        "Assumed: {moves}; poor needs at most {} or {}.",
        text::counted(assumptions.bounce_min_events, "bounce"),
        text::counted(assumptions.complaint_min_events, "complaint")
    )
}

fn found_view(seen: &Arc<ShownCalibration>, answered: &LabAnswer) -> Option<AnyView> {
    let JobResult::Calibrate(found) = &answered.outcome else {
        return None;
    };
    let found: Calibration = (**found).clone();
    let study = use_what_if();
    let (truth, intervals) = (seen.truth.clone(), found.intervals.clone());
    let rows = move || {
        let a = study.a.get();
        let rows = intervals
            .iter()
            .map(|interval| interval_view(interval, &a, truth.as_ref()));
        rows.collect_view()
    };
    let lines = found
        .contradictions
        .iter()
        .map(|one| view! { <li>{contradiction(one)}</li> });
    let contradictions = (!found.contradictions.is_empty()).then(|| {
        view! {
            <details class="import-lines" open>
                <summary>{format!("Contradictions: {}", text::count(found.contradictions.len() as u64))}</summary>
                <ul>{lines.collect_view()}</ul>
            </details>
        }
    });
    let silent = found
        .silent
        .iter()
        .map(|(why, count)| view! { <li>{uninformative_text(*why, *count)}</li> });
    let silent = (!found.silent.is_empty()).then(|| {
        view! {
            <details class="import-lines">
                <summary>"Uninformative observations"</summary>
                <ul>{silent.collect_view()}</ul>
            </details>
        }
    });
    Some(
        view! {
            <p class="calibrate-basis">{basis(&found)}</p>
            {bases(&found).into_iter().map(|sentence| view! { <p class="muted">{sentence}</p> }).collect_view()}
            <ul class="intervals">{rows}</ul>
            {contradictions}
            {silent}
            <div class="actions">
                <UseAsA found=found.clone() />
                <SaveMenu seen=Arc::clone(seen) found=found />
            </div>
        }
        .into_any(),
    )
}

/// Moves A's thresholds into the intervals, as little as that takes.
#[component]
fn UseAsA(found: Calibration) -> impl IntoView {
    let (study, toasts) = (use_what_if(), use_toasts());
    let policy = Memo::new(move |_| study.a.with(|a| found.policy(a)));
    let reason = Memo::new(move |_| match policy.with(Policy::validate) {
        Err(invalid) => format!("No valid policy fits the intervals and A: {invalid}"),
        Ok(()) if policy.get() == study.a.get() => "A already fits all intervals.".to_owned(),
        Ok(()) => String::new(),
    });
    let press = move |_| {
        let before = study.a.get_untracked();
        study.edit(|settings| settings.a = policy.get_untracked());
        toasts.done_with_undo(
            "A now fits all observations",
            Rc::new(move || study.edit(|settings| settings.a = before.clone())),
        );
    };
    view! {
        <button
            type="button"
            class="primary"
            disabled=move || !reason.with(String::is_empty)
            aria-describedby="use-as-a-reason"
            on:click=press
        >
            {Icon::Done.view()}
            "Use as A"
        </button>
        <span class="muted" id="use-as-a-reason">
            {move || reason.get()}
        </span>
    }
}
