//! A comparison as a job: two backtests, the coverage, then the domains side by side.

use super::backtest_job::{BacktestCache, BacktestJob, BacktestKey};
use super::coverage_job::CoverageJob;
use super::engine_traffic::EngineTraffic;
use super::job::{JobError, JobProgress, JobStage};
use crate::backtest::Backtest;
use crate::compare::{Comparison, ComparisonReport, IpCapacity, PartialComparison, PolicyResult};
use crate::coverage::Coverage;
use crate::threads;
use std::sync::Arc;

/// Domains per step: a few milliseconds if all are affected.
const DOMAINS_PER_STEP: usize = 512;

pub(super) struct CompareJob {
    a: BacktestSide,
    b: BacktestSide,
    ips: Option<IpCapacity>,
    coverage: CoverageJob,
    comparison: Option<Comparison>,
    /// Domains compared.
    at: usize,
}

struct BacktestSide {
    job: BacktestJob,
    result: Option<Arc<Backtest>>,
}

impl BacktestSide {
    const fn new(key: BacktestKey) -> Self {
        Self {
            job: BacktestJob::new(key),
            result: None,
        }
    }

    fn result(&self) -> Option<PolicyResult<'_>> {
        let result = self.result.as_deref()?;
        let policy = &self.job.key.policy;
        Some(PolicyResult { policy, result })
    }
}

impl CompareJob {
    pub fn new(a: BacktestKey, b: BacktestKey, ips: Option<IpCapacity>) -> Self {
        Self {
            a: BacktestSide::new(a),
            b: BacktestSide::new(b),
            ips,
            coverage: CoverageJob::default(),
            comparison: None,
            at: 0,
        }
    }

    /// Works for a few milliseconds; returns the report once all domains are compared.
    pub fn step(
        &mut self,
        traffic: &EngineTraffic,
        backtests: &mut BacktestCache,
        coverage: &mut Option<Coverage>,
        progress: &mut JobProgress,
    ) -> Result<Option<ComparisonReport>, JobError> {
        let domains = traffic.domains();
        let Some(a) = self.a.result() else {
            self.a.result = self.a.job.step(traffic, backtests, 0, progress)?;
            return Ok(None);
        };
        let Some(b) = self.b.result() else {
            self.b.result = self.b.job.step(traffic, backtests, domains as u64, progress)?;
            return Ok(None);
        };
        let Some(coverage) = coverage.as_ref() else {
            self.coverage.step(traffic, coverage, 2 * domains as u64, progress);
            return Ok(None);
        };
        let mut comparison = match self.comparison.take() {
            Some(comparison) => comparison,
            None => Comparison::begin(a, b),
        };
        let next = domains.min(self.at + DOMAINS_PER_STEP * traffic.threads);
        let parts = threads::split(self.at..next, traffic.threads);
        let data = traffic.data();
        for part in threads::map_each(&parts, |part| PartialComparison::of(data, a, b, part)) {
            comparison.append(part);
        }
        self.at = next;
        progress.stage = JobStage::Comparing;
        progress.done = 3 * domains as u64 + next as u64;
        if next < domains {
            self.comparison = Some(comparison);
            return Ok(None);
        }
        let report = ComparisonReport::new(comparison, coverage.clone(), self.ips.as_ref());
        Ok(Some(report))
    }
}
