//! An axis of the map: its settings and the values they give.

use poolkeeper_core::health::{Metric, PPM, Policy, PolicyParam};
use poolkeeper_lab::sweep::{Axis, AxisParam, GoodThreshold};

/// The fewest and the most values of an axis of the map.
pub const STEPS: (usize, usize) = (2, 200);

/// How the values of an axis are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AxisSpacing {
    /// The difference between neighbours is the same.
    Linear,
    /// The ratio between neighbours is the same.
    Logarithmic,
}

/// The range of an axis, as the user sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AxisRange {
    /// The first, in parts per million or messages.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// The number of values.
    pub steps: usize,
    /// How they are spaced.
    pub spacing: AxisSpacing,
}

impl AxisRange {
    /// A hundred values around the policy's own: a quarter to four times a threshold, a tenth to ten times the minimum.
    /// The default policy's value is used where the policy's is off or zero.
    #[must_use]
    pub fn around(param: PolicyParam, policy: &Policy) -> Self {
        let own = param.get(policy).filter(|value| *value > 0);
        let middle = own
            .or_else(|| param.get(&Policy::default()))
            .unwrap_or(1)
            .min(param.max());
        let factor = if param == PolicyParam::MinimumProcessed { 10 } else { 4 };
        Self {
            from: (middle / factor).max(1),
            to: middle.saturating_mul(factor).min(param.max()),
            steps: 100,
            spacing: AxisSpacing::Logarithmic,
        }
    }

    /// Whether the map can use this range.
    #[must_use]
    pub fn is_valid(&self, param: PolicyParam) -> bool {
        self.from < self.to && self.to <= param.max() && (STEPS.0..=STEPS.1).contains(&self.steps)
    }

    /// The values, as round as they can be without becoming equal. Each of `required` replaces the value nearest to it,
    /// so that it has a cell of its own.
    #[must_use]
    pub fn values(&self, required: &[u64]) -> Vec<u64> {
        // The values are the same for every parameter.
        let even = match self.spacing {
            AxisSpacing::Linear => Axis::linear(AxisParam::MinimumProcessed, self.from, self.to, self.steps),
            AxisSpacing::Logarithmic => Axis::logarithmic(AxisParam::MinimumProcessed, self.from, self.to, self.steps),
        };
        let mut values = rounded(&even.values);
        for wanted in required {
            if !(self.from..=self.to).contains(wanted) || values.contains(wanted) {
                continue;
            }
            let nearest = values
                .iter_mut()
                .filter(|value| !required.contains(value))
                .min_by_key(|value| value.abs_diff(*wanted));
            if let Some(nearest) = nearest {
                *nearest = *wanted;
            }
            values.sort_unstable();
        }
        values
    }
}

/// Rounds every value except the ends, as far as it stays between its neighbours.
fn rounded(values: &[u64]) -> Vec<u64> {
    let round = |at: usize, value: u64| {
        let before = at.checked_sub(1).and_then(|at| values.get(at));
        let (Some(before), Some(after)) = (before, values.get(at + 1)) else {
            return value;
        };
        let gap = value.abs_diff(*before).min(after.abs_diff(value));
        let mut unit = 1_u64;
        while unit.saturating_mul(10) <= gap {
            unit *= 10;
        }
        (value + unit / 2) / unit * unit
    };
    values.iter().enumerate().map(|(at, value)| round(at, *value)).collect()
}

/// An axis, as the user sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AxisChoice {
    /// The parameter it shows, one of [`PolicyParam::SWEPT`].
    pub param: PolicyParam,
    /// For poor-at-least: whether good-at-most keeps its ratio to it, or keeps the draft's value.
    pub is_tied: bool,
    /// The range; `None` for the one around the current policy.
    pub range: Option<AxisRange>,
}

impl AxisChoice {
    /// The axis around the current policy.
    #[must_use]
    pub const fn new(param: PolicyParam) -> Self {
        Self {
            param,
            is_tied: true,
            range: None,
        }
    }

    /// As one query parameter, without the defaults: `bounce-poor.fixed.25000-400000.100.log`.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = self.param.slug().to_owned();
        if matches!(self.param, PolicyParam::PoorAtLeast(_)) && !self.is_tied {
            text.push_str(".fixed");
        }
        if let Some(range) = self.range {
            let spacing = match range.spacing {
                AxisSpacing::Linear => "linear",
                AxisSpacing::Logarithmic => "log",
            };
            text.push_str(&format!(".{}-{}.{}.{spacing}", range.from, range.to, range.steps));
        }
        text
    }

    /// Reads a query parameter; `None` if it is not an axis.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let mut parts = text.split('.').peekable();
        let param = PolicyParam::swept_by_slug(parts.next()?)?;
        let is_tied = parts.next_if_eq(&"fixed").is_none();
        let Some(ends) = parts.next() else {
            return Some(Self {
                param,
                is_tied,
                range: None,
            });
        };
        let (from, to) = ends.split_once('-')?;
        let range = AxisRange {
            from: from.parse().ok()?,
            to: to.parse().ok()?,
            steps: parts.next()?.parse().ok()?,
            spacing: match parts.next()? {
                "linear" => AxisSpacing::Linear,
                "log" => AxisSpacing::Logarithmic,
                _ => return None,
            },
        };
        let is_whole = parts.next().is_none() && range.is_valid(param);
        is_whole.then_some(Self {
            param,
            is_tied,
            range: Some(range),
        })
    }

    /// The range set by the user; without one, the range around the policy.
    #[must_use]
    pub fn range(&self, current: &Policy) -> AxisRange {
        self.range.unwrap_or_else(|| AxisRange::around(self.param, current))
    }

    /// The axis of a sweep. `is_free`: the other axis does not set good-at-most of the same metric.
    #[must_use]
    pub fn axis(&self, current: &Policy, draft: &Policy, is_free: bool) -> Axis {
        let good = match self.param {
            PolicyParam::PoorAtLeast(metric) if self.is_tied && is_free => tied_threshold(metric, draft),
            _ => GoodThreshold::Fixed,
        };
        let own = [draft, current].map(|policy| self.param.get(policy));
        let own: Vec<u64> = own.into_iter().flatten().collect();
        Axis {
            knob: AxisParam::for_param(self.param, good).unwrap_or(AxisParam::MinimumProcessed),
            values: self.range(current).values(&own),
        }
    }
}

/// A policy's ratio of good-at-most to poor-at-least. It is rounded up, so that the axis contains the policy exactly.
fn tied_threshold(metric: Metric, policy: &Policy) -> GoodThreshold {
    let Some(own) = metric.policy(policy) else {
        return GoodThreshold::Fixed;
    };
    let share = (u64::from(own.good_at_most_ppm) * u64::from(PPM))
        .div_ceil(u64::from(own.poor_at_least_ppm).max(1))
        .min(u64::from(PPM));
    GoodThreshold::Tied {
        share_ppm: u32::try_from(share).unwrap_or(PPM),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: u64, to: u64, steps: usize, spacing: AxisSpacing) -> AxisRange {
        AxisRange {
            from,
            to,
            steps,
            spacing,
        }
    }

    #[test]
    fn axes_survive_an_address() {
        for choice in [
            AxisChoice::new(PolicyParam::PoorAtLeast(Metric::BounceRate)),
            AxisChoice {
                param: PolicyParam::PoorAtLeast(Metric::ComplaintRate),
                is_tied: false,
                range: Some(range(500, 9_000, 40, AxisSpacing::Logarithmic)),
            },
            AxisChoice {
                param: PolicyParam::MinimumProcessed,
                is_tied: true,
                range: Some(range(0, 10_000, 11, AxisSpacing::Linear)),
            },
        ] {
            assert_eq!(
                AxisChoice::decode(&choice.encode()),
                Some(choice),
                "{}",
                choice.encode()
            );
        }
        assert_eq!(AxisChoice::new(PolicyParam::MinimumProcessed).encode(), "minimum");
        for wrong in [
            "",
            "volume",
            "minimum.5-1.10.log",
            "minimum.1-5.1.log",
            "minimum.1-5.10",
            "minimum.1-5.10.cubic",
            "bounce-poor.1-2000000.10.log",
            "bounce-poor.1-200.10.log.more",
        ] {
            assert_eq!(AxisChoice::decode(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_default_range_has_the_current_policy_in_its_middle() {
        let policy = Policy::default();
        let bounce = AxisRange::around(PolicyParam::PoorAtLeast(Metric::BounceRate), &policy);
        assert_eq!((bounce.from, bounce.to, bounce.steps), (25_000, 400_000, 100));
        let minimum = AxisRange::around(PolicyParam::MinimumProcessed, &policy);
        assert_eq!((minimum.from, minimum.to), (100, 10_000));
        let lenient = Policy {
            bounce: None,
            minimum_processed: 0,
            ..policy
        };
        assert_eq!(
            AxisRange::around(PolicyParam::PoorAtLeast(Metric::BounceRate), &lenient),
            bounce
        );
        assert_eq!(AxisRange::around(PolicyParam::MinimumProcessed, &lenient), minimum);
    }

    #[test]
    fn values_are_round_and_stay_in_order() {
        // 0, 33.3, 66.7, 100: the gaps of 33 allow tens.
        assert_eq!(range(0, 100, 4, AxisSpacing::Linear).values(&[]), [0, 30, 70, 100]);
        // Gaps of 9 900 and 990 000: the smaller one decides.
        assert_eq!(
            range(100, 1_000_000, 3, AxisSpacing::Logarithmic).values(&[]),
            [100, 10_000, 1_000_000]
        );
        for (from, to, steps) in [(25_000, 400_000, 100), (1, 4, 100), (0, 1_000_000, 7), (3, 9_999, 63)] {
            for spacing in [AxisSpacing::Linear, AxisSpacing::Logarithmic] {
                let values = range(from, to, steps, spacing).values(&[]);
                assert!(values.is_sorted() && values.len() == steps, "{from} {to} {steps}");
                assert_eq!(values.last(), Some(&to));
            }
        }
    }

    #[test]
    fn policies_have_cells_of_their_own() {
        let even = range(0, 100, 11, AxisSpacing::Linear);
        assert_eq!(even.values(&[33]), [0, 10, 20, 33, 40, 50, 60, 70, 80, 90, 100]);
        // Both are nearest to 30: the second takes the next one, and the order stays.
        assert_eq!(even.values(&[31, 32]), [0, 10, 20, 31, 32, 50, 60, 70, 80, 90, 100]);
        assert_eq!(even.values(&[40, 101]), even.values(&[]));
    }

    #[test]
    fn a_tied_axis_contains_the_draft_exactly() {
        // 1 000 of 3 000 is a third, which no whole number of parts per million is.
        let policy = Policy::default();
        let choice = AxisChoice::new(PolicyParam::PoorAtLeast(Metric::ComplaintRate));
        let axis = choice.axis(&policy, &policy, true);
        let sweep = poolkeeper_lab::sweep::Sweep::along(policy.clone(), axis, [].into_iter().collect());
        let at = sweep.x.values.iter().position(|value| *value == 3_000).unwrap();
        assert_eq!(sweep.policy_at(at, 0), Some(policy));
    }
}
