//! Charts: content and geometry, apart from drawing.

pub mod data;
pub mod geometry;
pub mod threshold_map;

pub use data::{ChartData, ChartKind, ChartSeries, ChartUnit, LimitLine, SeriesColor, XAxis};
