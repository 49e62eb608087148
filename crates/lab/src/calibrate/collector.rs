//! Goes through all observations in steps and collects their constraints.

use super::constraints::{Constraints, ObservationConstraints};
use super::reader::{ObservationReader, PrecisionScan};
use super::{Assumptions, Observation, ObservationKind, Observations, ObservedPreview, Uninformative};
use poolkeeper_core::model::{Domain, DomainName, HistoryRecord};
use std::collections::HashMap;

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
