//! What the traffic holds and what it lacks.

use crate::components::{Empty, SkeletonLines};
use crate::state::loaded_traffic::use_loaded_traffic;
use crate::state::{LabTraffic, QuerySlot, use_lab};
use leptos::prelude::*;
use poolkeeper_core::text;
use poolkeeper_lab::report::TrafficOrigin;
use poolkeeper_lab::{Coverage, JobResult, LabJob};
use std::sync::Arc;

/// The panel. Asks the lab for it whenever there is other traffic.
#[component]
pub(crate) fn Covers(is_working: Memo<bool>) -> impl IntoView {
    let lab = use_lab();
    Effect::new(move |_| {
        if lab.traffic().is_some() {
            lab.ask(QuerySlot::Coverage, LabJob::Coverage);
        }
    });
    let held = use_loaded_traffic();
    let asked = lab.query(QuerySlot::Coverage);
    let coverage = Memo::new(move |_| match &asked.answered()?.outcome {
        JobResult::Coverage(coverage) => Some(coverage.clone()),
        _ => None,
    });
    let body = move || match (lab.traffic(), coverage.get()) {
        (Some(traffic), Some(coverage)) => {
            let other_base = held.get().and_then(|held| held.other_base);
            covers(&traffic, &coverage, other_base)
        }
        (Some(_), None) => match asked.problem() {
            Some(problem) => view! { <p class="field-problem" role="alert">{problem.to_string()}</p> }.into_any(),
            None => view! { <SkeletonLines lines=5 /> }.into_any(),
        },
        (None, _) if is_working.get() => view! { <SkeletonLines lines=5 /> }.into_any(),
        (None, _) => view! {
            <Empty title="No traffic yet" hint="Drop a file or choose a source." />
        }
        .into_any(),
    };
    view! {
        <section class="covers" aria-label="Traffic coverage">
            {body}
        </section>
    }
}

fn origin_words(origin: &TrafficOrigin) -> String {
    match origin {
        TrafficOrigin::Simulator(spec) => format!("{}, seed {}", spec.kind().name(), spec.seed()),
        TrafficOrigin::File { name } | TrafficOrigin::Sample { name } => name.clone(),
        TrafficOrigin::Live { days } => format!("Live account, last {}", text::counted(u64::from(*days), "day")),
    }
}

fn covers(traffic: &Arc<LabTraffic>, coverage: &Coverage, other_base: Option<String>) -> AnyView {
    let last = coverage
        .first_day
        .plus(i32::try_from(coverage.day_count).unwrap_or(i32::MAX).saturating_sub(1));
    let days = if coverage.day_count == 0 {
        "no complete day".to_owned()
    } else {
        format!("{} to {}", text::day(coverage.first_day), text::day(last))
    };
    let totals = &coverage.totals;
    let numbers = [
        ("Days", text::count(u64::from(coverage.day_count))),
        ("Domains", text::count(coverage.domains)),
        ("Accounts", text::count(coverage.accounts)),
        ("Processed", text::count(totals.processed)),
        ("Delivered", text::count(totals.delivered)),
        ("Bounced", text::count(totals.bounced)),
        ("Complained", text::count(totals.complained)),
        ("Domain-days held", text::count(coverage.domain_days)),
        ("Domain-days missing", text::count(coverage.missing_domain_days)),
    ];
    let numbers = numbers
        .into_iter()
        .map(|(label, value)| {
            view! {
                <div>
                    <dt>{label}</dt>
                    <dd>{value}</dd>
                </div>
            }
        })
        .collect_view();
    let missing_data = missing_data(coverage, traffic.timeline.is_some())
        .into_iter()
        .chain(other_base)
        .map(|line| view! { <li>{line}</li> })
        .collect_view();
    view! {
        <p class="covers-of">
            <b>{origin_words(&traffic.origin)}</b>
            <span class="muted">{days}</span>
        </p>
        <dl class="covers-numbers">{numbers}</dl>
        <h3>"Known gaps"</h3>
        <ul class="covers-lacks">{missing_data}</ul>
    }
    .into_any()
}

/// What real data does not say, with this traffic's numbers.
fn missing_data(coverage: &Coverage, has_timeline: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if coverage.missing_days > 0 {
        let days = text::counted(coverage.missing_days, "day");
        lines.push(format!(
            "{days} without data for any domain. They add nothing to a window."
        ));
    }
    if coverage.missing_domain_days > 0 {
        let empty = if coverage.empty_domains > 0 {
            format!(", {} has none at all", text::counted(coverage.empty_domains, "domain"))
                .replace("domains has", "domains have")
        } else {
            String::new()
        };
        lines.push(format!(
            "{} {} data for only some of the days{empty}. Missing days are not counted as zero.",
            text::counted(coverage.partial_domains, "domain"),
            if coverage.partial_domains == 1 { "has" } else { "have" }
        ));
    }
    lines.push(format!(
        "Gmail reports no complaints, so complaint rates are too low. {} delivered mail without a complaint.",
        text::counted(coverage.domains_without_complaints, "domain")
    ));
    let late = if coverage.late_complaint_days > 0 {
        format!(
            " {} more complaints than delivered messages.",
            text::counted(coverage.late_complaint_days, "domain-day")
                + if coverage.late_complaint_days == 1 {
                    " has"
                } else {
                    " have"
                }
        )
    } else {
        String::new()
    };
    lines.push(format!(
        "Complaints arrive days late, so a replay counts more of them than the live check did.{late}"
    ));
    if !has_timeline {
        lines.push("Enrollment dates are not known. Every domain starts as new on the first day.".to_owned());
    }
    lines
}
