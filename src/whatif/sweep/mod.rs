//! The sweep: ten thousand policies over the same traffic at once.

mod bits;
mod bits_count;
mod bounds;
mod grid;
mod levels;
mod outcome;
mod plan;
mod run;
mod spec;
mod stairs;
mod tally;
mod votes;
mod windows;

pub use grid::Grid;
pub use outcome::{Mismatch, Outcome, Outcomes, Partial};
pub use run::{Input, Path, Progress, SweepError, sweep, sweep_range};
pub use spec::{Axis, Good, InvalidSweep, Knob, MOST_CELLS, MOST_DAYS, MOST_VALUES, Sweep};
pub use windows::Windows;
