//! A policy in sentences.

use super::names::events_noun;
use super::rates::limit;
use super::{count, counted};
use crate::health::{BelowMinimum, Metric, MetricPolicy, Policy};

/// What a check does by a policy: which rates are good, which are poor, and what is not judged.
///
/// # Examples
/// ```
/// use poolkeeper_core::{health::Policy, text};
/// let [good, poor, rest] = text::policy_sentences(&Policy::default());
/// assert_eq!(good, "Good: at most 5 % bounces and at most 0.1 % complaints, over 7 days.");
/// assert_eq!(poor, "Poor: 10 % bounces or more, or 0.3 % complaints or more (at least 3).");
/// assert_eq!(rest, "In between, or below 1,000 messages in 7 days, a domain stays where it is.");
/// ```
#[must_use]
pub fn policy_sentences(policy: &Policy) -> [String; 3] {
    let metrics: Vec<(Metric, MetricPolicy)> = [Metric::BounceRate, Metric::ComplaintRate]
        .into_iter()
        .filter_map(|metric| Some((metric, metric.policy(policy)?)))
        .collect();
    let joined = |word: &str, part: &dyn Fn(&(Metric, MetricPolicy)) -> String| {
        metrics.iter().map(part).collect::<Vec<_>>().join(word)
    };
    let days = counted(u64::from(policy.window_days), "day");
    let good = joined(" and ", &|(metric, limits)| {
        format!(
            "at most {} {}",
            limit(u64::from(limits.good_at_most_ppm)),
            events_noun(*metric)
        )
    });
    let poor = joined(", or ", &|(metric, limits)| {
        let share = limit(u64::from(limits.poor_at_least_ppm));
        let least = limits.poor_min_events;
        let least = if least > 1 {
            format!(" (at least {})", count(least))
        } else {
            String::new()
        };
        format!("{share} {} or more{least}", events_noun(*metric))
    });
    let few = format!("below {} in {days}", counted(policy.minimum_processed, "message"));
    let rest = match (policy.minimum_processed, policy.below_minimum) {
        (0, _) => "In between, a domain stays where it is.".to_owned(),
        (_, BelowMinimum::Hold) => format!("In between, or {few}, a domain stays where it is."),
        (_, BelowMinimum::New) => format!("In between, a domain stays where it is; {few} it is new."),
    };
    [format!("Good: {good}, over {days}."), format!("Poor: {poor}."), rest]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_off_is_not_named() {
        let policy = Policy {
            bounce: None,
            window_days: 1,
            minimum_processed: 0,
            ..Policy::default()
        };
        assert_eq!(
            policy_sentences(&policy),
            [
                "Good: at most 0.1 % complaints, over 1 day.",
                "Poor: 0.3 % complaints or more (at least 3).",
                "In between, a domain stays where it is.",
            ]
        );
        let policy = Policy {
            below_minimum: BelowMinimum::New,
            minimum_processed: 1,
            ..Policy::default()
        };
        let [_, _, rest] = policy_sentences(&policy);
        assert_eq!(
            rest,
            "In between, a domain stays where it is; below 1 message in 7 days it is new."
        );
    }
}
