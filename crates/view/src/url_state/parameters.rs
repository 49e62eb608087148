//! Checks what the user enters for a policy.

use poolkeeper_core::health::{BelowMinimum, Metric, PPM, Policy, PolicyParam};
use poolkeeper_core::text::rates::{percent_text, ppm_of};

/// The policy with the value typed into a parameter's field. The result is valid.
///
/// # Errors
/// What to enter instead.
pub fn typed(param: PolicyParam, policy: &Policy, text: &str) -> Result<Policy, String> {
    let value = match param {
        PolicyParam::GoodAtMost(metric) => {
            let ppm = ppm(text)?;
            let most = metric.policy(policy).map_or(PPM, |own| own.poor_at_least_ppm);
            if ppm > most {
                return Err(format!("Enter at most {} %, where poor begins", percent_text(most)));
            }
            ppm.into()
        }
        PolicyParam::PoorAtLeast(metric) => {
            let ppm = ppm(text)?;
            let least = metric.policy(policy).map_or(0, |own| own.good_at_most_ppm);
            if ppm < least {
                return Err(format!("Enter at least {} %, where good ends", percent_text(least)));
            }
            ppm.into()
        }
        PolicyParam::PoorMinEvents(_) | PolicyParam::MinimumProcessed => whole(text)?,
        _ => within(text, param.max())?,
    };
    let mut changed = policy.clone();
    param.set(&mut changed, value);
    Ok(changed)
}

/// The policy with a metric switched on or off. Switched on, it gets the default thresholds.
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
        return Err("Turn on at least one of the two rates".to_owned());
    }
    Ok(changed)
}

/// The policy with another setting for domains below the minimum.
#[must_use]
pub fn below_minimum(policy: &Policy, below_minimum: BelowMinimum) -> Policy {
    Policy {
        below_minimum,
        ..policy.clone()
    }
}

fn ppm(text: &str) -> Result<u32, String> {
    let text = text.trim().trim_end_matches('%').trim_end();
    let read = (!text.is_empty()).then(|| ppm_of(text)).flatten();
    read.and_then(|ppm| u32::try_from(ppm).ok())
        .filter(|ppm| *ppm <= PPM)
        .ok_or_else(|| "Enter a percentage from 0 to 100, with up to 4 decimals".to_owned())
}

fn whole(text: &str) -> Result<u64, String> {
    let digits = text.trim().replace([',', ' '], "");
    digits.parse().map_err(|_| "Enter a whole number, 0 or more".to_owned())
}

fn within(text: &str, most: u64) -> Result<u64, String> {
    let number = text.trim().parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("Enter a whole number from 1 to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNCE: Metric = Metric::BounceRate;
    const COMPLAINT: Metric = Metric::ComplaintRate;

    #[test]
    fn what_is_typed_is_taken_exactly() {
        let default = Policy::default();
        let entered =
            |param: PolicyParam, text: &str| typed(param, &default, text).map(|policy| param.text(&policy).unwrap());
        for (param, text, read) in [
            (PolicyParam::GoodAtMost(COMPLAINT), "0,08", "0.08"),
            (PolicyParam::GoodAtMost(BOUNCE), "10", "10"),
            (PolicyParam::PoorAtLeast(BOUNCE), " 5 % ", "5"),
            (PolicyParam::PoorMinEvents(COMPLAINT), "0", "0"),
            (PolicyParam::Window, "90", "90"),
            (PolicyParam::CheckEvery, "30", "30"),
            (PolicyParam::MinimumProcessed, "10,000", "10000"),
            (PolicyParam::PromotionAfter, "7", "7"),
            (PolicyParam::DemotionAfter, "90", "90"),
        ] {
            assert_eq!(entered(param, text), Ok(read.to_owned()), "{param:?} {text}");
        }
    }

    #[test]
    fn invalid_input_gets_a_hint() {
        let default = Policy::default();
        for (param, text, problem) in [
            (
                PolicyParam::GoodAtMost(BOUNCE),
                "10.0001",
                "Enter at most 10 %, where poor begins",
            ),
            (
                PolicyParam::PoorAtLeast(COMPLAINT),
                "0.09",
                "Enter at least 0.1 %, where good ends",
            ),
            (
                PolicyParam::PoorAtLeast(BOUNCE),
                "101",
                "Enter a percentage from 0 to 100, with up to 4 decimals",
            ),
            (
                PolicyParam::GoodAtMost(BOUNCE),
                "",
                "Enter a percentage from 0 to 100, with up to 4 decimals",
            ),
            (
                PolicyParam::PoorMinEvents(BOUNCE),
                "-1",
                "Enter a whole number, 0 or more",
            ),
            (PolicyParam::Window, "0", "Enter a whole number from 1 to 90"),
            (PolicyParam::Window, "91", "Enter a whole number from 1 to 90"),
            (PolicyParam::CheckEvery, "31", "Enter a whole number from 1 to 30"),
            (PolicyParam::DemotionAfter, "1.5", "Enter a whole number from 1 to 90"),
        ] {
            assert_eq!(
                typed(param, &default, text),
                Err(problem.to_owned()),
                "{param:?} {text}"
            );
        }
    }

    #[test]
    fn one_rate_always_counts() {
        let default = Policy::default();
        let off = switched(&default, BOUNCE, false).unwrap();
        assert_eq!((off.bounce, off.complaint), (None, default.complaint));
        assert!(switched(&off, COMPLAINT, false).is_err());
        assert_eq!(switched(&off, BOUNCE, true), Ok(default));
        assert_eq!(PolicyParam::GoodAtMost(BOUNCE).text(&off), None);
    }
}
