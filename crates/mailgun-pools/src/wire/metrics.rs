//! The metrics query's response (operation 21).

use super::domains::encode_number;
use super::read::{JsonObject, ShapeResult, number, text};
use super::time;
use chrono::{DateTime, Utc};
use poolkeeper_core::model::{Dimension, DimensionValue, MetricsItem, MetricsPage, Resolution};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Decodes a page of metrics. Rates may be strings. [`MetricsItem::count`] reads `null` and missing counts as 0.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode(value: &Value) -> ShapeResult<MetricsPage> {
    let Some(answer) = JsonObject::maybe(value)? else {
        return Ok(MetricsPage::default());
    };
    let pagination = answer.with("pagination", JsonObject::maybe)?;
    let paged = |key| pagination.map_or(Ok(None), |pagination| pagination.count(key));
    let aggregates = match answer.with("aggregates", JsonObject::maybe)? {
        Some(aggregates) => aggregates
            .with("metrics", JsonObject::maybe)?
            .map(decode_values)
            .transpose()?,
        None => None,
    };
    Ok(MetricsPage {
        start: answer.instant("start")?,
        end: answer.instant("end")?,
        resolution: answer.text("resolution")?.as_deref().and_then(decode_resolution),
        duration: answer.nonempty("duration")?,
        dimensions: answer.list("dimensions", |name| {
            Ok(decode_dimension(&text(name)?.unwrap_or_default()))
        })?,
        sort: pagination.map_or(Ok(None), |pagination| pagination.nonempty("sort"))?,
        skip: paged("skip")?.unwrap_or_default(),
        limit: paged("limit")?,
        total: paged("total")?,
        items: answer.list("items", decode_item)?,
        aggregates,
    })
}

fn decode_item(value: &Value) -> ShapeResult<MetricsItem> {
    let item = JsonObject::read(value)?;
    let dimension = |value| {
        let entry = JsonObject::read(value)?;
        let dimension = decode_dimension(&entry.text_or_empty("dimension")?);
        let value = entry.text_or_empty("value")?;
        let at = if dimension == Dimension::Time {
            entry.instant("value")?
        } else {
            None
        };
        Ok(DimensionValue {
            dimension,
            value,
            display_value: entry.text("display_value")?,
            at,
        })
    };
    Ok(MetricsItem {
        dimensions: item.list("dimensions", dimension)?,
        metrics: item
            .with("metrics", JsonObject::maybe)?
            .map(decode_values)
            .transpose()?
            .unwrap_or_default(),
    })
}

/// Every field that is a number or a numeric string. Nested objects, which some metrics are, are skipped.
fn decode_values(metrics: JsonObject<'_>) -> ShapeResult<BTreeMap<String, f64>> {
    let plain = metrics.fields().filter(|(_, value)| !value.is_object());
    plain
        .filter_map(|(name, _)| {
            metrics
                .with(name, number)
                .transpose()
                .map(|value| Ok((name.to_owned(), value?)))
        })
        .collect()
}

/// Writes a page of metrics.
#[must_use]
pub fn encode(page: &MetricsPage) -> Value {
    let at = |at: Option<DateTime<Utc>>| at.map_or(Value::Null, |at| json!(time::to_rfc2822(at)));
    let mut answer = Map::new();
    answer.insert("start".to_owned(), at(page.start));
    answer.insert("end".to_owned(), at(page.end));
    answer.insert("resolution".to_owned(), json!(page.resolution.map(encode_resolution)));
    answer.insert("duration".to_owned(), json!(page.duration));
    answer.insert(
        "dimensions".to_owned(),
        page.dimensions.iter().map(encode_dimension).collect(),
    );
    let pagination = json!({ "sort": page.sort, "skip": page.skip, "limit": page.limit, "total": page.total });
    answer.insert("pagination".to_owned(), pagination);
    answer.insert("items".to_owned(), page.items.iter().map(encode_item).collect());
    if let Some(aggregates) = &page.aggregates {
        answer.insert("aggregates".to_owned(), json!({ "metrics": encode_values(aggregates) }));
    }
    Value::Object(answer)
}

fn encode_item(item: &MetricsItem) -> Value {
    let dimension = |entry: &DimensionValue| {
        json!({
            "dimension": encode_dimension(&entry.dimension),
            "value": entry.value,
            "display_value": entry.display_value.as_ref().unwrap_or(&entry.value),
        })
    };
    json!({
        "dimensions": item.dimensions.iter().map(dimension).collect::<Vec<_>>(),
        "metrics": encode_values(&item.metrics),
    })
}

/// Counts are written as numbers, rates as strings with four decimals.
fn encode_values(metrics: &BTreeMap<String, f64>) -> Value {
    let value = |(name, value): (&String, &f64)| {
        let value = if name.ends_with("_rate") {
            json!(format!("{value:.4}"))
        } else {
            encode_number(*value, true)
        };
        (name.clone(), value)
    };
    Value::Object(metrics.iter().map(value).collect())
}

/// A dimension by its name; never fails.
#[must_use]
pub fn decode_dimension(name: &str) -> Dimension {
    match name {
        "time" => Dimension::Time,
        "domain" => Dimension::Domain,
        "subaccount" => Dimension::Subaccount,
        "ip" => Dimension::Ip,
        "ip_pool" => Dimension::IpPool,
        other => Dimension::Other(other.to_owned()),
    }
}

/// A dimension's name.
#[must_use]
pub fn dimension_name(dimension: &Dimension) -> &str {
    match dimension {
        Dimension::Time => "time",
        Dimension::Domain => "domain",
        Dimension::Subaccount => "subaccount",
        Dimension::Ip => "ip",
        Dimension::IpPool => "ip_pool",
        Dimension::Other(other) => other,
    }
}

fn encode_dimension(dimension: &Dimension) -> Value {
    json!(dimension_name(dimension))
}

/// A resolution by its name.
#[must_use]
pub fn decode_resolution(name: &str) -> Option<Resolution> {
    match name {
        "hour" => Some(Resolution::Hour),
        "day" => Some(Resolution::Day),
        "month" => Some(Resolution::Month),
        _ => None,
    }
}

/// A resolution's name.
#[must_use]
pub const fn encode_resolution(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Hour => "hour",
        Resolution::Day => "day",
        Resolution::Month => "month",
    }
}
