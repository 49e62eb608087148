//! Reports: a result that can be stored, read without the app, and repeated.
//!
//! The page and the command line write JSON, and open each other's reports. HTML is a self-contained page for people.
//! CSV lists the domains on which A and B differ. A report has domain names and counts, but no key.

mod chart;
mod csv;
mod html;
mod import;
mod map;

use crate::backtest::ReplayOptions;
use crate::calibrate::Calibration;
use crate::compare::{ComparisonReport, IpCapacity, Summary};
use crate::coverage::{Coverage, coverage};
use crate::sweep::{Grid, Holdout, Sweep};
use crate::timeline::Timeline;
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{DomainName, Timestamp};
use poolkeeper_core::traffic::{ImportSummary, Table};
use poolkeeper_simulator::sim::ScenarioSpec;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::HashSet;
use thiserror::Error;

pub use crate::digest::digest;
pub use csv::affected_csv;
pub use html::html;

/// The value of a report's `format`.
pub const REPORT_FORMAT: &str = "poolkeeper-report";

/// The version this code writes, and the newest it reads.
pub const REPORT_VERSION: u32 = 1;

/// Where the traffic came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrafficOrigin {
    /// A simulated account. Later changes show only in the digest.
    Simulator(ScenarioSpec),
    /// A file, by name.
    File {
        /// The name, without folders.
        name: String,
    },
    /// A live account's metrics.
    Live {
        /// The requested number of days.
        days: u32,
    },
    /// A sample that comes with the app, by name.
    Sample {
        /// The name.
        name: String,
    },
}

/// Describes the traffic, so that a reader can tell whether two reports are about the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficDescription {
    /// Where it came from.
    pub origin: TrafficOrigin,
    /// A digest of every row, enrolment and override, from [`digest`].
    pub digest: String,
    /// Its coverage.
    pub coverage: Coverage,
}

impl TrafficDescription {
    /// Describes some traffic.
    #[must_use]
    pub fn of(origin: TrafficOrigin, table: &Table, timeline: Option<&Timeline>) -> Self {
        Self {
            origin,
            digest: digest(table, timeline),
            coverage: coverage(table),
        }
    }
}

/// A domain in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedDomain {
    /// Its position in the table.
    pub position: u32,
    /// Its name.
    pub name: DomainName,
    /// Its account's name.
    pub account: String,
}

/// The result in a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportResult {
    /// One policy.
    Backtest {
        /// The policy.
        policy: Policy,
        /// Its backtest.
        summary: Box<Summary>,
    },
    /// Two policies compared.
    Compare {
        /// The current policy.
        a: Policy,
        /// The draft.
        b: Policy,
        /// The given IPs, if any.
        ips: Option<IpCapacity>,
        /// The comparison.
        compared: Box<ComparisonReport>,
        /// The findings as sentences.
        sentences: Vec<String>,
        /// The names of the affected domains, in the order of `compared.comparison.affected`.
        affected: Vec<NamedDomain>,
        /// Affected domains that this report does not list: [`LabReport::with_most_affected`].
        #[serde(default, skip_serializing_if = "is_zero")]
        not_listed: u64,
    },
    /// An estimate of an account's thresholds.
    Calibrate(Box<Calibration>),
    /// A grid of policies.
    Sweep {
        /// The grid and what was counted.
        sweep: Box<Sweep>,
        /// The current policy, where domains that end elsewhere were counted.
        a: Option<Policy>,
        /// The counts.
        grid: Box<Grid>,
    },
    /// A grid of policies, counted before a day and from it on.
    Holdout {
        /// The grid and what was counted.
        sweep: Box<Sweep>,
        /// The current policy, where domains that end elsewhere were counted.
        a: Option<Policy>,
        /// The counts.
        halves: Box<Holdout>,
    },
}

#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A result with everything needed to repeat it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabReport {
    /// [`REPORT_FORMAT`].
    pub format: String,
    /// The [`REPORT_VERSION`] it was written by.
    pub version: u32,
    /// When it was made, if known.
    pub made_at: Option<Timestamp>,
    /// The traffic; `None` for a calibration, which needs none.
    pub traffic: Option<TrafficDescription>,
    /// How a file became the traffic, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportSummary>,
    /// How policies were replayed.
    pub options: ReplayOptions,
    /// The sweep's axes and base, when one was on the page.
    pub sweep: Option<Sweep>,
    /// The result.
    pub result: ReportResult,
}

/// Why a text is not a report this version can open.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReportError {
    /// It is not a report.
    #[error("this is not a Poolkeeper report: {0}")]
    NotAReport(String),
    /// It was written by a later version.
    #[error("this report has version {0}; this Poolkeeper reads versions up to {most}. Open it with a newer one", most = REPORT_VERSION)]
    TooNew(u32),
}

/// Keeps the items at some positions.
fn retain_at<T>(items: &mut Vec<T>, kept: &HashSet<usize>) {
    let mut at = 0..;
    items.retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
}

impl LabReport {
    pub(crate) fn new(traffic: Option<TrafficDescription>, options: ReplayOptions, result: ReportResult) -> Self {
        Self {
            format: REPORT_FORMAT.to_owned(),
            version: REPORT_VERSION,
            made_at: None,
            traffic,
            import: None,
            options,
            sweep: None,
            result,
        }
    }

    /// The report with at most so many affected domains in its list: those that matter most, in their order. What it
    /// says of all domains stays.
    #[must_use]
    pub fn with_most_affected(mut self, most: usize) -> Self {
        let ReportResult::Compare {
            compared,
            affected,
            not_listed,
            ..
        } = &mut self.result
        else {
            return self;
        };
        let domains = &mut compared.comparison.affected;
        let left_out = domains.len().saturating_sub(most);
        if left_out == 0 {
            return self;
        }
        let mut by_rank: Vec<usize> = (0..domains.len()).collect();
        by_rank.sort_by_key(|at| domains.get(*at).map(|domain| (domain.rank(), Reverse(domain.messages))));
        by_rank.truncate(most);
        let kept: HashSet<usize> = by_rank.into_iter().collect();
        retain_at(domains, &kept);
        retain_at(affected, &kept);
        *not_listed += left_out as u64;
        self
    }

    /// Affected domains that the report does not list.
    #[must_use]
    pub const fn not_listed(&self) -> u64 {
        match &self.result {
            ReportResult::Compare { not_listed, .. } => *not_listed,
            _ => 0,
        }
    }

    /// The report as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Cannot fail: a report has no map with keys that are not strings.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Opens a report.
    ///
    /// # Errors
    /// [`ReportError`] when the text is something else, or from a later version.
    pub fn from_json(text: &str) -> std::result::Result<Self, ReportError> {
        /// The fields that every version has.
        #[derive(Deserialize)]
        struct ReportHeader {
            format: String,
            version: u32,
        }
        let not_a_report = |error: serde_json::Error| ReportError::NotAReport(error.to_string());
        let head: ReportHeader = serde_json::from_str(text).map_err(not_a_report)?;
        if head.format != REPORT_FORMAT {
            let problem = format!("its format is “{}”", head.format);
            return Err(ReportError::NotAReport(problem));
        }
        if head.version > REPORT_VERSION {
            return Err(ReportError::TooNew(head.version));
        }
        let report: Self = serde_json::from_str(text).map_err(not_a_report)?;
        report.check_consistency()?;
        Ok(report)
    }

    /// Checks that lists that belong together have the same length, because a file may be edited.
    fn check_consistency(&self) -> std::result::Result<(), ReportError> {
        let has_days = |side: &Summary, days: u32| {
            let days = days as usize;
            let domains = side.domains_by_day.iter().all(|(_, by_day)| by_day.len() == days);
            domains && side.messages_by_day.iter().all(|(_, by_day)| by_day.len() == days)
        };
        let days = self.traffic.as_ref().map(|traffic| traffic.coverage.day_count);
        let is_consistent = match &self.result {
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
        if is_consistent {
            return Ok(());
        }
        Err(ReportError::NotAReport("its parts do not match".to_owned()))
    }
}
