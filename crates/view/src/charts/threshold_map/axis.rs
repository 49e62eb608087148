//! An axis of the map as a person sets it, and the values it comes to.

use poolkeeper_core::health::{Metric, PPM, Policy};
use poolkeeper_lab::sweep::{Axis, GoodThreshold, Knob};

/// The fewest and the most values an axis of the map may have.
pub const STEPS: (usize, usize) = (2, 200);

/// What an axis turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// A metric's poor-at-least.
    Poor(Metric),
    /// A metric's good-at-most.
    Good(Metric),
    /// The minimum of processed messages.
    Minimum,
}

impl Turn {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 5] = [
        Self::Poor(Metric::BounceRate),
        Self::Poor(Metric::ComplaintRate),
        Self::Good(Metric::BounceRate),
        Self::Good(Metric::ComplaintRate),
        Self::Minimum,
    ];

    /// Its word in an address, the command line's too.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Poor(Metric::BounceRate) => "bounce-poor",
            Self::Poor(Metric::ComplaintRate) => "complaint-poor",
            Self::Good(Metric::BounceRate) => "bounce-good",
            Self::Good(Metric::ComplaintRate) => "complaint-good",
            Self::Minimum => "minimum",
        }
    }

    /// The one with a word.
    #[must_use]
    pub fn by_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|turn| turn.word() == word)
    }

    /// What it is called: `Bounce rate, poor at least`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Poor(Metric::BounceRate) => "Bounce rate, poor at least",
            Self::Poor(Metric::ComplaintRate) => "Complaint rate, poor at least",
            Self::Good(Metric::BounceRate) => "Bounce rate, good at most",
            Self::Good(Metric::ComplaintRate) => "Complaint rate, good at most",
            Self::Minimum => "Minimum processed",
        }
    }

    /// What a knob turns.
    #[must_use]
    pub const fn of(knob: Knob) -> Self {
        match knob {
            Knob::PoorAtLeast { metric, .. } => Self::Poor(metric),
            Knob::GoodAtMost { metric } => Self::Good(metric),
            Knob::MinimumProcessed => Self::Minimum,
        }
    }

    /// The metric whose thresholds it turns.
    #[must_use]
    pub const fn metric(self) -> Option<Metric> {
        match self {
            Self::Poor(metric) | Self::Good(metric) => Some(metric),
            Self::Minimum => None,
        }
    }

    /// What a policy has there: parts per million, or messages; `None` where the metric is off.
    #[must_use]
    pub fn in_policy(self, policy: &Policy) -> Option<u64> {
        match self {
            Self::Poor(metric) => metric.policy(policy).map(|metric| u64::from(metric.poor_at_least_ppm)),
            Self::Good(metric) => metric.policy(policy).map(|metric| u64::from(metric.good_at_most_ppm)),
            Self::Minimum => Some(policy.minimum_processed),
        }
    }

    /// The most it can be set to.
    #[must_use]
    pub fn most(self) -> u64 {
        match self {
            Self::Minimum => 1_000_000_000,
            Self::Poor(_) | Self::Good(_) => u64::from(PPM),
        }
    }
}

/// How the values of an axis are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AxisSpacing {
    /// By the same difference.
    Linear,
    /// By the same factor.
    Logarithmic,
}

/// The values of an axis, as a person gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AxisRange {
    /// The first, in parts per million or messages.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// How many.
    pub steps: usize,
    /// How they are apart.
    pub spacing: AxisSpacing,
}

impl AxisRange {
    /// A hundred values with a policy's own in the middle: a quarter to four times a threshold, a tenth to ten times the
    /// minimum. Where the policy has none, or nothing, the default policy's stands in.
    #[must_use]
    pub fn around(turn: Turn, policy: &Policy) -> Self {
        let own = turn.in_policy(policy).filter(|value| *value > 0);
        let middle = own
            .or_else(|| turn.in_policy(&Policy::default()))
            .unwrap_or(1)
            .min(turn.most());
        let factor = if turn == Turn::Minimum { 10 } else { 4 };
        Self {
            from: (middle / factor).max(1),
            to: middle.saturating_mul(factor).min(turn.most()),
            steps: 100,
            spacing: AxisSpacing::Logarithmic,
        }
    }

    /// Whether the map can be drawn over it.
    #[must_use]
    pub fn is_sound(&self, turn: Turn) -> bool {
        self.from < self.to && self.to <= turn.most() && (STEPS.0..=STEPS.1).contains(&self.steps)
    }

    /// The values, in round numbers as far as they stay apart, with the nearest of them replaced by each of `exactly`, so
    /// that those have cells of their own.
    #[must_use]
    pub fn values(&self, exactly: &[u64]) -> Vec<u64> {
        // The knob does not matter for the values.
        let even = match self.spacing {
            AxisSpacing::Linear => Axis::linear(Knob::MinimumProcessed, self.from, self.to, self.steps),
            AxisSpacing::Logarithmic => Axis::logarithmic(Knob::MinimumProcessed, self.from, self.to, self.steps),
        };
        let mut values = rounded(&even.values);
        for wanted in exactly {
            if !(self.from..=self.to).contains(wanted) || values.contains(wanted) {
                continue;
            }
            let nearest = values
                .iter_mut()
                .filter(|value| !exactly.contains(value))
                .min_by_key(|value| value.abs_diff(*wanted));
            if let Some(nearest) = nearest {
                *nearest = *wanted;
            }
            values.sort_unstable();
        }
        values
    }
}

/// Each value but the ends in the roundest number that keeps it between its neighbours.
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

/// An axis as a person sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AxisChoice {
    /// What it turns.
    pub turn: Turn,
    /// For poor-at-least: whether good-at-most keeps its ratio to it, or stays where the draft has it.
    pub is_tied: bool,
    /// The values; `None` for those around the current policy.
    pub range: Option<AxisRange>,
}

impl AxisChoice {
    /// The axis around the current policy.
    #[must_use]
    pub const fn new(turn: Turn) -> Self {
        Self {
            turn,
            is_tied: true,
            range: None,
        }
    }

    /// As one parameter of an address: `bounce-poor.fixed.25000-400000.100.log`, without what is as it is by itself.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = self.turn.word().to_owned();
        if matches!(self.turn, Turn::Poor(_)) && !self.is_tied {
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

    /// Reads it from an address; `None` for anything that is no axis.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let mut parts = text.split('.').peekable();
        let turn = Turn::by_word(parts.next()?)?;
        let is_tied = parts.next_if_eq(&"fixed").is_none();
        let Some(ends) = parts.next() else {
            return Some(Self {
                turn,
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
        let is_whole = parts.next().is_none() && range.is_sound(turn);
        is_whole.then_some(Self {
            turn,
            is_tied,
            range: Some(range),
        })
    }

    /// The values asked for, around a policy where none were given.
    #[must_use]
    pub fn range(&self, current: &Policy) -> AxisRange {
        self.range.unwrap_or_else(|| AxisRange::around(self.turn, current))
    }

    /// The axis of a sweep. `is_free`: the other axis leaves good-at-most of the same metric alone.
    #[must_use]
    pub fn axis(&self, current: &Policy, draft: &Policy, is_free: bool) -> Axis {
        let knob = match self.turn {
            Turn::Poor(metric) => Knob::PoorAtLeast {
                metric,
                good: if self.is_tied && is_free {
                    tie(metric, draft)
                } else {
                    GoodThreshold::Fixed
                },
            },
            Turn::Good(metric) => Knob::GoodAtMost { metric },
            Turn::Minimum => Knob::MinimumProcessed,
        };
        let own = [draft, current].map(|policy| self.turn.in_policy(policy));
        let own: Vec<u64> = own.into_iter().flatten().collect();
        Axis {
            knob,
            values: self.range(current).values(&own),
        }
    }
}

/// A policy's ratio of good-at-most to poor-at-least, rounded up: so the policy itself is on the axis, to the last part per
/// million.
fn tie(metric: Metric, policy: &Policy) -> GoodThreshold {
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
            AxisChoice::new(Turn::Poor(Metric::BounceRate)),
            AxisChoice {
                turn: Turn::Poor(Metric::ComplaintRate),
                is_tied: false,
                range: Some(range(500, 9_000, 40, AxisSpacing::Logarithmic)),
            },
            AxisChoice {
                turn: Turn::Minimum,
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
        assert_eq!(AxisChoice::new(Turn::Minimum).encode(), "minimum");
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
        let bounce = AxisRange::around(Turn::Poor(Metric::BounceRate), &policy);
        assert_eq!((bounce.from, bounce.to, bounce.steps), (25_000, 400_000, 100));
        let minimum = AxisRange::around(Turn::Minimum, &policy);
        assert_eq!((minimum.from, minimum.to), (100, 10_000));
        let lenient = Policy {
            bounce: None,
            minimum_processed: 0,
            ..policy
        };
        assert_eq!(AxisRange::around(Turn::Poor(Metric::BounceRate), &lenient), bounce);
        assert_eq!(AxisRange::around(Turn::Minimum, &lenient), minimum);
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
    fn a_tie_meets_the_draft_to_the_last_part_per_million() {
        // 1 000 of 3 000 is a third, which no whole number of parts per million is.
        let policy = Policy::default();
        let choice = AxisChoice::new(Turn::Poor(Metric::ComplaintRate));
        let axis = choice.axis(&policy, &policy, true);
        let sweep = poolkeeper_lab::sweep::Sweep::along(policy.clone(), axis, [].into_iter().collect());
        let at = sweep.x.values.iter().position(|value| *value == 3_000).unwrap();
        assert_eq!(sweep.policy_at(at, 0), Some(policy));
    }
}
