//! Reads all enrolled domains: a walk for each pool from the front, and for a long one another from the back, side by side.
//!
//! The first page is of the whole list, so that its rows and its length are there after one request. A pool that this version
//! does not know is in none of the pools' walks. So the pools' lengths must add up to that of the whole list; otherwise the
//! whole list is read from both ends.

use super::walk_set::{WalkSet, WalkTurn};
use mailgun_pools::api::{ApiError, Client, DomainsQuery, PagedQuery, Paginator, SortBy, SortOrder};
use poolkeeper_core::model::{Band, Domain, PoolName};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Domains of a page, the most the contract allows.
const PAGE: u32 = 100;
/// A list of more is read by pool.
const LONG_WHOLE: u64 = 500;
/// A pool of more is read from both ends.
const LONG: u64 = 200;

/// The part of the list that a walk is of; `None` is the whole.
type DomainScope = Option<Band>;

/// A walk.
#[derive(Clone, Copy)]
struct WalkKey {
    scope: DomainScope,
    order: SortOrder,
}

/// How much of a scope has been read.
#[derive(Default)]
struct ScopeCoverage {
    total: Option<u64>,
    from_front: HashSet<String>,
    from_back: HashSet<String>,
    /// Domains that were read from both ends.
    met: u64,
    has_begun: bool,
    is_done: bool,
}

impl ScopeCoverage {
    /// Takes a page's identifiers.
    fn add(&mut self, order: SortOrder, ids: impl Iterator<Item = String>) {
        let (own, other) = match order {
            SortOrder::Ascending => (&mut self.from_front, &self.from_back),
            SortOrder::Descending => (&mut self.from_back, &self.from_front),
        };
        for id in ids {
            let is_met = other.contains(&id);
            self.met += u64::from(own.insert(id) && is_met);
        }
    }

    fn distinct(&self) -> u64 {
        (self.from_front.len() + self.from_back.len()) as u64 - self.met
    }

    fn is_whole(&self) -> bool {
        self.total.is_some_and(|total| self.distinct() >= total)
    }
}

/// How far the reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DomainProgress {
    /// Distinct domains so far.
    pub done: u64,
    /// Domains there are, as the service says.
    pub total: Option<u64>,
}

/// The enrolled domains, in the reading.
pub struct DomainReader {
    client: Client,
    walks: WalkSet<WalkKey, DomainsQuery>,
    scopes: BTreeMap<DomainScope, ScopeCoverage>,
    /// The whole list's walk, while the pools' are read.
    whole: Option<Paginator<DomainsQuery>>,
    /// The pool that each domain was read in.
    known: HashMap<String, PoolName>,
    failed: Vec<(WalkKey, Paginator<DomainsQuery>)>,
    /// Whether the whole list was walked because the pools' walks left some out.
    is_checked: bool,
    is_over: bool,
}

impl DomainReader {
    /// Begins with the first page.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let mut walks = WalkSet::new();
        let key = WalkKey {
            scope: None,
            order: SortOrder::Ascending,
        };
        walks.begin(&client, key, query(key));
        Self {
            client,
            walks,
            scopes: BTreeMap::new(),
            whole: None,
            known: HashMap::new(),
            failed: Vec::new(),
            is_checked: false,
            is_over: false,
        }
    }

    /// The next domains, in no order; `None` when all are read. A domain that moved meanwhile comes again, in its new pool.
    ///
    /// # Errors
    /// [`ApiError`]; the next call goes on where it broke off.
    pub async fn next_domains(&mut self) -> Result<Option<Vec<Domain>>, ApiError> {
        for (key, walk) in self.failed.drain(..) {
            self.walks.put(key, walk);
        }
        while !self.is_over {
            let Some(turn) = self.walks.next().await else {
                self.end_or_check();
                continue;
            };
            let WalkTurn { key, walk, page } = turn;
            match page {
                Ok(page) => {
                    let fresh = self.take(key, walk, page);
                    if !fresh.is_empty() {
                        return Ok(Some(fresh));
                    }
                }
                Err(error) => {
                    self.failed.push((key, walk));
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> DomainProgress {
        DomainProgress {
            done: self.known.len() as u64,
            total: self.scopes.get(&None).and_then(|whole| whole.total),
        }
    }

    /// Whether all domains are read.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Takes a page; gives what is new of it.
    fn take(&mut self, key: WalkKey, walk: Paginator<DomainsQuery>, page: Vec<Domain>) -> Vec<Domain> {
        let coverage = self.scopes.entry(key.scope).or_default();
        let is_first = !std::mem::replace(&mut coverage.has_begun, true);
        coverage.total = walk.progress().total.or(coverage.total);
        coverage.add(key.order, page.iter().map(DomainsQuery::id));
        let has_met = coverage.met > 0;
        coverage.is_done |= walk.is_done() || coverage.is_whole();
        let (is_done, total) = (coverage.is_done, coverage.total);
        let mut page = page;
        page.retain(|domain| {
            let before = self.known.insert(DomainsQuery::id(domain), domain.pool.clone());
            before.as_ref() != Some(&domain.pool)
        });
        if is_done || (self.is_checked && !self.lacks_some()) {
            self.end_if_known();
        } else if key.scope.is_none() && is_first && total.is_some_and(|total| total > LONG_WHOLE) && !self.is_checked {
            self.whole = Some(walk);
            Band::ALL
                .into_iter()
                .for_each(|band| self.begin(Some(band), SortOrder::Ascending));
        } else if has_met && key.order == SortOrder::Descending {
            // They met and some are missing: the order cannot be relied on, so the walk from the front goes on alone.
            drop(walk);
        } else {
            self.walks.put(key, walk);
            if key.scope.is_some() && is_first && total.is_some_and(|total| total > LONG) {
                self.begin(key.scope, SortOrder::Descending);
            }
        }
        if key.scope.is_some() && is_first {
            self.compare_lengths();
        }
        page
    }

    /// Once each pool's length is known: goes back to the whole list if they do not add up to it.
    fn compare_lengths(&mut self) {
        let lengths = Band::ALL.map(|band| self.scopes.get(&Some(band)).map(|coverage| coverage.total));
        let Some(lengths) = lengths.into_iter().collect::<Option<Vec<_>>>() else {
            return;
        };
        let sum = lengths.into_iter().sum::<Option<u64>>();
        let whole = self.scopes.get(&None).and_then(|coverage| coverage.total);
        if sum != whole
            && let Some(walk) = self.whole.take()
        {
            self.walks.clear();
            let key = WalkKey {
                scope: None,
                order: SortOrder::Ascending,
            };
            self.walks.put(key, walk);
            self.begin(None, SortOrder::Descending);
        }
    }

    fn begin(&mut self, scope: DomainScope, order: SortOrder) {
        let key = WalkKey { scope, order };
        self.walks.begin(&self.client, key, query(key));
    }

    /// Ends before the last answers if every domain is there.
    fn end_if_known(&mut self) {
        let is_whole_done = self.scopes.get(&None).is_some_and(|whole| whole.is_done);
        let is_of_whole = self.whole.is_none() && (is_whole_done || self.is_checked);
        let are_pools_done = Band::ALL.into_iter().all(|band| {
            let coverage = self.scopes.get(&Some(band));
            coverage.is_some_and(|coverage| coverage.is_done)
        });
        if is_of_whole || (are_pools_done && !self.lacks_some()) {
            self.walks.clear();
            self.is_over = true;
        }
    }

    fn lacks_some(&self) -> bool {
        let DomainProgress { done, total } = self.progress();
        total.is_some_and(|total| done < total)
    }

    /// No walk is left: a domain that moved while its old and its new pool were read may be in neither, so the whole list is
    /// read once if some are missing.
    fn end_or_check(&mut self) {
        if self.lacks_some() && !self.is_checked {
            self.is_checked = true;
            self.whole = None;
            self.scopes.remove(&None);
            self.begin(None, SortOrder::Ascending);
        } else {
            self.is_over = true;
        }
    }
}

fn query(key: WalkKey) -> DomainsQuery {
    DomainsQuery {
        limit: Some(PAGE),
        pools: key.scope.map(PoolName::Known).into_iter().collect(),
        sort_by: SortBy::Name,
        sort_order: key.order,
        ..DomainsQuery::default()
    }
}
