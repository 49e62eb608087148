//! Labels and formatted values of a policy's parameters.

use super::names::events_noun;
use super::rates::{limit, percent_text};
use super::{count, counted};
use crate::health::{Metric, Policy, PolicyParam};

impl PolicyParam {
    /// Its name: `Bounce rate, poor at least`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::GoodAtMost(Metric::BounceRate) => "Bounce rate, good at most",
            Self::GoodAtMost(Metric::ComplaintRate) => "Complaint rate, good at most",
            Self::PoorAtLeast(Metric::BounceRate) => "Bounce rate, poor at least",
            Self::PoorAtLeast(Metric::ComplaintRate) => "Complaint rate, poor at least",
            Self::PoorMinEvents(Metric::BounceRate) => "Bounce rate, poor needs",
            Self::PoorMinEvents(Metric::ComplaintRate) => "Complaint rate, poor needs",
            Self::Window => "Window",
            Self::CheckEvery => "Check every",
            Self::MinimumProcessed => "Minimum processed",
            Self::PromotionAfter => "Promotion after",
            Self::DemotionAfter => "Demotion after",
        }
    }

    /// Its label under a heading that names the metric: `poor at least`.
    #[must_use]
    pub const fn short_label(self) -> &'static str {
        match self {
            Self::GoodAtMost(_) => "good at most",
            Self::PoorAtLeast(_) => "poor at least",
            Self::PoorMinEvents(_) => "poor needs",
            _ => self.label(),
        }
    }

    /// What its number counts: `%`, `days`.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::GoodAtMost(_) | Self::PoorAtLeast(_) => "%",
            Self::PoorMinEvents(metric) => events_noun(metric),
            Self::Window | Self::CheckEvery => "days",
            Self::MinimumProcessed => "messages",
            Self::PromotionAfter | Self::DemotionAfter => "checks",
        }
    }

    /// Its name and unit: `Bounce rate, good at most, %`.
    #[must_use]
    pub fn label_with_unit(self) -> String {
        format!("{}, {}", self.label(), self.unit())
    }

    /// Its value in a policy as a person would type it, without the unit; `None` where its metric is off.
    #[must_use]
    pub fn text(self, policy: &Policy) -> Option<String> {
        let value = self.get(policy)?;
        Some(match u32::try_from(value) {
            Ok(ppm) if self.is_threshold() => percent_text(ppm),
            _ => value.to_string(),
        })
    }

    /// A value, formatted exactly: `3.25 %`, `1,000`.
    #[must_use]
    pub fn value_text(self, value: u64) -> String {
        if self.is_threshold() {
            limit(value)
        } else {
            count(value)
        }
    }

    /// A value with its unit: `3.25 %`, `1,000 messages`.
    #[must_use]
    pub fn value_with_unit(self, value: u64) -> String {
        if self.is_threshold() {
            limit(value)
        } else {
            counted(value, self.unit().trim_end_matches('s'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_names_and_values() {
        let poor = PolicyParam::PoorAtLeast(Metric::ComplaintRate);
        let policy = Policy::default();
        assert_eq!(poor.label_with_unit(), "Complaint rate, poor at least, %");
        assert_eq!(poor.text(&policy).as_deref(), Some("0.3"));
        assert_eq!(poor.value_with_unit(32_500), "3.25 %");
        assert_eq!(PolicyParam::MinimumProcessed.text(&policy).as_deref(), Some("1000"));
        assert_eq!(PolicyParam::MinimumProcessed.value_text(1_000), "1,000");
        assert_eq!(PolicyParam::MinimumProcessed.value_with_unit(1), "1 message");
        assert_eq!(
            PolicyParam::PoorMinEvents(Metric::BounceRate).value_with_unit(2),
            "2 bounces"
        );
        assert_eq!(PolicyParam::Window.value_with_unit(7), "7 days");
    }

    #[test]
    fn short_labels_end_the_whole_ones() {
        for param in PolicyParam::SWEPT {
            assert!(param.label().ends_with(param.short_label()), "{param:?}");
        }
    }
}
