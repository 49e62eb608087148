//! Compares two policies: A, the current one, and B, the draft.

use super::divergence::{AffectedDomain, find_divergence};
use super::side::PolicyResult;
use super::transition_matrix::TransitionMatrix;
use crate::backtest::{Backtest, BacktestTotals, ReplayData};
use poolkeeper_core::model::{Band, Day};
use poolkeeper_simulator::sim::PerBand;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// One policy's side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The replay's [start](crate::startup_days): its first days, within the traffic.
    #[serde(default)]
    pub startup_days: u32,
    /// Sums over all domains and days.
    pub totals: BacktestTotals,
    /// Per day, domains by the band the day ended in.
    pub domains_by_day: PerBand<Vec<u32>>,
    /// Per day, processed messages by the band they were sent from.
    pub messages_by_day: PerBand<Vec<u64>>,
}

impl Summary {
    /// The part of a backtest that charts and tables show.
    #[must_use]
    pub fn of(result: &Backtest) -> Self {
        Self {
            startup_days: result.startup_days,
            totals: result.totals(),
            domains_by_day: result.domains_by_day.clone(),
            messages_by_day: result.messages_by_day.clone(),
        }
    }
}

/// The differences between A and B.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The table's first day.
    pub first_day: Day,
    /// Days from the first to the last.
    pub day_count: u32,
    /// Domains enrolled on the last day.
    pub domains: u64,
    /// Messages processed by domains while enrolled.
    pub messages: u64,
    /// Domains by the band they end in, with all mail they sent while enrolled.
    pub ends: TransitionMatrix,
    /// Domain-days by the band the day ended in, and messages by the band they were sent from.
    pub days: TransitionMatrix,
    /// A's side.
    pub a: Summary,
    /// B's side.
    pub b: Summary,
    /// The domains on which A and B diverge, in the table's order.
    pub affected: Vec<AffectedDomain>,
}

/// Compares two backtests of the same data under the same options.
///
/// # Examples
/// ```
/// use poolkeeper_core::health::{MetricPolicy, Policy};
/// # use poolkeeper_core::model::{Counts, Day, DomainName};
/// use poolkeeper_core::model::Band;
/// # use poolkeeper_core::traffic::{Table, TableDomain};
/// use poolkeeper_lab::{PolicyResult, ReplayOptions, backtest, compare};
/// # let domain = TableDomain { name: DomainName::as_sent("a.example"), account: 0 };
/// # let mut table = Table::empty(Day(20_000), 10, vec!["Acme".to_owned()], vec![domain]);
/// # let row = Counts { processed: 1_000, delivered: 800, bounced: 200, complained: 0 };
/// # for day in 0..10 {
/// #     table.add(0, Day(20_000).plus(day), &row).unwrap();
/// # }
///
/// // `table`: one domain, ten days on which a fifth of the mail bounced. Under B that is not poor.
/// let a = Policy::default();
/// let lenient = a.bounce.map(|bounce| MetricPolicy { poor_at_least_ppm: 300_000, ..bounce });
/// let b = Policy { bounce: lenient, ..a.clone() };
/// let in_a = backtest(&table, &a, &ReplayOptions::default())?;
/// let in_b = backtest(&table, &b, &ReplayOptions::default())?;
/// let (a, b) = (PolicyResult { policy: &a, result: &in_a }, PolicyResult { policy: &b, result: &in_b });
/// let comparison = compare(&table, a, b);
/// assert_eq!(comparison.ends.get(Band::Poor, Band::New).domains, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn compare<'a>(data: impl Into<ReplayData<'a>>, a: PolicyResult<'_>, b: PolicyResult<'_>) -> Comparison {
    let mut comparison = Comparison::begin(a, b);
    comparison.append(PartialComparison::of(data.into(), a, b, 0..a.result.domains.len()));
    comparison
}

/// The differences between A and B for some of the domains.
#[derive(Default)]
pub(crate) struct PartialComparison {
    ends: TransitionMatrix,
    days: TransitionMatrix,
    affected: Vec<AffectedDomain>,
}

impl PartialComparison {
    /// Compares the domains at some positions.
    pub fn of(data: ReplayData<'_>, a: PolicyResult<'_>, b: PolicyResult<'_>, domains: Range<usize>) -> Self {
        let mut part = Self::default();
        for domain in domains {
            part.add(data, domain, a, b);
        }
        part
    }

    fn add(&mut self, data: ReplayData<'_>, domain: usize, a: PolicyResult<'_>, b: PolicyResult<'_>) {
        let (Some(in_a), Some(in_b)) = (a.result.domains.get(domain), b.result.domains.get(domain)) else {
            return;
        };
        let messages: u64 = in_b.messages.iter().map(|(_, messages)| messages).sum();
        if let (Some(ends_a), Some(ends_b)) = (in_a.ends_in, in_b.ends_in) {
            self.ends.get_mut(ends_a, ends_b).add(1, messages);
        }
        let position = u32::try_from(domain).unwrap_or(u32::MAX);
        if let Some(affected) = find_divergence(data, position, a, b, &mut self.days) {
            self.affected.push(affected);
            return;
        }
        for band in Band::ALL {
            let days = u64::from(*in_a.days.get(band));
            self.days.get_mut(band, band).add(days, *in_a.messages.get(band));
        }
    }
}

impl Comparison {
    /// The sums of two backtests, with no domain compared yet.
    pub(crate) fn begin(a: PolicyResult<'_>, b: PolicyResult<'_>) -> Self {
        let (sum_a, sum_b) = (Summary::of(a.result), Summary::of(b.result));
        let sum = |each: &PerBand<u64>| Band::ALL.iter().map(|band| each.get(*band)).sum();
        Self {
            first_day: a.result.first_day,
            day_count: a.result.day_count,
            domains: sum(&sum_b.totals.ends_in),
            messages: sum(&sum_b.totals.messages),
            ends: TransitionMatrix::default(),
            days: TransitionMatrix::default(),
            a: sum_a,
            b: sum_b,
            affected: Vec::new(),
        }
    }

    /// Adds the domains that follow those added before.
    pub(crate) fn append(&mut self, part: PartialComparison) {
        self.ends.merge(&part.ends);
        self.days.merge(&part.days);
        self.affected.extend(part.affected);
    }
}
