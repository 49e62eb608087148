//! Reports of job results.

use super::job::{JobResult, LabJob};
use crate::backtest::ReplayOptions;
use crate::compare::{ComparisonReport, Finding};
use crate::report::{LabReport, NamedDomain, ReportResult, TrafficDescription};
use poolkeeper_core::traffic::Table;

/// The affected domains' names, in their order.
fn named(table: &Table, compared: &ComparisonReport) -> Vec<NamedDomain> {
    let name = |position: u32| {
        let domain = table.domains().get(position as usize)?;
        let account = table.accounts.get(domain.account as usize).cloned().unwrap_or_default();
        Some(NamedDomain {
            position,
            name: domain.name.clone(),
            account,
        })
    };
    let affected = compared.comparison.affected.iter();
    affected.filter_map(|domain| name(domain.domain)).collect()
}

impl LabReport {
    /// A report of a job's result over some traffic. `None` if the result is of another kind of job, or the job has no
    /// report: coverage, a digest, one domain, a sweep of some domains only.
    #[must_use]
    pub fn of(traffic: &TrafficDescription, table: &Table, job: &LabJob, outcome: &JobResult) -> Option<Self> {
        let of_traffic = |options: &ReplayOptions, result| Some(Self::new(Some(traffic.clone()), *options, result));
        match (job, outcome) {
            (LabJob::Backtest { policy, options }, JobResult::Backtest(summary)) => of_traffic(
                options,
                ReportResult::Backtest {
                    policy: policy.clone(),
                    summary: summary.clone(),
                },
            ),
            (LabJob::Compare { a, b, options, ips }, JobResult::Compare(compared)) => of_traffic(
                options,
                ReportResult::Compare {
                    a: a.clone(),
                    b: b.clone(),
                    ips: *ips,
                    sentences: compared.findings.iter().map(Finding::sentence).collect(),
                    affected: named(table, compared),
                    not_listed: 0,
                    compared: compared.clone(),
                },
            ),
            (LabJob::Calibrate { .. }, JobResult::Calibrate(_)) => Self::calibration(outcome),
            (
                LabJob::Sweep {
                    sweep,
                    options,
                    a,
                    domains: None,
                    ..
                },
                JobResult::Sweep(grid),
            ) => of_traffic(
                options,
                ReportResult::Sweep {
                    sweep: sweep.clone(),
                    a: a.clone(),
                    grid: grid.clone(),
                },
            ),
            (
                LabJob::Sweep {
                    sweep,
                    options,
                    a,
                    domains: None,
                    ..
                },
                JobResult::Holdout(halves),
            ) => of_traffic(
                options,
                ReportResult::Holdout {
                    sweep: sweep.clone(),
                    a: a.clone(),
                    halves: halves.clone(),
                },
            ),
            _ => None,
        }
    }

    /// A report of a calibration, which needs no traffic. `None` for the result of another kind of job.
    #[must_use]
    pub fn calibration(outcome: &JobResult) -> Option<Self> {
        match outcome {
            JobResult::Calibrate(found) => Some(Self::new(
                None,
                ReplayOptions::default(),
                ReportResult::Calibrate(found.clone()),
            )),
            _ => None,
        }
    }
}
