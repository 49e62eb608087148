//! Constraints: what each observation says, as bounds on thresholds of which at least one holds.

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

/// Which way it bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BoundSide {
    AtLeast(u64),
    AtMost(u64),
}

/// At least one of these holds.
pub(super) type Constraint = Vec<ThresholdBound>;

/// An observation and all it says.
pub(super) struct ObservationConstraints {
    pub source: Observation,
    pub claims: Vec<Constraint>,
}

/// What all observations say.
#[derive(Default)]
pub(super) struct Constraints {
    pub said: Vec<ObservationConstraints>,
    pub silent: BTreeMap<Uninformative, u64>,
}

/// What one observation measured.
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

    pub fn good(&self, metric: Metric) -> Option<ThresholdBound> {
        let bound = BoundSide::AtLeast(self.rate(metric)?.at_least_ppm());
        Some(ThresholdBound {
            threshold: good_at_most(metric),
            bound,
        })
    }

    pub fn poor(&self, metric: Metric) -> Option<ThresholdBound> {
        let bound = BoundSide::AtMost(self.rate(metric)?.at_most_ppm());
        Some(ThresholdBound {
            threshold: poor_at_least(metric),
            bound,
        })
    }

    /// `None` too where no threshold is below the rate: nothing of nothing is good.
    pub fn not_good(&self, metric: Metric) -> Option<ThresholdBound> {
        let bound = BoundSide::AtMost(self.rate(metric)?.below_ppm()?);
        Some(ThresholdBound {
            threshold: good_at_most(metric),
            bound,
        })
    }

    /// `None` too where the rate may stand for too few events to be poor at all. A rate right at poor-at-least is not poor
    /// where good-at-most is the same, so the bound includes the rate.
    pub fn not_poor(&self, metric: Metric) -> Option<ThresholdBound> {
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

    pub fn enough(&self) -> Option<ThresholdBound> {
        let bound = BoundSide::AtMost(self.processed?);
        Some(ThresholdBound {
            threshold: HiddenThreshold::MinimumProcessed,
            bound,
        })
    }

    pub fn too_little(&self) -> Option<ThresholdBound> {
        let bound = BoundSide::AtLeast(self.processed?.checked_add(1)?);
        Some(ThresholdBound {
            threshold: HiddenThreshold::MinimumProcessed,
            bound,
        })
    }

    /// Either too little was processed, or the literal holds. Nothing when what was processed is not known.
    pub fn unless_too_little(&self, literal: Option<ThresholdBound>) -> Option<Constraint> {
        Some(vec![self.too_little()?, literal?])
    }

    /// What a check that held says: no metric poor, not all good; or too little mail.
    pub fn held(&self, claims: &mut Vec<Constraint>) {
        claims.extend(
            Metric::ALL
                .into_iter()
                .filter_map(|metric| self.unless_too_little(self.not_poor(metric))),
        );
        claims.extend(self.not_all_good());
    }

    /// Some metric is not good, or too little was processed. Nothing when a rate is missing: it may have been that one.
    pub fn not_all_good(&self) -> Option<Constraint> {
        let mut claim = vec![self.too_little()?];
        for metric in Metric::ALL {
            self.rate(metric)?;
            claim.extend(self.not_good(metric));
        }
        Some(claim)
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
