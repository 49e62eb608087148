//! Commands that read: the pools, the enrolled domains, history, previews.

use super::connection::LiveConnection;
use super::listing::{Cell, Listing};
use super::{CommandEnd, ReadCommand};
use crate::Failure;
use crate::account_client::failure;
use crate::terminal::say;
use crate::values::{band, day, domain};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use mailgun_pools::api::{AssignableQuery, HistoryQuery, Paginator};
use poolkeeper_account::cache::{DomainReader, merge};
use poolkeeper_core::model::{AccountId, Band, Domain, DomainName, Ip, PoolName, Pools, PreviewMetric, Rate};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Records of a page, the most that the service gives.
const RECORDS_PER_PAGE: u32 = 100;

/// `pools` takes nothing of its own.
#[derive(clap::Args)]
pub(crate) struct PoolsArgs;

impl ReadCommand for PoolsArgs {
    async fn print(&self, connection: &LiveConnection) -> Result<CommandEnd, Failure> {
        let mut listing = Listing::new(&["pool", "enabled", "ips"]);
        for pool in pools(connection).await?.0 {
            let ips: Vec<&str> = pool.ips.iter().map(Ip::as_str).collect();
            listing.push(vec![
                Cell::text(Some(&pool.name)),
                Cell::Flag(pool.enabled),
                Cell::Text(ips.join(" ")),
            ]);
        }
        listing.print(connection.output)?;
        Ok(CommandEnd::Done)
    }
}

/// What `domains` takes.
#[derive(clap::Args)]
pub(crate) struct DomainsArgs {
    /// Only those in this pool: good, poor or new
    #[arg(long, value_name = "POOL", value_parser = band)]
    pool: Option<Band>,
    /// Only those with an override
    #[arg(long)]
    overridden: bool,
    /// Only those whose name contains this text
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
}

impl ReadCommand for DomainsArgs {
    async fn print(&self, connection: &LiveConnection) -> Result<CommandEnd, Failure> {
        let mut listing = Listing::new(&[
            "domain",
            "pool",
            "overridden",
            "bounce_rate",
            "complaint_rate",
            "processed_count",
            "account_id",
            "account_name",
        ]);
        let wanted = |domain: &&Arc<Domain>| {
            self.pool.is_none_or(|band| domain.pool.band() == Some(band))
                && (!self.overridden || domain.is_overridden == Some(true))
                && self
                    .name
                    .as_ref()
                    .is_none_or(|text| domain.name.as_str().contains(&text.to_lowercase()))
        };
        for domain in all_domains(connection).await?.iter().filter(wanted) {
            listing.push(vec![
                Cell::Domain(domain.name.to_string()),
                Cell::text(Some(&domain.pool)),
                Cell::Flag(domain.is_overridden),
                Cell::Rate(domain.bounce_rate),
                Cell::Rate(domain.complaint_rate),
                Cell::Number(domain.processed_count),
                Cell::text(Some(&domain.account_id)),
                Cell::text(domain.account_name.as_ref()),
            ]);
        }
        listing.print(connection.output)?;
        Ok(CommandEnd::Done)
    }
}

/// The dynamic pools.
pub(super) async fn pools(connection: &LiveConnection) -> Result<Pools, Failure> {
    let pools = connection.client.pools().await;
    pools.map_err(|error| failure("reading the pools", &error))
}

/// Every domain that is not enrolled, with its account.
pub(super) async fn outside_domains(connection: &LiveConnection) -> Result<BTreeMap<DomainName, AccountId>, Failure> {
    let outside = connection.client.assignable(&AssignableQuery::default()).await;
    let outside = outside.map_err(|error| failure("reading the domains that are not enrolled", &error))?;
    Ok(outside
        .into_iter()
        .map(|domain| (domain.name, domain.account_id))
        .collect())
}

/// Every enrolled domain, by name.
pub(super) async fn all_domains(connection: &LiveConnection) -> Result<Vec<Arc<Domain>>, Failure> {
    let mut reader = DomainReader::new(connection.client.clone());
    let mut rows = Vec::new();
    loop {
        match reader.next_domains().await {
            Ok(Some(fresh)) => rows.extend(fresh),
            Ok(None) => break,
            Err(error) => return Err(failure("reading the enrolled domains", &error)),
        }
    }
    let mut domains = Vec::new();
    merge(&mut domains, rows);
    Ok(domains)
}

/// What `history` takes.
#[derive(clap::Args)]
pub(crate) struct HistoryArgs {
    /// Only of this domain
    #[arg(long, value_name = "NAME", value_parser = domain)]
    domain: Option<DomainName>,
    /// From this UTC day on, such as 2026-07-22
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<NaiveDate>,
    /// Up to and including this UTC day
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<NaiveDate>,
    /// Only moves to this pool: good, poor or new
    #[arg(long, value_name = "POOL", value_parser = band)]
    moved_to: Option<Band>,
    /// Only moves out of this pool: good, poor or new
    #[arg(long, value_name = "POOL", value_parser = band)]
    moved_from: Option<Band>,
    /// Number of records, the newest first
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl HistoryArgs {
    fn query(&self) -> HistoryQuery {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        HistoryQuery {
            limit: Some(RECORDS_PER_PAGE),
            include_subaccounts: Some(true),
            domain: self.domain.clone(),
            // The service leaves both ends out, and counts whole seconds.
            after: self.from.and_then(|day| second(midnight(day), -1)),
            before: self.to.and_then(|day| second(midnight(day), 86_400)),
            moved_to: self.moved_to.map(PoolName::from),
            moved_from: self.moved_from.map(PoolName::from),
        }
    }
}

fn second(at: DateTime<Utc>, later: i64) -> Option<DateTime<Utc>> {
    at.checked_add_signed(TimeDelta::seconds(later))
}

impl ReadCommand for HistoryArgs {
    async fn print(&self, connection: &LiveConnection) -> Result<CommandEnd, Failure> {
        if self.from.zip(self.to).is_some_and(|(from, to)| from > to) {
            return Err(Failure("--from is after --to".to_owned()));
        }
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut walk = Paginator::new(connection.client.clone(), self.query());
        let mut records = Vec::new();
        while records.len() < limit {
            match walk.next_page().await {
                Ok(Some(page)) => records.extend(page),
                Ok(None) => break,
                Err(error) => return Err(failure("reading history", &error)),
            }
        }
        if records.len() > limit || !walk.is_done() {
            say(&format!(
                "showing the newest {} records; --limit shows more",
                poolkeeper_core::text::count(u64::from(self.limit))
            ));
        }
        records.truncate(limit);
        let mut listing = Listing::new(&[
            "time",
            "domain",
            "from",
            "to",
            "reason",
            "bounce_rate",
            "complaint_rate",
            "processed_count",
            "initiated_by",
            "account_id",
        ]);
        for record in records {
            listing.push(vec![
                Cell::Time(record.timestamp),
                Cell::Domain(record.domain_name.to_string()),
                Cell::text(record.prev_band.as_ref()),
                Cell::text(record.new_band.as_ref()),
                Cell::Text(record.reason),
                Cell::Rate(record.bounce_rate),
                Cell::Rate(record.complaint_rate),
                Cell::Number(record.processed_count),
                Cell::text(record.initiated_by),
                Cell::text(Some(&record.account_id)),
            ]);
        }
        listing.print(connection.output)?;
        Ok(CommandEnd::Done)
    }
}

/// What `preview` takes.
#[derive(clap::Args)]
pub(crate) struct PreviewArgs {
    /// Domains; their next health check is run without changing anything
    #[arg(required = true, value_parser = domain)]
    domains: Vec<DomainName>,
}

impl ReadCommand for PreviewArgs {
    async fn print(&self, connection: &LiveConnection) -> Result<CommandEnd, Failure> {
        let mut listing = Listing::new(&[
            "domain",
            "pool",
            "bounce_rate",
            "bounce_band",
            "complaint_rate",
            "complaint_band",
            "processed_count",
            "processed_band",
            "message",
        ]);
        for name in &self.domains {
            let preview = connection.client.preview(name).await;
            let preview = preview.map_err(|error| failure(&format!("previewing {name}"), &error))?;
            let rate = |metric: &Option<PreviewMetric>| {
                let metric = metric.as_ref();
                [
                    Cell::Rate(metric.and_then(|metric| metric.value).map(Rate)),
                    Cell::text(metric.and_then(|metric| metric.band.as_ref())),
                ]
            };
            let mut row = vec![Cell::Domain(name.to_string()), Cell::text(preview.pool.as_ref())];
            row.extend(rate(&preview.bounce_rate));
            row.extend(rate(&preview.complaint_rate));
            let processed = preview.processed_count.as_ref();
            row.push(Cell::Number(processed.and_then(|metric| whole(metric.value?))));
            row.push(Cell::text(processed.and_then(|metric| metric.band.as_ref())));
            row.push(Cell::text(preview.message));
            listing.push(row);
        }
        listing.print(connection.output)?;
        Ok(CommandEnd::Done)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count below 2⁵³, checked"
)]
fn whole(value: f64) -> Option<u64> {
    (0.0..9e15).contains(&value).then_some(value as u64)
}
