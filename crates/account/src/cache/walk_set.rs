//! Reads several walks side by side, a page of each at a time.

use futures::StreamExt;
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;
use mailgun_pools::api::{ApiError, Client, PagedQuery, Paginator};
use std::collections::VecDeque;

/// Walks under way at once: at 150 ms an answer, 50 requests a second. The transport may allow fewer.
pub(crate) const AT_ONCE: usize = 8;

/// A page of one walk.
pub(crate) struct WalkTurn<K, Q: PagedQuery> {
    pub(crate) key: K,
    /// The walk, to be put back if it is to go on.
    pub(crate) walk: Paginator<Q>,
    pub(crate) page: Result<Vec<Q::Item>, ApiError>,
}

/// Walks that are read side by side. Each stops after a page until it is put back.
pub(crate) struct WalkSet<K, Q: PagedQuery> {
    running: FuturesUnordered<LocalBoxFuture<'static, WalkTurn<K, Q>>>,
    waiting: VecDeque<(K, Paginator<Q>)>,
}

impl<K: 'static, Q: PagedQuery + 'static> WalkSet<K, Q> {
    pub(crate) fn new() -> Self {
        Self {
            running: FuturesUnordered::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Begins a walk.
    pub(crate) fn begin(&mut self, client: &Client, key: K, query: Q) {
        self.put(key, Paginator::new(client.clone(), query));
    }

    /// Goes on with a walk.
    pub(crate) fn put(&mut self, key: K, walk: Paginator<Q>) {
        self.waiting.push_back((key, walk));
    }

    /// The next page of any walk; `None` when none is left. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Option<WalkTurn<K, Q>> {
        while self.running.len() < AT_ONCE {
            let Some((key, mut walk)) = self.waiting.pop_front() else {
                break;
            };
            self.running.push(Box::pin(async move {
                let page = walk.next_page().await.map(Option::unwrap_or_default);
                WalkTurn { key, walk, page }
            }));
        }
        self.running.next().await
    }

    /// Drops every walk where it is.
    pub(crate) fn clear(&mut self) {
        *self = Self::new();
    }
}
