//! The client's reads beside the dynamic pools: IPs, warm-ups, dedicated pools, accounts, domains, metrics.

use super::client::{ApiResult, Client, next_skip, page_request, with_query};
use super::write::request;
use super::{
    AccountDomainsQuery, IpDomainsQuery, IpsQuery, MetricsQuery, PoolDomainsQuery, SubaccountsQuery, WarmUpsQuery,
};
use crate::transport::Body;
use crate::wire::{self, Operation, Page, PageRef};
use poolkeeper_core::model::{
    AccountDomain, DedicatedPool, DomainName, Ip, IpDetail, IpDomain, MetricsPage, PoolDomain, Subaccount, WarmUp,
};
use std::collections::HashSet;

impl Client {
    /// The account's IPs.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn ips(&self, query: &IpsQuery) -> ApiResult<Vec<IpDetail>> {
        let request = with_query(Operation::ListIps, query.encode())?;
        let mut ips = self.read(request, wire::support::decode_ips).await?;
        if query.is_dedicated_only {
            for ip in &mut ips {
                ip.is_dedicated = Some(true);
            }
        }
        Ok(ips)
    }

    /// Every IP of the account, each known to be dedicated or shared.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn ips_with_kind(&self) -> ApiResult<Vec<IpDetail>> {
        let mut ips = self.ips(&IpsQuery::default()).await?;
        self.fill_in_kind(&mut ips).await?;
        Ok(ips)
    }

    /// Fills in which of all the account's IPs are dedicated. Asks for the dedicated ones only where an IP's kind is not
    /// known: an IP that is not among them is shared.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn fill_in_kind(&self, ips: &mut [IpDetail]) -> ApiResult<()> {
        if ips.iter().all(|ip| ip.is_dedicated.is_some()) {
            return Ok(());
        }
        let query = IpsQuery {
            is_dedicated_only: true,
            ..IpsQuery::default()
        };
        let dedicated = self.ips(&query).await?;
        let dedicated: HashSet<&Ip> = dedicated.iter().map(|ip| &ip.ip).collect();
        for ip in ips {
            ip.is_dedicated = Some(ip.is_dedicated.unwrap_or_else(|| dedicated.contains(&ip.ip)));
        }
        Ok(())
    }

    /// One IP.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn ip(&self, ip: &Ip) -> ApiResult<IpDetail> {
        self.read(request(Operation::GetIp, &[ip.as_str()])?, wire::support::decode_ip)
            .await
    }

    /// The first page of IPs that are warming up.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn warm_ups(&self, query: &WarmUpsQuery) -> ApiResult<Page<WarmUp>> {
        let request = with_query(Operation::ListWarmUps, query.encode())?;
        self.read(request, wire::support::decode_warm_ups).await
    }

    /// The page of warm-ups a link leads to. A bare token in place of a link gets the query's limit again.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn warm_ups_page(&self, query: &WarmUpsQuery, page: &PageRef) -> ApiResult<Page<WarmUp>> {
        let mut request = page_request(Operation::ListWarmUps, page)?;
        if matches!(page, PageRef::Token(_)) {
            request.query.extend(query.encode());
        }
        self.read(request, wire::support::decode_warm_ups).await
    }

    /// The standard dedicated IP pools.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn ip_pools(&self) -> ApiResult<Vec<DedicatedPool>> {
        self.read(request(Operation::ListIpPools, &[])?, wire::support::decode_ip_pools)
            .await
    }

    /// A page of the domains that send from an IP; [`Page::next`] is set while the total is not reached.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn ip_domains(&self, query: &IpDomainsQuery) -> ApiResult<Page<IpDomain>> {
        let mut request = request(Operation::ListIpDomains, &[query.ip.as_str()])?;
        request.query = query.encode();
        let mut page = self.read(request, wire::support::decode_ip_domains).await?;
        page.next = next_skip(query.skip, page.items.len(), page.total);
        Ok(page)
    }

    /// The first page of the domains linked to a standard dedicated pool.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn pool_domains(&self, query: &PoolDomainsQuery) -> ApiResult<Page<PoolDomain>> {
        let mut request = request(Operation::ListPoolDomains, &[&query.pool_id])?;
        request.query = query.encode();
        self.read(request, wire::support::decode_pool_domains).await
    }

    /// The page of linked domains that a link leads to. A bare token in place of a link gets the query's limit again.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn pool_domains_page(&self, query: &PoolDomainsQuery, page: &PageRef) -> ApiResult<Page<PoolDomain>> {
        let request = match page {
            PageRef::Token(token) => {
                let mut request = request(Operation::ListPoolDomains, &[&query.pool_id])?.query("page", token);
                request.query.extend(query.encode());
                request
            }
            page => page_request(Operation::ListPoolDomains, page)?,
        };
        self.read(request, wire::support::decode_pool_domains).await
    }

    /// A page of subaccounts; [`Page::next`] is set while the total is not reached.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn subaccounts(&self, query: &SubaccountsQuery) -> ApiResult<Page<Subaccount>> {
        let request = with_query(Operation::ListSubaccounts, query.encode())?;
        let mut page = self.read(request, wire::support::decode_subaccounts).await?;
        page.next = next_skip(query.skip, page.items.len(), page.total);
        Ok(page)
    }

    /// The dedicated pool that takes the mail a warming IP may not send, by identifier; `None` where none is set.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn overflow_pool(&self) -> ApiResult<Option<String>> {
        self.read(
            request(Operation::IpSettings, &[])?,
            wire::support::decode_overflow_pool,
        )
        .await
    }

    /// A page of the account's domains, enrolled or not; [`Page::next`] is set while the total is not reached.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn account_domains(&self, query: &AccountDomainsQuery) -> ApiResult<Page<AccountDomain>> {
        let request = with_query(Operation::ListAccountDomains, query.encode())?;
        let mut page = self.read(request, wire::domains::decode_account_domains).await?;
        page.next = next_skip(query.skip, page.items.len(), page.total);
        Ok(page)
    }

    /// One of the account's domains or its subaccounts'; `None` for a name it has not.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn account_domain(&self, name: &DomainName) -> ApiResult<Option<AccountDomain>> {
        // Longer names contain it too.
        let query = AccountDomainsQuery {
            limit: Some(1_000),
            search: Some(name.to_string()),
            include_subaccounts: true,
            ..AccountDomainsQuery::default()
        };
        let page = self.account_domains(&query).await?;
        Ok(page.items.into_iter().find(|domain| domain.name == *name))
    }

    /// A page of metrics.
    ///
    /// # Errors
    /// [`ApiError`](super::ApiError).
    pub async fn metrics(&self, query: &MetricsQuery) -> ApiResult<MetricsPage> {
        let request = request(Operation::Metrics, &[])?.body(Body::Json(query.encode()));
        self.read(request, wire::metrics::decode).await
    }
}
