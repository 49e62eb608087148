//! Typed queries. The client encodes them, and the simulator's server decodes them strictly.

mod lists;
mod metrics;
mod params;
mod senders;

pub(super) use lists::state_word;
pub use lists::{
    AccountDomainsQuery, AssignableQuery, DomainsQuery, HistoryQuery, IpsQuery, SortBy, SortOrder, SubaccountsQuery,
    WarmUpsQuery,
};
pub use metrics::{MetricsFilter, MetricsPeriod, MetricsQuery};
pub use params::{InvalidParam, RequestParams};
pub use senders::{IpDomainsQuery, PoolDomainsQuery};
