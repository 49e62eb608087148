//! The page's end of the lab without its page: traffic of any size, and questions about it, for scripts.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

use js_sys::Function;
use poolkeeper_benches::{sweep_bench, traffic};
use poolkeeper_core::health::{BelowMinimum, Policy};
use poolkeeper_core::traffic::Table;
use poolkeeper_lab::sweep::{SweepOutcome, SweepMethod, Sweep, WindowRates};
use poolkeeper_lab::{LabJob, Lab, ReplayOptions};
use poolkeeper_worker::{WorkerPool, PoolEvent};
use std::cell::Cell;
use std::hash::{DefaultHasher, Hasher};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use sweep_bench::{Size, three, thresholds};
use wasm_bindgen::prelude::*;

/// Traffic, and whom to ask about it.
#[wasm_bindgen]
pub struct Asker {
    table: Arc<Table>,
    crew: WorkerPool<u32>,
    is_silent: Rc<Cell<bool>>,
}

/// Thresholds an axis.
const STEPS: usize = 100;

/// A question. `kind` is one of those below; `variant` makes one differ from the next.
fn job(kind: &str, variant: u32) -> LabJob {
    let policy = Policy {
        minimum_processed: 1_000 + u64::from(variant),
        ..Policy::default()
    };
    let options = ReplayOptions::default();
    let grid = Sweep {
        base: policy.clone(),
        ..thresholds(STEPS, three())
    };
    let sweep = |sweep| LabJob::Sweep {
        sweep: Box::new(sweep),
        options: ReplayOptions::default(),
        a: None,
        split_day: None,
        domains: None,
    };
    match kind {
        "coverage" => LabJob::Coverage,
        "backtest" => LabJob::Backtest { policy, options },
        // The same A each time.
        "compare" => LabJob::Compare {
            a: Policy::default(),
            b: policy,
            options,
            ips: None,
        },
        // The windows stay.
        "sweep" => sweep(grid),
        // They do not.
        "sweep, another window" => sweep(Sweep {
            base: Policy {
                window_days: 1 + variant % 14,
                ..policy
            },
            ..grid
        }),
        // Flaps of domains that go back to new: what no staircase tells.
        "sweep by bits" => sweep(Sweep {
            base: Policy {
                below_minimum: BelowMinimum::New,
                ..policy
            },
            outcomes: three_and_flaps(),
            ..grid
        }),
        _ => panic!("there is no {kind}"),
    }
}

/// What made this one differ.
fn variant_of(job: &LabJob) -> f64 {
    let policy = match job {
        LabJob::Backtest { policy, .. } | LabJob::Compare { b: policy, .. } => policy,
        LabJob::Sweep { sweep, .. } => &sweep.base,
        _ => return 0.0,
    };
    (policy.minimum_processed - 1_000) as f64
}

fn three_and_flaps() -> poolkeeper_lab::sweep::SweepOutcomes {
    let three = three();
    SweepOutcome::ALL
        .into_iter()
        .filter(|outcome| three.has(*outcome) || *outcome == SweepOutcome::Flaps)
        .collect()
}

/// What came of a question, short: a hash of all of it.
fn digest(outcome: &poolkeeper_lab::JobResult) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(&postcard::to_allocvec(outcome).unwrap());
    format!("{:016x}", hasher.finish())
}

#[wasm_bindgen]
impl Asker {
    /// Traffic of so many domains and days; a sweep's work is shared by so many workers, or as many as there are cores for 0.
    /// `tell` is called with a seat's number, `progress`, `done` or `failed`, then a share, a digest of the answer
    /// (nothing after [`Asker::be_silent`]) or why there is none, and the question's variant.
    #[wasm_bindgen(constructor)]
    pub fn new(domains: usize, days: u32, workers: usize, tell: Function) -> Self {
        console_error_panic_hook::set_once();
        let is_silent = Rc::new(Cell::new(false));
        let silent = Rc::clone(&is_silent);
        let digest = move |outcome: &_| if silent.get() { String::new() } else { digest(outcome) };
        let tell = move |seat: u32, news| {
            let (what, value, variant) = match news {
                PoolEvent::Progress(progress) => {
                    let share = progress.done as f64 / progress.total as f64;
                    ("progress", JsValue::from(share), JsValue::UNDEFINED)
                }
                PoolEvent::Done(job, Ok(outcome)) => ("done", digest(&outcome).into(), variant_of(&job).into()),
                PoolEvent::Done(job, Err(error)) => ("failed", error.to_string().into(), variant_of(&job).into()),
            };
            tell.call4(&JsValue::NULL, &seat.into(), &what.into(), &value, &variant)
                .unwrap();
        };
        let crew = WorkerPool::new(tell);
        Self {
            table: Arc::new(traffic::traffic(domains, days, 7)),
            crew: if workers > 0 { crew.at_most(workers) } else { crew },
            is_silent,
        }
    }

    /// Makes no digests from now on: they take time that is not the lab's.
    pub fn be_silent(&self) {
        self.is_silent.set(true);
    }

    /// Milliseconds of so many sweeps of the three outcomes with one bit a policy: here, in the page, since the lab takes
    /// another way for them.
    pub fn by_bits(&self, clock: &Function, tries: usize) -> Vec<f64> {
        let clock = || clock.call0(&JsValue::NULL).unwrap().as_f64().unwrap();
        let size = Size {
            windows: WindowRates::new(&self.table, Policy::default().window_days, 1),
            table: (*self.table).clone(),
            timeline: None,
        };
        let grid = thresholds(STEPS, three());
        let row = size.sweep(&clock, "", &grid, SweepMethod::Bits, tries);
        vec![row.ms, row.median_ms]
    }

    /// Looks at the traffic, for the first time or anew.
    pub fn load(&self) {
        self.crew.load(Arc::clone(&self.table), None);
    }

    /// A seat asks.
    pub fn ask(&self, seat: u32, kind: &str, variant: u32) {
        self.crew.ask(seat, job(kind, variant));
    }

    /// A seat wants its answer no more.
    pub fn stop(&self, seat: u32) {
        self.crew.stop(seat);
    }

    /// The digest of what the same engine says here and now.
    pub fn here(&self, kind: &str, variant: u32) -> String {
        let mut lab = Lab::new(Arc::clone(&self.table), None);
        digest(
            &lab.run(&job(kind, variant), &mut |_| ControlFlow::Continue(()))
                .unwrap(),
        )
    }

    /// The traffic's column: 0 processed, 1 delivered, 2 bounced, 3 complained; domain by domain.
    pub fn column(&self, which: usize) -> Vec<u32> {
        let columns = self.table.columns_of(0..self.table.domains().len()).unwrap();
        [
            columns.processed,
            columns.delivered,
            columns.bounced,
            columns.complained,
        ][which]
            .to_vec()
    }

    /// The policies of the sweeps, for a plain loop, seven numbers each: bounce good and poor, complaint good and poor (parts
    /// per million), fewest complaints, minimum processed, window days.
    pub fn policies(&self) -> Vec<f64> {
        let grid = thresholds(STEPS, three());
        (0..STEPS * STEPS)
            .flat_map(|cell| {
                let policy = grid.policy_at(cell % STEPS, cell / STEPS).unwrap();
                let (bounce, complaint) = (policy.bounce.unwrap(), policy.complaint.unwrap());
                [
                    f64::from(bounce.good_at_most_ppm),
                    f64::from(bounce.poor_at_least_ppm),
                    f64::from(complaint.good_at_most_ppm),
                    f64::from(complaint.poor_at_least_ppm),
                    complaint.poor_min_events as f64,
                    policy.minimum_processed as f64,
                    f64::from(policy.window_days),
                ]
            })
            .collect()
    }

    /// The sweep's planes, one after another: days in poor, moves, ends in poor.
    pub fn planes(&self) -> Vec<f64> {
        let mut lab = Lab::new(Arc::clone(&self.table), None);
        let outcome = lab.run(&job("sweep", 0), &mut |_| ControlFlow::Continue(())).unwrap();
        let poolkeeper_lab::JobResult::Sweep(grid) = outcome else {
            panic!("{outcome:?}")
        };
        use poolkeeper_core::model::Band;
        [SweepOutcome::Days(Band::Poor), SweepOutcome::Moves, SweepOutcome::Ending(Band::Poor)]
            .into_iter()
            .flat_map(|outcome| grid.plane(outcome).unwrap().to_vec())
            .map(|count| count as f64)
            .collect()
    }
}

/// Gigabytes a second that one thread reads from memory.
#[wasm_bindgen]
pub fn read_bandwidth(clock: &Function, megabytes: usize) -> f64 {
    let clock = || clock.call0(&JsValue::NULL).unwrap().as_f64().unwrap();
    sweep_bench::read_bandwidth(&clock, megabytes)
}
