//! The parameters of a health check.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Parts per million in one.
pub const PPM: u32 = 1_000_000;

/// One rate's thresholds. Between them the metric holds: the domain stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricPolicy {
    /// At most this rate, in parts per million, votes Good.
    pub good_at_most_ppm: u32,
    /// At least this rate, in parts per million, votes Poor.
    pub poor_at_least_ppm: u32,
    /// With fewer events (bounces or complaints) in the window the metric votes Hold instead of Poor.
    pub poor_min_events: u64,
}

/// What a check does with a domain that processed fewer messages than the minimum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BelowMinimum {
    /// It stays in its band.
    #[default]
    Hold,
    /// It goes back to new.
    New,
}

/// All parameters of a health check. `Default` agrees with every value in the service's public examples and with what
/// mailbox and sending providers publish.
///
/// # Examples
/// ```
/// use poolkeeper_core::health::Policy;
/// let policy = Policy { window_days: 30, minimum_processed: 500, ..Policy::default() };
/// assert_eq!(policy.validate(), Ok(()));
/// let problem = Policy { window_days: 0, ..policy }.validate().unwrap_err();
/// assert_eq!(problem.to_string(), "window_days: 0 is out of range; take 1 to 90");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Days in the trailing window, today included: 1–90.
    pub window_days: u32,
    /// UTC days between checks, counted from the first day: 1–30. A check runs at the end of a day.
    pub check_every_days: u32,
    /// Bounced ÷ sent; `None` turns the metric off.
    pub bounce: Option<MetricPolicy>,
    /// Complained ÷ delivered; `None` turns the metric off.
    pub complaint: Option<MetricPolicy>,
    /// With fewer processed messages in the window, the rates are not judged.
    pub minimum_processed: u64,
    /// What a check does below the minimum.
    pub below_minimum: BelowMinimum,
    /// Checks in a row that must vote for the same better band before the domain moves there: 1–90.
    pub promotion_after_checks: u32,
    /// Checks in a row that must vote for the same worse band before the domain moves there: 1–90.
    pub demotion_after_checks: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            window_days: 7,
            check_every_days: 1,
            bounce: Some(MetricPolicy {
                good_at_most_ppm: 50_000,
                poor_at_least_ppm: 100_000,
                poor_min_events: 1,
            }),
            complaint: Some(MetricPolicy {
                good_at_most_ppm: 1_000,
                poor_at_least_ppm: 3_000,
                poor_min_events: 3,
            }),
            minimum_processed: 1_000,
            below_minimum: BelowMinimum::Hold,
            promotion_after_checks: 1,
            demotion_after_checks: 1,
        }
    }
}

/// Why a policy is invalid, in words for the person who set it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct InvalidPolicy {
    /// The field, as it is named in a policy file.
    pub field: &'static str,
    /// What is wrong and what to enter instead.
    pub problem: String,
}

impl Policy {
    /// Checks every parameter; reports the first problem.
    ///
    /// # Errors
    /// [`InvalidPolicy`] naming the field.
    pub fn validate(&self) -> Result<(), InvalidPolicy> {
        let within = |field, value: u32, most: u32| {
            if (1..=most).contains(&value) {
                Ok(())
            } else {
                Err(InvalidPolicy {
                    field,
                    problem: format!("{value} is out of range; take 1 to {most}"),
                })
            }
        };
        within("window_days", self.window_days, 90)?;
        within("check_every_days", self.check_every_days, 30)?;
        within("promotion_after_checks", self.promotion_after_checks, 90)?;
        within("demotion_after_checks", self.demotion_after_checks, 90)?;
        for (field, metric) in [("bounce", self.bounce), ("complaint", self.complaint)] {
            let Some(metric) = metric else { continue };
            if metric.good_at_most_ppm > metric.poor_at_least_ppm {
                let problem = format!(
                    "good_at_most_ppm {} is above poor_at_least_ppm {}; make it lower or equal",
                    metric.good_at_most_ppm, metric.poor_at_least_ppm
                );
                return Err(InvalidPolicy { field, problem });
            }
            if metric.poor_at_least_ppm > PPM {
                let problem = format!("poor_at_least_ppm {} is above {PPM} (100 %)", metric.poor_at_least_ppm);
                return Err(InvalidPolicy { field, problem });
            }
        }
        if self.bounce.is_none() && self.complaint.is_none() {
            let problem = "both metrics are off; leave at least one on".to_owned();
            return Err(InvalidPolicy {
                field: "bounce, complaint",
                problem,
            });
        }
        Ok(())
    }
}
