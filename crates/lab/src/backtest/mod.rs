//! Backtests: what one policy would have done to the traffic, by domain and by day.
//!
//! Domains are replayed on one of two paths. The [fast](fast) one takes domains that stay enrolled and that nobody pinned;
//! the [exact](exact) one takes the rest, event by event. Both give the same moves.

mod demotion_filter;
mod exact;
mod fast;
mod incremental;
mod options;
mod result;

pub(crate) use incremental::backtest_domain;
pub use incremental::{BacktestRun, backtest, backtest_domains};
pub use options::{Overrides, ReplayData, ReplayOptions};
pub use result::{Backtest, BacktestTotals, BandMove, Cause, Deciding, DomainResult, FLAP_DAYS};
