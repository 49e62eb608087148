//! Charts: content and geometry, apart from drawing.

pub mod data;
pub mod geometry;
pub mod map;

pub use data::{ChartData, ChartKind, ChartSeries, ChartUnit, LimitLine, SeriesColor, XAxis};
