//! What moves between two policies: A, the current one, and B, the draft.

use super::divergence::{AffectedDomain, affected};
use super::{Backtest, BacktestTotals, PerBand, ReplayData};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{Band, Day};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// One of the two policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// The current policy.
    A,
    /// The draft.
    B,
}

/// A policy and what it did to the traffic.
#[derive(Clone, Copy, Debug)]
pub struct PolicyResult<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// Its backtest over all domains.
    pub result: &'a Backtest,
}

/// How many, and how much mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DomainsAndMail {
    /// Domains, or domain-days.
    pub domains: u64,
    /// Their processed messages.
    pub messages: u64,
}

impl DomainsAndMail {
    pub(super) const fn add(&mut self, domains: u64, messages: u64) {
        self.domains += domains;
        self.messages += messages;
    }
}

/// The 3×3 table: A's band against B's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TransitionMatrix(pub PerBand<PerBand<DomainsAndMail>>);

impl TransitionMatrix {
    /// The cell of a band under A and a band under B.
    #[must_use]
    pub const fn get(&self, a: Band, b: Band) -> DomainsAndMail {
        *self.0.get(a).get(b)
    }

    pub(super) const fn get_mut(&mut self, a: Band, b: Band) -> &mut DomainsAndMail {
        self.0.get_mut(a).get_mut(b)
    }

    fn merge(&mut self, other: &Self) {
        for (a, b) in Band::ALL.into_iter().flat_map(|a| Band::ALL.map(|b| (a, b))) {
            let more = other.get(a, b);
            self.get_mut(a, b).add(more.domains, more.messages);
        }
    }

    /// The cells in which B's band is another than A's, as `(A's, B's, share)`.
    pub fn moved(&self) -> impl Iterator<Item = (Band, Band, DomainsAndMail)> + '_ {
        Band::ALL
            .into_iter()
            .flat_map(|a| Band::ALL.map(|b| (a, b, self.get(a, b))))
            .filter(|(a, b, _)| a != b)
    }
}

/// One policy's side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Sums over all domains and days.
    pub totals: BacktestTotals,
    /// Per day, domains by the band the day ended in.
    pub domains_by_day: PerBand<Vec<u32>>,
    /// Per day, processed messages by the band they were sent from.
    pub messages_by_day: PerBand<Vec<u64>>,
}

impl Summary {
    /// The side of a backtest that charts and tables show.
    #[must_use]
    pub fn of(result: &Backtest) -> Self {
        Self {
            totals: result.totals(),
            domains_by_day: result.domains_by_day.clone(),
            messages_by_day: result.messages_by_day.clone(),
        }
    }
}

/// What moves between A and B.
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
    /// Domains by the band they end in, with all the mail they sent while enrolled.
    pub ends: TransitionMatrix,
    /// Domain-days by the band the day ended in, and messages by the band they were sent from.
    pub days: TransitionMatrix,
    /// A's side.
    pub a: Summary,
    /// B's side.
    pub b: Summary,
    /// The domains that A and B treat differently at some time, in the table's order.
    pub affected: Vec<AffectedDomain>,
}

/// Compares two backtests of the same data under the same options.
#[must_use]
pub fn compare<'a>(data: impl Into<ReplayData<'a>>, a: PolicyResult<'_>, b: PolicyResult<'_>) -> Comparison {
    let mut comparison = Comparison::begin(a, b);
    comparison.append(PartialComparison::of(data.into(), a, b, 0..a.result.domains.len()));
    comparison
}

/// What moves between A and B among some of the domains.
#[derive(Default)]
pub(super) struct PartialComparison {
    ends: TransitionMatrix,
    days: TransitionMatrix,
    affected: Vec<AffectedDomain>,
}

impl PartialComparison {
    /// Looks at the domains at some positions.
    pub fn of(data: ReplayData<'_>, a: PolicyResult<'_>, b: PolicyResult<'_>, domains: Range<usize>) -> Self {
        let mut crossed = Self::default();
        for domain in domains {
            crossed.add(data, domain, a, b);
        }
        crossed
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
        if let Some(affected) = affected(data, position, a, b, &mut self.days) {
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
    /// The sums of two backtests, with no domain looked at yet.
    pub(super) fn begin(a: PolicyResult<'_>, b: PolicyResult<'_>) -> Self {
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

    /// Adds the domains right after those added before.
    pub(super) fn append(&mut self, part: PartialComparison) {
        self.ends.merge(&part.ends);
        self.days.merge(&part.days);
        self.affected.extend(part.affected);
    }
}
