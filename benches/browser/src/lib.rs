//! The native sweep benchmark's measurements, callable from a worker: `bench.mjs` builds and runs it.
//!
//! Build it twice, with and without `-Ctarget-feature=+simd128`, to compare the two.

#[path = "../../support/sweep_bench.rs"]
mod sweep_bench;
#[path = "../../support/traffic.rs"]
mod traffic;

use poolkeeper::health::Policy;
use poolkeeper::whatif::sweep::{Outcome, Outcomes, Path, Sweep};
use poolkeeper::model::Band;
use sweep_bench::{Size, three, thresholds};
use wasm_bindgen::prelude::*;

/// Traffic of one size, and the sweeps to time over it.
#[wasm_bindgen]
pub struct Bench {
    size: Size,
}

#[wasm_bindgen]
impl Bench {
    /// So many domains and days of the benchmark's traffic.
    #[wasm_bindgen(constructor)]
    pub fn new(domains: usize, days: u32) -> Self {
        Self {
            size: Size::new(domains, days),
        }
    }

    /// Milliseconds of the best of `tries`, by `clock`, a function that gives milliseconds. `what` is `windows`,
    /// `stairs`, `stairs-all` (every outcome), `stairs-row` (votes in a row), `bits` or `bits-row`; the grid is `steps`
    /// by `steps`. Not a number for anything else.
    pub fn measure(&self, clock: &js_sys::Function, what: &str, steps: usize, tries: usize) -> f64 {
        let clock = || clock.call0(&JsValue::NULL).ok().and_then(|ms| ms.as_f64()).unwrap_or(f64::NAN);
        let grid = thresholds(steps, three());
        let in_a_row = Sweep {
            base: Policy {
                promotion_after_checks: 3,
                demotion_after_checks: 2,
                ..Policy::default()
            },
            ..grid.clone()
        };
        let all = Sweep {
            outcomes: Outcomes::all_of_one_policy(),
            ..grid.clone()
        };
        let sweep = |sweep, path| self.size.sweep(&clock, "", sweep, path, tries).ms;
        match what {
            "windows" => self.size.windows(&clock, tries).ms,
            "stairs" => sweep(&grid, Path::Auto),
            "stairs-all" => sweep(&all, Path::Auto),
            "stairs-row" => sweep(&in_a_row, Path::Auto),
            "bits" => sweep(&grid, Path::Bits),
            "bits-row" => sweep(&in_a_row, Path::Bits),
            _ => f64::NAN,
        }
    }

    /// Gigabytes a second that this thread reads from memory.
    pub fn read_bandwidth(&self, clock: &js_sys::Function, megabytes: usize) -> f64 {
        let clock = || clock.call0(&JsValue::NULL).ok().and_then(|ms| ms.as_f64()).unwrap_or(f64::NAN);
        sweep_bench::read_bandwidth(&clock, megabytes)
    }

    /// The traffic's column: 0 processed, 1 delivered, 2 bounced, 3 complained; domain by domain.
    pub fn column(&self, which: usize) -> Vec<u32> {
        let table = &self.size.table;
        (0..table.domains().len())
            .filter_map(|domain| table.columns(domain))
            .flat_map(|columns| match which {
                0 => columns.processed,
                1 => columns.delivered,
                2 => columns.bounced,
                _ => columns.complained,
            })
            .copied()
            .collect()
    }

    /// The policy of a cell of the grid, as the numbers a plain loop needs: bounce good, bounce poor, complaint good,
    /// complaint poor (parts per million), fewest complaints, minimum processed, window days.
    pub fn policy(&self, steps: usize, x: usize, y: usize) -> Vec<f64> {
        let Some(policy) = thresholds(steps, three()).policy_at(x, y) else { return Vec::new() };
        let (Some(bounce), Some(complaint)) = (policy.bounce, policy.complaint) else { return Vec::new() };
        vec![
            bounce.good_at_most_ppm.into(),
            bounce.poor_at_least_ppm.into(),
            complaint.good_at_most_ppm.into(),
            complaint.poor_at_least_ppm.into(),
            complaint.poor_min_events as f64,
            policy.minimum_processed as f64,
            policy.window_days.into(),
        ]
    }

    /// The grid's count in a cell: days in poor, moves, ends in poor.
    pub fn cell(&self, steps: usize, x: usize, y: usize) -> Vec<f64> {
        let grid = thresholds(steps, three());
        let Some(partial) = sweep_bench::partial(&self.size.table, &self.size.windows, &grid, Path::Auto) else {
            return Vec::new();
        };
        [Outcome::Days(Band::Poor), Outcome::Moves, Outcome::Ending(Band::Poor)]
            .into_iter()
            .filter_map(|outcome| partial.plane(outcome)?.get(y * steps + x))
            .map(|count| *count as f64)
            .collect()
    }
}
