//! A comparison with its coverage, findings and pool loads.

use super::capacity::{IpCapacity, PoolLoad, pool_loads};
use super::comparison::Comparison;
use super::findings::{Finding, findings};
use crate::coverage::Coverage;
use poolkeeper_simulator::sim::PerBand;
use serde::{Deserialize, Serialize};

/// A comparison with its coverage, findings and pool loads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonReport {
    /// The coverage of the traffic.
    pub coverage: Coverage,
    /// The comparison.
    pub comparison: Comparison,
    /// Its findings, most important first.
    pub findings: Vec<Finding>,
    /// The pools' loads under A and under B; `None` when no IPs were given.
    pub loads: Option<(PerBand<PoolLoad>, PerBand<PoolLoad>)>,
}

impl ComparisonReport {
    pub(crate) fn new(comparison: Comparison, coverage: Coverage, ips: Option<&IpCapacity>) -> Self {
        let loads = ips.map(|ips| {
            let loads = |side| pool_loads(comparison.first_day, side, ips);
            (loads(&comparison.a), loads(&comparison.b))
        });
        Self {
            loads,
            findings: findings(&comparison, &coverage, ips),
            coverage,
            comparison,
        }
    }
}
