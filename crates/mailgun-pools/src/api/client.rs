//! The client: one method per operation.

use super::Write;
use super::error::{error_of, json_of};
use super::write::request;
use super::{Acknowledgement, ApiError, AssignableQuery, DomainsQuery, HistoryQuery};
use crate::transport::{Body, Request, Response, Transport};
use crate::wire::{self, Operation, Page, PageRef, ShapeError};
use poolkeeper_core::model::{
    AccountId, AssignableDomain, Domain, DomainName, HistoryRecord, Ip, MetricsPage, PoolIps, PoolName, Pools, Preview,
    Replacement, ReplacementIp,
};
use serde_json::Value;
use std::rc::Rc;

/// A page of enrolled domains.
pub type DomainsPage = Page<Domain>;

/// A page of history records.
pub type HistoryPage = Page<HistoryRecord>;

/// Sends the contract's operations through a transport.
#[derive(Clone)]
pub struct Client {
    transport: Rc<dyn Transport>,
    on_behalf_of: Option<AccountId>,
}

pub(super) type ApiResult<T> = Result<T, ApiError>;

impl Client {
    /// A client of the transport's account.
    #[must_use]
    pub fn new(transport: Rc<dyn Transport>) -> Self {
        Self {
            transport,
            on_behalf_of: None,
        }
    }

    /// The same client, acting for a subaccount, or for the account itself when `None`.
    #[must_use]
    pub fn on_behalf_of(self, subaccount: Option<AccountId>) -> Self {
        Self {
            on_behalf_of: subaccount,
            ..self
        }
    }

    /// The subaccount acted for.
    #[must_use]
    pub const fn acts_for(&self) -> Option<&AccountId> {
        self.on_behalf_of.as_ref()
    }

    /// Sends a request unchanged but for the subaccount acted for. Returns the response if its status is a success.
    ///
    /// # Errors
    /// [`ApiError`] when no response came or its status is not a success.
    pub async fn send(&self, mut request: Request) -> ApiResult<Response> {
        request.on_behalf_of = self.on_behalf_of.as_ref().map(ToString::to_string);
        let response = self.transport.send(request).await?;
        if (200..300).contains(&response.status) {
            Ok(response)
        } else {
            Err(error_of(&response))
        }
    }

    pub(super) async fn read<T>(
        &self,
        request: Request,
        decode: impl Fn(&Value) -> Result<T, ShapeError>,
    ) -> ApiResult<T> {
        let response = self.send(request).await?;
        let body = json_of(&response)?;
        decode(&body).map_err(|error| ApiError::unexpected(response.status, &error))
    }

    /// Sends a change.
    ///
    /// # Errors
    /// [`ApiError`]. The change may still have been made: see [`ApiError::may_have_arrived`].
    pub async fn write(&self, write: &Write) -> ApiResult<Acknowledgement> {
        let response = self.send(write.request()?).await?;
        if response.body == Body::Empty {
            return Ok(Acknowledgement::default());
        }
        let message = match json_of(&response)? {
            Value::String(text) => Some(text),
            Value::Object(mut answer) => match answer.remove("message") {
                Some(Value::String(text)) => Some(text),
                _ => None,
            },
            _ => None,
        };
        Ok(Acknowledgement { message })
    }

    /// Sends a change on behalf of a subaccount, and everything else as before; as [`write`](Self::write) does when `None`.
    ///
    /// # Errors
    /// [`ApiError`]. The change may still have been made: see [`ApiError::may_have_arrived`].
    pub async fn write_on_behalf_of(
        &self,
        write: &Write,
        subaccount: Option<&AccountId>,
    ) -> ApiResult<Acknowledgement> {
        match subaccount {
            None => self.write(write).await,
            Some(subaccount) => self.clone().on_behalf_of(Some(subaccount.clone())).write(write).await,
        }
    }

    /// The account's pools.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn pools(&self) -> ApiResult<Pools> {
        self.read(request(Operation::ListPools, &[])?, wire::pools::decode)
            .await
    }

    /// Replaces the IPs of all three pools.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn set_pools(&self, pools: PoolIps) -> ApiResult<Acknowledgement> {
        self.write(&Write::SetPools(pools)).await
    }

    /// Removes all three pools.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn remove_pools(&self) -> ApiResult<Acknowledgement> {
        self.write(&Write::RemovePools).await
    }

    /// Adds one IP to a pool.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn add_ip(&self, pool: PoolName, ip: Ip) -> ApiResult<Acknowledgement> {
        self.write(&Write::AddIp { pool, ip }).await
    }

    /// Adds and removes IPs of a pool, all or nothing.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn change_pool(&self, pool: PoolName, add: Vec<Ip>, remove: Vec<Ip>) -> ApiResult<Acknowledgement> {
        self.write(&Write::ChangePool { pool, add, remove }).await
    }

    /// Enrolls a domain.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn enroll(&self, domain: DomainName, replacement: Option<ReplacementIp>) -> ApiResult<Acknowledgement> {
        self.write(&Write::Enroll { domain, replacement }).await
    }

    /// Takes a domain out of the pools.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn remove_domain(&self, domain: DomainName, replacement: Replacement) -> ApiResult<Acknowledgement> {
        self.write(&Write::RemoveDomain { domain, replacement }).await
    }

    /// Starts enrolling every domain.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn enroll_all(&self, include_subaccounts: bool) -> ApiResult<Acknowledgement> {
        self.write(&Write::EnrollAll { include_subaccounts }).await
    }

    /// Pins a domain's pool.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn set_override(&self, domain: DomainName, pool: PoolName) -> ApiResult<Acknowledgement> {
        self.write(&Write::SetOverride { domain, pool }).await
    }

    /// Unpins a domain's pool.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn remove_override(&self, domain: DomainName) -> ApiResult<Acknowledgement> {
        self.write(&Write::RemoveOverride { domain }).await
    }

    /// Domains that are not enrolled.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn assignable(&self, query: &AssignableQuery) -> ApiResult<Vec<AssignableDomain>> {
        let request = with_query(Operation::ListAssignable, query.encode())?;
        self.read(request, wire::domains::decode_assignable).await
    }

    /// The first page of enrolled domains.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn domains(&self, query: &DomainsQuery) -> ApiResult<DomainsPage> {
        let request = with_query(Operation::ListDomains, query.encode())?;
        self.read(request, wire::domains::decode_page).await
    }

    /// A linked page of enrolled domains.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn domains_page(&self, page: &PageRef) -> ApiResult<DomainsPage> {
        self.read(page_request(Operation::ListDomains, page)?, wire::domains::decode_page)
            .await
    }

    /// The result of a health check run now; it changes nothing.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn preview(&self, domain: &DomainName) -> ApiResult<Preview> {
        self.read(
            request(Operation::Preview, &[domain.as_str()])?,
            wire::domains::decode_preview,
        )
        .await
    }

    /// The first page of one domain's records, newest first; at most `limit` (1–100) of them.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn domain_history(&self, domain: &DomainName, limit: Option<u32>) -> ApiResult<HistoryPage> {
        let query = HistoryQuery {
            limit,
            ..HistoryQuery::default()
        }
        .encode();
        let request = Request {
            query,
            ..request(Operation::DomainHistory, &[domain.as_str()])?
        };
        self.read(request, wire::history::decode_page).await
    }

    /// The first page of records over all domains, newest first.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn history(&self, query: &HistoryQuery) -> ApiResult<HistoryPage> {
        let request = with_query(Operation::History, query.encode())?;
        self.read(request, wire::history::decode_page).await
    }

    /// A linked page of records, of all domains or of one.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn history_page(&self, page: &PageRef) -> ApiResult<HistoryPage> {
        self.read(page_request(Operation::History, page)?, wire::history::decode_page)
            .await
    }
}

pub(super) fn with_query(operation: Operation, query: Vec<(String, String)>) -> ApiResult<Request> {
    Ok(Request {
        query,
        ..request(operation, &[])?
    })
}

/// The request for a linked page. Everything before the API's own path is removed, so that a link for another base (a
/// proxy's prefix) still works.
pub(super) fn page_request(operation: Operation, page: &PageRef) -> ApiResult<Request> {
    match page {
        PageRef::Link { path, query } => {
            let versions = ["/v1/", "/v3/", "/v4/", "/v5/"]
                .into_iter()
                .filter_map(|version| path.find(version));
            let path = path.get(versions.min().unwrap_or_default()..).unwrap_or(path);
            Ok(Request {
                query: query.clone(),
                ..Request::new(operation.method(), path)
            })
        }
        PageRef::Skip(items) => with_query(operation, vec![("skip".to_owned(), items.to_string())]),
        PageRef::Token(token) => with_query(operation, vec![("page".to_owned(), token.clone())]),
    }
}

/// The next page of metrics. The last page is shorter than the limit. The total may be 0 although there are items, so it can
/// only add pages.
pub(super) fn next_metrics_page(page: &MetricsPage, skipped: u64, asked_limit: Option<u64>) -> Option<PageRef> {
    let items = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
    let skipped_after = skipped.saturating_add(items);
    let has_more = page.total.is_some_and(|total| total > skipped_after);
    let is_full = match page.limit.or(asked_limit) {
        Some(limit) => items >= limit,
        None => page.total.is_none(),
    };
    (items > 0 && (has_more || is_full)).then_some(PageRef::Skip(skipped_after))
}

/// The next page of a list that is paged by skipping items.
pub(super) fn next_skip(skipped: u64, items: usize, total: Option<u64>) -> Option<PageRef> {
    let skipped_after = skipped.saturating_add(u64::try_from(items).unwrap_or(u64::MAX));
    let has_more = items > 0 && total.is_none_or(|total| skipped_after < total);
    has_more.then_some(PageRef::Skip(skipped_after))
}
