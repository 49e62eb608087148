//! HTTP in and out: a real request becomes one of the contract's, its answer real again. No rule lives here.

use super::access::{AccessRules, ON_BEHALF_OF};
use super::body::{RequestBodies, json, message};
use super::control::{self, ControlProblem, ControlRequest};
use super::rate_limiter::RateLimiter;
use super::simulator_thread::SimulatorHandle;
use crate::form::pairs;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response as HttpResponse};
use axum::routing::any;
use mailgun_pools::transport::{Body, Method, Request, Response, TransportError};
use mailgun_pools::wire::Operation;
use std::fmt;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// What the face needs to know.
#[derive(Clone)]
pub(super) struct HttpConfig {
    pub(super) owner: SimulatorHandle,
    pub(super) access: Arc<AccessRules>,
    /// The one key that is taken; `None` takes any that is not empty.
    pub(super) key: Option<ServerKey>,
    pub(super) throttle: Option<Arc<RateLimiter>>,
    pub(super) bodies: RequestBodies,
}

/// A key that never prints.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct ServerKey(pub(super) String);

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(redacted)")
    }
}

/// The service: every path goes to the simulator, which knows the contract's.
pub(super) fn router(face: HttpConfig) -> axum::Router {
    let mut controls = axum::Router::new().route(control::PATHS, any(answer));
    if let Some(layer) = face.access.control_layer() {
        controls = controls.layer(layer);
    }
    let mut api = axum::Router::new().fallback(answer);
    if let Some(layer) = face.access.api_layer() {
        api = api.layer(layer);
    }
    let check = from_fn_with_state(face.clone(), admit);
    controls.merge(api).layer(check).with_state(face)
}

/// Checks the host before anything else answers.
async fn admit(State(face): State<HttpConfig>, request: axum::extract::Request, next: Next) -> HttpResponse {
    match face.access.admit_host(&request) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused,
    }
}

async fn answer(State(face): State<HttpConfig>, request: axum::extract::Request) -> HttpResponse {
    if let Err(refused) = authorized(request.headers(), face.key.as_ref()) {
        return refused;
    }
    // The simulator's own controls, which no limit and no fault stands before.
    if let Some(found) = control_of(&request) {
        let is_change = found.as_ref().is_ok_and(|control| control.is_change());
        if is_change && let Err(refused) = face.access.admit_control(request.headers()) {
            return refused;
        }
        return controlled(&face.owner, found).await;
    }
    let limits = match face.throttle.as_ref().map(|throttle| throttle.take()) {
        Some(taken) if !taken.is_allowed => return with_headers(too_many(), &taken.headers),
        Some(taken) => taken.headers,
        None => Vec::new(),
    };
    let response = match decoded(request, &face.bodies).await {
        Ok((request, _held)) => match face.owner.send(request).await {
            Ok(response) => encoded(response),
            // Faults that were asked for: a server that stays silent, one that hangs up.
            Err(TransportError::TimedOut(_)) => std::future::pending().await,
            Err(error) => hang_up(&error),
        },
        Err(refused) => refused,
    };
    with_headers(response, &limits)
}

fn control_of(request: &axum::extract::Request) -> Option<Result<ControlRequest, ControlProblem>> {
    let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
    ControlRequest::find(method_of(request)?, request.uri().path(), &query)
}

async fn controlled(owner: &SimulatorHandle, found: Result<ControlRequest, ControlProblem>) -> HttpResponse {
    let control = match found {
        Ok(control) => control,
        Err(ControlProblem::BadInput(problem)) => return message(StatusCode::BAD_REQUEST, &problem),
        Err(ControlProblem::WrongMethod(allowed)) => return wrong_method(allowed.to_owned()),
    };
    match owner.control(control).await {
        Ok(Ok(now)) => json(StatusCode::OK, &serde_json::json!({ "now": now })),
        Ok(Err(refusal)) => message(status_of(refusal.kind.status()), &refusal.message),
        Err(error) => message(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}

fn with_headers(mut response: HttpResponse, headers: &[(&'static str, String)]) -> HttpResponse {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// Begins an answer and breaks off, so that the client sees its connection reset.
fn hang_up(error: &TransportError) -> HttpResponse {
    let broken = std::io::Error::other(error.to_string());
    let parts = futures::stream::iter([Ok(Bytes::from_static(b"{\"it")), Err(broken)]);
    (
        [(header::CONTENT_TYPE, "application/json")],
        axum::body::Body::from_stream(parts),
    )
        .into_response()
}

fn too_many() -> HttpResponse {
    message(
        StatusCode::TOO_MANY_REQUESTS,
        "too many requests; wait as long as Retry-After says",
    )
}

fn wrong_method(allowed: String) -> HttpResponse {
    let text = format!("This path takes {allowed}.");
    with_headers(message(StatusCode::METHOD_NOT_ALLOWED, &text), &[("allow", allowed)])
}

/// HTTP Basic, user `api`, any key or the one that was set.
#[expect(clippy::result_large_err, reason = "an answer, made once a request and handed on")]
fn authorized(headers: &HeaderMap, expected: Option<&ServerKey>) -> Result<(), HttpResponse> {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(basic_key);
    let is_right = match (given, expected) {
        (None, _) => false,
        (Some(given), None) => !given.0.is_empty(),
        (Some(given), Some(expected)) => given == *expected,
    };
    if is_right {
        return Ok(());
    }
    let text = "Invalid private key: send HTTP Basic authentication with the user “api” and the key as password";
    let challenge = [("www-authenticate", "Basic realm=\"poolkeeper\"".to_owned())];
    Err(with_headers(message(StatusCode::UNAUTHORIZED, text), &challenge))
}

fn basic_key(authorization: &str) -> Option<ServerKey> {
    use base64::Engine as _;
    let encoded = authorization
        .strip_prefix("Basic ")
        .or_else(|| authorization.strip_prefix("basic "))?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    text.strip_prefix("api:").map(|key| ServerKey(key.to_owned()))
}

fn method_of(request: &axum::extract::Request) -> Option<Method> {
    Method::parse(request.method().as_str())
}

/// The request, and the room that its body takes.
async fn decoded(
    request: axum::extract::Request,
    bodies: &RequestBodies,
) -> Result<(Request, OwnedSemaphorePermit), HttpResponse> {
    let Some(method) = method_of(&request) else {
        return Err(wrong_method(methods_of(request.uri().path())));
    };
    let path = request.uri().path().to_owned();
    let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
    let on_behalf_of = request
        .headers()
        .get(ON_BEHALF_OF)
        .and_then(|id| id.to_str().ok())
        .map(str::to_owned);
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let (body, held) = bodies.read(request, &content_type).await?;
    let request = Request {
        method,
        path,
        query,
        on_behalf_of,
        body,
    };
    Ok((request, held))
}

/// The methods a path takes; those of the whole API for a path that it has not.
fn methods_of(path: &str) -> String {
    let all = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
    let taken = all.into_iter().filter(|method| Operation::find(*method, path).is_ok());
    let taken: Vec<&str> = taken.map(Method::as_str).collect();
    if taken.is_empty() {
        all.map(Method::as_str).join(", ")
    } else {
        taken.join(", ")
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn encoded(response: Response) -> HttpResponse {
    let status = status_of(response.status);
    let (content_type, body) = match response.body {
        Body::Empty => ("application/json", String::new()),
        Body::Json(value) => ("application/json", value.to_string()),
        Body::Form(fields) => {
            let mut encoder = form_urlencoded::Serializer::new(String::new());
            (
                "application/x-www-form-urlencoded",
                encoder.extend_pairs(fields).finish(),
            )
        }
        Body::Text(text) if text.trim_start().starts_with('<') => ("text/html; charset=utf-8", text),
        Body::Text(text) => ("text/plain; charset=utf-8", text),
    };
    let mut answer = (status, [(header::CONTENT_TYPE, content_type)], body).into_response();
    for (name, value) in &response.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::from_str(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}
