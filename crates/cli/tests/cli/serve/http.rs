//! Requests over real HTTP, by a client library that knows nothing of this project.

use mailgun_pools::transport::{Body, Request, Response, TransportError};
use std::time::Duration;

/// Speaks to a server as the browser does: Basic authentication, forms as multipart.
pub struct Http {
    base: String,
    key: &'static str,
    agent: ureq::Agent,
}

impl Http {
    pub fn new(base: &str) -> Self {
        Self::with_key(base, "some-key")
    }

    /// An empty key sends no authentication at all.
    pub fn with_key(base: &str, key: &'static str) -> Self {
        Self {
            base: base.to_owned(),
            key,
            agent: agent(),
        }
    }

    pub fn now(&self, request: &Request) -> Result<Response, TransportError> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&request.query);
        let query = query.finish();
        let url = format!(
            "{}{}{}{query}",
            self.base,
            request.path,
            if query.is_empty() { "" } else { "?" }
        );
        let mut built = ureq::http::Request::builder().method(request.method.as_str()).uri(url);
        if !self.key.is_empty() {
            built = built.header("Authorization", basic(&format!("api:{}", self.key)));
        }
        if request.path.starts_with("/_poolkeeper/") {
            built = built.header("X-Poolkeeper-Control", "1");
        }
        if let Some(subaccount) = &request.on_behalf_of {
            built = built.header("X-Mailgun-On-Behalf-Of", subaccount);
        }
        let (content_type, body) = match &request.body {
            Body::Empty => (None, Vec::new()),
            Body::Form(fields) => (
                Some(format!("multipart/form-data; boundary={BOUNDARY}")),
                multipart(fields),
            ),
            Body::Json(json) => (Some("application/json".to_owned()), json.to_string().into_bytes()),
            Body::Text(text) => (Some("text/plain".to_owned()), text.clone().into_bytes()),
        };
        if let Some(content_type) = content_type {
            built = built.header("Content-Type", content_type);
        }
        answer(self.agent.run(built.body(body).expect("a request")))
    }
}

/// A client that hands every status on, and gives up on a server that hangs.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into()
}

/// What came back, in the project's terms.
pub fn answer(answered: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Response, TransportError> {
    let mut answered = answered.map_err(|error| TransportError::Unreachable(error.to_string()))?;
    let text = answered.body_mut().read_to_string();
    let text = text.map_err(|error| TransportError::Broken(error.to_string()))?;
    let headers = answered.headers().iter();
    Ok(Response {
        status: answered.status().as_u16(),
        headers: headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
            .collect(),
        body: match serde_json::from_str(&text) {
            Ok(json) => Body::Json(json),
            Err(_) if text.is_empty() => Body::Empty,
            Err(_) => Body::Text(text),
        },
    })
}

pub fn basic(user_and_key: &str) -> String {
    use base64::Engine as _;
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(user_and_key)
    )
}

const BOUNDARY: &str = "----a-boundary-of-the-tests";

fn multipart(fields: &[(String, String)]) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += &format!("--{BOUNDARY}--\r\n");
    body.into_bytes()
}
