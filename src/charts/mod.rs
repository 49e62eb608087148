//! Charts: how they are drawn. What they hold is in `poolkeeper_view::charts`.

mod chart;
mod draw;
pub(crate) mod save;
mod spark;
mod table_toggle;

pub(crate) use chart::Chart;
pub(crate) use spark::Spark;
pub(crate) use table_toggle::AsTable;
