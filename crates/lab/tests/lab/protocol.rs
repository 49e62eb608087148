//! Checks page and worker without a browser; messages are passed by hand, as bytes.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use poolkeeper_core::health::{Metric, Policy};
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::protocol::message::{FromLab, ToLab};
use poolkeeper_lab::protocol::request_queue::RequestQueue;
use poolkeeper_lab::protocol::session::WorkerSession;
use poolkeeper_lab::protocol::shard_merge::{ShardMerge, shard_job, split_into_shards, worker_count};
use poolkeeper_lab::protocol::upload::{Upload, UploadRange};
use poolkeeper_lab::sweep::{Axis, AxisParam, GoodThreshold, Sweep, SweepOutcomes};
use poolkeeper_lab::{JobError, JobEvent, JobProgress, JobResult, JobStage, Lab, LabJob, QueryId, ReplayOptions};
use poolkeeper_test_support::traffic;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

fn as_bytes<T: Serialize + DeserializeOwned>(message: &T) -> T {
    postcard::from_bytes(&postcard::to_allocvec(message).unwrap()).unwrap()
}

fn backtest(minimum_processed: u64) -> LabJob {
    LabJob::Backtest {
        policy: Policy {
            minimum_processed,
            ..Policy::default()
        },
        options: ReplayOptions::default(),
    }
}

fn sweep(domains: Option<Range<u32>>) -> LabJob {
    let poor = |metric| AxisParam::PoorAtLeast {
        metric,
        good: GoodThreshold::Tied { share_ppm: 500_000 },
    };
    LabJob::Sweep {
        sweep: Box::new(Sweep {
            base: Policy::default(),
            x: Axis::linear(poor(Metric::BounceRate), 20_000, 200_000, 9),
            y: Axis::linear(poor(Metric::ComplaintRate), 500, 8_000, 7),
            outcomes: SweepOutcomes::all_of_one_policy(),
            days: None,
        }),
        options: ReplayOptions::default(),
        a: None,
        split_day: None,
        domains,
    }
}

fn run(table: &Arc<Table>, job: &LabJob) -> JobResult {
    let mut lab = Lab::new(Arc::clone(table), None);
    lab.run(job, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn load(table: &Arc<Table>, domains: Range<usize>) -> UploadRange {
    UploadRange {
        table: Arc::clone(table),
        timeline: None,
        domains,
    }
}

/// A worker without a browser. The page's messages wait in its inbox.
#[derive(Default)]
struct Worker {
    session: WorkerSession,
    inbox: VecDeque<ToLab>,
    max_waiting: usize,
}

impl Worker {
    fn post(&mut self, messages: Vec<ToLab>) {
        self.inbox.extend(messages.iter().map(as_bytes));
        self.max_waiting = self.max_waiting.max(self.inbox.len());
    }

    /// Runs until it is idle; returns its job events. `upload` gets the acknowledgements.
    fn run_until_idle(&mut self, upload: &mut Upload) -> Vec<JobEvent> {
        let mut events = Vec::new();
        loop {
            let replies: Vec<FromLab> = match self.inbox.pop_front() {
                Some(message) => self.session.handle(message),
                None if self.session.is_busy() => self.session.work(0.0).into_iter().collect(),
                None => return events,
            };
            for message in replies {
                match as_bytes(&message) {
                    FromLab::Received { load } => self.post(upload.ack(load)),
                    FromLab::Answer(answer) => events.push(answer),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

fn done(answers: &[JobEvent]) -> Vec<(u64, Result<JobResult, JobError>)> {
    let done = answers.iter().filter_map(|answer| match answer {
        JobEvent::Done(id, result) => Some((id.0, result.clone())),
        JobEvent::Progress(..) => None,
    });
    done.collect()
}

#[test]
fn traffic_is_sent_in_chunks_and_the_query_waits_for_the_last() {
    // 300 000 domain-days are five parts.
    let table = Arc::new(traffic::plausible(1, 3_000, 100));
    let (mut upload, mut worker) = (Upload::default(), Worker::default());
    assert_eq!(
        upload.load(load(&table, 0..3_000)),
        [],
        "nothing goes before the worker runs"
    );
    assert_eq!(upload.query(QueryId(7), backtest(1)), []);
    worker.post(upload.on_ready());
    let answers = worker.run_until_idle(&mut upload);
    assert_eq!(done(&answers), [(7, Ok(run(&table, &backtest(1))))]);
    assert!(worker.max_waiting <= 3, "the opening and two parts at a time");
    // The traffic is not sent again.
    let second = upload.query(QueryId(8), LabJob::Digest);
    assert!(matches!(second.as_slice(), [ToLab::Run { .. }]));
    worker.post(second);
    let answers = worker.run_until_idle(&mut upload);
    assert_eq!(done(&answers), [(8, Ok(run(&table, &LabJob::Digest)))]);
}

#[test]
fn new_traffic_replaces_an_upload_under_way() {
    let (first, second) = (
        Arc::new(traffic::plausible(1, 3_000, 100)),
        Arc::new(traffic::plausible(2, 2_000, 90)),
    );
    let (mut upload, mut worker) = (Upload::default(), Worker::default());
    worker.post(upload.on_ready());
    worker.post(upload.load(load(&first, 0..3_000)));
    worker.post(upload.query(QueryId(1), LabJob::Coverage));
    worker.post(upload.load(load(&second, 500..1_700)));
    worker.post(upload.query(QueryId(2), LabJob::Coverage));
    let part = Arc::new(second.part(500..1_700).unwrap());
    let answers = worker.run_until_idle(&mut upload);
    assert_eq!(done(&answers), [(2, Ok(run(&part, &LabJob::Coverage)))]);
}

#[test]
fn a_replacement_worker_gets_the_traffic_again() {
    let table = Arc::new(traffic::plausible(1, 1_000, 90));
    let mut upload = Upload::default();
    let mut worker = Worker::default();
    worker.post(upload.on_ready());
    worker.post(upload.load(load(&table, 0..1_000)));
    worker.run_until_idle(&mut upload);
    upload.on_lost();
    assert_eq!(upload.query(QueryId(3), backtest(5)), []);
    let mut another = Worker::default();
    another.post(upload.on_ready());
    let answers = another.run_until_idle(&mut upload);
    assert_eq!(done(&answers), [(3, Ok(run(&table, &backtest(5))))]);
}

#[test]
fn a_newer_query_stops_the_older_at_the_next_step() {
    let table = Arc::new(traffic::plausible(1, 8_000, 90));
    let (mut upload, mut worker) = (Upload::default(), Worker::default());
    worker.post(upload.on_ready());
    worker.post(upload.load(load(&table, 0..8_000)));
    worker.run_until_idle(&mut upload);
    worker.post(upload.query(QueryId(1), backtest(1)));
    let begin = worker.inbox.pop_front().unwrap();
    assert_eq!(worker.session.handle(begin), []);
    // Progress is reported after 50 ms, not sooner.
    assert_eq!(worker.session.work(0.0), None);
    assert_eq!(worker.session.work(49.0), None);
    assert!(matches!(
        worker.session.work(50.0),
        Some(FromLab::Answer(JobEvent::Progress(QueryId(1), _)))
    ));
    assert_eq!(worker.session.work(90.0), None);
    worker.post(upload.query(QueryId(2), backtest(2)));
    let answers = worker.run_until_idle(&mut upload);
    assert_eq!(
        done(&answers),
        [(1, Err(JobError::Stopped)), (2, Ok(run(&table, &backtest(2))))]
    );
    worker.post(upload.query(QueryId(3), backtest(3)));
    worker.post(upload.stop());
    assert_eq!(done(&worker.run_until_idle(&mut upload)), [(3, Err(JobError::Stopped))]);
}

#[test]
fn a_worker_without_traffic_answers_with_an_error() {
    let (mut upload, mut worker) = (Upload::default(), Worker::default());
    worker.post(upload.on_ready());
    worker.post(upload.query(QueryId(1), LabJob::Coverage));
    assert_eq!(
        done(&worker.run_until_idle(&mut upload)),
        [(1, Err(JobError::NoTraffic))]
    );
}

#[test]
fn slots_take_turns() {
    let mut queue = RequestQueue::default();
    assert_eq!(queue.push("a", backtest(1), 0.0), None);
    assert_eq!(queue.push("b", backtest(2), 0.0), None);
    assert_eq!(queue.start_next(0.0), Some((QueryId(1), backtest(1))));
    assert_eq!(queue.start_next(0.0), None, "one at a time");
    // A waiting query is replaced, and the new one goes to the end.
    assert_eq!(queue.push("c", backtest(3), 0.0), None);
    assert_eq!(queue.push("b", backtest(4), 0.0), None);
    assert_eq!(queue.slot_of(QueryId(1)), Some("a"));
    assert_eq!(queue.finish(QueryId(1)).unwrap().slot, "a");
    assert_eq!(queue.start_next(0.0), Some((QueryId(3), backtest(3))));
    assert_eq!(queue.finish(QueryId(1)), None, "answers of the past belong to nobody");
    assert!(queue.stop("c"));
    assert_eq!(queue.start_next(0.0), Some((QueryId(4), backtest(4))));
}

#[test]
fn a_running_query_has_a_grace_period_when_its_slot_asks_again() {
    let mut queue = RequestQueue::default();
    queue.push("a", backtest(1), 0.0);
    queue.start_next(0.0);
    assert_eq!(
        queue.push("a", backtest(2), 10.0),
        Some((QueryId(1), 40.0)),
        "its grace begins"
    );
    assert_eq!(queue.push("a", backtest(3), 30.0), None, "and is not made longer");
    assert_eq!(queue.finish(QueryId(1)).unwrap().job, backtest(1), "it may be answered");
    assert!(!queue.expire(QueryId(1)));
    assert_eq!(
        queue.start_next(100.0),
        Some((QueryId(3), backtest(3))),
        "the newest is next, the one between never"
    );
    assert_eq!(
        queue.push("a", backtest(4), 145.0),
        Some((QueryId(3), 15.0)),
        "60 ms from its start"
    );
    assert!(queue.expire(QueryId(3)), "its grace has ended");
    assert_eq!(queue.finish(QueryId(3)), None);
    assert_eq!(queue.start_next(160.0), Some((QueryId(4), backtest(4))));
    assert_eq!(
        queue.push("a", backtest(5), 400.0),
        Some((QueryId(4), 0.0)),
        "what takes long has none left"
    );
    assert!(queue.stop("a"));
    assert_eq!(queue.start_next(400.0), None);
}

#[test]
fn parts_of_a_sweep_add_up_to_the_whole() {
    let table = Arc::new(traffic::plausible(5, 9_000, 90));
    // 810 000 domain-days: worth three workers.
    assert_eq!(split_into_shards(&table, 1), std::slice::from_ref(&(0..9_000)));
    let shards = split_into_shards(&table, 64);
    assert_eq!(shards, [0..3_000, 3_000..6_000, 6_000..9_000]);
    for job in [sweep(None), sweep(Some(2_000..6_500))] {
        let whole = run(&table, &job);
        let parts = shards.iter().map(|range| {
            let part = Arc::new(table.part(range.clone()).unwrap());
            run(&part, &shard_job(&job, range))
        });
        let mut merge = ShardMerge::new(QueryId(4), 3);
        let mut events = Vec::new();
        for (shard, part) in parts.enumerate() {
            assert_eq!(
                merge.add(shard, JobEvent::Done(QueryId(3), Ok(part.clone()))),
                None,
                "an older sweep's"
            );
            events.extend(merge.add(shard, JobEvent::Done(QueryId(4), Ok(part))));
        }
        assert_eq!(events, [JobEvent::Done(QueryId(4), Ok(whole))]);
    }
}

#[test]
fn the_page_keeps_a_core_if_the_others_sweep_within_a_frame() {
    let small = traffic::plausible(5, 9_000, 90);
    let large = traffic::plausible(5, 30_000, 90);
    let quick = sweep(None);
    assert_eq!(worker_count(&small, &quick, 1), 1);
    assert_eq!(worker_count(&small, &quick, 2), 1);
    assert_eq!(worker_count(&large, &quick, 2), 2);
    assert_eq!(worker_count(&large, &quick, 4), 3);
    let mut in_a_row = sweep(None);
    if let LabJob::Sweep { sweep, .. } = &mut in_a_row {
        sweep.base.promotion_after_checks = 2;
    }
    assert_eq!(worker_count(&small, &in_a_row, 2), 2);
}

#[test]
fn the_progress_of_a_sweep_is_its_parts_together() {
    let at = |done| JobProgress {
        stage: JobStage::Sweeping,
        done,
        total: 100,
    };
    let mut merge = ShardMerge::new(QueryId(1), 2);
    assert_eq!(
        merge.add(0, JobEvent::Progress(QueryId(1), at(10))),
        None,
        "the other's total is not known"
    );
    let both = |done| JobProgress { total: 200, ..at(done) };
    assert_eq!(
        merge.add(1, JobEvent::Progress(QueryId(1), at(40))),
        Some(JobEvent::Progress(QueryId(1), both(50)))
    );
    let failed = JobEvent::Done(QueryId(1), Err(JobError::NoSuchDomain));
    assert_eq!(merge.add(1, failed.clone()), Some(failed.clone()));
    assert_eq!(merge.add(0, failed), None, "said once");
}

#[test]
fn a_table_of_few_domains_is_one_shard() {
    let table = traffic::plausible(5, 3, 90);
    assert_eq!(split_into_shards(&table, 8), std::slice::from_ref(&(0..3)));
    assert_eq!(
        split_into_shards(&traffic::plausible(5, 0, 90), 8),
        std::slice::from_ref(&(0..0))
    );
}
