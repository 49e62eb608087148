//! Checks that jobs give the results of the plain functions, however they run.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

use poolkeeper_core::health::{BelowMinimum, Metric, MetricPolicy, Policy};
use poolkeeper_core::model::Band;
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::calibrate::{Assumptions, Observations, calibrate};
use poolkeeper_lab::report::digest;
use poolkeeper_lab::sweep::{self, Axis, AxisParam, GoodThreshold, Sweep, SweepInput, SweepOutcomes, WindowRates};
use poolkeeper_lab::{
    Backtest, ComparisonReport, IpCapacity, JobError, JobEvent, JobProgress, JobRequest, JobResult, JobRunner, Lab,
    LabJob, Overrides, PerBand, PolicyResult, QueryId, ReplayData, ReplayOptions, Summary, backtest, compare, coverage,
    domain_view, findings, pool_loads,
};
use poolkeeper_test_support::traffic::Dice;
use poolkeeper_test_support::{random, traffic};
use std::ops::ControlFlow;
use std::sync::Arc;

const IPS: IpCapacity = IpCapacity {
    not_warming: PerBand {
        good: 2,
        poor: 1,
        new: 0,
    },
    limit_per_day: 500,
};

fn compared(data: ReplayData<'_>, a: &Policy, b: &Policy, options: &ReplayOptions) -> ComparisonReport {
    let (in_a, in_b) = (backtest(data, a, options).unwrap(), backtest(data, b, options).unwrap());
    let policy_result = |policy, result| PolicyResult { policy, result };
    let comparison = compare(data, policy_result(a, &in_a), policy_result(b, &in_b));
    let (coverage, loads) = (coverage(data.table), |side: &Summary| {
        pool_loads(comparison.first_day, side, &IPS)
    });
    ComparisonReport {
        findings: findings(&comparison, &coverage, Some(&IPS)),
        loads: Some((loads(&comparison.a), loads(&comparison.b))),
        coverage,
        comparison,
    }
}

/// Runs a job step by step; checks that progress never decreases and stays within its total.
fn step_through(lab: &mut Lab, job: &LabJob) -> JobResult {
    let mut running = lab.start(job.clone());
    let mut last: JobProgress = running.progress();
    assert_eq!(running.job(), job);
    for _ in 0..100_000 {
        if let Some(outcome) = lab.step(&mut running).unwrap() {
            return outcome;
        }
        let now = running.progress();
        assert!(
            now.done >= last.done && now.done <= now.total && now.total == last.total,
            "{last:?}, {now:?}"
        );
        last = now;
    }
    panic!("no end: {last:?}");
}

/// Serializes and deserializes a value, as a message to a worker does.
fn through_a_worker<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    postcard::from_bytes(&postcard::to_allocvec(value).unwrap()).unwrap()
}

fn jobs(dice: &mut Dice, table: &Table) -> Vec<LabJob> {
    let (a, b, options) = (random::policy(dice), random::policy(dice), ReplayOptions::default());
    let domain = u32::try_from(dice.below(table.domains().len() as u64)).unwrap();
    vec![
        LabJob::Coverage,
        LabJob::Digest,
        LabJob::Backtest {
            policy: a.clone(),
            options,
        },
        LabJob::Compare {
            a: a.clone(),
            b: b.clone(),
            options,
            ips: Some(IPS),
        },
        LabJob::Domain { domain, a, b, options },
        LabJob::Calibrate {
            observations: Arc::new(Observations::default()),
            assumptions: Assumptions::default(),
        },
    ]
}

fn expected(data: ReplayData<'_>, job: &LabJob) -> JobResult {
    match job {
        LabJob::Coverage => JobResult::Coverage(coverage(data.table)),
        LabJob::Digest => JobResult::Digest(digest(data.table, data.timeline)),
        LabJob::Backtest { policy, options } => {
            JobResult::Backtest(Box::new(Summary::of(&backtest(data, policy, options).unwrap())))
        }
        LabJob::Compare { a, b, options, .. } => JobResult::Compare(Box::new(compared(data, a, b, options))),
        LabJob::Domain { domain, a, b, options } => {
            JobResult::Domain(Box::new(domain_view(data, *domain, a, b, options).unwrap().unwrap()))
        }
        LabJob::Calibrate {
            observations,
            assumptions,
        } => JobResult::Calibrate(Box::new(calibrate(observations, assumptions))),
        LabJob::Sweep { .. } => panic!("sweeps are compared apart"),
    }
}

#[test]
fn every_job_gives_the_result_of_the_plain_functions() {
    for seed in 0..150 {
        let mut dice = Dice(7_000_000 + seed);
        let table = Arc::new(random::table(&mut dice));
        let timeline = (dice.below(2) == 0).then(|| Arc::new(random::timeline(&mut dice, &table)));
        let data = ReplayData {
            table: &table,
            timeline: timeline.as_deref(),
        };
        let mut inline = Lab::new(Arc::clone(&table), timeline.clone());
        let mut on_threads = Lab::new(Arc::clone(&table), timeline.clone()).on_threads(3);
        for job in jobs(&mut dice, &table) {
            let job = through_a_worker(&job);
            let expected = expected(data, &job);
            assert_eq!(step_through(&mut inline, &job), expected, "seed {seed}");
            assert_eq!(through_a_worker(&expected), expected, "seed {seed}");
            let run = on_threads.run(&job, &mut |_| ControlFlow::Continue(()));
            assert_eq!(run.unwrap(), expected, "seed {seed}");
        }
    }
}

#[test]
fn a_table_of_many_steps_gives_the_same_on_one_thread_and_on_several() {
    let table = Arc::new(traffic::plausible(3, 6_000, 90));
    let b = Policy {
        minimum_processed: 5_000,
        ..Policy::default()
    };
    let options = ReplayOptions::default();
    let job = LabJob::Compare {
        a: Policy::default(),
        b: b.clone(),
        options,
        ips: Some(IPS),
    };
    let expected = JobResult::Compare(Box::new(compared((&*table).into(), &Policy::default(), &b, &options)));
    for threads in [1, 2, 5] {
        let mut lab = Lab::new(Arc::clone(&table), None).on_threads(threads);
        assert_eq!(step_through(&mut lab, &job), expected, "{threads} threads");
    }
    let mut lab = Lab::new(Arc::clone(&table), None);
    assert_eq!(
        step_through(&mut lab, &LabJob::Digest),
        JobResult::Digest(digest(&table, None))
    );
    assert_eq!(
        step_through(&mut lab, &LabJob::Coverage),
        JobResult::Coverage(coverage(&table))
    );
}

fn replayed_steps(lab: &mut Lab, job: &LabJob) -> usize {
    let mut running = lab.start(job.clone());
    let mut replays = 0;
    let mut before = 0;
    while lab.step(&mut running).unwrap().is_none() {
        let now = running.progress();
        replays += usize::from(now.stage == poolkeeper_lab::JobStage::Replaying && now.done != before);
        before = now.done;
    }
    replays
}

#[test]
fn a_comparison_with_the_same_a_reuses_it() {
    let table = Arc::new(traffic::plausible(4, 8_000, 90));
    let mut lab = Lab::new(table, None);
    let options = ReplayOptions::default();
    let with = |minimum_processed| Policy {
        minimum_processed,
        ..Policy::default()
    };
    let job = |minimum| LabJob::Compare {
        a: Policy::default(),
        b: with(minimum),
        options,
        ips: None,
    };
    let both = replayed_steps(&mut lab, &job(2_000));
    assert!(both >= 8, "{both} steps");
    for minimum in 2_001..2_006 {
        assert!(lab.has_backtest(&Policy::default(), &options) && !lab.has_backtest(&with(minimum), &options));
        assert_eq!(replayed_steps(&mut lab, &job(minimum)) * 2, both);
        assert!(lab.has_backtest(&with(minimum), &options));
    }
    // Both backtests are cached.
    assert_eq!(replayed_steps(&mut lab, &job(2_005)), 0);
}

#[test]
fn a_job_that_is_dropped_or_told_to_stop_leaves_the_lab_in_order() {
    let table = Arc::new(traffic::plausible(5, 8_000, 90));
    let mut lab = Lab::new(Arc::clone(&table), None);
    let job = LabJob::Backtest {
        policy: Policy::default(),
        options: ReplayOptions::default(),
    };
    let mut steps = 0;
    let stopped = lab.run(&job, &mut |progress| {
        steps += 1;
        assert!(progress.done < progress.total);
        ControlFlow::Break(())
    });
    assert_eq!((stopped, steps), (Err(JobError::Stopped), 1));
    let mut dropped = lab.start(job.clone());
    assert_eq!(lab.step(&mut dropped), Ok(None));
    drop(dropped);
    // Two jobs at once, in turn.
    let other = LabJob::Backtest {
        policy: Policy {
            window_days: 30,
            ..Policy::default()
        },
        options: ReplayOptions::default(),
    };
    let (mut one, mut two) = (lab.start(job.clone()), lab.start(other.clone()));
    let (mut first, mut second) = (None, None);
    while first.is_none() || second.is_none() {
        if first.is_none() {
            first = lab.step(&mut one).unwrap();
        }
        if second.is_none() {
            second = lab.step(&mut two).unwrap();
        }
    }
    assert_eq!(first.unwrap(), expected((&*table).into(), &job));
    assert_eq!(second.unwrap(), expected((&*table).into(), &other));
}

#[test]
fn invalid_jobs_are_refused_by_name() {
    let table = Arc::new(traffic::plausible(6, 3, 10));
    let mut lab = Lab::new(Arc::clone(&table), None);
    let mut run = |job: LabJob| lab.run(&job, &mut |_| ControlFlow::Continue(()));
    let options = ReplayOptions::default();
    let invalid = Policy {
        window_days: 0,
        ..Policy::default()
    };
    let field = |error: JobError| match error {
        JobError::Policy { field, .. } | JobError::Sweep { field, .. } => field,
        other => panic!("{other:?}"),
    };
    let backtest = run(LabJob::Backtest {
        policy: invalid.clone(),
        options,
    });
    assert_eq!(field(backtest.unwrap_err()), "window_days");
    let compare = run(LabJob::Compare {
        a: Policy::default(),
        b: invalid,
        options,
        ips: None,
    });
    assert_eq!(field(compare.unwrap_err()), "window_days");
    let domain = run(LabJob::Domain {
        domain: 3,
        a: Policy::default(),
        b: Policy::default(),
        options,
    });
    assert_eq!(domain, Err(JobError::NoSuchDomain));
    let mut swept = |sweep: Sweep, split_day, domains| {
        let job = LabJob::Sweep {
            sweep: Box::new(sweep),
            options: ReplayOptions::default(),
            a: None,
            split_day,
            domains,
        };
        field(run(job).unwrap_err())
    };
    let sweep = grid(SweepOutcomes::all_of_one_policy());
    let differs = grid([sweep::SweepOutcome::EndingDiffers].into_iter().collect());
    assert_eq!(swept(differs, None, None), "a");
    assert_eq!(swept(sweep.clone(), Some(0), None), "split_day");
    assert_eq!(swept(sweep.clone(), Some(10), None), "split_day");
    assert_eq!(swept(sweep.clone(), None, Some(0..4)), "domains");
    let days = Some(0..11);
    assert_eq!(swept(Sweep { days, ..sweep }, None, None), "days");
}

fn grid(outcomes: SweepOutcomes) -> Sweep {
    let tied = |metric| AxisParam::PoorAtLeast {
        metric,
        good: GoodThreshold::Tied { share_ppm: 400_000 },
    };
    Sweep {
        base: Policy::default(),
        x: Axis::logarithmic(tied(Metric::BounceRate), 20_000, 300_000, 9),
        y: Axis::logarithmic(tied(Metric::ComplaintRate), 600, 9_000, 7),
        outcomes,
        days: None,
    }
}

/// Domains that end in another band than under A, counted from backtests of the policies themselves.
fn ends_that_differ(table: &Table, sweep: &Sweep, a: &Policy, end: u32) -> Vec<u64> {
    let end_of = |result: &Backtest, domain| {
        let last = result.moves_of(domain).iter().rfind(|change| change.day < end);
        last.and_then(|change| change.to).unwrap_or(Band::New)
    };
    let in_a = backtest(table, a, &ReplayOptions::default()).unwrap();
    let cells = (0..sweep.y.values.len()).flat_map(|y| (0..sweep.x.values.len()).map(move |x| (x, y)));
    let differing = cells.map(|(x, y)| {
        let policy = sweep.policy_at(x, y).unwrap();
        let result = backtest(table, &policy, &ReplayOptions::default()).unwrap();
        let domains = 0..u32::try_from(table.domains().len()).unwrap();
        domains
            .filter(|domain| end_of(&in_a, *domain) != end_of(&result, *domain))
            .count() as u64
    });
    differing.collect()
}

#[test]
fn sweeps_are_the_same_in_steps_in_parts_and_on_threads() {
    let table = Arc::new(traffic::plausible(8, 3_500, 80));
    let a = Policy {
        minimum_processed: 3_000,
        ..Policy::default()
    };
    let back_to_new = Policy {
        below_minimum: BelowMinimum::New,
        ..Policy::default()
    };
    let all: SweepOutcomes = sweep::SweepOutcome::ALL.into_iter().collect();
    for base in [Policy::default(), back_to_new] {
        let sweep = Sweep { base, ..grid(all) };
        let plain = Sweep {
            outcomes: SweepOutcomes::all_of_one_policy(),
            ..sweep.clone()
        };
        let windows = WindowRates::new(&table, 7, 1);
        let input = SweepInput {
            table: &table,
            windows: &windows,
            timeline: None,
            current_ends: None,
        };
        let whole = sweep::sweep(input, &plain).unwrap();
        let job = |sweep: &Sweep, split_day, domains| LabJob::Sweep {
            sweep: Box::new(sweep.clone()),
            options: ReplayOptions::default(),
            a: Some(a.clone()),
            split_day,
            domains,
        };
        for threads in [1, 3] {
            let mut lab = Lab::new(Arc::clone(&table), None).on_threads(threads);
            // Twice: the second run uses cached windows.
            for _ in 0..2 {
                let JobResult::Sweep(found) = step_through(&mut lab, &through_a_worker(&job(&sweep, None, None)))
                else {
                    panic!("no grid");
                };
                for outcome in plain.outcomes.iter() {
                    assert_eq!(found.plane(outcome), whole.plane(outcome), "{outcome:?}");
                }
                let differing = ends_that_differ(&table, &sweep, &a, 80);
                assert!(differing.iter().any(|count| *count > 0));
                assert_eq!(found.plane(sweep::SweepOutcome::EndingDiffers).unwrap(), differing);
            }
            let JobResult::Sweep(mut parts) = step_through(&mut lab, &job(&sweep, None, Some(0..1_000))) else {
                panic!("no grid");
            };
            let JobResult::Sweep(rest) = step_through(&mut lab, &job(&sweep, None, Some(1_000..3_500))) else {
                panic!("no grid");
            };
            parts.totals.merge(&rest.totals).unwrap();
            assert_eq!(
                JobResult::Sweep(parts),
                step_through(&mut lab, &job(&sweep, None, None))
            );
            let JobResult::Holdout(halves) = step_through(&mut lab, &job(&sweep, Some(50), None)) else {
                panic!("no halves");
            };
            let expected = sweep::holdout(input, &plain, 50).unwrap();
            for outcome in plain.outcomes.iter() {
                assert_eq!(halves.chosen_on.plane(outcome), expected.chosen_on.plane(outcome));
                assert_eq!(halves.scored_on.plane(outcome), expected.scored_on.plane(outcome));
            }
            let differs = sweep::SweepOutcome::EndingDiffers;
            assert_eq!(
                halves.chosen_on.plane(differs).unwrap(),
                ends_that_differ(&table, &sweep, &a, 50)
            );
            assert_eq!(
                halves.scored_on.plane(differs).unwrap(),
                ends_that_differ(&table, &sweep, &a, 80)
            );
        }
    }
}

/// A page shows both: the map's cell of a policy, and the policy's own result.
#[test]
fn a_cell_of_the_map_is_the_result_of_its_policy() {
    let table = Arc::new(traffic::plausible(12, 900, 80));
    let timeline = Arc::new(random::timeline(&mut Dice(12), &table));
    let a = Policy {
        minimum_processed: 3_000,
        ..Policy::default()
    };
    let all: SweepOutcomes = sweep::SweepOutcome::ALL.into_iter().collect();
    let sweep = grid(all);
    let mut seen = Vec::new();
    for (overrides, threads) in [(Overrides::Kept, 1), (Overrides::Ignored, 3)] {
        let options = ReplayOptions { overrides };
        let mut lab = Lab::new(Arc::clone(&table), Some(Arc::clone(&timeline))).on_threads(threads);
        let job = LabJob::Sweep {
            sweep: Box::new(sweep.clone()),
            options,
            a: Some(a.clone()),
            split_day: None,
            domains: None,
        };
        let JobResult::Sweep(found) = step_through(&mut lab, &through_a_worker(&job)) else {
            panic!("no grid");
        };
        let data = ReplayData {
            table: &table,
            timeline: Some(&timeline),
        };
        let under_a = backtest(data, &a, &options).unwrap();
        for (x, y) in [(0, 0), (4, 3), (8, 6)] {
            let policy = sweep.policy_at(x, y).unwrap();
            let result = backtest(data, &policy, &options).unwrap();
            let totals = result.totals();
            let differs = result.domains.iter().zip(&under_a.domains);
            let differs = differs.filter(|(one, other)| one.ends_in != other.ends_in).count() as u64;
            let at = |outcome| found.at(outcome, x, y).unwrap();
            assert_eq!(at(sweep::SweepOutcome::Moves), totals.moves);
            assert_eq!(at(sweep::SweepOutcome::Flaps), totals.flaps);
            assert_eq!(at(sweep::SweepOutcome::Days(Band::Poor)), totals.domain_days.poor);
            assert_eq!(at(sweep::SweepOutcome::Days(Band::New)), totals.domain_days.new);
            assert_eq!(at(sweep::SweepOutcome::Ending(Band::Good)), totals.ends_in.good);
            assert_eq!(at(sweep::SweepOutcome::EndingDiffers), differs);
            seen.push((overrides, totals.moves, totals.domain_days.new));
        }
    }
    // Neither policies nor overrides are without effect here.
    seen.dedup();
    assert_eq!(seen.len(), 6, "{seen:?}");
}

#[test]
fn sweeps_of_other_windows_and_other_metrics_do_not_mix() {
    let table = Arc::new(traffic::plausible(9, 500, 60));
    let mut lab = Lab::new(Arc::clone(&table), None);
    let complaint = Some(MetricPolicy {
        good_at_most_ppm: 500,
        poor_at_least_ppm: 2_000,
        poor_min_events: 2,
    });
    for (window_days, check_every_days) in [(7, 1), (30, 1), (7, 7), (7, 1)] {
        let base = Policy {
            window_days,
            check_every_days,
            complaint,
            ..Policy::default()
        };
        let sweep = Sweep {
            base,
            ..grid(SweepOutcomes::all_of_one_policy())
        };
        let windows = WindowRates::new(&table, window_days, check_every_days);
        let input = SweepInput {
            table: &table,
            windows: &windows,
            timeline: None,
            current_ends: None,
        };
        let expected = sweep::sweep(input, &sweep).unwrap();
        let job = LabJob::Sweep {
            sweep: Box::new(sweep),
            options: ReplayOptions::default(),
            a: None,
            split_day: None,
            domains: None,
        };
        assert_eq!(step_through(&mut lab, &job), JobResult::Sweep(Box::new(expected)));
    }
}

#[test]
fn the_newest_job_wins() {
    let table = Arc::new(traffic::plausible(10, 8_000, 90));
    let of = |window_days| LabJob::Backtest {
        policy: Policy {
            window_days,
            ..Policy::default()
        },
        options: ReplayOptions::default(),
    };
    let mut runner = JobRunner::default();
    let request = |number, job| JobRequest::Run {
        id: QueryId(number),
        job,
    };
    let stopped = |number| Some(JobEvent::Done(QueryId(number), Err(JobError::Stopped)));
    assert!(!runner.is_busy() && runner.work().is_none());
    assert_eq!(runner.handle(request(1, of(7))), None);
    assert_eq!(
        runner.work(),
        Some(JobEvent::Done(QueryId(1), Err(JobError::NoTraffic)))
    );
    // A calibration needs no traffic.
    let (observations, assumptions) = Default::default();
    let calibrate = LabJob::Calibrate {
        observations: Arc::new(observations),
        assumptions,
    };
    assert_eq!(runner.handle(request(1, calibrate)), None);
    let found = std::iter::from_fn(|| runner.work()).last();
    assert!(
        matches!(found, Some(JobEvent::Done(QueryId(1), Ok(JobResult::Calibrate(_))))),
        "{found:?}"
    );
    let load = through_a_worker(&JobRequest::Load {
        table: Arc::clone(&table),
        timeline: None,
    });
    assert_eq!(runner.handle(load), None);
    assert_eq!(runner.handle(request(2, of(7))), None);
    // Not begun yet.
    assert_eq!(runner.handle(request(3, of(8))), stopped(2));
    assert!(matches!(runner.work(), Some(JobEvent::Progress(QueryId(3), _))));
    assert_eq!(runner.handle(through_a_worker(&request(4, of(9)))), stopped(3));
    assert!(runner.is_busy());
    let done = loop {
        match runner.work() {
            Some(JobEvent::Progress(id, _)) => assert_eq!(id, QueryId(4)),
            other => break through_a_worker(&other),
        }
    };
    let result = expected((&*table).into(), &of(9));
    assert_eq!(done, Some(JobEvent::Done(QueryId(4), Ok(result))));
    assert!(!runner.is_busy() && runner.work().is_none());
    assert_eq!(runner.handle(request(5, of(10))), None);
    assert!(runner.work().is_some());
    assert_eq!(runner.handle(JobRequest::Stop), stopped(5));
    assert_eq!((runner.work(), runner.handle(JobRequest::Stop)), (None, None));
}
