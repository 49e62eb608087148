//! Answers to requests that are refused.

use crate::sim::Refusal;
use mailgun_pools::transport::{Body, Method, Response};
use mailgun_pools::wire::ErrorBody;
use mailgun_pools::wire::query::InvalidParam;
use poolkeeper_core::model::Band;
use serde_json::Value;

/// Why a request is not granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// A rule forbids it.
    Refused(Refusal),
    /// A parameter can't be taken.
    BadParam(InvalidParam),
    /// The override endpoint's pool name is none of the three.
    BadOverride {
        /// What was sent.
        value: String,
    },
    /// No operation has this path.
    UnknownPath(String),
    /// The path is known, the method is not; these are.
    WrongMethod(Vec<Method>),
    /// Anything else: a status and words.
    Other(u16, String),
}

impl Rejection {
    /// 404 with words.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::Other(404, message.into())
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Refused(refusal) => refusal.kind.status(),
            Self::BadParam(_) | Self::BadOverride { .. } => 400,
            Self::UnknownPath(_) => 404,
            Self::WrongMethod(_) => 405,
            Self::Other(status, _) => *status,
        }
    }

    /// What is wrong, for people.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.message.clone(),
            Self::BadParam(bad) => bad.to_string(),
            Self::BadOverride { value } => {
                let known = Band::ALL.map(Band::pool_name).join(", ");
                format!("“{value}” is not a pool; take one of {known}")
            }
            Self::UnknownPath(path) => format!("There is nothing at {path}."),
            Self::WrongMethod(allowed) => {
                let allowed = allowed
                    .iter()
                    .map(|method| method.as_str())
                    .collect::<Vec<_>>()
                    .join(", ");
                format!("This path takes {allowed}.")
            }
            Self::Other(_, message) => message.clone(),
        }
    }

    /// The response.
    #[must_use]
    pub fn response(&self) -> Response {
        let body = match self {
            Self::BadOverride { value } => ErrorBody::encode_field("pool", value),
            _ => ErrorBody::encode_message(&self.message()),
        };
        let mut response = json(self.status(), body);
        if let Self::WrongMethod(allowed) = self {
            let allowed = allowed
                .iter()
                .map(|method| method.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            response.headers.push(("allow".to_owned(), allowed));
        }
        response
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<InvalidParam> for Rejection {
    fn from(bad: InvalidParam) -> Self {
        Self::BadParam(bad)
    }
}

/// Refuses a list that is longer than allowed.
pub(super) fn at_most(field: &str, given: usize, most: usize) -> Result<(), InvalidParam> {
    if given <= most {
        return Ok(());
    }
    let problem = format!("{given} are given; take at most {most}");
    Err(InvalidParam::new(field, &given.to_string(), problem))
}

/// A response with JSON.
pub(super) fn json(status: u16, body: Value) -> Response {
    Response {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Body::Json(body),
    }
}
