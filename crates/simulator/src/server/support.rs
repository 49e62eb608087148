//! Pools, and the supporting reads: IPs, warm-ups, dedicated pools, subaccounts.

use super::Rejection;
use super::domains::DEFAULT_LIMIT;
use super::pages::{PageCursor, bad_page, links, part, window};
use super::read_context::ReadContext;
use super::reject::json;
use super::scope::account;
use crate::sim::{AccountIp, AccountIx, SendsFrom};
use mailgun_pools::transport::Response;
use mailgun_pools::wire;
use mailgun_pools::wire::query::{IpsQuery, SortOrder, SubaccountsQuery, WarmUpsQuery};
use poolkeeper_core::model::{
    Band, DedicatedPool, Ip, IpDetail, Pool, PoolName, Pools, Subaccount, SubaccountStatus, WarmUp,
};
use std::collections::HashSet;

/// Operation 1.
pub(super) fn pools(context: &ReadContext<'_>) -> Response {
    let sim = context.sim;
    let pool = |band: Band| Pool {
        account_id: Some(account(sim, AccountIx::PARENT).0),
        id: Some(sim.pool_id(band)),
        name: PoolName::Known(band),
        enabled: Some(true),
        ips: sim.pool_ips(band).to_vec(),
    };
    let pools = if sim.is_configured() {
        Band::ALL.map(pool).to_vec()
    } else {
        Vec::new()
    };
    json(200, wire::pools::encode(&Pools(pools)))
}

/// Operation 16. Every IP of the simulator is in use, so `enabled=false` finds none.
pub(super) fn ips(context: &ReadContext<'_>) -> Result<Response, Rejection> {
    let query = IpsQuery::decode(context.params())?;
    let sim = context.sim;
    let assignable: HashSet<&Ip> = sim.assignable_ips().map(|ip| &ip.ip).collect();
    let wanted = |ip: &&AccountIp| query.enabled != Some(false) && (ip.is_dedicated || !query.is_dedicated_only);
    let detail = |ip: &AccountIp| IpDetail {
        ip: ip.ip.clone(),
        is_dedicated: Some(ip.is_dedicated),
        is_warming: Some(sim.is_warming(&ip.ip)),
        is_enabled: Some(true),
        is_assignable: assignable.contains(&ip.ip),
        rdns: Some(ip.rdns.clone()),
    };
    let ips: Vec<IpDetail> = sim.ips().iter().filter(wanted).map(detail).collect();
    Ok(json(200, wire::support::encode_ips(&ips)))
}

/// Operation 17.
pub(super) fn ip(context: &ReadContext<'_>, text: &str) -> Result<Response, Rejection> {
    let known = Ip::parse(text).ok().and_then(|ip| context.sim.ip(&ip));
    let Some(known) = known else {
        return Err(Rejection::not_found(format!("{text} is not an IP of this account.")));
    };
    let detail = IpDetail {
        ip: known.ip.clone(),
        is_dedicated: Some(known.is_dedicated),
        is_warming: Some(context.sim.is_warming(&known.ip)),
        is_enabled: Some(true),
        is_assignable: false,
        rdns: Some(known.rdns.clone()),
    };
    Ok(json(200, wire::support::encode_ip(&detail)))
}

/// Operation 24. No dedicated pool takes the mail a simulated IP may not send while it warms up.
pub(super) fn ip_settings() -> Response {
    json(200, wire::support::encode_overflow_pool(None))
}

/// Operation 18.
pub(super) fn warm_ups(context: &ReadContext<'_>) -> Result<Response, Rejection> {
    let query = WarmUpsQuery::decode(context.params())?;
    let cursor = PageCursor::decode(context.params())?;
    let sim = context.sim;
    // A mark is the IP's place among all of the account's, which never changes, while warm-ups end.
    let warming: Vec<(usize, WarmUp)> = sim
        .ips()
        .iter()
        .enumerate()
        .filter_map(|(at, ip)| Some((at, sim.warm_up(&ip.ip)?)))
        .collect();
    let limit = query.limit.map_or(DEFAULT_LIMIT, |limit| limit as usize);
    let page = window(warming.len(), limit, &cursor, |mark| {
        let marked: usize = mark.parse().map_err(|_| bad_page(mark))?;
        Ok(warming.partition_point(|(at, _)| *at < marked)..warming.partition_point(|(at, _)| *at <= marked))
    })?;
    let shown: Vec<&(usize, WarmUp)> = part(&warming, &page).collect();
    let ends = shown
        .first()
        .zip(shown.last())
        .map(|(first, last)| (first.0.to_string(), last.0.to_string()));
    let items: Vec<WarmUp> = shown.into_iter().map(|(_, warm_up)| warm_up.clone()).collect();
    let paging = links(context.base_url, context.request, &page, warming.len(), ends);
    Ok(json(200, wire::support::encode_warm_ups(&items, &paging)))
}

/// Operation 19.
pub(super) fn ip_pools(context: &ReadContext<'_>) -> Response {
    let sim = context.sim;
    let linked: HashSet<u32> = sim
        .domains()
        .filter(|domain| domain.enrolment.is_none())
        .filter_map(|domain| match domain.outside {
            SendsFrom::DedicatedPool(pool) => Some(*pool),
            SendsFrom::Shared | SendsFrom::Ips(_) => None,
        })
        .collect();
    let pools: Vec<DedicatedPool> = (0..)
        .zip(sim.dedicated_pools())
        .map(|(at, pool)| DedicatedPool {
            id: pool.id.clone(),
            name: pool.name.clone(),
            description: pool.description.clone(),
            ips: pool.ips.clone(),
            is_linked: linked.contains(&at),
            is_inherited: !context.scope.account.is_parent(),
        })
        .collect();
    json(200, wire::support::encode_ip_pools(&pools))
}

/// Operation 20. A subaccount has none of its own.
pub(super) fn subaccounts(context: &ReadContext<'_>) -> Result<Response, Rejection> {
    let query = SubaccountsQuery::decode(context.params())?;
    let all = if context.scope.account.is_parent() {
        context.sim.accounts().get(1..).unwrap_or_default()
    } else {
        &[]
    };
    let wanted = query.filter.as_ref().map(|filter| filter.to_lowercase());
    let is_wanted = |account: &&crate::sim::SimAccount| {
        let status = SubaccountStatus::from(account.status);
        let has_name = |wanted: &String| account.name.to_lowercase().contains(wanted);
        wanted.as_ref().is_none_or(has_name)
            && query
                .enabled
                .is_none_or(|enabled| enabled == (status == SubaccountStatus::Open))
            && query
                .closed
                .is_none_or(|closed| closed == (status == SubaccountStatus::Closed))
    };
    let mut found: Vec<_> = all.iter().filter(is_wanted).collect();
    match query.sort {
        None => {}
        Some(SortOrder::Ascending) => found.sort_by(|a, b| a.name.cmp(&b.name)),
        Some(SortOrder::Descending) => found.sort_by(|a, b| b.name.cmp(&a.name)),
    }
    let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
    let limit = query.limit.map_or(DEFAULT_LIMIT, |limit| limit as usize);
    let entry = |account: &&crate::sim::SimAccount| Subaccount {
        id: account.id.clone(),
        name: account.name.clone(),
        status: account.status.into(),
        created_at: Some(account.created_at.to_utc()),
        updated_at: Some(account.updated_at.to_utc()),
    };
    let items: Vec<Subaccount> = found.iter().skip(skip).take(limit).map(entry).collect();
    Ok(json(200, wire::support::encode_subaccounts(&items, found.len() as u64)))
}
