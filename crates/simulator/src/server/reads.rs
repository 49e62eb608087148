//! Requests that read.

use super::cache::{CachedList, ListCache};
use super::scope::AccountScope;
use super::{Rejection, domains, history, metrics, support};
use crate::sim::Sim;
use mailgun_pools::transport::{Request, Response};
use mailgun_pools::wire::query::RequestParams;
use mailgun_pools::wire::{MatchedPath, Operation};
use std::cell::RefCell;
use std::rc::Rc;

/// What a read goes by.
pub(super) struct ReadContext<'a> {
    pub(super) sim: &'a Sim,
    pub(super) scope: AccountScope,
    pub(super) request: &'a Request,
    pub(super) base_url: &'a str,
    pub(super) cache: &'a RefCell<ListCache>,
}

impl ReadContext<'_> {
    pub(super) fn params(&self) -> RequestParams<'_> {
        RequestParams(&self.request.query)
    }

    /// Something kept from an earlier request of the same account acted for, or made now and kept.
    pub(super) fn kept(&self, key: &str, make: impl FnOnce() -> CachedList) -> CachedList {
        let key = format!("{} {key}", self.scope.account.0);
        let known = self.cache.borrow_mut().get(&key);
        known.unwrap_or_else(|| {
            let made = make();
            self.cache.borrow_mut().put(key, made.clone());
            made
        })
    }

    /// Positions in order, kept from an earlier request or made now.
    pub(super) fn kept_positions(&self, key: &str, make: impl FnOnce() -> Vec<u32>) -> Rc<Vec<u32>> {
        match self.kept(key, || CachedList::Positions(Rc::new(make()))) {
            CachedList::Positions(positions) => positions,
            CachedList::Rows(_) | CachedList::Days(_) => Rc::default(),
        }
    }
}

/// Answers a read; `None` for an operation that is none.
pub(super) fn answer(found: &MatchedPath, reading: &ReadContext<'_>) -> Option<Result<Response, Rejection>> {
    Some(match found.operation {
        Operation::ListPools => Ok(support::pools(reading)),
        Operation::ListAssignable => domains::assignable(reading),
        Operation::ListDomains => domains::list(reading),
        Operation::Preview => domains::preview(reading, found.value(0)),
        Operation::DomainHistory => history::of_domain(reading, found.value(0)),
        Operation::History => history::list(reading),
        Operation::ListIps => support::ips(reading),
        Operation::GetIp => support::ip(reading, found.value(0)),
        Operation::ListWarmUps => support::warm_ups(reading),
        Operation::ListIpPools => Ok(support::ip_pools(reading)),
        Operation::ListSubaccounts => support::subaccounts(reading),
        Operation::Metrics => metrics::answer(reading),
        _ => return None,
    })
}
