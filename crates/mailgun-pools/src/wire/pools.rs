//! The account's pools (operations 1 to 3).

use super::read::{JsonObject, ShapeResult, ip};
use poolkeeper_core::model::{Band, Ip, Pool, PoolIps, PoolName, Pools};
use serde_json::{Map, Value, json};

/// Decodes the pools from every shape seen: `pools`, the three reputation lists, lists by pool name, or a mixture. A
/// list may be `null`. A pool in `pools` without IPs gets them from its list.
///
/// # Errors
/// [`ShapeError`](super::ShapeError) when a known field is of another type.
pub fn decode(value: &Value) -> ShapeResult<Pools> {
    let Some(answer) = JsonObject::maybe(value)? else {
        return Ok(Pools::default());
    };
    let mut pools: Vec<Pool> = answer.list("pools", decode_pool)?;
    for band in Band::ALL {
        for key in [band.reputation_key(), band.pool_name()] {
            add_list(&mut pools, &PoolName::Known(band), answer.ips(key)?);
        }
    }
    // A pool with an unknown name is kept if its key looks like the other lists' keys.
    for (name, list) in answer.fields().filter(|(name, _)| name.starts_with("dynamic_")) {
        if let (None, Some(ips)) = (Band::from_pool_name(name), list.as_array()) {
            add_list(
                &mut pools,
                &PoolName::parse(name),
                ips.iter().map(ip).collect::<ShapeResult<_>>()?,
            );
        }
    }
    Ok(Pools(pools))
}

fn add_list(pools: &mut Vec<Pool>, name: &PoolName, ips: Vec<Ip>) {
    if ips.is_empty() {
        return;
    }
    match pools.iter_mut().find(|pool| pool.name == *name) {
        Some(pool) if pool.ips.is_empty() => pool.ips = ips,
        Some(_) => {}
        None => pools.push(Pool {
            account_id: None,
            id: None,
            name: name.clone(),
            enabled: None,
            ips,
        }),
    }
}

fn decode_pool(value: &Value) -> ShapeResult<Pool> {
    let pool = JsonObject::read(value)?;
    Ok(Pool {
        account_id: pool.nonempty("account_id")?.map(poolkeeper_core::model::AccountId),
        id: pool.nonempty("id")?,
        name: PoolName::parse(&pool.text_or_empty("name")?),
        enabled: pool.flag("enabled")?,
        ips: pool.ips("ips")?,
    })
}

/// Writes the three lists and `pools`.
#[must_use]
pub fn encode(pools: &Pools) -> Value {
    let mut answer = Map::new();
    for band in Band::ALL {
        let ips = pools.of(band).map_or(&[][..], |pool| &pool.ips);
        answer.insert(band.reputation_key().to_owned(), json!(ips));
    }
    answer.insert("pools".to_owned(), pools.0.iter().map(encode_pool).collect());
    Value::Object(answer)
}

fn encode_pool(pool: &Pool) -> Value {
    let mut object = Map::new();
    if let Some(account_id) = &pool.account_id {
        object.insert("account_id".to_owned(), json!(account_id));
    }
    if let Some(id) = &pool.id {
        object.insert("id".to_owned(), json!(id));
    }
    if let Some(enabled) = pool.enabled {
        object.insert("enabled".to_owned(), json!(enabled));
    }
    object.insert("name".to_owned(), json!(pool.name));
    object.insert("ips".to_owned(), json!(pool.ips));
    Value::Object(object)
}

/// Encodes the three lists, for the response to setting them.
#[must_use]
pub fn encode_lists(pools: &PoolIps) -> Value {
    let list = |band: Band| (band.reputation_key().to_owned(), json!(pools.of(band)));
    Value::Object(Band::ALL.into_iter().map(list).collect())
}
