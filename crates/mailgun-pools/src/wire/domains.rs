//! Domains in the pools, domains that are not, and previews (operations 8, 10 and 11).

use super::paging::{Page, PageLinks, encode_page};
use super::read::{JsonObject, ShapeResult, list};
use super::time;
use poolkeeper_core::model::{
    AccountDomain, AccountId, AssignableDomain, Domain, DomainId, DomainName, PoolName, Preview, PreviewMetric,
    SendingStatus,
};
use serde_json::{Map, Value, json};

/// Reads a page of enrolled domains.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_page(value: &Value) -> ShapeResult<Page<Domain>> {
    Page::decode(value, decode_domain)
}

fn decode_domain(value: &Value) -> ShapeResult<Domain> {
    let domain = JsonObject::read(value)?;
    Ok(Domain {
        id: DomainId(domain.text_or_empty("id")?),
        account_id: domain.account("account_id")?,
        account_name: domain.text("account_name")?,
        name: DomainName::as_sent(&domain.text_or_empty("name")?),
        registered_at: domain.instant("registered_at")?,
        pool: PoolName::parse(&domain.text_or_empty("pool")?),
        is_overridden: domain.flag("override")?,
        bounce_rate: domain.rate("bounce_rate")?,
        complaint_rate: domain.rate("complaint_rate")?,
        processed_count: domain.count("processed_count")?,
    })
}

/// Writes a page of enrolled domains.
#[must_use]
pub fn encode_list(items: &[Domain], total: u64, paging: &PageLinks) -> Value {
    encode_page(items, total, paging, encode_domain)
}

fn encode_domain(domain: &Domain) -> Value {
    let mut object = Map::new();
    object.insert("id".to_owned(), json!(domain.id));
    object.insert("account_id".to_owned(), json!(domain.account_id));
    if let Some(account_name) = &domain.account_name {
        object.insert("account_name".to_owned(), json!(account_name));
    }
    object.insert("name".to_owned(), json!(domain.name));
    let registered_at = domain
        .registered_at
        .map_or_else(|| time::NEVER.to_owned(), time::to_rfc3339);
    object.insert("registered_at".to_owned(), Value::String(registered_at));
    object.insert("pool".to_owned(), json!(domain.pool));
    if let Some(is_overridden) = domain.is_overridden {
        object.insert("override".to_owned(), json!(is_overridden));
    }
    object.insert("bounce_rate".to_owned(), json!(domain.bounce_rate));
    object.insert("complaint_rate".to_owned(), json!(domain.complaint_rate));
    object.insert("processed_count".to_owned(), json!(domain.processed_count));
    Value::Object(object)
}

/// Reads the domains that are not enrolled.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_assignable(value: &Value) -> ShapeResult<Vec<AssignableDomain>> {
    let items = match JsonObject::maybe(value) {
        Ok(None) => return Ok(Vec::new()),
        Ok(Some(answer)) => return answer.list("items", decode_assignable_item),
        Err(_) if value.is_array() => value,
        Err(error) => return Err(error),
    };
    list(items, decode_assignable_item)
}

fn decode_assignable_item(value: &Value) -> ShapeResult<AssignableDomain> {
    let item = JsonObject::read(value)?;
    Ok(AssignableDomain {
        account_id: item.account("account_id")?,
        id: DomainId(item.text_or_empty("id")?),
        name: DomainName::as_sent(&item.text_or_empty("name")?),
    })
}

/// Writes the domains that are not enrolled.
#[must_use]
pub fn encode_assignable(items: &[AssignableDomain]) -> Value {
    let item = |item: &AssignableDomain| json!({ "account_id": item.account_id, "id": item.id, "name": item.name });
    json!({ "items": items.iter().map(item).collect::<Vec<_>>() })
}

/// Reads the account's domains and how many there are.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_account_domains(value: &Value) -> ShapeResult<Page<AccountDomain>> {
    let Some(answer) = JsonObject::maybe(value)? else {
        return Ok(Page::default());
    };
    Ok(Page {
        items: answer.list("items", decode_account_domain)?,
        total: answer.count("total_count")?,
        next: None,
    })
}

fn decode_account_domain(value: &Value) -> ShapeResult<AccountDomain> {
    let item = JsonObject::read(value)?;
    let disabled = item.with("disabled", JsonObject::maybe)?;
    let of_disabled = |key| disabled.map_or(Ok(None), |disabled| disabled.nonempty(key));
    let is_disabled = item.flag("is_disabled")? == Some(true);
    Ok(AccountDomain {
        name: DomainName::as_sent(&item.text_or_empty("name")?),
        subaccount: item.nonempty("subaccount_id")?.map(AccountId),
        status: match item.text_or_empty("state")?.as_str() {
            _ if is_disabled => SendingStatus::Disabled,
            "active" => SendingStatus::Active,
            "unverified" => SendingStatus::Unverified,
            "disabled" => SendingStatus::Disabled,
            other => SendingStatus::Unknown(other.to_owned()),
        },
        disabled_reason: match of_disabled("reason")? {
            None => of_disabled("code")?,
            reason => reason,
        },
    })
}

/// Writes the account's domains; `total` counts those of all pages.
#[must_use]
pub fn encode_account_domains(items: &[AccountDomain], total: u64) -> Value {
    let item = |domain: &AccountDomain| {
        let state = super::query::state_word(&domain.status);
        let is_disabled = domain.status == SendingStatus::Disabled;
        let mut object = Map::from_iter([
            ("name".to_owned(), json!(domain.name)),
            ("state".to_owned(), json!(state)),
            ("is_disabled".to_owned(), json!(is_disabled)),
        ]);
        if let Some(subaccount) = &domain.subaccount {
            object.insert("subaccount_id".to_owned(), json!(subaccount));
        }
        if let Some(reason) = &domain.disabled_reason {
            object.insert("disabled".to_owned(), json!({ "code": "disabled", "reason": reason }));
        }
        Value::Object(object)
    };
    json!({ "items": items.iter().map(item).collect::<Vec<_>>(), "total_count": total })
}

/// Reads a preview: metrics under `results`, metrics beside `pool`, or the pool alone.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_preview(value: &Value) -> ShapeResult<Preview> {
    let answer = JsonObject::read(value)?;
    let results = answer.with("results", JsonObject::maybe)?;
    let metric = |key: &str| match results {
        Some(results) => results.with(key, decode_metric),
        None => answer.with(key, decode_metric),
    };
    Ok(Preview {
        pool: answer.pool("pool")?,
        bounce_rate: metric("bounce_rate")?,
        complaint_rate: metric("complaint_rate")?,
        processed_count: metric("processed_count")?,
        message: answer.nonempty("message")?,
    })
}

fn decode_metric(value: &Value) -> ShapeResult<Option<PreviewMetric>> {
    // A bare number is a value without a band.
    if !value.is_object() {
        let bare = super::read::number(value)?;
        return Ok(bare.map(|value| PreviewMetric {
            value: Some(value),
            band: None,
        }));
    }
    let Some(metric) = JsonObject::maybe(value)? else {
        return Ok(None);
    };
    Ok(Some(PreviewMetric {
        value: metric.number("value")?,
        band: metric.pool("band")?,
    }))
}

/// Writes a preview with its metrics under `results`.
#[must_use]
pub fn encode_preview(preview: &Preview) -> Value {
    let mut results = Map::new();
    let metrics = [
        ("bounce_rate", &preview.bounce_rate, false),
        ("complaint_rate", &preview.complaint_rate, false),
        ("processed_count", &preview.processed_count, true),
    ];
    for (name, metric, is_count) in metrics {
        if let Some(metric) = metric {
            let value = metric.value.map_or(Value::Null, |value| encode_number(value, is_count));
            results.insert(name.to_owned(), json!({ "value": value, "band": metric.band }));
        }
    }
    let mut answer = Map::new();
    if let Some(pool) = &preview.pool {
        answer.insert("pool".to_owned(), json!(pool));
    }
    if let Some(message) = &preview.message {
        answer.insert("message".to_owned(), json!(message));
    }
    answer.insert("results".to_owned(), Value::Object(results));
    Value::Object(answer)
}

/// A number as JSON; counts without a fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "only counts, whole and non-negative, far below 2^53"
)]
pub(super) fn encode_number(value: f64, is_count: bool) -> Value {
    if is_count && value >= 0.0 {
        json!(value as u64)
    } else {
        json!(value)
    }
}
