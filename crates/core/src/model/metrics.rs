//! Results of the metrics query.

use super::{Counts, MetricRow, Timestamp};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The length of one step of the time dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// One hour.
    Hour,
    /// One UTC day.
    #[default]
    Day,
    /// One calendar month.
    Month,
}

/// What metrics are split by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dimension {
    /// Steps of the resolution.
    Time,
    /// Sending domain.
    Domain,
    /// Subaccount.
    Subaccount,
    /// Sending IP.
    Ip,
    /// Dedicated IP pool.
    IpPool,
    /// Any other dimension, as received.
    Other(String),
}

/// One dimension's value in an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DimensionValue {
    /// The dimension.
    pub dimension: Dimension,
    /// Its value as sent: a name, an identifier, or an RFC 2822 time.
    pub value: String,
    /// Its display name, if the response has one.
    pub display_value: Option<String>,
    /// The instant, for the time dimension.
    pub at: Option<DateTime<Utc>>,
}

/// One item: the dimensions' values and the metrics measured for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricsItem {
    /// The dimensions' values, in the query's order.
    pub dimensions: Vec<DimensionValue>,
    /// Every metric that is a number or a numeric string, by name; `null` is left out.
    pub metrics: BTreeMap<String, f64>,
}

impl MetricsItem {
    /// The value of a dimension.
    #[must_use]
    pub fn dimension(&self, dimension: &Dimension) -> Option<&DimensionValue> {
        self.dimensions.iter().find(|value| value.dimension == *dimension)
    }

    /// A whole-numbered metric; missing, `null` or negative reads as 0.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0 and above; counts are far below 2^53, where f64 is exact"
    )]
    pub fn count(&self, name: &str) -> u64 {
        self.metrics.get(name).map_or(0, |value| value.max(0.0) as u64)
    }

    /// The four counts of the banding rule. Where only its parts are told, delivered is the sum of SMTP and HTTP.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let delivered = if self.metrics.contains_key("delivered_count") {
            self.count("delivered_count")
        } else {
            let parts = ["delivered_smtp_count", "delivered_http_count"].map(|part| self.count(part));
            parts.into_iter().fold(0, u64::saturating_add)
        };
        Counts {
            processed: self.count("processed_count"),
            delivered,
            bounced: self.count("bounced_count"),
            complained: self.count("complained_count"),
        }
    }

    /// The item as one domain's counts on one UTC day, when it has both dimensions.
    #[must_use]
    pub fn row(&self) -> Option<MetricRow> {
        Some(MetricRow {
            domain: super::DomainName::as_sent(&self.dimension(&Dimension::Domain)?.value),
            day: Timestamp::from(self.dimension(&Dimension::Time)?.at?).day(),
            counts: self.counts(),
        })
    }
}

/// What the service counts as sent, beside delivered plus bounced, which the banding rule takes as the base of the bounce rate.
/// A delayed bounce is counted as delivered and as bounced, so the two may differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBases {
    /// The service's `sent_count`.
    pub sent: u64,
    /// Delivered plus bounced, of the same items.
    pub delivered_or_bounced: u64,
    /// Delayed bounces, of the same items.
    pub delayed_bounces: u64,
}

impl SentBases {
    /// Adds an item; one without `sent_count` says nothing.
    pub fn add(&mut self, item: &MetricsItem) {
        if !item.metrics.contains_key("sent_count") {
            return;
        }
        let add = |sum: &mut u64, count: u64| *sum = sum.saturating_add(count);
        add(&mut self.sent, item.count("sent_count"));
        add(&mut self.delivered_or_bounced, item.counts().sent());
        add(&mut self.delayed_bounces, item.count("delayed_bounce_count"));
    }

    /// Whether the service's count is another than delivered plus bounced, or some messages are in both of these.
    #[must_use]
    pub const fn differ(&self) -> bool {
        self.sent != self.delivered_or_bounced || self.delayed_bounces > 0
    }
}

/// One page of metrics.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricsPage {
    /// First instant covered.
    pub start: Option<DateTime<Utc>>,
    /// Last instant covered.
    pub end: Option<DateTime<Utc>>,
    /// The step of the time dimension, where the answer says.
    pub resolution: Option<Resolution>,
    /// The span as sent (`7d`), where the answer says.
    pub duration: Option<String>,
    /// What the items are split by.
    pub dimensions: Vec<Dimension>,
    /// The order as sent (`time:asc`), where the answer says.
    pub sort: Option<String>,
    /// Items before this page.
    pub skip: u64,
    /// Most items in a page, where the answer says.
    pub limit: Option<u64>,
    /// Items over all pages, where the answer says.
    pub total: Option<u64>,
    /// The items.
    pub items: Vec<MetricsItem>,
    /// The metrics over all items, when asked for.
    pub aggregates: Option<BTreeMap<String, f64>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(metrics: &[(&str, f64)]) -> MetricsItem {
        MetricsItem {
            dimensions: Vec::new(),
            metrics: metrics
                .iter()
                .map(|(name, value)| ((*name).to_owned(), *value))
                .collect(),
        }
    }

    #[test]
    fn delivered_is_smtp_and_http_where_only_they_are_told() {
        let parts = item(&[("delivered_smtp_count", 70.0), ("delivered_http_count", 5.0)]);
        assert_eq!(parts.counts().delivered, 75);
        let both = item(&[("delivered_count", 80.0), ("delivered_smtp_count", 70.0)]);
        assert_eq!(both.counts().delivered, 80);
    }

    #[test]
    fn a_delayed_bounce_makes_the_bases_differ() {
        // 100 were sent; 97 delivered, of which 2 bounced later, and 3 bounced at once: 97 + 5 = 102.
        let mut bases = SentBases::default();
        let plain = [("sent_count", 100.0), ("delivered_count", 95.0), ("bounced_count", 5.0)];
        bases.add(&item(&plain));
        bases.add(&item(&[("delivered_count", 1_000.0)]));
        assert!(!bases.differ());
        bases.add(&item(&[
            ("sent_count", 100.0),
            ("delivered_count", 97.0),
            ("bounced_count", 5.0),
            ("delayed_bounce_count", 2.0),
        ]));
        let expected = SentBases {
            sent: 200,
            delivered_or_bounced: 202,
            delayed_bounces: 2,
        };
        assert_eq!(bases, expected);
        assert!(bases.differ());
    }
}
