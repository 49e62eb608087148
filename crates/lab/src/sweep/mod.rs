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
pub use holdout::{Choice, Holdout, holdout};
pub use outcome::{Mismatch, Outcome, Outcomes, Partial};
pub use regions::{Line, Plateau, Plateaus, borders, contour, levels, plateaus};
pub use run::{Input, Path, Progress, Slow, SweepError, sweep, sweep_range};
pub(super) use run::{Sweeper, takes_staircases};
pub use spec::{Axis, Good, InvalidSweep, Knob, MOST_CELLS, MOST_DAYS, MOST_VALUES, Sweep};
#[cfg(not(target_family = "wasm"))]
pub use threads::sweep_on_threads;
pub use windows::Windows;
