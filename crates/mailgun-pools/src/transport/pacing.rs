//! Holds requests back once the service says that none remain in its window.

use super::retry_after::{RetryAfter, remaining};
use super::{Request, Response, Sleep, Transport, TransportError};
use chrono::{DateTime, Utc};
use futures::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A window whose reset is further away is not waited for: the service answers such a request itself.
const LONGEST_PAUSE_MS: u64 = 120_000;

/// What the service said of the current window.
#[derive(Clone, Copy)]
struct ServiceWindow {
    /// Requests that it still takes.
    remaining: u64,
    reset: DateTime<Utc>,
}

/// A transport that keeps to `X-RateLimit-Remaining` and `X-RateLimit-Reset`: when none remain, a request waits for the
/// reset in place of being turned away. A service without these headers is not held up.
pub struct Pacing {
    inner: Rc<dyn Transport>,
    now: Box<dyn Fn() -> DateTime<Utc>>,
    sleep: Sleep,
    window: RefCell<Option<ServiceWindow>>,
    /// Requests without an answer. The latest answer may not count them yet.
    under_way: Cell<u64>,
}

/// Counts a request until its answer has come, also when it is cancelled.
struct UnderWay<'a>(&'a Cell<u64>);

impl<'a> UnderWay<'a> {
    fn begin(count: &'a Cell<u64>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl Pacing {
    /// Decorates a transport.
    #[must_use]
    pub fn new(inner: Rc<dyn Transport>, now: Box<dyn Fn() -> DateTime<Utc>>, sleep: Sleep) -> Self {
        Self {
            inner,
            now,
            sleep,
            window: RefCell::new(None),
            under_way: Cell::new(0),
        }
    }

    /// Milliseconds until the window's reset, if none remain. A request that may go takes one.
    fn pause_ms(&self) -> Option<u64> {
        let mut window = self.window.borrow_mut();
        let known = window.as_mut()?;
        let left_ms = (known.reset - (self.now)()).num_milliseconds();
        let Some(left_ms) = u64::try_from(left_ms)
            .ok()
            .filter(|left_ms| (1..=LONGEST_PAUSE_MS).contains(left_ms))
        else {
            *window = None;
            return None;
        };
        if known.remaining == 0 {
            return Some(left_ms);
        }
        known.remaining -= 1;
        None
    }

    fn note(&self, response: &Response) {
        let now = (self.now)();
        let Some(remaining) = remaining(response) else { return };
        let reset = match RetryAfter::reset(response) {
            Some(RetryAfter::At(at)) => at,
            Some(RetryAfter::Seconds(seconds)) => {
                now + chrono::TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::MAX / 2_000))
            }
            None => return,
        };
        let remaining = remaining.saturating_sub(self.under_way.get());
        *self.window.borrow_mut() = (reset > now).then_some(ServiceWindow { remaining, reset });
    }
}

impl Transport for Pacing {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            while let Some(pause_ms) = self.pause_ms() {
                (self.sleep)(pause_ms).await;
            }
            let counted = UnderWay::begin(&self.under_way);
            let answer = self.inner.send(request).await;
            drop(counted);
            if let Ok(response) = &answer {
                self.note(response);
            }
            answer
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{Body, Method};
    use futures::FutureExt;
    use std::collections::VecDeque;

    /// Answers with the next headers.
    struct Headers(RefCell<VecDeque<Vec<(String, String)>>>);

    impl Transport for Headers {
        fn send(&self, _: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
            let headers = self.0.borrow_mut().pop_front().unwrap_or_default();
            Box::pin(async move {
                Ok(Response {
                    status: 200,
                    headers,
                    body: Body::Empty,
                })
            })
        }
    }

    /// The pauses before each of some requests. The clock stands at 1,000,000 seconds and moves by pauses alone.
    fn pauses(answers: &[&[(&str, &str)]], requests: usize) -> Vec<Vec<u64>> {
        let clock_ms = Rc::new(Cell::new(1_000_000_000_i64));
        let slept = Rc::new(RefCell::new(Vec::new()));
        let answers = answers.iter().map(|headers| {
            let owned = headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            owned.collect()
        });
        let inner = Rc::new(Headers(RefCell::new(answers.collect())));
        let (read, moved, noted) = (Rc::clone(&clock_ms), Rc::clone(&clock_ms), Rc::clone(&slept));
        let pacing = Pacing::new(
            inner,
            Box::new(move || DateTime::from_timestamp_millis(read.get()).unwrap()),
            Rc::new(move |ms| {
                noted.borrow_mut().push(ms);
                moved.set(moved.get() + i64::try_from(ms).unwrap());
                Box::pin(async {})
            }),
        );
        let send = |_| {
            let answer = pacing.send(Request::new(Method::Get, "/v3/ips")).now_or_never();
            answer.expect("nothing here really waits").unwrap();
            slept.borrow_mut().drain(..).collect()
        };
        (0..requests).map(send).collect()
    }

    #[test]
    fn a_request_waits_for_the_reset_once_none_remain() {
        // An hour away: the service answers such a request itself.
        let late: &[(&str, &str)] = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "3600")];
        assert_eq!(pauses(&[late], 2), vec![Vec::<u64>::new(); 2]);
        let soon: &[(&str, &str)] = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "3")];
        assert_eq!(pauses(&[soon], 3), [vec![], vec![3_000], vec![]]);
    }

    #[test]
    fn answers_without_the_headers_hold_nothing_up() {
        let remaining: &[(&str, &str)] = &[("x-ratelimit-remaining", "0")];
        let reset: &[(&str, &str)] = &[("x-ratelimit-reset", "3")];
        assert_eq!(pauses(&[&[], remaining, reset], 4), vec![Vec::<u64>::new(); 4]);
    }

    #[test]
    fn what_remains_is_used_up_before_a_pause() {
        let two: &[(&str, &str)] = &[("x-ratelimit-remaining", "2"), ("x-ratelimit-reset", "5")];
        // The next answers say nothing: the two of the first one count down.
        assert_eq!(pauses(&[two], 4), [vec![], vec![], vec![], vec![5_000]]);
    }
}
