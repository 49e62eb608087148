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

    /// The four counts of the banding rule.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            processed: self.count("processed_count"),
            delivered: self.count("delivered_count"),
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
