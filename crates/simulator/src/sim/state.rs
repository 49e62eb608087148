//! What a simulated account consists of.

use super::directory::DomainDirectory;
use super::generator::TrafficGenerator;
use super::log::SharedLog;
use super::{AccountIx, DomainIx, MoveRecord, PerBand, PolicyChange, ScenarioSpec};
use poolkeeper_core::health::{Latch, Policy};
use poolkeeper_core::model::{AccountId, Band, Counts, Day, DomainName, Ip, SubaccountStatus, Timestamp};
use poolkeeper_core::traffic::Table;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A simulated account: its pools, domains, checks and history, at an instant of its own clock.
///
/// Nothing changes it but [`Sim::apply`]. Big parts are shared between copies until one of them changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Sim {
    pub(super) seed: u64,
    pub(super) origin: AccountOrigin,
    pub(super) traffic: TrafficData,
    pub(super) first_day: Day,
    pub(super) now: Timestamp,
    pub(super) policy: Policy,
    pub(super) policy_changes: Vec<PolicyChange>,
    pub(super) accounts: Arc<Vec<SimAccount>>,
    pub(super) ips: Arc<Vec<AccountIp>>,
    pub(super) dedicated_pools: Arc<Vec<AccountPool>>,
    pub(super) pools: PerBand<Vec<Ip>>,
    pub(super) directory: Arc<DomainDirectory>,
    pub(super) domains: Arc<Vec<DomainState>>,
    pub(super) history: SharedLog<RecordLink<MoveRecord>>,
    pub(super) events: SharedLog<RecordLink<(DomainIx, super::DomainEvent)>>,
    pub(super) people: Vec<String>,
    pub(super) totals: Vec<DayTotals>,
    pub(super) moves: Vec<DayMoves>,
    pub(super) job: Option<EnrollAllJob>,
}

/// Where an account came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountOrigin {
    /// Generated from a specification.
    Scenario(ScenarioSpec),
    /// A table of daily counts that a person brought, by name.
    Table {
        /// The name, such as the file's.
        name: String,
    },
}

/// Where daily counts come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TrafficData {
    Generated(Arc<TrafficGenerator>),
    Table(Arc<Table>),
}

impl TrafficData {
    /// One domain's counts on a day; `None` when the day has none.
    #[inline]
    pub(super) fn counts(&self, domain: u32, day: Day) -> Option<Counts> {
        match self {
            Self::Generated(senders) => senders.counts(domain, day),
            Self::Table(table) => table.get(domain as usize, day),
        }
    }

    /// The sum over the `window_days` days that end with `last_day`.
    pub(super) fn window(&self, domain: u32, last_day: Day, window_days: u32) -> Counts {
        (0..i32::try_from(window_days).unwrap_or(i32::MAX))
            .filter_map(|back| self.counts(domain, last_day.plus(-back)))
            .sum()
    }
}

/// The parent account or one of its subaccounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimAccount {
    /// Its identifier.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: AccountStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// An account's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// In use.
    Open,
    /// Disabled.
    Disabled,
    /// Closed.
    Closed,
}

impl From<AccountStatus> for SubaccountStatus {
    fn from(status: AccountStatus) -> Self {
        match status {
            AccountStatus::Open => Self::Open,
            AccountStatus::Disabled => Self::Disabled,
            AccountStatus::Closed => Self::Closed,
        }
    }
}

/// An IP the account may send from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountIp {
    /// The address.
    pub ip: Ip,
    /// Whether it is the account's alone.
    pub is_dedicated: bool,
    /// Its reverse DNS name.
    pub rdns: String,
    /// When its warm-up began; `None` for an IP that never needed one. [`Sim::is_warming`] says whether it still runs.
    pub warm_up_started_at: Option<Timestamp>,
}

/// A standard dedicated IP pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPool {
    /// Its identifier, 24 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its IPs.
    pub ips: Vec<Ip>,
}

/// Where a domain that is not enrolled sends from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendsFrom {
    /// The shared IPs.
    Shared,
    /// A dedicated pool, by position in [`Sim::dedicated_pools`].
    DedicatedPool(u32),
    /// IPs of its own.
    Ips(Arc<Vec<Ip>>),
}

/// One domain's changing part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DomainState {
    pub(super) enrolment: Option<Enrolment>,
    pub(super) outside: SendsFrom,
    /// Sum over the policy's window that ends with the last complete day. Follows from the traffic, so never saved.
    #[serde(skip)]
    pub(super) window: Counts,
    pub(super) last_check: Option<LastCheck>,
    /// Position of its latest history record. Follows from history.
    #[serde(skip)]
    pub(super) last_record: Option<u32>,
    /// Position of its latest event. Follows from the events.
    #[serde(skip)]
    pub(super) last_event: Option<u32>,
}

/// What being enrolled means for a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Its band and the run of votes for another one.
    pub latch: Latch,
    /// Whether an override pins it.
    pub is_overridden: bool,
    /// Since when it has been enrolled.
    pub since: Timestamp,
}

/// A domain's latest health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCheck {
    /// When.
    pub at: Timestamp,
    /// The window's counts.
    pub counts: Counts,
}

/// A log entry that knows the entry of the same domain before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RecordLink<T> {
    pub(super) entry: T,
    #[serde(skip)]
    pub(super) before: Option<u32>,
}

/// A domain, as read.
#[derive(Clone, Copy, Debug)]
pub struct DomainView<'a> {
    /// Its position.
    pub ix: DomainIx,
    /// Its name.
    pub name: &'a DomainName,
    /// The account it belongs to.
    pub account: AccountIx,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Its enrolment; `None` when it is not enrolled.
    pub enrolment: Option<Enrolment>,
    /// Where it sends from while it is not enrolled.
    pub outside: &'a SendsFrom,
    /// Counts over the policy's window that ends with the last complete day.
    pub window: Counts,
    /// Its latest health check since it was enrolled. Lists show these rates.
    pub last_check: Option<LastCheck>,
}

impl DomainView<'_> {
    /// Its band; `None` when it is not enrolled.
    #[must_use]
    pub fn band(&self) -> Option<Band> {
        self.enrolment.map(|enrolment| enrolment.latch.band)
    }

    /// Whether an override pins it.
    #[must_use]
    pub fn is_overridden(&self) -> bool {
        self.enrolment.is_some_and(|enrolment| enrolment.is_overridden)
    }
}

/// One complete day over all domains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayTotals {
    /// Enrolled domains by the band they were in after the day's check.
    pub domains: PerBand<u32>,
    /// The day's messages by the band their domain was in when the day's check ran: the pool that carried them.
    pub counts: PerBand<Counts>,
    /// Domains not enrolled at the end of the day.
    pub outside_domains: u32,
    /// The day's messages of domains not enrolled when the day ended.
    pub outside_counts: Counts,
}

/// How many domains changed band on a day. Whoever moved them; the current day is the last entry once it has a move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayMoves {
    /// To a better band.
    pub promoted: u32,
    /// To a worse band.
    pub demoted: u32,
    /// Enrolled.
    pub enrolled: u32,
}

/// The job that enrolls every domain (R8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollAllJob {
    /// When it started.
    pub started_at: Timestamp,
    /// When it finished; `None` while it runs.
    pub finished_at: Option<Timestamp>,
    /// Who started it.
    pub by: super::PersonIx,
    /// Whether subaccounts' domains are meant too.
    pub include_subaccounts: bool,
    /// Domains it has worked through.
    pub done: u32,
    /// The domains it works through, in order.
    pub(super) queue: Arc<Vec<DomainIx>>,
}

/// Simulated seconds the enrol-all job spends on a domain.
pub const JOB_SECONDS_PER_DOMAIN: i64 = 3;

impl EnrollAllJob {
    /// Domains it works through in all.
    #[must_use]
    pub fn total(&self) -> u32 {
        u32::try_from(self.queue.len()).unwrap_or(u32::MAX)
    }

    /// Whether it is still at work.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.finished_at.is_none()
    }

    /// When the domain at a position of its queue is enrolled.
    pub(super) fn slot(&self, position: u32) -> Timestamp {
        self.started_at
            .plus_seconds(JOB_SECONDS_PER_DOMAIN * (i64::from(position) + 1))
    }
}
