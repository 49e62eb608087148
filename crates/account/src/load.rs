//! How much mail the IPs of each pool carry, now and after a change.

use mailgun_pools::api::Write;
use poolkeeper_core::health::{Vote, check};
use poolkeeper_core::model::{Band, Domain, Ip, Rate, Replacement};
use poolkeeper_core::text;
use poolkeeper_simulator::sim::{DomainChange, DomainIx, IpChange, PerBand, Sim};
use std::sync::Arc;

/// Times the load of before from which a rise is worth a warning: receivers notice an IP that suddenly sends twice as much.
const SUDDEN_TIMES: u64 = 2;

/// The load of a pool: what its domains sent in the window of health checks, over its IPs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IpLoad {
    /// Messages processed in the window by the domains that are in the pool now.
    pub window_messages: u64,
    /// Days of the window.
    pub window_days: u64,
    /// IPs that are not warming up.
    pub warm_ips: u64,
    /// IPs that are warming up.
    pub warming_ips: u64,
}

impl IpLoad {
    /// Each pool's, by where its domains are now. `None` where the IPs are placeholders.
    #[must_use]
    pub fn of(sim: &Sim) -> Option<PerBand<Self>> {
        if sim.has_placeholder_ips() {
            return None;
        }
        // A young account has not a whole window yet.
        let window_days = u64::from(sim.policy().window_days).min(sim.day_totals().len() as u64);
        let mut loads = PerBand::from_fn(|band| {
            let ips = sim.pool_ips(band);
            let warming_ips = ips.iter().filter(|ip| sim.is_warming(ip)).count() as u64;
            Self {
                window_messages: 0,
                window_days,
                warm_ips: ips.len() as u64 - warming_ips,
                warming_ips,
            }
        });
        for domain in sim.domains() {
            if let Some(band) = domain.band() {
                loads.get_mut(band).window_messages += domain.window.processed;
            }
        }
        Some(loads)
    }

    /// Messages a day for each IP that is not warming up; `None` without such an IP.
    #[must_use]
    pub fn daily_per_warm_ip(&self) -> Option<u64> {
        self.window_messages.checked_div(self.warm_ips * self.window_days)
    }

    /// `3,639 messages per IP and day (7-day average, without warming IPs)`
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let messages = text::counted(self.daily_per_warm_ip()?, "message");
        Some(format!(
            "{messages} per IP and day ({}-day average, without warming IPs)",
            self.window_days
        ))
    }
}

/// `12,345 messages of 18 domains in their last check’s window`, by the service's own list, which does not say how long the window
/// is. `None` where a domain of the pool has no count.
#[must_use]
pub fn listed_mail(domains: &[Arc<Domain>], band: Band) -> Option<String> {
    let of_pool: Vec<&Arc<Domain>> = domains
        .iter()
        .filter(|domain| domain.pool.band() == Some(band))
        .collect();
    let counts = of_pool.iter().map(|domain| domain.processed_count);
    let messages = counts.sum::<Option<u64>>()?;
    Some(format!(
        "{} of {} in the window of the last check",
        text::counted(messages, "message"),
        text::counted(of_pool.len() as u64, "domain")
    ))
}

/// What a change does to the load of IPs, a line each, with warnings. Nothing where the IPs are placeholders.
pub(crate) fn load_lines(sim: &Sim, domains: &[DomainChange], ips: &[IpChange], warmed: &[Ip]) -> Vec<String> {
    let Some(before) = IpLoad::of(sim) else {
        return Vec::new();
    };
    let after = after(sim, &before, domains, ips, warmed);
    let changed = Band::ALL.into_iter().filter_map(|band| {
        let (before, after) = (before.get(band), after.get(band));
        let (from, to) = (before.daily_per_warm_ip(), after.daily_per_warm_ip()?);
        (from != Some(to)).then(|| line(band, from, to, after))
    });
    changed.collect()
}

fn line(band: Band, from: Option<u64>, to: u64, after: &IpLoad) -> String {
    let now = from.map_or_else(String::new, |from| format!("{} → ", text::count(from)));
    let is_sudden = from.is_some_and(|from| from > 0 && to >= from.saturating_mul(SUDDEN_TIMES));
    let warning = if is_sudden {
        ". Warning: twice as much or more at once can hurt an IP’s reputation. Mailgun publishes no limit"
    } else {
        ""
    };
    format!(
        "Load of {}: {now}{} messages per IP and day ({}-day average over {}, without warming IPs){warning}",
        band.word(),
        text::count(to),
        after.window_days,
        text::counted(after.warm_ips, "IP")
    )
}

fn after(
    sim: &Sim,
    before: &PerBand<IpLoad>,
    domains: &[DomainChange],
    ips: &[IpChange],
    warmed: &[Ip],
) -> PerBand<IpLoad> {
    let mut loads = *before;
    for change in domains {
        let messages = sim.domain(change.ix).map_or(0, |domain| domain.window.processed);
        if let Some(from) = change.from {
            let load = loads.get_mut(from.band);
            load.window_messages = load.window_messages.saturating_sub(messages);
        }
        if let Some(to) = change.to {
            loads.get_mut(to.band).window_messages += messages;
        }
    }
    // An IP that moves and ends its warm-up counts as warm where it goes.
    let ends_warm_up = |ip: &Ip| warmed.contains(ip);
    for change in ips {
        if let Some(from) = change.from {
            let load = loads.get_mut(from);
            let count = if sim.is_warming(&change.ip) {
                &mut load.warming_ips
            } else {
                &mut load.warm_ips
            };
            *count = count.saturating_sub(1);
        }
        if let Some(to) = change.to {
            let load = loads.get_mut(to);
            if sim.is_warming(&change.ip) && !ends_warm_up(&change.ip) {
                load.warming_ips += 1;
            } else {
                load.warm_ips += 1;
            }
        }
    }
    let stay = |ip: &&Ip| ips.iter().all(|change| change.ip != **ip);
    for ip in warmed.iter().filter(stay) {
        if let Some(band) = sim.pool_of(ip) {
            let load = loads.get_mut(band);
            load.warming_ips = load.warming_ips.saturating_sub(1);
            load.warm_ips += 1;
        }
    }
    loads
}

/// Warnings for domains that go where their rates do not belong: pinned to a better pool than a check would choose.
pub(crate) fn pin_warnings(sim: &Sim, domains: &[DomainChange]) -> Vec<String> {
    let warning = |change: &DomainChange| {
        let to = change.to.filter(|to| to.is_overridden && to.band != Band::Poor)?;
        let domain = sim.domain(change.ix)?;
        let verdict = check(sim.policy(), &domain.window);
        let metric = (verdict.vote == Vote::For(Band::Poor))
            .then(|| verdict.deciding().next())
            .flatten()?;
        let limit_ppm = metric.policy(sim.policy())?.poor_at_least_ppm;
        let rate = Rate(metric.rate(&domain.window)?);
        Some(format!(
            "Warning: {} has {} {}, over the limit of {} for poor. In {} it shares IPs with {}",
            change.name,
            rate.percent_beside(&[f64::from(limit_ppm) / 1e6]),
            text::events_noun(metric),
            text::limit(limit_ppm.into()),
            to.band.word(),
            text::counted(others(sim, to.band, change.ix), "other domain"),
        ))
    };
    domains.iter().filter_map(warning).collect()
}

fn others(sim: &Sim, band: Band, except: DomainIx) -> u64 {
    let in_band = sim
        .domains()
        .filter(|domain| domain.ix != except && domain.band() == Some(band));
    in_band.count() as u64
}

/// Warnings for domains that would send from IPs that are warming up.
pub(crate) fn replacement_warnings(sim: &Sim, writes: &[Write]) -> Vec<String> {
    let warning = |write: &Write| {
        let Write::RemoveDomain {
            domain,
            replacement: Replacement::Ips(ips),
        } = write
        else {
            return None;
        };
        let days = u64::from(sim.policy().window_days);
        let known = sim.domains().find(|known| known.name == domain)?;
        let daily = known.window.processed.checked_div(days).filter(|daily| *daily > 0)?;
        let warming = ips.iter().find_map(|ip| sim.warm_up(ip))?;
        let may = warming.stage_volume_limit.map_or_else(String::new, |limit| {
            format!(" and may send {} in its present stage", text::counted(limit, "message"))
        });
        Some(format!(
            "Warning: {domain} sends {} a day; {} is warming up{may}",
            text::counted(daily, "message"),
            warming.ip
        ))
    };
    writes.iter().filter_map(warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_a_day_for_each_warm_ip() {
        let load = IpLoad {
            window_messages: 70_000,
            window_days: 7,
            warm_ips: 4,
            warming_ips: 2,
        };
        assert_eq!(load.daily_per_warm_ip(), Some(2_500));
        assert_eq!(
            load.words().unwrap(),
            "2,500 messages per IP and day (7-day average, without warming IPs)"
        );
        let without = IpLoad { warm_ips: 0, ..load };
        assert_eq!(without.words(), None);
    }
}
