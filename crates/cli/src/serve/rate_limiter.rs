//! The rate limit: so many requests in each second, told in the headers the service uses.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Counts requests in windows of one second.
pub(super) struct RateLimiter {
    per_second: u32,
    window: Mutex<RateWindow>,
}

#[derive(Default)]
struct RateWindow {
    unix_second: u64,
    used: u32,
}

/// Whether a request may pass, and the headers that say so.
pub(super) struct RateDecision {
    pub(super) is_allowed: bool,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl RateLimiter {
    pub(super) fn new(per_second: u32) -> Self {
        Self {
            per_second,
            window: Mutex::new(RateWindow::default()),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a real server's rate limit runs on the real clock"
    )]
    pub(super) fn take(&self) -> RateDecision {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO)
            .as_secs();
        self.take_at(now)
    }

    fn take_at(&self, unix_second: u64) -> RateDecision {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.unix_second != unix_second {
            *window = RateWindow { unix_second, used: 0 };
        }
        let is_allowed = window.used < self.per_second;
        window.used = window.used.saturating_add(u32::from(is_allowed));
        let mut headers = vec![
            ("x-ratelimit-limit", self.per_second.to_string()),
            ("x-ratelimit-remaining", (self.per_second - window.used).to_string()),
            // Unix milliseconds, as the service was seen to send.
            ("x-ratelimit-reset", (unix_second + 1).saturating_mul(1_000).to_string()),
        ];
        if !is_allowed {
            headers.push(("retry-after", "1".to_owned()));
        }
        RateDecision { is_allowed, headers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_has_its_own_allowance() {
        let throttle = RateLimiter::new(2);
        let allowed: Vec<bool> = [7, 7, 7, 8, 8, 8].map(|at| throttle.take_at(at).is_allowed).to_vec();
        assert_eq!(allowed, [true, true, false, true, true, false]);
        let refused = throttle.take_at(8);
        assert!(refused.headers.contains(&("x-ratelimit-reset", "9000".to_owned())));
        assert!(refused.headers.contains(&("retry-after", "1".to_owned())));
    }
}
