//! A backtest's result: the band of every domain on every day, and every move.

use poolkeeper_core::health::{Check, Metric};
use poolkeeper_core::model::{Band, Day, Timestamp};
use poolkeeper_simulator::sim::PerBand;
use serde::{Deserialize, Serialize};

/// A flap is a move back into the previous band within this many days.
pub const FLAP_DAYS: u32 = 14;

/// Seconds into a day at which its check runs: the day's end.
pub(super) const CHECK_SECOND: u32 = 86_400;

/// What decided a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deciding {
    /// The bounce rate alone.
    BounceRate,
    /// The complaint rate alone.
    ComplaintRate,
    /// Both rates.
    BothRates,
    /// Too few processed messages.
    BelowMinimum,
}

impl Deciding {
    /// What decided a check that moved a domain.
    #[must_use]
    pub fn of(check: &Check) -> Self {
        let mut deciding = check.deciding();
        match (deciding.next(), deciding.next()) {
            (None, _) => Self::BelowMinimum,
            (Some(_), Some(_)) => Self::BothRates,
            (Some(Metric::BounceRate), None) => Self::BounceRate,
            (Some(Metric::ComplaintRate), None) => Self::ComplaintRate,
        }
    }

    /// Whether a metric took part in the decision.
    #[must_use]
    pub fn involves(self, metric: Metric) -> bool {
        match metric {
            Metric::BounceRate => matches!(self, Self::BounceRate | Self::BothRates),
            Metric::ComplaintRate => matches!(self, Self::ComplaintRate | Self::BothRates),
        }
    }
}

/// Why a domain changed its band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A health check.
    Check(Deciding),
    /// Someone pinned it.
    Override,
    /// It was enrolled.
    Enrolled,
    /// It was unenrolled.
    Left,
}

/// One change of a domain's band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BandMove {
    /// The domain's position in the table.
    pub domain: u32,
    /// Days after the table's first.
    pub day: u32,
    /// Seconds into the day; a check moves a domain at the day's end.
    pub second: u32,
    /// The band it left; `None` when it was not enrolled.
    pub from: Option<Band>,
    /// The band it moved to; `None` when it was unenrolled.
    pub to: Option<Band>,
    /// Why.
    pub cause: Cause,
}

impl BandMove {
    /// The instant, in a table that begins on `first_day`.
    #[must_use]
    pub fn at(&self, first_day: Day) -> Timestamp {
        let day = first_day.plus(i32::try_from(self.day).unwrap_or(i32::MAX));
        day.start().plus_seconds(i64::from(self.second))
    }

    /// Whether a health check made it.
    #[must_use]
    pub const fn is_by_check(&self) -> bool {
        matches!(self.cause, Cause::Check(_))
    }
}

/// One domain's result under a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DomainResult {
    /// The band at the start of the first day; `None` when it is not enrolled then.
    pub starts_in: Option<Band>,
    /// The band after the last day; `None` when it was not enrolled then.
    pub ends_in: Option<Band>,
    /// Moves by health checks.
    pub moves: u32,
    /// Of those, moves during the replay's start.
    #[serde(default)]
    pub startup_moves: u32,
    /// Of the moves after the start, moves back within [`FLAP_DAYS`].
    pub flaps: u32,
    /// Days that ended in each band.
    pub days: PerBand<u32>,
    /// Messages processed while in each band.
    pub messages: PerBand<u64>,
}

/// A backtest's sums over all domains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BacktestTotals {
    /// Domains that end in each band.
    pub ends_in: PerBand<u64>,
    /// Moves by health checks.
    pub moves: u64,
    /// Of those, moves during the replay's start.
    #[serde(default)]
    pub startup_moves: u64,
    /// Of the moves after the start, moves back within [`FLAP_DAYS`].
    pub flaps: u64,
    /// Domain-days in each band.
    pub domain_days: PerBand<u64>,
    /// Messages processed while in each band.
    pub messages: PerBand<u64>,
}

/// The result of a policy for every domain on every day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backtest {
    /// The table's first day.
    pub first_day: Day,
    /// Days from the first to the last.
    pub day_count: u32,
    /// How many of them are the replay's [start](crate::startup_days).
    pub startup_days: u32,
    /// The first domain's position in the table: 0, unless this is a part.
    pub first_domain: u32,
    /// Per day, domains by the band the day ended in.
    pub domains_by_day: PerBand<Vec<u32>>,
    /// Per day, processed messages by the band they were sent from.
    pub messages_by_day: PerBand<Vec<u64>>,
    /// Each domain's result, in the table's order.
    pub domains: Vec<DomainResult>,
    /// Every change of band, by domain and then by time.
    pub moves: Vec<BandMove>,
    /// Where each domain's moves begin in `moves`; the last entry is the length of `moves`.
    pub(super) move_starts: Vec<u32>,
}

impl Backtest {
    /// A domain's changes of band, by its position in the table.
    #[must_use]
    pub fn moves_of(&self, domain: u32) -> &[BandMove] {
        let at = domain.wrapping_sub(self.first_domain) as usize;
        let (Some(from), Some(to)) = (self.move_starts.get(at), self.move_starts.get(at.wrapping_add(1))) else {
            return &[];
        };
        self.moves.get(*from as usize..*to as usize).unwrap_or(&[])
    }

    /// The sums over all domains.
    #[must_use]
    pub fn totals(&self) -> BacktestTotals {
        let mut totals = BacktestTotals::default();
        for domain in &self.domains {
            if let Some(band) = domain.ends_in {
                *totals.ends_in.get_mut(band) += 1;
            }
            totals.moves += u64::from(domain.moves);
            totals.startup_moves += u64::from(domain.startup_moves);
            totals.flaps += u64::from(domain.flaps);
            for band in Band::ALL {
                *totals.domain_days.get_mut(band) += u64::from(*domain.days.get(band));
                *totals.messages.get_mut(band) += domain.messages.get(band);
            }
        }
        totals
    }
}
