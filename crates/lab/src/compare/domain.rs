//! One domain under both policies, on one time axis.

use super::divergence::DayReplay;
use super::side::Side;
use crate::backtest::{Backtest, BandMove, ReplayData, ReplayOptions, backtest_domain};
use crate::counterfactual::{Counterfactuals, counterfactuals};
use crate::window::window_before;
use poolkeeper_core::health::{Check, InvalidPolicy, Policy, check};
use poolkeeper_core::model::{Band, Counts, Day};
use serde::{Deserialize, Serialize};

/// One day under one policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyDay {
    /// The counts of the window that ends with the day.
    pub window: Counts,
    /// The check of that window. The policy runs it only where `is_check_day`.
    pub check: Check,
    /// Whether the policy checks at the end of this day.
    pub is_check_day: bool,
    /// The band the day's messages are sent from; `None` while not enrolled.
    pub sends_from: Option<Band>,
    /// The band the day ends in; `None` when not enrolled.
    pub band: Option<Band>,
}

/// One day of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainDay {
    /// The day.
    pub day: Day,
    /// Its counts; `None` where it has no row.
    pub counts: Option<Counts>,
    /// Under A.
    pub a: PolicyDay,
    /// Under B.
    pub b: PolicyDay,
}

/// One domain under A and B.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DomainComparison {
    /// Its position in the table.
    pub domain: u32,
    /// Every day, in order.
    pub days: Vec<DomainDay>,
    /// Its changes of band under A.
    pub moves_a: Vec<BandMove>,
    /// Its changes of band under B.
    pub moves_b: Vec<BandMove>,
    /// What would have changed the latest check's verdict under A; `None` before the first check.
    pub counterfactuals_a: Option<Counterfactuals>,
    /// The same under B.
    pub counterfactuals_b: Option<Counterfactuals>,
}

impl DomainComparison {
    /// One side's changes of band.
    #[must_use]
    pub fn moves(&self, side: Side) -> &[BandMove] {
        match side {
            Side::A => &self.moves_a,
            Side::B => &self.moves_b,
        }
    }

    /// What would have changed one side's latest verdict.
    #[must_use]
    pub const fn counterfactuals(&self, side: Side) -> Option<&Counterfactuals> {
        match side {
            Side::A => self.counterfactuals_a.as_ref(),
            Side::B => self.counterfactuals_b.as_ref(),
        }
    }
}

/// One domain under both policies. `None` for a position outside the table.
///
/// # Errors
/// [`InvalidPolicy`] for a policy out of range.
pub fn domain_view<'a>(
    data: impl Into<ReplayData<'a>>,
    domain: u32,
    a: &Policy,
    b: &Policy,
    options: &ReplayOptions,
) -> Result<Option<DomainComparison>, InvalidPolicy> {
    let data = data.into();
    let Some(columns) = data.table.columns(domain as usize) else {
        return Ok(None);
    };
    let (result_a, result_b) = (
        backtest_domain(data, domain, a, options)?,
        backtest_domain(data, domain, b, options)?,
    );
    let (mut in_a, mut in_b) = (replay_days(&result_a), replay_days(&result_b));
    let side = |policy: &Policy, days: &mut DayReplay<'_>, at: u32| {
        let window = window_before(&columns, at as usize + 1, policy.window_days);
        let (sends_from, band) = days.on(at);
        PolicyDay {
            window,
            check: check(policy, &window),
            is_check_day: (at + 1).is_multiple_of(policy.check_every_days.max(1)),
            sends_from,
            band,
        }
    };
    let days = (0..data.table.day_count())
        .map(|at| DomainDay {
            day: data.table.first_day().plus(i32::try_from(at).unwrap_or(i32::MAX)),
            counts: columns.get(at as usize),
            a: side(a, &mut in_a, at),
            b: side(b, &mut in_b, at),
        })
        .collect();
    Ok(Some(DomainComparison {
        domain,
        days,
        counterfactuals_a: counterfactuals(data, domain, a, options)?,
        counterfactuals_b: counterfactuals(data, domain, b, options)?,
        moves_a: result_a.moves,
        moves_b: result_b.moves,
    }))
}

/// The days of a backtest of one domain.
fn replay_days(result: &Backtest) -> DayReplay<'_> {
    let starts_in = result.domains.first().and_then(|domain| domain.starts_in);
    DayReplay::of(starts_in, &result.moves)
}
