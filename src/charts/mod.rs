//! Charts: how they are drawn. What they hold is in `poolkeeper_view::charts`.

mod chart;
mod draw;
pub mod save;
mod spark;
mod table_toggle;

pub use chart::Chart;
pub use spark::Spark;
pub use table_toggle::AsTable;
