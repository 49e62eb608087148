//! The pools' IPs: how much each carries, how many are warm, and whose warm-up is over.

use crate::memory::{WatchMemory, condition_key};
use crate::notice::{NoticeKind, WatchNotice};
use crate::observe::{AccountSight, condition_notice};
use crate::settings::{BASELINE_DAYS, WatchSettings};
use poolkeeper_core::model::{Band, Day, Ip};
use poolkeeper_core::text;
use poolkeeper_lab::PerBand;
use std::collections::BTreeSet;

/// Days of loads that a usual one is made of, at least.
const LEAST_DAYS: usize = 7;

impl WatchMemory {
    /// The messages of the latest day by pool, and whether the IPs carry too much.
    pub(crate) fn pool_loads(
        &mut self,
        sight: &AccountSight<'_>,
        settings: &WatchSettings,
        notices: &mut Vec<WatchNotice>,
    ) {
        let Some(last) = sight.traffic.newest() else { return };
        let mut load = PerBand::<u64>::default();
        for domain in sight.domains {
            if let Some(band) = domain.pool.band() {
                *load.get_mut(band) += sight.traffic.window(&domain.name, last, 1).processed;
            }
        }
        self.loads.insert(last, load);
        let oldest = last.plus(-i32::try_from(BASELINE_DAYS).unwrap_or(0));
        self.loads.retain(|day, _| *day >= oldest);
        let Some(pools) = sight.pools else { return };
        for band in Band::ALL {
            let warm = pools.get(band).warm.len() as u64;
            let per_ip = load.get(band).checked_div(warm).unwrap_or(0);
            let usual = self.usual_load(band, last).and_then(|usual| usual.checked_div(warm));
            let is_above_limit = settings.messages_per_ip.is_some_and(|limit| per_ip > limit);
            let is_far_above = usual.is_some_and(|usual| usual > 0 && is_times(per_ip, usual, settings.overload_times));
            let key = condition_key(NoticeKind::PoolOverload, band.pool_name());
            if self.note(key, is_above_limit || is_far_above, sight.now) {
                notices.push(overload(sight, settings, band, last, per_ip, usual));
            }
        }
    }

    /// The mean of the days before one; `None` if too few are known.
    fn usual_load(&self, band: Band, before: Day) -> Option<u64> {
        let days: Vec<u64> = self.loads.range(..before).map(|(_, load)| *load.get(band)).collect();
        let enough = days.len() >= LEAST_DAYS;
        enough.then(|| days.iter().sum::<u64>() / days.len() as u64)
    }

    /// Last warm IPs, and warm-ups that are over.
    pub(crate) fn ips(&mut self, sight: &AccountSight<'_>, notices: &mut Vec<WatchNotice>) {
        if let Some(pools) = sight.pools {
            let count = |band: Band| u32::try_from(pools.get(band).warm.len()).unwrap_or(u32::MAX);
            for band in Band::ALL {
                let (warm, warming) = (count(band), pools.get(band).warming.len());
                let had_more = self.warm_ips.is_some_and(|before| *before.get(band) > 1);
                let key = condition_key(NoticeKind::LastWarmIp, band.pool_name());
                let is_open = self.conditions.contains_key(&key);
                // A pool that always had one IP is as it was meant.
                let holds = warm <= 1 && (warming > 0 || had_more || is_open);
                if self.note(key, holds, sight.now) {
                    notices.push(last_warm_ip(sight, band, &pools.get(band).warm, warming));
                }
            }
            self.warm_ips = Some(PerBand {
                good: count(Band::Good),
                poor: count(Band::Poor),
                new: count(Band::New),
            });
        }
        if let Some(warming) = sight.warming {
            let warming: BTreeSet<Ip> = warming.iter().cloned().collect();
            for ip in self.warming.difference(&warming) {
                let title = format!("{ip} has finished its warm-up");
                let mut notice = condition_notice(sight, NoticeKind::WarmUpFinished, ip.as_str(), title);
                notice
                    .lines
                    .push("It counts as warm now, or its warm-up was ended".to_owned());
                notices.push(notice);
            }
            self.warming = warming;
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a notice is no verdict: a load that differs in the sixteenth digit may be told or not"
)]
fn is_times(now: u64, usual: u64, times: f64) -> bool {
    now as f64 >= usual as f64 * times
}

fn overload(
    sight: &AccountSight<'_>,
    settings: &WatchSettings,
    band: Band,
    day: Day,
    per_ip: u64,
    usual: Option<u64>,
) -> WatchNotice {
    let title = format!(
        "The {} pool's IPs carry {} messages each",
        band.word(),
        text::count(per_ip)
    );
    let mut notice = condition_notice(sight, NoticeKind::PoolOverload, band.pool_name(), title);
    notice.lines.push(format!(
        "On {}, by the pools of now, without IPs that warm up",
        text::day(day)
    ));
    if let Some(usual) = usual {
        notice.lines.push(format!("Usually {}", text::count(usual)));
    }
    if let Some(limit) = settings.messages_per_ip.filter(|limit| per_ip > *limit) {
        notice.lines.push(format!("The limit is {}", text::count(limit)));
    }
    notice
}

fn last_warm_ip(sight: &AccountSight<'_>, band: Band, warm: &[Ip], warming: usize) -> WatchNotice {
    let title = match warm {
        [only] => format!("{only} is the last warm IP of the {} pool", band.word()),
        _ => format!("The {} pool has no warm IP", band.word()),
    };
    let mut notice = condition_notice(sight, NoticeKind::LastWarmIp, band.pool_name(), title);
    if warming > 0 {
        notice
            .lines
            .push(format!("{} still warming up", text::counted(warming as u64, "IP")));
    }
    notice
        .lines
        .push("Each pool needs one: Mailgun refuses to remove it".to_owned());
    notice
}
