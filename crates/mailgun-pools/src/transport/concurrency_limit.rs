//! Limits how many requests run at once; the others wait in a queue.

use super::{Request, Response, Transport, TransportError};
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// A transport with a limit on concurrent requests.
pub struct ConcurrencyLimit {
    inner: Rc<dyn Transport>,
    permits: Rc<PermitQueue>,
}

struct PermitQueue {
    free: Cell<usize>,
    queue: RefCell<VecDeque<oneshot::Sender<()>>>,
}

/// A permit to run a request. Dropping it, also when the request is cancelled, wakes the next in the queue.
struct Permit(Rc<PermitQueue>);

impl PermitQueue {
    async fn acquire(self: &Rc<Self>) -> Permit {
        while self.free.get() == 0 {
            let (wake, woken) = oneshot::channel();
            self.queue.borrow_mut().push_back(wake);
            // An error would mean that the queue was dropped, which `self` rules out. Check again either way.
            let _ = woken.await;
        }
        self.free.set(self.free.get() - 1);
        Permit(Rc::clone(self))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.free.set(self.0.free.get() + 1);
        loop {
            let next = self.0.queue.borrow_mut().pop_front();
            // A request that was cancelled while waiting has dropped its receiver: wake the one behind it.
            if next.is_none_or(|waiting| waiting.send(()).is_ok()) {
                return;
            }
        }
    }
}

impl ConcurrencyLimit {
    /// Allows at most `max_concurrent` (at least one) requests at once.
    #[must_use]
    pub fn new(inner: Rc<dyn Transport>, max_concurrent: usize) -> Self {
        Self {
            inner,
            permits: Rc::new(PermitQueue {
                free: Cell::new(max_concurrent.max(1)),
                queue: RefCell::new(VecDeque::new()),
            }),
        }
    }
}

impl Transport for ConcurrencyLimit {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let _permit = self.permits.acquire().await;
            self.inner.send(request).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Body, Method};
    use futures::future::{FutureExt, LocalBoxFuture};
    use futures::task::noop_waker;
    use std::task::Context;

    /// Answers only when the test says so.
    #[derive(Default)]
    struct HeldAnswers {
        pending: RefCell<Vec<oneshot::Sender<()>>>,
    }

    impl Transport for HeldAnswers {
        fn send(&self, _: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
            let (answer, answered) = oneshot::channel();
            self.pending.borrow_mut().push(answer);
            Box::pin(async move {
                answered.await.map_err(|_| TransportError::Cancelled)?;
                Ok(Response {
                    status: 200,
                    headers: Vec::new(),
                    body: Body::Empty,
                })
            })
        }
    }

    #[test]
    fn requests_are_bounded_and_a_cancelled_one_frees_its_permit() {
        let held = Rc::new(HeldAnswers::default());
        let limit = ConcurrencyLimit::new(Rc::clone(&held) as Rc<dyn Transport>, 2);
        let waker = noop_waker();
        let mut context = Context::from_waker(&waker);
        let mut requests: Vec<_> = (0..5)
            .map(|_| limit.send(Request::new(Method::Get, "/v3/ips")))
            .collect();
        for request in &mut requests {
            assert!(request.poll_unpin(&mut context).is_pending());
        }
        assert_eq!(held.pending.borrow().len(), 2);
        // Cancel the third, which waits; then the first answers. The fourth must be sent.
        drop(requests.remove(2));
        held.pending.borrow_mut().remove(0).send(()).unwrap();
        for request in &mut requests {
            let _ = request.poll_unpin(&mut context);
        }
        assert_eq!(held.pending.borrow().len(), 2);
    }
}
