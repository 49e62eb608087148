//! Reads a whole account through the client and makes a simulated one of it: the live account, to play with.
//!
//! One answer a step, so that a page can show how far it is, stop, and go on after a failure where it stood. Long lists are
//! read side by side. What the account's key may not read is left out and listed, as is all that the copy holds in its own
//! way; without pools and domains there is nothing to copy.
//!
//! # Examples
//!
//! ```
//! use futures::FutureExt;
//! use mailgun_pools::api::Client;
//! use poolkeeper_account::fork::{Fork, ForkExtent};
//! use poolkeeper_simulator::server::Simulator;
//! use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
//!
//! let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 30, 7)?;
//! let original = Simulator::new(Sim::scenario(&spec));
//! let now = original.sim().now().to_utc();
//! let extent = ForkExtent { days: 14, with_outside: false };
//! let mut fork = Fork::new(Client::new(original.transport()), "The copy", now, extent);
//! // The original is simulated, so each step ends at once.
//! while let Some(progress) = fork.step().now_or_never().expect("an answer at once")? {
//!     println!("Reading {}", progress.part.words());
//! }
//! let (copy, notes) = fork.finish();
//! assert_eq!(copy.now(), original.sim().now());
//! for note in notes.missing {
//!     println!("Not copied: {note}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod counts;
pub mod dry_run_copy;
pub mod single_domain;

use crate::cache::{DomainReader, HistoryReader, merge};
use chrono::{DateTime, Utc};
use counts::DayPaginators;
use mailgun_pools::api::{
    ApiError, ApiErrorKind, AssignableQuery, Client, IpsQuery, MetricsPeriod, MetricsQuery, PagedQuery, Paginator,
    SubaccountsQuery, WarmUpsQuery,
};
use poolkeeper_core::model::{Day, Domain, HistoryRecord, Subaccount, Timestamp, WarmUp};
use poolkeeper_core::text::base_difference;
use poolkeeper_simulator::sim::{AccountImport, AccountInventory, ImportNotes, Sim};
use std::collections::VecDeque;
use std::sync::Arc;

pub use counts::LiveTrafficReader;

/// A service's clock is taken for its own where it is further from this machine's than so many days: a simulated account's.
const OWN_CLOCK_DAYS: i64 = 2;

/// The time it is for the service: that of this machine, unless the end of its latest metrics says that it lives in
/// another time, as a simulator's server does.
pub async fn service_now(client: &Client, here: DateTime<Utc>) -> DateTime<Utc> {
    let query = MetricsQuery {
        limit: Some(1),
        ..MetricsQuery::daily_counts(
            MetricsPeriod::Last {
                duration: "1d".to_owned(),
                end: None,
            },
            false,
        )
    };
    // Who may not read metrics has no days to count either.
    let there = client.metrics(&query).await.ok().and_then(|page| page.end);
    there
        .filter(|there| there.signed_duration_since(here).num_days().abs() > OWN_CLOCK_DAYS)
        .unwrap_or(here)
}

/// The most days of past a copy may have.
pub const MOST_DAYS: u32 = 365;

/// Domains and records of a page; the most the contract allows.
const PAGE: u32 = 100;
/// Subaccounts of a page.
const LARGE_PAGE: u32 = 1_000;

/// What is being read, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForkStage {
    /// The dynamic pools.
    Pools,
    /// The IPs.
    Ips,
    /// Which IPs are dedicated.
    DedicatedIps,
    /// The IPs that are warming up.
    WarmUps,
    /// The standard dedicated pools.
    DedicatedPools,
    /// The subaccounts.
    Subaccounts,
    /// The domains that are enrolled.
    Domains,
    /// The domains that are not.
    Assignable,
    /// The history.
    History,
    /// Each domain's counts of each day.
    DailyCounts,
}

impl ForkStage {
    const ALL: [Self; 10] = [
        Self::Pools,
        Self::Ips,
        Self::DedicatedIps,
        Self::WarmUps,
        Self::DedicatedPools,
        Self::Subaccounts,
        Self::Domains,
        Self::Assignable,
        Self::History,
        Self::DailyCounts,
    ];

    /// In words that follow “reading”.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Pools => "the pools",
            Self::Ips => "the IPs",
            Self::DedicatedIps => "which IPs are dedicated",
            Self::WarmUps => "warm-ups",
            Self::DedicatedPools => "dedicated pools",
            Self::Subaccounts => "subaccounts",
            Self::Domains => "domains",
            Self::Assignable => "domains that are not enrolled",
            Self::History => "history",
            Self::DailyCounts => "daily counts",
        }
    }

    /// Whether a copy needs it.
    const fn is_needed(self) -> bool {
        matches!(self, Self::Pools | Self::Domains)
    }
}

/// How far the reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForkProgress {
    /// What is being read.
    pub part: ForkStage,
    /// Items of it so far; of daily counts, days.
    pub done: u64,
    /// Items of it in all, where known.
    pub total: Option<u64>,
}

/// Only the present of an account is copied, or its past too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForkExtent {
    /// Days of history and daily counts, up to [`MOST_DAYS`]; 0 for the present alone.
    pub days: u32,
    /// Domains that are not enrolled, too.
    pub with_outside: bool,
}

/// A copy in the making.
pub struct Fork {
    client: Client,
    now: DateTime<Utc>,
    first_day: Day,
    days: u32,
    left: VecDeque<ForkStage>,
    inventory: AccountInventory,
    adoption: Option<AccountImport>,
    history: Vec<HistoryRecord>,
    missing: Vec<String>,
    walks: ListReader,
    counts: DayPaginators,
}

/// The walk under way, of whichever list.
#[derive(Default)]
struct ListReader {
    warm_ups: Option<Paginator<WarmUpsQuery>>,
    subaccounts: Option<Paginator<SubaccountsQuery>>,
    domains: Option<DomainReader>,
    history: Option<HistoryReader>,
}

impl Fork {
    /// Begins a copy called `name` of the account a client reaches, as it is `now`.
    #[must_use]
    pub fn new(client: Client, name: &str, now: DateTime<Utc>, extent: ForkExtent) -> Self {
        let days = extent.days.min(MOST_DAYS);
        let today = Timestamp::from(now).day();
        let first_day = today.plus(-i32::try_from(days).unwrap_or(0));
        let is_wanted = |part: &ForkStage| match part {
            ForkStage::History | ForkStage::DailyCounts => days > 0,
            ForkStage::Assignable => extent.with_outside,
            _ => true,
        };
        Self {
            client,
            now,
            first_day,
            days,
            left: ForkStage::ALL.into_iter().filter(is_wanted).collect(),
            inventory: AccountInventory {
                name: name.to_owned(),
                ..AccountInventory::default()
            },
            adoption: None,
            history: Vec::new(),
            missing: Vec::new(),
            walks: ListReader::default(),
            counts: DayPaginators::new(first_day, days),
        }
    }

    /// The same with enrolled domains that are known already, so that they are not read again.
    #[must_use]
    pub fn with_domains(mut self, known: &[Arc<Domain>]) -> Self {
        self.left.retain(|part| *part != ForkStage::Domains);
        self.inventory.domains = known.iter().map(|domain| (**domain).clone()).collect();
        self
    }

    /// Reads on by one answer; `None` when everything is read.
    ///
    /// # Errors
    /// [`ApiError`] when the request failed for a reason that may pass, or when what it asks is needed: another call
    /// tries it again. What the key may not read otherwise is noted and passed over.
    pub async fn step(&mut self) -> Result<Option<ForkProgress>, ApiError> {
        let Some(part) = self.left.front().copied() else {
            return Ok(None);
        };
        match self.read(part).await {
            Ok((is_over, progress)) => {
                if is_over {
                    self.left.pop_front();
                }
                Ok(Some(progress))
            }
            Err(error) if !part.is_needed() && is_final(&error) => {
                let happened = error.advice().happened;
                self.missing.push(format!("{}: {happened}", capitalised(part.words())));
                self.left.pop_front();
                Ok(Some(progress(part, 0, None)))
            }
            Err(error) => Err(error),
        }
    }

    /// The account, and what tells it from the one it was read from; what could not be read comes first.
    #[must_use]
    pub fn finish(mut self) -> (Sim, ImportNotes) {
        let adoption = self.adoption_begun();
        let (sim, mut notes) = adoption.finish(self.history);
        notes.missing.splice(..0, self.missing);
        notes.stand_ins.extend(base_difference(&self.counts.bases()));
        (sim, notes)
    }

    /// Whether this part's last request was made, and how far it is.
    async fn read(&mut self, part: ForkStage) -> Result<(bool, ForkProgress), ApiError> {
        let client = self.client.clone();
        let inventory = &mut self.inventory;
        let walks = &mut self.walks;
        Ok(match part {
            ForkStage::Pools => {
                inventory.pools = client.pools().await?;
                whole(part, inventory.pools.0.len())
            }
            ForkStage::Ips => {
                inventory.ips = client.ips(&IpsQuery::default()).await?;
                whole(part, inventory.ips.len())
            }
            ForkStage::DedicatedIps => {
                client.fill_in_kind(&mut inventory.ips).await?;
                whole(part, inventory.ips.len())
            }
            ForkStage::WarmUps => {
                let query = || WarmUpsQuery { limit: Some(PAGE) };
                let walk = walks.warm_ups.get_or_insert_with(|| Paginator::new(client, query()));
                turn::<WarmUpsQuery, WarmUp>(part, walk, &mut inventory.warm_ups).await?
            }
            ForkStage::DedicatedPools => {
                inventory.dedicated_pools = client.ip_pools().await?;
                whole(part, inventory.dedicated_pools.len())
            }
            ForkStage::Subaccounts => {
                let query = || SubaccountsQuery {
                    limit: Some(LARGE_PAGE),
                    ..SubaccountsQuery::default()
                };
                let walk = walks.subaccounts.get_or_insert_with(|| Paginator::new(client, query()));
                turn::<SubaccountsQuery, Subaccount>(part, walk, &mut inventory.subaccounts).await?
            }
            ForkStage::Domains => {
                let reader = walks.domains.get_or_insert_with(|| DomainReader::new(client));
                inventory
                    .domains
                    .extend(reader.next_domains().await?.into_iter().flatten());
                let (is_over, read) = (reader.is_over(), reader.progress());
                if is_over {
                    inventory.domains = each_once(std::mem::take(&mut inventory.domains));
                }
                (is_over, progress(part, read.done, read.total))
            }
            ForkStage::Assignable => {
                inventory.assignable = client.assignable(&AssignableQuery::default()).await?;
                whole(part, inventory.assignable.len())
            }
            ForkStage::History => {
                // The first instant counts, and “after” leaves its own out.
                let after = self.first_day.start().plus_seconds(-1).to_utc();
                let reader = walks
                    .history
                    .get_or_insert_with(|| HistoryReader::new(client, Some(after)));
                let page = reader.next_records().await?;
                let is_over = page.is_none();
                self.history.extend(page.into_iter().flatten());
                if is_over {
                    self.history.sort_by_key(|record| std::cmp::Reverse(record.timestamp));
                }
                let (done, total) = reader.progress();
                (is_over, progress(part, done, total))
            }
            ForkStage::DailyCounts => self.read_counts(client).await?,
        })
    }

    /// A page of one day's counts.
    async fn read_counts(&mut self, client: Client) -> Result<(bool, ForkProgress), ApiError> {
        let mut adoption = self.adoption_begun();
        let page = self.counts.next_page(&client).await;
        page.iter().flatten().for_each(|row| adoption.add(row));
        self.adoption = Some(adoption);
        page?;
        let done = u64::from(self.counts.days_done());
        let progress = progress(ForkStage::DailyCounts, done, Some(u64::from(self.days)));
        Ok((self.counts.is_over(), progress))
    }

    fn adoption_begun(&mut self) -> AccountImport {
        self.adoption.take().unwrap_or_else(|| {
            let inventory = std::mem::take(&mut self.inventory);
            AccountImport::new(inventory, self.first_day, Timestamp::from(self.now))
        })
    }
}

/// Each domain once, as it was read last.
fn each_once(domains: Vec<Domain>) -> Vec<Domain> {
    let mut rows = Vec::new();
    merge(&mut rows, domains);
    rows.into_iter().map(Arc::unwrap_or_clone).collect()
}

/// Takes a list's next page.
async fn turn<Q: PagedQuery<Item = T>, T>(
    part: ForkStage,
    walk: &mut Paginator<Q>,
    into: &mut Vec<T>,
) -> Result<(bool, ForkProgress), ApiError> {
    let page = walk.next_page().await?;
    let is_over = page.is_none() || walk.is_done();
    into.extend(page.into_iter().flatten());
    let total = walk.progress().total;
    Ok((is_over, progress(part, into.len() as u64, total)))
}

fn whole(part: ForkStage, count: usize) -> (bool, ForkProgress) {
    (true, progress(part, count as u64, Some(count as u64)))
}

const fn progress(part: ForkStage, done: u64, total: Option<u64>) -> ForkProgress {
    ForkProgress { part, done, total }
}

/// Whether asking again can't help.
const fn is_final(error: &ApiError) -> bool {
    error.is_refusal()
        || matches!(
            error.kind,
            ApiErrorKind::NotJson
                | ApiErrorKind::Unexpected { .. }
                | ApiErrorKind::OtherStatus
                | ApiErrorKind::AnswerTooLarge(_)
        )
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
