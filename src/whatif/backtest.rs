//! Replaying a policy over a table.

use super::{PerBand, Timeline, kernel, replay};
use crate::health::{Check, InvalidPolicy, Metric, Policy};
use crate::model::{Band, Day, Timestamp};
use crate::traffic::{CHUNK_DOMAINS, Table};
use serde::{Deserialize, Serialize};
use std::ops::{ControlFlow, Range};
use thiserror::Error;

/// A move back into the band that the move before it left, this many days after it or fewer, is a flap.
pub const FLAP_DAYS: u32 = 14;

/// Seconds into a day at which its check runs: its end.
pub(super) const CHECK_SECOND: u32 = 86_400;

/// Domain-days between two looks at whether to go on: some milliseconds of work on the slowest path.
const CELLS_PER_STEP: usize = 1 << 17;

/// What a backtest replays: the traffic, and what people did meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// The traffic.
    pub table: &'a Table,
    /// Enrolments and overrides; without it every domain is enrolled from the first day, as new, and none is pinned.
    pub timeline: Option<&'a Timeline>,
}

impl<'a> From<&'a Table> for Data<'a> {
    fn from(table: &'a Table) -> Self {
        Self { table, timeline: None }
    }
}

/// What to do with the overrides of a timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overrides {
    /// Pinned domains stay pinned, as they were.
    #[default]
    Kept,
    /// As if nobody had ever pinned a domain.
    Ignored,
}

/// The choices of a backtest that are not part of a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// What to do with overrides.
    pub overrides: Overrides,
}

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

    /// Whether a metric had a say.
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
    /// A person pinned it.
    Override,
    /// It was enrolled.
    Enrolled,
    /// It was taken out.
    Left,
}

/// One change of a domain's band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Move {
    /// The domain's position in the table.
    pub domain: u32,
    /// Days after the table's first.
    pub day: u32,
    /// Seconds into the day; a check's move comes at the day's end.
    pub second: u32,
    /// The band it left; `None` when it was not enrolled.
    pub from: Option<Band>,
    /// The band it came to; `None` when it was taken out.
    pub to: Option<Band>,
    /// Why.
    pub cause: Cause,
}

impl Move {
    /// When, in a table that begins on `first_day`.
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

/// What a policy did to one domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DomainResult {
    /// The band it has when the first day begins; `None` when it is not enrolled then.
    pub starts_in: Option<Band>,
    /// The band after the last day; `None` when it was not enrolled then.
    pub ends_in: Option<Band>,
    /// Moves by health checks.
    pub moves: u32,
    /// Of those, moves back within [`FLAP_DAYS`].
    pub flaps: u32,
    /// Days that ended in each band.
    pub days: PerBand<u32>,
    /// Messages processed while in each band.
    pub messages: PerBand<u64>,
}

/// A backtest's sums over all domains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Totals {
    /// Domains that end in each band.
    pub ends_in: PerBand<u64>,
    /// Moves by health checks.
    pub moves: u64,
    /// Of those, moves back within [`FLAP_DAYS`].
    pub flaps: u64,
    /// Domain-days in each band.
    pub domain_days: PerBand<u64>,
    /// Messages processed while in each band.
    pub messages: PerBand<u64>,
}

/// What a policy would have done, to every domain and on every day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backtest {
    /// The table's first day.
    pub first_day: Day,
    /// Days from the first to the last.
    pub day_count: u32,
    /// The table's position of the first domain here: 0, unless this is a part.
    pub first_domain: u32,
    /// Per day, domains by the band the day ended in.
    pub domains_by_day: PerBand<Vec<u32>>,
    /// Per day, processed messages by the band they were sent from.
    pub messages_by_day: PerBand<Vec<u64>>,
    /// What became of each domain, in the table's order.
    pub domains: Vec<DomainResult>,
    /// Every change of band, by domain and then in order of time.
    pub moves: Vec<Move>,
    /// Where each domain's moves begin in `moves`, and at the end their number.
    move_starts: Vec<u32>,
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BacktestError {
    /// The policy makes no sense.
    #[error("the policy makes no sense: {0}")]
    Policy(#[from] InvalidPolicy),
    /// Whoever asked wants it no more.
    #[error("stopped")]
    Stopped,
}

impl Backtest {
    /// No domain yet, and room for so many; parts are appended from this one on.
    pub(super) fn empty(table: &Table, first_domain: u32, room: usize) -> Self {
        let mut move_starts = Vec::with_capacity(room + 1);
        move_starts.push(0);
        let days = table.day_count() as usize;
        Self {
            first_day: table.first_day(),
            day_count: table.day_count(),
            first_domain,
            domains_by_day: PerBand::from_fn(|_| vec![0; days]),
            messages_by_day: PerBand::from_fn(|_| vec![0; days]),
            domains: Vec::with_capacity(room),
            // Under most policies a domain moves once or twice.
            moves: Vec::with_capacity(room.saturating_mul(2)),
            move_starts,
        }
    }

    /// A domain's changes of band, by its position in the table.
    #[must_use]
    pub fn moves_of(&self, domain: u32) -> &[Move] {
        let at = domain.wrapping_sub(self.first_domain) as usize;
        let (Some(from), Some(to)) = (self.move_starts.get(at), self.move_starts.get(at.wrapping_add(1))) else {
            return &[];
        };
        self.moves.get(*from as usize..*to as usize).unwrap_or(&[])
    }

    /// The sums over all domains.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for domain in &self.domains {
            if let Some(band) = domain.ends_in {
                *totals.ends_in.get_mut(band) += 1;
            }
            totals.moves += u64::from(domain.moves);
            totals.flaps += u64::from(domain.flaps);
            for band in Band::ALL {
                *totals.domain_days.get_mut(band) += u64::from(*domain.days.get(band));
                *totals.messages.get_mut(band) += domain.messages.get(band);
            }
        }
        totals
    }

    /// Adds the part that covers the domains right after this one's. Parts of one table add up to the whole.
    pub fn append(&mut self, part: &Self) {
        for band in Band::ALL {
            let domains = self.domains_by_day.get_mut(band).iter_mut();
            domains
                .zip(part.domains_by_day.get(band))
                .for_each(|(sum, more)| *sum += more);
            let messages = self.messages_by_day.get_mut(band).iter_mut();
            messages
                .zip(part.messages_by_day.get(band))
                .for_each(|(sum, more)| *sum += more);
        }
        let before = count_u32(self.moves.len());
        self.domains.extend_from_slice(&part.domains);
        self.moves.extend_from_slice(&part.moves);
        self.move_starts
            .extend(part.move_starts.iter().skip(1).map(|start| start + before));
    }

    /// Books one domain whose moves were just pushed: its days, its messages, its flaps. Messages while good are what the
    /// other bands leave of `sum`, all it processed: most domains are good on most days. By day, [`Backtest::settle`] does
    /// the same. `outside`: by day, messages of domains while not enrolled.
    fn book(&mut self, starts_in: Option<Band>, processed: &[u32], sum: u64, outside: &mut [u64]) {
        let from = self.move_starts.last().map_or(0, |start| *start as usize);
        let mut result = DomainResult {
            starts_in,
            ..DomainResult::default()
        };
        let mut good = sum;
        let mut stay_in = |band: Option<Band>, days: Range<usize>, sends: Range<usize>| {
            if let Some(band) = band {
                *result.days.get_mut(band) += count_u32(days.len());
                stay(self.domains_by_day.get_mut(band), days);
            }
            if band != Some(Band::Good) {
                let by_day = band.map_or(&mut *outside, |band| self.messages_by_day.get_mut(band).as_mut_slice());
                let messages = spread(by_day, processed, sends);
                good -= messages;
                if let Some(band) = band {
                    *result.messages.get_mut(band) += messages;
                }
            }
        };
        let (mut band, mut day_from, mut message_from) = (starts_in, 0, 0);
        let (mut moves, mut flaps) = (0, 0);
        let mut last_check: Option<&Move> = None;
        for change in self.moves.get(from..).unwrap_or(&[]) {
            let day = change.day as usize;
            let is_check = change.is_by_check();
            let sends_from = day + usize::from(is_check);
            stay_in(band, day_from..day, message_from..sends_from);
            if is_check {
                moves += 1;
                let is_back =
                    last_check.is_some_and(|last| last.from == change.to && change.day - last.day <= FLAP_DAYS);
                flaps += u32::from(is_back);
            }
            last_check = is_check.then_some(change);
            (band, day_from, message_from) = (change.to, day, sends_from);
        }
        let days = processed.len();
        stay_in(band, day_from..days, message_from..days);
        (result.moves, result.flaps, result.ends_in) = (moves, flaps, band);
        result.messages.good = good;
        self.domains.push(result);
        self.move_starts.push(count_u32(self.moves.len()));
    }

    /// Turns per-day changes into per-day counts, once all domains are booked, and messages of all bands into those while
    /// good.
    fn settle(&mut self, outside: &[u64]) {
        for band in Band::ALL {
            let mut count = 0_u32;
            for day in self.domains_by_day.get_mut(band) {
                count = count.wrapping_add(*day);
                *day = count;
            }
        }
        let PerBand { good, poor, new } = &mut self.messages_by_day;
        for ((good, poor), (new, outside)) in good.iter_mut().zip(poor).zip(new.iter().zip(outside)) {
            *good -= *poor + new + outside;
        }
    }
}

/// A count that fits: a table holds fewer than 2³² domains, days and moves.
fn count_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn add_up(sums: &mut [u64], more: &[u64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Adds a domain's messages of some days to the days' sums; gives what they come to.
fn spread(by_day: &mut [u64], processed: &[u32], days: Range<usize>) -> u64 {
    let (Some(by_day), Some(processed)) = (by_day.get_mut(days.clone()), processed.get(days)) else {
        return 0;
    };
    let mut sum = 0_u64;
    for (day, count) in by_day.iter_mut().zip(processed) {
        *day += u64::from(*count);
        sum += u64::from(*count);
    }
    sum
}

/// Notes that one more domain is in a band for some days, as a change on the first and one on the day after the last.
fn stay(changes: &mut [u32], days: Range<usize>) {
    if let Some(first) = changes.get_mut(days.start) {
        *first = first.wrapping_add(1);
    }
    if let Some(after) = changes.get_mut(days.end) {
        *after = after.wrapping_sub(1);
    }
}

/// Replays a policy over all domains.
///
/// # Errors
/// [`BacktestError::Policy`] for a policy out of range.
pub fn backtest<'a>(data: impl Into<Data<'a>>, policy: &Policy, options: &Options) -> Result<Backtest, BacktestError> {
    backtest_watched(data, policy, options, &mut |_| ControlFlow::Continue(()))
}

/// Replays a policy over all domains, telling `progress` after every few milliseconds how many domains are done.
///
/// # Errors
/// [`BacktestError::Policy`] for a policy out of range; [`BacktestError::Stopped`] when `progress` breaks.
pub fn backtest_watched<'a>(
    data: impl Into<Data<'a>>,
    policy: &Policy,
    options: &Options,
    progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Backtest, BacktestError> {
    let data = data.into();
    backtest_domains(data, policy, options, 0..data.table.domains().len(), progress)
}

/// Replays a policy over the domains at some positions, for parts that run side by side and are
/// [appended](Backtest::append) in order.
///
/// # Errors
/// As [`backtest_watched`].
pub fn backtest_domains(
    data: Data<'_>,
    policy: &Policy,
    options: &Options,
    domains: Range<usize>,
    progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Backtest, BacktestError> {
    policy.validate()?;
    let day_count = data.table.day_count() as usize;
    let plan = kernel::Plan::new(policy);
    let outline = data.table.outline(policy.window_days);
    let mut result = Backtest::empty(data.table, count_u32(domains.start), domains.len());
    let mut outside = vec![0; day_count];
    let domains_per_step = (CELLS_PER_STEP / day_count.max(1)).max(1);
    let all = domains.clone();
    let mut next_look = domains_per_step;
    for (done, domain) in domains.enumerate() {
        if done == next_look {
            next_look += domains_per_step;
            if progress(done).is_break() {
                return Err(BacktestError::Stopped);
            }
        }
        let (Some(columns), Some(outline)) = (data.table.columns(domain), outline.chunk(domain)) else {
            break;
        };
        let chunk = domain / CHUNK_DOMAINS * CHUNK_DOMAINS;
        if all.contains(&chunk) && chunk + CHUNK_DOMAINS <= all.end {
            if domain == chunk {
                add_up(&mut result.messages_by_day.good, outline.processed_by_day());
            }
        } else {
            spread(&mut result.messages_by_day.good, columns.processed, 0..day_count);
        }
        let position = count_u32(domain);
        let events = data.timeline.map_or(&[][..], |timeline| timeline.events(position));
        let is_enrolled = data
            .timeline
            .is_none_or(|timeline| timeline.enrolled_from_start(position));
        let starts_in = if events.is_empty() {
            if is_enrolled {
                plan.push_moves(&columns, outline.blocks(domain), position, &mut result.moves);
            }
            is_enrolled.then_some(Band::New)
        } else {
            let replay = replay::Replay {
                policy,
                options,
                columns: &columns,
                first_day: data.table.first_day(),
                domain: position,
            };
            replay.push_moves(events, is_enrolled, &mut result.moves)
        };
        result.book(starts_in, columns.processed, outline.processed(domain), &mut outside);
    }
    result.settle(&outside);
    Ok(result)
}
