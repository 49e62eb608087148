//! The values that all crates share.

mod band;
mod counts;
mod day;
mod entities;
mod ids;
mod invisible;
mod metrics;
mod rate;

pub use band::{Band, PoolName};
pub use counts::Counts;
pub use day::{Day, SECONDS_PER_DAY, Timestamp};
pub use entities::{
    AccountDomain, AssignableDomain, DedicatedPool, Domain, HistoryRecord, IpDetail, IpDomain, MetricRow, Pool,
    PoolDomain, PoolIps, Pools, Preview, PreviewMetric, Replacement, ReplacementIp, SendingStatus, Subaccount,
    SubaccountStatus, WarmUp,
};
pub use ids::{AccountId, DomainId, DomainName, InvalidDomainName, InvalidIp, Ip};
pub use invisible::{escape_unprintable, is_invisible};
pub use metrics::{Dimension, DimensionValue, MetricsItem, MetricsPage, Resolution, SentBases};
pub use rate::Rate;
