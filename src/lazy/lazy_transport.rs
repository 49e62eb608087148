//! Transports whose other end comes with a part.

use super::{ChunkUnavailable, answer, live_way};
use crate::state::live::{LiveAccount, TransportParts};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use mailgun_pools::transport::{Request, Response, Transport, TransportError};
use poolkeeper_simulator::server::Simulator;
use std::cell::RefCell;
use std::rc::Rc;

/// The simulator as a transport; what answers comes with the first request.
pub struct LazySimulatorTransport(pub Simulator);

impl Transport for LazySimulatorTransport {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move { Ok(answer(self.0.clone(), request).await?) })
    }
}

type PendingTransport = Shared<LocalBoxFuture<'static, Result<Rc<dyn Transport>, ChunkUnavailable>>>;

/// The way to a live account, made when it is first used.
pub struct LazyLiveTransport {
    live: LiveAccount,
    way: TransportParts,
    made: RefCell<PendingTransport>,
}

impl LazyLiveTransport {
    /// A way that is not made yet.
    #[must_use]
    pub fn new(live: LiveAccount, way: TransportParts) -> Self {
        let made = RefCell::new(making(live, way.clone()));
        Self { live, way, made }
    }
}

fn making(live: LiveAccount, way: TransportParts) -> PendingTransport {
    let made: LocalBoxFuture<'static, _> = Box::pin(live_way(live, way));
    made.shared()
}

impl Transport for LazyLiveTransport {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let made = self.made.borrow().clone();
            match made.await {
                Ok(way) => way.send(request).await,
                Err(missing) => {
                    // The next request tries again.
                    *self.made.borrow_mut() = making(self.live, self.way.clone());
                    Err(missing.into())
                }
            }
        })
    }
}
