//! Transports whose other end comes with a part.

use super::{Missing, answer, live_way};
use crate::state::live::{LiveAccount, Way};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use mailgun_pools::transport::{Request, Response, Transport, TransportError};
use poolkeeper_simulator::server::Simulator;
use std::cell::RefCell;
use std::rc::Rc;

/// The simulator as a transport; what answers comes with the first request.
pub struct Served(pub Simulator);

impl Transport for Served {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move { Ok(answer(self.0.clone(), request).await?) })
    }
}

type Arriving = Shared<LocalBoxFuture<'static, Result<Rc<dyn Transport>, Missing>>>;

/// The way to a live account, made when it is first used.
pub struct LiveWay {
    live: LiveAccount,
    way: Way,
    made: RefCell<Arriving>,
}

impl LiveWay {
    /// A way that is not made yet.
    #[must_use]
    pub fn new(live: LiveAccount, way: Way) -> Self {
        let made = RefCell::new(making(live, way.clone()));
        Self { live, way, made }
    }
}

fn making(live: LiveAccount, way: Way) -> Arriving {
    let made: LocalBoxFuture<'static, _> = Box::pin(live_way(live, way));
    made.shared()
}

impl Transport for LiveWay {
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
