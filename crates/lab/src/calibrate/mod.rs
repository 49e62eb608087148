//! What an account's own previews, domain bands and history say about the service's unpublished thresholds.
//!
//! Under the worst-metric rule (any metric Poor makes Poor, all Good make Good, otherwise the domain stays) every
//! observation bounds a threshold or says that at least one of several bounds holds. From all of them follows, for each
//! threshold, the interval it must lie in.
//!
//! What is taken as said, and what is not:
//!
//! - A rate is known up to the digits it came with: a rate of 0.05 among rates of two decimals may have been 0.0451.
//! - A metric "in the good threshold" of history was at most good-at-most; one in the poor threshold at least
//!   poor-at-least. A rate that was *not* called poor says nothing where it may stand for fewer events than the metric's
//!   minimum.
//! - A preview shows the domain's own band for a metric that holds, so a metric in that band may just be holding.
//! - A domain's band alone is weak: it may have been held for months. It counts only for domains that are not
//!   overridden, whose latest history record is known and is no override, and while one vote is assumed to move a domain.
//! - What a person pinned says nothing.

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

pub use synthetic::shown_by;

/// A choice of the service that is not published.
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
    /// The processed messages below which rates have no say.
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

    /// The largest value it can have.
    #[must_use]
    pub const fn most(self) -> u64 {
        match self {
            Self::MinimumProcessed => u64::MAX,
            _ => PPM as u64,
        }
    }
}

/// Where a previewed domain stands, as far as the caller knows.
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
    /// Of which domain.
    pub domain: DomainName,
    /// Where it stood.
    pub standing: DomainStatus,
    /// What it said.
    pub preview: Preview,
}

/// What an account shows.
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

/// What is assumed about the choices that no interval is given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumptions {
    /// Whether one vote moves a domain. Without that, a domain's band alone says nothing.
    pub moves_on_one_vote: bool,
    /// The most bounces Poor may take: with fewer, a rate that was not called poor says nothing.
    pub bounce_min_events: u64,
    /// The most complaints Poor may take.
    pub complaint_min_events: u64,
}

impl Assumptions {
    /// What a policy chooses; a metric that is off leaves the default. `may_wait`: several checks in a row may be needed to
    /// move a domain, whatever the policy says.
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

/// What kind of observation.
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
    /// When, where known.
    pub at: Option<DateTime<Utc>>,
}

/// Why a threshold cannot be beyond a bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The observation.
    pub source: Observation,
    /// The bound it sets: parts per million, or messages.
    pub bound: u64,
    /// Whether it says so only together with what other observations say.
    pub needs_others: bool,
}

/// The interval one threshold must lie in, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThresholdInterval {
    /// The threshold.
    pub threshold: HiddenThreshold,
    /// It is at least this: parts per million, or messages.
    pub at_least: u64,
    /// It is at most this; `None` where nothing says so.
    pub at_most: Option<u64>,
    /// What sets the lower end; `None` where nothing does.
    pub lower: Option<Evidence>,
    /// What sets the upper end; `None` where nothing does.
    pub upper: Option<Evidence>,
}

impl ThresholdInterval {
    /// Whether a value is in it.
    #[must_use]
    pub fn holds(&self, value: u64) -> bool {
        value >= self.at_least && self.at_most.is_none_or(|most| value <= most)
    }

    fn nearest(&self, value: u64) -> u64 {
        value.min(self.at_most.unwrap_or(u64::MAX)).max(self.at_least)
    }
}

/// Observations that cannot both be as they seem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// The threshold they disagree on; `None` for one that disagrees with all the others taken together.
    pub threshold: Option<HiddenThreshold>,
    /// The observation that was left out.
    pub left_out: Observation,
    /// The strongest that says otherwise.
    pub against: Option<Evidence>,
}

/// Why an observation says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uninformative {
    /// A person pinned the domain, or moved it.
    Pinned,
    /// It carries no rates, counts or bands.
    NoMetrics,
    /// Its reason is in words this version does not know.
    UnknownReason,
    /// A domain whose latest history record is not known.
    NoHistory,
    /// A domain's band, while one vote is not assumed to move a domain.
    MayBeWaiting,
    /// What it carries bounds nothing.
    TooWeak,
}

/// What the observations come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration {
    /// One interval each, in the order of [`HiddenThreshold::ALL`].
    pub intervals: Vec<ThresholdInterval>,
    /// What did not fit and was left out.
    pub contradictions: Vec<Contradiction>,
    /// How many observations the intervals rest on.
    pub observations: u64,
    /// How many observations say nothing, and why.
    pub silent: Vec<(Uninformative, u64)>,
}

impl Calibration {
    /// A threshold's interval.
    #[must_use]
    pub fn interval(&self, threshold: HiddenThreshold) -> Option<&ThresholdInterval> {
        self.intervals.iter().find(|interval| interval.threshold == threshold)
    }

    /// "Use as A": a policy with each threshold moved into its interval, as little as that takes. Metrics that are off
    /// stay off.
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

/// Works out the interval each threshold must lie in.
///
/// # Examples
/// ```
/// use poolkeeper_core::health::Policy;
/// # use poolkeeper_core::model::{Counts, Day, DomainName};
/// # use poolkeeper_core::traffic::{Table, TableDomain};
/// use poolkeeper_lab::ReplayOptions;
/// use poolkeeper_lab::calibrate::{Assumptions, HiddenThreshold, calibrate, shown_by};
/// # let domain = TableDomain { name: DomainName::as_sent("a.example"), account: 0 };
/// # let mut table = Table::empty(Day(20_000), 10, vec!["Acme".to_owned()], vec![domain]);
/// # let row = Counts { processed: 1_000, delivered: 800, bounced: 200, complained: 0 };
/// # for day in 0..10 {
/// #     table.add(0, Day(20_000).plus(day), &row).unwrap();
/// # }
///
/// // `table`: one domain, ten days on which a fifth of the mail bounced.
/// let policy = Policy::default();
/// let observations = shown_by(&table, &policy, &ReplayOptions::default())?;
/// let found = calibrate(&observations, &Assumptions::default());
/// // Poor begins at 10 %, and surely below 40 %.
/// let poor = found.interval(HiddenThreshold::BouncePoorAtLeast).unwrap();
/// assert!(poor.holds(100_000) && !poor.holds(400_000));
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
    Gathering(Box<collector::ConstraintCollector>),
    Solving(Box<intervals::IntervalSolver>),
}

impl Default for CalibrationStep {
    fn default() -> Self {
        Self::Gathering(Box::default())
    }
}

impl CalibrationRun {
    /// Goes on with the observations it began with. The result, once it is there.
    pub fn step(&mut self, observations: &Observations, assumptions: &Assumptions) -> Option<Calibration> {
        match &mut self.0 {
            CalibrationStep::Gathering(gathering) => {
                let gathered = gathering.step(observations, assumptions)?;
                self.0 = CalibrationStep::Solving(Box::new(intervals::IntervalSolver::new(gathered)));
                None
            }
            CalibrationStep::Solving(solver) => solver.step(),
        }
    }

    /// How many observations are done, each counted three times: looked at, read, and solved.
    pub fn done(&self, observations: &Observations) -> u64 {
        match &self.0 {
            CalibrationStep::Gathering(gathering) => gathering.done(observations),
            CalibrationStep::Solving(_) => 2 * observations.len(),
        }
    }
}
