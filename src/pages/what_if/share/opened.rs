//! A report that was opened: what it found, what it is about, and its policies for the study.

use super::ReportFile;
use crate::components::{Dialog, Icon};
use crate::pages::what_if::state::{WhatIfState, use_what_if};
use crate::state::{QuerySlot, use_lab, use_toasts};
use leptos::prelude::*;
use poolkeeper_lab::report::LabReport;
use poolkeeper_lab::{JobResult, LabJob};
use poolkeeper_view::what_if::report::{AddressParams, choices, findings, params_to_apply, title, traffic};
use std::rc::Rc;
use std::sync::Arc;

/// Findings shown; a report lists all.
const MOST_FINDINGS: usize = 12;

/// The dialog over the page.
#[component]
pub(crate) fn OpenedReport(
    /// The file, while it is shown.
    opened: RwSignal<Option<ReportFile>>,
) -> impl IntoView {
    let is_open = Signal::derive(move || opened.with(Option::is_some));
    let name =
        Signal::derive(move || opened.with(|opened| opened.as_ref().map(|file| file.name.clone()).unwrap_or_default()));
    let body = move || {
        let file = opened.get()?;
        Some(match file.report {
            Ok(report) => view! { <Shown report=report opened=opened /> }.into_any(),
            Err(reason) => view! {
                <div class="state state-failed" role="alert">
                    {Icon::Warn.view()}
                    <div>
                        <p class="state-title">"This file can't be opened"</p>
                        <p>{reason}</p>
                    </div>
                </div>
            }
            .into_any(),
        })
    };
    view! {
        <Dialog open=is_open on_close=move |()| opened.set(None) title=name wide=true class="lab-report">
            {body}
        </Dialog>
    }
}

#[component]
fn Shown(report: Arc<LabReport>, opened: RwSignal<Option<ReportFile>>) -> impl IntoView {
    let (study, lab, toasts) = (use_what_if(), use_lab(), use_toasts());
    if report.traffic.is_some()
        && untrack(|| lab.traffic()).is_some()
        && untrack(|| lab.query(QuerySlot::Digest).answered()).is_none()
    {
        lab.ask(QuerySlot::Digest, LabJob::Digest);
    }
    let put = params_to_apply(&report, &study.a.get_untracked());
    let label = match (&put.a, &put.b) {
        (Some(_), Some(_)) => "Use its policies as A and B",
        (None, Some(_)) => "Use its policy as B",
        _ => "Use its policy as A",
    };
    let table = policies(&put);
    let take = move |_| {
        let before = apply_params(study, &put);
        opened.set(None);
        let undo = Rc::new(move || {
            apply_params(study, &before);
        });
        toasts.done_with_undo("The report's policies are now A and B", undo);
    };
    let about = report.traffic.as_ref().map(traffic);
    let lines = findings(&report);
    let rest = lines.len().saturating_sub(MOST_FINDINGS);
    let lines = lines
        .into_iter()
        .take(MOST_FINDINGS)
        .map(|line| view! { <li>{line}</li> })
        .collect_view();
    let of = report.traffic.as_ref().map(|traffic| traffic.digest.clone());
    view! {
        <h3>{title(&report)}</h3>
        {about.map(|about| view! { <p>{about}</p> })}
        <Sameness of=of />
        <ul class="lab-findings">{lines}</ul>
        {(rest > 0).then(|| view! { <p class="muted">{format!("And {rest} more.")}</p> })}
        {table}
        <div class="actions">
            <button type="button" class="primary" on:click=take>
                {label}
            </button>
        </div>
    }
}

/// Whether the report is about the traffic at hand.
#[component]
fn Sameness(of: Option<String>) -> impl IntoView {
    let lab = use_lab();
    move || {
        let Some(of) = &of else {
            return view! { <p class="muted">"Based on observations, not on traffic."</p> }.into_any();
        };
        if lab.traffic().is_none() {
            return view! { <p class="muted">"No traffic is loaded to compare it with."</p> }.into_any();
        }
        let answered = lab.query(QuerySlot::Digest).answered();
        let at_hand = answered.as_deref().and_then(|answered| match &answered.outcome {
            JobResult::Digest(digest) => Some(digest.clone()),
            _ => None,
        });
        match at_hand {
            None => view! { <p class="muted">"Comparing it with the loaded traffic…"</p> }.into_any(),
            Some(at_hand) if at_hand == *of => view! {
                <p>
                    <span class="good" aria-hidden="true">"✓ "</span>
                    "Made from the loaded traffic, digest " <code>{at_hand}</code> "."
                </p>
            }
            .into_any(),
            Some(at_hand) => view! {
                <p class="notice" role="note">
                    "Made from other traffic. Its digest is " <code>{of.clone()}</code>
                    "; the loaded traffic has " <code>{at_hand}</code> "."
                </p>
            }
            .into_any(),
        }
    }
}

/// The policies side by side.
fn policies(put: &AddressParams) -> AnyView {
    let named: Vec<(&str, Vec<(&str, String)>)> = [("A", &put.a), ("B", &put.b)]
        .into_iter()
        .filter_map(|(name, policy)| Some((name, choices(policy.as_ref()?))))
        .collect();
    let heads = named
        .iter()
        .map(|(name, _)| view! { <th scope="col">{format!("Policy {name}")}</th> })
        .collect_view();
    let labels: Vec<&str> = named
        .first()
        .map(|(_, rows)| rows.iter().map(|(label, _)| *label).collect())
        .unwrap_or_default();
    let rows = labels
        .into_iter()
        .enumerate()
        .map(|(at, label)| {
            let cells = named
                .iter()
                .map(|(_, rows)| view! { <td>{rows.get(at).map(|(_, words)| words.clone())}</td> })
                .collect_view();
            view! {
                <tr>
                    <th scope="row">{label}</th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="lab-policies" tabindex="0" role="region" aria-label="The report's policies">
            <table>
                <thead>
                    <tr>
                        <td></td>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Puts what there is into the study; what was there before.
fn apply_params(study: WhatIfState, put: &AddressParams) -> AddressParams {
    let before = AddressParams {
        a: put.a.as_ref().map(|_| study.a.get_untracked()),
        b: put.b.as_ref().map(|_| study.b.get_untracked()),
        options: put.options.map(|_| study.options.get_untracked()),
        ips: put.ips.map(|_| study.ips.get_untracked()),
    };
    study.edit(|settings| {
        settings.a = put.a.clone().unwrap_or_else(|| settings.a.clone());
        settings.b = put.b.clone().unwrap_or_else(|| settings.b.clone());
        settings.options = put.options.unwrap_or(settings.options);
        settings.ips = put.ips.unwrap_or(settings.ips);
    });
    before
}
