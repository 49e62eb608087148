//! Constraints: each observation implies that at least one of some bounds on thresholds holds.

use super::bases::ProcessedBase;
use super::rates::RateInterval;
use super::{Assumptions, HiddenThreshold, Observation, Uninformative};
use poolkeeper_core::health::Metric;
use std::collections::BTreeMap;

/// A bound on a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ThresholdBound {
    pub threshold: HiddenThreshold,
    pub bound: BoundSide,
}

/// The direction and value of a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BoundSide {
    AtLeast(u64),
    AtMost(u64),
}

/// A clause: at least one of these bounds holds.
pub(super) type Constraint = Vec<ThresholdBound>;

/// An observation and its constraints.
pub(super) struct ObservationConstraints {
    pub source: Observation,
    pub constraints: Vec<Constraint>,
}

/// The constraints of all observations.
#[derive(Default)]
pub(super) struct Constraints {
    pub observed: Vec<ObservationConstraints>,
    pub uninformative: BTreeMap<Uninformative, u64>,
    pub bases: Vec<ProcessedBase>,
}

/// The rates and counts of one observation.
pub(super) struct MeasuredRates {
    pub bounce: Option<RateInterval>,
    pub complaint: Option<RateInterval>,
    pub processed: Option<u64>,
    pub assumptions: Assumptions,
}

impl MeasuredRates {
    const fn rate(&self, metric: Metric) -> Option<RateInterval> {
        match metric {
            Metric::BounceRate => self.bounce,
            Metric::ComplaintRate => self.complaint,
        }
    }

    pub fn good_bound(&self, metric: Metric) -> Option<ThresholdBound> {
        let bound = BoundSide::AtLeast(self.rate(metric)?.at_least_ppm());
        Some(ThresholdBound {
            threshold: good_at_most(metric),
            bound,
        })
    }

    pub fn poor_bound(&self, metric: Metric) -> Option<ThresholdBound> {
        let bound = BoundSide::AtMost(self.rate(metric)?.at_most_ppm());
        Some(ThresholdBound {
            threshold: poor_at_least(metric),
            bound,
        })
    }

    /// Also `None` where no threshold is below the rate: 0 of 0 is good.
    pub fn not_good_bound(&self, metric: Metric) -> Option<ThresholdBound> {
        let bound = BoundSide::AtMost(self.rate(metric)?.below_ppm()?);
        Some(ThresholdBound {
            threshold: good_at_most(metric),
            bound,
        })
    }

    /// Also `None` where the rate may mean too few events to be poor at all. A rate exactly at poor-at-least is not
    /// poor if good-at-most is the same, so the bound includes the rate.
    pub fn not_poor_bound(&self, metric: Metric) -> Option<ThresholdBound> {
        let rate = self.rate(metric)?;
        let min_events = match metric {
            Metric::BounceRate => self.assumptions.bounce_min_events,
            Metric::ComplaintRate => self.assumptions.complaint_min_events,
        };
        let bound = BoundSide::AtLeast(rate.at_least_ppm());
        (!rate.may_be_fewer_than(min_events)).then_some(ThresholdBound {
            threshold: poor_at_least(metric),
            bound,
        })
    }

    pub fn reaches_minimum(&self) -> Option<ThresholdBound> {
        let bound = BoundSide::AtMost(self.processed?);
        Some(ThresholdBound {
            threshold: HiddenThreshold::MinimumProcessed,
            bound,
        })
    }

    pub fn below_minimum(&self) -> Option<ThresholdBound> {
        let bound = BoundSide::AtLeast(self.processed?.checked_add(1)?);
        Some(ThresholdBound {
            threshold: HiddenThreshold::MinimumProcessed,
            bound,
        })
    }

    /// Either too little was processed, or the literal holds. `None` when the processed messages are unknown.
    pub fn or_below_minimum(&self, literal: Option<ThresholdBound>) -> Option<Constraint> {
        Some(vec![self.below_minimum()?, literal?])
    }

    /// Adds the constraints of a check that held: no metric is poor and not all are good, or there is too little mail.
    pub fn push_hold(&self, constraints: &mut Vec<Constraint>) {
        constraints.extend(
            Metric::ALL
                .into_iter()
                .filter_map(|metric| self.or_below_minimum(self.not_poor_bound(metric))),
        );
        constraints.extend(self.not_all_good());
    }

    /// Some metric is not good, or too little was processed. `None` when a rate is missing, because it may be that one.
    pub fn not_all_good(&self) -> Option<Constraint> {
        let mut constraint = vec![self.below_minimum()?];
        for metric in Metric::ALL {
            self.rate(metric)?;
            constraint.extend(self.not_good_bound(metric));
        }
        Some(constraint)
    }
}

const fn good_at_most(metric: Metric) -> HiddenThreshold {
    match metric {
        Metric::BounceRate => HiddenThreshold::BounceGoodAtMost,
        Metric::ComplaintRate => HiddenThreshold::ComplaintGoodAtMost,
    }
}

const fn poor_at_least(metric: Metric) -> HiddenThreshold {
    match metric {
        Metric::BounceRate => HiddenThreshold::BouncePoorAtLeast,
        Metric::ComplaintRate => HiddenThreshold::ComplaintPoorAtLeast,
    }
}

pub(super) const fn other(metric: Metric) -> Metric {
    match metric {
        Metric::BounceRate => Metric::ComplaintRate,
        Metric::ComplaintRate => Metric::BounceRate,
    }
}
