//! The one error type.

use crate::transport::{Body, Response, TransportError};
use crate::wire::{ErrorBody, InvalidPathValue, ShapeError, time};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt;
use thiserror::Error;

/// When to try again, as the service said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so many seconds (`Retry-After: 30`).
    Seconds(u64),
    /// At an instant (`Retry-After` as a date, or `X-RateLimit-Reset`).
    At(DateTime<Utc>),
}

impl RetryAfter {
    /// Milliseconds from now on; 0 for an instant that has passed.
    #[must_use]
    pub fn wait_ms(self, now: DateTime<Utc>) -> u64 {
        match self {
            Self::Seconds(seconds) => seconds.saturating_mul(1_000),
            Self::At(at) => u64::try_from(at.signed_duration_since(now).num_milliseconds()).unwrap_or(0),
        }
    }
}

/// Why an operation failed, by cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiErrorKind {
    /// The browser says it is offline.
    Offline,
    /// No connection, or the browser withheld the answer (cross-origin): a page can't tell them apart.
    Unreachable,
    /// No answer in time; milliseconds waited.
    TimedOut(u64),
    /// A person or a newer request cancelled it.
    Cancelled,
    /// The answer broke off.
    Broken,
    /// The answer was larger than a page can take; bytes taken at most.
    AnswerTooLarge(u64),
    /// The connection is read-only, and this would change something: it was not sent.
    ReadOnly,
    /// 400: the service does not take the input, or this program knows it can't be sent.
    BadRequest {
        /// The field at fault, where named.
        field: Option<String>,
        /// What it held.
        value: Option<String>,
    },
    /// 401: the key is wrong or missing.
    Unauthorized,
    /// 403: the feature, the plan or the role is missing.
    Forbidden,
    /// 404: no such domain, pool, IP or address.
    NotFound,
    /// 409: it disagrees with the current state.
    Conflict,
    /// 413: too much in one request.
    TooLarge,
    /// 429: too many requests.
    RateLimited(Option<RetryAfter>),
    /// 5xx: the service or a gateway in front of it failed.
    Server(Option<RetryAfter>),
    /// Any other status that is not a success.
    OtherStatus,
    /// A success, but no JSON: a page of a proxy or a login, or something else that is not the API.
    NotJson,
    /// JSON, but not what the contract has.
    Unexpected {
        /// Where and what: `items[3].bounce_rate: expected a number, got a list`.
        problem: String,
    },
}

/// Why an operation failed. `Display` is one line for a log; [`ApiError::advice`] is for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ApiError {
    /// The cause.
    pub kind: ApiErrorKind,
    /// The status, when a response came.
    pub status: Option<u16>,
    /// The service's own words, or the transport's.
    pub message: Option<String>,
    /// Whether the answer was a web page: it came from a gateway or a proxy, not from the API.
    pub is_web_page: bool,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = self.advice();
        f.write_str(&advice.happened)
    }
}

impl ApiError {
    pub(super) const fn new(kind: ApiErrorKind) -> Self {
        Self {
            kind,
            status: None,
            message: None,
            is_web_page: false,
        }
    }

    pub(super) fn unexpected(status: u16, error: &ShapeError) -> Self {
        Self {
            status: Some(status),
            ..Self::new(ApiErrorKind::Unexpected {
                problem: error.to_string(),
            })
        }
    }

    /// Whether the service refused the request itself, so that sending it again as it is can't help.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self.kind,
            ApiErrorKind::BadRequest { .. }
                | ApiErrorKind::Unauthorized
                | ApiErrorKind::Forbidden
                | ApiErrorKind::NotFound
                | ApiErrorKind::Conflict
                | ApiErrorKind::TooLarge
        )
    }

    /// Whether the cause may pass by itself, so that sending it again later can help.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            ApiErrorKind::Unreachable
                | ApiErrorKind::TimedOut(_)
                | ApiErrorKind::Broken
                | ApiErrorKind::RateLimited(_)
                | ApiErrorKind::Server(_)
        )
    }

    /// When the service asked to be tried again, where it said so.
    #[must_use]
    pub const fn retry_after(&self) -> Option<RetryAfter> {
        match self.kind {
            ApiErrorKind::RateLimited(after) | ApiErrorKind::Server(after) => after,
            _ => None,
        }
    }

    /// Whether a change may have been made although no good answer came.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        matches!(
            self.kind,
            ApiErrorKind::TimedOut(_)
                | ApiErrorKind::Unreachable
                | ApiErrorKind::Broken
                | ApiErrorKind::AnswerTooLarge(_)
                | ApiErrorKind::Cancelled
                | ApiErrorKind::Server(_)
                | ApiErrorKind::NotJson
                | ApiErrorKind::Unexpected { .. }
        )
    }
}

impl From<TransportError> for ApiError {
    fn from(error: TransportError) -> Self {
        let (kind, message) = match error {
            TransportError::Offline => (ApiErrorKind::Offline, None),
            TransportError::Unreachable(detail) => (ApiErrorKind::Unreachable, Some(detail)),
            TransportError::TimedOut(waited_ms) => (ApiErrorKind::TimedOut(waited_ms), None),
            TransportError::Cancelled => (ApiErrorKind::Cancelled, None),
            TransportError::Broken(detail) => (ApiErrorKind::Broken, Some(detail)),
            TransportError::TooLarge(most_bytes) => (ApiErrorKind::AnswerTooLarge(most_bytes), None),
            TransportError::ReadOnly => (ApiErrorKind::ReadOnly, None),
        };
        Self {
            message: message.filter(|text| !text.is_empty()),
            ..Self::new(kind)
        }
    }
}

impl From<InvalidPathValue> for ApiError {
    fn from(error: InvalidPathValue) -> Self {
        let message = Some(error.to_string());
        let kind = ApiErrorKind::BadRequest {
            field: Some(error.place.to_owned()),
            value: Some(error.value),
        };
        Self {
            message,
            ..Self::new(kind)
        }
    }
}

/// A response that is not a success.
pub(super) fn problem_of(response: &Response) -> ApiError {
    let problem = ErrorBody::decode(&response.body);
    let kind = match response.status {
        400 | 422 => ApiErrorKind::BadRequest {
            field: problem.field,
            value: problem.value,
        },
        401 => ApiErrorKind::Unauthorized,
        403 => ApiErrorKind::Forbidden,
        404 => ApiErrorKind::NotFound,
        409 => ApiErrorKind::Conflict,
        413 => ApiErrorKind::TooLarge,
        429 => ApiErrorKind::RateLimited(retry_after(response).or_else(|| rate_limit_reset(response))),
        500..=599 => ApiErrorKind::Server(retry_after(response)),
        _ => ApiErrorKind::OtherStatus,
    };
    ApiError {
        kind,
        status: Some(response.status),
        message: problem.message,
        is_web_page: problem.is_web_page,
    }
}

/// The JSON of a success, also when it came without saying that it is JSON.
pub(super) fn json_of(response: &Response) -> Result<Value, ApiError> {
    let text = match &response.body {
        Body::Json(json) => return Ok(json.clone()),
        Body::Empty | Body::Form(_) => "",
        Body::Text(text) => text,
    };
    serde_json::from_str(text).map_err(|_| {
        let problem = ErrorBody::decode(&response.body);
        ApiError {
            kind: ApiErrorKind::NotJson,
            status: Some(response.status),
            message: problem.message,
            is_web_page: problem.is_web_page,
        }
    })
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(response: &Response) -> Option<RetryAfter> {
    let given = response.header("retry-after")?.trim();
    let seconds = given.parse().ok().map(RetryAfter::Seconds);
    seconds.or_else(|| time::parse(given).map(RetryAfter::At))
}

/// When the limit of requests is lifted.
fn rate_limit_reset(response: &Response) -> Option<RetryAfter> {
    let seconds = response.header("x-ratelimit-reset")?.trim().parse().ok()?;
    DateTime::from_timestamp(seconds, 0).map(RetryAfter::At)
}
