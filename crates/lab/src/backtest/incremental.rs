//! The incremental backtest: replays some domains at a time and adds up the result.

use super::exact::ExactReplay;
use super::fast::ReplayPlan;
use super::options::{ReplayData, ReplayOptions};
use super::result::{Backtest, BandMove, DomainResult, FLAP_DAYS};
use super::startup::startup_days;
use poolkeeper_core::health::{InvalidPolicy, Policy};
use poolkeeper_core::model::Band;
use poolkeeper_core::traffic::{CHUNK_DOMAINS, Table};
use poolkeeper_simulator::sim::PerBand;
use std::ops::Range;

/// A backtest under way. Domains are replayed in the table's order, any number at a time.
pub struct BacktestRun {
    policy: Policy,
    options: ReplayOptions,
    totals: PartialTotals,
}

/// Totals of the domains replayed so far.
struct PartialTotals {
    /// Until it is finished, `domains_by_day` has each day's change from the day before, and `messages_by_day.good` has
    /// the messages of all bands.
    result: Backtest,
    /// Messages per day of domains while not enrolled.
    unenrolled: Vec<u64>,
}

impl BacktestRun {
    /// A run over the domains at these positions.
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
            totals: PartialTotals::empty(table, policy, domains),
        })
    }

    /// A run of a later part of the same table, to be [appended](Self::append) to this one.
    #[must_use]
    pub fn part(&self, table: &Table, domains: &Range<usize>) -> Self {
        Self {
            policy: self.policy.clone(),
            options: self.options,
            totals: PartialTotals::empty(table, &self.policy, domains),
        }
    }

    /// Replays the domains at the next positions.
    pub fn replay(&mut self, data: ReplayData<'_>, domains: Range<usize>) {
        let plan = ReplayPlan::new(&self.policy);
        let index = data.table.window_index(self.policy.window_days);
        for chunk_range in chunk_ranges(domains) {
            let (Some(chunk), Some(chunk_columns)) = (
                index.chunk(chunk_range.start),
                data.table.columns_of(chunk_range.clone()),
            ) else {
                break;
            };
            let by_day = &mut self.totals.result.messages_by_day.good;
            if chunk_range.len() == CHUNK_DOMAINS {
                add_each(by_day, chunk.processed_by_day());
            } else {
                for processed in chunk_columns.processed.chunks_exact(by_day.len().max(1)) {
                    add_messages(by_day, processed, 0..processed.len());
                }
            }
            for domain in chunk_range {
                let (Some(columns), Some(summary)) = (data.table.columns(domain), chunk.domain_summary(domain)) else {
                    break;
                };
                let position = count_u32(domain);
                let events = data.timeline.map_or(&[][..], |timeline| timeline.events(position));
                let is_enrolled = data
                    .timeline
                    .is_none_or(|timeline| timeline.is_enrolled_from_start(position));
                let moves = &mut self.totals.result.moves;
                let starts_in = if events.is_empty() {
                    if is_enrolled {
                        plan.push_moves(&columns, (summary, chunk.blocks(domain)), position, moves);
                    }
                    is_enrolled.then_some(Band::New)
                } else {
                    let replay = ExactReplay {
                        policy: &self.policy,
                        options: &self.options,
                        columns: &columns,
                        first_day: data.table.first_day(),
                        domain: position,
                    };
                    replay.push_moves(events, is_enrolled, moves)
                };
                self.totals.add_domain(starts_in, columns.processed, summary.processed);
            }
        }
    }

    /// Adds the run of the domains that follow this one's.
    pub fn append(&mut self, part: &Self) {
        self.totals.append(&part.totals);
    }

    /// The finished backtest.
    #[must_use]
    pub fn finish(self) -> Backtest {
        self.totals.into_backtest()
    }
}

impl PartialTotals {
    fn empty(table: &Table, policy: &Policy, domains: &Range<usize>) -> Self {
        let days = table.day_count() as usize;
        let mut move_starts = Vec::with_capacity(domains.len() + 1);
        move_starts.push(0);
        Self {
            result: Backtest {
                first_day: table.first_day(),
                day_count: table.day_count(),
                startup_days: startup_days(policy).min(table.day_count()),
                first_domain: count_u32(domains.start),
                domains_by_day: PerBand::from_fn(|_| vec![0; days]),
                messages_by_day: PerBand::from_fn(|_| vec![0; days]),
                domains: Vec::with_capacity(domains.len()),
                // Under most policies a domain moves once or twice.
                moves: Vec::with_capacity(domains.len().saturating_mul(2)),
                move_starts,
            },
            unenrolled: vec![0; days],
        }
    }

    fn append(&mut self, part: &Self) {
        let Self { result, unenrolled } = self;
        for band in Band::ALL {
            let changes = result.domains_by_day.get_mut(band).iter_mut();
            changes
                .zip(part.result.domains_by_day.get(band))
                .for_each(|(sum, more)| *sum = sum.wrapping_add(*more));
            let messages = part.result.messages_by_day.get(band);
            add_each(result.messages_by_day.get_mut(band), messages);
        }
        add_each(unenrolled, &part.unenrolled);
        let before = count_u32(result.moves.len());
        result.domains.extend_from_slice(&part.result.domains);
        result.moves.extend_from_slice(&part.result.moves);
        let starts = part.result.move_starts.iter().skip(1);
        result.move_starts.extend(starts.map(|start| start + before));
    }

    /// Turns daily changes into counts.
    fn into_backtest(self) -> Backtest {
        let Self { mut result, unenrolled } = self;
        for band in Band::ALL {
            let mut count = 0_u32;
            for day in result.domains_by_day.get_mut(band) {
                count = count.wrapping_add(*day);
                *day = count;
            }
        }
        let PerBand { good, poor, new } = &mut result.messages_by_day;
        for ((good, poor), (new, unenrolled)) in good.iter_mut().zip(poor).zip(new.iter().zip(unenrolled)) {
            *good -= *poor + *new + unenrolled;
        }
        result
    }

    /// Adds the days, messages and flaps of one domain whose moves were just pushed. Messages while good are `sum` less
    /// the others, because most domains are good on most days.
    fn add_domain(&mut self, starts_in: Option<Band>, processed: &[u32], sum: u64) {
        let Self {
            result: all,
            unenrolled,
        } = self;
        let from = all.move_starts.last().map_or(0, |start| *start as usize);
        let mut result = DomainResult {
            starts_in,
            ..DomainResult::default()
        };
        let mut good = sum;
        let mut add_stay_in = |band: Option<Band>, days: Range<usize>, sends: Range<usize>| {
            if let Some(band) = band {
                *result.days.get_mut(band) += count_u32(days.len());
                add_stay(all.domains_by_day.get_mut(band), days);
            }
            if band != Some(Band::Good) {
                let by_day = band.map_or(&mut *unenrolled, |band| all.messages_by_day.get_mut(band));
                let messages = add_messages(by_day, processed, sends);
                good -= messages;
                if let Some(band) = band {
                    *result.messages.get_mut(band) += messages;
                }
            }
        };
        let (mut band, mut day_from, mut message_from) = (starts_in, 0, 0);
        let (mut moves, mut startup_moves, mut flaps) = (0, 0, 0);
        let mut last_check: Option<&BandMove> = None;
        for change in all.moves.get(from..).unwrap_or(&[]) {
            let day = change.day as usize;
            let is_check = change.is_by_check();
            let sends_from = day + usize::from(is_check);
            add_stay_in(band, day_from..day, message_from..sends_from);
            if is_check {
                let is_at_start = change.day < all.startup_days;
                let is_back =
                    last_check.is_some_and(|last| last.from == change.to && change.day - last.day <= FLAP_DAYS);
                moves += 1;
                startup_moves += u32::from(is_at_start);
                flaps += u32::from(is_back && !is_at_start);
            }
            last_check = is_check.then_some(change);
            (band, day_from, message_from) = (change.to, day, sends_from);
        }
        let days = processed.len();
        add_stay_in(band, day_from..days, message_from..days);
        (result.moves, result.startup_moves, result.flaps) = (moves, startup_moves, flaps);
        result.ends_in = band;
        result.messages.good = good;
        all.domains.push(result);
        all.move_starts.push(count_u32(all.moves.len()));
    }
}

/// A count that fits: a table holds fewer than 2³² domains, days and moves.
fn count_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn add_each(sums: &mut [u64], more: &[u64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Splits a range at the table's chunks.
fn chunk_ranges(domains: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let chunks = domains.start / CHUNK_DOMAINS..domains.end.div_ceil(CHUNK_DOMAINS);
    chunks.map(move |chunk| {
        let whole = chunk * CHUNK_DOMAINS..(chunk + 1) * CHUNK_DOMAINS;
        whole.start.max(domains.start)..whole.end.min(domains.end)
    })
}

/// Adds a domain's messages on some days to the daily sums; returns their total.
fn add_messages(by_day: &mut [u64], processed: &[u32], days: Range<usize>) -> u64 {
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

/// Counts one more domain in a band for some days, as changes on the first day and on the day after the last.
fn add_stay(changes: &mut [u32], days: Range<usize>) {
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
///
/// # Examples
/// ```
/// use poolkeeper_core::health::Policy;
/// use poolkeeper_core::model::{Band, Counts, Day, DomainName};
/// use poolkeeper_core::traffic::{Table, TableDomain};
/// use poolkeeper_lab::{ReplayOptions, backtest};
///
/// // One domain, ten days on which a fifth of the mail bounced.
/// let domain = TableDomain { name: DomainName::as_sent("a.example"), account: 0 };
/// let mut table = Table::empty(Day(20_000), 10, vec!["Acme".to_owned()], vec![domain]);
/// let row = Counts { processed: 1_000, delivered: 800, bounced: 200, complained: 0 };
/// for day in 0..10 {
///     table.add(0, Day(20_000).plus(day), &row).unwrap();
/// }
/// let result = backtest(&table, &Policy::default(), &ReplayOptions::default())?;
/// assert_eq!(result.domains[0].ends_in, Some(Band::Poor));
/// assert_eq!(result.totals().moves, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    let mut run = BacktestRun::new(data.table, policy, options, &domains)?;
    run.replay(data, domains);
    Ok(run.finish())
}

/// Replays a policy over one domain.
pub(crate) fn backtest_domain(
    data: ReplayData<'_>,
    domain: u32,
    policy: &Policy,
    options: &ReplayOptions,
) -> Result<Backtest, InvalidPolicy> {
    let at = domain as usize;
    backtest_domains(data, policy, options, at..at + 1)
}
