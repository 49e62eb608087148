//! Rates and thresholds: comparing, formatting and parsing them.

use super::counts::count;
use crate::health::{MetricPolicy, PPM};
use crate::model::Rate;

/// The two thresholds as fractions: good at most, poor at least.
#[must_use]
pub fn thresholds(policy: &MetricPolicy) -> [f64; 2] {
    [policy.good_at_most_ppm, policy.poor_at_least_ppm].map(|ppm| f64::from(ppm) / f64::from(PPM))
}

/// How the thresholds judge a rate: `good`, `hold` or `poor`. The minimum of events for a Poor vote is ignored.
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

/// A share of a whole as percent, with more digits the smaller it is: `61 %`, `4.1 %`, `0.04 %`. A share above zero
/// never reads as zero: `less than 0.01 %`. A share of 0 is `0 %`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a share for display")]
pub fn share(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    let percent = part as f64 * 100.0 / whole as f64;
    match percent {
        p if p < 0.01 => "less than 0.01 %".to_owned(),
        p if p < 0.95 => format!("{p:.2} %"),
        p if p < 9.95 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// A threshold in parts per million with its unit: `5 %`, `0.1 %`, `0.0001 %`.
#[must_use]
pub fn limit(ppm: u64) -> String {
    let text = format!("{}.{:04}", count(ppm / 10_000), ppm % 10_000);
    format!("{} %", without_trailing_zeros(&text))
}

/// A threshold as percent without needless zeros: `5 %`, `0.1 %`.
#[must_use]
pub fn plain_percent(fraction: f64) -> String {
    let text = format!("{:.4}", fraction * 100.0);
    format!("{} %", without_trailing_zeros(&text))
}

/// Parts per million as percent without needless zeros: 50 000 is `5`.
#[must_use]
pub fn percent_text(ppm: u32) -> String {
    let text = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    without_trailing_zeros(&text).to_owned()
}

/// `5.00` as `5`, `0.10` as `0.1`. The text must have a decimal point.
fn without_trailing_zeros(text: &str) -> &str {
    text.trim_end_matches('0').trim_end_matches('.')
}

/// Parses a percentage that a person typed into parts per million; `None` if it is not exact or not a number.
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
    fn a_share_that_is_not_zero_never_reads_as_zero() {
        assert_eq!(
            [
                share(61, 100),
                share(41, 1_000),
                share(7, 1_000),
                share(4, 10_000),
                share(1, 1_000_000),
                share(0, 5),
                share(0, 0),
                share(2, 2)
            ],
            [
                "61 %",
                "4.1 %",
                "0.70 %",
                "0.04 %",
                "less than 0.01 %",
                "0 %",
                "0 %",
                "100 %"
            ]
        );
    }

    #[test]
    fn limits_are_exact() {
        assert_eq!(
            [50_000, 1_000, 1, 123_456, 1_000_000].map(limit),
            ["5 %", "0.1 %", "0.0001 %", "12.3456 %", "100 %"]
        );
    }

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
