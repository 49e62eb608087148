//! A service that lists enrolled domains by hand, so that it can be stranger than the simulator.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test's own service")]

use futures::future::LocalBoxFuture;
use mailgun_pools::transport::{Body, Request, Response, Transport, TransportError};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};

/// Domains by name, each with its pool.
#[derive(Default)]
pub(super) struct ListService {
    pub(super) domains: RefCell<Vec<(String, &'static str)>>,
    /// The answer is the same whichever order is asked for.
    pub(super) ignores_order: bool,
    /// The answer is of all pools whichever is asked for.
    pub(super) ignores_pools: bool,
    /// No answer says how many there are.
    pub(super) is_silent_on_total: bool,
    /// After so many requests, this domain moves to this pool.
    pub(super) moves_after: Option<(u32, usize, &'static str)>,
    pub(super) requests: Cell<u32>,
}

impl ListService {
    /// Domains of these pools in turn.
    pub(super) fn of(count: usize, pools: &[&'static str]) -> Self {
        let domains = (0..count).map(|at| (format!("d{at:05}.example"), pools[at % pools.len()]));
        Self {
            domains: RefCell::new(domains.collect()),
            ..Self::default()
        }
    }

    fn answer(&self, request: &Request) -> Value {
        self.requests.set(self.requests.get() + 1);
        if let Some((after, at, pool)) = self.moves_after
            && self.requests.get() == after
        {
            self.domains.borrow_mut()[at].1 = pool;
        }
        let value = |key: &str| {
            let pair = request.query.iter().find(|(name, _)| name == key);
            pair.map(|(_, value)| value.as_str())
        };
        let mut listed = self.domains.borrow().clone();
        if let Some(pool) = value("pool").filter(|_| !self.ignores_pools) {
            listed.retain(|(_, own)| *own == pool);
        }
        if value("sort_order") == Some("descending") && !self.ignores_order {
            listed.reverse();
        }
        let total = listed.len();
        let skipped: usize = value("page").map_or(0, |page| page.parse().unwrap());
        let item = |(name, pool): &(String, &str)| json!({"id": name, "account_id": "a", "name": name, "pool": pool});
        let items: Vec<Value> = listed.iter().skip(skipped).take(100).map(item).collect();
        let next = skipped + items.len();
        let mut query: Vec<String> = request
            .query
            .iter()
            .filter(|(name, _)| name != "page")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        query.push(format!("page={next}"));
        let mut answer = json!({"items": items});
        if next < total {
            answer["paging"] = json!({"Next": format!("https://example.com{}?{}", request.path, query.join("&"))});
        }
        if !self.is_silent_on_total {
            answer["total_items"] = json!(total);
        }
        answer
    }
}

impl Transport for ListService {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        let body = Body::Json(self.answer(&request));
        Box::pin(async move {
            Ok(Response {
                status: 200,
                headers: Vec::new(),
                body,
            })
        })
    }
}
