//! The map of a sweep: what is asked, where things stand in it, its colours and its words. Pure.

mod axis;
mod paint;
mod place;
mod read;
mod setup;
mod slide;
mod table;
mod words;

pub use axis::{AxisChoice, AxisRange, AxisSpacing, Turn};
pub use paint::{Rgb, outline, outline_path, pixels, strip_path};
pub use place::{AxisTick, PlotArea, PolicyMark, mark, place, ticks};
pub use read::{BestCells, Neighbourhood, around, best, grids, wants_most};
pub use setup::{HoldoutSplit, MapViewState};
pub use slide::{minimums, nearest};
pub use table::{sampled, sheet};
pub use words::{
    around_b, axis_name, counted, holdout, lower, mark_note, outcome_name, outcome_unit, readout, slow, value, value_of,
};
