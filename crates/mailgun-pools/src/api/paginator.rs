//! Long lists, page after page.

use super::client::next_metrics_page;
use super::{ApiError, Client, DomainsQuery, HistoryQuery, MetricsQuery, SubaccountsQuery, WarmUpsQuery};
use crate::wire::{Page, PageRef};
use poolkeeper_core::model::{Domain, DomainName, HistoryRecord, MetricsItem, Subaccount, WarmUp};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A list that comes in pages.
pub trait PagedQuery {
    /// What it lists.
    type Item;

    /// Fetches the first page, or the one a link leads to.
    fn fetch(
        &self,
        client: &Client,
        page: Option<&PageRef>,
    ) -> impl Future<Output = Result<Page<Self::Item>, ApiError>>;

    /// What tells two items apart; an empty text tells nothing, and such items are all kept.
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

/// How far a walk has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageProgress {
    /// Items so far, none counted twice.
    pub items: u64,
    /// Items over all pages as the latest page said.
    pub total: Option<u64>,
    /// Pages so far.
    pub pages: u64,
    /// Items that came again and were left out: the list changed while it was read.
    pub repeated: u64,
}

/// Pages in a row that bring nothing new after which a walk ends.
const STALE_PAGES: u32 = 3;

/// A list read page by page. Stop asking to cancel; ask again after an error to resume where it stood.
///
/// Ends where there is no next page, where a page brings no item or leads to one already read, and after three pages in
/// a row without anything new. An item that comes twice is left out the second time.
pub struct Paginator<Q: PagedQuery> {
    client: Client,
    list: Q,
    next: Option<PageRef>,
    is_done: bool,
    /// Hashes, so that a hundred thousand ids take little room.
    seen: HashSet<u64>,
    visited: HashSet<PageRef>,
    stale_pages: u32,
    progress: PageProgress,
}

impl<Q: PagedQuery> Paginator<Q> {
    /// A walk from the first page.
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

    /// How far it has come.
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
    /// [`ApiError`]; the walk stays where it was, and the next call tries the same page.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Q::Item>>, ApiError> {
        if self.is_done {
            return Ok(None);
        }
        let page = self.list.fetch(&self.client, self.next.as_ref()).await?;
        let came = page.items.len();
        let mut items = page.items;
        items.retain(|item| {
            let id = Q::id(item);
            id.is_empty() || self.seen.insert(hash(&id))
        });
        self.progress.items += items.len() as u64;
        self.progress.repeated += (came - items.len()) as u64;
        self.progress.pages += 1;
        self.progress.total = page.total.or(self.progress.total);
        self.stale_pages = if items.is_empty() { self.stale_pages + 1 } else { 0 };
        let is_new = |next: &PageRef, visited: &mut HashSet<PageRef>| visited.insert(next.clone());
        match page.next {
            Some(next) if came > 0 && self.stale_pages < STALE_PAGES && is_new(&next, &mut self.visited) => {
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
