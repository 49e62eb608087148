//! Daily counts of many domains, in columns.
//!
//! What a CSV brings, what a simulated account made, what a live account's metrics answer: one [`Table`]. A day without a
//! row is a gap, not a zero: it adds nothing to a window and is counted where coverage is shown.

mod columns;
mod table;
mod window_index;

pub use columns::DomainColumns;
pub use table::{AddedRow, ColumnMismatch, CountOverflow, Table, TableDomain, WindowIndex};
pub use window_index::{BLOCK_DAYS, BlockSummary, CHUNK_DOMAINS, ChunkIndex, DomainSummary};
