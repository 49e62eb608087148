//! A comparison with everything shown beside it.

use super::capacity::{IpCapacity, PoolLoad, pool_loads};
use super::comparison::Comparison;
use super::findings::{Finding, findings};
use crate::coverage::Coverage;
use poolkeeper_simulator::sim::PerBand;
use serde::{Deserialize, Serialize};

/// What moves between A and B, with everything shown beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonReport {
    /// What the traffic holds and lacks.
    pub coverage: Coverage,
    /// What moves.
    pub comparison: Comparison,
    /// What is worth saying about it, most important first.
    pub findings: Vec<Finding>,
    /// What the pools carry under A and under B; `None` when no IPs were given.
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
