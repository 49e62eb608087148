//! The values that a client reads from the service, independent of their JSON form.

use super::{AccountId, Band, Counts, Day, DomainId, DomainName, Ip, PoolName, Rate};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One dynamic pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// The account that owns the pool, if the response has it.
    pub account_id: Option<AccountId>,
    /// The pool's identifier, if the response has it.
    pub id: Option<String>,
    /// The pool's name.
    pub name: PoolName,
    /// Whether the pool is in use, if the response has it.
    pub enabled: Option<bool>,
    /// Its IPs.
    pub ips: Vec<Ip>,
}

/// The account's dynamic pools; none when the feature is not configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pools(pub Vec<Pool>);

impl Pools {
    /// The pool of a band, if configured.
    #[must_use]
    pub fn of(&self, band: Band) -> Option<&Pool> {
        self.0.iter().find(|pool| pool.name.band() == Some(band))
    }

    /// Whether all three pools hold IPs: the feature is configured (R1).
    #[must_use]
    pub fn is_configured(&self) -> bool {
        Band::ALL
            .into_iter()
            .all(|band| self.of(band).is_some_and(|pool| !pool.ips.is_empty()))
    }

    /// The dynamic pool an IP is in, if any.
    #[must_use]
    pub fn holding(&self, ip: &Ip) -> Option<&Pool> {
        self.0.iter().find(|pool| pool.ips.contains(ip))
    }
}

/// The IPs of all three pools. One request sets them all (R5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolIps {
    /// IPs for [`Band::Good`].
    pub good_reputation: Vec<Ip>,
    /// IPs for [`Band::Poor`].
    pub poor_reputation: Vec<Ip>,
    /// IPs for [`Band::New`].
    pub new_senders: Vec<Ip>,
}

impl PoolIps {
    /// The IPs for a band's pool.
    #[must_use]
    pub fn of(&self, band: Band) -> &[Ip] {
        match band {
            Band::Good => &self.good_reputation,
            Band::Poor => &self.poor_reputation,
            Band::New => &self.new_senders,
        }
    }

    /// The IPs for a band's pool, mutable.
    pub fn of_mut(&mut self, band: Band) -> &mut Vec<Ip> {
        match band {
            Band::Good => &mut self.good_reputation,
            Band::Poor => &mut self.poor_reputation,
            Band::New => &mut self.new_senders,
        }
    }
}

/// Where a domain outside the dynamic pools sends from: one IP or the shared ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReplacementIp {
    /// The shared IPs, where the account may use them.
    Shared,
    /// One IP.
    Ip(Ip),
}

/// Where a domain sends from after it leaves the dynamic pools: exactly one of these (R7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Replacement {
    /// The shared IPs, where the account may use them.
    Shared,
    /// One IP, or several dedicated ones.
    Ips(Vec<Ip>),
    /// The standard dedicated pool with this identifier.
    DedicatedPool(String),
}

/// A domain enrolled in the dynamic pools.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Domain {
    /// Its identifier.
    pub id: DomainId,
    /// The account it belongs to.
    pub account_id: AccountId,
    /// That account's name, where the answer says.
    pub account_name: Option<String>,
    /// Its name.
    pub name: DomainName,
    /// When it was registered; `None` for "never" or unknown.
    pub registered_at: Option<DateTime<Utc>>,
    /// The pool it sends from.
    pub pool: PoolName,
    /// Whether a person pinned its pool (R10); `None` if the response does not say.
    pub is_overridden: Option<bool>,
    /// Bounce rate at the last health check.
    pub bounce_rate: Option<Rate>,
    /// Complaint rate at the last health check.
    pub complaint_rate: Option<Rate>,
    /// Messages processed in the window of the last health check.
    pub processed_count: Option<u64>,
}

/// A domain that could be enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignableDomain {
    /// The account it belongs to.
    pub account_id: AccountId,
    /// Its identifier.
    pub id: DomainId,
    /// Its name.
    pub name: DomainName,
}

/// One change of a domain's band (R12).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryRecord {
    /// The record's identifier.
    pub id: String,
    /// The account that owns the pools.
    pub owning_account_id: AccountId,
    /// The account the domain belongs to.
    pub account_id: AccountId,
    /// That account's name, where the answer says.
    pub account_name: Option<String>,
    /// The domain's identifier.
    pub domain_id: DomainId,
    /// The domain's name.
    pub domain_name: DomainName,
    /// The pool it moved to; `None` where the answer leaves it empty.
    pub new_band: Option<PoolName>,
    /// The pool it came from; `None` for an enrolment.
    pub prev_band: Option<PoolName>,
    /// The reason as the service wrote it.
    pub reason: String,
    /// Bounce rate at that time.
    pub bounce_rate: Option<Rate>,
    /// Complaint rate at that time.
    pub complaint_rate: Option<Rate>,
    /// Messages processed in the window at that time.
    pub processed_count: Option<u64>,
    /// `system`, or a person's e-mail address.
    pub initiated_by: Option<String>,
    /// When; `None` for "never" or unknown.
    pub timestamp: Option<DateTime<Utc>>,
}

/// One metric of a preview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreviewMetric {
    /// Its value: a fraction for rates, a count for processed messages.
    pub value: Option<f64>,
    /// The band the metric falls in.
    pub band: Option<PoolName>,
}

/// The result of a health check run now; it changes nothing (R11).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// The pool the domain would be in.
    pub pool: Option<PoolName>,
    /// Bounce rate and its band.
    pub bounce_rate: Option<PreviewMetric>,
    /// Complaint rate and its band.
    pub complaint_rate: Option<PreviewMetric>,
    /// Processed messages and their band.
    pub processed_count: Option<PreviewMetric>,
    /// A message that came with it.
    pub message: Option<String>,
}

/// One IP of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpDetail {
    /// The address.
    pub ip: Ip,
    /// Whether it is dedicated; `None` where not known.
    pub is_dedicated: Option<bool>,
    /// Whether it is warming up; `None` where not known.
    pub is_warming: Option<bool>,
    /// Whether it is in use; `None` where not known.
    pub is_enabled: Option<bool>,
    /// Whether it may be assigned to pools, by the account's own list.
    pub is_assignable: bool,
    /// Reverse DNS name, where known.
    pub rdns: Option<String>,
}

/// An IP's warm-up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WarmUp {
    /// The address.
    pub ip: Ip,
    /// The stage, from 1.
    pub stage_number: u32,
    /// Share of the stage's volume already sent, as received (`25%`).
    pub sent_within_stage: String,
    /// Throttle in percent, as the service reports it.
    pub throttle: Option<u32>,
    /// Messages sent at the stage's start.
    pub stage_start_volume: Option<u64>,
    /// When the stage began.
    pub stage_start_time: Option<DateTime<Utc>>,
    /// Messages the stage allows.
    pub stage_volume_limit: Option<u64>,
}

/// A standard dedicated IP pool (not a dynamic one).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DedicatedPool {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its IPs.
    pub ips: Vec<Ip>,
    /// Whether domains use it.
    pub is_linked: bool,
    /// Whether a parent account shares it.
    pub is_inherited: bool,
}

/// A domain that sends from an IP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpDomain {
    /// Its name.
    pub name: DomainName,
    /// All IPs that it sends from.
    pub ips: Vec<Ip>,
}

/// A domain linked to a standard dedicated pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolDomain {
    /// Its identifier.
    pub id: DomainId,
    /// Its name.
    pub name: DomainName,
}

/// Whether a domain may send; unknown words are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SendingStatus {
    /// It may.
    Active,
    /// Its DNS records were not verified yet.
    Unverified,
    /// The service disabled it.
    Disabled,
    /// Any other, as received.
    Unknown(String),
}

/// One of the account's domains, enrolled or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDomain {
    /// Its name.
    pub name: DomainName,
    /// The subaccount that it belongs to; `None` for one of the account itself.
    pub subaccount: Option<AccountId>,
    /// Whether it may send.
    pub status: SendingStatus,
    /// Why the service disabled it, in its words.
    pub disabled_reason: Option<String>,
}

/// A subaccount's status; unknown ones are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubaccountStatus {
    /// In use.
    Open,
    /// Disabled.
    Disabled,
    /// Closed.
    Closed,
    /// Any other status, as received.
    Unknown(String),
}

/// A subaccount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subaccount {
    /// Its identifier.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: SubaccountStatus,
    /// When it was created.
    pub created_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// One domain's counts on one day, from the metrics query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricRow {
    /// The domain.
    pub domain: DomainName,
    /// The UTC day.
    pub day: Day,
    /// Its counts.
    pub counts: Counts,
}
