//! Reports: a result that can be kept, read without the app, and repeated.
//!
//! JSON is the format: the page and the command line write it and open each other's. HTML is for people and needs
//! nothing but itself; CSV lists the domains on which A and B differ. A report names domains and counts; it holds no key,
//! because nothing here ever sees one.

mod chart;
mod csv;
mod digest;
mod html;
mod map;

use super::ComparisonReport;
use super::calibrate::Calibration;
use super::compare::Summary;
use super::sweep::{Grid, Holdout, Sweep};
use super::{Coverage, IpCapacity, JobResult, LabJob, Overrides, ReplayOptions, Timeline};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{DomainName, Timestamp};
use poolkeeper_core::traffic::Table;
use poolkeeper_simulator::sim::ScenarioSpec;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use csv::affected_csv;
pub(super) use digest::TrafficDigest;
pub use digest::digest;
pub use html::html;

/// What a report's `format` says.
pub const REPORT_FORMAT: &str = "poolkeeper-report";

/// The version this code writes, and the newest it reads.
pub const REPORT_VERSION: u32 = 1;

/// Where the traffic came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrafficOrigin {
    /// A simulated account's past. What people did to it since it was made is in the digest alone.
    Simulator(ScenarioSpec),
    /// A file, by name.
    File {
        /// The name, without folders.
        name: String,
    },
    /// A live account's metrics.
    Live {
        /// How many days were asked for.
        days: u32,
    },
    /// A sample that comes with the app, by name.
    Sample {
        /// The name.
        name: String,
    },
}

/// The traffic a result is about: enough to tell whether two reports are about the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficDescription {
    /// Where it came from.
    pub origin: TrafficOrigin,
    /// A digest of every row, enrolment and override, from [`digest`].
    pub digest: String,
    /// What it holds and lacks.
    pub coverage: Coverage,
}

impl TrafficDescription {
    /// Describes some traffic.
    #[must_use]
    pub fn of(origin: TrafficOrigin, table: &Table, timeline: Option<&Timeline>) -> Self {
        Self {
            origin,
            digest: digest(table, timeline),
            coverage: super::coverage(table),
        }
    }
}

/// A domain a report speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedDomain {
    /// Its position in the table.
    pub position: u32,
    /// Its name.
    pub name: DomainName,
    /// Its account's name.
    pub account: String,
}

/// What a report found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportResult {
    /// What one policy would have done.
    Backtest {
        /// The policy.
        policy: Policy,
        /// What it would have done.
        summary: Box<Summary>,
    },
    /// What moves between two policies.
    Compare {
        /// The current policy.
        a: Policy,
        /// The draft.
        b: Policy,
        /// The IPs asked about, if any.
        ips: Option<IpCapacity>,
        /// What moves.
        compared: Box<ComparisonReport>,
        /// The findings in words, as a reader sees them.
        sentences: Vec<String>,
        /// The names of the affected domains, in the order of `compared.comparison.affected`.
        affected: Vec<NamedDomain>,
    },
    /// What an account shows about its policy.
    Calibrate(Box<Calibration>),
    /// What every policy of a grid would have done.
    Sweep {
        /// The grid and what was counted.
        sweep: Box<Sweep>,
        /// The current policy, where domains that end elsewhere were counted.
        a: Option<Policy>,
        /// The counts.
        grid: Box<Grid>,
    },
    /// The same, counted before a day and from it on.
    Holdout {
        /// The grid and what was counted.
        sweep: Box<Sweep>,
        /// The current policy, where domains that end elsewhere were counted.
        a: Option<Policy>,
        /// The counts.
        halves: Box<Holdout>,
    },
}

/// A result with everything needed to repeat it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabReport {
    /// [`REPORT_FORMAT`].
    pub format: String,
    /// [`REPORT_VERSION`] of whoever wrote it.
    pub version: u32,
    /// When it was made, where the maker has a clock.
    pub made_at: Option<Timestamp>,
    /// The traffic; `None` for a calibration, which needs none.
    pub traffic: Option<TrafficDescription>,
    /// How policies were replayed.
    pub options: ReplayOptions,
    /// The sweep's axes and base, when one was on the page.
    pub sweep: Option<Sweep>,
    /// What was found.
    pub result: ReportResult,
}

/// A sweep looks at no overrides.
const SWEPT: ReplayOptions = ReplayOptions {
    overrides: Overrides::Ignored,
};

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

/// Why a text is not a report this version can open.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReportError {
    /// It is not a report at all.
    #[error("this is not a Poolkeeper report: {0}")]
    NotAReport(String),
    /// It was written by a later version.
    #[error("this report has version {0}, this Poolkeeper reads up to {most}; open it with a newer one", most = REPORT_VERSION)]
    TooNew(u32),
}

impl LabReport {
    fn new(traffic: Option<TrafficDescription>, options: ReplayOptions, result: ReportResult) -> Self {
        Self {
            format: REPORT_FORMAT.to_owned(),
            version: REPORT_VERSION,
            made_at: None,
            traffic,
            options,
            sweep: None,
            result,
        }
    }

    /// A report of what came of a job over some traffic. `None` for jobs that no report is kept of (coverage, a digest, one
    /// domain, some of the domains of a sweep), and for an outcome of another kind of job.
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
                    sentences: compared.findings.iter().map(super::Finding::sentence).collect(),
                    affected: named(table, compared),
                    compared: compared.clone(),
                },
            ),
            (LabJob::Calibrate { .. }, JobResult::Calibrate(_)) => Self::calibration(outcome),
            (
                LabJob::Sweep {
                    sweep,
                    a,
                    domains: None,
                    ..
                },
                JobResult::Sweep(grid),
            ) => of_traffic(
                &SWEPT,
                ReportResult::Sweep {
                    sweep: sweep.clone(),
                    a: a.clone(),
                    grid: grid.clone(),
                },
            ),
            (
                LabJob::Sweep {
                    sweep,
                    a,
                    domains: None,
                    ..
                },
                JobResult::Holdout(halves),
            ) => of_traffic(
                &SWEPT,
                ReportResult::Holdout {
                    sweep: sweep.clone(),
                    a: a.clone(),
                    halves: halves.clone(),
                },
            ),
            _ => None,
        }
    }

    /// A report of a calibration, which needs no traffic. `None` for the outcome of another kind of job.
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

    /// The report as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Maps with keys that are not texts, the one thing that cannot be written, do not occur.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Opens a report.
    ///
    /// # Errors
    /// [`ReportError`] when the text is something else, or from a later version.
    pub fn from_json(text: &str) -> std::result::Result<Self, ReportError> {
        /// What every version begins with.
        #[derive(Deserialize)]
        struct ReportHeader {
            format: String,
            version: u32,
        }
        let not = |error: serde_json::Error| ReportError::NotAReport(error.to_string());
        let head: ReportHeader = serde_json::from_str(text).map_err(not)?;
        if head.format != REPORT_FORMAT {
            let problem = format!("its format is “{}”", head.format);
            return Err(ReportError::NotAReport(problem));
        }
        if head.version > REPORT_VERSION {
            return Err(ReportError::TooNew(head.version));
        }
        let report: Self = serde_json::from_str(text).map_err(not)?;
        report.check()?;
        Ok(report)
    }

    /// What belongs together has to be of one length: files come from anywhere.
    fn check(&self) -> std::result::Result<(), ReportError> {
        let has_days = |side: &Summary, days: u32| {
            let days = days as usize;
            let domains = side.domains_by_day.iter().all(|(_, by_day)| by_day.len() == days);
            domains && side.messages_by_day.iter().all(|(_, by_day)| by_day.len() == days)
        };
        let days = self.traffic.as_ref().map(|traffic| traffic.coverage.day_count);
        let fits = match &self.result {
            ReportResult::Backtest { summary, .. } => days.is_some_and(|days| has_days(summary, days)),
            ReportResult::Compare { compared, affected, .. } => {
                let found = &compared.comparison;
                let listed = found.affected.iter().map(|domain| domain.domain);
                listed.eq(affected.iter().map(|domain| domain.position))
                    && [&found.a, &found.b]
                        .into_iter()
                        .all(|side| has_days(side, found.day_count))
            }
            ReportResult::Calibrate(_) => true,
            ReportResult::Sweep { sweep, grid, .. } => grid.is_of(sweep),
            ReportResult::Holdout { sweep, halves, .. } => {
                halves.chosen_on.is_of(sweep) && halves.scored_on.is_of(sweep)
            }
        };
        if fits {
            return Ok(());
        }
        Err(ReportError::NotAReport("its parts do not fit together".to_owned()))
    }
}
