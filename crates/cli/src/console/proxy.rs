//! The way to an account: operations of the contract, and nothing else.

use super::answer::{Answer, message};
use super::gate::{ConsoleUser, RequestRefusal, UserRole};
use super::record::{ChangeNote, not_recorded, record_account, sent_request};
use super::request_parts::{PATIENCE, acts_for, whole_body};
use super::upstream::{ForwardedRequest, Upstream, UpstreamError};
use crate::accounts::{AccountConfig, KeyedAccount};
use crate::record::ChangeRecordFile;
use crate::terminal::say;
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use mailgun_pools::transport::Method;
use mailgun_pools::wire::{MatchedPath, Operation, PathError};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The largest request of the contract sets the IPs of three pools. Larger bodies are refused.
const LARGEST_BODY_BYTES: usize = 1_000_000;

/// Requests to all accounts at once. Each may hold an answer of the largest size in memory.
const AT_ONCE: u32 = 16;

const ON_BEHALF_OF: HeaderName = HeaderName::from_static("x-mailgun-on-behalf-of");

/// Bodies that the contract has.
const BODY_TYPES: [&str; 3] = [
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/json",
];

/// Sandboxed: an answer that a person opens by itself is text, whatever the service calls it.
const ANSWER_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// What of a service's answer the page gets to see. All else stays here: cookies, challenges, names of machines.
const PASSED_BACK: [HeaderName; 5] = [
    header::CONTENT_TYPE,
    header::RETRY_AFTER,
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
];

/// The accounts, and their connections.
pub(super) struct AccountProxy {
    accounts: Vec<Arc<Upstream>>,
    turns: Arc<Semaphore>,
    /// Where changes are recorded; `None` where no account may be changed.
    record: Option<Arc<ChangeRecordFile>>,
}

impl AccountProxy {
    pub(super) fn new(accounts: Vec<KeyedAccount>, record: Option<Arc<ChangeRecordFile>>) -> Self {
        Self {
            record,
            accounts: accounts
                .into_iter()
                .map(|account| Arc::new(Upstream::new(account)))
                .collect(),
            turns: Arc::new(Semaphore::new(AT_ONCE as usize)),
        }
    }

    pub(super) fn accounts(&self) -> impl Iterator<Item = &AccountConfig> {
        self.accounts.iter().map(|upstream| upstream.config())
    }

    /// Waits until no request is under way, so that a change that was sent is answered.
    pub(super) async fn finish(&self) {
        // Closed by nobody, so this always gets its turn.
        let _ = self.turns.acquire_many(AT_ONCE).await;
    }

    /// Passes a request on. `rest` is its path below `/live/`.
    pub(super) async fn answer(
        &self,
        rest: &str,
        user: &ConsoleUser,
        parts: &Parts,
        body: &mut Body,
    ) -> Result<Answer, RequestRefusal> {
        let (name, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let upstream = self.account(name)?;
        let mut request = permitted(upstream, path, user, parts)?;
        request.body = whole_body(&parts.headers, body, LARGEST_BODY_BYTES).await?;
        if !request.body.is_empty() && request.content_type.is_none() {
            return Err(RequestRefusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "body of another type",
                "No request of this API has such a body.",
            ));
        }
        let note = self.note(upstream, user, &parts.headers, &request).await?;
        let turn = self.turn().await?;
        let upstream = Arc::clone(upstream);
        // Also where the page is gone, this runs to its end, so that the answer is recorded.
        let sent = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            match note {
                Some(note) => note.around(|| upstream.exchange(request)),
                None => Ok(upstream.exchange(request)),
            }
        });
        Ok(match sent.await {
            Ok(Ok(Ok(answered))) => passed_back(answered),
            Ok(Ok(Err(error))) => unanswered(&error),
            Ok(Err(error)) => {
                say(&format!(
                    "refused: 507, the record of changes could not be written: {error}"
                ));
                not_recorded(&error)
            }
            Err(_) => message(StatusCode::BAD_GATEWAY, "The request ended early."),
        })
    }

    /// An account by its name.
    pub(super) fn account(&self, name: &str) -> Result<&Arc<Upstream>, RequestRefusal> {
        let found = self.accounts.iter().find(|upstream| upstream.config().name == name);
        found.ok_or_else(|| {
            RequestRefusal::new(
                StatusCode::NOT_FOUND,
                "unknown account",
                "This console has no such account.",
            )
        })
    }

    /// What is recorded of a change. A change that could not be recorded is refused.
    async fn note(
        &self,
        upstream: &Upstream,
        user: &ConsoleUser,
        headers: &HeaderMap,
        request: &ForwardedRequest,
    ) -> Result<Option<ChangeNote>, RequestRefusal> {
        if !request.is_change {
            return Ok(None);
        }
        let query = request.query.as_deref();
        let sent = sent_request(request.method, &request.path, query, headers, &request.body).await;
        let (Some(file), Some(sent)) = (&self.record, sent) else {
            let text = "This request can't be recorded, so it was not sent.";
            return Err(RequestRefusal::new(
                StatusCode::BAD_REQUEST,
                "body that can't be read",
                text,
            ));
        };
        Ok(Some(ChangeNote {
            file: Arc::clone(file),
            account: record_account(upstream.config(), request.on_behalf_of.clone()),
            who: user.name.clone(),
            request: upstream.without_key(sent),
        }))
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, RequestRefusal> {
        match tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(RequestRefusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many requests",
                "Too many requests are under way.",
            )),
        }
    }
}

/// The request as it is sent, if the contract has it and this account lets it pass. It is written again from what was
/// understood, so that nothing else in it reaches the service.
fn permitted(
    upstream: &Upstream,
    path: &str,
    user: &ConsoleUser,
    parts: &Parts,
) -> Result<ForwardedRequest, RequestRefusal> {
    let found = operation(parts, path)?;
    let config = upstream.config();
    if !found.operation.is_read() {
        if !config.may_change {
            let text = "This account is read-only here. To change it, start poolkeeper with --allow-changes.";
            return Err(RequestRefusal::new(
                StatusCode::FORBIDDEN,
                "change while read-only",
                text,
            ));
        }
        if user.role != UserRole::Operator {
            let text =
                "You may read this account, not change it. The person who runs this console can make you an operator.";
            return Err(RequestRefusal::new(StatusCode::FORBIDDEN, "change by a viewer", text));
        }
    }
    let values: Vec<&str> = found.values.iter().map(String::as_str).collect();
    let path = if values.iter().all(|value| is_plain(value)) {
        found.operation.path(&values).ok()
    } else {
        None
    };
    let Some(path) = path else {
        return Err(RequestRefusal::new(
            StatusCode::NOT_FOUND,
            "a name no path can carry",
            "This is not an address of the API.",
        ));
    };
    Ok(ForwardedRequest {
        is_change: !found.operation.is_read(),
        method: found.operation.method(),
        path,
        query: parts.uri.query().map(str::to_owned),
        on_behalf_of: on_behalf_of(config, &parts.headers)?,
        content_type: content_type(&parts.headers),
        body: Bytes::new(),
    })
}

fn operation(parts: &Parts, path: &str) -> Result<MatchedPath, RequestRefusal> {
    let wrong_method = || {
        RequestRefusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method not in the contract",
            "The API has no such method here.",
        )
    };
    let method = Method::parse(parts.method.as_str()).ok_or_else(wrong_method)?;
    Operation::find(method, path).map_err(|error| match error {
        PathError::UnknownPath => RequestRefusal::new(
            StatusCode::NOT_FOUND,
            "path not in the contract",
            "This console passes on Dynamic IP Pools and what belongs to it, nothing else.",
        ),
        PathError::WrongMethod(_) => wrong_method(),
    })
}

/// Whether a value is a domain, a pool or an IP. Servers may read the rest as several segments, or as something else.
fn is_plain(value: &str) -> bool {
    !value.contains("..")
        && value
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | ':'))
}

fn on_behalf_of(config: &AccountConfig, headers: &HeaderMap) -> Result<Option<String>, RequestRefusal> {
    let asked = headers.get(ON_BEHALF_OF);
    acts_for(config, asked.map(|asked| asked.to_str().unwrap_or_default()))
}

fn content_type(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(header::CONTENT_TYPE)?;
    let name = value
        .to_str()
        .ok()?
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    BODY_TYPES.contains(&name.as_str()).then(|| value.clone())
}

fn passed_back(answered: super::upstream::UpstreamAnswer) -> Answer {
    let mut answer = Answer::new(Body::from(answered.body));
    *answer.status_mut() = answered.status;
    for name in PASSED_BACK {
        for value in answered.headers.get_all(&name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, ANSWER_POLICY);
    answer
}

fn unanswered(error: &UpstreamError) -> Answer {
    let status = match error {
        UpstreamError::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        UpstreamError::NoAnswer(_) => StatusCode::BAD_GATEWAY,
    };
    message(status, &error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_names_and_addresses_and_no_paths() {
        for value in [
            "mail.example.com",
            "dynamic_good",
            "2001:db8::1",
            "192.0.2.1",
            "müller.example",
        ] {
            assert!(is_plain(value), "{value}");
        }
        for value in [
            "..", "a/b", "a\\b", "a%2fb", "a b", "a?b", "a#b", "a..b", "a\r\nb", "a;b", "a@b",
        ] {
            assert!(!is_plain(value), "{value}");
        }
    }
}
