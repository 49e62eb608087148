//! Answers of the console, each with the headers that keep other pages out.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};

/// An answer to a browser.
pub(super) type Answer = Response<Body>;

/// For everything that is not a page. A worker takes its policy from its own script's answer, so scripts may run and ask here.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'",
);

const SECURITY: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        HeaderValue::from_static("require-corp"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Adds the security headers. A Content-Security-Policy that is there already stays.
pub(super) fn secured(mut answer: Answer) -> Answer {
    let headers = answer.headers_mut();
    headers.extend(SECURITY.map(|(name, value)| (Some(name), value)));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(POLICY);
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// An answer with a body of one type.
pub(super) fn with_body(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Answer {
    let mut answer = Answer::new(body.into());
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

/// An answer of the console itself, in the form of Mailgun's errors, so that the page shows it like one.
pub(super) fn message(status: StatusCode, text: &str) -> Answer {
    json(status, &serde_json::json!({ "message": text }))
}

/// A JSON answer.
pub(super) fn json(status: StatusCode, value: &serde_json::Value) -> Answer {
    with_body(status, "application/json", value.to_string())
}
