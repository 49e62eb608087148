//! The parameters of a policy, each as a number that can be read and set.

use super::{Metric, MetricPolicy, PPM, Policy};

/// One parameter of a [`Policy`] that is a number. Thresholds are in parts per million.
///
/// # Examples
/// ```
/// use poolkeeper_core::health::{Metric, Policy, PolicyParam};
/// let mut policy = Policy::default();
/// let poor = PolicyParam::PoorAtLeast(Metric::BounceRate);
/// assert_eq!(poor.get(&policy), Some(100_000));
/// poor.set(&mut policy, 80_000);
/// assert_eq!(poor.text(&policy).as_deref(), Some("8"));
/// assert_eq!(poor.slug(), "bounce-poor");
/// assert_eq!(poor.label(), "Bounce rate, poor at least");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyParam {
    /// At most this rate votes Good.
    GoodAtMost(Metric),
    /// At least this rate votes Poor.
    PoorAtLeast(Metric),
    /// With fewer events the metric does not vote Poor.
    PoorMinEvents(Metric),
    /// Days of the window.
    Window,
    /// Days between checks.
    CheckEvery,
    /// Messages below which the rates are not judged.
    MinimumProcessed,
    /// Checks in a row before a better band.
    PromotionAfter,
    /// Checks in a row before a worse band.
    DemotionAfter,
}

impl PolicyParam {
    /// The parameters that an axis of the threshold map can show, in menu order.
    pub const SWEPT: [Self; 5] = [
        Self::PoorAtLeast(Metric::BounceRate),
        Self::PoorAtLeast(Metric::ComplaintRate),
        Self::GoodAtMost(Metric::BounceRate),
        Self::GoodAtMost(Metric::ComplaintRate),
        Self::MinimumProcessed,
    ];

    /// Its identifier in URLs and on the command line.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::GoodAtMost(Metric::BounceRate) => "bounce-good",
            Self::GoodAtMost(Metric::ComplaintRate) => "complaint-good",
            Self::PoorAtLeast(Metric::BounceRate) => "bounce-poor",
            Self::PoorAtLeast(Metric::ComplaintRate) => "complaint-poor",
            Self::PoorMinEvents(Metric::BounceRate) => "bounce-events",
            Self::PoorMinEvents(Metric::ComplaintRate) => "complaint-events",
            Self::Window => "window",
            Self::CheckEvery => "check-every",
            Self::MinimumProcessed => "minimum",
            Self::PromotionAfter => "promotion-after",
            Self::DemotionAfter => "demotion-after",
        }
    }

    /// The one of [`Self::SWEPT`] with a slug.
    #[must_use]
    pub fn swept_by_slug(slug: &str) -> Option<Self> {
        Self::SWEPT.into_iter().find(|param| param.slug() == slug)
    }

    /// The metric it belongs to.
    #[must_use]
    pub const fn metric(self) -> Option<Metric> {
        match self {
            Self::GoodAtMost(metric) | Self::PoorAtLeast(metric) | Self::PoorMinEvents(metric) => Some(metric),
            _ => None,
        }
    }

    /// Whether it is a threshold in parts per million.
    #[must_use]
    pub const fn is_threshold(self) -> bool {
        matches!(self, Self::GoodAtMost(_) | Self::PoorAtLeast(_))
    }

    /// The highest value it can take.
    #[must_use]
    pub const fn max(self) -> u64 {
        match self {
            Self::GoodAtMost(_) | Self::PoorAtLeast(_) => PPM as u64,
            Self::PoorMinEvents(_) | Self::MinimumProcessed => 1_000_000_000,
            Self::Window | Self::PromotionAfter | Self::DemotionAfter => 90,
            Self::CheckEvery => 30,
        }
    }

    /// Its value in a policy; `None` where its metric is off.
    #[must_use]
    pub fn get(self, policy: &Policy) -> Option<u64> {
        let of_metric = |metric: Metric, read: fn(&MetricPolicy) -> u64| metric.policy(policy).as_ref().map(read);
        match self {
            Self::GoodAtMost(metric) => of_metric(metric, |own| own.good_at_most_ppm.into()),
            Self::PoorAtLeast(metric) => of_metric(metric, |own| own.poor_at_least_ppm.into()),
            Self::PoorMinEvents(metric) => of_metric(metric, |own| own.poor_min_events),
            Self::Window => Some(policy.window_days.into()),
            Self::CheckEvery => Some(policy.check_every_days.into()),
            Self::MinimumProcessed => Some(policy.minimum_processed),
            Self::PromotionAfter => Some(policy.promotion_after_checks.into()),
            Self::DemotionAfter => Some(policy.demotion_after_checks.into()),
        }
    }

    /// Sets it unchecked: the policy may then be invalid (see [`Policy::validate`]). Does nothing where its metric is
    /// off.
    pub fn set(self, policy: &mut Policy, value: u64) {
        let small = u32::try_from(value).unwrap_or(u32::MAX);
        match self {
            Self::GoodAtMost(metric) => {
                if let Some(own) = of_metric(policy, metric) {
                    own.good_at_most_ppm = small;
                }
            }
            Self::PoorAtLeast(metric) => {
                if let Some(own) = of_metric(policy, metric) {
                    own.poor_at_least_ppm = small;
                }
            }
            Self::PoorMinEvents(metric) => {
                if let Some(own) = of_metric(policy, metric) {
                    own.poor_min_events = value;
                }
            }
            Self::Window => policy.window_days = small,
            Self::CheckEvery => policy.check_every_days = small,
            Self::MinimumProcessed => policy.minimum_processed = value,
            Self::PromotionAfter => policy.promotion_after_checks = small,
            Self::DemotionAfter => policy.demotion_after_checks = small,
        }
    }

    /// The policy with the value clamped to its valid range: good-at-most no higher than poor-at-least, days and checks
    /// at least 1, nothing above [`Self::max`].
    #[must_use]
    pub fn with_clamped(self, policy: &Policy, value: u64) -> Policy {
        let (least, most) = match self {
            Self::GoodAtMost(metric) => (0, Self::PoorAtLeast(metric).get(policy).unwrap_or(self.max())),
            Self::PoorAtLeast(metric) => (Self::GoodAtMost(metric).get(policy).unwrap_or(0), self.max()),
            Self::PoorMinEvents(_) | Self::MinimumProcessed => (0, self.max()),
            _ => (1, self.max()),
        };
        let mut changed = policy.clone();
        self.set(&mut changed, value.min(most).max(least));
        changed
    }
}

const fn of_metric(policy: &mut Policy, metric: Metric) -> Option<&mut MetricPolicy> {
    match metric {
        Metric::BounceRate => policy.bounce.as_mut(),
        Metric::ComplaintRate => policy.complaint.as_mut(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNCE: Metric = Metric::BounceRate;
    const COMPLAINT: Metric = Metric::ComplaintRate;

    #[test]
    fn every_parameter_reads_what_was_set() {
        let default = Policy::default();
        for param in [
            PolicyParam::GoodAtMost(BOUNCE),
            PolicyParam::GoodAtMost(COMPLAINT),
            PolicyParam::PoorAtLeast(BOUNCE),
            PolicyParam::PoorAtLeast(COMPLAINT),
            PolicyParam::PoorMinEvents(BOUNCE),
            PolicyParam::PoorMinEvents(COMPLAINT),
            PolicyParam::Window,
            PolicyParam::CheckEvery,
            PolicyParam::MinimumProcessed,
            PolicyParam::PromotionAfter,
            PolicyParam::DemotionAfter,
        ] {
            let mut changed = default.clone();
            // 29 is no default and within every parameter's range.
            param.set(&mut changed, 29);
            assert_eq!(param.get(&changed), Some(29), "{param:?}");
            let mut back = changed.clone();
            param.set(&mut back, param.get(&default).unwrap());
            assert_eq!((back == default, changed == default), (true, false), "{param:?}");
        }
    }

    #[test]
    fn a_metric_that_is_off_has_no_value() {
        let mut off = Policy {
            bounce: None,
            ..Policy::default()
        };
        let before = off.clone();
        PolicyParam::GoodAtMost(BOUNCE).set(&mut off, 1);
        assert_eq!((PolicyParam::GoodAtMost(BOUNCE).get(&off), &off), (None, &before));
    }

    #[test]
    fn slugs_find_their_parameter() {
        for param in PolicyParam::SWEPT {
            assert_eq!(PolicyParam::swept_by_slug(param.slug()), Some(param));
        }
        assert_eq!(PolicyParam::swept_by_slug("window"), None);
    }

    #[test]
    fn a_threshold_moves_no_further_than_the_other_one() {
        let default = Policy::default();
        let good = PolicyParam::GoodAtMost(BOUNCE);
        let poor = PolicyParam::PoorAtLeast(COMPLAINT);
        let raised = good.with_clamped(&default, 500_000);
        let lowered = poor.with_clamped(&default, 10);
        assert_eq!((good.get(&raised), poor.get(&lowered)), (Some(100_000), Some(1_000)));
        assert_eq!(PolicyParam::Window.with_clamped(&default, 200).window_days, 90);
        assert_eq!(PolicyParam::Window.with_clamped(&default, 0).window_days, 1);
        assert_eq!((raised.validate(), lowered.validate()), (Ok(()), Ok(())));
    }
}
