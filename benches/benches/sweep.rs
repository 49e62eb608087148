//! `cargo bench --no-default-features --bench sweep`: the sweep's speed on this machine, best of several tries.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and reads the clock"
)]

use poolkeeper_benches::sweep_bench;
use poolkeeper_core::health::Policy;
use poolkeeper_lab::sweep::{Sweep, SweepMethod, SweepOutcomes};
use std::time::Instant;
use sweep_bench::{HEADING, Row, Size, read_bandwidth, three, thresholds};

/// Milliseconds this thread has run, where the system tells.
fn own_time_ms() -> Option<f64> {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1e6)
}

fn main() {
    let start = Instant::now();
    // On a busy machine the time this thread was given says more than the time that passed.
    let counts_own_time = std::env::args().any(|arg| arg == "--own-time");
    let clock = || match own_time_ms() {
        Some(ms) if counts_own_time => ms,
        _ => start.elapsed().as_secs_f64() * 1e3,
    };
    let only: Option<String> = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let wanted = |name: &str| only.as_deref().is_none_or(|only| name.contains(only));
    println!("{HEADING}");
    let bandwidth = read_bandwidth(&clock, 256);
    println!("| native | one thread reads {bandwidth:.1} GB/s | | | | | | | | |");
    let print = |row: Row| println!("{}", row.line("native"));
    let grid = thresholds(100, three());
    let all = Sweep {
        outcomes: SweepOutcomes::all_of_one_policy(),
        ..grid.clone()
    };
    let counting = Sweep {
        base: Policy {
            promotion_after_checks: 3,
            demotion_after_checks: 2,
            ..Policy::default()
        },
        ..grid.clone()
    };
    if wanted("10k") {
        let size = Size::new(10_000, 90);
        print(size.windows(&clock, 20));
        print(size.sweep(&clock, "staircases, three outcomes", &grid, SweepMethod::Auto, 40));
        print(size.sweep(&clock, "staircases, all outcomes", &all, SweepMethod::Auto, 20));
        print(size.sweep(
            &clock,
            "staircases, three outcomes, 3/2 in a row",
            &counting,
            SweepMethod::Auto,
            20,
        ));
        print(size.sweep(&clock, "bits, three outcomes", &grid, SweepMethod::Bits, 3));
        print(size.sweep(
            &clock,
            "bits, three outcomes, 3/2 in a row",
            &counting,
            SweepMethod::Bits,
            3,
        ));
        for (what, sweep) in [
            ("staircases, three outcomes, 1 in 5 enrolled later or pinned", &grid),
            ("staircases, all outcomes, 1 in 5 enrolled later or pinned", &all),
        ] {
            print(size.with_timeline(5).sweep(&clock, what, sweep, SweepMethod::Auto, 20));
        }
        print(size.naive(&clock, &grid, 10));
    }
    if wanted("scale") {
        for (domains, days) in [(1_000, 90), (100_000, 90), (10_000, 365)] {
            let size = Size::new(domains, days);
            print(size.windows(&clock, 5));
            print(size.sweep(&clock, "staircases, three outcomes", &grid, SweepMethod::Auto, 10));
        }
        let size = Size::new(10_000, 90);
        for steps in [10, 50, 200, 500] {
            let grid = thresholds(steps, three());
            print(size.sweep(&clock, "staircases, three outcomes", &grid, SweepMethod::Auto, 10));
        }
    }
}
