//! History records (operations 14 and 15).

use super::paging::{Page, PageLinks, encode_page};
use super::read::{JsonObject, ShapeResult, list};
use super::time;
use poolkeeper_core::model::{DomainId, DomainName, HistoryRecord};
use serde_json::{Map, Value, json};

/// Decodes a page of records, a bare list of them, or a single bare record.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_page(value: &Value) -> ShapeResult<Page<HistoryRecord>> {
    let bare = |items: Vec<HistoryRecord>| Page {
        total: u64::try_from(items.len()).ok(),
        items,
        next: None,
    };
    if value.is_array() {
        return list(value, decode_record).map(bare);
    }
    match JsonObject::maybe(value)? {
        Some(object)
            if !object.has("items")
                && ["new_band", "domain_name", "domain_id"]
                    .iter()
                    .any(|key| object.has(key)) =>
        {
            decode_record(value).map(|record| bare(vec![record]))
        }
        _ => Page::decode(value, decode_record),
    }
}

fn decode_record(value: &Value) -> ShapeResult<HistoryRecord> {
    let record = JsonObject::read(value)?;
    Ok(HistoryRecord {
        id: record.text_or_empty("id")?,
        owning_account_id: record.account("owning_account_id")?,
        account_id: record.account("account_id")?,
        account_name: record.text("account_name")?,
        domain_id: DomainId(record.text_or_empty("domain_id")?),
        domain_name: DomainName::as_sent(&record.text_or_empty("domain_name")?),
        new_band: record.pool("new_band")?,
        prev_band: record.pool("prev_band")?,
        reason: record.text_or_empty("reason")?,
        bounce_rate: record.rate("bounce_rate")?,
        complaint_rate: record.rate("complaint_rate")?,
        processed_count: record.count("processed_count")?,
        initiated_by: record.nonempty("initiated_by")?,
        timestamp: record.instant("timestamp")?,
    })
}

/// Writes a page of records.
#[must_use]
pub fn encode_list(items: &[HistoryRecord], total: u64, paging: &PageLinks) -> Value {
    encode_page(items, total, paging, encode_record)
}

fn encode_record(record: &HistoryRecord) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("id", json!(record.id));
    put("owning_account_id", json!(record.owning_account_id));
    put("account_id", json!(record.account_id));
    if let Some(account_name) = &record.account_name {
        put("account_name", json!(account_name));
    }
    put("domain_id", json!(record.domain_id));
    put("domain_name", json!(record.domain_name));
    let band = |band: &Option<_>| band.as_ref().map_or_else(|| json!(""), |band| json!(band));
    put("new_band", band(&record.new_band));
    put("prev_band", band(&record.prev_band));
    put("reason", json!(record.reason));
    put("bounce_rate", json!(record.bounce_rate));
    put("complaint_rate", json!(record.complaint_rate));
    put("processed_count", json!(record.processed_count));
    put("initiated_by", json!(record.initiated_by));
    let at = record
        .timestamp
        .map_or_else(|| time::NEVER.to_owned(), time::to_rfc3339);
    put("timestamp", Value::String(at));
    Value::Object(object)
}
