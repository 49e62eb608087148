//! The client: one method per operation of the contract, model types in and out, one error type.
//!
//! A [`Client`] speaks through a [`Transport`](crate::transport::Transport) and cannot tell the live service from the
//! simulator. A change can be looked at before it is sent: a [`Write`] is a value with its
//! [`request`](Write::request). Long lists come page by page through a [`Paginator`].

mod advice;
mod client;
mod error;
mod paginator;
mod write;

pub use crate::transport::RetryAfter;
pub use crate::wire::query::{
    AssignableQuery, DomainsQuery, HistoryQuery, IpsQuery, MetricsFilter, MetricsPeriod, MetricsQuery, SortBy,
    SortOrder, SubaccountsQuery, WarmUpsQuery,
};
pub use crate::wire::{Operation, Page, PageRef, time};
pub use advice::ErrorAdvice;
pub use client::{Client, DomainsPage, HistoryPage};
pub use error::{ApiError, ApiErrorKind};
pub use paginator::{PageProgress, PagedQuery, Paginator};
pub use write::{Acknowledgement, Write};

/// Whether a request changes nothing, so that it may be repeated: every GET, and the metrics query although it is a
/// POST.
#[must_use]
pub fn is_read(request: &crate::transport::Request) -> bool {
    Operation::find(request.method, &request.path)
        .map_or_else(|_| request.method.is_read(), |found| found.operation.is_read())
}
