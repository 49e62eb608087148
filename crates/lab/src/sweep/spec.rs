//! The specification of a sweep: two parameters of a policy, their values, and the outcomes to count.

use super::SweepOutcomes;
use poolkeeper_core::health::{Metric, PPM, Policy, PolicyParam};
use poolkeeper_core::text;
use poolkeeper_core::traffic::Table;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use thiserror::Error;

/// The most values one axis may have.
pub const MAX_VALUES: usize = 10_000;

/// The most cells a grid may have.
pub const MAX_CELLS: usize = 4_000_000;

/// The most days a table may have to be swept: 273 years.
pub const MAX_DAYS: u32 = 100_000;

/// How a metric's good-at-most follows its poor-at-least along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodThreshold {
    /// It stays at the value of the base policy or of the other axis.
    Fixed,
    /// It is this share of poor-at-least, rounded down to whole parts per million.
    Tied {
        /// Good-at-most ÷ poor-at-least in parts per million, at most [`PPM`].
        share_ppm: u32,
    },
}

/// The parameter that an axis changes, as stored in reports. [`AxisParam::param`] is the policy's parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AxisParam {
    /// A metric's poor-at-least, in parts per million.
    PoorAtLeast {
        /// The metric; it must be on in the base policy.
        metric: Metric,
        /// How good-at-most follows.
        good: GoodThreshold,
    },
    /// A metric's good-at-most, in parts per million.
    GoodAtMost {
        /// The metric; it must be on in the base policy.
        metric: Metric,
    },
    /// The minimum of processed messages in the window.
    MinimumProcessed,
}

impl AxisParam {
    /// The metric whose threshold the axis changes.
    #[must_use]
    pub const fn metric(self) -> Option<Metric> {
        self.param().metric()
    }

    /// The parameter of the policy that the axis changes.
    #[must_use]
    pub const fn param(self) -> PolicyParam {
        match self {
            Self::PoorAtLeast { metric, .. } => PolicyParam::PoorAtLeast(metric),
            Self::GoodAtMost { metric } => PolicyParam::GoodAtMost(metric),
            Self::MinimumProcessed => PolicyParam::MinimumProcessed,
        }
    }

    /// The axis parameter of a policy's parameter; `None` if no sweep changes it. `good` is used for a poor-at-least.
    #[must_use]
    pub const fn for_param(param: PolicyParam, good: GoodThreshold) -> Option<Self> {
        match param {
            PolicyParam::PoorAtLeast(metric) => Some(Self::PoorAtLeast { metric, good }),
            PolicyParam::GoodAtMost(metric) => Some(Self::GoodAtMost { metric }),
            PolicyParam::MinimumProcessed => Some(Self::MinimumProcessed),
            _ => None,
        }
    }

    /// Its name, with a tied good-at-most: `Bounce rate, poor at least (good at most 50 % of it)`.
    #[must_use]
    pub fn name(self) -> String {
        let name = self.param().label();
        match self {
            Self::PoorAtLeast {
                good: GoodThreshold::Tied { share_ppm },
                ..
            } => format!(
                "{name} (good at most {} of it)",
                text::share(share_ppm.into(), PPM.into())
            ),
            _ => name.to_owned(),
        }
    }

    /// Sets the parameter in a policy, and a tied good-at-most with it. Good-at-most may then be above poor-at-least;
    /// [`Sweep::policy_at`] lowers it.
    fn set(self, policy: &mut Policy, value: u64) {
        self.param().set(policy, value);
        if let Self::PoorAtLeast {
            metric,
            good: GoodThreshold::Tied { share_ppm },
        } = self
        {
            let poor_ppm = u32::try_from(value).unwrap_or(u32::MAX);
            PolicyParam::GoodAtMost(metric).set(policy, share_of(poor_ppm, share_ppm).into());
        }
    }
}

fn share_of(poor_ppm: u32, share_ppm: u32) -> u32 {
    u32::try_from(u64::from(poor_ppm) * u64::from(share_ppm) / u64::from(PPM)).unwrap_or(u32::MAX)
}

/// A parameter and its values, ascending; equal values are allowed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// The parameter. The field is called `knob` in stored reports.
    pub knob: AxisParam,
    /// Its values: parts per million for thresholds, messages for the minimum.
    pub values: Vec<u64>,
}

impl Axis {
    /// `steps` evenly spaced values from `from` to `to` (both included), rounded to whole numbers.
    #[must_use]
    pub fn linear(knob: AxisParam, from: u64, to: u64, steps: usize) -> Self {
        let last = steps.saturating_sub(1).max(1) as u128;
        let span = u128::from(to.saturating_sub(from));
        let at = |step: usize| from.saturating_add(u64::try_from((span * step as u128 + last / 2) / last).unwrap_or(0));
        Self {
            knob,
            values: (0..steps).map(at).collect(),
        }
    }

    /// `steps` values from `from` (at least 1) to `to`, each about the same factor above the one before. They are
    /// rounded to whole numbers, so low values may repeat.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rounded value inside from..=to; libm gives the same one everywhere"
    )]
    pub fn logarithmic(knob: AxisParam, from: u64, to: u64, steps: usize) -> Self {
        let (from, to) = (from.max(1), to.max(from).max(1));
        let last = steps.saturating_sub(1).max(1) as f64;
        let ratio = libm::log(to as f64 / from as f64);
        let at = |step: usize| match step {
            0 => from,
            step if step + 1 == steps => to,
            step => (libm::round(from as f64 * libm::exp(ratio * step as f64 / last)) as u64).clamp(from, to),
        };
        Self {
            knob,
            values: (0..steps).map(at).collect(),
        }
    }
}

/// A sweep: every pair of a value of `x` and one of `y`, set in the base policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// All parameters that the axes do not change.
    pub base: Policy,
    /// The columns, left to right.
    pub x: Axis,
    /// The rows, from the first on.
    pub y: Axis,
    /// The outcomes to count in each cell.
    pub outcomes: SweepOutcomes,
    /// The days to count, as positions from the table's first day; `None` for all. Every policy still applies from the
    /// table's first day. Days after the range are not read.
    pub days: Option<Range<u32>>,
}

/// Why a sweep is invalid, in words for the person who set it up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct InvalidSweep {
    /// The field, as it is named in a sweep.
    pub field: &'static str,
    /// What is wrong and what to enter instead.
    pub problem: String,
}

impl InvalidSweep {
    pub(crate) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self {
            field,
            problem: problem.into(),
        }
    }
}

impl Sweep {
    /// The policy of the cell in column `x` and row `y`; `None` outside the grid.
    ///
    /// If good-at-most would be above poor-at-least, it is lowered to poor-at-least, so that every cell is a valid
    /// policy.
    #[must_use]
    pub fn policy_at(&self, x: usize, y: usize) -> Option<Policy> {
        let mut policy = self.base.clone();
        self.x.knob.set(&mut policy, *self.x.values.get(x)?);
        self.y.knob.set(&mut policy, *self.y.values.get(y)?);
        for metric in [&mut policy.bounce, &mut policy.complaint].into_iter().flatten() {
            metric.good_at_most_ppm = metric.good_at_most_ppm.min(metric.poor_at_least_ppm);
        }
        Some(policy)
    }

    /// A sweep along one parameter: one row, with the other parameter at the base policy's value.
    #[must_use]
    pub fn along(base: Policy, x: Axis, outcomes: SweepOutcomes) -> Self {
        let fixed = match (x.knob, base.bounce, base.complaint) {
            (AxisParam::MinimumProcessed, Some(bounce), _) => Axis {
                knob: AxisParam::GoodAtMost {
                    metric: Metric::BounceRate,
                },
                values: vec![u64::from(bounce.good_at_most_ppm)],
            },
            (AxisParam::MinimumProcessed, None, complaint) => Axis {
                knob: AxisParam::GoodAtMost {
                    metric: Metric::ComplaintRate,
                },
                values: vec![complaint.map_or(0, |metric| u64::from(metric.good_at_most_ppm))],
            },
            _ => Axis {
                knob: AxisParam::MinimumProcessed,
                values: vec![base.minimum_processed],
            },
        };
        Self {
            base,
            x,
            y: fixed,
            outcomes,
            days: None,
        }
    }

    /// Cells in the grid.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.x.values.len().saturating_mul(self.y.values.len())
    }

    /// The days to count in a table of `day_count` days.
    #[must_use]
    pub fn counted_days(&self, day_count: u32) -> Range<u32> {
        self.days.clone().unwrap_or(0..day_count)
    }

    /// Checks the sweep for a table; reports the first problem.
    ///
    /// # Errors
    /// [`InvalidSweep`] naming the field.
    pub fn validate(&self, table: &Table) -> Result<(), InvalidSweep> {
        self.base
            .validate()
            .map_err(|invalid| InvalidSweep::new("base", invalid.to_string()))?;
        for (field, axis, other) in [("x", &self.x, &self.y), ("y", &self.y, &self.x)] {
            validate_axis(field, axis, &self.base)?;
            let is_same = axis.knob.param() == other.knob.param();
            if is_same {
                return Err(InvalidSweep::new(field, "both axes are the same; choose another"));
            }
            if let (
                AxisParam::PoorAtLeast {
                    metric,
                    good: GoodThreshold::Tied { .. },
                },
                AxisParam::GoodAtMost { metric: turned },
            ) = (axis.knob, other.knob)
                && metric == turned
            {
                let problem = "good-at-most is tied to poor-at-least here and the other axis turns it; leave it fixed";
                return Err(InvalidSweep::new(field, problem));
            }
        }
        if self.cells() > MAX_CELLS {
            let problem = format!("{} cells; take {MAX_CELLS} at most", self.cells());
            return Err(InvalidSweep::new("x, y", problem));
        }
        let day_count = table.day_count();
        if day_count > MAX_DAYS {
            let problem = format!("the table has {day_count} days; take {MAX_DAYS} at most");
            return Err(InvalidSweep::new("days", problem));
        }
        let days = self.counted_days(day_count);
        if days.start > days.end || days.end > day_count {
            let problem = format!("{} to {} is not within the table's {day_count}", days.start, days.end);
            return Err(InvalidSweep::new("days", problem));
        }
        Ok(())
    }
}

fn validate_axis(field: &'static str, axis: &Axis, base: &Policy) -> Result<(), InvalidSweep> {
    let count = axis.values.len();
    if !(1..=MAX_VALUES).contains(&count) {
        let problem = format!("{count} values; take 1 to {MAX_VALUES}");
        return Err(InvalidSweep::new(field, problem));
    }
    if !axis.values.is_sorted() {
        return Err(InvalidSweep::new(field, "the values are not ascending; sort them"));
    }
    let Some(metric) = axis.knob.metric() else {
        return Ok(());
    };
    if metric.policy(base).is_none() {
        let problem = format!("the policy has {} turned off; turn it on", metric.wire_name());
        return Err(InvalidSweep::new(field, problem));
    }
    if let Some(last) = axis.values.last()
        && *last > u64::from(PPM)
    {
        return Err(InvalidSweep::new(field, format!("{last} is above {PPM} (100 %)")));
    }
    if let AxisParam::PoorAtLeast {
        good: GoodThreshold::Tied { share_ppm },
        ..
    } = axis.knob
        && share_ppm > PPM
    {
        let problem = format!("good-at-most would be above poor-at-least: a share of {share_ppm} is above {PPM}");
        return Err(InvalidSweep::new(field, problem));
    }
    Ok(())
}
