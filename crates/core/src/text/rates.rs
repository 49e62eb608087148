//! Rates and thresholds: which side of which, and as a person reads and types them.

use crate::health::{Metric, MetricPolicy, PPM};
use crate::model::Rate;

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

/// Parts per million as percent without needless zeros: 50 000 is `5`.
#[must_use]
pub fn percent_text(ppm: u32) -> String {
    let text = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Percent as a person types it, in whole parts per million, exactly; `None` for anything else.
#[must_use]
pub fn ppm_of(text: &str) -> Option<u64> {
    let text = text.trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    if part.len() > 4 || !part.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: u64 = format!("{part:0<4}").parse().ok()?;
    whole.checked_mul(10_000)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_are_exact_both_ways() {
        for (ppm, text) in [
            (50_000, "5"),
            (1_000, "0.1"),
            (980, "0.098"),
            (1_000_000, "100"),
            (0, "0"),
            (1, "0.0001"),
        ] {
            assert_eq!(percent_text(ppm), text);
            assert_eq!(ppm_of(text), Some(u64::from(ppm)));
        }
        assert_eq!(
            (ppm_of("0,1"), ppm_of("x"), ppm_of("0.00001"), ppm_of("-1")),
            (Some(1_000), None, None, None)
        );
    }
}
