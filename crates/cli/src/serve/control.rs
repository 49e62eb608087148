//! What a test needs beside the contract: to move the clock, and to begin again. Under a path that Mailgun has not.

use super::clock;
use mailgun_pools::transport::Method;
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{Refusal, Sim};

/// The paths of all controls, for a router.
pub(super) const PATHS: &str = "/_poolkeeper/{*control}";

const CLOCK: &str = "/_poolkeeper/clock";
const RESET: &str = "/_poolkeeper/reset";

/// Something asked of the simulator itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ControlRequest {
    /// Says what the clock shows.
    Clock,
    /// Moves the clock on by so many seconds.
    Advance(u64),
    /// Puts the account back as it was when the server began.
    Reset,
}

/// Why a control is not carried out.
pub(super) enum ControlProblem {
    /// In words.
    BadInput(String),
    /// The methods that the path takes.
    WrongMethod(&'static str),
}

impl ControlRequest {
    /// `None` when the path is none of these.
    pub(super) fn find(method: Method, path: &str, query: &[(String, String)]) -> Option<Result<Self, ControlProblem>> {
        let bad = |problem: &str| Some(Err(ControlProblem::BadInput(problem.to_owned())));
        let seconds = query.iter().find(|(key, _)| key == "seconds").map(|(_, value)| value);
        match (path, method, seconds) {
            (CLOCK, Method::Get, _) => Some(Ok(Self::Clock)),
            (CLOCK, Method::Post, Some(seconds)) => match seconds.parse() {
                Ok(seconds) => Some(Ok(Self::Advance(seconds))),
                Err(_) => bad(&format!("seconds is a whole number, not “{seconds}”")),
            },
            (CLOCK, Method::Post, None) => bad("say by how many seconds: ?seconds=86400"),
            (CLOCK, ..) => Some(Err(ControlProblem::WrongMethod("GET, POST"))),
            (RESET, Method::Post, _) => Some(Ok(Self::Reset)),
            (RESET, ..) => Some(Err(ControlProblem::WrongMethod("POST"))),
            _ => None,
        }
    }

    /// Whether it changes the account or its clock.
    pub(super) fn is_change(self) -> bool {
        self != Self::Clock
    }

    /// Does it, and says what the clock then shows.
    pub(super) async fn carry_out(self, simulator: &Simulator, start: &Sim) -> Result<String, Refusal> {
        match self {
            Self::Clock => {}
            Self::Advance(seconds) => clock::advance(simulator, seconds).await?,
            Self::Reset => simulator.try_replace(start.clone())?,
        }
        let now = simulator.sim().now().to_utc();
        Ok(now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
    }
}
