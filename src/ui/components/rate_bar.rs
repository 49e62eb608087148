//! A rate against its thresholds.

use crate::health::{Metric, MetricPolicy, PPM};
use crate::model::Rate;
use leptos::prelude::*;

/// The two thresholds as fractions: good at most, poor at least.
#[must_use]
pub fn thresholds(policy: &MetricPolicy) -> [f64; 2] {
    [policy.good_at_most_ppm, policy.poor_at_least_ppm].map(|ppm| f64::from(ppm) / f64::from(PPM))
}

/// What the rate alone says: `good`, `hold` or `poor`; the events a Poor vote also needs are not looked at.
#[must_use]
pub fn zone(rate: Rate, policy: &MetricPolicy) -> &'static str {
    let [good, poor] = thresholds(policy);
    if rate.0 <= good {
        "good"
    } else if rate.0 >= poor {
        "poor"
    } else {
        "hold"
    }
}

/// A bar with a tick at each threshold, and the rate with digits enough to tell it from both.
#[component]
pub fn RateBar(
    /// The rate; `None` where nothing was sent or the service did not say.
    rate: Option<Rate>,
    /// Which rate it is.
    metric: Metric,
    /// Its thresholds; `None` where the metric is off.
    policy: Option<MetricPolicy>,
) -> impl IntoView {
    let Some(rate) = rate else {
        return view! { <span class="rate none"><span class="muted">"no rate"</span></span> }.into_any();
    };
    let Some(policy) = policy else {
        return view! { <span class="rate"><span class="bar off"></span><span class="value">{rate.percent()}</span></span> }
            .into_any();
    };
    let [good, poor] = thresholds(&policy);
    // The poor threshold stands at three quarters, so that a rate past it still shows how far.
    let full = (poor / 0.75).max(f64::MIN_POSITIVE);
    let at = |value: f64| format!("{:.1}%", (value / full * 100.0).clamp(0.0, 100.0));
    let name = metric_name(metric);
    let hint = format!(
        "{name} {}: good at most {}, poor at least {}",
        rate.percent_beside(&[good, poor]),
        plain_percent(good),
        plain_percent(poor)
    );
    view! {
        <span class=format!("rate {}", zone(rate, &policy)) title=hint>
            <span class="bar" aria-hidden="true">
                <span class="fill" style:width=at(rate.0)></span>
                <span class="tick" style:left=at(good)></span>
                <span class="tick" style:left=at(poor)></span>
            </span>
            <span class="value">{rate.percent_beside(&[good, poor])}</span>
        </span>
    }
    .into_any()
}

/// A metric as people call it.
#[must_use]
pub const fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::BounceRate => "Bounce rate",
        Metric::ComplaintRate => "Complaint rate",
    }
}

/// The events a metric counts, one of them: `bounce`, `complaint`.
#[must_use]
pub const fn event_noun(metric: Metric) -> &'static str {
    match metric {
        Metric::BounceRate => "bounce",
        Metric::ComplaintRate => "complaint",
    }
}

/// A threshold as percent without needless zeros: `5 %`, `0.1 %`.
#[must_use]
pub fn plain_percent(fraction: f64) -> String {
    let text = format!("{:.4}", fraction * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
