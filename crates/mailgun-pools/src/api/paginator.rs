//! Reads long lists page by page.

use super::client::next_metrics_page;
use super::{
    ApiError, Client, DomainsQuery, HistoryQuery, IpDomainsQuery, MetricsQuery, PoolDomainsQuery, SubaccountsQuery,
    WarmUpsQuery,
};
use crate::wire::{Page, PageRef};
use poolkeeper_core::model::{
    Domain, DomainName, HistoryRecord, IpDomain, MetricsItem, PoolDomain, Subaccount, WarmUp,
};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A query whose result has pages.
pub trait PagedQuery {
    /// The type of its items.
    type Item;

    /// Fetches the first page or a linked one.
    fn fetch(
        &self,
        client: &Client,
        page: Option<&PageRef>,
    ) -> impl Future<Output = Result<Page<Self::Item>, ApiError>>;

    /// The item's identity, to skip repeated items. Items with an empty id are never skipped.
    fn id(item: &Self::Item) -> String;
}

impl PagedQuery for DomainsQuery {
    type Item = Domain;

    async fn fetch(&self, client: &Client, page: Option<&PageRef>) -> Result<Page<Domain>, ApiError> {
        match page {
            None => client.domains(self).await,
            Some(page) => client.domains_page(page).await,
        }
    }

    fn id(item: &Domain) -> String {
        if item.id.0.is_empty() {
            item.name.to_string()
        } else {
            item.id.to_string()
        }
    }
}

impl PagedQuery for HistoryQuery {
    type Item = HistoryRecord;

    async fn fetch(&self, client: &Client, page: Option<&PageRef>) -> Result<Page<HistoryRecord>, ApiError> {
        match page {
            None => client.history(self).await,
            Some(page) => client.history_page(page).await,
        }
    }

    fn id(item: &HistoryRecord) -> String {
        item.id.clone()
    }
}

impl PagedQuery for DomainName {
    type Item = HistoryRecord;

    /// One domain's history, the largest pages the contract allows.
    async fn fetch(&self, client: &Client, page: Option<&PageRef>) -> Result<Page<HistoryRecord>, ApiError> {
        match page {
            None => client.domain_history(self, Some(100)).await,
            Some(page) => client.history_page(page).await,
        }
    }

    fn id(item: &HistoryRecord) -> String {
        item.id.clone()
    }
}

impl PagedQuery for WarmUpsQuery {
    type Item = WarmUp;

    async fn fetch(&self, client: &Client, page: Option<&PageRef>) -> Result<Page<WarmUp>, ApiError> {
        match page {
            None => client.warm_ups(self).await,
            Some(page) => client.warm_ups_page(self, page).await,
        }
    }

    fn id(item: &WarmUp) -> String {
        item.ip.to_string()
    }
}

impl PagedQuery for IpDomainsQuery {
    type Item = IpDomain;

    async fn fetch(&self, client: &Client, page: Option<&PageRef>) -> Result<Page<IpDomain>, ApiError> {
        let skip = match page {
            Some(PageRef::Skip(skip)) => *skip,
            _ => self.skip,
        };
        client.ip_domains(&Self { skip, ..self.clone() }).await
    }

    fn id(item: &IpDomain) -> String {
        item.name.to_string()
    }
}

impl PagedQuery for PoolDomainsQuery {
    type Item = PoolDomain;

    async fn fetch(&self, client: &Client, page: Option<&PageRef>) -> Result<Page<PoolDomain>, ApiError> {
        match page {
            None => client.pool_domains(self).await,
            Some(page) => client.pool_domains_page(self, page).await,
        }
    }

    fn id(item: &PoolDomain) -> String {
        item.name.to_string()
    }
}

impl PagedQuery for SubaccountsQuery {
    type Item = Subaccount;

    async fn fetch(&self, client: &Client, page: Option<&PageRef>) -> Result<Page<Subaccount>, ApiError> {
        match page {
            Some(PageRef::Skip(skip)) => {
                client
                    .subaccounts(&Self {
                        skip: *skip,
                        ..self.clone()
                    })
                    .await
            }
            _ => client.subaccounts(self).await,
        }
    }

    fn id(item: &Subaccount) -> String {
        item.id.to_string()
    }
}

impl PagedQuery for MetricsQuery {
    type Item = MetricsItem;

    async fn fetch(&self, client: &Client, page: Option<&PageRef>) -> Result<Page<MetricsItem>, ApiError> {
        let skip = match page {
            Some(PageRef::Skip(skip)) => *skip,
            _ => self.skip,
        };
        let page = client.metrics(&Self { skip, ..self.clone() }).await?;
        Ok(Page {
            next: next_metrics_page(&page, skip, self.limit),
            total: page.total,
            items: page.items,
        })
    }

    fn id(item: &MetricsItem) -> String {
        item.dimensions
            .iter()
            .fold(String::new(), |id, value| id + &value.value + "\u{0}")
    }
}

/// The progress of a paginator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageProgress {
    /// Distinct items so far.
    pub items: u64,
    /// Items over all pages, by the latest page.
    pub total: Option<u64>,
    /// Pages so far.
    pub pages: u64,
    /// Repeated items that were skipped, because the list changed while it was read.
    pub repeated: u64,
}

/// The paginator ends after this many pages in a row without new items.
const STALE_PAGES: u32 = 3;

/// Reads a list page by page. Stop calling it to cancel; call it again after an error to resume.
///
/// It ends without a next page, after an empty page, at a link that was followed before, and after three pages in a row
/// without new items. Repeated items are skipped.
pub struct Paginator<Q: PagedQuery> {
    client: Client,
    list: Q,
    next: Option<PageRef>,
    is_done: bool,
    /// Hashes of ids, which take less memory than the ids.
    seen: HashSet<u64>,
    visited: HashSet<PageRef>,
    stale_pages: u32,
    progress: PageProgress,
}

impl<Q: PagedQuery> Paginator<Q> {
    /// A paginator from the first page.
    #[must_use]
    pub fn new(client: Client, list: Q) -> Self {
        Self {
            client,
            list,
            next: None,
            is_done: false,
            seen: HashSet::new(),
            visited: HashSet::new(),
            stale_pages: 0,
            progress: PageProgress::default(),
        }
    }

    /// Its progress.
    #[must_use]
    pub const fn progress(&self) -> PageProgress {
        self.progress
    }

    /// Whether the last page has been read.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.is_done
    }

    /// The next page's new items; `None` after the last page.
    ///
    /// # Errors
    /// [`ApiError`]; the next call tries the same page again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Q::Item>>, ApiError> {
        if self.is_done {
            return Ok(None);
        }
        let page = self.list.fetch(&self.client, self.next.as_ref()).await?;
        let received = page.items.len();
        let mut items = page.items;
        items.retain(|item| {
            let id = Q::id(item);
            id.is_empty() || self.seen.insert(hash(&id))
        });
        self.progress.items += items.len() as u64;
        self.progress.repeated += (received - items.len()) as u64;
        self.progress.pages += 1;
        self.progress.total = page.total.or(self.progress.total);
        self.stale_pages = if items.is_empty() { self.stale_pages + 1 } else { 0 };
        let is_new = |next: &PageRef, visited: &mut HashSet<PageRef>| visited.insert(next.clone());
        match page.next {
            Some(next) if received > 0 && self.stale_pages < STALE_PAGES && is_new(&next, &mut self.visited) => {
                self.next = Some(next);
            }
            _ => self.is_done = true,
        }
        if self.is_done && items.is_empty() {
            Ok(None)
        } else {
            Ok(Some(items))
        }
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
