//! The client: one method per operation of the contract, with model types and one error type.
//!
//! A [`Client`] uses a [`Transport`](crate::transport::Transport), for the live service and the simulator alike. A
//! [`Write`] is a change as a value: its [`request`](Write::request) can be shown before it is sent. A [`Paginator`]
//! reads long lists page by page.

mod advice;
mod client;
mod error;
mod paginator;
mod resources;
mod write;

pub use crate::transport::RetryAfter;
pub use crate::wire::query::{
    AccountDomainsQuery, AssignableQuery, DomainsQuery, HistoryQuery, IpDomainsQuery, IpsQuery, MetricsFilter,
    MetricsPeriod, MetricsQuery, PoolDomainsQuery, SortBy, SortOrder, SubaccountsQuery, WarmUpsQuery,
};
pub use crate::wire::{Operation, Page, PageRef, time};
pub use advice::ErrorAdvice;
pub use client::{Client, DomainsPage, HistoryPage};
pub use error::{ApiError, ApiErrorKind};
pub use paginator::{PageProgress, PagedQuery, Paginator};
pub use write::{Acknowledgement, Write};

/// Whether a request changes nothing, so that it may be repeated: every GET, and also the metrics query, which is a
/// POST.
#[must_use]
pub fn is_read(request: &crate::transport::Request) -> bool {
    Operation::find(request.method, &request.path)
        .map_or_else(|_| request.method.is_read(), |found| found.operation.is_read())
}
