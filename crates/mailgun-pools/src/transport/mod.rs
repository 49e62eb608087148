//! HTTP requests and responses, and the trait that sends them.
//!
//! A [`Transport`] turns a [`Request`] into a [`Response`]: over the network, by the simulator in the same process, or
//! through another transport that it decorates.

#[cfg(any(feature = "browser", feature = "native"))]
mod api_key;
#[cfg(any(feature = "browser", feature = "native"))]
mod base_url;
#[cfg(feature = "browser")]
pub mod browser;
mod concurrency_limit;
mod curl;
mod faults;
mod log;
#[cfg(feature = "native")]
mod native;
mod pacing;
mod read_only;
#[cfg(any(feature = "browser", feature = "native"))]
mod response;
mod retry;
mod retry_after;
#[cfg(feature = "browser")]
mod saved_connection;

#[cfg(any(feature = "browser", feature = "native"))]
pub use api_key::ApiKey;
#[cfg(any(feature = "browser", feature = "native"))]
pub use base_url::{BaseUrl, InvalidBaseUrl};

pub use concurrency_limit::ConcurrencyLimit;
pub use curl::as_curl;
pub use faults::{Fault, FaultPlan, Faults, Latency, Sleep};
pub use log::{Exchange, ExchangeResult, Exchanges, LoggingTransport, MAX_LOGGED_BODY_BYTES};
#[cfg(feature = "native")]
pub use native::NativeSender;
pub use pacing::Pacing;
pub use read_only::ReadOnlyGuard;
pub use retry::{Backoff, Retry, RetryEnv, RetryPolicy, RetryWait};
pub use retry_after::{RetryAfter, is_rate_limited};
#[cfg(feature = "browser")]
pub use saved_connection::SavedConnection;

use futures::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// An HTTP method of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Read.
    Get,
    /// Create or start.
    Post,
    /// Set.
    Put,
    /// Change.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// Its name in HTTP.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method of this name, if the API uses it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|method| method.as_str() == name)
    }

    /// Whether a request with this method changes nothing.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Get)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The body of a request or response.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// Form fields in order; a list repeats the field.
    Form(Vec<(String, String)>),
    /// JSON.
    Json(serde_json::Value),
    /// Any other text, such as a gateway's HTML page.
    Text(String),
}

/// A request without host and key. A transport that needs them adds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path from the host's root, segments percent-encoded: `/v3/dynamic_pools`.
    pub path: String,
    /// Query pairs in order, not encoded; a key may repeat.
    pub query: Vec<(String, String)>,
    /// The subaccount acted for (`X-Mailgun-On-Behalf-Of`).
    pub on_behalf_of: Option<String>,
    /// The body.
    pub body: Body,
}

impl Request {
    /// A request without query or body.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            on_behalf_of: None,
            body: Body::Empty,
        }
    }

    /// With one more query pair.
    #[must_use]
    pub fn query(mut self, key: &str, value: impl Into<String>) -> Self {
        self.query.push((key.to_owned(), value.into()));
        self
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }
}

/// A response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

impl Response {
    /// The first value of a header. Case does not tell names apart.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Why there is no response. The client has the texts for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransportError {
    /// The browser says it is offline.
    #[error("offline")]
    Offline,
    /// No connection, or the browser withheld the answer (cross-origin): a page can't tell them apart.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// No answer in time; milliseconds waited.
    #[error("no answer within {0} ms")]
    TimedOut(u64),
    /// The person or a newer request cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// The response broke off or did not match its headers.
    #[error("broken answer: {0}")]
    Broken(String),
    /// The response was too large; the limit in bytes.
    #[error("an answer of more than {0} bytes")]
    TooLarge(u64),
    /// The connection is read-only, so the change was not sent.
    #[error("not sent: the connection is read-only")]
    ReadOnly,
}

/// Sends requests and returns responses.
pub trait Transport {
    /// Sends one request.
    ///
    /// # Errors
    /// [`TransportError`] when no response came; a response with an error status is `Ok`.
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>>;
}
