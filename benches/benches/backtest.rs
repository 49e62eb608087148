//! What a backtest costs, in nanoseconds a domain-day, at three sizes, and what a slider's comparison costs. `cargo bench --no-default-features --bench backtest`
#![expect(missing_docs, reason = "what criterion's macros make")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(clippy::unwrap_used, reason = "figures for people")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use poolkeeper_benches::{sweep_bench, traffic};
use poolkeeper_core::health::{Policy, Preset};
use poolkeeper_lab::{Lab, LabJob, ReplayOptions, backtest};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};
use sweep_bench::{HEADING, Row};

fn backtests(criterion: &mut Criterion) {
    let policies = [
        ("backtest", Policy::default()),
        (
            "backtest, a check every 3 days",
            Policy {
                check_every_days: 3,
                ..Policy::default()
            },
        ),
        (
            "backtest, 7 votes in a row",
            Preset::by_id("gmail-yahoo").unwrap().policy(),
        ),
    ];
    println!("{HEADING}");
    for (domains, days) in [(10_000, 90), (100_000, 90), (10_000, 365)] {
        let table = traffic::traffic(domains, days, 7);
        let cells = domains as u64 * u64::from(days);
        let mut group = criterion.benchmark_group(format!("backtest {domains}x{days}"));
        group.throughput(Throughput::Elements(cells)).sample_size(20);
        for (name, policy) in &policies {
            let mut took = Took::default();
            group.bench_function(*name, |bencher| {
                bencher.iter_custom(|rounds| {
                    took.rounds(rounds, || backtest(&table, policy, &ReplayOptions::default()).unwrap())
                });
            });
            took.print(name, domains, days);
        }
        group.finish();
    }
}

/// What a slider costs: another B each time, against the same A.
fn comparisons(criterion: &mut Criterion) {
    let table = Arc::new(traffic::traffic(10_000, 90, 7));
    let mut group = criterion.benchmark_group("compare 10000x90");
    group.sample_size(20);
    let mut lab = Lab::new(table, None);
    let mut minimum_processed = 1_000;
    let mut took = Took::default();
    group.bench_function("another B, the same A", |bencher| {
        bencher.iter_custom(|rounds| {
            took.rounds(rounds, || {
                minimum_processed += 1;
                let job = LabJob::Compare {
                    a: Policy::default(),
                    b: Policy {
                        minimum_processed,
                        ..Policy::default()
                    },
                    options: ReplayOptions::default(),
                    ips: None,
                };
                lab.run(&job, &mut |_| ControlFlow::Continue(())).unwrap()
            })
        });
    });
    group.finish();
    took.print("compare, another B with the same A", 10_000, 90);
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

    fn print(mut self, what: &'static str, domains: usize, days: u32) {
        self.seconds.sort_by(f64::total_cmp);
        let ms = |at: usize| self.seconds.get(at).map_or(f64::NAN, |seconds| seconds * 1e3);
        let row = Row {
            what,
            domains,
            days,
            policies: 1,
            median_ms: ms(self.seconds.len() / 2),
            ms: ms(0),
        };
        println!("{}", row.line("native"));
    }
}

criterion_group!(benches, backtests, comparisons);
criterion_main!(benches);
