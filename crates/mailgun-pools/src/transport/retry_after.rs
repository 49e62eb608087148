//! When the service asks to be asked again.

use super::Response;
use chrono::{DateTime, Utc};

/// When to try again, as the service said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so many seconds (`Retry-After: 30`, or a small `X-RateLimit-Reset`).
    Seconds(u64),
    /// At an instant (`Retry-After` as a date, or `X-RateLimit-Reset`).
    At(DateTime<Utc>),
}

/// No service asks for a longer pause than this: a longer one is a misread or wrong header.
const LONGEST_SECONDS: u64 = 31 * 86_400;

impl RetryAfter {
    /// Reads `Retry-After` (seconds or a date), else `X-RateLimit-Reset` where nothing remains. `None` where the headers
    /// are missing or not valid.
    ///
    /// `X-RateLimit-Reset` is Unix milliseconds in recorded answers and Unix seconds in one official client, so its size
    /// tells: above 10¹¹ milliseconds, above 10⁹ seconds, below that seconds from now. Fractions are cut off.
    ///
    /// # Examples
    /// ```
    /// use mailgun_pools::transport::{Body, Response, RetryAfter};
    ///
    /// let headers = vec![("X-RateLimit-Reset".to_owned(), "1784167200000".to_owned())];
    /// let answer = Response { status: 429, headers, body: Body::Empty };
    /// let Some(RetryAfter::At(instant)) = RetryAfter::of(&answer) else { panic!("an instant") };
    /// assert_eq!(instant.to_rfc3339(), "2026-07-16T02:00:00+00:00");
    /// ```
    #[must_use]
    pub fn of(response: &Response) -> Option<Self> {
        if let Some(text) = response.header("retry-after").map(str::trim) {
            let date = || DateTime::parse_from_rfc2822(text).ok().map(|at| Self::At(at.to_utc()));
            if let Some(found) = seconds(text).or_else(date) {
                return Some(found);
            }
        }
        let is_used_up = is_rate_limited(response.status) || remaining(response) == Some(0);
        is_used_up.then(|| Self::reset(response)).flatten()
    }

    /// Reads `X-RateLimit-Reset`, whatever remains.
    #[must_use]
    pub(super) fn reset(response: &Response) -> Option<Self> {
        let reset = response.header("x-ratelimit-reset")?;
        match whole(reset)? {
            milliseconds if milliseconds > 100_000_000_000 => {
                DateTime::from_timestamp_millis(milliseconds).map(Self::At)
            }
            seconds if seconds > 1_000_000_000 => DateTime::from_timestamp(seconds, 0).map(Self::At),
            _ => seconds(reset),
        }
    }

    /// Milliseconds from `now`, 0 if the instant has passed. `None` for a wait so long that it can't be meant.
    #[must_use]
    pub fn wait_ms(self, now: DateTime<Utc>) -> Option<u64> {
        let wait_ms = match self {
            Self::Seconds(seconds) => seconds.saturating_mul(1_000),
            Self::At(at) => u64::try_from((at - now).num_milliseconds()).unwrap_or(0),
        };
        (wait_ms <= LONGEST_SECONDS * 1_000).then_some(wait_ms)
    }
}

/// Whether a status says that there were too many requests: 429, or the 420 of older gateways.
#[must_use]
pub const fn is_rate_limited(status: u16) -> bool {
    matches!(status, 420 | 429)
}

/// Requests that remain in the service's window, where it says so.
pub(super) fn remaining(response: &Response) -> Option<u64> {
    u64::try_from(whole(response.header("x-ratelimit-remaining")?)?).ok()
}

fn seconds(text: &str) -> Option<RetryAfter> {
    let seconds = u64::try_from(whole(text)?).ok()?;
    (seconds <= LONGEST_SECONDS).then_some(RetryAfter::Seconds(seconds))
}

/// A number whose fraction is cut off.
fn whole(text: &str) -> Option<i64> {
    let number: f64 = text.trim().parse().ok()?;
    // 2⁵³: every whole number below it is exact.
    (number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Body;

    fn of(status: u16, headers: &[(&str, &str)]) -> Option<RetryAfter> {
        let headers = headers
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        RetryAfter::of(&Response {
            status,
            headers: headers.collect(),
            body: Body::Empty,
        })
    }

    fn at(seconds: i64) -> Option<RetryAfter> {
        DateTime::from_timestamp(seconds, 0).map(RetryAfter::At)
    }

    #[test]
    fn the_size_of_a_reset_tells_its_unit() {
        for (text, expected) in [
            ("1784167200000", at(1_784_167_200)),
            ("1784167200", at(1_784_167_200)),
            ("1784167200.25", at(1_784_167_200)),
            ("30", Some(RetryAfter::Seconds(30))),
            ("0.5", Some(RetryAfter::Seconds(0))),
            ("-4", None),
            ("99999999999999999999", None),
            ("NaN", None),
            ("soon", None),
        ] {
            assert_eq!(of(429, &[("x-ratelimit-reset", text)]), expected, "{text}");
            assert_eq!(of(420, &[("X-RateLimit-Reset", text)]), expected, "{text}");
        }
    }

    #[test]
    fn a_reset_counts_once_nothing_remains() {
        let reset = ("x-ratelimit-reset", "1784167200000");
        assert_eq!(of(503, &[reset, ("x-ratelimit-remaining", "7")]), None);
        assert_eq!(of(503, &[reset, ("x-ratelimit-remaining", "0")]), at(1_784_167_200));
    }

    #[test]
    fn retry_after_comes_first_and_nonsense_in_it_does_not_hide_the_reset() {
        let reset = ("x-ratelimit-reset", "5");
        assert_eq!(of(429, &[("retry-after", "3"), reset]), Some(RetryAfter::Seconds(3)));
        assert_eq!(of(429, &[("retry-after", "soon"), reset]), Some(RetryAfter::Seconds(5)));
        let date = ("retry-after", "Mon, 12 Jan 1970 13:46:50 GMT");
        assert_eq!(of(429, &[date]), at(1_000_010));
    }

    #[test]
    fn a_wait_that_cannot_be_meant_is_none() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        assert_eq!(at(999_000).unwrap().wait_ms(now), Some(0));
        assert_eq!(at(1_000_004).unwrap().wait_ms(now), Some(4_000));
        assert_eq!(at(1_784_167_200_000).unwrap().wait_ms(now), None);
    }
}
