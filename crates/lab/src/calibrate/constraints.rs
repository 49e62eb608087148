//! What each observation says: bounds on thresholds, of which at least one holds.

use super::rates::RateInterval;
use super::read::{ObservationReader, PrecisionScan};
use super::{Assumptions, HiddenThreshold, Observation, ObservationKind, Observations, ObservedPreview, Uninformative};
use poolkeeper_core::health::Metric;
use poolkeeper_core::model::{Domain, DomainName, HistoryRecord};
use std::collections::{BTreeMap, HashMap};

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

/// Observations read in one step: some milliseconds.
const OBSERVATIONS_PER_STEP: u64 = 4_096;

/// Where in a list an observation is.
#[derive(Clone, Copy)]
enum ObservationIndex<'a> {
    Preview(usize, &'a ObservedPreview),
    Domain(usize, &'a Domain),
    History(usize, &'a HistoryRecord),
}

impl<'a> ObservationIndex<'a> {
    /// An observation by its position in previews, then domains, then history.
    fn nth(observations: &'a Observations, nth: u64) -> Option<Self> {
        let nth = usize::try_from(nth).ok()?;
        let Observations {
            previews,
            domains,
            history,
        } = observations;
        if let Some(seen) = previews.get(nth) {
            return Some(Self::Preview(nth, seen));
        }
        let nth = nth - previews.len();
        if let Some(domain) = domains.get(nth) {
            return Some(Self::Domain(nth, domain));
        }
        let nth = nth - domains.len();
        history.get(nth).map(|record| Self::History(nth, record))
    }

    fn source(self) -> Observation {
        let (kind, position, domain, at) = match self {
            Self::Preview(position, seen) => (ObservationKind::Preview, position, &seen.domain, None),
            Self::Domain(position, domain) => (ObservationKind::Domain, position, &domain.name, None),
            Self::History(position, record) => (
                ObservationKind::History,
                position,
                &record.domain_name,
                record.timestamp,
            ),
        };
        Observation {
            kind,
            position: u32::try_from(position).unwrap_or(u32::MAX),
            domain: domain.clone(),
            at,
        }
    }
}

/// Collects what all observations say, some at a time: once through them for how exact their rates are and which record of
/// each domain is the latest, then once more to read them.
#[derive(Default)]
pub(super) struct ConstraintCollector {
    scan: PrecisionScan,
    reader: Option<ObservationReader>,
    /// Each domain's latest record, by its position; of records of one instant the one listed first, as lists run newest
    /// first.
    latest: HashMap<DomainName, usize>,
    gathered: Constraints,
    /// Observations gone through in this pass.
    at: u64,
}

impl ConstraintCollector {
    /// Goes through some more observations. What they say, once all are read.
    pub fn step(&mut self, observations: &Observations, assumptions: &Assumptions) -> Option<Constraints> {
        for _ in 0..OBSERVATIONS_PER_STEP {
            let Some(at) = ObservationIndex::nth(observations, self.at) else {
                return self.end_pass(*assumptions);
            };
            self.at += 1;
            if self.reader.is_some() {
                self.read(observations, at);
            } else {
                self.look(observations, at);
            }
        }
        None
    }

    /// Observations gone through, over both passes.
    pub const fn done(&self, observations: &Observations) -> u64 {
        if self.reader.is_some() {
            observations.len() + self.at
        } else {
            self.at
        }
    }

    fn end_pass(&mut self, assumptions: Assumptions) -> Option<Constraints> {
        self.at = 0;
        if self.reader.is_some() {
            return Some(std::mem::take(&mut self.gathered));
        }
        self.reader = Some(ObservationReader::new(&self.scan, assumptions));
        None
    }

    fn look(&mut self, observations: &Observations, at: ObservationIndex<'_>) {
        match at {
            ObservationIndex::Preview(_, seen) => self.scan.preview(seen),
            ObservationIndex::Domain(_, domain) => self.scan.rates(domain.bounce_rate, domain.complaint_rate),
            ObservationIndex::History(position, record) => {
                self.scan.rates(record.bounce_rate, record.complaint_rate);
                let Some(known) = self.latest.get_mut(&record.domain_name) else {
                    self.latest.insert(record.domain_name.clone(), position);
                    return;
                };
                let of_known = observations.history.get(*known).and_then(|record| record.timestamp);
                if record.timestamp > of_known {
                    *known = position;
                }
            }
        }
    }

    fn read(&mut self, observations: &Observations, at: ObservationIndex<'_>) {
        let Some(reader) = &self.reader else { return };
        let claims = match at {
            ObservationIndex::Preview(_, seen) => reader.preview(seen),
            ObservationIndex::Domain(_, domain) => {
                let latest = self.latest.get(&domain.name);
                reader.domain(domain, latest.and_then(|position| observations.history.get(*position)))
            }
            ObservationIndex::History(_, record) => reader.record(record),
        };
        match claims {
            Ok(claims) if claims.is_empty() => *self.gathered.silent.entry(Uninformative::TooWeak).or_default() += 1,
            Ok(claims) => self.gathered.said.push(ObservationConstraints {
                source: at.source(),
                claims,
            }),
            Err(silence) => *self.gathered.silent.entry(silence).or_default() += 1,
        }
    }
}
