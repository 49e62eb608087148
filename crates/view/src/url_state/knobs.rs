//! Every choice of a policy as something one can turn: its name, its text, and what a person typed into it. Pure.

use poolkeeper_core::health::{BelowMinimum, Metric, MetricPolicy, PPM, Policy};
use poolkeeper_core::text::rates::{percent_text, ppm_of};

/// One choice that is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knob {
    /// At most this rate votes Good.
    GoodAtMost(Metric),
    /// At least this rate votes Poor.
    PoorAtLeast(Metric),
    /// Poor needs so many events.
    PoorEvents(Metric),
    /// Days of the window.
    Window,
    /// Days between checks.
    CheckEvery,
    /// Messages below which a rate says little.
    Minimum,
    /// Checks in a row before a better band.
    PromotionAfter,
    /// Checks in a row before a worse band.
    DemotionAfter,
}

impl Knob {
    /// Its name among those of its group.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GoodAtMost(_) => "good at most",
            Self::PoorAtLeast(_) => "poor at least",
            Self::PoorEvents(_) => "poor needs",
            Self::Window => "Window",
            Self::CheckEvery => "Check every",
            Self::Minimum => "Minimum processed",
            Self::PromotionAfter => "Promotion after",
            Self::DemotionAfter => "Demotion after",
        }
    }

    /// What the number counts.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::GoodAtMost(_) | Self::PoorAtLeast(_) => "%",
            Self::PoorEvents(Metric::BounceRate) => "bounces",
            Self::PoorEvents(Metric::ComplaintRate) => "complaints",
            Self::Window | Self::CheckEvery => "days",
            Self::Minimum => "messages",
            Self::PromotionAfter | Self::DemotionAfter => "checks",
        }
    }

    /// Its whole name: `Bounce rate, good at most, %`.
    #[must_use]
    pub fn full_name(self) -> String {
        let (name, unit) = (self.name(), self.unit());
        match self {
            Self::GoodAtMost(metric) | Self::PoorAtLeast(metric) | Self::PoorEvents(metric) => {
                format!("{}, {name}, {unit}", title(metric))
            }
            _ => format!("{name}, {unit}"),
        }
    }

    /// The number as a person would type it; `None` for a metric that is off.
    #[must_use]
    pub fn text(self, policy: &Policy) -> Option<String> {
        Some(match self {
            Self::GoodAtMost(metric) => percent_text(metric.policy(policy)?.good_at_most_ppm),
            Self::PoorAtLeast(metric) => percent_text(metric.policy(policy)?.poor_at_least_ppm),
            Self::PoorEvents(metric) => metric.policy(policy)?.poor_min_events.to_string(),
            Self::Window => policy.window_days.to_string(),
            Self::CheckEvery => policy.check_every_days.to_string(),
            Self::Minimum => policy.minimum_processed.to_string(),
            Self::PromotionAfter => policy.promotion_after_checks.to_string(),
            Self::DemotionAfter => policy.demotion_after_checks.to_string(),
        })
    }

    /// The policy with what a person typed; it makes sense as a whole.
    ///
    /// # Errors
    /// What is wrong with the text and what would do.
    pub fn typed(self, policy: &Policy, text: &str) -> Result<Policy, String> {
        let mut changed = policy.clone();
        match self {
            Self::GoodAtMost(metric) | Self::PoorAtLeast(metric) => {
                let percent = ppm(text)?;
                if let Some(slot) = slot(&mut changed, metric) {
                    if matches!(self, Self::GoodAtMost(_)) {
                        if percent > slot.poor_at_least_ppm {
                            let most = percent_text(slot.poor_at_least_ppm);
                            return Err(format!("Take at most {most} %, where poor begins"));
                        }
                        slot.good_at_most_ppm = percent;
                    } else {
                        if percent < slot.good_at_most_ppm {
                            let least = percent_text(slot.good_at_most_ppm);
                            return Err(format!("Take at least {least} %, where good ends"));
                        }
                        slot.poor_at_least_ppm = percent;
                    }
                }
            }
            Self::PoorEvents(metric) => {
                let events = whole(text)?;
                if let Some(slot) = slot(&mut changed, metric) {
                    slot.poor_min_events = events;
                }
            }
            Self::Minimum => changed.minimum_processed = whole(text)?,
            Self::Window => changed.window_days = within(text, 90)?,
            Self::CheckEvery => changed.check_every_days = within(text, 30)?,
            Self::PromotionAfter => changed.promotion_after_checks = within(text, 90)?,
            Self::DemotionAfter => changed.demotion_after_checks = within(text, 90)?,
        }
        Ok(changed)
    }
}

/// A metric's name.
#[must_use]
pub const fn title(metric: Metric) -> &'static str {
    match metric {
        Metric::BounceRate => "Bounce rate",
        Metric::ComplaintRate => "Complaint rate",
    }
}

/// The policy with a metric switched on or off; on, it takes the default's thresholds.
///
/// # Errors
/// Why it may not be switched off.
pub fn switched(policy: &Policy, metric: Metric, is_on: bool) -> Result<Policy, String> {
    let mut changed = policy.clone();
    let slot = match metric {
        Metric::BounceRate => &mut changed.bounce,
        Metric::ComplaintRate => &mut changed.complaint,
    };
    *slot = if is_on {
        slot.or_else(|| metric.policy(&Policy::default()))
    } else {
        None
    };
    if changed.bounce.is_none() && changed.complaint.is_none() {
        return Err("One of the two rates has to count".to_owned());
    }
    Ok(changed)
}

/// The policy with another choice below the minimum.
#[must_use]
pub fn below_minimum(policy: &Policy, below_minimum: BelowMinimum) -> Policy {
    Policy {
        below_minimum,
        ..policy.clone()
    }
}

/// The policy with a threshold where a slider was pulled to: no further than the other one.
#[must_use]
pub fn pulled(knob: Knob, policy: &Policy, ppm: u32) -> Policy {
    let mut changed = policy.clone();
    match knob {
        Knob::GoodAtMost(metric) => {
            if let Some(slot) = slot(&mut changed, metric) {
                slot.good_at_most_ppm = ppm.min(slot.poor_at_least_ppm);
            }
        }
        Knob::PoorAtLeast(metric) => {
            if let Some(slot) = slot(&mut changed, metric) {
                slot.poor_at_least_ppm = ppm.clamp(slot.good_at_most_ppm, PPM);
            }
        }
        Knob::Window => changed.window_days = ppm.clamp(1, 90),
        _ => {}
    }
    changed
}

/// Where a slider stands; `None` for a metric that is off and for choices without a slider.
#[must_use]
pub fn stands(knob: Knob, policy: &Policy) -> Option<u32> {
    match knob {
        Knob::GoodAtMost(metric) => Some(metric.policy(policy)?.good_at_most_ppm),
        Knob::PoorAtLeast(metric) => Some(metric.policy(policy)?.poor_at_least_ppm),
        Knob::Window => Some(policy.window_days),
        _ => None,
    }
}

fn slot(policy: &mut Policy, metric: Metric) -> Option<&mut MetricPolicy> {
    match metric {
        Metric::BounceRate => policy.bounce.as_mut(),
        Metric::ComplaintRate => policy.complaint.as_mut(),
    }
}

fn ppm(text: &str) -> Result<u32, String> {
    let text = text.trim().trim_end_matches('%').trim_end();
    let read = (!text.is_empty()).then(|| ppm_of(text)).flatten();
    read.and_then(|ppm| u32::try_from(ppm).ok())
        .filter(|ppm| *ppm <= PPM)
        .ok_or_else(|| "Take a percentage from 0 to 100 with up to four decimals".to_owned())
}

fn whole(text: &str) -> Result<u64, String> {
    let digits = text.trim().replace([',', ' '], "");
    digits.parse().map_err(|_| "Take a whole number from 0 on".to_owned())
}

fn within(text: &str, most: u32) -> Result<u32, String> {
    let number = text.trim().parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("Take a whole number from 1 to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNCE: Metric = Metric::BounceRate;
    const COMPLAINT: Metric = Metric::ComplaintRate;

    #[test]
    fn what_is_typed_is_taken_exactly() {
        let default = Policy::default();
        let typed = |knob: Knob, text: &str| knob.typed(&default, text).map(|policy| knob.text(&policy).unwrap());
        for (knob, text, read) in [
            (Knob::GoodAtMost(COMPLAINT), "0,08", "0.08"),
            (Knob::GoodAtMost(BOUNCE), "10", "10"),
            (Knob::PoorAtLeast(BOUNCE), " 5 % ", "5"),
            (Knob::PoorEvents(COMPLAINT), "0", "0"),
            (Knob::Window, "90", "90"),
            (Knob::CheckEvery, "30", "30"),
            (Knob::Minimum, "10,000", "10000"),
            (Knob::PromotionAfter, "7", "7"),
            (Knob::DemotionAfter, "90", "90"),
        ] {
            assert_eq!(typed(knob, text), Ok(read.to_owned()), "{knob:?} {text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_named_with_what_would_do() {
        let default = Policy::default();
        for (knob, text, problem) in [
            (
                Knob::GoodAtMost(BOUNCE),
                "10.0001",
                "Take at most 10 %, where poor begins",
            ),
            (
                Knob::PoorAtLeast(COMPLAINT),
                "0.09",
                "Take at least 0.1 %, where good ends",
            ),
            (
                Knob::PoorAtLeast(BOUNCE),
                "101",
                "Take a percentage from 0 to 100 with up to four decimals",
            ),
            (
                Knob::GoodAtMost(BOUNCE),
                "",
                "Take a percentage from 0 to 100 with up to four decimals",
            ),
            (Knob::PoorEvents(BOUNCE), "-1", "Take a whole number from 0 on"),
            (Knob::Window, "0", "Take a whole number from 1 to 90"),
            (Knob::Window, "91", "Take a whole number from 1 to 90"),
            (Knob::CheckEvery, "31", "Take a whole number from 1 to 30"),
            (Knob::DemotionAfter, "1.5", "Take a whole number from 1 to 90"),
        ] {
            assert_eq!(knob.typed(&default, text), Err(problem.to_owned()), "{knob:?} {text}");
        }
    }

    #[test]
    fn one_rate_always_counts() {
        let default = Policy::default();
        let off = switched(&default, BOUNCE, false).unwrap();
        assert_eq!((off.bounce, off.complaint), (None, default.complaint));
        assert!(switched(&off, COMPLAINT, false).is_err());
        assert_eq!(switched(&off, BOUNCE, true), Ok(default));
        assert_eq!(Knob::GoodAtMost(BOUNCE).text(&off), None);
    }

    #[test]
    fn a_threshold_is_pulled_up_to_the_other_one() {
        let default = Policy::default();
        let good = pulled(Knob::GoodAtMost(BOUNCE), &default, 500_000);
        assert_eq!(stands(Knob::GoodAtMost(BOUNCE), &good), Some(100_000));
        let poor = pulled(Knob::PoorAtLeast(COMPLAINT), &default, 10);
        assert_eq!(stands(Knob::PoorAtLeast(COMPLAINT), &poor), Some(1_000));
        assert_eq!(stands(Knob::Window, &pulled(Knob::Window, &default, 200)), Some(90));
        assert_eq!((good.validate(), poor.validate()), (Ok(()), Ok(())));
    }
}
