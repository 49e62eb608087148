//! What pages and components know that needs no browser: which rows are on screen, what filters let through, what changes
//! come to in words. It stands apart so that its tests run with the core's.

pub mod change;
pub mod filters;
pub mod forecast;
pub mod last_moves;
pub mod rates;
pub mod replacement;
pub mod sending;
mod sort;
pub mod verdict;
pub mod ways;
pub mod window;

pub use sort::Sort;

use crate::model::PoolName;

/// A pool as people call it: its band's word, or its name where that is not known.
#[must_use]
pub fn word(pool: &PoolName) -> &str {
    match pool.band() {
        Some(band) => band.word(),
        None => pool.as_str(),
    }
}
