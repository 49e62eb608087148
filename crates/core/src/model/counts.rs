//! Message counts of one domain over some days.

use serde::{Deserialize, Serialize};
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// One domain's message counts over a day or a window of days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Counts {
    /// Accepted messages that were processed.
    pub processed: u64,
    /// Messages delivered.
    pub delivered: u64,
    /// Hard plus soft bounces, suppressions left out.
    pub bounced: u64,
    /// Complaints of recipients.
    pub complained: u64,
}

impl Counts {
    /// All counts zero.
    pub const ZERO: Self = Self {
        processed: 0,
        delivered: 0,
        bounced: 0,
        complained: 0,
    };

    /// Messages sent: delivered plus bounced. The base of the bounce rate.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.delivered.saturating_add(self.bounced)
    }

    /// Bounced ÷ sent; `None` where nothing was sent.
    #[must_use]
    pub fn bounce_rate(&self) -> Option<f64> {
        ratio(self.bounced, self.sent())
    }

    /// Complained ÷ delivered; `None` where nothing was delivered.
    #[must_use]
    pub fn complaint_rate(&self) -> Option<f64> {
        ratio(self.complained, self.delivered)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a rate for display; every decision is made on the integers"
)]
fn ratio(count: u64, base: u64) -> Option<f64> {
    (base > 0).then(|| count as f64 / base as f64)
}

impl Add for Counts {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            processed: self.processed.saturating_add(other.processed),
            delivered: self.delivered.saturating_add(other.delivered),
            bounced: self.bounced.saturating_add(other.bounced),
            complained: self.complained.saturating_add(other.complained),
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Counts {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self {
            processed: self.processed.saturating_sub(other.processed),
            delivered: self.delivered.saturating_sub(other.delivered),
            bounced: self.bounced.saturating_sub(other.bounced),
            complained: self.complained.saturating_sub(other.complained),
        }
    }
}

impl SubAssign for Counts {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}
