//! What a read handler is given: the account, the request, and lists kept from earlier requests.

use super::Rejection;
use super::cache::{CachedList, ListCache};
use super::scope::AccountScope;
use crate::sim::Sim;
use mailgun_pools::transport::Request;
use mailgun_pools::wire::query::RequestParams;
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;

/// What a read handler needs.
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

    /// A cached list, or one made now and cached. The key holds the account acted for.
    pub(super) fn cached(&self, key: &str, make: impl FnOnce() -> CachedList) -> CachedList {
        let key = format!("{} {key}", self.scope.account.0);
        let known = self.cache.borrow_mut().get(&key);
        known.unwrap_or_else(|| {
            let made = make();
            self.cache.borrow_mut().put(key, made.clone());
            made
        })
    }

    /// Positions in order, cached or made now.
    pub(super) fn cached_positions(&self, key: &str, make: impl FnOnce() -> Vec<u32>) -> Rc<Vec<u32>> {
        match self.cached(key, || CachedList::Positions(Rc::new(make()))) {
            CachedList::Positions(positions) => positions,
            CachedList::Rows(_) | CachedList::Days(_) | CachedList::Answer(..) => Rc::default(),
        }
    }

    /// An answer that is not in pages, cached or made now. `make` gives it with about how many bytes its text has.
    ///
    /// # Errors
    /// That of `make`. It is not cached.
    pub(super) fn cached_answer(
        &self,
        key: &str,
        make: impl FnOnce() -> Result<(Value, usize), Rejection>,
    ) -> Result<Value, Rejection> {
        let key = format!("{} {key}", self.scope.account.0);
        if let Some(CachedList::Answer(answer, _)) = self.cache.borrow_mut().get(&key) {
            return Ok(Value::clone(&answer));
        }
        let (answer, text_bytes) = make()?;
        let kept = CachedList::Answer(Rc::new(answer.clone()), text_bytes);
        self.cache.borrow_mut().put(key, kept);
        Ok(answer)
    }
}
