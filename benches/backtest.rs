//! What a backtest costs, in nanoseconds a domain-day, at three sizes. `cargo bench --no-default-features --bench backtest`
#![expect(missing_docs, reason = "what criterion's macros make")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(clippy::unwrap_used, clippy::cast_precision_loss, reason = "figures for people")]

#[path = "../tests/support/traffic.rs"]
mod traffic;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use poolkeeper::health::{Policy, Preset};
use poolkeeper::whatif::{Options, backtest};

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
            let mut spent = (0.0, 0_u64);
            group.bench_function(*name, |bencher| {
                bencher.iter_custom(|rounds| {
                    let started = std::time::Instant::now();
                    for _ in 0..rounds {
                        std::hint::black_box(backtest(&table, policy, &Options::default()).unwrap());
                    }
                    let took = started.elapsed();
                    spent = (spent.0 + took.as_secs_f64(), spent.1 + rounds);
                    took
                });
            });
            let ns = spent.0 * 1e9 / (spent.1.max(1) as f64 * cells as f64);
            println!("backtest {domains}x{days}, {name}: {ns:.2} ns per domain-day");
        }
        group.finish();
    }
}

criterion_group!(benches, backtests);
criterion_main!(benches);
