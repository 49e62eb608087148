//! A domain's days under both policies: bands, messages and windowed rates on one time axis.

use super::answer_of;
use crate::health::{Metric, Policy};
use crate::model::Day;
use crate::ui::charts::{Chart, ChartData};
use crate::ui::format;
use crate::ui::lab::domain::{bands, messages, rate};
use crate::ui::state::lab::Answered;
use crate::whatif::{DomainView, Job};
use leptos::prelude::*;
use std::sync::Arc;

/// The charts.
#[component]
pub fn Days(
    /// The answer they show.
    answer: Signal<Option<Arc<Answered>>>,
) -> impl IntoView {
    let chart = move |make: fn(&DomainView, &Policy, &Policy) -> ChartData| {
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
                "{} without a row: they add nothing to a window.",
                format::counted(gaps as u64, "day")
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

fn asked_for(answered: &Answered) -> Option<u32> {
    match answered.job {
        Job::Domain { domain, .. } => Some(domain),
        _ => None,
    }
}
