//! What a backtest costs, in nanoseconds a domain-day, at three sizes, and what a slider's comparison costs. `cargo bench --no-default-features --bench backtest`
#![expect(missing_docs, reason = "what criterion's macros make")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(clippy::unwrap_used, clippy::cast_precision_loss, reason = "figures for people")]

#[path = "../tests/support/traffic.rs"]
mod traffic;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use poolkeeper::health::{Policy, Preset};
use poolkeeper::whatif::{Job, Lab, Options, backtest};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn backtests(criterion: &mut Criterion) {
    let policies = [
        ("default", Policy::default()),
        (
            "every 3 days",
            Policy {
                check_every_days: 3,
                ..Policy::default()
            },
        ),
        ("counts 7 votes", Preset::by_id("gmail-yahoo").unwrap().policy()),
    ];
    for (domains, days) in [(10_000, 90), (100_000, 90), (10_000, 365)] {
        let table = traffic::plausible(1, domains, days);
        let cells = domains as u64 * u64::from(days);
        let mut group = criterion.benchmark_group(format!("backtest {domains}x{days}"));
        group.throughput(Throughput::Elements(cells)).sample_size(20);
        for (name, policy) in &policies {
            let mut took = Took::default();
            group.bench_function(*name, |bencher| {
                bencher.iter_custom(|rounds| {
                    took.rounds(rounds, || backtest(&table, policy, &Options::default()).unwrap())
                });
            });
            let [mean, best] = took.mean_and_best().map(|seconds| seconds * 1e9 / cells as f64);
            println!("backtest {domains}x{days}, {name}: {mean:.2} ns per domain-day, {best:.2} at best");
        }
        group.finish();
    }
}

/// What a slider costs: another B each time, against the same A.
fn comparisons(criterion: &mut Criterion) {
    let table = Arc::new(traffic::plausible(1, 10_000, 90));
    let mut group = criterion.benchmark_group("compare 10000x90");
    group.sample_size(20);
    let mut lab = Lab::new(table, None);
    let mut minimum_processed = 1_000;
    let mut took = Took::default();
    group.bench_function("another B, the same A", |bencher| {
        bencher.iter_custom(|rounds| {
            took.rounds(rounds, || {
                minimum_processed += 1;
                let job = Job::Compare {
                    a: Policy::default(),
                    b: Policy {
                        minimum_processed,
                        ..Policy::default()
                    },
                    options: Options::default(),
                    ips: None,
                };
                lab.run(&job, &mut |_| ControlFlow::Continue(())).unwrap()
            })
        });
    });
    group.finish();
    let [mean, best] = took.mean_and_best().map(|seconds| seconds * 1e3);
    println!("compare 10000x90, another B, the same A: {mean:.1} ms, {best:.1} at best");
}

/// Seconds of many rounds.
#[derive(Default)]
struct Took {
    seconds: Vec<f64>,
}

impl Took {
    fn rounds<T>(&mut self, rounds: u64, mut run: impl FnMut() -> T) -> Duration {
        let before = Instant::now();
        for _ in 0..rounds {
            let started = Instant::now();
            std::hint::black_box(run());
            self.seconds.push(started.elapsed().as_secs_f64());
        }
        before.elapsed()
    }

    fn mean_and_best(&self) -> [f64; 2] {
        let mean = self.seconds.iter().sum::<f64>() / self.seconds.len().max(1) as f64;
        [mean, self.seconds.iter().copied().fold(f64::INFINITY, f64::min)]
    }
}

criterion_group!(benches, backtests, comparisons);
criterion_main!(benches);
