//! The sweep: replays a grid of ten thousand policies over the same traffic at once.

mod bits;
mod bits_count;
mod bits_flaps;
mod bits_run;
mod difference_array;
mod domain_days;
mod flaps;
mod grid;
mod holdout;
mod outcome;
mod plan;
mod quiet_rates;
mod rate_code;
mod regions;
mod run;
mod spec;
mod staircase;
mod staircase_run;
mod staircase_sweep;
#[cfg(not(target_family = "wasm"))]
mod threads;
mod threshold_lookup;
mod timeline;
mod two_metric;
mod votes_in_a_row;
mod windows;

pub use grid::Grid;
pub use holdout::{Holdout, HoldoutCell, holdout};
pub use outcome::{GridMismatch, PartialGrid, SweepOutcome, SweepOutcomes};
pub use regions::{EdgeLine, Plateau, Plateaus, borders, contour, levels, plateaus};
pub use run::{OnDomains, SlowReason, SweepError, SweepInput, SweepMethod, sweep, sweep_range};
pub(crate) use run::{Sweeper, can_use_staircases};
pub use spec::{Axis, AxisParam, GoodThreshold, InvalidSweep, MAX_CELLS, MAX_DAYS, MAX_VALUES, Sweep};
#[cfg(not(target_family = "wasm"))]
pub use threads::sweep_on_threads;
pub use timeline::SweepTimeline;
pub use windows::WindowRates;
