//! Checks that reports open again, and that names are never treated as markup.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use poolkeeper_core::health::{Metric, Policy};
use poolkeeper_core::model::{Counts, Day, DomainName};
use poolkeeper_core::traffic::{Table, TableDomain};
use poolkeeper_lab::calibrate::{Assumptions, Observations};
use poolkeeper_lab::report::{LabReport, ReportError, TrafficDescription, TrafficOrigin, affected_csv, digest, html};
use poolkeeper_lab::sweep::{self, Axis, AxisParam, Sweep, SweepOutcomes};
use poolkeeper_lab::{IpCapacity, Lab, LabJob, PerBand, ReplayOptions, Timeline};
use poolkeeper_test_support::traffic;
use std::ops::ControlFlow;
use std::sync::Arc;

fn origin() -> TrafficOrigin {
    TrafficOrigin::File {
        name: "<march> & \"april\".csv".to_owned(),
    }
}

fn report(table: &Arc<Table>, job: &LabJob) -> Option<LabReport> {
    let mut lab = Lab::new(Arc::clone(table), None);
    let outcome = lab.run(job, &mut |_| ControlFlow::Continue(())).unwrap();
    LabReport::of(&TrafficDescription::of(origin(), table, None), table, job, &outcome)
}

fn compare() -> LabJob {
    LabJob::Compare {
        a: Policy::default(),
        b: Policy {
            minimum_processed: 20_000,
            ..Policy::default()
        },
        options: ReplayOptions::default(),
        ips: Some(IpCapacity {
            not_warming: PerBand {
                good: 3,
                poor: 1,
                new: 1,
            },
            limit_per_day: 10_000,
        }),
    }
}

fn swept(split_day: Option<u32>, domains: Option<std::ops::Range<u32>>) -> LabJob {
    let complaint = Metric::ComplaintRate;
    LabJob::Sweep {
        sweep: Box::new(Sweep {
            base: Policy::default(),
            x: Axis::linear(AxisParam::GoodAtMost { metric: complaint }, 100, 900, 5),
            y: Axis::linear(AxisParam::MinimumProcessed, 0, 9_000, 4),
            outcomes: sweep::SweepOutcome::ALL.into_iter().collect::<SweepOutcomes>(),
            days: None,
        }),
        options: ReplayOptions::default(),
        a: Some(Policy::default()),
        split_day,
        domains,
    }
}

fn all_jobs() -> Vec<LabJob> {
    vec![
        LabJob::Backtest {
            policy: Policy::default(),
            options: ReplayOptions::default(),
        },
        compare(),
        LabJob::Calibrate {
            observations: Arc::new(Observations::default()),
            assumptions: Assumptions::default(),
        },
        swept(None, None),
        swept(Some(20), None),
    ]
}

#[test]
fn every_report_opens_again_unchanged() {
    let table = Arc::new(traffic::plausible(11, 80, 60));
    for job in all_jobs() {
        let report = report(&table, &job).unwrap();
        let text = report.to_json();
        let back = LabReport::from_json(&text).unwrap();
        // Fractions may differ by a unit in the last place after the first time, but not after the second.
        assert_eq!(LabReport::from_json(&back.to_json()).unwrap().to_json(), back.to_json());
        assert_eq!(html(&back).len(), html(&report).len());
        assert_eq!(affected_csv(&back), affected_csv(&report));
    }
    assert_eq!(report(&table, &LabJob::Coverage), None);
    assert_eq!(report(&table, &swept(None, Some(0..3))), None);
}

#[test]
fn html_needs_no_network_and_no_script_and_takes_no_name_for_markup() {
    let mut table = Table::empty(
        Day(0),
        10,
        vec!["<b>Acme</b>".into()],
        vec![TableDomain {
            name: DomainName::as_sent("a&<i>.example"),
            account: 0,
        }],
    );
    for day in 0..10 {
        let row = Counts {
            processed: 2_000,
            delivered: 2_000,
            bounced: 0,
            complained: 0,
        };
        table.add(0, Day(day), &row).unwrap();
    }
    let table = Arc::new(table);
    for job in all_jobs()
        .into_iter()
        .filter(|job| !matches!(job, LabJob::Sweep { split_day: Some(_), .. }))
    {
        let page = html(&report(&table, &job).unwrap());
        for forbidden in ["<b>", "<i>", "<march>", "<script", "src=", "url(", "href=", "@import"] {
            assert!(!page.contains(forbidden), "{forbidden} in {page}");
        }
        assert!(page.contains("default-src 'none'"));
    }
    let page = html(&report(&table, &compare()).unwrap());
    assert!(page.contains("a&amp;&lt;i&gt;.example") && page.contains("&lt;b&gt;Acme&lt;/b&gt;"));
    assert!(page.contains("&lt;march&gt; &amp; &quot;april&quot;.csv"));
}

#[test]
fn the_csv_has_a_line_for_each_domain_that_differs() {
    let table = Arc::new(traffic::plausible(12, 80, 60));
    let report = report(&table, &compare()).unwrap();
    let text = affected_csv(&report);
    let lines: Vec<_> = text.split_terminator("\r\n").collect();
    let poolkeeper_lab::report::ReportResult::Compare { compared, affected, .. } = &report.result else {
        panic!("{:?}", report.result);
    };
    assert!(affected.len() > 5);
    assert_eq!(lines.len(), affected.len() + 1);
    let columns = lines.first().unwrap().split(',').count();
    for ((line, named), domain) in lines.iter().skip(1).zip(affected).zip(&compared.comparison.affected) {
        assert_eq!(line.split(',').count(), columns);
        assert!(line.starts_with(&format!("{},Acme,{},", named.name.as_str(), domain.diverged_on)));
    }
}

#[test]
fn an_invalid_report_is_refused_with_a_reason() {
    let table = Arc::new(traffic::plausible(13, 5, 20));
    let good = report(&table, &compare()).unwrap().to_json();
    let broken = |text: &str| matches!(LabReport::from_json(text), Err(ReportError::NotAReport(_)));
    assert!(broken("") && broken("{}") && broken("[1]") && broken(&good.replace("poolkeeper-report", "other")));
    assert!(broken(&good.replace("\"day_count\": 20", "\"day_count\": 21")));
    let newer = good.replacen("\"version\": 1", "\"version\": 2", 1);
    assert_eq!(LabReport::from_json(&newer), Err(ReportError::TooNew(2)));
    // A grid without rows, or with rows of another length, is refused.
    let map = report(&table, &swept(None, None)).unwrap().to_json();
    assert!(LabReport::from_json(&map).is_ok());
    assert!(broken(&map.replacen("\"width\": 5", "\"width\": 0", 1)));
    assert!(broken(&map.replacen("\"height\": 4", "\"height\": 3", 1)));
}

#[test]
fn digests_tell_traffic_apart_and_equal_traffic_not() {
    let table = traffic::plausible(14, 30, 40);
    let same = digest(&table, None);
    assert_eq!(digest(&traffic::plausible(14, 30, 40), None), same);
    assert_ne!(digest(&traffic::plausible(15, 30, 40), None), same);
    assert_ne!(digest(&traffic::plausible(14, 30, 41), None), same);
    assert_ne!(digest(&table, Some(&Timeline::new(true))), same);
    assert_ne!(
        digest(&table, Some(&Timeline::new(false))),
        digest(&table, Some(&Timeline::new(true)))
    );
    let mut more = table.clone();
    let one = Counts {
        complained: 1,
        ..Counts::ZERO
    };
    more.add(29, more.first_day(), &one).unwrap();
    assert_ne!(digest(&more, None), same);
}
