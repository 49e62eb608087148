//! One domain under both policies: what its latest verdict was under each and what would have changed it, then its days on
//! one time axis. Worked out anew whenever a policy changes.

mod days;
mod finder;
mod side;

use super::query::ask_on_change;
use super::state::use_what_if;
use crate::components::{Card, Empty, Icon, SkeletonLines};
use crate::state::lab::{LabAnswer, QueryState};
use crate::state::{QuerySlot, use_lab};
use days::Days;
use finder::Finder;
use leptos::prelude::*;
use poolkeeper_core::health::Policy;
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::{DomainComparison, JobError, JobResult, LabJob};
use side::side_view;
use std::sync::Arc;

/// The section; nothing until there is traffic.
#[component]
pub(crate) fn DomainUnderBoth(
    /// Whether it is on the screen.
    is_seen: Signal<bool>,
) -> impl IntoView {
    let (lab, study) = (use_lab(), use_what_if());
    let has_traffic = Memo::new(move |_| lab.traffic().is_some());
    let position = Memo::new(move |_| {
        let name = study.domain.get()?;
        position_of(&lab.traffic()?.table, &name)
    });
    let job = move || {
        Some(LabJob::Domain {
            domain: position.get()?,
            a: study.a.get(),
            b: study.b.get(),
            options: study.options.get(),
        })
    };
    ask_on_change(QuerySlot::Domain, job, is_seen);
    move || has_traffic.get().then(|| view! { <Section position=position /> })
}

/// A domain's position in a table, by its name in whatever case.
fn position_of(table: &Table, name: &str) -> Option<u32> {
    let mut domains = table.domains().iter();
    let at = domains.position(|domain| domain.name.as_str().eq_ignore_ascii_case(name))?;
    u32::try_from(at).ok()
}

#[component]
fn Section(position: Memo<Option<u32>>) -> impl IntoView {
    let study = use_what_if();
    let close = move || {
        study.domain.with(Option::is_some).then(|| {
            view! {
                <button type="button" class="quiet" on:click=move |_| study.edit(|settings| settings.domain = None)>
                    {Icon::Close.view()}
                    "Close"
                </button>
            }
        })
    };
    let body = move || match (study.domain.get(), position.get()) {
        (None, _) => view! {
            <p class="muted">"Enter a domain name, or select a domain under “Affected domains”."</p>
        }
        .into_any(),
        (Some(name), None) => view! {
            <Empty title=format!("No domain “{name}” in this traffic") hint="Search for another domain above." />
        }
        .into_any(),
        (Some(name), Some(_)) => view! { <Looked name=name position=position /> }.into_any(),
    };
    view! {
        <Card title="One domain: A vs B" end=close>
            <Finder />
            {body}
        </Card>
    }
}

/// What an answer says of the domain looked at; `None` for an answer about another.
fn answer_of(answered: &LabAnswer, position: Option<u32>) -> Option<(&DomainComparison, &Policy, &Policy)> {
    match (&answered.job, &answered.outcome) {
        (LabJob::Domain { domain, a, b, .. }, JobResult::Domain(view)) if Some(*domain) == position => {
            Some((view, a, b))
        }
        _ => None,
    }
}

#[component]
fn Looked(name: String, position: Memo<Option<u32>>) -> impl IntoView {
    let asked: QueryState = use_lab().query(QuerySlot::Domain);
    let answer = Memo::new(move |_| {
        asked
            .answered()
            .filter(|answered| answer_of(answered, position.get()).is_some())
    });
    let is_there = Memo::new(move |_| answer.with(Option::is_some));
    let problem = move || asked.problem().filter(|problem| *problem != JobError::Stopped);
    let sides = move || {
        let answered = answer.get()?;
        let (view, a, b) = answer_of(&answered, position.get())?;
        let first_day = view.days.first()?.day;
        let last = view.days.last();
        let [in_a, in_b] = [
            (
                "A",
                last.map(|day| day.a),
                view.counterfactuals_a.as_ref(),
                &view.moves_a,
                a,
            ),
            (
                "B",
                last.map(|day| day.b),
                view.counterfactuals_b.as_ref(),
                &view.moves_b,
                b,
            ),
        ]
        .map(|(name, day, ways, moves, policy)| {
            side_view(name, day.and_then(|day| day.band), ways, moves, first_day, policy)
        });
        Some(view! { <div class="lab-sides">{in_a} {in_b}</div> })
    };
    let given: Signal<Option<Arc<LabAnswer>>> = answer.into();
    let days = move || {
        if is_there.get() {
            return Some(view! { <Days answer=given /> }.into_any());
        }
        asked
            .problem()
            .is_none()
            .then(|| view! { <SkeletonLines lines=5 /> }.into_any())
    };
    view! {
        <h3 class="lab-domain-name">{name}</h3>
        {move || {
            problem()
                .map(|problem| {
                    view! {
                        <div class="state state-failed" role="alert">
                            {Icon::Warn.view()}
                            <p>{format!("Calculation failed: {problem}.")}</p>
                        </div>
                    }
                })
        }}
        {sides}
        {days}
    }
}
