//! The account's IPs, each with where it is and how warm.

use mailgun_pools::api::{ApiError, Client, Paginator, WarmUpsQuery};
use poolkeeper_core::model::{Band, DedicatedPool, Ip, PoolName, Pools, WarmUp};
use poolkeeper_core::text;
use poolkeeper_simulator::sim::may_join;

/// One IP and everything the page says of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IpRow {
    /// The address.
    pub(crate) ip: Ip,
    /// Whether it is dedicated, as far as the service says.
    pub(crate) is_dedicated: bool,
    /// Whether it warms up.
    pub(crate) is_warming: bool,
    /// Its warm-up, where it has one.
    pub(crate) warm_up: Option<WarmUp>,
    /// The dynamic pool it is in.
    pub(crate) pool: Option<PoolName>,
    /// The dedicated pool it is in, by name.
    pub(crate) dedicated_pool: Option<String>,
}

impl IpRow {
    /// Why it can't be added to a pool; `None` when it can.
    #[must_use]
    pub(crate) fn why_not(&self, band: Band) -> Option<String> {
        let in_band = self.pool.as_ref().and_then(PoolName::band);
        may_join(self.is_dedicated, in_band, band)
            .err()
            .map(|problem| problem.text())
    }

    /// `Warm`, or the stage and how much of its volume is sent.
    #[must_use]
    pub(crate) fn warmth(&self) -> String {
        match &self.warm_up {
            None if self.is_warming => "Warming".to_owned(),
            None => "Warm".to_owned(),
            Some(warm_up) => {
                let limit = warm_up
                    .stage_volume_limit
                    .map(|limit| format!(" of {}", text::count(limit)));
                let share = warm_up.sent_within_stage.replace('%', " %");
                format!("Stage {} · {share}{}", warm_up.stage_number, limit.unwrap_or_default())
            }
        }
    }
}

/// The pools and all IPs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct IpInventory {
    /// The dynamic pools.
    pub(crate) pools: Pools,
    /// Every IP, in the service's order; those only a pool names stand at the end.
    pub(crate) ips: Vec<IpRow>,
    /// What happens to the mail that a warming IP may not send, in words; `None` while no IP warms up.
    pub(crate) overflow: Option<String>,
}

impl IpInventory {
    /// Reads it all.
    ///
    /// # Errors
    /// The first read that failed.
    pub(crate) async fn read(client: Client) -> Result<Self, ApiError> {
        let pools = client.pools().await?;
        let details = client.ips_with_kind().await?;
        let dedicated_pools = client.ip_pools().await?;
        let mut walk = Paginator::new(client.clone(), WarmUpsQuery { limit: Some(100) });
        let mut warm_ups = Vec::new();
        while let Some(page) = walk.next_page().await? {
            warm_ups.extend(page);
        }
        let mut known: Vec<Ip> = details.iter().map(|detail| detail.ip.clone()).collect();
        for ip in pools.0.iter().flat_map(|pool| &pool.ips) {
            if !known.contains(ip) {
                known.push(ip.clone());
            }
        }
        let has_warming = !warm_ups.is_empty() || details.iter().any(|detail| detail.is_warming == Some(true));
        let overflow = if has_warming {
            let pool = client.overflow_pool().await;
            Some(overflow_words(&pool, &dedicated_pools))
        } else {
            None
        };
        let ips: Vec<IpRow> = known
            .into_iter()
            .map(|ip| {
                let warm_up = warm_ups.iter().find(|warm_up| warm_up.ip == ip).cloned();
                let detail = details.iter().find(|detail| detail.ip == ip);
                let pool = pools.holding(&ip).map(|pool| pool.name.clone());
                IpRow {
                    is_dedicated: pool.is_some() || detail.and_then(|detail| detail.is_dedicated) == Some(true),
                    is_warming: warm_up.is_some() || detail.and_then(|detail| detail.is_warming) == Some(true),
                    warm_up,
                    pool,
                    dedicated_pool: dedicated_pools
                        .iter()
                        .find(|pool| pool.ips.contains(&ip))
                        .map(|pool| pool.name.clone()),
                    ip,
                }
            })
            .collect();
        Ok(Self { pools, ips, overflow })
    }

    /// The IPs of a band's pool.
    pub(crate) fn of(&self, band: Band) -> impl Iterator<Item = &IpRow> {
        self.ips
            .iter()
            .filter(move |row| row.pool.as_ref().and_then(PoolName::band) == Some(band))
    }

    /// The IPs in no dynamic pool.
    pub(crate) fn free(&self) -> impl Iterator<Item = &IpRow> {
        self.ips.iter().filter(|row| row.pool.is_none())
    }

    /// The dedicated IPs in no dynamic pool.
    pub(crate) fn assignable(&self) -> impl Iterator<Item = &IpRow> {
        self.free().filter(|row| row.is_dedicated)
    }
}

/// Where the mail goes that a warming IP may not send.
fn overflow_words(pool: &Result<Option<String>, ApiError>, known: &[DedicatedPool]) -> String {
    match pool {
        Ok(None) => "No dedicated pool takes over what warming IPs may not send.".to_owned(),
        Ok(Some(id)) => {
            let name = known.iter().find(|pool| pool.id == *id).map_or(id, |pool| &pool.name);
            format!("The dedicated pool “{name}” takes over what warming IPs may not send.")
        }
        Err(error) => {
            let why = error.advice().happened;
            format!("Could not read which pool takes over what warming IPs may not send: {why}.")
        }
    }
}

/// The pools' names as people read them.
#[must_use]
pub(crate) const fn title(band: Band) -> &'static str {
    match band {
        Band::Good => "Good reputation",
        Band::Poor => "Poor reputation",
        Band::New => "New senders",
    }
}
