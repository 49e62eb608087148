//! Backtests: replays one policy over the traffic, by domain and by day.
//!
//! The [fast](fast) path takes domains that stay enrolled and are never pinned. The [exact](exact) path takes the rest,
//! event by event. Both give the same moves.

mod demotion_filter;
mod enrolment;
mod exact;
mod fast;
mod incremental;
mod options;
mod result;
mod startup;

pub(crate) use enrolment::{EnrolmentState, EventEffect};
pub(crate) use incremental::backtest_domain;
pub use incremental::{BacktestRun, backtest, backtest_domains};
pub use options::{Overrides, ReplayData, ReplayOptions};
pub use result::{Backtest, BacktestTotals, BandMove, Cause, Deciding, DomainResult, FLAP_DAYS};
pub use startup::startup_days;
