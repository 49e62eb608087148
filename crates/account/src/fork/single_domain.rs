//! One domain of a live account, read with its past.

use super::dry_run_copy::{enrolled, outside};
use super::service_now;
use chrono::{DateTime, Utc};
use mailgun_pools::api::{ApiError, Client, MetricsFilter, MetricsPeriod, MetricsQuery, Paginator};
use poolkeeper_core::model::{DomainName, MetricsItem, Timestamp};
use poolkeeper_simulator::sim::{AccountImport, AccountInventory, Sim};

/// Days of counts that are read.
pub const DAYS: u32 = 90;

/// A domain, as an account of this domain alone.
#[derive(Clone, Debug, PartialEq)]
pub struct SingleDomainCopy {
    /// The account that holds it and nothing else.
    pub sim: Sim,
    /// Why its daily counts are missing, where they could not be read.
    pub missing: Option<String>,
}

/// Reads a domain: where it stands, its history, and its latest [`DAYS`] days. `None` when the account has no such
/// domain.
///
/// # Errors
/// [`ApiError`] of what could not be read, daily counts excepted.
pub async fn portrait(
    client: &Client,
    name: &DomainName,
    now: DateTime<Utc>,
) -> Result<Option<SingleDomainCopy>, ApiError> {
    let domain = enrolled(client, name).await?;
    let assignable = match domain {
        None => outside(client, name).await?,
        Some(_) => None,
    };
    if domain.is_none() && assignable.is_none() {
        return Ok(None);
    }
    let mut history = Vec::new();
    let mut walk = Paginator::new(client.clone(), name.clone());
    loop {
        match walk.next_page().await {
            Ok(Some(page)) => history.extend(page),
            Ok(None) => break,
            // A domain that never was enrolled has no history to be found.
            Err(error) if error.is_refusal() => break,
            Err(error) => return Err(error),
        }
    }
    let inventory = AccountInventory {
        name: "The account".to_owned(),
        pools: client.pools().await?,
        domains: domain.into_iter().collect(),
        assignable: assignable.into_iter().collect(),
        ..AccountInventory::default()
    };
    let now = Timestamp::from(service_now(client, now).await);
    let first_day = now.day().plus(-i32::try_from(DAYS).unwrap_or(90));
    let mut adoption = AccountImport::new(inventory, first_day, now);
    let span = MetricsPeriod::Between {
        start: first_day.start().to_utc(),
        end: now.day().start().to_utc(),
    };
    let query = MetricsQuery {
        limit: Some(1_000),
        filters: vec![MetricsFilter {
            attribute: "domain".to_owned(),
            comparator: "=".to_owned(),
            values: vec![name.to_string()],
        }],
        ..MetricsQuery::daily_counts(span, true)
    };
    let missing = match client.metrics(&query).await {
        Ok(page) => {
            let rows: Vec<_> = page.items.iter().filter_map(MetricsItem::row).collect();
            rows.iter().for_each(|row| adoption.add(row));
            rows.is_empty()
                .then(|| format!("the service returned none for the last {DAYS} days"))
        }
        Err(error) => Some(error.advice().happened),
    };
    let (sim, _) = adoption.finish(history);
    Ok(Some(SingleDomainCopy { sim, missing }))
}
