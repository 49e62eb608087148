//! Where things stand in a chart. Pure: numbers in, numbers and path texts out.

mod outlier;
mod path;
mod run;
mod scale;
mod stack;
mod ticks;

pub use outlier::without_outlier;
pub use path::{area_path, line_path};
pub use run::{PointRun, label_sides, runs};
pub use scale::{LinearScale, nearest_index};
pub use stack::{Layer, stack};
pub use ticks::{day_ticks, nice_ticks};
