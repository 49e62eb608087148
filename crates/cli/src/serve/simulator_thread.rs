//! The simulator lives on one thread; requests from any connection are handed to it.

use super::control::ControlRequest;
use mailgun_pools::transport::{Request, Response, Transport, TransportError};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{Refusal, Sim};
use std::rc::Rc;
use tokio::sync::{Mutex, mpsc, oneshot};

/// A handle on the thread that owns the simulator.
#[derive(Clone)]
pub(super) struct SimulatorHandle(mpsc::UnboundedSender<OwnerMessage>);

type Reply = Result<Response, TransportError>;

/// What is asked, and where the answer goes.
pub(super) enum OwnerMessage {
    /// A request of the contract.
    Exchange(Request, oneshot::Sender<Reply>),
    /// Something asked of the simulator itself. Answers with the instant its clock then shows.
    Control(ControlRequest, oneshot::Sender<Result<String, Refusal>>),
}

/// The owner's end.
pub(super) type OwnerReceiver = mpsc::UnboundedReceiver<OwnerMessage>;

impl SimulatorHandle {
    pub(super) fn new() -> (Self, OwnerReceiver) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    pub(super) async fn send(&self, request: Request) -> Reply {
        let (answer, answered) = oneshot::channel();
        self.0
            .send(OwnerMessage::Exchange(request, answer))
            .map_err(|_| stopping())?;
        answered.await.map_err(|_| stopping())?
    }

    /// `Err` when the server is stopping.
    pub(super) async fn control(&self, control: ControlRequest) -> Result<Result<String, Refusal>, TransportError> {
        let (answer, answered) = oneshot::channel();
        self.0
            .send(OwnerMessage::Control(control, answer))
            .map_err(|_| stopping())?;
        answered.await.map_err(|_| stopping())
    }
}

fn stopping() -> TransportError {
    TransportError::Unreachable("the simulator is stopping".to_owned())
}

/// Answers until the last handle is gone. Each request runs by itself: a slow one holds up no other.
pub(super) async fn answer_all(simulator: Simulator, transport: Rc<dyn Transport>, mut messages: OwnerReceiver) {
    let start: Rc<Sim> = simulator.sim();
    // One control after another: a long way of the clock is not reset halfway.
    let turn = Rc::new(Mutex::new(()));
    while let Some(message) = messages.recv().await {
        match message {
            OwnerMessage::Exchange(request, answer) => {
                let transport = Rc::clone(&transport);
                tokio::task::spawn_local(async move {
                    let response = transport.send(request).await;
                    // The client may have hung up.
                    let _ = answer.send(response);
                });
            }
            OwnerMessage::Control(control, answer) => {
                let (simulator, start, turn) = (simulator.clone(), Rc::clone(&start), Rc::clone(&turn));
                tokio::task::spawn_local(async move {
                    let _turn = match control {
                        ControlRequest::Clock => None,
                        ControlRequest::Advance(_) | ControlRequest::Reset => Some(turn.lock().await),
                    };
                    let _ = answer.send(control.carry_out(&simulator, &start).await);
                });
            }
        }
    }
}
