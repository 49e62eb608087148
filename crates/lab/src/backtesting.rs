//! Replaying a policy over a table, some domains at a time.

use super::backtest::{Backtest, BandMove, DomainResult, FLAP_DAYS};
use super::{PerBand, Timeline, kernel, replay};
use poolkeeper_core::health::{InvalidPolicy, Policy};
use poolkeeper_core::model::Band;
use poolkeeper_core::traffic::{CHUNK_DOMAINS, Table};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What a backtest replays: the traffic, and what people did meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct ReplayData<'a> {
    /// The traffic.
    pub table: &'a Table,
    /// Enrolments and overrides; without it every domain is enrolled from the first day, as new, and none is pinned.
    pub timeline: Option<&'a Timeline>,
}

impl<'a> From<&'a Table> for ReplayData<'a> {
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
pub struct ReplayOptions {
    /// What to do with overrides.
    pub overrides: Overrides,
}

/// A backtest under way: domains are replayed in the table's order, as many at a time as whoever asks likes.
pub struct BacktestRun {
    policy: Policy,
    options: ReplayOptions,
    books: PartialTotals,
}

/// What the domains so far came to.
struct PartialTotals {
    /// With changes from the day before in `domains_by_day`, and messages of all bands in `messages_by_day.good`.
    result: Backtest,
    /// By day, messages of domains while not enrolled.
    outside: Vec<u64>,
}

impl BacktestRun {
    /// Begins with the first of the domains at some positions.
    ///
    /// # Errors
    /// [`InvalidPolicy`] for a policy out of range.
    pub fn new(
        table: &Table,
        policy: &Policy,
        options: &ReplayOptions,
        domains: &Range<usize>,
    ) -> Result<Self, InvalidPolicy> {
        policy.validate()?;
        Ok(Self {
            policy: policy.clone(),
            options: *options,
            books: PartialTotals::empty(table, domains),
        })
    }

    /// Another that begins further on in the same table, to be [appended](Self::append) to this one.
    #[must_use]
    pub fn part(&self, table: &Table, domains: &Range<usize>) -> Self {
        Self {
            policy: self.policy.clone(),
            options: self.options,
            books: PartialTotals::empty(table, domains),
        }
    }

    /// Replays the domains at the next positions.
    pub fn replay(&mut self, data: ReplayData<'_>, domains: Range<usize>) {
        let plan = kernel::ReplayPlan::new(&self.policy);
        let outline = data.table.outline(self.policy.window_days);
        for piece in pieces(domains) {
            let (Some(chunk), Some(sent)) = (outline.chunk(piece.start), data.table.columns_of(piece.clone())) else {
                break;
            };
            let by_day = &mut self.books.result.messages_by_day.good;
            if piece.len() == CHUNK_DOMAINS {
                add_up(by_day, chunk.processed_by_day());
            } else {
                for processed in sent.processed.chunks_exact(by_day.len().max(1)) {
                    spread(by_day, processed, 0..processed.len());
                }
            }
            for domain in piece {
                let (Some(columns), Some(gist)) = (data.table.columns(domain), chunk.gist(domain)) else {
                    break;
                };
                let position = count_u32(domain);
                let events = data.timeline.map_or(&[][..], |timeline| timeline.events(position));
                let is_enrolled = data
                    .timeline
                    .is_none_or(|timeline| timeline.enrolled_from_start(position));
                let moves = &mut self.books.result.moves;
                let starts_in = if events.is_empty() {
                    if is_enrolled {
                        plan.push_moves(&columns, (gist, chunk.blocks(domain)), position, moves);
                    }
                    is_enrolled.then_some(Band::New)
                } else {
                    let replay = replay::ExactReplay {
                        policy: &self.policy,
                        options: &self.options,
                        columns: &columns,
                        first_day: data.table.first_day(),
                        domain: position,
                    };
                    replay.push_moves(events, is_enrolled, moves)
                };
                self.books.book(starts_in, columns.processed, gist.processed);
            }
        }
    }

    /// Adds one that covers the domains right after this one's.
    pub fn append(&mut self, part: &Self) {
        self.books.append(&part.books);
    }

    /// What it came to.
    #[must_use]
    pub fn finish(self) -> Backtest {
        self.books.close()
    }
}

impl PartialTotals {
    fn empty(table: &Table, domains: &Range<usize>) -> Self {
        let days = table.day_count() as usize;
        let mut move_starts = Vec::with_capacity(domains.len() + 1);
        move_starts.push(0);
        Self {
            result: Backtest {
                first_day: table.first_day(),
                day_count: table.day_count(),
                first_domain: count_u32(domains.start),
                domains_by_day: PerBand::from_fn(|_| vec![0; days]),
                messages_by_day: PerBand::from_fn(|_| vec![0; days]),
                domains: Vec::with_capacity(domains.len()),
                // Under most policies a domain moves once or twice.
                moves: Vec::with_capacity(domains.len().saturating_mul(2)),
                move_starts,
            },
            outside: vec![0; days],
        }
    }

    fn append(&mut self, part: &Self) {
        let Self { result, outside } = self;
        for band in Band::ALL {
            let changes = result.domains_by_day.get_mut(band).iter_mut();
            changes
                .zip(part.result.domains_by_day.get(band))
                .for_each(|(sum, more)| *sum = sum.wrapping_add(*more));
            let messages = part.result.messages_by_day.get(band);
            add_up(result.messages_by_day.get_mut(band), messages);
        }
        add_up(outside, &part.outside);
        let before = count_u32(result.moves.len());
        result.domains.extend_from_slice(&part.result.domains);
        result.moves.extend_from_slice(&part.result.moves);
        let starts = part.result.move_starts.iter().skip(1);
        result.move_starts.extend(starts.map(|start| start + before));
    }

    /// Adds up what was noted as changes.
    fn close(self) -> Backtest {
        let Self { mut result, outside } = self;
        for band in Band::ALL {
            let mut count = 0_u32;
            for day in result.domains_by_day.get_mut(band) {
                count = count.wrapping_add(*day);
                *day = count;
            }
        }
        let PerBand { good, poor, new } = &mut result.messages_by_day;
        for ((good, poor), (new, outside)) in good.iter_mut().zip(poor).zip(new.iter().zip(outside)) {
            *good -= *poor + *new + outside;
        }
        result
    }

    /// Books one domain whose moves were just pushed: its days, its messages, its flaps. Messages while good are what the
    /// other bands leave of `sum`, all it processed: most domains are good on most days.
    fn book(&mut self, starts_in: Option<Band>, processed: &[u32], sum: u64) {
        let Self { result: all, outside } = self;
        let from = all.move_starts.last().map_or(0, |start| *start as usize);
        let mut result = DomainResult {
            starts_in,
            ..DomainResult::default()
        };
        let mut good = sum;
        let mut stay_in = |band: Option<Band>, days: Range<usize>, sends: Range<usize>| {
            if let Some(band) = band {
                *result.days.get_mut(band) += count_u32(days.len());
                stay(all.domains_by_day.get_mut(band), days);
            }
            if band != Some(Band::Good) {
                let by_day = band.map_or(&mut *outside, |band| all.messages_by_day.get_mut(band));
                let messages = spread(by_day, processed, sends);
                good -= messages;
                if let Some(band) = band {
                    *result.messages.get_mut(band) += messages;
                }
            }
        };
        let (mut band, mut day_from, mut message_from) = (starts_in, 0, 0);
        let (mut moves, mut flaps) = (0, 0);
        let mut last_check: Option<&BandMove> = None;
        for change in all.moves.get(from..).unwrap_or(&[]) {
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
        all.domains.push(result);
        all.move_starts.push(count_u32(all.moves.len()));
    }
}

/// A count that fits: a table holds fewer than 2³² domains, days and moves.
fn count_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn add_up(sums: &mut [u64], more: &[u64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Cuts where the table's chunks begin.
fn pieces(domains: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let chunks = domains.start / CHUNK_DOMAINS..domains.end.div_ceil(CHUNK_DOMAINS);
    chunks.map(move |chunk| {
        let whole = chunk * CHUNK_DOMAINS..(chunk + 1) * CHUNK_DOMAINS;
        whole.start.max(domains.start)..whole.end.min(domains.end)
    })
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
/// [`InvalidPolicy`] for a policy out of range.
pub fn backtest<'a>(
    data: impl Into<ReplayData<'a>>,
    policy: &Policy,
    options: &ReplayOptions,
) -> Result<Backtest, InvalidPolicy> {
    let data = data.into();
    backtest_domains(data, policy, options, 0..data.table.domains().len())
}

/// Replays a policy over the domains at some positions.
///
/// # Errors
/// [`InvalidPolicy`] for a policy out of range.
pub fn backtest_domains(
    data: ReplayData<'_>,
    policy: &Policy,
    options: &ReplayOptions,
    domains: Range<usize>,
) -> Result<Backtest, InvalidPolicy> {
    let mut backtesting = BacktestRun::new(data.table, policy, options, &domains)?;
    backtesting.replay(data, domains);
    Ok(backtesting.finish())
}
