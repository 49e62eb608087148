//! What to sweep: two knobs of a policy, the values each takes, and what to count.

use super::SweepOutcomes;
use poolkeeper_core::health::{Metric, PPM, Policy};
use poolkeeper_core::traffic::Table;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use thiserror::Error;

/// The most values one axis may have.
pub const MOST_VALUES: usize = 10_000;

/// The most cells a grid may have.
pub const MOST_CELLS: usize = 4_000_000;

/// The most days a table may have to be swept: 273 years.
pub const MOST_DAYS: u32 = 100_000;

/// What happens to a metric's good-at-most when its poor-at-least moves along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodThreshold {
    /// It stays where the base policy, or the other axis, has it.
    Fixed,
    /// It is this share of poor-at-least, rounded down to whole parts per million.
    Tied {
        /// Good-at-most ÷ poor-at-least in parts per million, at most [`PPM`].
        share_ppm: u32,
    },
}

/// The knob an axis turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Knob {
    /// A metric's poor-at-least, in parts per million.
    PoorAtLeast {
        /// The metric; it must be on in the base policy.
        metric: Metric,
        /// What good-at-most does meanwhile.
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

impl Knob {
    /// The metric whose thresholds the knob turns.
    #[must_use]
    pub const fn metric(self) -> Option<Metric> {
        match self {
            Self::PoorAtLeast { metric, .. } | Self::GoodAtMost { metric } => Some(metric),
            Self::MinimumProcessed => None,
        }
    }

    /// Puts a value into a policy. Good-at-most is never left above poor-at-least: it is lowered to it.
    fn turn(self, policy: &mut Policy, value: u64) {
        let ppm = u32::try_from(value).unwrap_or(u32::MAX);
        let metric = match self.metric() {
            Some(Metric::BounceRate) => policy.bounce.as_mut(),
            Some(Metric::ComplaintRate) => policy.complaint.as_mut(),
            None => None,
        };
        match (self, metric) {
            (Self::MinimumProcessed, _) => policy.minimum_processed = value,
            (Self::GoodAtMost { .. }, Some(metric)) => metric.good_at_most_ppm = ppm,
            (Self::PoorAtLeast { good, .. }, Some(metric)) => {
                metric.poor_at_least_ppm = ppm;
                if let GoodThreshold::Tied { share_ppm } = good {
                    metric.good_at_most_ppm = share_of(ppm, share_ppm);
                }
            }
            (Self::GoodAtMost { .. } | Self::PoorAtLeast { .. }, None) => {}
        }
    }
}

fn share_of(poor_ppm: u32, share_ppm: u32) -> u32 {
    u32::try_from(u64::from(poor_ppm) * u64::from(share_ppm) / u64::from(PPM)).unwrap_or(u32::MAX)
}

/// A knob and the values it takes, ascending; equal neighbours are allowed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// The knob.
    pub knob: Knob,
    /// Its values: parts per million for thresholds, messages for the minimum.
    pub values: Vec<u64>,
}

impl Axis {
    /// `steps` values from `from` to `to` (both included), evenly apart as far as whole numbers allow.
    #[must_use]
    pub fn linear(knob: Knob, from: u64, to: u64, steps: usize) -> Self {
        let last = steps.saturating_sub(1).max(1) as u128;
        let span = u128::from(to.saturating_sub(from));
        let at = |step: usize| from.saturating_add(u64::try_from((span * step as u128 + last / 2) / last).unwrap_or(0));
        Self {
            knob,
            values: (0..steps).map(at).collect(),
        }
    }

    /// `steps` values from `from` (at least 1) to `to`, each about the same factor above the one before, rounded to
    /// whole numbers; where the factor is small, low values repeat.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rounded value inside from..=to; libm gives the same one everywhere"
    )]
    pub fn logarithmic(knob: Knob, from: u64, to: u64, steps: usize) -> Self {
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

/// A whole sweep: every pair of a value of `x` and one of `y`, put into the base policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// Everything the axes do not turn.
    pub base: Policy,
    /// Left to right.
    pub x: Axis,
    /// From the first row on.
    pub y: Axis,
    /// What to count in each cell.
    pub outcomes: SweepOutcomes,
    /// The days to count, as positions from the table's first day; `None` for all. Every policy is in force from the
    /// table's first day whatever this says, so the bands at its start are those the policy has made by then. Nothing
    /// after its end is looked at.
    pub days: Option<Range<u32>>,
}

/// Why a sweep makes no sense, in words for the person who set it up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct InvalidSweep {
    /// The field, as it is named in a sweep.
    pub field: &'static str,
    /// What is wrong and what would do.
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
    /// Where the two axes (or an axis and the base) put good-at-most above poor-at-least, good-at-most is lowered to
    /// poor-at-least, so that every cell is a policy that somebody could set.
    #[must_use]
    pub fn policy_at(&self, x: usize, y: usize) -> Option<Policy> {
        let mut policy = self.base.clone();
        self.x.knob.turn(&mut policy, *self.x.values.get(x)?);
        self.y.knob.turn(&mut policy, *self.y.values.get(y)?);
        for metric in [&mut policy.bounce, &mut policy.complaint].into_iter().flatten() {
            metric.good_at_most_ppm = metric.good_at_most_ppm.min(metric.poor_at_least_ppm);
        }
        Some(policy)
    }

    /// A sweep along one knob only: one row, its other knob at the base policy's own value.
    #[must_use]
    pub fn along(base: Policy, x: Axis, outcomes: SweepOutcomes) -> Self {
        let still = match (x.knob, base.bounce, base.complaint) {
            (Knob::MinimumProcessed, Some(bounce), _) => Axis {
                knob: Knob::GoodAtMost {
                    metric: Metric::BounceRate,
                },
                values: vec![u64::from(bounce.good_at_most_ppm)],
            },
            (Knob::MinimumProcessed, None, complaint) => Axis {
                knob: Knob::GoodAtMost {
                    metric: Metric::ComplaintRate,
                },
                values: vec![complaint.map_or(0, |metric| u64::from(metric.good_at_most_ppm))],
            },
            _ => Axis {
                knob: Knob::MinimumProcessed,
                values: vec![base.minimum_processed],
            },
        };
        Self {
            base,
            x,
            y: still,
            outcomes,
            days: None,
        }
    }

    /// Cells in the grid.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.x.values.len().saturating_mul(self.y.values.len())
    }

    /// The days to count in a table of so many.
    #[must_use]
    pub fn counted_days(&self, day_count: u32) -> Range<u32> {
        self.days.clone().unwrap_or(0..day_count)
    }

    /// Says the first thing that is wrong for a table, if anything.
    ///
    /// # Errors
    /// [`InvalidSweep`] naming the field.
    pub fn validate(&self, table: &Table) -> Result<(), InvalidSweep> {
        self.base
            .validate()
            .map_err(|invalid| InvalidSweep::new("base", invalid.to_string()))?;
        for (field, axis, other) in [("x", &self.x, &self.y), ("y", &self.y, &self.x)] {
            validate_axis(field, axis, &self.base)?;
            let is_same = matches!(
                (axis.knob, other.knob),
                (Knob::MinimumProcessed, Knob::MinimumProcessed)
                    | (Knob::PoorAtLeast { .. }, Knob::PoorAtLeast { .. })
                    | (Knob::GoodAtMost { .. }, Knob::GoodAtMost { .. })
            ) && axis.knob.metric() == other.knob.metric();
            if is_same {
                return Err(InvalidSweep::new(field, "both axes turn the same knob; choose another"));
            }
            if let (
                Knob::PoorAtLeast {
                    metric,
                    good: GoodThreshold::Tied { .. },
                },
                Knob::GoodAtMost { metric: turned },
            ) = (axis.knob, other.knob)
                && metric == turned
            {
                let problem = "good-at-most is tied to poor-at-least here and the other axis turns it; leave it fixed";
                return Err(InvalidSweep::new(field, problem));
            }
        }
        if self.cells() > MOST_CELLS {
            let problem = format!("{} cells; take {MOST_CELLS} at most", self.cells());
            return Err(InvalidSweep::new("x, y", problem));
        }
        let day_count = table.day_count();
        if day_count > MOST_DAYS {
            let problem = format!("the table has {day_count} days; take {MOST_DAYS} at most");
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
    if !(1..=MOST_VALUES).contains(&count) {
        let problem = format!("{count} values; take 1 to {MOST_VALUES}");
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
    if let Knob::PoorAtLeast {
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
