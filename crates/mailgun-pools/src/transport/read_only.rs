//! Refuses changes until a person allows them.

use super::{Request, Response, Transport, TransportError};
use futures::future::LocalBoxFuture;
use std::cell::Cell;
use std::rc::Rc;

/// A transport that sends reads, and changes only while `may_write` is true.
pub struct ReadOnlyGuard {
    inner: Rc<dyn Transport>,
    may_write: Rc<Cell<bool>>,
    is_read: fn(&Request) -> bool,
}

impl ReadOnlyGuard {
    /// Decorates a transport. `may_write` allows changes; `is_read` tells whether a request is none.
    #[must_use]
    pub fn new(inner: Rc<dyn Transport>, may_write: Rc<Cell<bool>>, is_read: fn(&Request) -> bool) -> Self {
        Self {
            inner,
            may_write,
            is_read,
        }
    }
}

impl Transport for ReadOnlyGuard {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        if !(self.is_read)(&request) && !self.may_write.get() {
            return Box::pin(async { Err(TransportError::ReadOnly) });
        }
        self.inner.send(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Body, Method};
    use futures::FutureExt;

    struct CountedRequests(Rc<Cell<u32>>);

    impl Transport for CountedRequests {
        fn send(&self, _: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
            self.0.set(self.0.get() + 1);
            Box::pin(async {
                Ok(Response {
                    status: 200,
                    headers: Vec::new(),
                    body: Body::Empty,
                })
            })
        }
    }

    #[test]
    fn changes_are_held_back_until_the_switch_is_on() {
        let sent = Rc::new(Cell::new(0));
        let switch = Rc::new(Cell::new(false));
        let guard = ReadOnlyGuard::new(
            Rc::new(CountedRequests(Rc::clone(&sent))),
            Rc::clone(&switch),
            |request| request.method.is_read(),
        );
        let send = |method| {
            let answer = guard.send(Request::new(method, "/v3/ips")).now_or_never();
            answer.expect("nothing here waits").map(|response| response.status)
        };
        assert_eq!(send(Method::Get), Ok(200));
        for method in [Method::Post, Method::Put, Method::Patch, Method::Delete] {
            assert_eq!(send(method), Err(TransportError::ReadOnly));
        }
        assert_eq!(sent.get(), 1);
        switch.set(true);
        assert_eq!((send(Method::Put), sent.get()), (Ok(200), 2));
        switch.set(false);
        assert_eq!((send(Method::Put), sent.get()), (Err(TransportError::ReadOnly), 2));
    }
}
