//! Policies that other services publish, each with its source.

use super::{MetricPolicy, Policy};

/// A ready policy with a name and where its numbers come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// A short identifier for URLs and files.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Who publishes these numbers and how they were read.
    pub source: &'static str,
    bounce_ppm: Option<(u32, u32)>,
    complaint_ppm: Option<(u32, u32)>,
    window_days: u32,
    minimum_processed: u64,
    promotion_after_checks: u32,
}

impl Preset {
    /// The policy; parameters that the source does not give are those of the default policy.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let metric = |ppm: Option<(u32, u32)>, poor_min_events| {
            ppm.map(|(good_at_most_ppm, poor_at_least_ppm)| MetricPolicy {
                good_at_most_ppm,
                poor_at_least_ppm,
                poor_min_events,
            })
        };
        Policy {
            window_days: self.window_days,
            bounce: metric(self.bounce_ppm, 1),
            complaint: metric(self.complaint_ppm, 3),
            minimum_processed: self.minimum_processed,
            promotion_after_checks: self.promotion_after_checks,
            ..Policy::default()
        }
    }

    /// The preset with an identifier.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.id == id)
    }
}

/// All presets, the default first. "Warn" is read as good at most, "bad" as poor at least.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: "default",
        name: "Default",
        source: "This project: agrees with every value in Mailgun's public examples; 5 % and 10 % are Amazon SES's \
                 review and pause, 0.1 % and 0.3 % the sender rules of Gmail and Yahoo.",
        bounce_ppm: Some((50_000, 100_000)),
        complaint_ppm: Some((1_000, 3_000)),
        window_days: 7,
        minimum_processed: 1_000,
        promotion_after_checks: 1,
    },
    Preset {
        id: "amazon-ses",
        name: "Amazon SES account review / pause",
        source: "Amazon SES: accounts go under review at 5 % bounces or 0.1 % complaints and may be paused at 10 % or \
                 0.5 %. Its “representative volume” is taken as 7 days and 1,000 messages.",
        bounce_ppm: Some((50_000, 100_000)),
        complaint_ppm: Some((1_000, 5_000)),
        window_days: 7,
        minimum_processed: 1_000,
        promotion_after_checks: 1,
    },
    Preset {
        id: "gmail-yahoo",
        name: "Gmail and Yahoo sender rules",
        source: "Gmail and Yahoo: keep complaints under 0.1 %, never reach 0.3 %, judged daily; good again after 7 \
                 consecutive days. Bounces are not part of the rules.",
        bounce_ppm: None,
        complaint_ppm: Some((1_000, 3_000)),
        window_days: 1,
        minimum_processed: 1_000,
        promotion_after_checks: 7,
    },
    Preset {
        id: "mailgun-guidance",
        name: "Mailgun deliverability guidance",
        source: "Mailgun's guidance: bounces under 2 %, 5 % is bad; complaints under 0.1 %; its health score needs 10,000 \
                 messages. Guidance, not a guess at the service: its own example calls 4 % bounces good.",
        bounce_ppm: Some((20_000, 50_000)),
        complaint_ppm: Some((1_000, 3_000)),
        window_days: 7,
        minimum_processed: 10_000,
        promotion_after_checks: 1,
    },
    Preset {
        id: "mailjet",
        name: "Mailjet policy",
        source: "Mailjet's sending policy: at most 8 % bounces and 0.08 % complaints.",
        bounce_ppm: Some((80_000, 80_000)),
        complaint_ppm: Some((800, 800)),
        window_days: 7,
        minimum_processed: 1_000,
        promotion_after_checks: 1,
    },
    Preset {
        id: "hyvor-relay",
        name: "Hyvor Relay",
        source: "Hyvor Relay's health checks: bounces warn at 2 %, fail at 5 %; complaints warn at 0.1 %, fail at 0.5 %. \
                 No minimum volume.",
        bounce_ppm: Some((20_000, 50_000)),
        complaint_ppm: Some((1_000, 5_000)),
        window_days: 7,
        minimum_processed: 0,
        promotion_after_checks: 1,
    },
    Preset {
        id: "elastic-email",
        name: "Elastic Email",
        source: "Elastic Email: complaints warn at 0.05 %, bad at 0.15 %, over 30 days. Bounces are not part of it.",
        bounce_ppm: None,
        complaint_ppm: Some((500, 1_500)),
        window_days: 30,
        minimum_processed: 1_000,
        promotion_after_checks: 1,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_valid_policy_and_the_first_is_the_default() {
        for preset in PRESETS {
            assert_eq!(preset.policy().validate(), Ok(()), "{}", preset.name);
            assert_eq!(Preset::by_id(preset.id), Some(preset));
        }
        assert_eq!(PRESETS[0].policy(), Policy::default());
    }
}
