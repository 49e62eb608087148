//! A domain's days under both policies: bands, messages and windowed rates on one time axis.

use super::answer_of;
use crate::charts::Chart;
use crate::state::lab::LabAnswer;
use leptos::prelude::*;
use poolkeeper_core::health::{Metric, Policy};
use poolkeeper_core::model::Day;
use poolkeeper_core::text;
use poolkeeper_lab::{DomainComparison, LabJob};
use poolkeeper_view::charts::ChartData;
use poolkeeper_view::what_if::domain::{bands, messages, rate};
use std::sync::Arc;

/// The charts.
#[component]
pub(crate) fn Days(
    /// The answer they show.
    answer: Signal<Option<Arc<LabAnswer>>>,
) -> impl IntoView {
    let chart = move |make: fn(&DomainComparison, &Policy, &Policy) -> ChartData| {
        Memo::new(move |_| {
            let answered = answer.get();
            let found = answered.as_deref().and_then(|answered| {
                let (view, a, b) = answer_of(answered, asked_for(answered))?;
                Some(make(view, a, b))
            });
            found.unwrap_or_else(|| ChartData::bands(Day(0), []))
        })
    };
    let gaps = move || {
        let answered = answer.get()?;
        let (view, _, _) = answer_of(&answered, asked_for(&answered))?;
        let gaps = view.days.iter().filter(|day| day.counts.is_none()).count();
        (gaps > 0).then(|| {
            format!(
                "{} without data. They add nothing to a window.",
                text::counted(gaps as u64, "day")
            )
        })
    };
    view! {
        <div class="lab-days">
            <h4>"Bands"</h4>
            <Chart title="Bands under A and B" data=chart(|view, _, _| bands(view)) height=90.0 />
            <h4>"Messages"</h4>
            <Chart title="Messages by day" data=chart(|view, _, _| messages(view)) height=140.0 />
            <h4>"Bounce rate in the window"</h4>
            <Chart title="Bounce rate and thresholds" data=chart(|view, a, b| rate(view, Metric::BounceRate, a, b)) height=180.0 />
            <h4>"Complaint rate in the window"</h4>
            <Chart
                title="Complaint rate and thresholds"
                data=chart(|view, a, b| rate(view, Metric::ComplaintRate, a, b))
                height=180.0
            />
            <p class="muted">{gaps}</p>
        </div>
    }
}

fn asked_for(answered: &LabAnswer) -> Option<u32> {
    match answered.job {
        LabJob::Domain { domain, .. } => Some(domain),
        _ => None,
    }
}
