//! What each observation says: bounds on thresholds, of which at least one holds.

use super::rates::SeenRate;
use super::read::Reader;
use super::{Assumptions, Observations, Silence, Source, SourceKind, Threshold};
use crate::health::Metric;
use crate::model::{DomainName, HistoryRecord};
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

/// A bound on a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub threshold: Threshold,
    pub bound: Bound,
}

/// Which way it bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    AtLeast(u64),
    AtMost(u64),
}

/// At least one of these holds.
pub(super) type Claim = Vec<Literal>;

/// An observation and all it says.
pub(super) struct Said {
    pub source: Source,
    pub claims: Vec<Claim>,
}

/// What all observations say.
#[derive(Default)]
pub(super) struct Gathered {
    pub said: Vec<Said>,
    pub silent: BTreeMap<Silence, u64>,
}

/// What one observation measured.
pub(super) struct Seen {
    pub bounce: Option<SeenRate>,
    pub complaint: Option<SeenRate>,
    pub processed: Option<u64>,
    pub assumptions: Assumptions,
}

impl Seen {
    const fn rate(&self, metric: Metric) -> Option<SeenRate> {
        match metric {
            Metric::BounceRate => self.bounce,
            Metric::ComplaintRate => self.complaint,
        }
    }

    pub fn good(&self, metric: Metric) -> Option<Literal> {
        let bound = Bound::AtLeast(self.rate(metric)?.at_least_ppm());
        Some(Literal {
            threshold: good_at_most(metric),
            bound,
        })
    }

    pub fn poor(&self, metric: Metric) -> Option<Literal> {
        let bound = Bound::AtMost(self.rate(metric)?.at_most_ppm());
        Some(Literal {
            threshold: poor_at_least(metric),
            bound,
        })
    }

    /// `None` too where no threshold is below the rate: nothing of nothing is good.
    pub fn not_good(&self, metric: Metric) -> Option<Literal> {
        let bound = Bound::AtMost(self.rate(metric)?.below_ppm()?);
        Some(Literal {
            threshold: good_at_most(metric),
            bound,
        })
    }

    /// `None` too where the rate may stand for too few events to be poor at all. A rate right at poor-at-least is not poor
    /// where good-at-most is the same, so the bound includes the rate.
    pub fn not_poor(&self, metric: Metric) -> Option<Literal> {
        let rate = self.rate(metric)?;
        let min_events = match metric {
            Metric::BounceRate => self.assumptions.bounce_min_events,
            Metric::ComplaintRate => self.assumptions.complaint_min_events,
        };
        let bound = Bound::AtLeast(rate.at_least_ppm());
        (!rate.may_be_fewer_than(min_events)).then_some(Literal {
            threshold: poor_at_least(metric),
            bound,
        })
    }

    pub fn enough(&self) -> Option<Literal> {
        let bound = Bound::AtMost(self.processed?);
        Some(Literal {
            threshold: Threshold::MinimumProcessed,
            bound,
        })
    }

    pub fn too_little(&self) -> Option<Literal> {
        let bound = Bound::AtLeast(self.processed?.checked_add(1)?);
        Some(Literal {
            threshold: Threshold::MinimumProcessed,
            bound,
        })
    }

    /// Either too little was processed, or the literal holds. Nothing when what was processed is not known.
    pub fn unless_too_little(&self, literal: Option<Literal>) -> Option<Claim> {
        Some(vec![self.too_little()?, literal?])
    }

    /// What a check that held says: no metric poor, not all good; or too little mail.
    pub fn held(&self, claims: &mut Vec<Claim>) {
        claims.extend(
            Metric::ALL
                .into_iter()
                .filter_map(|metric| self.unless_too_little(self.not_poor(metric))),
        );
        claims.extend(self.not_all_good());
    }

    /// Some metric is not good, or too little was processed. Nothing when a rate is missing: it may have been that one.
    pub fn not_all_good(&self) -> Option<Claim> {
        let mut claim = vec![self.too_little()?];
        for metric in Metric::ALL {
            self.rate(metric)?;
            claim.extend(self.not_good(metric));
        }
        Some(claim)
    }
}

const fn good_at_most(metric: Metric) -> Threshold {
    match metric {
        Metric::BounceRate => Threshold::BounceGoodAtMost,
        Metric::ComplaintRate => Threshold::ComplaintGoodAtMost,
    }
}

const fn poor_at_least(metric: Metric) -> Threshold {
    match metric {
        Metric::BounceRate => Threshold::BouncePoorAtLeast,
        Metric::ComplaintRate => Threshold::ComplaintPoorAtLeast,
    }
}

pub(super) const fn other(metric: Metric) -> Metric {
    match metric {
        Metric::BounceRate => Metric::ComplaintRate,
        Metric::ComplaintRate => Metric::BounceRate,
    }
}

/// Observations between two looks at whether to go on.
const OBSERVATIONS_PER_STEP: u64 = 4_096;

/// Collects what all observations say; `None` when `progress` breaks.
pub(super) fn gather(
    observations: &Observations,
    assumptions: &Assumptions,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Option<Gathered> {
    let reader = Reader::new(observations, *assumptions);
    let mut gathered = Gathered::default();
    let mut done = 0_u64;
    let mut take = |source: Source, claims: Result<Vec<Claim>, Silence>| {
        match claims.and_then(|claims| {
            if claims.is_empty() {
                Err(Silence::TooWeak)
            } else {
                Ok(claims)
            }
        }) {
            Ok(claims) => gathered.said.push(Said { source, claims }),
            Err(silence) => *gathered.silent.entry(silence).or_default() += 1,
        }
        done += 1;
        !done.is_multiple_of(OBSERVATIONS_PER_STEP) || progress(done).is_continue()
    };
    let source = |kind, position, domain: &DomainName, at| Source {
        kind,
        position,
        domain: domain.clone(),
        at,
    };
    let mut goes_on = (0..).zip(&observations.previews).all(|(position, seen)| {
        take(
            source(SourceKind::Preview, position, &seen.domain, None),
            reader.preview(seen),
        )
    });
    let latest = latest_records(&observations.history);
    goes_on = goes_on
        && (0..).zip(&observations.domains).all(|(position, domain)| {
            let claims = reader.domain(domain, latest.get(&domain.name).copied());
            take(source(SourceKind::Domain, position, &domain.name, None), claims)
        });
    goes_on = goes_on
        && (0..).zip(&observations.history).all(|(position, record)| {
            let source = source(SourceKind::History, position, &record.domain_name, record.timestamp);
            take(source, reader.record(record))
        });
    goes_on.then_some(gathered)
}

/// Each domain's latest record; of records of one instant the one listed first, as lists run newest first.
fn latest_records(history: &[HistoryRecord]) -> HashMap<&DomainName, &HistoryRecord> {
    let mut latest: HashMap<&DomainName, &HistoryRecord> = HashMap::new();
    for record in history {
        let known = latest.entry(&record.domain_name).or_insert(record);
        if record.timestamp > known.timestamp {
            *known = record;
        }
    }
    latest
}
