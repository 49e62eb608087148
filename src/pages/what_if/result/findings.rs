//! The findings, in sentences.

use super::LatestComparison;
use crate::components::Card;
use crate::components::band::{shape, tone};
use crate::pages::what_if::state::WhatIfState;
use leptos::prelude::*;
use poolkeeper_core::model::Band;
use poolkeeper_lab::Finding;

#[component]
pub(crate) fn Findings(study: WhatIfState, latest: LatestComparison) -> impl IntoView {
    let findings = Memo::new(move |_| latest.with(|compared| compared.findings.clone()).unwrap_or_default());
    let is_same = Memo::new(move |_| study.a.with(|a| study.b.with(|b| a == b)));
    let lines = move || findings.with(|findings| findings.iter().map(line).collect_view());
    view! {
        <Card title="Summary">
            <ul class="findings" aria-live="polite">
                {lines}
            </ul>
            {move || {
                is_same
                    .get()
                    .then(|| {
                        view! {
                            <p class="hint">"A and B are the same policy. Change B with a slider or a preset."</p>
                        }
                    })
            }}
        </Card>
    }
}

/// The first sentence, which comes along on a phone, where the sliders and the result do not fit on one screen.
#[component]
pub(crate) fn FirstFinding(latest: LatestComparison) -> impl IntoView {
    let first = Memo::new(move |_| {
        latest
            .with(|compared| compared.findings.first().map(Finding::sentence))
            .flatten()
    });
    move || {
        first.get().map(|first| {
            view! {
                <p class="study-says" aria-hidden="true">
                    {first}
                </p>
            }
        })
    }
}

fn line(finding: &Finding) -> AnyView {
    let mark = band_of(finding).map(|band| {
        view! {
            <span class=tone(Some(band)) aria-hidden="true">
                {shape(Some(band))}
            </span>
        }
    });
    let is_lead = matches!(finding, Finding::Same { .. } | Finding::EndIn { .. });
    view! {
        <li class:lead-finding=is_lead>
            {mark.unwrap_or_else(|| view! { <span class="muted" aria-hidden="true">"·"</span> })}
            <span>{finding.sentence()}</span>
        </li>
    }
    .into_any()
}

const fn band_of(finding: &Finding) -> Option<Band> {
    match finding {
        Finding::EndIn { band, .. } | Finding::IpsNeeded { band, .. } => Some(*band),
        Finding::MailWhilePoor { .. } | Finding::DaysInPoor { .. } => Some(Band::Poor),
        _ => None,
    }
}
