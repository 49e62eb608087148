//! The domains that send from an IP, and those linked to a standard dedicated pool.

use super::Rejection;
use super::domains::DEFAULT_LIMIT;
use super::pages::{PageCursor, bad_page, links, part, window};
use super::read_context::ReadContext;
use super::reject::json;
use crate::sim::{DomainView, SendsFrom, Sim};
use mailgun_pools::transport::Response;
use mailgun_pools::wire;
use mailgun_pools::wire::query::{IpDomainsQuery, PoolDomainsQuery};
use poolkeeper_core::model::{Ip, IpDomain, PoolDomain};

/// Operation 26, in the order of identifiers. The domains are the account's own, not its subaccounts'.
pub(super) fn ip_domains(context: &ReadContext<'_>, text: &str) -> Result<Response, Rejection> {
    let sim = context.sim;
    let known = Ip::parse(text).ok().filter(|ip| sim.ip(ip).is_some());
    let Some(ip) = known else {
        return Err(Rejection::not_found(format!("{text} is not an IP of this account.")));
    };
    let query = IpDomainsQuery::decode(ip, context.params())?;
    let shared = sim.ips().iter().filter(|known| !known.is_dedicated);
    let shared: Vec<Ip> = shared.map(|known| known.ip.clone()).collect();
    let own = sim.domains().filter(|domain| domain.account == context.scope.account);
    let sends_from = |domain: &DomainView<'_>| ips_of(sim, &shared, domain).contains(&query.ip);
    let mut found: Vec<DomainView<'_>> = own.filter(sends_from).collect();
    found.sort_by_cached_key(|domain| sim.domain_id(domain.ix));
    let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
    let limit = query.limit.map_or(DEFAULT_LIMIT, |limit| limit as usize);
    let item = |domain: &DomainView<'_>| IpDomain {
        name: domain.name.clone(),
        ips: ips_of(sim, &shared, domain).to_vec(),
    };
    let items: Vec<IpDomain> = found.iter().skip(skip).take(limit).map(item).collect();
    Ok(json(200, wire::support::encode_ip_domains(&items, found.len() as u64)))
}

/// The IPs that a domain sends from.
fn ips_of<'a>(sim: &'a Sim, shared: &'a [Ip], domain: &DomainView<'a>) -> &'a [Ip] {
    match (domain.band(), domain.outside) {
        (Some(band), _) => sim.pool_ips(band),
        (None, SendsFrom::Shared) => shared,
        (None, SendsFrom::Ips(ips)) => ips,
        (None, SendsFrom::DedicatedPool(pool)) => {
            let pool = sim.dedicated_pools().get(*pool as usize);
            pool.map_or(&[], |pool| &pool.ips)
        }
    }
}

/// Operation 27. Only domains outside the dynamic pools send from a dedicated one.
pub(super) fn pool_domains(context: &ReadContext<'_>, id: &str) -> Result<Response, Rejection> {
    let sim = context.sim;
    let query = PoolDomainsQuery::decode(id, context.params())?;
    let cursor = PageCursor::decode(context.params())?;
    let Some((at, _)) = (0..).zip(sim.dedicated_pools()).find(|(_, pool)| pool.id == id) else {
        return Err(Rejection::not_found(format!("There is no dedicated pool {id}.")));
    };
    let is_linked = |domain: &DomainView<'_>| {
        domain.account == context.scope.account
            && domain.enrolment.is_none()
            && *domain.outside == SendsFrom::DedicatedPool(at)
    };
    let found: Vec<DomainView<'_>> = sim.domains().filter(is_linked).collect();
    let limit = query.limit.map_or(DEFAULT_LIMIT, |limit| limit as usize);
    let page = window(found.len(), limit, &cursor, |mark| {
        let marked: u32 = mark.parse().map_err(|_| bad_page(mark))?;
        let start = found.partition_point(|domain| domain.ix.0 < marked);
        Ok(start..found.partition_point(|domain| domain.ix.0 <= marked))
    })?;
    let shown: Vec<&DomainView<'_>> = part(&found, &page).collect();
    let ends = shown.first().zip(shown.last());
    let ends = ends.map(|(first, last)| (first.ix.0.to_string(), last.ix.0.to_string()));
    let item = |domain: &&DomainView<'_>| PoolDomain {
        id: sim.domain_id(domain.ix),
        name: domain.name.clone(),
    };
    let items: Vec<PoolDomain> = shown.iter().map(item).collect();
    let paging = links(context.base_url, context.request, &page, found.len(), ends);
    Ok(json(200, wire::support::encode_pool_domains(&items, &paging)))
}
