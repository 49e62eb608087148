//! The metrics there are, and how each follows from a domain's four counts.

use poolkeeper_core::model::Counts;

/// A metric's name, and how it follows from the counts.
pub(super) type MetricName = (&'static str, fn(&Counts) -> f64);

/// The metrics of a query that names none.
pub(super) const DEFAULT: [MetricName; 5] = [
    ("processed_count", |counts| whole(counts.processed)),
    ("sent_count", |counts| whole(counts.sent())),
    ("delivered_count", |counts| whole(counts.delivered)),
    ("bounced_count", |counts| whole(counts.bounced)),
    ("complained_count", |counts| whole(counts.complained)),
];

/// Other metrics that follow from the counts. Simulated mail is all outgoing, sent by SMTP and delivered or bounced for good at
/// the first attempt.
const DERIVED: [MetricName; 11] = [
    ("accepted_count", |counts| whole(counts.processed)),
    ("accepted_outgoing_count", |counts| whole(counts.processed)),
    ("delivered_smtp_count", |counts| whole(counts.delivered)),
    ("delivered_first_attempt_count", |counts| whole(counts.delivered)),
    ("failed_count", |counts| whole(counts.bounced)),
    ("permanent_failed_count", |counts| whole(counts.bounced)),
    ("hard_bounces_count", |counts| whole(counts.bounced)),
    ("delivered_rate", |counts| share(counts.delivered, counts.sent())),
    ("permanent_fail_rate", |counts| share(counts.bounced, counts.sent())),
    ("bounce_rate", |counts| counts.bounce_rate().unwrap_or_default()),
    ("complained_rate", |counts| counts.complaint_rate().unwrap_or_default()),
];

/// Metrics of what is not simulated: always 0.
const ZERO: [&str; 31] = [
    "accepted_incoming_count",
    "clicked_count",
    "clicked_rate",
    "delayed_bounce_count",
    "delayed_first_attempt_count",
    "delayed_first_attempt_rate",
    "delayed_rate",
    "delivered_http_count",
    "delivered_optimized_count",
    "delivered_two_plus_attempts_count",
    "opened_count",
    "opened_rate",
    "permanent_failed_esp_block_count",
    "permanent_failed_old_count",
    "permanent_failed_optimized_count",
    "rate_limit_count",
    "soft_bounces_count",
    "stored_count",
    "suppressed_bounces_count",
    "suppressed_complaints_count",
    "suppressed_unsubscribed_count",
    "temporary_fail_rate",
    "temporary_failed_count",
    "temporary_failed_esp_block_count",
    "unique_clicked_count",
    "unique_clicked_rate",
    "unique_opened_count",
    "unique_opened_rate",
    "unsubscribed_count",
    "unsubscribed_rate",
    "webhook_count",
];

/// The metric of a name.
pub(super) fn find(name: &str) -> Option<MetricName> {
    let mut simulated = DEFAULT.into_iter().chain(DERIVED);
    let zero = || ZERO.into_iter().find(|zero| *zero == name);
    simulated
        .find(|(known, _)| *known == name)
        .or_else(|| zero().map(|name| (name, (|_| 0.0) as fn(&Counts) -> f64)))
}

#[expect(clippy::cast_precision_loss, reason = "counts of messages, far below 2^53")]
const fn whole(count: u64) -> f64 {
    count as f64
}

fn share(part: u64, base: u64) -> f64 {
    if base == 0 { 0.0 } else { whole(part) / whole(base) }
}
