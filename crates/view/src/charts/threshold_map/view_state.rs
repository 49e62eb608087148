//! The map's settings, as the address keeps them.

use super::axis::AxisChoice;
use poolkeeper_core::health::{Metric, Policy, PolicyParam};
use poolkeeper_core::model::Band;
use poolkeeper_core::text::{in_sentence, metric_name};
use poolkeeper_lab::sweep::{Sweep, SweepOutcome, SweepOutcomes};
use poolkeeper_lab::{LabJob, ReplayOptions};

/// Outcomes counted beside the chosen one. A sweep of only these is the fastest.
const ALWAYS: [SweepOutcome; 3] = [
    SweepOutcome::Ending(Band::Poor),
    SweepOutcome::Days(Band::Poor),
    SweepOutcome::Moves,
];

/// Whether some of the days are held out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HoldoutSplit {
    /// All days are counted together.
    #[default]
    Whole,
    /// The last third is held out.
    TwoThirds,
    /// The days from this position on are held out.
    Day(u32),
}

impl HoldoutSplit {
    /// As a query parameter.
    #[must_use]
    pub fn encode(self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::TwoThirds => "on".to_owned(),
            Self::Day(day) => day.to_string(),
        }
    }

    /// Reads a query parameter; anything else counts all days together.
    #[must_use]
    pub fn decode(text: &str) -> Self {
        match text {
            "on" => Self::TwoThirds,
            text => text.parse().map_or(Self::Whole, Self::Day),
        }
    }

    /// The position of the first day held out. It leaves at least one day on each side. `None` without a holdout, and
    /// when there are too few days.
    #[must_use]
    pub fn day(self, day_count: u32) -> Option<u32> {
        let last = day_count.checked_sub(1).filter(|last| *last > 0)?;
        match self {
            Self::Whole => None,
            Self::TwoThirds => Some((day_count * 2 / 3).clamp(1, last)),
            Self::Day(day) => Some(day.clamp(1, last)),
        }
    }
}

/// The settings of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MapViewState {
    /// The horizontal axis.
    pub x: AxisChoice,
    /// The vertical axis.
    pub y: AxisChoice,
    /// The outcome shown as colour.
    pub outcome: SweepOutcome,
    /// Whether days are held out.
    pub split: HoldoutSplit,
}

impl MapViewState {
    /// Reads the address. The defaults for what is missing or unreadable: bounce rate across, complaint rate up,
    /// domains that end in poor.
    #[must_use]
    pub fn decode(x: &str, y: &str, outcome: &str, split: &str) -> Self {
        let bounce = AxisChoice::new(PolicyParam::PoorAtLeast(Metric::BounceRate));
        let complaint = AxisChoice::new(PolicyParam::PoorAtLeast(Metric::ComplaintRate));
        let x = AxisChoice::decode(x).unwrap_or(bounce);
        let y = AxisChoice::decode(y).unwrap_or(complaint);
        let y = if y.param == x.param { Self::beside(x.param) } else { y };
        Self {
            x,
            y,
            outcome: SweepOutcome::by_slug(outcome).unwrap_or(SweepOutcome::Ending(Band::Poor)),
            split: HoldoutSplit::decode(split),
        }
    }

    /// A default for the other axis when one is given.
    #[must_use]
    pub fn beside(param: PolicyParam) -> AxisChoice {
        AxisChoice::new(match param {
            PolicyParam::PoorAtLeast(Metric::ComplaintRate) => PolicyParam::PoorAtLeast(Metric::BounceRate),
            _ => PolicyParam::PoorAtLeast(Metric::ComplaintRate),
        })
    }

    /// Why a draft can't be swept with these settings, and what to do about it; `None` if it can.
    #[must_use]
    pub fn problem(&self, draft: &Policy) -> Option<String> {
        if let Err(invalid) = draft.validate() {
            return Some(format!("Policy B is not valid: {invalid}."));
        }
        let off = |param: PolicyParam| param.metric().filter(|metric| metric.policy(draft).is_none());
        let metric = off(self.x.param).or_else(|| off(self.y.param))?;
        let name = in_sentence(metric_name(metric));
        Some(format!(
            "The {name} is off in policy B. Turn it on, or choose another axis."
        ))
    }

    /// The sweep over a draft.
    #[must_use]
    pub fn sweep(&self, current: &Policy, draft: &Policy) -> Sweep {
        let shows_good = |axis: &AxisChoice, of: &AxisChoice| match (axis.param, of.param) {
            (PolicyParam::GoodAtMost(shown), PolicyParam::PoorAtLeast(metric)) => shown == metric,
            _ => false,
        };
        Sweep {
            base: draft.clone(),
            x: self.x.axis(current, draft, !shows_good(&self.y, &self.x)),
            y: self.y.axis(current, draft, !shows_good(&self.x, &self.y)),
            outcomes: ALWAYS.into_iter().chain([self.outcome]).collect::<SweepOutcomes>(),
            days: None,
        }
    }

    /// The job for traffic of `day_count` days.
    #[must_use]
    pub fn job(&self, current: &Policy, draft: &Policy, options: ReplayOptions, day_count: u32) -> LabJob {
        LabJob::Sweep {
            sweep: Box::new(self.sweep(current, draft)),
            options,
            a: (self.outcome == SweepOutcome::EndingDiffers).then(|| current.clone()),
            split_day: self.split.day(day_count),
            domains: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_lab::sweep::{AxisParam, GoodThreshold};

    #[test]
    fn missing_parameters_get_defaults() {
        let setup = MapViewState::decode("", "nonsense", "", "");
        assert_eq!(setup.x.param, PolicyParam::PoorAtLeast(Metric::BounceRate));
        assert_eq!(setup.y.param, PolicyParam::PoorAtLeast(Metric::ComplaintRate));
        assert_eq!(
            (setup.outcome, setup.split),
            (SweepOutcome::Ending(Band::Poor), HoldoutSplit::Whole)
        );
        // Both axes may not be the same.
        let setup = MapViewState::decode("complaint-poor", "complaint-poor.fixed", "moves", "60");
        assert_eq!(setup.y.param, PolicyParam::PoorAtLeast(Metric::BounceRate));
        assert_eq!(
            (setup.outcome, setup.split),
            (SweepOutcome::Moves, HoldoutSplit::Day(60))
        );
    }

    #[test]
    fn a_split_leaves_days_on_both_sides() {
        assert_eq!(HoldoutSplit::TwoThirds.day(90), Some(60));
        assert_eq!(HoldoutSplit::TwoThirds.day(2), Some(1));
        assert_eq!(HoldoutSplit::Day(0).day(90), Some(1));
        assert_eq!(HoldoutSplit::Day(400).day(90), Some(89));
        assert_eq!(HoldoutSplit::TwoThirds.day(1), None);
        assert_eq!(HoldoutSplit::Day(9).day(0), None);
        assert_eq!(HoldoutSplit::Whole.day(90), None);
        for split in [HoldoutSplit::Whole, HoldoutSplit::TwoThirds, HoldoutSplit::Day(60)] {
            assert_eq!(HoldoutSplit::decode(&split.encode()), split);
        }
    }

    #[test]
    fn both_policies_are_on_the_map_and_good_changes_once() {
        let current = Policy::default();
        let mut draft = current.clone();
        draft.bounce.as_mut().unwrap().poor_at_least_ppm = 81_234;
        let sweep = MapViewState::decode("bounce-poor", "bounce-good", "", "").sweep(&current, &draft);
        assert!(sweep.x.values.contains(&100_000) && sweep.x.values.contains(&81_234));
        assert_eq!((sweep.x.values.len(), sweep.y.values.len()), (100, 100));
        let fixed = AxisParam::PoorAtLeast {
            metric: Metric::BounceRate,
            good: GoodThreshold::Fixed,
        };
        assert_eq!(sweep.x.knob, fixed, "the other axis shows good-at-most");
        let table = poolkeeper_core::traffic::Table::empty(
            poolkeeper_core::model::Day::from_ymd(2026, 1, 1).unwrap(),
            9,
            vec![],
            vec![],
        );
        assert_eq!(sweep.validate(&table), Ok(()));
    }

    #[test]
    fn a_metric_that_is_off_is_named() {
        let draft = Policy {
            complaint: None,
            ..Policy::default()
        };
        let problem = MapViewState::decode("", "", "", "").problem(&draft);
        assert!(problem.is_some_and(|problem| problem.contains("complaint rate")));
        assert_eq!(
            MapViewState::decode("bounce-poor", "minimum", "", "").problem(&draft),
            None
        );
    }

    #[test]
    fn the_current_policy_is_sent_only_where_it_is_asked_about() {
        let policy = Policy::default();
        let options = ReplayOptions::default();
        let has_a = |word: &str| match MapViewState::decode("", "", word, "").job(&policy, &policy, options, 90) {
            LabJob::Sweep { a, .. } => a.is_some(),
            _ => false,
        };
        assert!(has_a("ends-differ") && !has_a("flaps"));
    }
}
