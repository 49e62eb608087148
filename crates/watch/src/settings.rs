//! The thresholds of what is worth a notice.

use poolkeeper_core::health::Policy;

/// What is worth a notice.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchSettings {
    /// The policy by which moves are foreseen and checked.
    pub policy: Policy,
    /// What a person calls it: `the calibrated policy`.
    pub policy_name: String,
    /// A fall is foreseen at most this many days ahead.
    pub days_ahead: u32,
    /// Domains with fewer messages in the window are not warned of.
    pub minimum_messages: u64,
    /// A rate is unusual from this many times the usual one on.
    pub unusual_times: f64,
    /// A pool's load per warm IP is too much from this many times the usual one on.
    pub overload_times: f64,
    /// A pool's load per warm IP and day is too much above this many messages.
    pub messages_per_ip: Option<u64>,
    /// An override that ends within this many days is named.
    pub override_days: i32,
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            policy_name: "the default policy".to_owned(),
            days_ahead: 2,
            minimum_messages: 0,
            unusual_times: 3.0,
            overload_times: 2.0,
            messages_per_ip: None,
            override_days: 7,
        }
    }
}

/// A usual rate is that of this many days before the window.
pub(crate) const BASELINE_DAYS: u32 = 28;

impl WatchSettings {
    /// How many days of counts are needed: the window, and those before it.
    #[must_use]
    pub fn days_needed(&self) -> u32 {
        self.policy.window_days + BASELINE_DAYS
    }
}
