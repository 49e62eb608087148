//! Collects the constraints of all observations, step by step.

use super::bases::processed_bases;
use super::constraints::{Constraints, ObservationConstraints};
use super::rates::PrecisionScan;
use super::reader::ObservationReader;
use super::{Assumptions, Observation, ObservationKind, Observations, ObservedPreview, Uninformative};
use poolkeeper_core::model::{Domain, DomainName, HistoryRecord};
use std::collections::HashMap;

/// Observations read in one step: some milliseconds.
const OBSERVATIONS_PER_STEP: u64 = 4_096;

/// An observation and its position in its list.
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
        if let Some(observed) = previews.get(nth) {
            return Some(Self::Preview(nth, observed));
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
            Self::Preview(position, observed) => (ObservationKind::Preview, position, &observed.domain, None),
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

/// Collects constraints in two passes. The first finds the precision of the rates and each domain's latest record; the
/// second reads the observations.
#[derive(Default)]
pub(super) struct ConstraintCollector {
    scan: PrecisionScan,
    reader: Option<ObservationReader>,
    /// The position of each domain's latest record. Lists are sorted newest first, so the first of several records of
    /// one instant wins.
    latest: HashMap<DomainName, usize>,
    collected: Constraints,
    /// Observations done in this pass.
    at: u64,
}

impl ConstraintCollector {
    /// Processes some more observations; returns the constraints once all are read.
    pub fn step(&mut self, observations: &Observations, assumptions: &Assumptions) -> Option<Constraints> {
        for _ in 0..OBSERVATIONS_PER_STEP {
            let Some(at) = ObservationIndex::nth(observations, self.at) else {
                return self.end_pass(observations, *assumptions);
            };
            self.at += 1;
            if self.reader.is_some() {
                self.read_observation(observations, at);
            } else {
                self.scan_observation(observations, at);
            }
        }
        None
    }

    /// Observations done, over both passes.
    pub const fn observations_done(&self, observations: &Observations) -> u64 {
        if self.reader.is_some() {
            observations.len() + self.at
        } else {
            self.at
        }
    }

    fn end_pass(&mut self, observations: &Observations, assumptions: Assumptions) -> Option<Constraints> {
        self.at = 0;
        if self.reader.is_some() {
            return Some(std::mem::take(&mut self.collected));
        }
        self.collected.bases = processed_bases(observations, &self.scan);
        self.reader = Some(ObservationReader::new(&self.scan, assumptions));
        None
    }

    fn scan_observation(&mut self, observations: &Observations, at: ObservationIndex<'_>) {
        match at {
            ObservationIndex::Preview(_, observed) => self.scan.preview(observed),
            ObservationIndex::Domain(_, domain) => self.scan.rates(domain.bounce_rate, domain.complaint_rate),
            ObservationIndex::History(position, record) => {
                self.scan.rates(record.bounce_rate, record.complaint_rate);
                let Some(latest) = self.latest.get_mut(&record.domain_name) else {
                    self.latest.insert(record.domain_name.clone(), position);
                    return;
                };
                let latest_at = observations.history.get(*latest).and_then(|record| record.timestamp);
                if record.timestamp > latest_at {
                    *latest = position;
                }
            }
        }
    }

    fn read_observation(&mut self, observations: &Observations, at: ObservationIndex<'_>) {
        let Some(reader) = &self.reader else { return };
        let constraints = match at {
            ObservationIndex::Preview(_, observed) => reader.preview(observed),
            ObservationIndex::Domain(_, domain) => {
                let latest = self.latest.get(&domain.name);
                reader.domain(domain, latest.and_then(|position| observations.history.get(*position)))
            }
            ObservationIndex::History(_, record) => reader.record(record),
        };
        match constraints {
            Ok(constraints) if constraints.is_empty() => {
                *self.collected.uninformative.entry(Uninformative::TooWeak).or_default() += 1
            }
            Ok(constraints) => self.collected.observed.push(ObservationConstraints {
                source: at.source(),
                constraints,
            }),
            Err(reason) => *self.collected.uninformative.entry(reason).or_default() += 1,
        }
    }
}
