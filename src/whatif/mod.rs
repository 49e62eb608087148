//! The what-if lab: what would another policy, or ten thousand others, have done to this traffic?
//!
//! Plain functions over a [`Table`](crate::traffic::Table), the same natively, in a worker and inline:
//!
//! - [`coverage`](fn@coverage) says what the traffic holds and lacks;
//! - [`backtest`](fn@backtest) replays a policy over it, exactly as the simulator's checks would have run;
//! - [`sweep`] does so for a whole grid of policies at once.
//!
//! Two conventions hold everywhere. **Days**: a day counts for the band the day *ends* in, after its check. **Messages**:
//! a day's processed messages count for the band the domain was in *before* that day's check, because that is the pool
//! they left from.

mod backtest;
mod coverage;
mod kernel;
mod replay;
pub mod sweep;
mod timeline;

pub use crate::sim::PerBand;
pub use backtest::{
    Backtest, BacktestError, Cause, Data, Deciding, DomainResult, FLAP_DAYS, Move, Options, Overrides, Totals,
    backtest, backtest_domains, backtest_watched,
};
pub use coverage::{Coverage, coverage};
pub use timeline::{DomainEvent, DomainEventKind, Timeline};
