//! Builds a response from its bytes.

use super::{ApiKey, Body, Response};

/// Larger responses are refused, because a server may send anything. The largest real response lists a hundred thousand
/// domains that are not enrolled, in about 12 MB.
pub(super) const MAX_RESPONSE_BYTES: usize = 16_000_000;

/// A response with the key redacted.
pub(super) fn response(status: u16, headers: Vec<(String, String)>, bytes: Vec<u8>, key: &ApiKey) -> Response {
    let headers: Vec<(String, String)> = headers
        .into_iter()
        .map(|(name, value)| (name.to_lowercase(), key.redact(value)))
        .collect();
    let text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Response {
        status,
        body: decode(&headers, key.redact(text)),
        headers,
    }
}

/// JSON if it parses as JSON, whatever its content type; otherwise text, so that an error page can be shown.
fn decode(headers: &[(String, String)], text: String) -> Body {
    let content_type = headers
        .iter()
        .find(|(name, _)| name == "content-type")
        .map_or("", |(_, value)| value.as_str());
    if text.trim().is_empty() {
        return Body::Empty;
    }
    if content_type.starts_with("text/html") {
        return Body::Text(text);
    }
    serde_json::from_str(&text).map_or(Body::Text(text), Body::Json)
}
