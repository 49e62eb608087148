//! Estimates the service's unpublished thresholds from an account's own previews, domain bands and history.
//!
//! By the banding rule, any metric Poor makes Poor, all Good make Good, and otherwise the domain stays. So each
//! observation bounds a threshold, or implies that one of several bounds holds. Together they give an interval for each
//! threshold.
//!
//! How observations are read:
//!
//! - A rate is as exact as its digits: 0.05 among rates of two decimals may have been 0.0451.
//! - A metric "in good threshold" was at most good-at-most, and one "in poor threshold" was at least poor-at-least. A
//!   rate that was *not* called poor is ignored if it may mean fewer events than the metric's minimum.
//! - A preview shows the domain's own band for a metric that holds. So a metric in that band may only be holding.
//! - A domain's band alone is weak evidence, because it may have been held for months. It counts only if the domain is
//!   not overridden, its latest history record is known and not an override, and one vote is assumed to move a domain.
//! - A band that a person pinned is ignored.

mod bases;
mod collector;
mod constraints;
mod intervals;
mod rates;
mod reader;
mod synthetic;

use chrono::{DateTime, Utc};
use poolkeeper_core::health::{MetricPolicy, PPM, Policy};
use poolkeeper_core::model::{Band, Domain, DomainName, HistoryRecord, Preview};
use serde::{Deserialize, Serialize};

pub use bases::ProcessedBase;
pub use synthetic::synthetic_observations;

/// A threshold that the service does not publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HiddenThreshold {
    /// The bounce rate up to which a domain is good, in parts per million.
    BounceGoodAtMost,
    /// The bounce rate from which a domain is poor, in parts per million.
    BouncePoorAtLeast,
    /// The complaint rate up to which a domain is good, in parts per million.
    ComplaintGoodAtMost,
    /// The complaint rate from which a domain is poor, in parts per million.
    ComplaintPoorAtLeast,
    /// The processed messages below which rates are not judged.
    MinimumProcessed,
}

impl HiddenThreshold {
    /// All, in the order reports list them.
    pub const ALL: [Self; 5] = [
        Self::BounceGoodAtMost,
        Self::BouncePoorAtLeast,
        Self::ComplaintGoodAtMost,
        Self::ComplaintPoorAtLeast,
        Self::MinimumProcessed,
    ];

    /// Its name: `Bounce rate, good at most`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BounceGoodAtMost => "Bounce rate, good at most",
            Self::BouncePoorAtLeast => "Bounce rate, poor at least",
            Self::ComplaintGoodAtMost => "Complaint rate, good at most",
            Self::ComplaintPoorAtLeast => "Complaint rate, poor at least",
            Self::MinimumProcessed => "Minimum processed",
        }
    }

    /// The largest value it can have.
    #[must_use]
    pub const fn max(self) -> u64 {
        match self {
            Self::MinimumProcessed => u64::MAX,
            _ => PPM as u64,
        }
    }
}

/// Whether a previewed domain is enrolled, and its band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainStatus {
    /// Not enrolled.
    NotEnrolled,
    /// Enrolled, in this band.
    In(Band),
    /// Not known.
    Unknown,
}

/// A preview that was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservedPreview {
    /// The domain.
    pub domain: DomainName,
    /// Its status at that time.
    pub standing: DomainStatus,
    /// The preview's result.
    pub preview: Preview,
}

/// Everything observed of an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observations {
    /// Previews that were run.
    pub previews: Vec<ObservedPreview>,
    /// Enrolled domains.
    pub domains: Vec<Domain>,
    /// History records, in any order.
    pub history: Vec<HistoryRecord>,
}

impl Observations {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        (self.previews.len() + self.domains.len() + self.history.len()) as u64
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Assumptions about parameters that are not estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumptions {
    /// Whether one vote moves a domain. Without this, a domain's band alone is ignored.
    pub moves_on_one_vote: bool,
    /// The most bounces that a Poor vote may need. A rate with fewer that was not called poor is ignored.
    pub bounce_min_events: u64,
    /// The most complaints that a Poor vote may need.
    pub complaint_min_events: u64,
}

impl Assumptions {
    /// A policy's values; the default for a metric that is off. With `may_wait`, several checks in a row may be needed
    /// to move a domain, regardless of the policy.
    #[must_use]
    pub fn of(policy: &Policy, may_wait: bool) -> Self {
        let default = Self::default();
        let events = |metric: Option<MetricPolicy>, least| metric.map_or(least, |on| on.poor_min_events);
        Self {
            moves_on_one_vote: !may_wait && policy.promotion_after_checks == 1 && policy.demotion_after_checks == 1,
            bounce_min_events: events(policy.bounce, default.bounce_min_events),
            complaint_min_events: events(policy.complaint, default.complaint_min_events),
        }
    }
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            moves_on_one_vote: true,
            bounce_min_events: 1,
            complaint_min_events: 3,
        }
    }
}

/// The kind of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObservationKind {
    /// A preview.
    Preview,
    /// A domain of the list.
    Domain,
    /// A history record.
    History,
}

/// An observation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Its kind.
    pub kind: ObservationKind,
    /// Its position among its kind in [`Observations`].
    pub position: u32,
    /// The domain.
    pub domain: DomainName,
    /// When it was observed, if known.
    pub at: Option<DateTime<Utc>>,
}

/// The observation behind a bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The observation.
    pub source: Observation,
    /// The bound it sets: parts per million, or messages.
    pub bound: u64,
    /// Whether the bound follows only together with other observations.
    pub needs_others: bool,
}

/// The interval one threshold must lie in, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThresholdInterval {
    /// The threshold.
    pub threshold: HiddenThreshold,
    /// It is at least this: parts per million, or messages.
    pub at_least: u64,
    /// It is at most this; `None` without an upper bound.
    pub at_most: Option<u64>,
    /// The evidence for the lower end, if any.
    pub lower: Option<Evidence>,
    /// The evidence for the upper end, if any.
    pub upper: Option<Evidence>,
}

impl ThresholdInterval {
    /// Whether a value is in it.
    #[must_use]
    pub fn contains(&self, value: u64) -> bool {
        value >= self.at_least && self.at_most.is_none_or(|most| value <= most)
    }

    fn nearest(&self, value: u64) -> u64 {
        value.min(self.at_most.unwrap_or(u64::MAX)).max(self.at_least)
    }
}

/// An observation that contradicts others and was dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// The threshold they disagree on; `None` if it contradicts several others together.
    pub threshold: Option<HiddenThreshold>,
    /// The dropped observation.
    pub left_out: Observation,
    /// The strongest observation against it.
    pub against: Option<Evidence>,
}

/// Why an observation gives no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uninformative {
    /// A person pinned the domain, or moved it.
    Pinned,
    /// It has no rates, counts or bands.
    NoMetrics,
    /// Its reason is not one this version knows.
    UnknownReason,
    /// A domain whose latest history record is not known.
    NoHistory,
    /// A domain's band, while one vote is not assumed to move a domain.
    MayBeWaiting,
    /// Its values exclude no threshold.
    TooWeak,
}

/// The result of a calibration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration {
    /// One interval each, in the order of [`HiddenThreshold::ALL`].
    pub intervals: Vec<ThresholdInterval>,
    /// Observations that were dropped as contradictory.
    pub contradictions: Vec<Contradiction>,
    /// Observations that the intervals are based on.
    pub observations: u64,
    /// Observations without a bound, counted by reason.
    pub silent: Vec<(Uninformative, u64)>,
    /// Whether the rates are shares of the processed messages, where they tell: at most one a metric.
    #[serde(default)]
    pub bases: Vec<ProcessedBase>,
}

impl Calibration {
    /// A threshold's interval.
    #[must_use]
    pub fn interval(&self, threshold: HiddenThreshold) -> Option<&ThresholdInterval> {
        self.intervals.iter().find(|interval| interval.threshold == threshold)
    }

    /// The policy nearest to `base` with each threshold inside its interval. Metrics that are off stay off.
    #[must_use]
    pub fn policy(&self, base: &Policy) -> Policy {
        let nearest = |threshold: HiddenThreshold, value: u64| {
            self.interval(threshold)
                .map_or(value, |interval| interval.nearest(value))
        };
        let ppm = |threshold: HiddenThreshold, value: u32| {
            u32::try_from(nearest(threshold, u64::from(value))).unwrap_or(value)
        };
        let metric = |metric: Option<MetricPolicy>, good: HiddenThreshold, poor: HiddenThreshold| {
            metric.map(|metric| {
                let good_at_most_ppm = ppm(good, metric.good_at_most_ppm);
                MetricPolicy {
                    good_at_most_ppm,
                    poor_at_least_ppm: ppm(poor, metric.poor_at_least_ppm).max(good_at_most_ppm),
                    ..metric
                }
            })
        };
        Policy {
            bounce: metric(
                base.bounce,
                HiddenThreshold::BounceGoodAtMost,
                HiddenThreshold::BouncePoorAtLeast,
            ),
            complaint: metric(
                base.complaint,
                HiddenThreshold::ComplaintGoodAtMost,
                HiddenThreshold::ComplaintPoorAtLeast,
            ),
            minimum_processed: nearest(HiddenThreshold::MinimumProcessed, base.minimum_processed),
            ..base.clone()
        }
    }
}

/// Computes the interval of each threshold.
///
/// # Examples
/// ```
/// use poolkeeper_core::health::Policy;
/// # use poolkeeper_core::model::{Counts, Day, DomainName};
/// # use poolkeeper_core::traffic::{Table, TableDomain};
/// use poolkeeper_lab::ReplayOptions;
/// use poolkeeper_lab::calibrate::{Assumptions, HiddenThreshold, calibrate, synthetic_observations};
/// # let domain = TableDomain { name: DomainName::as_sent("a.example"), account: 0 };
/// # let mut table = Table::empty(Day(20_000), 10, vec!["Acme".to_owned()], vec![domain]);
/// # let row = Counts { processed: 1_000, delivered: 800, bounced: 200, complained: 0 };
/// # for day in 0..10 {
/// #     table.add(0, Day(20_000).plus(day), &row).unwrap();
/// # }
///
/// // `table`: one domain, ten days on which a fifth of the mail bounced.
/// let policy = Policy::default();
/// let observations = synthetic_observations(&table, &policy, &ReplayOptions::default())?;
/// let found = calibrate(&observations, &Assumptions::default());
/// // The threshold is 10 %, and the observations exclude 40 %.
/// let poor = found.interval(HiddenThreshold::BouncePoorAtLeast).unwrap();
/// assert!(poor.contains(100_000) && !poor.contains(400_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn calibrate(observations: &Observations, assumptions: &Assumptions) -> Calibration {
    let mut calibrating = CalibrationRun::default();
    loop {
        if let Some(found) = calibrating.step(observations, assumptions) {
            return found;
        }
    }
}

/// A calibration under way: each step takes some milliseconds.
#[derive(Default)]
pub(crate) struct CalibrationRun(CalibrationStep);

enum CalibrationStep {
    Collecting(Box<collector::ConstraintCollector>),
    Solving(Box<intervals::IntervalSolver>),
}

impl Default for CalibrationStep {
    fn default() -> Self {
        Self::Collecting(Box::default())
    }
}

impl CalibrationRun {
    /// Takes one step, always with the same observations; returns the result after the last.
    pub fn step(&mut self, observations: &Observations, assumptions: &Assumptions) -> Option<Calibration> {
        match &mut self.0 {
            CalibrationStep::Collecting(collector) => {
                let collected = collector.step(observations, assumptions)?;
                self.0 = CalibrationStep::Solving(Box::new(intervals::IntervalSolver::new(collected)));
                None
            }
            CalibrationStep::Solving(solver) => solver.step(),
        }
    }

    /// Progress in observations. Each counts three times: scanned, read, solved.
    pub fn observations_done(&self, observations: &Observations) -> u64 {
        match &self.0 {
            CalibrationStep::Collecting(collector) => collector.observations_done(observations),
            CalibrationStep::Solving(_) => 2 * observations.len(),
        }
    }
}
