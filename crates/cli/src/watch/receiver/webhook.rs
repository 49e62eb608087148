//! JSON by POST.

use serde_json::Value;
use std::fmt;
use std::time::Duration;
use ureq::Agent;

/// The header with the message's identifier, by which a receiver knows one that it has already.
const ID_HEADER: &str = "Idempotency-Key";

/// An address, which may be a secret itself, as Slack's are. It is not printed.
#[derive(Clone)]
pub(in crate::watch) struct SecretUrl(String);

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl")
    }
}

impl SecretUrl {
    /// `None` for what is no address of a web server.
    pub(in crate::watch) fn parse(text: &str) -> Option<Self> {
        let uri: ureq::http::Uri = text.parse().ok()?;
        let is_web = matches!(uri.scheme_str(), Some("https" | "http"));
        (is_web && uri.host().is_some_and(|host| !host.is_empty())).then(|| Self(text.to_owned()))
    }

    /// Sends JSON; an answer of 200 to 299 takes it.
    pub(super) fn post(&self, message: &Value, id: &str, timeout: Duration) -> Result<(), String> {
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        let request = Agent::new_with_config(config)
            .post(&self.0)
            .header("Content-Type", "application/json")
            .header("User-Agent", concat!("poolkeeper/", env!("CARGO_PKG_VERSION")))
            .header(ID_HEADER, id);
        let answer = request.send(message.to_string()).map_err(|error| match error {
            ureq::Error::Timeout(_) => "it did not answer in time".to_owned(),
            ureq::Error::HostNotFound => "its host is not known".to_owned(),
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::ConnectionFailed => "no connection".to_owned(),
            // Other texts may repeat the address.
            _ => "the request failed".to_owned(),
        })?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        Err(format!("it answered {}", status.as_u16()))
    }
}
