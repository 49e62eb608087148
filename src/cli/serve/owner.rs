//! The simulator lives on one thread; requests from any connection are handed to it.

use crate::transport::{Request, Response, Transport, TransportError};
use std::rc::Rc;
use tokio::sync::{mpsc, oneshot};

/// A handle on the thread that owns the simulator.
#[derive(Clone)]
pub(super) struct Owner(mpsc::UnboundedSender<Exchange>);

/// A request, and where its answer goes.
pub(super) struct Exchange {
    request: Request,
    answer: oneshot::Sender<Result<Response, TransportError>>,
}

/// The owner's end.
pub(super) type Exchanges = mpsc::UnboundedReceiver<Exchange>;

impl Owner {
    pub(super) fn new() -> (Self, Exchanges) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    pub(super) async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let stopping = || TransportError::Unreachable("the simulator is stopping".to_owned());
        let (answer, answered) = oneshot::channel();
        self.0.send(Exchange { request, answer }).map_err(|_| stopping())?;
        answered.await.map_err(|_| stopping())?
    }
}

/// Answers exchanges until the last handle is gone. Each runs by itself: a slow one holds up no other.
pub(super) async fn answer_all(transport: Rc<dyn Transport>, mut exchanges: Exchanges) {
    while let Some(Exchange { request, answer }) = exchanges.recv().await {
        let transport = Rc::clone(&transport);
        tokio::task::spawn_local(async move {
            let response = transport.send(request).await;
            // The client may have hung up.
            let _ = answer.send(response);
        });
    }
}
