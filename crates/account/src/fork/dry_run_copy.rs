//! A copy of what some changes concern, read in a few requests right before they are made: what they would do is tried
//! on it, and the account stays as it is.

use chrono::{DateTime, Utc};
use mailgun_pools::api::{
    ApiError, AssignableQuery, Client, DomainsQuery, MetricsFilter, MetricsPeriod, MetricsQuery, Paginator,
    WarmUpsQuery, Write,
};
use poolkeeper_core::model::{
    AccountId, AssignableDomain, Dimension, Domain, DomainName, MetricRow, Timestamp, WarmUp,
};
use poolkeeper_simulator::sim::{AccountImport, AccountInventory, Sim};
use std::collections::BTreeSet;

/// Days of counts behind a first health check.
const DAYS: i32 = 7;
/// Accounts that a list is narrowed to at most: more would make a long address.
const MOST_ACCOUNTS: usize = 20;
/// Domains outside asked for by one request.
const OUTSIDE_AT_ONCE: usize = 25;
/// Domains whose counts one request asks for.
const COUNTED_AT_ONCE: usize = 100;

/// How far the reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CopyProgress {
    /// Domains found.
    pub domains: usize,
    /// Domains looked for.
    pub of: usize,
}

/// Reads what the changes concern: of an account of 20,000 enrolled domains 200 pages and a few requests more at most,
/// however many of them change. `accounts` are those that the enrolled ones are known to be of, none when that is not
/// known. `heard` is told as domains are found, and stops the reading by `false`: then there is no copy.
///
/// # Errors
/// [`ApiError`] of the first read that failed: without it a trial would say something else than the service.
pub async fn copy_for(
    client: &Client,
    writes: &[Write],
    accounts: &[AccountId],
    now: DateTime<Utc>,
    heard: impl FnMut(CopyProgress) -> bool,
) -> Result<Option<Sim>, ApiError> {
    let copy = copy_with_gaps(client, writes, accounts, now, heard).await?;
    Ok(copy.map(|copy| copy.sim))
}

/// A copy of what some changes concern.
pub struct DryRunCopy {
    /// The copy.
    pub sim: Sim,
    /// What the key may not read, each with the reason: rules about it were not checked.
    pub gaps: Vec<String>,
}

/// The same, with what the copy lacks.
///
/// # Errors
/// As of [`copy_for`].
pub async fn copy_with_gaps(
    client: &Client,
    writes: &[Write],
    accounts: &[AccountId],
    now: DateTime<Utc>,
    heard: impl FnMut(CopyProgress) -> bool,
) -> Result<Option<DryRunCopy>, ApiError> {
    let concern = CopyScope::of(writes);
    let mut gaps = Vec::new();
    let mut inventory = resources(client, concern.is_of_overrides, &mut gaps).await?;
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
    let mut search = DomainSearch {
        client,
        inventory,
        found: CopyProgress {
            domains: 0,
            of: concern.enrolled.len() + concern.outside.len(),
        },
        heard,
    };
    if !search.everybody(&concern, accounts).await? {
        return Ok(None);
    }
    let now = if concern.is_of_overrides {
        now
    } else {
        super::service_now(client, now).await
    };
    let now = Timestamp::from(now);
    let mut adoption = AccountImport::new(search.inventory, now.day().plus(-DAYS), now);
    let mut add = |rows: Vec<MetricRow>| rows.iter().for_each(|row| adoption.add(row));
    if concern.all_outside {
        add(counts(client, None, now).await?);
    } else {
        let names: Vec<&DomainName> = concern.outside.iter().collect();
        for names in names.chunks(COUNTED_AT_ONCE) {
            add(counts(client, Some(names), now).await?);
        }
    }
    let (sim, _) = adoption.finish(Vec::new());
    Ok(Some(DryRunCopy { sim, gaps }))
}

/// What changes are about.
#[derive(Default)]
struct CopyScope {
    enrolled: BTreeSet<DomainName>,
    outside: BTreeSet<DomainName>,
    anybody: bool,
    all_outside: bool,
    /// Overrides alone: whatever the IPs are, they are set and cleared.
    is_of_overrides: bool,
}

impl CopyScope {
    fn of(writes: &[Write]) -> Self {
        let is_override = |write: &Write| matches!(write, Write::SetOverride { .. } | Write::RemoveOverride { .. });
        let mut concern = Self {
            is_of_overrides: writes.iter().all(is_override),
            ..Self::default()
        };
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
                Write::SetPools(_)
                | Write::AddIp { .. }
                | Write::ChangePool { .. }
                | Write::CancelWarmUp { .. }
                | Write::LinkIps { .. } => {}
            }
        }
        concern
    }
}

/// Pools, and IPs where they matter.
async fn resources(client: &Client, pools_alone: bool, gaps: &mut Vec<String>) -> Result<AccountInventory, ApiError> {
    let inventory = AccountInventory {
        name: "The account".to_owned(),
        pools: client.pools().await?,
        ..AccountInventory::default()
    };
    if pools_alone {
        return Ok(inventory);
    }
    let ips = client.ips_with_kind().await?;
    Ok(AccountInventory {
        ips,
        warm_ups: unless_refused("warm-ups", warm_ups(client).await, gaps)?,
        dedicated_pools: unless_refused("dedicated pools", client.ip_pools().await, gaps)?,
        ..inventory
    })
}

async fn warm_ups(client: &Client) -> Result<Vec<WarmUp>, ApiError> {
    let mut walk = Paginator::new(client.clone(), WarmUpsQuery { limit: Some(100) });
    let mut warm_ups = Vec::new();
    while let Some(page) = walk.next_page().await? {
        warm_ups.extend(page);
    }
    Ok(warm_ups)
}

/// What was read; empty, and noted, if the key may not read it: the service decides by it all the same.
fn unless_refused<T>(what: &str, read: Result<Vec<T>, ApiError>, gaps: &mut Vec<String>) -> Result<Vec<T>, ApiError> {
    match read {
        Err(error) if error.is_refusal() => {
            gaps.push(format!("{what}: {}", error.advice().happened));
            Ok(Vec::new())
        }
        read => read,
    }
}

/// Domains looked for by name. What it finds goes into the inventory.
struct DomainSearch<'a, H> {
    client: &'a Client,
    inventory: AccountInventory,
    found: CopyProgress,
    heard: H,
}

impl<H: FnMut(CopyProgress) -> bool> DomainSearch<'_, H> {
    /// Every domain of a concern, where it should be and where it may have gone meanwhile; `false` when it was stopped.
    async fn everybody(&mut self, concern: &CopyScope, accounts: &[AccountId]) -> Result<bool, ApiError> {
        let mut left = concern.enrolled.clone();
        if !self.enrolled(&mut left, accounts).await? {
            return Ok(false);
        }
        let mut outside = concern.outside.union(&left).cloned().collect();
        if !self.outside(&mut outside).await? {
            return Ok(false);
        }
        outside.retain(|name| concern.outside.contains(name));
        self.enrolled(&mut outside, &[]).await
    }

    fn report_progress(&mut self, came: usize) -> bool {
        self.found.domains += came;
        (self.heard)(self.found)
    }

    /// Takes those that are enrolled off the names.
    async fn enrolled(&mut self, names: &mut BTreeSet<DomainName>, accounts: &[AccountId]) -> Result<bool, ApiError> {
        if names.is_empty() {
            return Ok(true);
        }
        let mut walk = enrolled_walk(self.client, names, accounts).await?;
        while let Some(mut page) = walk.next_page().await? {
            page.retain(|domain| names.remove(&domain.name));
            let came = page.len();
            self.inventory.domains.append(&mut page);
            if !self.report_progress(came) {
                return Ok(false);
            }
            if names.is_empty() {
                break;
            }
        }
        Ok(true)
    }

    /// Takes those that are not enrolled off the names.
    async fn outside(&mut self, names: &mut BTreeSet<DomainName>) -> Result<bool, ApiError> {
        let wanted: Vec<DomainName> = names.iter().cloned().collect();
        for some in wanted.chunks(OUTSIDE_AT_ONCE) {
            let mut there = self.client.assignable(&named(some)).await?;
            there.retain(|domain| names.remove(&domain.name));
            let came = there.len();
            self.inventory.assignable.append(&mut there);
            if !self.report_progress(came) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The list that enrolled domains are looked for in. No request asks for one by name. The list is narrowed to the
/// accounts they are known to be of; the account of a single one is told by its latest record.
async fn enrolled_walk(
    client: &Client,
    names: &BTreeSet<DomainName>,
    accounts: &[AccountId],
) -> Result<Paginator<DomainsQuery>, ApiError> {
    let accounts: BTreeSet<AccountId> = match names.first() {
        Some(only) if names.len() == 1 && accounts.is_empty() => match client.domain_history(only, Some(1)).await {
            Ok(page) => page.items.into_iter().map(|record| record.account_id).collect(),
            Err(error) if error.is_refusal() => BTreeSet::new(),
            Err(error) => return Err(error),
        },
        _ => accounts.iter().cloned().collect(),
    };
    let is_known = accounts.len() <= MOST_ACCOUNTS && accounts.iter().all(|id| !id.0.is_empty());
    let query = DomainsQuery {
        limit: Some(100),
        accounts: accounts.into_iter().filter(|_| is_known).collect(),
        ..DomainsQuery::default()
    };
    Ok(Paginator::new(client.clone(), query))
}

/// One enrolled domain.
///
/// # Errors
/// [`ApiError`]; a name nobody knows is `None`.
pub async fn enrolled(client: &Client, name: &DomainName) -> Result<Option<Domain>, ApiError> {
    let mut walk = enrolled_walk(client, &BTreeSet::from([name.clone()]), &[]).await?;
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
pub async fn outside(client: &Client, name: &DomainName) -> Result<Option<AssignableDomain>, ApiError> {
    let found = client.assignable(&named(std::slice::from_ref(name))).await?;
    Ok(found.into_iter().find(|domain| domain.name == *name))
}

/// Asks for domains by their names, as a regular expression.
fn named(names: &[DomainName]) -> AssignableQuery {
    let names: Vec<String> = names.iter().map(|name| name.as_str().replace('.', "\\.")).collect();
    AssignableQuery {
        domain: Some(format!("^({})$", names.join("|"))),
        ..AssignableQuery::default()
    }
}

/// The counts of some domains, or of all, over the days that a first health check looks at, as if they were of the last
/// of these days; none where the key may not read them.
async fn counts(client: &Client, names: Option<&[&DomainName]>, now: Timestamp) -> Result<Vec<MetricRow>, ApiError> {
    let today = now.day();
    let span = MetricsPeriod::Between {
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
    let mut walk = Paginator::new(client.clone(), query);
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
