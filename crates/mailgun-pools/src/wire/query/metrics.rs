//! The metrics query's JSON body (operation 21).

use super::params::InvalidParam;
use crate::wire::metrics::{decode_dimension, decode_resolution, dimension_name, encode_resolution};
use crate::wire::time;
use chrono::{DateTime, Utc};
use poolkeeper_core::model::{Dimension, Resolution};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The time a metrics query covers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MetricsPeriod {
    /// From one instant to another.
    Between {
        /// The first instant.
        start: DateTime<Utc>,
        /// The last instant.
        end: DateTime<Utc>,
    },
    /// A duration (`30d`, `24h`, `6m`) up to an instant, or up to now when `None`.
    Last {
        /// A number and `h`, `d` or `m`.
        duration: String,
        /// The last instant.
        end: Option<DateTime<Utc>>,
    },
}

impl Default for MetricsPeriod {
    /// The service's own default: seven days up to now.
    fn default() -> Self {
        Self::Last {
            duration: "7d".to_owned(),
            end: None,
        }
    }
}

/// One condition; all conditions of a query must hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MetricsFilter {
    /// The name of a dimension, such as `domain`.
    pub attribute: String,
    /// `=`, `!=`, `contains`, `not contains`, and others the service may have.
    pub comparator: String,
    /// Any of these.
    pub values: Vec<String>,
}

/// A metrics query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MetricsQuery {
    /// The period.
    pub span: MetricsPeriod,
    /// The step of the time dimension.
    pub resolution: Resolution,
    /// What to split by.
    pub dimensions: Vec<Dimension>,
    /// Which metrics, by name.
    pub metrics: Vec<String>,
    /// Conditions that all hold.
    pub filters: Vec<MetricsFilter>,
    /// With the subaccounts' traffic.
    pub include_subaccounts: bool,
    /// With the metrics over all items.
    pub include_aggregates: bool,
    /// `time:asc`, `domain:desc`, or a metric's name and a direction; the service's own order when `None`.
    pub sort: Option<String>,
    /// Items to skip.
    pub skip: u64,
    /// Most items in a page; the service's own default when `None`.
    pub limit: Option<u64>,
}

impl MetricsQuery {
    /// The four counts of the banding rule per domain and UTC day, and what tells the bases of rates apart: the service's own
    /// count of sent, delayed bounces, and the parts of delivered.
    #[must_use]
    pub fn daily_counts(span: MetricsPeriod, include_subaccounts: bool) -> Self {
        let metrics = [
            "processed_count",
            "delivered_count",
            "bounced_count",
            "complained_count",
            "sent_count",
            "delayed_bounce_count",
            "delivered_smtp_count",
            "delivered_http_count",
        ];
        Self {
            span,
            dimensions: vec![Dimension::Time, Dimension::Domain],
            metrics: metrics.map(str::to_owned).to_vec(),
            include_subaccounts,
            sort: Some("time:asc".to_owned()),
            ..Self::default()
        }
    }

    /// As a JSON body.
    #[must_use]
    pub fn encode(&self) -> Value {
        let mut body = Map::new();
        let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
        match &self.span {
            MetricsPeriod::Between { start, end } => {
                put("start", json!(time::to_rfc2822(*start)));
                put("end", json!(time::to_rfc2822(*end)));
            }
            MetricsPeriod::Last { duration, end } => {
                if let Some(end) = end {
                    put("end", json!(time::to_rfc2822(*end)));
                }
                put("duration", json!(duration));
            }
        }
        put("resolution", json!(encode_resolution(self.resolution)));
        put("dimensions", self.dimensions.iter().map(dimension_name).collect());
        put("metrics", json!(self.metrics));
        if !self.filters.is_empty() {
            put(
                "filter",
                json!({ "AND": self.filters.iter().map(encode_filter).collect::<Vec<_>>() }),
            );
        }
        put("include_subaccounts", json!(self.include_subaccounts));
        put("include_aggregates", json!(self.include_aggregates));
        let mut pagination = Map::new();
        if let Some(sort) = &self.sort {
            pagination.insert("sort".to_owned(), json!(sort));
        }
        pagination.insert("skip".to_owned(), json!(self.skip));
        if let Some(limit) = self.limit {
            pagination.insert("limit".to_owned(), json!(limit));
        }
        put("pagination", Value::Object(pagination));
        Value::Object(body)
    }

    /// From a JSON body.
    ///
    /// # Errors
    /// [`InvalidParam`] naming the field the service would refuse.
    pub fn decode(body: &Value) -> Result<Self, InvalidParam> {
        let Some(body) = body.as_object() else {
            return Err(InvalidParam::new("body", "", "the query is a JSON object"));
        };
        let get = |key: &str| body.get(key).unwrap_or(&Value::Null);
        let pagination = get("pagination");
        let resolution = match text("resolution", get("resolution"))? {
            None => Resolution::default(),
            Some(name) => decode_resolution(&name).ok_or_else(|| {
                InvalidParam::new(
                    "resolution",
                    &name,
                    format!("“{name}” is unknown; take hour, day or month"),
                )
            })?,
        };
        Ok(Self {
            span: decode_span(get("start"), get("end"), get("duration"))?,
            resolution,
            dimensions: texts("dimensions", get("dimensions"))?
                .iter()
                .map(|name| decode_dimension(name))
                .collect(),
            metrics: texts("metrics", get("metrics"))?,
            filters: decode_filters(get("filter"))?,
            include_subaccounts: flag("include_subaccounts", get("include_subaccounts"))?,
            include_aggregates: flag("include_aggregates", get("include_aggregates"))?,
            sort: text("pagination.sort", pagination.get("sort").unwrap_or(&Value::Null))?,
            skip: whole("pagination.skip", pagination.get("skip"))?.unwrap_or_default(),
            limit: whole("pagination.limit", pagination.get("limit"))?,
        })
    }
}

fn encode_filter(filter: &MetricsFilter) -> Value {
    let values: Vec<Value> = filter
        .values
        .iter()
        .map(|value| json!({ "label": value, "value": value }))
        .collect();
    json!({ "attribute": filter.attribute, "comparator": filter.comparator, "values": values })
}

fn decode_span(start: &Value, end: &Value, duration: &Value) -> Result<MetricsPeriod, InvalidParam> {
    let instant = |field: &str, value: &Value| -> Result<Option<DateTime<Utc>>, InvalidParam> {
        let Some(given) = text(field, value)? else {
            return Ok(None);
        };
        time::parse(&given).map(Some).ok_or_else(|| {
            let problem = format!("“{given}” is not a time such as Thu, 23 Jul 2026 00:00:00 +0000");
            InvalidParam::new(field, &given, problem)
        })
    };
    let (start, end, duration) = (
        instant("start", start)?,
        instant("end", end)?,
        text("duration", duration)?,
    );
    match (start, end, duration) {
        // The service ignores a start if there is a duration.
        (_, end, Some(duration)) => Ok(MetricsPeriod::Last { duration, end }),
        (Some(start), Some(end), None) if start <= end => Ok(MetricsPeriod::Between { start, end }),
        (Some(start), Some(_), None) => Err(InvalidParam::new(
            "end",
            &time::to_rfc2822(start),
            "the end is before the start",
        )),
        (Some(start), None, None) => Err(InvalidParam::new(
            "start",
            &time::to_rfc2822(start),
            "a start needs an end or a duration",
        )),
        (None, Some(end), None) => match MetricsPeriod::default() {
            MetricsPeriod::Last { duration, .. } => Ok(MetricsPeriod::Last {
                duration,
                end: Some(end),
            }),
            between @ MetricsPeriod::Between { .. } => Ok(between),
        },
        (None, None, None) => Ok(MetricsPeriod::default()),
    }
}

fn decode_filters(filter: &Value) -> Result<Vec<MetricsFilter>, InvalidParam> {
    if filter.is_null() {
        return Ok(Vec::new());
    }
    let wrong = || {
        InvalidParam::new(
            "filter",
            "",
            "a filter is {\"AND\": [{\"attribute\", \"comparator\", \"values\"}]}",
        )
    };
    let conditions = match filter.get("AND") {
        Some(Value::Array(conditions)) => conditions,
        Some(Value::Null) | None if filter.as_object().is_some_and(Map::is_empty) => return Ok(Vec::new()),
        _ => return Err(wrong()),
    };
    let condition = |condition: &Value| {
        let name = |key: &str| condition.get(key).and_then(Value::as_str).map(str::to_owned);
        let values = condition.get("values").and_then(Value::as_array).ok_or_else(wrong)?;
        let value = |value: &Value| match value {
            Value::String(bare) => Ok(bare.clone()),
            object => object
                .get("value")
                .and_then(Value::as_str)
                .map(str::to_owned)
                .ok_or_else(wrong),
        };
        Ok(MetricsFilter {
            attribute: name("attribute").ok_or_else(wrong)?,
            comparator: name("comparator").unwrap_or_else(|| "=".to_owned()),
            values: values.iter().map(value).collect::<Result<_, _>>()?,
        })
    };
    conditions.iter().map(condition).collect()
}

fn text(field: &str, value: &Value) -> Result<Option<String>, InvalidParam> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        other => Err(InvalidParam::new(field, &other.to_string(), "a text is needed")),
    }
}

fn texts(field: &str, value: &Value) -> Result<Vec<String>, InvalidParam> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(entries) => entries
            .iter()
            .filter_map(|entry| text(field, entry).transpose())
            .collect(),
        other => Err(InvalidParam::new(
            field,
            &other.to_string(),
            "a list of texts is needed",
        )),
    }
}

fn flag(field: &str, value: &Value) -> Result<bool, InvalidParam> {
    match value {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        other => Err(InvalidParam::new(field, &other.to_string(), "true or false is needed")),
    }
}

fn whole(field: &str, value: Option<&Value>) -> Result<Option<u64>, InvalidParam> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_u64()
            .map(Some)
            .ok_or_else(|| InvalidParam::new(field, &value.to_string(), "a whole number from 0 is needed")),
    }
}
