//! Daily counts of many domains, in columns.
//!
//! A CSV file, a simulated account and a live account's metrics all become one [`Table`]. A day without a row is a gap,
//! not a zero: it adds nothing to a window, and coverage counts it.

mod columns;
mod import_summary;
mod table;
mod window_index;

pub use columns::DomainColumns;
pub use import_summary::ImportSummary;
pub use table::{AddedRow, ColumnMismatch, CountOverflow, Table, TableDomain, WindowIndex};
pub use window_index::{BLOCK_DAYS, BlockSummary, CHUNK_DOMAINS, ChunkIndex, DomainSummary};
