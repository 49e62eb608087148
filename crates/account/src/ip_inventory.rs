//! The account's IPs, each with where it is and how warm.

use mailgun_pools::api::{ApiError, Client, IpsQuery, Paginator, WarmUpsQuery};
use poolkeeper_core::model::{Band, DedicatedPool, Ip, IpDetail, PoolName, Pools, WarmUp};
use poolkeeper_core::text;
use poolkeeper_simulator::sim::may_join;

/// One IP and everything the page says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct IpRow {
    /// The address.
    pub ip: Ip,
    /// Whether it is dedicated; `None` if the service does not say.
    pub is_dedicated: Option<bool>,
    /// Whether it warms up; `None` if neither its details nor the warm-ups say.
    pub is_warming: Option<bool>,
    /// Whether the service has it in use; `None` if it does not say.
    pub is_enabled: Option<bool>,
    /// Its warm-up, if it has one.
    pub warm_up: Option<WarmUp>,
    /// The dynamic pool it is in.
    pub pool: Option<PoolName>,
    /// The dedicated pool it is in, by name.
    pub dedicated_pool: Option<String>,
}

impl IpRow {
    /// Why it can't be added to a pool; `None` if it can, or if the service has to decide.
    #[must_use]
    pub fn why_not(&self, band: Band) -> Option<String> {
        let in_band = self.pool.as_ref().and_then(PoolName::band);
        may_join(self.is_dedicated.unwrap_or(true), in_band, band)
            .err()
            .map(|problem| problem.text())
    }

    /// What else there is to say of it: that it is switched off, in a dedicated pool, or shared.
    #[must_use]
    pub fn remarks(&self) -> Option<String> {
        let off = (self.is_enabled == Some(false)).then(|| "switched off at Mailgun".to_owned());
        let place = match (&self.dedicated_pool, self.is_dedicated) {
            (Some(pool), _) => Some(format!("dedicated pool “{pool}”")),
            (None, Some(false)) => Some("shared; dynamic pools take dedicated IPs only".to_owned()),
            (None, Some(true)) => None,
            (None, None) => Some("dedicated or shared: not known".to_owned()),
        };
        let all: Vec<String> = off.into_iter().chain(place).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Its warmth, and the dedicated pool it is in: what a choice beside it shows.
    #[must_use]
    pub fn choice_note(&self) -> String {
        let pool = self.dedicated_pool.as_ref();
        let pool = pool
            .map(|pool| format!(" · dedicated pool “{pool}”"))
            .unwrap_or_default();
        self.warmth() + &pool
    }

    /// `Warm`, or the stage and how much of its volume is sent; `–` if it is not known.
    #[must_use]
    pub fn warmth(&self) -> String {
        match (&self.warm_up, self.is_warming) {
            (None, Some(true)) => "Warming".to_owned(),
            (None, Some(false)) => "Warm".to_owned(),
            (None, None) => "–".to_owned(),
            (Some(warm_up), _) => {
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
pub struct IpInventory {
    /// The dynamic pools.
    pub pools: Pools,
    /// Every IP, in the service's order; those only a pool names are at the end.
    pub ips: Vec<IpRow>,
    /// What happens to the mail that a warming IP may not send, in words; `None` while no IP warms up.
    pub overflow: Option<String>,
    /// What the service did not give, each with the reason: `Warm-ups: …`.
    pub missing: Vec<String>,
}

impl IpInventory {
    /// Reads it all, side by side.
    ///
    /// # Errors
    /// The pools, without which there is nothing to show. What else fails is listed as missing.
    pub async fn read(client: Client) -> Result<Self, ApiError> {
        let (pools, ips, dedicated_pools, warm_ups) = futures::join!(
            client.pools(),
            ips(&client),
            client.ip_pools(),
            warm_ups(client.clone())
        );
        let mut missing = Vec::new();
        let ips = given("IPs", ips, &mut missing).unwrap_or_default();
        let dedicated_pools = given("Dedicated pools", dedicated_pools, &mut missing).unwrap_or_default();
        let warm_ups = given("Warm-ups", warm_ups, &mut missing);
        let pools = pools?;
        let mut known: Vec<Ip> = ips.iter().map(|detail| detail.ip.clone()).collect();
        for ip in pools.0.iter().flat_map(|pool| &pool.ips) {
            if !known.contains(ip) {
                known.push(ip.clone());
            }
        }
        let row = |ip: Ip| {
            let detail = ips.iter().find(|detail| detail.ip == ip);
            let warming = warm_ups
                .as_ref()
                .map(|list| list.iter().find(|warm_up| warm_up.ip == ip));
            let pool = pools.holding(&ip).map(|pool| pool.name.clone());
            let in_dedicated = dedicated_pools.iter().find(|pool| pool.ips.contains(&ip));
            IpRow {
                // Dynamic pools take dedicated IPs only (R2).
                is_dedicated: if pool.is_some() {
                    Some(true)
                } else {
                    detail.and_then(|detail| detail.is_dedicated)
                },
                is_warming: match (warming, detail.and_then(|detail| detail.is_warming)) {
                    (Some(Some(_)), _) => Some(true),
                    (Some(None), said) => Some(said == Some(true)),
                    (None, said) => said,
                },
                is_enabled: detail.and_then(|detail| detail.is_enabled),
                warm_up: warming.flatten().cloned(),
                pool,
                dedicated_pool: in_dedicated.map(|pool| pool.name.clone()),
                ip,
            }
        };
        let ips: Vec<IpRow> = known.into_iter().map(row).collect();
        let overflow = if ips.iter().any(|row| row.is_warming == Some(true)) {
            Some(overflow_words(&client.overflow_pool().await, &dedicated_pools))
        } else {
            None
        };
        Ok(Self {
            pools,
            ips,
            overflow,
            missing,
        })
    }

    /// Whether the service says that a band's pool is switched off: it exists, and no mail is sent from it.
    #[must_use]
    pub fn is_off(&self, band: Band) -> bool {
        self.pools.of(band).is_some_and(|pool| pool.enabled == Some(false))
    }

    /// The IPs of a band's pool.
    pub fn of(&self, band: Band) -> impl Iterator<Item = &IpRow> {
        self.ips
            .iter()
            .filter(move |row| row.pool.as_ref().and_then(PoolName::band) == Some(band))
    }

    /// The IPs in no dynamic pool.
    pub fn free(&self) -> impl Iterator<Item = &IpRow> {
        self.ips.iter().filter(|row| row.pool.is_none())
    }

    /// The dedicated IPs in no dynamic pool.
    pub fn assignable(&self) -> impl Iterator<Item = &IpRow> {
        self.free().filter(|row| row.is_dedicated == Some(true))
    }

    /// These IPs in words. Those in dedicated pools serve other mail, and are counted apart:
    /// `7 dedicated IPs free to assign · 4 more in dedicated pools`.
    #[must_use]
    pub fn assignable_words(&self) -> String {
        let (pooled, free): (Vec<_>, Vec<_>) = self.assignable().partition(|row| row.dedicated_pool.is_some());
        let free = text::counted(free.len() as u64, "dedicated IP");
        let pooled = match pooled.len() {
            0 => String::new(),
            count => format!(" · {} more in dedicated pools", text::count(count as u64)),
        };
        format!("{free} free to assign{pooled}")
    }

    /// A warning for each of some IPs that is in a dedicated pool and would be in a dynamic one too.
    #[must_use]
    pub fn warnings<'a>(&self, joining: impl IntoIterator<Item = &'a Ip>) -> Vec<String> {
        let warning = |ip: &Ip| {
            let row = self.ips.iter().find(|row| row.ip == *ip)?;
            let pool = row.dedicated_pool.as_ref().filter(|_| row.pool.is_none())?;
            Some(format!(
                "{ip} is in the dedicated pool “{pool}”. Its domains would share the IP with those of the dynamic pool."
            ))
        };
        joining.into_iter().filter_map(warning).collect()
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

/// What was read; otherwise `None`, and the reason goes to `missing`.
fn given<T>(what: &str, read: Result<T, ApiError>, missing: &mut Vec<String>) -> Option<T> {
    read.inspect_err(|error| missing.push(format!("{what}: {}", error.advice().happened)))
        .ok()
}

/// All IPs, each with its kind where that can be found out.
async fn ips(client: &Client) -> Result<Vec<IpDetail>, ApiError> {
    let mut ips = client.ips(&IpsQuery::default()).await?;
    match client.fill_in_kind(&mut ips).await {
        Err(error) if !error.is_refusal() => Err(error),
        _ => Ok(ips),
    }
}

async fn warm_ups(client: Client) -> Result<Vec<WarmUp>, ApiError> {
    let mut walk = Paginator::new(client, WarmUpsQuery { limit: Some(100) });
    let mut all = Vec::new();
    while let Some(page) = walk.next_page().await? {
        all.extend(page);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ip: &str, pool: Option<Band>, dedicated_pool: Option<&str>, is_dedicated: bool) -> IpRow {
        IpRow {
            ip: Ip::as_sent(ip),
            is_dedicated: Some(is_dedicated),
            is_warming: Some(false),
            is_enabled: None,
            warm_up: None,
            pool: pool.map(PoolName::Known),
            dedicated_pool: dedicated_pool.map(str::to_owned),
        }
    }

    #[test]
    fn ips_of_dedicated_pools_are_not_counted_as_free_and_joining_warns() {
        let mut inventory = IpInventory {
            ips: vec![
                row("192.0.2.1", Some(Band::Good), None, true),
                row("192.0.2.2", None, None, true),
                row("192.0.2.3", None, None, true),
                row("192.0.2.4", None, Some("Marketing"), true),
                row("192.0.2.5", None, None, false),
            ],
            ..IpInventory::default()
        };
        assert_eq!(
            inventory.assignable_words(),
            "2 dedicated IPs free to assign · 1 more in dedicated pools"
        );
        assert_eq!(inventory.ips[3].choice_note(), "Warm · dedicated pool “Marketing”");
        let all: Vec<Ip> = inventory.ips.iter().map(|row| row.ip.clone()).collect();
        assert_eq!(
            inventory.warnings(&all),
            [
                "192.0.2.4 is in the dedicated pool “Marketing”. Its domains would share the IP with those of the dynamic pool."
            ]
        );
        inventory.ips.remove(3);
        assert_eq!(inventory.assignable_words(), "2 dedicated IPs free to assign");
    }
}
