//! A copy of what some changes concern, read in a few requests right before they are made: what they would do is tried
//! on it, and the account stays as it is.

use crate::api::{
    ApiError, AssignableQuery, Client, DomainsQuery, IpsQuery, MetricsFilter, MetricsQuery, Span, Walk, WarmUpsQuery,
    Write,
};
use crate::model::{AccountId, Assignable, Dimension, Domain, DomainName, MetricRow, Timestamp};
use crate::sim::{Adoption, Inventory, Sim};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Domains looked for at most; a change of more is tried on as many.
pub const MOST_DOMAINS: usize = 25;
/// Days of counts behind a first health check.
const DAYS: i32 = 7;

/// Reads what the changes concern.
///
/// # Errors
/// [`ApiError`] of the first read that failed: without it a trial would say something else than the service.
pub async fn copy_for(client: &Client, writes: &[Write], now: DateTime<Utc>) -> Result<Sim, ApiError> {
    let concern = Concern::of(writes);
    let mut inventory = Inventory {
        name: "The account".to_owned(),
        ..resources(client).await?
    };
    if concern.anybody {
        let one = DomainsQuery {
            limit: Some(1),
            ..DomainsQuery::default()
        };
        inventory.domains.extend(client.domains(&one).await?.items);
    }
    if concern.all_outside {
        inventory.assignable = client.assignable(&AssignableQuery::default()).await?;
    }
    for name in &concern.enrolled {
        match enrolled(client, name).await? {
            Some(domain) => inventory.domains.push(domain),
            None => inventory.assignable.extend(outside(client, name).await?),
        }
    }
    for name in &concern.outside {
        match outside(client, name).await? {
            Some(domain) => inventory.assignable.push(domain),
            None => inventory.domains.extend(enrolled(client, name).await?),
        }
    }
    let now = Timestamp::from(super::service_now(client, now).await);
    let mut adoption = Adoption::new(inventory, now.day().plus(-DAYS), now);
    let wanted = (!concern.all_outside).then_some(&concern.outside);
    if wanted.is_none_or(|names| !names.is_empty()) {
        let rows = counts(client, wanted, now).await?;
        rows.iter().for_each(|row| adoption.add(row));
    }
    Ok(adoption.finish(Vec::new()).0)
}

/// What changes are about.
#[derive(Default)]
struct Concern {
    enrolled: BTreeSet<DomainName>,
    outside: BTreeSet<DomainName>,
    anybody: bool,
    all_outside: bool,
}

impl Concern {
    fn of(writes: &[Write]) -> Self {
        let mut concern = Self::default();
        for write in writes {
            match write {
                Write::Enroll { domain, .. } => {
                    concern.outside.insert(domain.clone());
                }
                Write::RemoveDomain { domain, .. }
                | Write::SetOverride { domain, .. }
                | Write::RemoveOverride { domain } => {
                    concern.enrolled.insert(domain.clone());
                }
                Write::RemovePools => concern.anybody = true,
                Write::EnrollAll { .. } => concern.all_outside = true,
                Write::SetPools(_) | Write::AddIp { .. } | Write::ChangePool { .. } => {}
            }
            if concern.enrolled.len() + concern.outside.len() >= MOST_DOMAINS {
                break;
            }
        }
        concern
    }
}

/// Pools and IPs.
async fn resources(client: &Client) -> Result<Inventory, ApiError> {
    let pools = client.pools().await?;
    let mut ips = client.ips(&IpsQuery::default()).await?;
    let dedicated = IpsQuery {
        dedicated: Some(true),
        ..IpsQuery::default()
    };
    let dedicated = client.ips(&dedicated).await?;
    for detail in &mut ips {
        detail.is_dedicated = Some(dedicated.iter().any(|known| known.ip == detail.ip));
    }
    let mut walk = Walk::new(client.clone(), WarmUpsQuery { limit: Some(100) });
    let mut warm_ups = Vec::new();
    while let Some(page) = walk.next_page().await? {
        warm_ups.extend(page);
    }
    Ok(Inventory {
        pools,
        ips,
        warm_ups,
        dedicated_pools: client.ip_pools().await?,
        ..Inventory::default()
    })
}

/// One enrolled domain. No request asks for one by name, so its latest record tells its account, and the domains of that
/// account are looked through, which are listed by name.
///
/// # Errors
/// [`ApiError`]; a name nobody knows is `None`.
pub async fn enrolled(client: &Client, name: &DomainName) -> Result<Option<Domain>, ApiError> {
    let account = match client.domain_history(name, Some(1)).await {
        Ok(page) => page.items.into_iter().next().map(|record| record.account_id),
        Err(error) if error.is_refusal() => None,
        Err(error) => return Err(error),
    };
    enrolled_in(client, name, account).await
}

async fn enrolled_in(
    client: &Client,
    name: &DomainName,
    account: Option<AccountId>,
) -> Result<Option<Domain>, ApiError> {
    let query = DomainsQuery {
        limit: Some(100),
        accounts: account.into_iter().filter(|id| !id.0.is_empty()).collect(),
        ..DomainsQuery::default()
    };
    let mut walk = Walk::new(client.clone(), query);
    while let Some(page) = walk.next_page().await? {
        if let Some(found) = page.into_iter().find(|domain| domain.name == *name) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// One domain that is not enrolled.
///
/// # Errors
/// [`ApiError`]; a name nobody knows is `None`.
pub async fn outside(client: &Client, name: &DomainName) -> Result<Option<Assignable>, ApiError> {
    let query = AssignableQuery {
        domain: Some(format!("^{}$", name.as_str().replace('.', "\\."))),
        ..AssignableQuery::default()
    };
    let found = client.assignable(&query).await?;
    Ok(found.into_iter().find(|domain| domain.name == *name))
}

/// The counts of some domains, or of all, over the days that a first health check looks at, as if they were of the last
/// of these days; none where the key may not read them.
async fn counts(
    client: &Client,
    names: Option<&BTreeSet<DomainName>>,
    now: Timestamp,
) -> Result<Vec<MetricRow>, ApiError> {
    let today = now.day();
    let span = Span::Between {
        start: today.plus(-DAYS).start().to_utc(),
        end: today.start().to_utc(),
    };
    let filters = names.map(|names| MetricsFilter {
        attribute: "domain".to_owned(),
        comparator: "=".to_owned(),
        values: names.iter().map(ToString::to_string).collect(),
    });
    let query = MetricsQuery {
        dimensions: vec![Dimension::Domain],
        limit: Some(1_000),
        filters: filters.into_iter().collect(),
        sort: Some("domain:asc".to_owned()),
        ..MetricsQuery::daily_counts(span, true)
    };
    let mut rows = Vec::new();
    let mut walk = Walk::new(client.clone(), query);
    loop {
        match walk.next_page().await {
            Ok(Some(page)) => rows.extend(page.iter().filter_map(|item| {
                Some(MetricRow {
                    domain: DomainName::as_sent(&item.dimension(&Dimension::Domain)?.value),
                    day: today.plus(-1),
                    counts: item.counts(),
                })
            })),
            Ok(None) => return Ok(rows),
            Err(error) if error.is_refusal() => return Ok(rows),
            Err(error) => return Err(error),
        }
    }
}
