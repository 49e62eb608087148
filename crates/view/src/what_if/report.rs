//! An opened report: its traffic, its findings and its policies.

use super::calibration;
use poolkeeper_core::health::{BelowMinimum, MetricPolicy, Policy};
use poolkeeper_core::model::Band;
use poolkeeper_core::text::{count, counted, day, limit};
use poolkeeper_lab::report::{LabReport, ReportResult, TrafficDescription, TrafficOrigin};
use poolkeeper_lab::{IpCapacity, ReplayOptions};

/// The title for a kind of report.
#[must_use]
pub const fn title(report: &LabReport) -> &'static str {
    match report.result {
        ReportResult::Backtest { .. } => "Result of one policy",
        ReportResult::Compare { .. } => "Policy A vs policy B",
        ReportResult::Calibrate(_) => "Estimate of Mailgun's thresholds",
        ReportResult::Sweep { .. } | ReportResult::Holdout { .. } => "Threshold map",
    }
}

/// The findings, most important first.
#[must_use]
pub fn findings(report: &LabReport) -> Vec<String> {
    match &report.result {
        ReportResult::Compare { sentences, .. } => sentences.clone(),
        ReportResult::Backtest { summary, .. } => {
            let totals = &summary.totals;
            let ends = Band::ALL.map(|band| format!("{} in {band}", count(*totals.ends_in.get(band))));
            vec![
                format!("Domains end {}.", ends.join(", ")),
                format!(
                    "{} by health checks, {} of them back within 14 days.",
                    counted(totals.moves, "move"),
                    count(totals.flaps)
                ),
                summary.start_sentence(),
            ]
        }
        ReportResult::Calibrate(found) => {
            let lines = found
                .intervals
                .iter()
                .map(|interval| format!("{}: {}", interval.threshold.name(), calibration::sentence(interval)));
            lines
                .chain([calibration::basis(found)])
                .chain(calibration::bases(found))
                .collect()
        }
        ReportResult::Sweep { grid, .. } => vec![size(grid.totals.width(), grid.totals.height())],
        ReportResult::Holdout { halves, .. } => {
            let totals = &halves.chosen_on.totals;
            vec![
                size(totals.width(), totals.height()),
                format!("Split after {}.", counted(u64::from(halves.split_day), "day")),
            ]
        }
    }
}

fn size(width: usize, height: usize) -> String {
    format!(
        "{} by {} policies were counted.",
        count(width as u64),
        count(height as u64)
    )
}

/// The report's traffic, in a sentence.
#[must_use]
pub fn traffic(traffic: &TrafficDescription) -> String {
    let coverage = &traffic.coverage;
    format!(
        "{}: {} over {} from {}.",
        origin(&traffic.origin),
        counted(coverage.domains, "domain"),
        counted(u64::from(coverage.day_count), "day"),
        day(coverage.first_day)
    )
}

/// The source of the traffic.
#[must_use]
pub fn origin(origin: &TrafficOrigin) -> String {
    match origin {
        TrafficOrigin::Simulator(spec) => format!("Simulator, {}, seed {}", spec.kind().name(), spec.seed()),
        TrafficOrigin::File { name } => format!("File {name}"),
        TrafficOrigin::Live { days } => format!("Live account, latest {}", counted(u64::from(*days), "day")),
        TrafficOrigin::Sample { name } => format!("Sample {name}"),
    }
}

/// A part of file names that names the traffic: `march-csv`.
#[must_use]
pub fn slug(of: &TrafficOrigin) -> String {
    let words = origin(of).to_lowercase();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let text: String = words.trim_start_matches("file ").chars().map(plain).collect();
    let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

/// The settings that a report replaces on the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddressParams {
    /// The current policy.
    pub a: Option<Policy>,
    /// The draft.
    pub b: Option<Policy>,
    /// How policies are replayed.
    pub options: Option<ReplayOptions>,
    /// The IPs of the comparison; `Some(None)` removes them.
    pub ips: Option<Option<IpCapacity>>,
}

/// The policies of a report and how they were replayed. A calibration has no policy of its own: it moves `a` into its
/// intervals.
#[must_use]
pub fn params_to_apply(report: &LabReport, a: &Policy) -> AddressParams {
    let options = Some(report.options);
    match &report.result {
        ReportResult::Backtest { policy, .. } => AddressParams {
            a: Some(policy.clone()),
            options,
            ..AddressParams::default()
        },
        ReportResult::Compare { a, b, ips, .. } => AddressParams {
            a: Some(a.clone()),
            b: Some(b.clone()),
            options,
            ips: Some(*ips),
        },
        ReportResult::Calibrate(found) => AddressParams {
            a: Some(found.policy(a)),
            ..AddressParams::default()
        },
        ReportResult::Sweep { sweep, a, .. } | ReportResult::Holdout { sweep, a, .. } => AddressParams {
            a: a.clone(),
            b: Some(sweep.base.clone()),
            ..AddressParams::default()
        },
    }
}

/// A policy's parameters in words, one row each.
#[must_use]
pub fn choices(policy: &Policy) -> Vec<(&'static str, String)> {
    let metric = |metric: Option<MetricPolicy>| {
        metric.map_or_else(
            || "off".to_owned(),
            |on| {
                let [good, poor] = [on.good_at_most_ppm, on.poor_at_least_ppm].map(|ppm| limit(u64::from(ppm)));
                format!("good at most {good}, poor from {poor}")
            },
        )
    };
    let checks = |checks: u32| counted(u64::from(checks), "check");
    let below = match policy.below_minimum {
        BelowMinimum::Hold => "below it a domain stays",
        BelowMinimum::New => "below it back to new",
    };
    vec![
        ("Bounces", metric(policy.bounce)),
        ("Complaints", metric(policy.complaint)),
        (
            "Minimum",
            format!("{}, {below}", counted(policy.minimum_processed, "message")),
        ),
        (
            "Window",
            format!(
                "{}, checked every {}",
                counted(u64::from(policy.window_days), "day"),
                counted(u64::from(policy.check_every_days), "day")
            ),
        ),
        (
            "Moves",
            format!(
                "up after {}, down after {}",
                checks(policy.promotion_after_checks),
                checks(policy.demotion_after_checks)
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::{Counts, Day, DomainName};
    use poolkeeper_core::traffic::{Table, TableDomain};
    use poolkeeper_lab::calibrate::{
        Calibration, Evidence, HiddenThreshold, Observation, ObservationKind, ThresholdInterval,
    };
    use poolkeeper_lab::{JobResult, Lab, LabJob, PerBand};
    use std::ops::ControlFlow;
    use std::sync::Arc;

    /// One domain, one day: 2 000 messages, 60 of which bounce.
    fn report(job: &LabJob) -> LabReport {
        let domain = TableDomain {
            name: DomainName::as_sent("d.example"),
            account: 0,
        };
        let day = Day::from_ymd(2026, 3, 1).unwrap();
        let mut table = Table::empty(day, 1, vec!["main".to_owned()], vec![domain]);
        let counts = Counts {
            processed: 2_000,
            delivered: 1_940,
            bounced: 60,
            complained: 0,
        };
        table.add(0, day, &counts).unwrap();
        let table = Arc::new(table);
        let mut lab = Lab::new(Arc::clone(&table), None);
        let outcome = lab.run(job, &mut |_| ControlFlow::Continue(())).unwrap();
        let origin = TrafficOrigin::File {
            name: "one.csv".to_owned(),
        };
        LabReport::of(&TrafficDescription::of(origin, &table, None), &table, job, &outcome).unwrap()
    }

    fn strict() -> Policy {
        let bounce = MetricPolicy {
            good_at_most_ppm: 10_000,
            poor_at_least_ppm: 20_000,
            poor_min_events: 1,
        };
        Policy {
            bounce: Some(bounce),
            ..Policy::default()
        }
    }

    #[test]
    fn a_comparison_applies_policies_options_and_ips() {
        let ips = IpCapacity {
            not_warming: PerBand {
                good: 1,
                poor: 2,
                new: 3,
            },
            limit_per_day: 10,
        };
        for ips in [None, Some(ips)] {
            let options = ReplayOptions {
                overrides: poolkeeper_lab::Overrides::Ignored,
            };
            let compared = report(&LabJob::Compare {
                a: Policy::default(),
                b: strict(),
                options,
                ips,
            });
            let expected = AddressParams {
                a: Some(Policy::default()),
                b: Some(strict()),
                options: Some(options),
                ips: Some(ips),
            };
            assert_eq!(params_to_apply(&compared, &strict()), expected);
        }
    }

    #[test]
    fn a_backtest_counts_final_bands_and_applies_a() {
        let tested = report(&LabJob::Backtest {
            policy: strict(),
            options: ReplayOptions::default(),
        });
        // 3 % is poor from 2 % on.
        assert_eq!(
            findings(&tested),
            [
                "Domains end 0 in good, 1 in poor, 0 in new.",
                "1 move by health checks, 0 of them back within 14 days.",
                "All days of this traffic are the start of the replay, with 1 move: every domain begins as new, and its \
                 windows are incomplete. Moves back, loads and IPs needed are not counted."
            ]
        );
        let about = tested.traffic.as_ref().map(traffic);
        assert_eq!(
            about.as_deref(),
            Some("File one.csv: 1 domain over 1 day from 1 Mar 2026.")
        );
        let put = params_to_apply(&tested, &Policy::default());
        assert_eq!((put.a, put.b, put.ips), (Some(strict()), None, None));
    }

    #[test]
    fn a_calibration_moves_a_into_its_intervals() {
        let bounded = ThresholdInterval {
            threshold: HiddenThreshold::MinimumProcessed,
            at_least: 0,
            at_most: Some(500),
            lower: None,
            upper: Some(Evidence {
                source: Observation {
                    kind: ObservationKind::Preview,
                    position: 0,
                    domain: DomainName::as_sent("d.example"),
                    at: None,
                },
                bound: 500,
                needs_others: false,
            }),
        };
        let found = Calibration {
            intervals: vec![bounded],
            observations: 1,
            ..Calibration::default()
        };
        let kept = LabReport::calibration(&JobResult::Calibrate(Box::new(found))).unwrap();
        assert_eq!(
            findings(&kept),
            [
                "Minimum processed: At most 500 messages; no lower bound.",
                "Based on 1 observation; no contradictions."
            ]
        );
        let put = params_to_apply(&kept, &Policy::default());
        assert_eq!(put.a.map(|a| a.minimum_processed), Some(500));
        assert_eq!((put.b, put.options), (None, None));
    }

    #[test]
    fn a_policy_has_five_rows_of_text() {
        let words: Vec<String> = choices(&Policy::default())
            .into_iter()
            .map(|(_, words)| words)
            .collect();
        assert_eq!(
            words,
            [
                "good at most 5 %, poor from 10 %",
                "good at most 0.1 %, poor from 0.3 %",
                "1,000 messages, below it a domain stays",
                "7 days, checked every 1 day",
                "up after 1 check, down after 1 check",
            ]
        );
    }

    #[test]
    fn files_are_named_after_the_traffic() {
        let file = TrafficOrigin::File {
            name: "Märch 2026.csv".to_owned(),
        };
        assert_eq!(slug(&file), "m-rch-2026-csv");
        assert_eq!(slug(&TrafficOrigin::Live { days: 90 }), "live-account-latest-90-days");
    }
}
