//! The supporting reads: IPs, warm-ups, dedicated pools, subaccounts (operations 16 to 20).

use super::paging::{Page, PageLinks};
use super::read::{JsonObject, ShapeResult};
use super::time;
use poolkeeper_core::model::{
    AccountId, DedicatedPool, DomainId, DomainName, Ip, IpDetail, IpDomain, PoolDomain, Subaccount, SubaccountStatus,
    WarmUp,
};
use serde_json::{Map, Value, json};

/// Decodes the account's IPs: those of `items`, then any others of `details` and `assignable_to_pools`.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_ips(value: &Value) -> ShapeResult<Vec<IpDetail>> {
    let Some(answer) = JsonObject::maybe(value)? else {
        return Ok(Vec::new());
    };
    let mut ips: Vec<IpDetail> = Vec::new();
    // The lists may name the same IP, so each IP's position is remembered.
    let mut position = std::collections::HashMap::new();
    let mut entry = |ip: Ip, change: &dyn Fn(&mut IpDetail)| {
        let at = *position.entry(ip.clone()).or_insert_with(|| {
            ips.push(IpDetail {
                ip,
                is_dedicated: None,
                is_warming: None,
                is_enabled: None,
                is_assignable: false,
                rdns: None,
            });
            ips.len() - 1
        });
        if let Some(found) = ips.get_mut(at) {
            change(found);
        }
    };
    for ip in answer.ips("items")? {
        entry(ip, &|_| {});
    }
    let detail = |value| {
        let detail = JsonObject::read(value)?;
        let ip = Ip::as_sent(&detail.text_or_empty("ip")?);
        let flags = ["is_on_warmup", "dedicated", "enabled"].map(|key| detail.flag(key));
        let [is_warming, is_dedicated, is_enabled] = flags;
        Ok((ip, is_warming?, is_dedicated?, is_enabled?))
    };
    for (ip, is_warming, is_dedicated, is_enabled) in answer.list("details", detail)? {
        entry(ip, &|known| {
            known.is_warming = is_warming;
            known.is_dedicated = is_dedicated;
            known.is_enabled = is_enabled;
        });
    }
    // Some answers have a flag in its place, which says nothing of a single IP.
    let assignable = answer.with("assignable_to_pools", |value| Ok(value.is_array()))?;
    let assignable = if assignable {
        answer.ips("assignable_to_pools")?
    } else {
        Vec::new()
    };
    for ip in assignable {
        entry(ip, &|known| known.is_assignable = true);
    }
    Ok(ips)
}

/// Writes the account's IPs.
#[must_use]
pub fn encode_ips(ips: &[IpDetail]) -> Value {
    let detail = |ip: &IpDetail| {
        let mut detail = Map::from_iter([("ip".to_owned(), json!(ip.ip))]);
        for (key, flag) in [
            ("is_on_warmup", ip.is_warming),
            ("dedicated", ip.is_dedicated),
            ("enabled", ip.is_enabled),
        ] {
            if let Some(flag) = flag {
                detail.insert(key.to_owned(), json!(flag));
            }
        }
        Value::Object(detail)
    };
    json!({
        "items": ips.iter().map(|ip| &ip.ip).collect::<Vec<_>>(),
        "details": ips.iter().map(detail).collect::<Vec<_>>(),
        "assignable_to_pools": ips.iter().filter(|ip| ip.is_assignable).map(|ip| &ip.ip).collect::<Vec<_>>(),
        "total_count": ips.len(),
    })
}

/// Reads one IP.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_ip(value: &Value) -> ShapeResult<IpDetail> {
    let ip = JsonObject::read(value)?;
    Ok(IpDetail {
        ip: Ip::as_sent(&ip.text_or_empty("ip")?),
        is_dedicated: ip.flag("dedicated")?,
        is_warming: ip.flag("is_on_warmup")?,
        is_enabled: ip.flag("enabled")?,
        is_assignable: false,
        rdns: ip.nonempty("rdns")?,
    })
}

/// Writes one IP.
#[must_use]
pub fn encode_ip(ip: &IpDetail) -> Value {
    json!({ "ip": ip.ip, "dedicated": ip.is_dedicated.unwrap_or_default(), "rdns": ip.rdns.as_deref().unwrap_or_default() })
}

/// Reads a page of warm-ups.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_warm_ups(value: &Value) -> ShapeResult<Page<WarmUp>> {
    let warm_up = |value: &Value| {
        let warm_up = JsonObject::read(value)?;
        let small = |count: Option<u64>| count.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        Ok(WarmUp {
            ip: Ip::as_sent(&warm_up.text_or_empty("ip")?),
            stage_number: small(warm_up.count("stage_number")?).unwrap_or_default(),
            sent_within_stage: warm_up.text_or_empty("sent_within_stage")?,
            throttle: small(warm_up.count("throttle")?),
            stage_start_volume: warm_up.count("stage_start_volume")?,
            stage_start_time: warm_up.instant("stage_start_time")?,
            stage_volume_limit: warm_up.count("stage_volume_limit")?,
        })
    };
    Page::decode(value, warm_up)
}

/// Writes a page of warm-ups; its paging names are in lower case.
#[must_use]
pub fn encode_warm_ups(items: &[WarmUp], paging: &PageLinks) -> Value {
    let item = |warm_up: &WarmUp| {
        json!({
            "ip": warm_up.ip,
            "sent_within_stage": warm_up.sent_within_stage,
            "throttle": warm_up.throttle,
            "stage_number": warm_up.stage_number,
            "stage_start_volume": warm_up.stage_start_volume,
            "stage_start_time": warm_up.stage_start_time.map_or_else(|| time::NEVER.to_owned(), time::to_rfc3339),
            "stage_volume_limit": warm_up.stage_volume_limit,
        })
    };
    json!({ "items": items.iter().map(item).collect::<Vec<_>>(), "paging": first_and_next(paging) })
}

/// Reads the standard dedicated IP pools.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_ip_pools(value: &Value) -> ShapeResult<Vec<DedicatedPool>> {
    let Some(answer) = JsonObject::maybe(value)? else {
        return Ok(Vec::new());
    };
    answer.list("ip_pools", |value| {
        let pool = JsonObject::read(value)?;
        Ok(DedicatedPool {
            id: pool.text_or_empty("pool_id")?,
            name: pool.text_or_empty("name")?,
            description: pool.text_or_empty("description")?,
            ips: pool.ips("ips")?,
            is_linked: pool.flag("is_linked")?.unwrap_or_default(),
            is_inherited: pool.flag("is_inherited")?.unwrap_or_default(),
        })
    })
}

/// Writes the standard dedicated IP pools.
#[must_use]
pub fn encode_ip_pools(pools: &[DedicatedPool]) -> Value {
    let item = |pool: &DedicatedPool| {
        json!({
            "pool_id": pool.id,
            "name": pool.name,
            "description": pool.description,
            "ips": pool.ips,
            "is_linked": pool.is_linked,
            "is_inherited": pool.is_inherited,
        })
    };
    json!({ "ip_pools": pools.iter().map(item).collect::<Vec<_>>(), "message": "success" })
}

/// Reads a page of the domains that send from an IP.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_ip_domains(value: &Value) -> ShapeResult<Page<IpDomain>> {
    let domain = |value: &Value| {
        let domain = JsonObject::read(value)?;
        Ok(IpDomain {
            name: DomainName::as_sent(&domain.text_or_empty("domain")?),
            ips: domain.ips("ips")?,
        })
    };
    let answer = JsonObject::maybe(value)?;
    Ok(Page {
        items: answer.map_or_else(|| Ok(Vec::new()), |answer| answer.list("items", domain))?,
        total: answer.map_or(Ok(None), |answer| answer.count("total_count"))?,
        next: None,
    })
}

/// Writes a page of the domains that send from an IP.
#[must_use]
pub fn encode_ip_domains(items: &[IpDomain], total: u64) -> Value {
    let item = |domain: &IpDomain| json!({ "domain": domain.name, "ips": domain.ips });
    json!({ "items": items.iter().map(item).collect::<Vec<_>>(), "total_count": total })
}

/// Reads a page of the domains linked to a standard dedicated pool.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_pool_domains(value: &Value) -> ShapeResult<Page<PoolDomain>> {
    let domain = |value: &Value| {
        let domain = JsonObject::read(value)?;
        Ok(PoolDomain {
            id: DomainId(domain.text_or_empty("id")?),
            name: DomainName::as_sent(&domain.text_or_empty("name")?),
        })
    };
    let Some(answer) = JsonObject::maybe(value)? else {
        return Ok(Page::default());
    };
    Ok(Page {
        items: answer.list("domains", domain)?,
        total: None,
        next: answer.with("paging", PageLinks::decode)?.next_ref(),
    })
}

/// Writes a page of the domains linked to a standard dedicated pool; its paging names are in lower case.
#[must_use]
pub fn encode_pool_domains(items: &[PoolDomain], paging: &PageLinks) -> Value {
    let item = |domain: &PoolDomain| json!({ "id": domain.id, "name": domain.name });
    json!({ "domains": items.iter().map(item).collect::<Vec<_>>(), "paging": first_and_next(paging) })
}

/// The links of a list that goes forward only, in lower case.
fn first_and_next(paging: &PageLinks) -> Map<String, Value> {
    let links = [("first", &paging.first), ("next", &paging.next)];
    let links = links
        .into_iter()
        .filter_map(|(name, link)| Some((name.to_owned(), json!(link.as_ref()?))));
    links.collect()
}

/// Reads where the mail goes that a warming IP may not send: a dedicated pool's identifier. Empty and `null` are none.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_overflow_pool(value: &Value) -> ShapeResult<Option<String>> {
    let Some(answer) = JsonObject::maybe(value)? else {
        return Ok(None);
    };
    match answer.with("extra_dedicated_ips", JsonObject::maybe)? {
        Some(settings) => settings.nonempty("pool_id"),
        None => Ok(None),
    }
}

/// Writes where the mail goes that a warming IP may not send.
#[must_use]
pub fn encode_overflow_pool(pool: Option<&str>) -> Value {
    json!({ "extra_dedicated_ips": { "pool_id": pool.unwrap_or_default() } })
}

/// Reads subaccounts and how many there are.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode_subaccounts(value: &Value) -> ShapeResult<Page<Subaccount>> {
    let Some(answer) = JsonObject::maybe(value)? else {
        return Ok(Page::default());
    };
    let subaccount = |value| {
        let subaccount = JsonObject::read(value)?;
        Ok(Subaccount {
            id: AccountId(subaccount.text_or_empty("id")?),
            name: subaccount.text_or_empty("name")?,
            status: decode_status(&subaccount.text_or_empty("status")?),
            created_at: subaccount.instant("created_at")?,
            updated_at: subaccount.instant("updated_at")?,
        })
    };
    Ok(Page {
        items: answer.list("subaccounts", subaccount)?,
        total: answer.count("total")?,
        next: None,
    })
}

/// Writes subaccounts; their times are RFC 1123.
#[must_use]
pub fn encode_subaccounts(items: &[Subaccount], total: u64) -> Value {
    let item = |subaccount: &Subaccount| {
        let mut object = Map::new();
        object.insert("id".to_owned(), json!(subaccount.id));
        object.insert("name".to_owned(), json!(subaccount.name));
        object.insert("status".to_owned(), json!(encode_status(&subaccount.status)));
        for (key, at) in [
            ("created_at", subaccount.created_at),
            ("updated_at", subaccount.updated_at),
        ] {
            if let Some(at) = at {
                object.insert(key.to_owned(), json!(time::to_rfc1123(at)));
            }
        }
        Value::Object(object)
    };
    json!({ "subaccounts": items.iter().map(item).collect::<Vec<_>>(), "total": total })
}

fn decode_status(text: &str) -> SubaccountStatus {
    match text {
        "open" => SubaccountStatus::Open,
        "disabled" => SubaccountStatus::Disabled,
        "closed" => SubaccountStatus::Closed,
        other => SubaccountStatus::Unknown(other.to_owned()),
    }
}

fn encode_status(status: &SubaccountStatus) -> &str {
    match status {
        SubaccountStatus::Open => "open",
        SubaccountStatus::Disabled => "disabled",
        SubaccountStatus::Closed => "closed",
        SubaccountStatus::Unknown(other) => other,
    }
}
