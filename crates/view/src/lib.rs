//! What the console knows without a browser: filters, texts, chart geometry, addresses, exports.

pub mod charts;
pub mod export;
pub mod figures;
pub mod filters;
pub mod lab;
pub mod last_moves;
pub mod replacement;
pub mod routes;
mod sort;
pub mod study;
pub mod verdict;
pub mod ways;
pub mod window;

pub use sort::Sort;
