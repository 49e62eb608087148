//! Charts: content and geometry apart from drawing.

pub mod data;
pub mod geometry;
pub mod map;

#[cfg(feature = "ui")]
mod chart;
#[cfg(feature = "ui")]
mod draw;
#[cfg(feature = "ui")]
pub mod save;
#[cfg(feature = "ui")]
mod spark;
#[cfg(feature = "ui")]
mod table_toggle;

#[cfg(feature = "ui")]
pub use chart::Chart;
#[cfg(feature = "ui")]
pub use spark::Spark;
#[cfg(feature = "ui")]
pub use table_toggle::AsTable;

pub use data::{Across, ChartData, Kind, Series, Threshold, Tone, Unit};
