//! The client's error type.

use crate::transport::{Body, Response, RetryAfter, TransportError};
use crate::wire::{ErrorBody, InvalidPathValue, ShapeError};
use serde_json::Value;
use std::fmt;
use thiserror::Error;

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
    /// The response was too large; the limit in bytes.
    AnswerTooLarge(u64),
    /// The connection is read-only, so the change was not sent.
    ReadOnly,
    /// 400: the service does not accept the input, or it can't be sent.
    BadRequest {
        /// The invalid field, if named.
        field: Option<String>,
        /// Its value.
        value: Option<String>,
    },
    /// 401: the key is wrong or missing.
    Unauthorized,
    /// 402: the plan does not include the feature.
    PaymentRequired,
    /// 403: the feature, the plan or the role is missing.
    Forbidden,
    /// 404: no such domain, pool, IP or address.
    NotFound,
    /// 409: it disagrees with the current state.
    Conflict,
    /// 413: too much in one request.
    TooLarge,
    /// 429, or 420 from older gateways: too many requests.
    RateLimited(Option<RetryAfter>),
    /// 5xx: the service or a gateway in front of it failed.
    Server(Option<RetryAfter>),
    /// Any other status that is not a success.
    OtherStatus,
    /// A success without JSON, such as a web page of a proxy or a login.
    NotJson,
    /// JSON that does not match the contract.
    Unexpected {
        /// The place and the problem: `items[3].bounce_rate: expected a number, got a list`.
        problem: String,
    },
}

/// Why an operation failed. `Display` is one line for a log; [`ApiError::advice`] is for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ApiError {
    /// The cause.
    pub kind: ApiErrorKind,
    /// The status of the response, if any.
    pub status: Option<u16>,
    /// The message of the service or the transport.
    pub message: Option<String>,
    /// Whether the response was a web page, so it is from a gateway or a proxy.
    pub is_web_page: bool,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = self.advice();
        f.write_str(&advice.happened)
    }
}

impl ApiError {
    /// Whether the service refused to enroll a domain since it was not told what the domain goes back to.
    #[must_use]
    pub fn wants_replacement_ip(&self) -> bool {
        let ApiErrorKind::BadRequest { field, .. } = &self.kind else {
            return false;
        };
        let names_it = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains("replacement_ip"));
        names_it(field) || names_it(&self.message)
    }

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

    /// Whether the service refused the request itself, so that sending it again unchanged can't help.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self.kind,
            ApiErrorKind::BadRequest { .. }
                | ApiErrorKind::Unauthorized
                | ApiErrorKind::PaymentRequired
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

    /// Whether a change may have been made although the response was not a success.
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
            TransportError::TooLarge(max_bytes) => (ApiErrorKind::AnswerTooLarge(max_bytes), None),
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
pub(super) fn error_of(response: &Response) -> ApiError {
    let problem = ErrorBody::decode(&response.body);
    let kind = match response.status {
        400 | 422 => ApiErrorKind::BadRequest {
            field: problem.field,
            value: problem.value,
        },
        401 => ApiErrorKind::Unauthorized,
        402 => ApiErrorKind::PaymentRequired,
        403 => ApiErrorKind::Forbidden,
        404 => ApiErrorKind::NotFound,
        409 => ApiErrorKind::Conflict,
        413 => ApiErrorKind::TooLarge,
        420 | 429 => ApiErrorKind::RateLimited(RetryAfter::of(response)),
        500..=599 => ApiErrorKind::Server(RetryAfter::of(response)),
        _ => ApiErrorKind::OtherStatus,
    };
    ApiError {
        kind,
        status: Some(response.status),
        message: problem.message,
        is_web_page: problem.is_web_page,
    }
}

/// The JSON of a success, whatever its content type.
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
