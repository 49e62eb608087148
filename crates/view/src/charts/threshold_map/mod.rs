//! The map of a sweep: its settings, layout, colours and texts.

mod axis;
mod layout;
mod paint;
mod readout;
mod slider_steps;
mod table;
mod view_state;
mod words;

pub use axis::{AxisChoice, AxisRange, AxisSpacing};
pub use layout::{AxisTick, PlotArea, PolicyMark, mark, place, ticks};
pub use paint::{Rgb, heatmap_color, outline, outline_path, pixels, strip_path};
pub use readout::{BestCells, Neighbourhood, around, best, grids, wants_most};
pub use slider_steps::{minimums, nearest};
pub use table::{sampled, sheet};
pub use view_state::{HoldoutSplit, MapViewState};
pub use words::{around_b, counted, holdout, lower, map_note, mark_note, outcome_unit, readout, slow};
