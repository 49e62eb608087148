//! The account's IPs: warm-up, and which pool each may go to.

use super::ids::{IdKind, id24};
use super::{AccountIp, AccountPool, Rule, Sim};
use poolkeeper_core::model::{Band, Ip, Timestamp, WarmUp};

/// Seconds an IP spends in each stage of its warm-up: two days.
pub const WARM_UP_STAGE_SECONDS: i64 = 2 * 86_400;

/// Stages of a warm-up, as the service documents them.
pub const WARM_UP_STAGES: u32 = 15;

/// Messages that a stage of a warm-up allows, by its number from 1: 1,000 in the first, and in each later one twice as many.
const fn stage_limit(number: u32) -> Option<u64> {
    match number {
        1..=WARM_UP_STAGES => Some(1_000 << (number - 1)),
        _ => None,
    }
}

/// Why an IP may not go where somebody wants it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IpProblem {
    /// The account has no such IP.
    Unknown,
    /// It is shared.
    Shared,
    /// It is in a dynamic pool.
    InDynamicPool(Band),
    /// It is in a dedicated pool, by name.
    InDedicatedPool(String),
}

impl IpProblem {
    /// The problem as the end of a sentence that begins with the IP.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Unknown => "is not an IP of this account".to_owned(),
            Self::Shared => "is a shared IP".to_owned(),
            Self::InDynamicPool(band) => format!("is in {}", band.pool_name()),
            Self::InDedicatedPool(name) => format!("is in the dedicated pool “{name}”"),
        }
    }

    /// The rule it stands for, when an IP is to go into a dynamic pool.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Unknown | Self::Shared => Rule::R2,
            Self::InDynamicPool(_) => Rule::R4,
            Self::InDedicatedPool(_) => Rule::R7,
        }
    }
}

/// Whether one of the account's IPs, dedicated or not and in a dynamic pool or in none, may be put into a pool (R2, R4).
///
/// # Errors
/// What stands against it.
pub fn may_join(is_dedicated: bool, pool_of_ip: Option<Band>, wanted: Band) -> Result<(), IpProblem> {
    if !is_dedicated {
        return Err(IpProblem::Shared);
    }
    match pool_of_ip {
        Some(other) if other != wanted => Err(IpProblem::InDynamicPool(other)),
        _ => Ok(()),
    }
}

/// Whether one of the account's IPs, dedicated or not and in a dynamic pool or in none, may be linked to a subaccount (R13).
///
/// # Errors
/// What stands against it.
pub const fn may_link(is_dedicated: bool, dynamic_pool: Option<Band>) -> Result<(), IpProblem> {
    match dynamic_pool {
        _ if !is_dedicated => Err(IpProblem::Shared),
        Some(band) => Err(IpProblem::InDynamicPool(band)),
        None => Ok(()),
    }
}

/// Whether one of the account's IPs, in these pools or in none, may be what a domain that leaves sends from (R7).
///
/// # Errors
/// What stands against it.
pub fn may_replace(dynamic_pool: Option<Band>, dedicated_pool: Option<&str>) -> Result<(), IpProblem> {
    match (dynamic_pool, dedicated_pool) {
        (Some(band), _) => Err(IpProblem::InDynamicPool(band)),
        (None, Some(name)) => Err(IpProblem::InDedicatedPool(name.to_owned())),
        (None, None) => Ok(()),
    }
}

impl Sim {
    /// All IPs the account may send from.
    #[must_use]
    pub fn ips(&self) -> &[AccountIp] {
        &self.ips
    }

    /// One of them.
    #[must_use]
    pub fn ip(&self, ip: &Ip) -> Option<&AccountIp> {
        self.ips.iter().find(|known| known.ip == *ip)
    }

    /// The standard dedicated pools.
    #[must_use]
    pub fn dedicated_pools(&self) -> &[AccountPool] {
        &self.dedicated_pools
    }

    /// The IPs of a dynamic pool; none while the feature is not configured.
    #[must_use]
    pub fn pool_ips(&self, band: Band) -> &[Ip] {
        self.pools.get(band)
    }

    /// A dynamic pool's identifier: 24 hexadecimal digits.
    #[must_use]
    pub fn pool_id(&self, band: Band) -> String {
        id24(self.seed, IdKind::DynamicPool, band.index() as u64)
    }

    /// Whether all three pools hold IPs (R1).
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.pools.iter().all(|(_, ips)| !ips.is_empty())
    }

    /// The dynamic pool an IP is in.
    #[must_use]
    pub fn pool_of(&self, ip: &Ip) -> Option<Band> {
        self.pools
            .iter()
            .find(|(_, ips)| ips.contains(ip))
            .map(|(band, _)| band)
    }

    /// The dedicated pool an IP is in.
    #[must_use]
    pub fn dedicated_pool_of(&self, ip: &Ip) -> Option<&AccountPool> {
        self.dedicated_pools.iter().find(|pool| pool.ips.contains(ip))
    }

    /// Whether the account may send from shared IPs.
    #[must_use]
    pub fn has_shared_ips(&self) -> bool {
        self.ips.iter().any(|ip| !ip.is_dedicated)
    }

    /// Dedicated IPs in no dynamic pool: those that may be added to one.
    pub fn assignable_ips(&self) -> impl Iterator<Item = &AccountIp> {
        self.ips
            .iter()
            .filter(|ip| ip.is_dedicated && self.pool_of(&ip.ip).is_none())
    }

    /// Whether an IP may be put into a dynamic pool (R2, R4). A warming IP may, beside one that is not warming (R3).
    ///
    /// # Errors
    /// What stands against it.
    pub fn ip_eligibility(&self, ip: &Ip, band: Band) -> Result<(), IpProblem> {
        let known = self.ip(ip).ok_or(IpProblem::Unknown)?;
        may_join(known.is_dedicated, self.pool_of(ip), band)
    }

    /// Whether an IP may be what a domain that leaves sends from (R7): one of the account's, in no pool. Several at once
    /// all have to be dedicated.
    ///
    /// # Errors
    /// What stands against it.
    pub fn replacement_eligibility(&self, ip: &Ip) -> Result<(), IpProblem> {
        self.ip(ip).ok_or(IpProblem::Unknown)?;
        let dedicated_pool = self.dedicated_pool_of(ip).map(|pool| pool.name.as_str());
        may_replace(self.pool_of(ip), dedicated_pool)
    }

    /// Whether an IP may be linked to a subaccount (R13).
    ///
    /// # Errors
    /// What stands against it.
    pub fn link_eligibility(&self, ip: &Ip) -> Result<(), IpProblem> {
        let known = self.ip(ip).ok_or(IpProblem::Unknown)?;
        may_link(known.is_dedicated, self.pool_of(ip))
    }

    /// Whether an IP's warm-up still runs.
    #[must_use]
    pub fn is_warming(&self, ip: &Ip) -> bool {
        self.ip(ip).is_some_and(|ip| self.stage(ip).is_some())
    }

    /// The stage of an IP's warm-up, from its age; `None` when it is not warming.
    #[must_use]
    pub fn warm_up(&self, ip: &Ip) -> Option<WarmUp> {
        let known = self.ip(ip)?;
        let (number, started_at) = self.stage(known)?;
        let share = 100 * (self.now.0 - started_at.0).clamp(0, WARM_UP_STAGE_SECONDS) / WARM_UP_STAGE_SECONDS;
        Some(WarmUp {
            ip: known.ip.clone(),
            stage_number: number,
            sent_within_stage: format!("{share}%"),
            throttle: Some(100_u32.saturating_sub(6 * number)),
            stage_start_volume: Some(stage_limit(number - 1).unwrap_or(0)),
            stage_start_time: Some(started_at.to_utc()),
            stage_volume_limit: stage_limit(number),
        })
    }

    /// The stage's number from 1, and when it began.
    fn stage(&self, ip: &AccountIp) -> Option<(u32, Timestamp)> {
        let started = ip.warm_up_started_at?;
        let over = self.now.0.saturating_sub(started.0).max(0) / WARM_UP_STAGE_SECONDS;
        let number = u32::try_from(over + 1)
            .ok()
            .filter(|number| *number <= WARM_UP_STAGES)?;
        Some((number, started.plus_seconds(over * WARM_UP_STAGE_SECONDS)))
    }
}
