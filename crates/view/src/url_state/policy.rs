//! A policy as a short readable text for the address: only what differs from the default policy.
//!
//! Example: `bounce-4-8_complaint-off_window-14`. A rate has good at most and poor at least in percent, then the events
//! that poor needs unless they are the default. The other values are days, messages or checks. `default` is the default
//! policy.

use poolkeeper_core::health::{BelowMinimum, MetricPolicy, PPM, Policy};
use poolkeeper_core::text::rates::{percent_text, ppm_of};
use std::fmt::Write as _;

/// The text of a policy.
pub fn text(policy: &Policy) -> String {
    let default = Policy::default();
    let mut text = String::new();
    let mut item = |name: &str, value: String| {
        let gap = if text.is_empty() { "" } else { "_" };
        // Writing to a String can't fail.
        let _ = write!(text, "{gap}{name}-{value}");
    };
    if policy.bounce != default.bounce {
        item("bounce", metric_text(policy.bounce, default.bounce));
    }
    if policy.complaint != default.complaint {
        item("complaint", metric_text(policy.complaint, default.complaint));
    }
    let numbers = [
        ("window", u64::from(policy.window_days), u64::from(default.window_days)),
        (
            "check",
            u64::from(policy.check_every_days),
            u64::from(default.check_every_days),
        ),
        ("minimum", policy.minimum_processed, default.minimum_processed),
        (
            "promote",
            u64::from(policy.promotion_after_checks),
            u64::from(default.promotion_after_checks),
        ),
        (
            "demote",
            u64::from(policy.demotion_after_checks),
            u64::from(default.demotion_after_checks),
        ),
    ];
    for (name, value, default_value) in numbers {
        if value != default_value {
            item(name, value.to_string());
        }
    }
    if policy.below_minimum == BelowMinimum::New {
        item("below", "new".to_owned());
    }
    if text.is_empty() {
        text.push_str("default");
    }
    text
}

fn metric_text(metric: Option<MetricPolicy>, default: Option<MetricPolicy>) -> String {
    let Some(metric) = metric else {
        return "off".to_owned();
    };
    let thresholds = format!(
        "{}-{}",
        percent_text(metric.good_at_most_ppm),
        percent_text(metric.poor_at_least_ppm)
    );
    if default.is_some_and(|default| default.poor_min_events == metric.poor_min_events) {
        thresholds
    } else {
        format!("{thresholds}-{}", metric.poor_min_events)
    }
}

/// Reads a policy, and lists the items that could not be read. They keep the default policy's value.
pub fn read(text: &str) -> (Policy, Vec<String>) {
    let mut policy = Policy::default();
    let mut wrong = Vec::new();
    for item in text.split('_').filter(|item| *item != "default" && !item.is_empty()) {
        let mut changed = policy.clone();
        let problem = match apply(&mut changed, item) {
            None => Some("can't be read".to_owned()),
            Some(()) => out_of_bounds(&changed),
        };
        match problem {
            None => policy = changed,
            Some(problem) => wrong.push(format!("“{item}” {problem}; the default is used")),
        }
    }
    if policy.bounce.is_none() && policy.complaint.is_none() {
        let default = Policy::default();
        policy.bounce = default.bounce;
        policy.complaint = default.complaint;
        wrong.push("both rates are off; the default's thresholds are used".to_owned());
    }
    (policy, wrong)
}

/// Why the policy is invalid. Both rates may be off here, because the next item may switch one on.
fn out_of_bounds(policy: &Policy) -> Option<String> {
    let mut valid_rates = policy.clone();
    if valid_rates.bounce.is_none() && valid_rates.complaint.is_none() {
        valid_rates.bounce = Policy::default().bounce;
    }
    let invalid = valid_rates.validate().err()?;
    Some(format!("is not valid ({})", invalid.problem))
}

fn apply(policy: &mut Policy, item: &str) -> Option<()> {
    let (name, value) = item.split_once('-')?;
    match name {
        "bounce" => policy.bounce = metric(value, policy.bounce)?,
        "complaint" => policy.complaint = metric(value, policy.complaint)?,
        "window" => policy.window_days = value.parse().ok()?,
        "check" => policy.check_every_days = value.parse().ok()?,
        "minimum" => policy.minimum_processed = value.parse().ok()?,
        "promote" => policy.promotion_after_checks = value.parse().ok()?,
        "demote" => policy.demotion_after_checks = value.parse().ok()?,
        "below" => {
            policy.below_minimum = match value {
                "new" => BelowMinimum::New,
                "hold" => BelowMinimum::Hold,
                _ => return None,
            }
        }
        _ => return None,
    }
    Some(())
}

/// `off`, `4-8`, `4-8-2`.
fn metric(value: &str, default: Option<MetricPolicy>) -> Option<Option<MetricPolicy>> {
    if value == "off" {
        return Some(None);
    }
    let mut parts = value.split('-');
    let mut threshold = || {
        let ppm = ppm_of(parts.next()?)?;
        u32::try_from(ppm).ok().filter(|ppm| *ppm <= PPM)
    };
    let good_at_most_ppm = threshold()?;
    let poor_at_least_ppm = threshold()?;
    let poor_min_events = match parts.next() {
        Some(events) => events.parse().ok()?,
        None => default.map_or(1, |default| default.poor_min_events),
    };
    parts.next().is_none().then_some(Some(MetricPolicy {
        good_at_most_ppm,
        poor_at_least_ppm,
        poor_min_events,
    }))
}
