//! A domain on which A and B diverge: when, by which check, and how close the check was.

use super::side::{PolicyResult, Side};
use super::transition_matrix::TransitionMatrix;
use crate::backtest::{Backtest, BandMove, Cause, Deciding, ReplayData};
use crate::window::window_before;
use poolkeeper_core::health::{Check, Explanation, Interval, Metric, MetricExplanation, Vote, explain};
use poolkeeper_core::model::{Band, Counts, Day};
use serde::{Deserialize, Serialize};

/// One policy's latest check up to the day of the divergence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestCheck {
    /// The last day of its window.
    pub on: Day,
    /// The window's counts.
    pub counts: Counts,
    /// The votes.
    pub check: Check,
}

/// One policy's side of the divergence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideAtDivergence {
    /// The band right after the divergence.
    pub band: Option<Band>,
    /// Its latest scheduled check by then; `None` before the first.
    pub checked: Option<LatestCheck>,
    /// The band after the last day; `None` when the domain is not enrolled then.
    pub ends_in: Option<Band>,
    /// What decided the check that moved it to that band, and the window's counts; `None` where no check did.
    pub ended_by: Option<(Deciding, Counts)>,
    /// Moves by checks.
    pub moves: u32,
    /// Days that ended in poor.
    pub days_in_poor: u32,
}

/// How far the deciding count is from another vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionMargin {
    /// The deciding rate; `None` for the processed messages.
    pub metric: Option<Metric>,
    /// The fewest events (bounces, complaints or processed messages) that would have changed the vote.
    pub events: u64,
}

/// A domain on which A and B diverge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AffectedDomain {
    /// Its position in the table.
    pub domain: u32,
    /// The day of the divergence.
    #[serde(rename = "parted_on")]
    pub diverged_on: Day,
    /// The side whose check moved the domain; B when both did, to different bands.
    #[serde(rename = "parted_by")]
    pub diverged_by: Side,
    /// The side and the day of the check that decided. Where A and B end in different bands, it is the check that moved
    /// the domain to where it ends: to poor, or else to good. Otherwise it is the check of the divergence. `None` in
    /// reports of older versions, where it is always the latter.
    #[serde(default)]
    pub decided: Option<(Side, Day)>,
    /// What decided that check. For a domain enrolled into different bands, what decided its first check; `None` where
    /// that check held.
    pub deciding: Option<Deciding>,
    /// Events of the deciding rate in the window: complaints where both decided, `None` below the minimum.
    pub events: Option<u64>,
    /// How close the check was. `None` where no number of events would have changed the vote.
    pub margin: Option<DecisionMargin>,
    /// The deciding rate's 95 % interval (Wilson).
    pub interval: Option<Interval>,
    /// Whether one bounce or complaint more or fewer would have changed the check's vote.
    pub is_one_event_from_flipping: bool,
    /// Days that ended in different bands.
    pub days_apart: u32,
    /// Messages it processed while enrolled.
    pub messages: u64,
    /// Under A.
    pub a: SideAtDivergence,
    /// Under B.
    pub b: SideAtDivergence,
}

impl AffectedDomain {
    /// How much its difference matters, the least number the most: poor under B only, poor under A only, other bands at
    /// the end, the same band at the end, and good both times.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match (self.a.ends_in, self.b.ends_in) {
            (Some(Band::Good), Some(Band::Good)) => 4,
            (a, b) if a == b => 3,
            (_, Some(Band::Poor)) => 0,
            (Some(Band::Poor), _) => 1,
            _ => 2,
        }
    }
}

/// The divergence of A and B on a domain, if any. Its days and messages are then added to `days`.
pub(super) fn find_divergence(
    data: ReplayData<'_>,
    domain: u32,
    a: PolicyResult<'_>,
    b: PolicyResult<'_>,
    days: &mut TransitionMatrix,
) -> Option<AffectedDomain> {
    let (moves_a, moves_b) = (a.result.moves_of(domain), b.result.moves_of(domain));
    let same =
        |(one, other): &(&BandMove, &BandMove)| (one.day, one.second, one.to) == (other.day, other.second, other.to);
    let shared = moves_a.iter().zip(moves_b).take_while(same).count();
    let (first_a, first_b) = (moves_a.get(shared), moves_b.get(shared));
    let when = |change: Option<&BandMove>| change.map_or((u32::MAX, u32::MAX), |change| (change.day, change.second));
    let diverged_by = if when(first_a) < when(first_b) {
        Side::A
    } else {
        Side::B
    };
    let first = match diverged_by {
        Side::A => first_a?,
        Side::B => first_b?,
    };
    let view = DivergenceView {
        data,
        domain,
        divergence: first,
    };
    let (decided_by, decision) = view.end_decision(a, b).unwrap_or((diverged_by, first));
    let side = match decided_by {
        Side::A => a,
        Side::B => b,
    };
    let explanation = view.explain(side, decision);
    let deciding = match decision.cause {
        Cause::Check(deciding) => Some(deciding),
        _ => deciding_of(&explanation.check),
    };
    let part = deciding_explanation(&explanation, deciding);
    let days_apart = view.add_to_matrix(a.result, b.result, days);
    let result = b.result.domains.get(domain as usize)?;
    Some(AffectedDomain {
        domain,
        diverged_on: view.day(first.day),
        diverged_by,
        decided: Some((decided_by, view.day(decision.day))),
        deciding,
        events: part.map(|part| part.events),
        margin: margin(&explanation, deciding),
        interval: part.and_then(|part| part.interval),
        is_one_event_from_flipping: explanation.is_one_event_from_flipping,
        days_apart,
        messages: result.messages.iter().map(|(_, messages)| messages).sum(),
        a: view.side(a),
        b: view.side(b),
    })
}

/// What decided a check; `None` where it held.
fn deciding_of(check: &Check) -> Option<Deciding> {
    match check.vote {
        Vote::Hold => None,
        Vote::For(_) => Some(Deciding::of(check)),
    }
}

/// The deciding rate; complaints where both decided.
fn deciding_explanation(explanation: &Explanation, deciding: Option<Deciding>) -> Option<&MetricExplanation> {
    let deciding = deciding?;
    let part = |metric: Metric| explanation.metric(metric).filter(|_| deciding.involves(metric));
    part(Metric::ComplaintRate).or_else(|| part(Metric::BounceRate))
}

/// The fewest events of a deciding rate that would have changed its vote; below the minimum, the missing messages.
fn margin(explanation: &Explanation, deciding: Option<Deciding>) -> Option<DecisionMargin> {
    let deciding = deciding?;
    if deciding == Deciding::BelowMinimum {
        return Some(DecisionMargin {
            metric: None,
            events: explanation.missing_processed,
        });
    }
    let parts = Metric::ALL.into_iter().filter(|metric| deciding.involves(*metric));
    let distance = |metric: Metric| {
        let part = explanation.metric(metric)?;
        let events = part.fewer_to_better.or(part.more_to_worse)?;
        Some(DecisionMargin {
            metric: Some(metric),
            events,
        })
    };
    parts.filter_map(distance).min_by_key(|margin| margin.events)
}

/// One domain at its divergence.
struct DivergenceView<'a> {
    data: ReplayData<'a>,
    domain: u32,
    divergence: &'a BandMove,
}

impl DivergenceView<'_> {
    fn day(&self, at: u32) -> Day {
        self.data.table.first_day().plus(i32::try_from(at).unwrap_or(i32::MAX))
    }

    fn window(&self, end: usize, window_days: u32) -> Counts {
        let columns = self.data.table.columns(self.domain as usize);
        columns.map_or(Counts::ZERO, |columns| window_before(&columns, end, window_days))
    }

    /// The move that decided where the domain ends, if A and B end in different bands.
    fn end_decision<'m>(&self, a: PolicyResult<'m>, b: PolicyResult<'m>) -> Option<(Side, &'m BandMove)> {
        let end = |side: PolicyResult<'_>| side.result.domains.get(self.domain as usize)?.ends_in;
        let (end_a, end_b) = (end(a), end(b));
        let only_one_ends_in = |band: Band| match (end_a == Some(band), end_b == Some(band)) {
            (true, false) => Some(Side::A),
            (false, true) => Some(Side::B),
            _ => None,
        };
        let side = only_one_ends_in(Band::Poor).or_else(|| only_one_ends_in(Band::Good))?;
        let result = match side {
            Side::A => a.result,
            Side::B => b.result,
        };
        Some((side, result.moves_of(self.domain).last()?))
    }

    /// A move's check, explained. A check's window ends with its day, any other's with the day before.
    fn explain(&self, side: PolicyResult<'_>, change: &BandMove) -> Explanation {
        let end = change.day as usize + usize::from(change.is_by_check());
        let counts = self.window(end, side.policy.window_days);
        explain(side.policy, &counts, change.to.unwrap_or(Band::New))
    }

    fn side(&self, side: PolicyResult<'_>) -> SideAtDivergence {
        let moves = side.result.moves_of(self.domain);
        let until = (self.divergence.day, self.divergence.second);
        let moves_until = moves.partition_point(|change| (change.day, change.second) <= until);
        let result = side
            .result
            .domains
            .get(self.domain as usize)
            .copied()
            .unwrap_or_default();
        let last = moves_until.checked_sub(1).and_then(|last| moves.get(last));
        let band = last.map_or(result.starts_in, |last| last.to);
        let ended_by = moves.last().and_then(|last| match last.cause {
            Cause::Check(deciding) => Some((deciding, self.window(last.day as usize + 1, side.policy.window_days))),
            _ => None,
        });
        SideAtDivergence {
            band,
            checked: self.checked(side),
            ends_in: result.ends_in,
            ended_by,
            moves: result.moves,
            days_in_poor: result.days.poor,
        }
    }

    /// The latest check up to the divergence: that day's, where a check made the divergence.
    fn checked(&self, side: PolicyResult<'_>) -> Option<LatestCheck> {
        let every = side.policy.check_every_days.max(1);
        let days = self.divergence.day + u32::from(self.divergence.is_by_check());
        let end = if self.divergence.cause == Cause::Enrolled {
            days
        } else {
            days / every * every
        };
        let on = self.day(end.checked_sub(1)?);
        let counts = self.window(end as usize, side.policy.window_days);
        let check = poolkeeper_core::health::check(side.policy, &counts);
        Some(LatestCheck { on, counts, check })
    }

    /// Adds the domain's days and messages to the matrix; returns the days that ended in different bands.
    fn add_to_matrix(&self, a: &Backtest, b: &Backtest, days: &mut TransitionMatrix) -> u32 {
        let Some(columns) = self.data.table.columns(self.domain as usize) else {
            return 0;
        };
        let start = |result: &Backtest| {
            result
                .domains
                .get(self.domain as usize)
                .and_then(|domain| domain.starts_in)
        };
        let mut in_a = DayReplay::of(start(a), a.moves_of(self.domain));
        let mut in_b = DayReplay::of(start(b), b.moves_of(self.domain));
        let mut days_apart = 0;
        for (day, processed) in (0..).zip(columns.processed) {
            let ((sends_a, ends_a), (sends_b, ends_b)) = (in_a.on(day), in_b.on(day));
            if let (Some(a), Some(b)) = (sends_a, sends_b) {
                days.get_mut(a, b).add(0, u64::from(*processed));
            }
            if let (Some(a), Some(b)) = (ends_a, ends_b) {
                days.get_mut(a, b).add(1, 0);
            }
            days_apart += u32::from(ends_a != ends_b);
        }
        days_apart
    }
}

/// Replays a domain's moves day by day.
pub(super) struct DayReplay<'a> {
    band: Option<Band>,
    ahead: std::iter::Peekable<std::slice::Iter<'a, BandMove>>,
}

impl<'a> DayReplay<'a> {
    pub fn of(starts_in: Option<Band>, moves: &'a [BandMove]) -> Self {
        Self {
            band: starts_in,
            ahead: moves.iter().peekable(),
        }
    }

    /// The band a day's messages are sent from, and the band the day ends in. Call it for each day in order.
    pub fn on(&mut self, day: u32) -> (Option<Band>, Option<Band>) {
        while let Some(change) = self.ahead.next_if(|change| change.day == day && !change.is_by_check()) {
            self.band = change.to;
        }
        let sends = self.band;
        while let Some(change) = self.ahead.next_if(|change| change.day == day) {
            self.band = change.to;
        }
        (sends, self.band)
    }
}
