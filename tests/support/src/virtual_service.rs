//! A service in virtual time: counts requests, answers after a while, and lets only so many of each second pass.

use super::virtual_time::VirtualTime;
use futures::future::LocalBoxFuture;
use mailgun_pools::transport::{Body, Request, Response, Transport, TransportError};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Wraps whatever answers.
pub struct VirtualService {
    inner: Rc<dyn Transport>,
    time: VirtualTime,
    latency_ms: u64,
    per_second: u64,
    sent: RefCell<Vec<String>>,
    turned_away: Cell<u64>,
    /// The second of the latest request, and the requests in it.
    window: Cell<(u64, u64)>,
    at_once: Cell<usize>,
    most_at_once: Cell<usize>,
}

impl VirtualService {
    #[must_use]
    pub fn new(inner: Rc<dyn Transport>, time: VirtualTime, latency_ms: u64, per_second: u64) -> Self {
        Self {
            inner,
            time,
            latency_ms,
            per_second,
            sent: RefCell::new(Vec::new()),
            turned_away: Cell::new(0),
            window: Cell::new((0, 0)),
            at_once: Cell::new(0),
            most_at_once: Cell::new(0),
        }
    }

    /// Paths and queries of the requests so far.
    #[must_use]
    pub fn sent(&self) -> Vec<String> {
        self.sent.borrow().clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.sent.borrow_mut().clear();
    }

    /// Requests that got 429.
    #[must_use]
    pub fn turned_away(&self) -> u64 {
        self.turned_away.get()
    }

    /// The most requests that were under way at once.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.most_at_once.get()
    }

    fn note(&self, request: &Request) {
        let query: Vec<String> = request
            .query
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        self.sent
            .borrow_mut()
            .push(format!("{}?{}", request.path, query.join("&")));
    }

    async fn answer(&self, request: Request) -> Result<Response, TransportError> {
        self.time.sleep(self.latency_ms / 2).await;
        let second = self.time.now_ms() / 1_000;
        let used = Some(self.window.get())
            .filter(|(at, _)| *at == second)
            .map_or(0, |(_, used)| used);
        let may_pass = used < self.per_second;
        self.window.set((second, used + u64::from(may_pass)));
        let mut answer = if may_pass {
            self.inner.send(request).await?
        } else {
            self.turned_away.set(self.turned_away.get() + 1);
            Response {
                status: 429,
                headers: vec![("retry-after".to_owned(), "1".to_owned())],
                body: Body::Empty,
            }
        };
        let remaining = self.per_second - self.window.get().1;
        let reset_ms = self.time.now().timestamp_millis() / 1_000 * 1_000 + 1_000;
        answer
            .headers
            .push(("x-ratelimit-remaining".to_owned(), remaining.to_string()));
        answer
            .headers
            .push(("x-ratelimit-reset".to_owned(), reset_ms.to_string()));
        self.time.sleep(self.latency_ms - self.latency_ms / 2).await;
        Ok(answer)
    }
}

impl Transport for VirtualService {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        self.note(&request);
        Box::pin(async move {
            self.at_once.set(self.at_once.get() + 1);
            self.most_at_once.set(self.most_at_once.get().max(self.at_once.get()));
            let _end = RequestEnd(&self.at_once);
            self.answer(request).await
        })
    }
}

/// Counts a request as over, also one that was cancelled.
struct RequestEnd<'a>(&'a Cell<usize>);

impl Drop for RequestEnd<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
