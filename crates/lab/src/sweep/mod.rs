//! The sweep: ten thousand policies over the same traffic at once.

mod bits;
mod bits_count;
mod bounds;
mod code;
mod flaps;
mod grid;
mod holdout;
mod levels;
mod outcome;
mod pair;
mod plan;
mod regions;
mod run;
mod spec;
mod stairs;
mod steps;
mod tally;
#[cfg(not(target_family = "wasm"))]
mod threads;
mod votes;
mod windows;

pub use grid::Grid;
pub use holdout::{Holdout, HoldoutCell, holdout};
pub use outcome::{GridMismatch, PartialGrid, SweepOutcome, SweepOutcomes};
pub use regions::{EdgeLine, Plateau, Plateaus, borders, contour, levels, plateaus};
pub use run::{OnDomains, SlowReason, SweepError, SweepInput, SweepMethod, sweep, sweep_range};
pub(super) use run::{Sweeper, takes_staircases};
pub use spec::{Axis, GoodThreshold, InvalidSweep, Knob, MOST_CELLS, MOST_DAYS, MOST_VALUES, Sweep};
#[cfg(not(target_family = "wasm"))]
pub use threads::sweep_on_threads;
pub use windows::WindowRates;
