//! A rate against its thresholds.

use leptos::prelude::*;
use poolkeeper_core::health::{Metric, MetricPolicy};
use poolkeeper_core::model::Rate;
pub(crate) use poolkeeper_core::text::metric_name;
pub(crate) use poolkeeper_core::text::rates::{plain_percent, thresholds, zone};

/// A bar with a tick at each threshold, and the rate with digits enough to tell it from both.
#[component]
pub(crate) fn RateBar(
    /// The rate; `None` where nothing was sent or the service did not say.
    rate: Option<Rate>,
    /// Which rate it is.
    metric: Metric,
    /// Its thresholds; `None` where the metric is off.
    policy: Option<MetricPolicy>,
) -> impl IntoView {
    let Some(rate) = rate else {
        return view! { <span class="rate rate-missing"><span class="muted">"no rate"</span></span> }.into_any();
    };
    let Some(policy) = policy else {
        return view! { <span class="rate"><span class="rate-bar rate-bar-off"></span><span class="rate-value">{rate.percent()}</span></span> }
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
            <span
                class="rate-bar"
                aria-hidden="true"
                style=("--rate", at(rate.0))
                style=("--good-at", at(good))
                style=("--poor-at", at(poor))
            ></span>
            <span class="rate-value">{rate.percent_beside(&[good, poor])}</span>
        </span>
    }
    .into_any()
}
