//! The sender for programs, over HTTPS.
//!
//! It uses ureq, which is small and needs no async runtime, so any executor and a plain thread can use it. ureq blocks,
//! so each request has its own thread; a [`ConcurrencyLimit`](super::ConcurrencyLimit) bounds them. Dropping the future
//! does not stop a request: its thread ends with the response or the timeout.

use super::response::{MAX_RESPONSE_BYTES, response};
use super::{ApiKey, BaseUrl, Body, Request, Response, Transport, TransportError};
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use std::time::Duration;

/// A connection to Mailgun, or to a proxy in front of it.
#[derive(Clone, Debug)]
pub struct NativeSender(Connection);

#[derive(Clone)]
struct Connection {
    base: BaseUrl,
    key: ApiKey,
    timeout_ms: u32,
    agent: ureq::Agent,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("base", &self.base)
            .field("key", &self.key)
            .field("timeout_ms", &self.timeout_ms)
            .finish_non_exhaustive()
    }
}

impl NativeSender {
    /// A connection. `timeout_ms` bounds each request, from the first byte sent to the last received.
    #[must_use]
    pub fn new(base: BaseUrl, key: ApiKey, timeout_ms: u32) -> Self {
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A redirect would send the key elsewhere.
            .max_redirects(0)
            .timeout_global(Some(Duration::from_millis(u64::from(timeout_ms))))
            // DELETE with a body.
            .allow_non_standard_methods(true)
            .user_agent(concat!("mailgun-pools/", env!("CARGO_PKG_VERSION")));
        if base.is_loopback() {
            // A proxy of the environment must not see the key of a local server.
            config = config.proxy(None);
        }
        Self(Connection {
            agent: config.build().into(),
            base,
            key,
            timeout_ms,
        })
    }

    /// Sends a request and waits for the answer, on this thread.
    ///
    /// # Errors
    /// [`TransportError`] when no response came; a response with an error status is `Ok`.
    pub fn send_blocking(&self, request: &Request) -> Result<Response, TransportError> {
        self.0.exchange(request)
    }
}

impl Transport for NativeSender {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        let connection = self.0.clone();
        Box::pin(async move {
            let (sender, receiver) = oneshot::channel();
            std::thread::Builder::new()
                .name("mailgun-pools".to_owned())
                .spawn(move || {
                    // Sending fails only if the caller has stopped waiting.
                    let _ = sender.send(connection.exchange(&request));
                })
                .map_err(|error| TransportError::Broken(format!("no thread for the request: {error}")))?;
            receiver
                .await
                .unwrap_or_else(|_| Err(TransportError::Broken("the request's thread ended early".to_owned())))
        })
    }
}

impl Connection {
    fn exchange(&self, request: &Request) -> Result<Response, TransportError> {
        let built = self.build(request).map_err(|error| self.broken(&error))?;
        let answered = self.agent.run(built);
        let (head, mut body) = answered.map_err(|error| self.no_answer(&error))?.into_parts();
        if matches!(head.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return Err(TransportError::Unreachable(format!(
                "the server redirects ({}), and redirects are not followed",
                head.status.as_u16()
            )));
        }
        let bytes = body.with_config().limit(MAX_RESPONSE_BYTES as u64).read_to_vec();
        let bytes = bytes.map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(limit) => TransportError::TooLarge(limit),
            ureq::Error::Timeout(_) => TransportError::TimedOut(u64::from(self.timeout_ms)),
            error => self.broken(&error),
        })?;
        let headers = head.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Ok(response(head.status.as_u16(), headers.collect(), bytes, &self.key))
    }

    fn build(&self, request: &Request) -> Result<http::Request<Vec<u8>>, http::Error> {
        let mut url = format!("{}{}", self.base.as_str(), request.path);
        if !request.query.is_empty() {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&request.query)
                .finish();
            url = format!("{url}?{query}");
        }
        let mut builder = http::Request::builder()
            .method(request.method.as_str())
            .uri(url)
            .header(ACCEPT, "application/json");
        if let Some(basic) = self.key.basic_auth() {
            let mut value = HeaderValue::try_from(basic)?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(subaccount) = &request.on_behalf_of {
            builder = builder.header("X-Mailgun-On-Behalf-Of", subaccount);
        }
        match &request.body {
            Body::Empty => builder.body(Vec::new()),
            Body::Form(fields) => {
                let boundary = boundary(fields);
                builder
                    .header(CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
                    .body(multipart(fields, &boundary))
            }
            Body::Json(value) => builder
                .header(CONTENT_TYPE, "application/json")
                .body(value.to_string().into_bytes()),
            Body::Text(text) => builder
                .header(CONTENT_TYPE, "text/plain")
                .body(text.clone().into_bytes()),
        }
    }

    fn no_answer(&self, error: &ureq::Error) -> TransportError {
        match error {
            ureq::Error::Timeout(_) => TransportError::TimedOut(u64::from(self.timeout_ms)),
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => self.broken(error),
            error => TransportError::Unreachable(self.key.redact(error.to_string())),
        }
    }

    fn broken(&self, error: &dyn std::error::Error) -> TransportError {
        TransportError::Broken(self.key.redact(error.to_string()))
    }
}

/// A boundary that does not occur in any field.
fn boundary(fields: &[(String, String)]) -> String {
    let mut boundary = "mailgun-pools-form".to_owned();
    while fields
        .iter()
        .any(|(name, value)| name.contains(&boundary) || value.contains(&boundary))
    {
        boundary.push('x');
    }
    boundary
}

fn multipart(fields: &[(String, String)], boundary: &str) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in fields {
        // Browsers escape names like this.
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        body += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += &format!("--{boundary}--\r\n");
    body.into_bytes()
}
