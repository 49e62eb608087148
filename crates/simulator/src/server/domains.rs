//! Enrolled domains, domains that are not, and previews.

use super::Rejection;
use super::name_pattern::NamePattern;
use super::pages::{PageCursor, bad_page, links, part, window};
use super::read_context::ReadContext;
use super::reject::json;
use super::scope::account;
use crate::sim::{AccountIx, AccountStatus, Actor, DomainIx, DomainView, Sim};
use mailgun_pools::transport::Response;
use mailgun_pools::wire;
use mailgun_pools::wire::query::{AccountDomainsQuery, AssignableQuery, DomainsQuery, InvalidParam, SortBy, SortOrder};
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::{
    AccountDomain, AssignableDomain, Band, Domain, DomainName, PoolName, Preview, PreviewMetric, Rate, SendingStatus,
};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Range;

/// Items of a page without a limit.
pub(super) const DEFAULT_LIMIT: usize = 10;

/// Items of a page of the account's domains without a limit.
const DEFAULT_ACCOUNT_DOMAINS: usize = 100;

/// Operation 25. The youngest come first, as the service documents it.
pub(super) fn account_domains(context: &ReadContext<'_>) -> Result<Response, Rejection> {
    let query = AccountDomainsQuery::decode(context.params())?;
    let sim = context.sim;
    let wanted = query.search.as_ref().map(|part| part.to_lowercase());
    let status = |domain: &DomainView<'_>| {
        let account = sim.account(domain.account);
        if account.is_some_and(|account| account.status == AccountStatus::Open) {
            SendingStatus::Active
        } else {
            SendingStatus::Disabled
        }
    };
    let passes = |domain: &DomainView<'_>| {
        let has_part = |part: &String| domain.name.as_str().contains(part.as_str());
        context.scope.includes(domain.account, query.include_subaccounts)
            && wanted.as_ref().is_none_or(has_part)
            && query.state.as_ref().is_none_or(|wanted| *wanted == status(domain))
    };
    let mut found: Vec<DomainView<'_>> = sim.domains_by_name().filter(passes).collect();
    found.sort_by_key(|domain| std::cmp::Reverse(domain.registered_at));
    let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
    let limit = query.limit.map_or(DEFAULT_ACCOUNT_DOMAINS, |limit| limit as usize);
    let entry = |domain: &DomainView<'_>| {
        let (id, name) = account(sim, domain.account);
        let status = status(domain);
        let is_open = status == SendingStatus::Active;
        AccountDomain {
            name: domain.name.clone(),
            subaccount: (!domain.account.is_parent()).then_some(id),
            status,
            disabled_reason: (!is_open).then(|| format!("The subaccount “{name}” is not open")),
        }
    };
    let items: Vec<AccountDomain> = found.iter().skip(skip).take(limit).map(entry).collect();
    Ok(json(
        200,
        wire::domains::encode_account_domains(&items, found.len() as u64),
    ))
}

/// Operation 10.
pub(super) fn list(context: &ReadContext<'_>) -> Result<Response, Rejection> {
    let query = DomainsQuery::decode(context.params())?;
    let cursor = PageCursor::decode(context.params())?;
    let sim = context.sim;
    // Each once: a query may name them thousands of times.
    let accounts: HashSet<Option<AccountIx>> = query.accounts.iter().map(|id| sim.account_by_id(&id.0)).collect();
    let bands: Vec<Band> = Band::ALL
        .into_iter()
        .filter(|band| query.pools.is_empty() || query.pools.contains(&PoolName::Known(*band)))
        .collect();
    let key = DomainsQuery {
        limit: None,
        ..query.clone()
    }
    .encode();
    let positions = context.cached_positions(&format!("domains {key:?}"), || {
        let passes = |domain: &DomainView<'_>| {
            context.scope.sees(domain.account)
                && (accounts.is_empty() || accounts.contains(&Some(domain.account)))
                && domain.band().is_some_and(|band| bands.contains(&band))
        };
        sorted(sim, &query, passes)
    });
    let limit = query.limit.map_or(DEFAULT_LIMIT, |limit| limit as usize);
    let place = |mark: &str| place(sim, &query, &positions, mark);
    let page = window(positions.len(), limit, &cursor, place)?;
    let marks: Vec<String> = part(&positions, &page)
        .map(|ix| mark(sim, &query, DomainIx(*ix)))
        .collect();
    let ends = marks.first().cloned().zip(marks.last().cloned());
    let items: Vec<Domain> = part(&positions, &page)
        .filter_map(|ix| entry(sim, DomainIx(*ix)))
        .collect();
    let paging = links(context.base_url, context.request, &page, positions.len(), ends);
    Ok(json(
        200,
        wire::domains::encode_list(&items, positions.len() as u64, &paging),
    ))
}

/// Positions of the domains that pass, in the query's order: by name, or by rate and then name; without a rate last.
fn sorted(sim: &Sim, query: &DomainsQuery, passes: impl Fn(&DomainView<'_>) -> bool) -> Vec<u32> {
    let domains = sim.domains_by_name().filter(passes);
    if query.sort_by == SortBy::Name {
        let mut positions: Vec<u32> = domains.map(|domain| domain.ix.0).collect();
        if query.sort_order == SortOrder::Descending {
            positions.reverse();
        }
        return positions;
    }
    let mut keyed: Vec<(Option<f64>, u32)> = domains
        .map(|domain| (rate(query.sort_by, &domain), domain.ix.0))
        .collect();
    // A stable sort: equal rates stay in the order of names.
    keyed.sort_by(|a, b| by_rate(query.sort_order, a.0, b.0));
    keyed.into_iter().map(|(_, ix)| ix).collect()
}

fn by_rate(order: SortOrder, a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if order == SortOrder::Descending => b.total_cmp(&a),
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// The rate a list shows and sorts by: that of the last health check.
fn rate(sort_by: SortBy, domain: &DomainView<'_>) -> Option<f64> {
    let counts = domain.last_check?.counts;
    match sort_by {
        SortBy::BounceRate => counts.bounce_rate(),
        SortBy::ComplaintRate => counts.complaint_rate(),
        SortBy::Name => None,
    }
}

/// What a link says of an item: the domain, and the rate it had, which may be another by the time the link is followed.
fn mark(sim: &Sim, query: &DomainsQuery, ix: DomainIx) -> String {
    let rate = sim.domain(ix).and_then(|domain| rate(query.sort_by, &domain));
    rate.map_or_else(|| ix.0.to_string(), |rate| format!("{}-{:016x}", ix.0, rate.to_bits()))
}

fn place(sim: &Sim, query: &DomainsQuery, positions: &[u32], mark: &str) -> Result<Range<usize>, InvalidParam> {
    let (ix, rate_bits) = mark.split_once('-').map_or((mark, None), |(ix, bits)| (ix, Some(bits)));
    let marked = ix
        .parse()
        .ok()
        .and_then(|ix| sim.domain(DomainIx(ix)))
        .ok_or_else(|| bad_page(mark))?;
    let marked_rate = match rate_bits.map(|bits| u64::from_str_radix(bits, 16)) {
        None => None,
        Some(Ok(bits)) => Some(f64::from_bits(bits)),
        Some(Err(_)) => return Err(bad_page(mark)),
    };
    let against_mark = |ix: &u32| {
        let Some(domain) = sim.domain(DomainIx(*ix)) else {
            return Ordering::Less;
        };
        let by_name = domain.name.cmp(marked.name);
        match query.sort_by {
            SortBy::Name if query.sort_order == SortOrder::Descending => by_name.reverse(),
            SortBy::Name => by_name,
            _ => by_rate(query.sort_order, rate(query.sort_by, &domain), marked_rate).then(by_name),
        }
    };
    let start = positions.partition_point(|ix| against_mark(ix) == Ordering::Less);
    let end = positions.partition_point(|ix| against_mark(ix) != Ordering::Greater);
    Ok(start..end)
}

fn entry(sim: &Sim, ix: DomainIx) -> Option<Domain> {
    let domain = sim.domain(ix)?;
    let (account_id, account_name) = account(sim, domain.account);
    let counts = domain.last_check.map(|check| check.counts);
    Some(Domain {
        id: sim.domain_id(ix),
        account_id,
        account_name: Some(account_name),
        name: domain.name.clone(),
        registered_at: Some(domain.registered_at.to_utc()),
        pool: PoolName::Known(domain.band()?),
        is_overridden: Some(domain.is_overridden()),
        bounce_rate: counts.and_then(|counts| counts.bounce_rate()).map(Rate),
        complaint_rate: counts.and_then(|counts| counts.complaint_rate()).map(Rate),
        processed_count: counts.map(|counts| counts.processed),
    })
}

/// Operation 8. The list has no pages, so making it takes as long as there are domains: it is kept until the next change.
pub(super) fn assignable(context: &ReadContext<'_>) -> Result<Response, Rejection> {
    let query = AssignableQuery::decode(context.params());
    let answer = context.cached_answer(&format!("assignable {query:?}"), || {
        let items = assignable_domains(context, &query)?;
        let bytes = items
            .iter()
            .map(|item| item.name.as_str().len() + ASSIGNABLE_BYTES)
            .sum();
        Ok((wire::domains::encode_assignable(&items), bytes))
    });
    Ok(json(200, answer?))
}

/// Bytes of an item beside its name: the fields' names and two identifiers.
const ASSIGNABLE_BYTES: usize = 88;

fn assignable_domains(context: &ReadContext<'_>, query: &AssignableQuery) -> Result<Vec<AssignableDomain>, Rejection> {
    let sim = context.sim;
    let wanted = query.subaccount_id.as_ref().map(|id| {
        let known = sim.account_by_id(&id.0).filter(|account| context.scope.sees(*account));
        known.ok_or_else(|| Rejection::not_found(format!("There is no subaccount {id}.")))
    });
    let wanted = wanted.transpose()?;
    let found: Vec<DomainView<'_>> = sim
        .domains_by_name()
        .filter(|domain| domain.enrolment.is_none() && context.scope.sees(domain.account))
        .filter(|domain| wanted.is_none_or(|account| account == domain.account))
        .collect();
    let name_bytes = found.iter().map(|domain| domain.name.as_str().len() + 1).sum();
    let pattern = query.domain.as_deref().map(|text| NamePattern::new(text, name_bytes));
    let pattern = pattern.transpose()?;
    let passes = |domain: &DomainView<'_>| {
        pattern
            .as_ref()
            .is_none_or(|pattern| pattern.matches(domain.name.as_str()))
    };
    let items = found.into_iter().filter(passes).map(|domain| AssignableDomain {
        account_id: account(sim, domain.account).0,
        id: sim.domain_id(domain.ix),
        name: domain.name.clone(),
    });
    Ok(items.collect())
}

/// Operation 11.
pub(super) fn preview(context: &ReadContext<'_>, name: &str) -> Result<Response, Rejection> {
    let actor = Actor {
        account: context.scope.account,
        by: String::new(),
    };
    let verdict = context.sim.preview(&actor, &DomainName::as_sent(name))?;
    let metric = |metric: Metric, value: Option<f64>| {
        Some(PreviewMetric {
            value,
            band: verdict.metric_band(metric).map(PoolName::Known),
        })
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "far below 2^53; encoded as a whole number again"
    )]
    let processed = verdict.counts.processed as f64;
    let preview = Preview {
        pool: Some(PoolName::Known(verdict.band)),
        bounce_rate: metric(Metric::BounceRate, verdict.counts.bounce_rate()),
        complaint_rate: metric(Metric::ComplaintRate, verdict.counts.complaint_rate()),
        processed_count: Some(PreviewMetric {
            value: Some(processed),
            band: Some(PoolName::Known(verdict.processed_band())),
        }),
        message: None,
    };
    Ok(json(200, wire::domains::encode_preview(&preview)))
}
