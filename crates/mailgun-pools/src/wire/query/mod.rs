//! Typed filters. Each turns into query pairs for the client and is read back, strictly, by the simulator's server.

mod lists;
mod metrics;
mod params;

pub use lists::{
    AssignableQuery, DomainsQuery, HistoryQuery, IpsQuery, SortBy, SortOrder, SubaccountsQuery, WarmUpsQuery,
};
pub use metrics::{MetricsFilter, MetricsPeriod, MetricsQuery};
pub use params::{InvalidParam, RequestParams};
