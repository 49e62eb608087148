//! The figures of the overview page.

use crate::changes::latest_sentence;
use crate::closest::{ClosestDomain, ListScore, closest, score};
use crate::record_time::RecordTime;
use poolkeeper_account::load::IpLoad;
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{Band, Day, DomainName, Rate, Timestamp};
use poolkeeper_simulator::sim::{AccountOrigin, DomainView, PerBand, Sim};

/// The number of days of the stacked chart.
const CHART_DAYS: usize = 90;
/// The number of points of a card's sparkline: thirty days and the day before them.
const SPARK_POINTS: usize = 31;
/// The number of recent moves listed.
const MOVES_LISTED: usize = 8;

/// The figures of the overview page.
#[derive(Clone, Debug, PartialEq)]
pub struct OverviewSummary {
    /// The three pools.
    pub pools: PerBand<PoolSummary>,
    /// Whether all three pools have IPs.
    pub is_configured: bool,
    /// Whether the IPs are placeholders, so that no figure per IP means anything.
    pub has_placeholder_ips: bool,
    /// The file that the traffic came from; `None` where it is invented.
    pub traffic_file: Option<String>,
    /// The number of enrolled domains.
    pub enrolled: u64,
    /// The number of domains that are not enrolled.
    pub outside: u64,
    /// The policy of health checks.
    pub policy: Policy,
    /// When the latest check ran; `None` before the first.
    pub checked_at: Option<Timestamp>,
    /// How many domains the latest check moved.
    pub checked_moves: u64,
    /// What changed in the latest seven days: `6 fell, 3 rose`.
    pub week: String,
    /// The first day of the chart.
    pub first_day: Day,
    /// Enrolled domains by band after each day's check, from `first_day`.
    pub by_band: PerBand<Vec<f64>>,
    /// The latest moves, newest first.
    pub moves: Vec<RecentMove>,
    /// The domains closest to moving, the closest first.
    pub closest: Vec<ClosestDomain>,
    /// How such a list did in the past; `None` for young and for large accounts.
    pub score: Option<ListScore>,
}

/// One pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PoolSummary {
    /// The number of IPs.
    pub ips: u64,
    /// How many of them are warming up.
    pub warming: u64,
    /// The number of domains.
    pub domains: u64,
    /// Messages processed over the policy's window.
    pub processed: u64,
    /// Messages a day for each IP that is not warming, of the domains that are in the pool now, over the window; `None` without
    /// such an IP.
    pub daily_per_warm_ip: Option<u64>,
    /// The highest bounce rate at the latest check, with its domain.
    pub worst_bounce: Option<(Rate, DomainName)>,
    /// The highest complaint rate at the latest check, with its domain.
    pub worst_complaint: Option<(Rate, DomainName)>,
    /// The number of domains after the check of each of the latest days.
    pub spark: Vec<f64>,
}

/// A move in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct RecentMove {
    /// When.
    pub time: RecordTime,
    /// The domain.
    pub domain: DomainName,
    /// The band it left; `None` for an enrolment.
    pub from: Option<Band>,
    /// The band it went to.
    pub to: Band,
    /// Why, in the service's words.
    pub reason: String,
    /// Who moved it.
    pub by: String,
}

impl OverviewSummary {
    /// The overview of a simulated account.
    #[must_use]
    pub fn of(sim: &Sim) -> Self {
        let policy = sim.policy().clone();
        let totals = sim.day_totals();
        let shown = totals
            .get(totals.len().saturating_sub(CHART_DAYS)..)
            .unwrap_or_default();
        let skipped = i32::try_from(totals.len() - shown.len()).unwrap_or(0);
        let by_band = PerBand::from_fn(|band| shown.iter().map(|day| f64::from(*day.domains.get(band))).collect());
        let checked = totals.len().checked_sub(1);
        let checked_moves = checked
            .and_then(|day| sim.day_moves().get(day))
            .map_or(0, |moves| u64::from(moves.promoted) + u64::from(moves.demoted));
        let loads = IpLoad::of(sim);
        let mut summary = Self {
            pools: PerBand::from_fn(|band| pool(sim, band, &by_band, loads)),
            is_configured: sim.is_configured(),
            has_placeholder_ips: sim.has_placeholder_ips(),
            traffic_file: match sim.origin() {
                AccountOrigin::Scenario(_) => None,
                AccountOrigin::Table { name } => Some(name.clone()),
            },
            enrolled: 0,
            outside: 0,
            checked_at: checked.map(|_| sim.last_complete_day().end()),
            checked_moves,
            week: latest_sentence(sim, 7),
            first_day: sim.first_day().plus(skipped),
            by_band,
            moves: moves(sim),
            closest: closest(sim),
            score: score(sim),
            policy,
        };
        for domain in sim.domains() {
            summary.count(&domain);
        }
        summary
    }

    fn count(&mut self, domain: &DomainView<'_>) {
        let Some(band) = domain.band() else {
            self.outside += 1;
            return;
        };
        self.enrolled += 1;
        let pool = self.pools.get_mut(band);
        pool.domains += 1;
        if let Some(check) = domain.last_check
            && check.counts.processed >= self.policy.minimum_processed
        {
            worst(&mut pool.worst_bounce, check.counts.bounce_rate(), domain.name);
            worst(&mut pool.worst_complaint, check.counts.complaint_rate(), domain.name);
        }
    }

    /// Messages processed by all three pools over the window.
    #[must_use]
    pub fn processed(&self) -> u64 {
        self.pools.iter().map(|(_, pool)| pool.processed).sum()
    }
}

fn pool(sim: &Sim, band: Band, by_band: &PerBand<Vec<f64>>, loads: Option<PerBand<IpLoad>>) -> PoolSummary {
    let ips = sim.pool_ips(band);
    let warming = ips.iter().filter(|ip| sim.is_warming(ip)).count() as u64;
    let window = usize::try_from(sim.policy().window_days).unwrap_or(1);
    let totals = sim.day_totals();
    let days = totals.get(totals.len().saturating_sub(window)..).unwrap_or_default();
    let processed = days.iter().map(|day| day.counts.get(band).processed).sum::<u64>();
    let history = by_band.get(band);
    PoolSummary {
        ips: ips.len() as u64,
        warming,
        processed,
        daily_per_warm_ip: loads.and_then(|loads| loads.get(band).daily_per_warm_ip()),
        spark: history
            .get(history.len().saturating_sub(SPARK_POINTS)..)
            .unwrap_or_default()
            .to_vec(),
        ..PoolSummary::default()
    }
}

fn worst(so_far: &mut Option<(Rate, DomainName)>, rate: Option<f64>, name: &DomainName) {
    let Some(rate) = rate else { return };
    if so_far.as_ref().is_none_or(|(worst, _)| rate > worst.0) {
        *so_far = Some((Rate(rate), name.clone()));
    }
}

fn moves(sim: &Sim) -> Vec<RecentMove> {
    let newest_first = (0..sim.history_len()).rev().filter_map(|ix| sim.record(ix));
    newest_first
        .filter(|view| view.record.is_move())
        .take(MOVES_LISTED)
        .filter_map(|view| {
            let record = view.record;
            Some(RecentMove {
                time: RecordTime::of_simulated(&record),
                domain: sim.domain(record.domain)?.name.clone(),
                from: record.prev_band,
                to: record.new_band,
                reason: record.reason.text(record.new_band),
                by: sim.person(record.by).to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::Counts;
    use poolkeeper_core::traffic::{Table, TableDomain};
    use std::sync::Arc;

    /// Seven days: one domain good, one poor, one too small to say.
    fn account() -> Sim {
        let names = ["good.example", "poor.example", "tiny.example"];
        let domains = names.map(|name| TableDomain {
            name: DomainName::as_sent(name),
            account: 0,
        });
        let mut table = Table::empty(Day(20_000), 7, vec!["main".to_owned()], domains.to_vec());
        let counts = |processed, delivered, bounced| Counts {
            processed,
            delivered,
            bounced,
            complained: 0,
        };
        for day in 0..7 {
            let day = Day(20_000 + day);
            table.add(0, day, &counts(1_000, 990, 10)).unwrap();
            table.add(1, day, &counts(1_000, 850, 150)).unwrap();
            table.add(2, day, &counts(10, 10, 0)).unwrap();
        }
        Sim::from_table(Arc::new(table), "seven days")
    }

    #[test]
    fn pools_hold_what_the_checks_put_there() {
        let summary = OverviewSummary::of(&account());
        let domains = Band::ALL.map(|band| summary.pools.get(band).domains);
        assert_eq!((domains, summary.enrolled, summary.outside), ([1, 1, 1], 3, 0));
        assert_eq!(summary.traffic_file.as_deref(), Some("seven days"));
        let worst = summary.pools.poor.worst_bounce.as_ref().unwrap();
        assert_eq!((worst.0, worst.1.as_str()), (Rate(0.15), "poor.example"));
        assert_eq!(summary.pools.new.worst_bounce, None);
        assert_eq!(summary.checked_at, Some(Day(20_007).start()));
        // The table has no IPs, so there is nothing to divide the mail by.
        assert!(summary.has_placeholder_ips);
        assert_eq!(summary.pools.good.daily_per_warm_ip, None);
    }
}
