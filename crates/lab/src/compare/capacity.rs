//! The load of each pool's IPs.

use super::comparison::Summary;
use poolkeeper_core::model::{Band, Day};
use poolkeeper_simulator::sim::PerBand;
use serde::{Deserialize, Serialize};

/// The available IPs and the limit of one IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IpCapacity {
    /// IPs of each pool that are not warming.
    pub not_warming: PerBand<u32>,
    /// Messages an IP may send a day.
    pub limit_per_day: u64,
}

/// The load of one pool after the replay's start, whose first days send nearly all mail from the new pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PoolLoad {
    /// The days after the replay's start. The load is theirs.
    #[serde(default)]
    pub days: u32,
    /// Messages of those days.
    pub messages: u64,
    /// The day with the most messages; `None` without days.
    pub busiest_day: Option<Day>,
    /// That day's messages.
    pub busiest_messages: u64,
    /// That day's messages for each IP that is not warming, rounded up; `None` without such an IP or day.
    pub busiest_per_ip: Option<u64>,
    /// IPs needed to keep that day within the limit; `None` for a limit of 0, and without a day.
    pub ips_needed: Option<u64>,
}

/// The load of each pool under one policy.
#[must_use]
pub fn pool_loads(first_day: Day, summary: &Summary, ips: &IpCapacity) -> PerBand<PoolLoad> {
    PerBand::from_fn(|band: Band| {
        let all = summary.messages_by_day.get(band);
        let start = (summary.startup_days as usize).min(all.len());
        let days = all.iter().enumerate().skip(start);
        // `max_by_key` takes the last of equal days, so `rev` gives the first.
        let busiest = days.clone().rev().max_by_key(|(_, messages)| **messages);
        let busiest_messages = busiest.map_or(0, |(_, messages)| *messages);
        let per = |parts: u64| (parts > 0 && busiest.is_some()).then(|| busiest_messages.div_ceil(parts));
        PoolLoad {
            days: u32::try_from(all.len() - start).unwrap_or(u32::MAX),
            messages: days.map(|(_, messages)| *messages).sum(),
            busiest_day: busiest.map(|(day, _)| first_day.plus(i32::try_from(day).unwrap_or(i32::MAX))),
            busiest_messages,
            busiest_per_ip: per(u64::from(*ips.not_warming.get(band))),
            ips_needed: per(ips.limit_per_day),
        }
    })
}
