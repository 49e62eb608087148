//! What a test needs beside the contract: to move the clock, and to begin again. Under a path that Mailgun has not.

use super::clock;
use mailgun_pools::transport::Method;
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{Refusal, Sim};

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

impl ControlRequest {
    /// `None` when the path is none of these; an error in words when it is, and what is asked makes no sense.
    pub(super) fn find(method: Method, path: &str, query: &[(String, String)]) -> Option<Result<Self, String>> {
        let seconds = query.iter().find(|(key, _)| key == "seconds").map(|(_, value)| value);
        match (path, method, seconds) {
            (CLOCK, Method::Get, _) => Some(Ok(Self::Clock)),
            (CLOCK, Method::Post, Some(seconds)) => Some(
                seconds
                    .parse()
                    .map(Self::Advance)
                    .map_err(|_| format!("seconds is a whole number, not “{seconds}”")),
            ),
            (CLOCK, Method::Post, None) => Some(Err("say by how many seconds: ?seconds=86400".to_owned())),
            (RESET, Method::Post, _) => Some(Ok(Self::Reset)),
            (CLOCK | RESET, _, _) => Some(Err(format!("{path} takes POST"))),
            _ => None,
        }
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
