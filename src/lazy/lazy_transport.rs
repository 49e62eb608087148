//! Transports whose other end comes with a part.

use super::{ChunkUnavailable, answer, live_transport};
use crate::state::live::{LiveAccount, TransportParts};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use leptos::task::spawn_local;
use mailgun_pools::transport::{Request, Response, Transport, TransportError};
use poolkeeper_simulator::server::Simulator;
use std::cell::RefCell;
use std::rc::Rc;

/// The simulator as a transport; what answers comes with the first request.
pub(super) struct LazySimulatorTransport(pub(super) Simulator);

impl Transport for LazySimulatorTransport {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move { Ok(answer(self.0.clone(), request).await?) })
    }
}

type PendingTransport = Shared<LocalBoxFuture<'static, Result<Rc<dyn Transport>, ChunkUnavailable>>>;

/// The transport of a live account; its code is downloaded at once.
pub(super) struct LazyLiveTransport {
    live: LiveAccount,
    parts: TransportParts,
    pending: RefCell<PendingTransport>,
}

impl LazyLiveTransport {
    pub(super) fn new(live: LiveAccount, parts: TransportParts) -> Self {
        let pending = start(live, parts.clone());
        // The record of changes comes with it, also where no request is sent. A request that fails to get it tries again.
        spawn_local(pending.clone().map(drop));
        Self {
            live,
            parts,
            pending: RefCell::new(pending),
        }
    }
}

fn start(live: LiveAccount, parts: TransportParts) -> PendingTransport {
    let pending: LocalBoxFuture<'static, _> = Box::pin(live_transport(live, parts));
    pending.shared()
}

impl Transport for LazyLiveTransport {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let pending = self.pending.borrow().clone();
            match pending.await {
                Ok(transport) => transport.send(request).await,
                Err(missing) => {
                    // The next request tries again.
                    *self.pending.borrow_mut() = start(self.live, self.parts.clone());
                    Err(missing.into())
                }
            }
        })
    }
}
