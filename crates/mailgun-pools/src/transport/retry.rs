//! Retries reads after a transient error, waits as long as the service asks, and never retries a write that may have
//! arrived.

use super::retry_after::{RetryAfter, is_rate_limited};
use super::{Request, Response, Transport, TransportError};
use chrono::{DateTime, Utc};
use futures::future::LocalBoxFuture;
use std::cell::Cell;
use std::rc::Rc;

/// How often to retry, and how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts at most, the first one included.
    pub attempts: u32,
    /// The upper bound of the first wait, if the service asks for none. It doubles with each attempt.
    pub base_ms: u64,
    /// The longest single wait. If the service asks for more, its response is returned instead.
    pub longest_ms: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            base_ms: 500,
            longest_ms: 120_000,
        }
    }
}

/// A wait before the next attempt, to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryWait {
    /// How long.
    pub for_ms: u64,
    /// The number of the next attempt, from 2.
    pub attempt: u32,
    /// Attempts at most.
    pub attempts: u32,
    /// Why, in a few words: `the service requested (429)`, `no answer`.
    pub why: String,
}

/// The clock and the listeners of the decorator, as arguments so that tests can replace them.
pub struct RetryEnv {
    /// The time, for `Retry-After` dates and `X-RateLimit-Reset`.
    pub now: Box<dyn Fn() -> DateTime<Utc>>,
    /// Sleeps for the given milliseconds.
    pub sleep: Box<dyn Fn(u64) -> LocalBoxFuture<'static, ()>>,
    /// Called when a wait begins (`Some`) and ends (`None`).
    pub on_wait: Box<dyn Fn(Option<RetryWait>)>,
    /// Whether a request changes nothing and may be repeated.
    pub is_read: fn(&Request) -> bool,
}

/// A transport that retries requests.
///
/// # Examples
/// ```
/// use futures::FutureExt;
/// use futures::future::LocalBoxFuture;
/// use mailgun_pools::transport::{
///     Body, Method, Request, Response, Retry, RetryEnv, RetryPolicy, Transport, TransportError,
/// };
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// /// Answers 503 to the first request, 200 to the others.
/// struct Restarting(Cell<u32>);
///
/// impl Transport for Restarting {
///     fn send(&self, _: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
///         let sent = self.0.replace(self.0.get() + 1);
///         let status = if sent == 0 { 503 } else { 200 };
///         Box::pin(async move { Ok(Response { status, headers: Vec::new(), body: Body::Empty }) })
///     }
/// }
///
/// let env = RetryEnv {
///     // A program gives its clock here, and sleeps below.
///     now: Box::new(|| chrono::DateTime::UNIX_EPOCH),
///     sleep: Box::new(|_ms| Box::pin(async {})),
///     on_wait: Box::new(|wait| println!("{wait:?}")),
///     is_read: mailgun_pools::api::is_read,
/// };
/// let server = Rc::new(Restarting(Cell::new(0)));
/// let inner: Rc<dyn Transport> = Rc::clone(&server) as _;
/// let retry = Retry::new(inner, RetryPolicy::default(), env, 1);
///
/// let answer = retry.send(Request::new(Method::Get, "/v3/ips")).now_or_never().expect("no wait");
/// assert_eq!((answer?.status, server.0.get()), (200, 2));
///
/// // A write may have arrived, so it is not repeated.
/// server.0.set(0);
/// let answer = retry.send(Request::new(Method::Delete, "/v3/ips/1")).now_or_never().expect("no wait");
/// assert_eq!((answer?.status, server.0.get()), (503, 1));
/// # Ok::<(), TransportError>(())
/// ```
pub struct Retry {
    inner: Rc<dyn Transport>,
    policy: RetryPolicy,
    env: RetryEnv,
    backoff: Backoff,
}

/// Waits that double from attempt to attempt, with jitter.
pub struct Backoff {
    policy: RetryPolicy,
    jitter: Cell<u64>,
}

impl Backoff {
    /// Waits by a policy. `seed` makes the jitter repeatable.
    #[must_use]
    pub const fn new(policy: RetryPolicy, seed: u64) -> Self {
        Self {
            policy,
            jitter: Cell::new(seed),
        }
    }

    /// Milliseconds to wait after this many failures before the latest. Jitter: a random wait between a quarter of
    /// the bound and the bound.
    #[must_use]
    pub fn wait_ms(&self, failures: u32) -> u64 {
        let bound = self
            .policy
            .base_ms
            .saturating_mul(1 << failures.min(16))
            .min(self.policy.longest_ms);
        let next = self
            .jitter
            .get()
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.jitter.set(next);
        bound / 4 + (next >> 33) % (bound - bound / 4 + 1)
    }
}

impl Retry {
    /// Decorates a transport. `seed` makes the jitter repeatable.
    #[must_use]
    pub fn new(inner: Rc<dyn Transport>, policy: RetryPolicy, env: RetryEnv, seed: u64) -> Self {
        Self {
            inner,
            policy,
            env,
            backoff: Backoff::new(policy, seed),
        }
    }

    fn wait_before_next(
        &self,
        is_read: bool,
        failures: u32,
        answer: &Result<Response, TransportError>,
    ) -> Option<(u64, String)> {
        match answer {
            // Too many requests: rejected before anything runs, so even a write may be repeated.
            Ok(response) if is_rate_limited(response.status) || (is_read && is_transient(response.status)) => {
                let asked = RetryAfter::of(response).and_then(|wait| wait.wait_ms((self.env.now)()));
                let wait = asked.unwrap_or_else(|| self.backoff.wait_ms(failures));
                let why = match (asked, response.status) {
                    (Some(_), status) => format!("the service asked for a pause ({status})"),
                    (None, status) => format!("the service answered {status}"),
                };
                (wait <= self.policy.longest_ms).then_some((wait, why))
            }
            Err(TransportError::Unreachable(_)) if is_read => {
                Some((self.backoff.wait_ms(failures), "no answer".into()))
            }
            Err(TransportError::TimedOut(_)) if is_read => {
                Some((self.backoff.wait_ms(failures), "no answer in time".into()))
            }
            Err(TransportError::Broken(_)) if is_read => {
                Some((self.backoff.wait_ms(failures), "a broken answer".into()))
            }
            Ok(_) | Err(_) => None,
        }
    }

    async fn send_with_retries(&self, request: Request) -> Result<Response, TransportError> {
        let is_read = (self.env.is_read)(&request);
        let mut failures = 0;
        loop {
            let answer = self.inner.send(request.clone()).await;
            if failures + 1 >= self.policy.attempts {
                return answer;
            }
            let Some((for_ms, why)) = self.wait_before_next(is_read, failures, &answer) else {
                return answer;
            };
            failures += 1;
            let waiting = RetryWait {
                for_ms,
                attempt: failures + 1,
                attempts: self.policy.attempts,
                why,
            };
            (self.env.on_wait)(Some(waiting));
            // Dropped at the end of the wait, also when the request is cancelled.
            let end = NotifyWaitEnd(&self.env.on_wait);
            (self.env.sleep)(for_ms).await;
            drop(end);
        }
    }
}

struct NotifyWaitEnd<'a>(&'a dyn Fn(Option<RetryWait>));

impl Drop for NotifyWaitEnd<'_> {
    fn drop(&mut self) {
        (self.0)(None);
    }
}

impl Transport for Retry {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self.send_with_retries(request))
    }
}

const fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 425 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Body, Method};
    use futures::FutureExt;
    use std::cell::RefCell;
    use std::collections::VecDeque;

    struct ScriptedAnswers {
        answers: RefCell<VecDeque<Result<Response, TransportError>>>,
        sent: Cell<u32>,
    }

    impl Transport for ScriptedAnswers {
        fn send(&self, _: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
            self.sent.set(self.sent.get() + 1);
            let answer = self
                .answers
                .borrow_mut()
                .pop_front()
                .expect("more requests than scripted");
            Box::pin(async move { answer })
        }
    }

    fn status(status: u16, headers: &[(&str, &str)]) -> Result<Response, TransportError> {
        let headers = headers
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Ok(Response {
            status,
            headers,
            body: Body::Empty,
        })
    }

    /// Sends one request to scripted responses; returns the response, how often it was sent, and the waits.
    fn run(
        method: Method,
        answers: Vec<Result<Response, TransportError>>,
    ) -> (Result<Response, TransportError>, u32, Vec<u64>) {
        let script = Rc::new(ScriptedAnswers {
            answers: RefCell::new(answers.into()),
            sent: Cell::new(0),
        });
        let waits = Rc::new(RefCell::new(Vec::new()));
        let slept = Rc::clone(&waits);
        let env = RetryEnv {
            now: Box::new(|| DateTime::from_timestamp(1_000_000, 0).unwrap()),
            sleep: Box::new(move |ms| {
                slept.borrow_mut().push(ms);
                Box::pin(async {})
            }),
            on_wait: Box::new(|_| {}),
            is_read: |request| request.method.is_read(),
        };
        let inner: Rc<dyn Transport> = Rc::clone(&script) as _;
        let retry = Retry::new(inner, RetryPolicy::default(), env, 7);
        let answer = retry
            .send(Request::new(method, "/v3/ips"))
            .now_or_never()
            .expect("nothing here really waits");
        let waits = waits.borrow().clone();
        (answer, script.sent.get(), waits)
    }

    #[test]
    fn reads_are_repeated_until_they_succeed() {
        let lost = Err(TransportError::TimedOut(1));
        let (answer, sent, waits) = run(Method::Get, vec![status(502, &[]), lost, status(200, &[])]);
        assert_eq!((answer.unwrap().status, sent, waits.len()), (200, 3, 2));
        assert!(
            (125..=500).contains(&waits[0]) && (250..=1_000).contains(&waits[1]),
            "{waits:?}"
        );
    }

    #[test]
    fn attempts_are_bounded_and_the_last_answer_is_handed_on() {
        let (answer, sent, _) = run(Method::Get, (0..5).map(|_| status(503, &[])).collect());
        assert_eq!((answer.unwrap().status, sent), (503, 5));
    }

    #[test]
    fn a_write_that_may_have_arrived_is_sent_once() {
        let failures = [
            status(500, &[]),
            status(502, &[]),
            status(503, &[("retry-after", "1")]),
            Err(TransportError::TimedOut(1)),
            Err(TransportError::Unreachable(String::new())),
            Err(TransportError::Broken(String::new())),
        ];
        for method in [Method::Post, Method::Put, Method::Patch, Method::Delete] {
            for failure in &failures {
                assert_eq!(run(method, vec![failure.clone()]).1, 1, "{method} after {failure:?}");
            }
        }
    }

    #[test]
    fn a_write_that_came_too_early_is_sent_again() {
        for code in [420, 429] {
            let (answer, sent, waits) = run(
                Method::Put,
                vec![status(code, &[("retry-after", "2")]), status(200, &[])],
            );
            assert_eq!((answer.unwrap().status, sent, waits), (200, 2, vec![2_000]), "{code}");
        }
    }

    #[test]
    fn the_services_wait_is_honoured_in_each_form() {
        // now is 1970-01-12T13:46:40Z
        let cases: [(&[(&str, &str)], u64); 3] = [
            (&[("retry-after", "3")], 3_000),
            (&[("retry-after", "Mon, 12 Jan 1970 13:46:50 GMT")], 10_000),
            (&[("x-ratelimit-reset", "4"), ("x-ratelimit-remaining", "0")], 4_000),
        ];
        for (headers, expected_ms) in cases {
            let (_, _, waits) = run(Method::Get, vec![status(429, headers), status(200, &[])]);
            assert_eq!(waits, [expected_ms], "{headers:?}");
        }
    }

    #[test]
    fn invalid_and_too_long_waits_do_not_hang() {
        let (_, _, waits) = run(
            Method::Get,
            vec![status(429, &[("retry-after", "soon")]), status(200, &[])],
        );
        assert!(waits[0] <= 500, "{waits:?}");
        // An instant thousands of years away is no answer either.
        let absurd = ("x-ratelimit-reset", "1784167200000000");
        let (_, _, waits) = run(Method::Get, vec![status(429, &[absurd]), status(200, &[])]);
        assert!(waits[0] <= 500, "{waits:?}");
        let (answer, sent, _) = run(Method::Get, vec![status(429, &[("retry-after", "86400")])]);
        assert_eq!((answer.unwrap().status, sent), (429, 1));
    }

    #[test]
    fn client_errors_are_not_retried() {
        for code in [400, 401, 403, 404, 409, 413] {
            assert_eq!(run(Method::Get, vec![status(code, &[])]).1, 1);
        }
        assert_eq!(run(Method::Get, vec![Err(TransportError::Offline)]).1, 1);
    }
}
