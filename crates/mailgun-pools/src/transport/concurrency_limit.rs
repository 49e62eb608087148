//! At most so many requests at once; the rest wait their turn.

use super::{Request, Response, Transport, TransportError};
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// A transport with a bound on the requests under way.
pub struct ConcurrencyLimit {
    inner: Rc<dyn Transport>,
    gate: Rc<PermitQueue>,
}

struct PermitQueue {
    free: Cell<usize>,
    queue: RefCell<VecDeque<oneshot::Sender<()>>>,
}

/// A place among those under way; dropping it, also when a request is cancelled, wakes the next in line.
struct Permit(Rc<PermitQueue>);

impl PermitQueue {
    async fn enter(self: &Rc<Self>) -> Permit {
        while self.free.get() == 0 {
            let (wake, woken) = oneshot::channel();
            self.queue.borrow_mut().push_back(wake);
            // An error means the gate is gone, which holding it rules out; either way look again.
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
            // A request cancelled while it waited no longer listens: wake the one behind it.
            if next.is_none_or(|waiting| waiting.send(()).is_ok()) {
                return;
            }
        }
    }
}

impl ConcurrencyLimit {
    /// At most `at_once` (at least one) requests under way.
    #[must_use]
    pub fn new(inner: Rc<dyn Transport>, at_once: usize) -> Self {
        Self {
            inner,
            gate: Rc::new(PermitQueue {
                free: Cell::new(at_once.max(1)),
                queue: RefCell::new(VecDeque::new()),
            }),
        }
    }
}

impl Transport for ConcurrencyLimit {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let _place = self.gate.enter().await;
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

    /// Answers only when told, and remembers how many it held at once.
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
    fn no_more_than_the_bound_are_under_way_and_cancelled_ones_free_their_place() {
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
        // The third, waiting, is cancelled; then the first answers: the fourth goes, not nobody.
        drop(requests.remove(2));
        held.pending.borrow_mut().remove(0).send(()).unwrap();
        for request in &mut requests {
            let _ = request.poll_unpin(&mut context);
        }
        assert_eq!(held.pending.borrow().len(), 2);
    }
}
