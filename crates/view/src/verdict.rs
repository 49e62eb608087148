//! A preview in words.

use poolkeeper_core::health::{Metric, Policy};
use poolkeeper_core::model::{Band, PoolName, Preview, PreviewMetric, Rate};
use poolkeeper_core::text::rates::{plain_percent, thresholds};
use poolkeeper_core::text::{count, events_noun, metric_name, pool_word};

/// The preview in one sentence.
#[must_use]
pub fn headline(preview: &Preview) -> String {
    match (&preview.pool, &preview.message) {
        (Some(pool), _) => format!("A health check now would put it in {}.", pool_word(pool)),
        (None, Some(message)) => format!("The service says: {message}"),
        (None, None) => "The preview gives no pool.".to_owned(),
    }
}

/// One line for each metric of the preview: its value and what it means.
#[must_use]
pub fn lines(preview: &Preview, policy: Option<&Policy>) -> Vec<String> {
    let bounce = policy.and_then(|policy| policy.bounce);
    let complaint = policy.and_then(|policy| policy.complaint);
    [
        rate_line(
            metric_name(Metric::BounceRate),
            preview.bounce_rate.as_ref(),
            bounce.map(|metric| thresholds(&metric)),
        ),
        rate_line(
            metric_name(Metric::ComplaintRate),
            preview.complaint_rate.as_ref(),
            complaint.map(|metric| thresholds(&metric)),
        ),
        processed_line(preview.processed_count.as_ref(), policy),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A few words for a table's cell.
#[must_use]
pub fn brief(preview: &Preview) -> String {
    let named = [
        (events_noun(Metric::BounceRate), &preview.bounce_rate),
        (events_noun(Metric::ComplaintRate), &preview.complaint_rate),
    ];
    let in_band = |band: Band| {
        let names = named
            .iter()
            .filter(|(_, metric)| metric.as_ref().and_then(band_of) == Some(band));
        names.map(|(name, _)| *name).collect::<Vec<_>>()
    };
    let poor = in_band(Band::Poor);
    if !poor.is_empty() {
        return format!("{} too high", poor.join(" and "));
    }
    if preview.processed_count.as_ref().and_then(band_of) == Some(Band::New) {
        return "too little mail to judge".to_owned();
    }
    match in_band(Band::Good).len() {
        0 => String::new(),
        count if count == named.iter().filter(|(_, metric)| metric.is_some()).count() => "all rates good".to_owned(),
        _ => "between the thresholds".to_owned(),
    }
}

fn band_of(metric: &PreviewMetric) -> Option<Band> {
    metric.band.as_ref().and_then(PoolName::band)
}

fn rate_line(name: &str, metric: Option<&PreviewMetric>, limits: Option<[f64; 2]>) -> Option<String> {
    let metric = metric?;
    let beside = limits.unwrap_or_default();
    let value = metric.value.map(|value| match limits {
        Some(_) => Rate(value).percent_beside(&beside),
        None => Rate(value).percent(),
    });
    let Some(value) = value else {
        return Some(format!("{name}: none, no mail sent"));
    };
    let [good, poor] = beside.map(plain_percent);
    let verdict = match (band_of(metric), &metric.band, limits) {
        (Some(Band::Good), _, Some(_)) => format!("good: at most {good}"),
        (Some(Band::Poor), _, Some(_)) => format!("poor: at least {poor}"),
        (Some(Band::New), _, Some(_)) => format!("in between: good at most {good}, poor at least {poor}"),
        (Some(band), _, None) => format!("in the {band} threshold"),
        (None, Some(other), _) => format!("counts as {other}"),
        (None, None, _) => return Some(format!("{name} {value}")),
    };
    Some(format!("{name} {value}, {verdict}"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of messages, whole and non-negative"
)]
fn processed_line(metric: Option<&PreviewMetric>, policy: Option<&Policy>) -> Option<String> {
    let metric = metric?;
    let processed = count(metric.value.unwrap_or(0.0).max(0.0) as u64);
    let minimum = policy.map(|policy| count(policy.minimum_processed));
    let verdict = match (band_of(metric), &metric.band, minimum) {
        (Some(Band::Good), _, _) => "enough to judge".to_owned(),
        (Some(Band::New), _, Some(minimum)) => format!("too few to judge: {minimum} needed"),
        (Some(Band::New), _, None) => "too few to judge".to_owned(),
        (Some(band), _, _) => format!("counts as {band}"),
        (None, Some(other), _) => format!("counts as {other}"),
        (None, None, _) => return Some(format!("{processed} messages processed")),
    };
    Some(format!("{processed} messages processed, {verdict}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(value: f64, band: Band) -> Option<PreviewMetric> {
        Some(PreviewMetric {
            value: Some(value),
            band: Some(PoolName::Known(band)),
        })
    }

    /// The service's own example.
    fn example() -> Preview {
        Preview {
            pool: Some(PoolName::Known(Band::Poor)),
            bounce_rate: metric(0.25, Band::Poor),
            complaint_rate: metric(0.0002, Band::Good),
            processed_count: metric(25_000.0, Band::Good),
            message: None,
        }
    }

    #[test]
    fn each_metric_says_what_it_is_and_why() {
        assert_eq!(headline(&example()), "A health check now would put it in poor.");
        assert_eq!(
            lines(&example(), Some(&Policy::default())),
            [
                "Bounce rate 25.00 %, poor: at least 10 %",
                "Complaint rate 0.020 %, good: at most 0.1 %",
                "25,000 messages processed, enough to judge",
            ]
        );
        assert_eq!(brief(&example()), "bounces too high");
    }

    #[test]
    fn without_thresholds_the_band_is_named() {
        let words = lines(&example(), None);
        assert_eq!(
            words.first().map(String::as_str),
            Some("Bounce rate 25.00 %, in the poor threshold")
        );
    }

    #[test]
    fn a_pool_and_a_message_are_enough() {
        let bare = Preview {
            pool: Some(PoolName::Unknown("dynamic_fair".to_owned())),
            bounce_rate: None,
            complaint_rate: None,
            processed_count: None,
            message: Some("success".to_owned()),
        };
        assert_eq!(headline(&bare), "A health check now would put it in dynamic_fair.");
        assert!(lines(&bare, Some(&Policy::default())).is_empty());
        assert_eq!(brief(&bare), "");
    }
}
