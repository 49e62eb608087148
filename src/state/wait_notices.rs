//! What the requests under way wait for.

use crate::browser;
use mailgun_pools::transport::RetryWait;

/// A wait of the requests under way, for the line that tells a person.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct WaitNotices {
    /// How many requests wait.
    count: u32,
    /// The one that waits longest, and when it goes on in milliseconds since the page was opened.
    pub(super) longest: Option<(RetryWait, f64)>,
}

impl WaitNotices {
    /// Takes in that a request waits, or with `None` that one goes on.
    pub(super) fn note(&mut self, waiting: Option<RetryWait>) {
        match waiting {
            Some(waiting) => {
                let until_ms = browser::now_ms() + f64::from(u32::try_from(waiting.for_ms).unwrap_or(u32::MAX));
                self.count += 1;
                if self
                    .longest
                    .as_ref()
                    .is_none_or(|(_, longest_ms)| until_ms > *longest_ms)
                {
                    self.longest = Some((waiting, until_ms));
                }
            }
            None => {
                self.count = self.count.saturating_sub(1);
                if self.count == 0 {
                    self.longest = None;
                }
            }
        }
    }
}
