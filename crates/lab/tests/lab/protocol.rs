//! Page and worker without a browser: messages go from one end to the other by hand, as bytes.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use poolkeeper_core::health::{Metric, Policy};
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::protocol::message::{FromLab, ToLab};
use poolkeeper_lab::protocol::request_queue::RequestQueue;
use poolkeeper_lab::protocol::session::WorkerSession;
use poolkeeper_lab::protocol::shard_merge::{ShardMerge, share_of, shares, workers};
use poolkeeper_lab::protocol::upload::{Upload, UploadRange};
use poolkeeper_lab::sweep::{Axis, GoodThreshold, Knob, Sweep, SweepOutcomes};
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
    let poor = |metric| Knob::PoorAtLeast {
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

/// A worker without a browser: messages of the page wait for it.
#[derive(Default)]
struct Worker {
    reception: WorkerSession,
    inbox: VecDeque<ToLab>,
    most_waiting: usize,
}

impl Worker {
    fn post(&mut self, messages: Vec<ToLab>) {
        self.inbox.extend(messages.iter().map(as_bytes));
        self.most_waiting = self.most_waiting.max(self.inbox.len());
    }

    /// Runs until there is nothing left to do; what it says about jobs. `outbox` hears what has arrived.
    fn rest(&mut self, outbox: &mut Upload) -> Vec<JobEvent> {
        let mut said = Vec::new();
        loop {
            let told: Vec<FromLab> = match self.inbox.pop_front() {
                Some(message) => self.reception.take(message),
                None if self.reception.is_busy() => self.reception.work(0.0).into_iter().collect(),
                None => return said,
            };
            for message in told {
                match as_bytes(&message) {
                    FromLab::Taken { load } => self.post(outbox.taken(load)),
                    FromLab::Answer(answer) => said.push(answer),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

fn done(answers: &[JobEvent]) -> Vec<(u64, Result<JobResult, JobError>)> {
    let done = answers.iter().filter_map(|answer| match answer {
        JobEvent::Done(ticket, result) => Some((ticket.0, result.clone())),
        JobEvent::Progress(..) => None,
    });
    done.collect()
}

#[test]
fn traffic_crosses_in_parts_and_the_question_waits_for_the_last() {
    // 300 000 domain-days are five parts.
    let table = Arc::new(traffic::plausible(1, 3_000, 100));
    let (mut outbox, mut worker) = (Upload::default(), Worker::default());
    assert_eq!(
        outbox.load(load(&table, 0..3_000)),
        [],
        "nothing goes before the worker runs"
    );
    assert_eq!(outbox.ask(QueryId(7), backtest(1)), []);
    worker.post(outbox.ready());
    let answers = worker.rest(&mut outbox);
    assert_eq!(done(&answers), [(7, Ok(run(&table, &backtest(1))))]);
    assert!(worker.most_waiting <= 3, "the opening and two parts at a time");
    // The traffic does not go again.
    let second = outbox.ask(QueryId(8), LabJob::Digest);
    assert!(matches!(second.as_slice(), [ToLab::Do { .. }]));
    worker.post(second);
    let answers = worker.rest(&mut outbox);
    assert_eq!(done(&answers), [(8, Ok(run(&table, &LabJob::Digest)))]);
}

#[test]
fn other_traffic_takes_the_place_of_what_was_on_its_way() {
    let (first, second) = (
        Arc::new(traffic::plausible(1, 3_000, 100)),
        Arc::new(traffic::plausible(2, 2_000, 90)),
    );
    let (mut outbox, mut worker) = (Upload::default(), Worker::default());
    worker.post(outbox.ready());
    worker.post(outbox.load(load(&first, 0..3_000)));
    worker.post(outbox.ask(QueryId(1), LabJob::Coverage));
    worker.post(outbox.load(load(&second, 500..1_700)));
    worker.post(outbox.ask(QueryId(2), LabJob::Coverage));
    let part = Arc::new(second.part(500..1_700).unwrap());
    let answers = worker.rest(&mut outbox);
    assert_eq!(done(&answers), [(2, Ok(run(&part, &LabJob::Coverage)))]);
}

#[test]
fn a_worker_that_takes_anothers_place_gets_the_traffic_anew() {
    let table = Arc::new(traffic::plausible(1, 1_000, 90));
    let mut outbox = Upload::default();
    let mut worker = Worker::default();
    worker.post(outbox.ready());
    worker.post(outbox.load(load(&table, 0..1_000)));
    worker.rest(&mut outbox);
    outbox.lost();
    assert_eq!(outbox.ask(QueryId(3), backtest(5)), []);
    let mut another = Worker::default();
    another.post(outbox.ready());
    let answers = another.rest(&mut outbox);
    assert_eq!(done(&answers), [(3, Ok(run(&table, &backtest(5))))]);
}

#[test]
fn a_newer_question_stops_the_older_at_the_next_step() {
    let table = Arc::new(traffic::plausible(1, 8_000, 90));
    let (mut outbox, mut worker) = (Upload::default(), Worker::default());
    worker.post(outbox.ready());
    worker.post(outbox.load(load(&table, 0..8_000)));
    worker.rest(&mut outbox);
    worker.post(outbox.ask(QueryId(1), backtest(1)));
    let begin = worker.inbox.pop_front().unwrap();
    assert_eq!(worker.reception.take(begin), []);
    // Told after 50 ms, not sooner.
    assert_eq!(worker.reception.work(0.0), None);
    assert_eq!(worker.reception.work(49.0), None);
    assert!(matches!(
        worker.reception.work(50.0),
        Some(FromLab::Answer(JobEvent::Progress(QueryId(1), _)))
    ));
    assert_eq!(worker.reception.work(90.0), None);
    worker.post(outbox.ask(QueryId(2), backtest(2)));
    let answers = worker.rest(&mut outbox);
    assert_eq!(
        done(&answers),
        [(1, Err(JobError::Stopped)), (2, Ok(run(&table, &backtest(2))))]
    );
    worker.post(outbox.ask(QueryId(3), backtest(3)));
    worker.post(outbox.stop());
    assert_eq!(done(&worker.rest(&mut outbox)), [(3, Err(JobError::Stopped))]);
}

#[test]
fn a_worker_without_traffic_says_so() {
    let (mut outbox, mut worker) = (Upload::default(), Worker::default());
    worker.post(outbox.ready());
    worker.post(outbox.ask(QueryId(1), LabJob::Coverage));
    assert_eq!(done(&worker.rest(&mut outbox)), [(1, Err(JobError::NoTraffic))]);
}

#[test]
fn seats_take_turns() {
    let mut line = RequestQueue::default();
    assert_eq!(line.ask("a", backtest(1), 0.0), None);
    assert_eq!(line.ask("b", backtest(2), 0.0), None);
    assert_eq!(line.take_turn(0.0), Some((QueryId(1), backtest(1))));
    assert_eq!(line.take_turn(0.0), None, "one at a time");
    // A waiting question gives way at once, and its place with it.
    assert_eq!(line.ask("c", backtest(3), 0.0), None);
    assert_eq!(line.ask("b", backtest(4), 0.0), None);
    assert_eq!(line.seat_of(QueryId(1)), Some("a"));
    assert_eq!(line.end(QueryId(1)).unwrap().seat, "a");
    assert_eq!(line.take_turn(0.0), Some((QueryId(3), backtest(3))));
    assert_eq!(line.end(QueryId(1)), None, "answers of the past belong to nobody");
    assert!(line.stop("c"));
    assert_eq!(line.take_turn(0.0), Some((QueryId(4), backtest(4))));
}

#[test]
fn a_question_under_way_may_end_for_a_while_when_its_seat_asks_anew() {
    let mut line = RequestQueue::default();
    line.ask("a", backtest(1), 0.0);
    line.take_turn(0.0);
    assert_eq!(
        line.ask("a", backtest(2), 10.0),
        Some((QueryId(1), 40.0)),
        "its grace begins"
    );
    assert_eq!(line.ask("a", backtest(3), 30.0), None, "and is not made longer");
    assert_eq!(line.end(QueryId(1)).unwrap().job, backtest(1), "it may be answered");
    assert!(!line.hurry(QueryId(1)));
    assert_eq!(
        line.take_turn(100.0),
        Some((QueryId(3), backtest(3))),
        "the newest is next, the one between never"
    );
    assert_eq!(
        line.ask("a", backtest(4), 145.0),
        Some((QueryId(3), 15.0)),
        "60 ms from its start"
    );
    assert!(line.hurry(QueryId(3)), "its grace has ended");
    assert_eq!(line.end(QueryId(3)), None);
    assert_eq!(line.take_turn(160.0), Some((QueryId(4), backtest(4))));
    assert_eq!(
        line.ask("a", backtest(5), 400.0),
        Some((QueryId(4), 0.0)),
        "what takes long has none left"
    );
    assert!(line.stop("a"));
    assert_eq!(line.take_turn(400.0), None);
}

#[test]
fn parts_of_a_sweep_add_up_to_the_whole() {
    let table = Arc::new(traffic::plausible(5, 9_000, 90));
    // 810 000 domain-days: worth three workers.
    assert_eq!(shares(&table, 1), std::slice::from_ref(&(0..9_000)));
    let cut = shares(&table, 64);
    assert_eq!(cut, [0..3_000, 3_000..6_000, 6_000..9_000]);
    for job in [sweep(None), sweep(Some(2_000..6_500))] {
        let whole = run(&table, &job);
        let parts = cut.iter().map(|held| {
            let part = Arc::new(table.part(held.clone()).unwrap());
            run(&part, &share_of(&job, held))
        });
        let mut gather = ShardMerge::new(QueryId(4), 3);
        let mut said = Vec::new();
        for (share, part) in parts.enumerate() {
            assert_eq!(
                gather.take(share, JobEvent::Done(QueryId(3), Ok(part.clone()))),
                None,
                "an older sweep's"
            );
            said.extend(gather.take(share, JobEvent::Done(QueryId(4), Ok(part))));
        }
        assert_eq!(said, [JobEvent::Done(QueryId(4), Ok(whole))]);
    }
}

#[test]
fn a_core_is_left_to_the_page_where_a_sweep_fits_in_a_frame_without_it() {
    let small = traffic::plausible(5, 9_000, 90);
    let large = traffic::plausible(5, 30_000, 90);
    let quick = sweep(None);
    assert_eq!(workers(&small, &quick, 1), 1);
    assert_eq!(workers(&small, &quick, 2), 1);
    assert_eq!(workers(&large, &quick, 2), 2);
    assert_eq!(workers(&large, &quick, 4), 3);
    let mut in_a_row = sweep(None);
    if let LabJob::Sweep { sweep, .. } = &mut in_a_row {
        sweep.base.promotion_after_checks = 2;
    }
    assert_eq!(workers(&small, &in_a_row, 2), 2);
}

#[test]
fn the_progress_of_a_sweep_is_its_parts_together() {
    let at = |done| JobProgress {
        stage: JobStage::Sweeping,
        done,
        total: 100,
    };
    let mut gather = ShardMerge::new(QueryId(1), 2);
    assert_eq!(
        gather.take(0, JobEvent::Progress(QueryId(1), at(10))),
        None,
        "the other's total is not known"
    );
    let both = |done| JobProgress { total: 200, ..at(done) };
    assert_eq!(
        gather.take(1, JobEvent::Progress(QueryId(1), at(40))),
        Some(JobEvent::Progress(QueryId(1), both(50)))
    );
    let failed = JobEvent::Done(QueryId(1), Err(JobError::NoSuchDomain));
    assert_eq!(gather.take(1, failed.clone()), Some(failed.clone()));
    assert_eq!(gather.take(0, failed), None, "said once");
}

#[test]
fn a_table_of_few_domains_is_one_share() {
    let table = traffic::plausible(5, 3, 90);
    assert_eq!(shares(&table, 8), std::slice::from_ref(&(0..3)));
    assert_eq!(shares(&traffic::plausible(5, 0, 90), 8), std::slice::from_ref(&(0..0)));
}
