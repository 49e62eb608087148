//! One account's connection: adds the key to a request, and takes it out of whatever comes back.

use crate::accounts::{AccountConfig, KeyedAccount};
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use mailgun_pools::transport::{ApiKey, Method};
use poolkeeper_account::record::SentRequest;
use std::time::Duration;
use thiserror::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// From the first byte sent to the last received.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The largest real answer lists a hundred thousand domains, in about 12 MB.
const LARGEST_ANSWER_BYTES: u64 = 64_000_000;

/// A request of the contract, without a key.
pub(super) struct ForwardedRequest {
    /// Whether it may change the account.
    pub(super) is_change: bool,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) on_behalf_of: Option<String>,
    pub(super) content_type: Option<HeaderValue>,
    pub(super) body: Bytes,
}

/// What the service answered, the key redacted.
pub(super) struct UpstreamAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Why there is no answer. The text is for the person; it holds no key.
#[derive(Debug, Error)]
pub(super) enum UpstreamError {
    #[error("The service did not answer in time. A change may have arrived all the same.")]
    TimedOut,
    #[error("The service gave no answer: {0}")]
    NoAnswer(String),
}

/// A connection to an account. Has no `Debug`, so the key can't print.
pub(super) struct Upstream {
    account: KeyedAccount,
    agent: ureq::Agent,
}

impl Upstream {
    pub(super) fn new(account: KeyedAccount) -> Self {
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A redirect would carry the key to another place.
            .max_redirects(0)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(TIMEOUT))
            // DELETE with a body.
            .allow_non_standard_methods(true)
            .user_agent(concat!("poolkeeper/", env!("CARGO_PKG_VERSION")));
        if account.config.base.as_str().starts_with("http://") {
            // Plain http goes to this machine only. A proxy of the environment must not see the key.
            config = config.proxy(None);
        }
        Self {
            agent: config.build().into(),
            account,
        }
    }

    pub(super) fn config(&self) -> &AccountConfig {
        &self.account.config
    }

    /// A text of the page, the key redacted where it repeats it.
    pub(super) fn redacted(&self, text: String) -> String {
        self.account.key.redact(text)
    }

    /// A request for the record, the key redacted where it repeats it.
    pub(super) fn without_key(&self, request: SentRequest) -> SentRequest {
        let redact = |pairs: Vec<(String, String)>| {
            let pairs = pairs.into_iter();
            pairs
                .map(|(key, value)| (self.redacted(key), self.redacted(value)))
                .collect()
        };
        SentRequest {
            method: request.method,
            path: self.redacted(request.path),
            query: redact(request.query),
            fields: redact(request.fields),
        }
    }

    /// Sends a request and waits for the answer, on this thread.
    pub(super) fn exchange(&self, request: ForwardedRequest) -> Result<UpstreamAnswer, UpstreamError> {
        let built = self.build(request).map_err(|error| self.no_answer(&error))?;
        let (head, mut body) = self.agent.run(built).map_err(|error| self.failed(&error))?.into_parts();
        if head.status.is_redirection() {
            return Err(UpstreamError::NoAnswer(format!(
                "it redirects ({}), and redirects are not followed",
                head.status
            )));
        }
        let body = body
            .with_config()
            .limit(LARGEST_ANSWER_BYTES)
            .read_to_vec()
            .map_err(|error| self.failed(&error))?;
        let key = &self.account.key;
        let headers = head
            .headers
            .into_iter()
            .filter_map(|(name, value)| Some((name?, redacted_value(key, value)?)));
        Ok(UpstreamAnswer {
            status: head.status,
            headers: headers.collect(),
            body: redacted(key, body),
        })
    }

    fn build(&self, request: ForwardedRequest) -> Result<Request<Vec<u8>>, axum::http::Error> {
        let query = request.query.map_or_else(String::new, |query| format!("?{query}"));
        let mut builder = Request::builder()
            .method(request.method.as_str())
            .uri(format!("{}{}{query}", self.account.config.base.as_str(), request.path))
            .header(header::ACCEPT, "application/json");
        if let Some(basic) = self.account.key.basic_auth() {
            let mut value = HeaderValue::try_from(basic)?;
            value.set_sensitive(true);
            builder = builder.header(header::AUTHORIZATION, value);
        }
        if let Some(subaccount) = request.on_behalf_of {
            builder = builder.header("X-Mailgun-On-Behalf-Of", subaccount);
        }
        if let Some(content_type) = request.content_type.filter(|_| !request.body.is_empty()) {
            builder = builder.header(header::CONTENT_TYPE, content_type);
        }
        builder.body(request.body.to_vec())
    }

    fn failed(&self, error: &ureq::Error) -> UpstreamError {
        match error {
            ureq::Error::Timeout(_) => UpstreamError::TimedOut,
            ureq::Error::BodyExceedsLimit(_) => UpstreamError::NoAnswer("it is larger than 64 MB".to_owned()),
            error => self.no_answer(error),
        }
    }

    fn no_answer(&self, error: &dyn std::error::Error) -> UpstreamError {
        UpstreamError::NoAnswer(self.account.key.redact(error.to_string()))
    }
}

fn redacted(key: &ApiKey, body: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    key.redact(text).into_bytes()
}

fn redacted_value(key: &ApiKey, value: HeaderValue) -> Option<HeaderValue> {
    let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
    HeaderValue::from_str(&key.redact(text)).ok()
}
