//! Summaries of a table's windows of one length, for any thresholds (a zone map). They are computed on first use and
//! cached.
//!
//! A [`BlockSummary`] has the highest rates and the most and least mail of the windows that end in a block of days. A
//! [`DomainSummary`] has the same for all days, and the domain's first windows. A search for windows past a threshold
//! mostly reads the domain's summary alone, instead of all counts.

use super::columns::DomainColumns;
use bytemuck::cast;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wide::{f32x4, i32x4, u32x4};

/// Days in a block, counted from the table's first.
pub const BLOCK_DAYS: usize = 16;

/// Windows stored for each domain from its first day with mail. Most domains leave their first band within these.
pub const FIRST_WINDOWS: usize = 8;

/// Domains whose summaries are computed together.
pub const CHUNK_DOMAINS: usize = 256;

/// Domains with this many messages of one kind or more get [`WORST`] for every block, so that sums fit an `i32`.
const LARGE_MESSAGES: u64 = 1 << 30;

/// Window lengths cached at once: the current policy's and a draft's.
const MAX_CACHED: usize = 2;

/// Bounds of the windows that end in a block of one domain's days. A window that begins before the table's first day is
/// shorter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BlockSummary {
    /// The highest ratio of bounces to delivered messages: two sums and a quotient, each rounded once. Very large where
    /// nothing was delivered.
    pub bounced_by_delivered: f32,
    /// The highest ratio of complaints to delivered messages, rounded likewise.
    pub complained_by_delivered: f32,
    /// The most complaints of a window.
    pub most_complained: u32,
    /// The most messages that a window processed.
    pub most_processed: u32,
    /// The fewest messages that a window processed.
    pub least_processed: u32,
}

impl BlockSummary {
    /// The bounds of two blocks together.
    fn merge(&self, other: &Self) -> Self {
        Self {
            bounced_by_delivered: self.bounced_by_delivered.max(other.bounced_by_delivered),
            complained_by_delivered: self.complained_by_delivered.max(other.complained_by_delivered),
            most_complained: self.most_complained.max(other.most_complained),
            most_processed: self.most_processed.max(other.most_processed),
            least_processed: self.least_processed.min(other.least_processed),
        }
    }
}

/// A summary of one domain's windows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DomainSummary {
    /// Bounds of all its windows.
    pub whole: BlockSummary,
    /// The first day with mail; 0 where there is none.
    pub first_day: u32,
    /// How many windows `first` has: fewer where the table ends, and none where sums are too large.
    pub first_window_count: u32,
    /// The windows that end on the first day with mail and on those after it: processed, delivered, bounced, complained.
    pub first: [[u32; 4]; FIRST_WINDOWS],
    /// Its processed messages.
    pub processed: u64,
}

/// Bounds of a block whose sums are too large to compare: no window is ruled out.
const WORST: BlockSummary = BlockSummary {
    bounced_by_delivered: f32::INFINITY,
    complained_by_delivered: f32::INFINITY,
    most_complained: u32::MAX,
    most_processed: u32::MAX,
    least_processed: 0,
};

/// Summaries of [`CHUNK_DOMAINS`] adjacent domains.
#[derive(Debug)]
pub struct ChunkIndex {
    blocks: Vec<BlockSummary>,
    blocks_per_domain: usize,
    summaries: Vec<DomainSummary>,
    /// Each day's processed messages.
    processed_by_day: Vec<u64>,
}

impl ChunkIndex {
    fn of<'a>(domains: impl Iterator<Item = DomainColumns<'a>>, day_count: usize, window_days: usize) -> Self {
        let blocks_per_domain = day_count.div_ceil(BLOCK_DAYS);
        let mut chunk = Self {
            blocks: Vec::with_capacity(CHUNK_DOMAINS * blocks_per_domain),
            blocks_per_domain,
            summaries: Vec::with_capacity(CHUNK_DOMAINS),
            processed_by_day: vec![0; day_count],
        };
        let mut running = RunningSums::new(day_count, window_days);
        for columns in domains {
            chunk.summaries.push(running.push_blocks(&columns, &mut chunk.blocks));
            let by_day = chunk.processed_by_day.iter_mut().zip(columns.processed);
            by_day.for_each(|(day, count)| *day += u64::from(*count));
        }
        chunk
    }

    /// The blocks of a domain, by its position in the table.
    pub fn blocks(&self, domain: usize) -> &[BlockSummary] {
        let first = domain % CHUNK_DOMAINS * self.blocks_per_domain;
        self.blocks.get(first..first + self.blocks_per_domain).unwrap_or(&[])
    }

    /// A domain's summary, by its position in the table.
    pub fn domain_summary(&self, domain: usize) -> Option<&DomainSummary> {
        self.summaries.get(domain % CHUNK_DOMAINS)
    }

    /// The processed messages of each day, of all domains of the chunk.
    pub fn processed_by_day(&self) -> &[u64] {
        &self.processed_by_day
    }
}

/// A table's cached indexes. A copy of a table starts without any.
#[derive(Debug, Default)]
pub(super) struct WindowIndexes(Mutex<Vec<CachedIndex>>);

/// The windows of one length.
#[derive(Clone, Debug)]
pub(super) struct CachedIndex {
    window_days: u32,
    chunks: Arc<Vec<OnceLock<ChunkIndex>>>,
}

impl WindowIndexes {
    /// The index of windows of this length. Its chunks are computed when they are first read.
    pub fn of(&self, domain_count: usize, window_days: u32) -> CachedIndex {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = match all.iter().position(|cached| cached.window_days == window_days) {
            Some(at) => all.remove(at),
            None => CachedIndex {
                window_days,
                chunks: Arc::new(
                    (0..domain_count.div_ceil(CHUNK_DOMAINS))
                        .map(|_| OnceLock::new())
                        .collect(),
                ),
            },
        };
        all.push(cached.clone());
        let surplus = all.len().saturating_sub(MAX_CACHED);
        all.drain(..surplus);
        cached
    }

    /// Drops all indexes, because counts change.
    pub fn clear(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl CachedIndex {
    /// The chunk that a domain is in, by its position in the table; `columns` reads a domain's counts.
    pub fn chunk<'a>(
        &self,
        domain: usize,
        (domain_count, day_count): (usize, usize),
        columns: impl Fn(usize) -> Option<DomainColumns<'a>>,
    ) -> Option<&ChunkIndex> {
        let at = domain / CHUNK_DOMAINS;
        let chunk = self.chunks.get(at)?;
        Some(chunk.get_or_init(|| {
            let covers = at * CHUNK_DOMAINS..domain_count.min((at + 1) * CHUNK_DOMAINS);
            ChunkIndex::of(covers.filter_map(columns), day_count, self.window_days as usize)
        }))
    }
}

impl Clone for WindowIndexes {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Caches do not affect whether tables are equal.
impl PartialEq for WindowIndexes {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for WindowIndexes {}

/// Prefix sums of one domain's counts: a window's sum is the difference of two of them. `window_days` zeros precede the
/// first day. After the last day the last window repeats up to the end of its block.
struct RunningSums {
    window_days: usize,
    day_count: usize,
    processed: Vec<u32>,
    delivered: Vec<u32>,
    bounced: Vec<u32>,
    complained: Vec<u32>,
}

impl RunningSums {
    fn new(day_count: usize, window_days: usize) -> Self {
        let zeros = || vec![0; window_days + day_count.next_multiple_of(BLOCK_DAYS)];
        Self {
            window_days,
            day_count,
            processed: zeros(),
            delivered: zeros(),
            bounced: zeros(),
            complained: zeros(),
        }
    }

    /// Appends a domain's blocks to `blocks`; returns its summary.
    fn push_blocks(&mut self, columns: &DomainColumns<'_>, blocks: &mut Vec<BlockSummary>) -> DomainSummary {
        let Self {
            window_days,
            day_count,
            processed,
            delivered,
            bounced,
            complained,
        } = self;
        let count = day_count.div_ceil(BLOCK_DAYS);
        let first_block = blocks.len();
        let sum = fill_running_sums(columns.processed, *window_days, processed);
        let most = fill_running_sums(columns.delivered, *window_days, delivered)
            .max(fill_running_sums(columns.bounced, *window_days, bounced))
            .max(fill_running_sums(columns.complained, *window_days, complained))
            .max(sum);
        let mut summary = DomainSummary {
            processed: sum,
            ..DomainSummary::default()
        };
        if most < LARGE_MESSAGES {
            let all = [&*processed, delivered, bounced, complained];
            let windows = |at| all.map(|running| windows(running, *window_days, at * BLOCK_DAYS));
            blocks.extend((0..count).map(|at| summarize_block(windows(at))));
            let first_day = columns.processed.iter().position(|count| *count > 0).unwrap_or(0);
            for (first, day) in summary.first.iter_mut().zip(first_day..*day_count) {
                *first = all.map(|running| window(running, *window_days, day));
                summary.first_window_count += 1;
            }
            summary.first_day = u32::try_from(first_day).unwrap_or(u32::MAX);
        } else {
            blocks.extend(std::iter::repeat_n(WORST, count));
        }
        let whole = blocks.get(first_block..).unwrap_or(&[]).iter().copied();
        summary.whole = whole.reduce(|all, block| all.merge(&block)).unwrap_or_default();
        summary
    }
}

/// Writes a column's prefix sums after the first `window_days` places, which stay zero; returns the total.
#[expect(
    clippy::cast_possible_truncation,
    reason = "sums of LARGE_MESSAGES or more are not read"
)]
fn fill_running_sums(column: &[u32], window_days: usize, running: &mut [u32]) -> u64 {
    let mut sum = 0_u64;
    let (_, of_days) = running.split_at_mut(window_days.min(running.len()));
    for (place, count) in of_days.iter_mut().zip(column) {
        sum += u64::from(*count);
        *place = sum as u32;
    }
    // Each window after the last day repeats the one before it.
    for after in column.len().max(1)..of_days.len() {
        let at = |place: usize| running.get(place).copied().unwrap_or(0);
        let next = at(after + window_days - 1)
            .wrapping_sub(at(after - 1))
            .wrapping_add(at(after));
        if let Some(place) = running.get_mut(after + window_days) {
            *place = next;
        }
    }
    sum
}

/// The sum of the window that ends on a day.
fn window(running: &[u32], window_days: usize, day: usize) -> u32 {
    let at = |place: usize| running.get(place).copied().unwrap_or(0);
    at(day + window_days).wrapping_sub(at(day))
}

/// The sums of the windows that end on the days of a block.
#[inline(always)]
fn windows(running: &[u32], window_days: usize, first: usize) -> [u32x4; BLOCK_DAYS / 4] {
    let from = |at: usize| running.get(at..).and_then(|rest| rest.first_chunk::<BLOCK_DAYS>());
    let (Some(before), Some(at_end)) = (from(first), from(first + window_days)) else {
        return [u32x4::ZERO; BLOCK_DAYS / 4];
    };
    let four = |days: &[u32; BLOCK_DAYS], at: usize| {
        let four = days.as_chunks::<4>().0.get(at);
        four.map_or(u32x4::ZERO, |four| u32x4::new(*four))
    };
    std::array::from_fn(|at| four(at_end, at) - four(before, at))
}

#[inline(always)]
fn summarize_block([processed, delivered, bounced, complained]: [[u32x4; BLOCK_DAYS / 4]; 4]) -> BlockSummary {
    let signed = |sums: u32x4| cast::<u32x4, i32x4>(sums);
    let rounded = |sums: u32x4| f32x4::from_i32x4(signed(sums));
    let (mut least, mut most, mut complaints) = (i32x4::splat(i32::MAX), i32x4::ZERO, i32x4::ZERO);
    let (mut by_bounces, mut by_complaints) = (f32x4::ZERO, f32x4::ZERO);
    let windows = processed
        .into_iter()
        .zip(delivered)
        .zip(bounced.into_iter().zip(complained));
    for ((processed, delivered), (bounced, complained)) in windows {
        least = least.min(signed(processed));
        most = most.max(signed(processed));
        complaints = complaints.max(signed(complained));
        // With 0 delivered, 0 events give the ratio 0, and any event gives one above all thresholds.
        let base = rounded(delivered).fast_max(f32x4::splat(f32::MIN_POSITIVE));
        by_bounces = by_bounces.fast_max(rounded(bounced) / base);
        by_complaints = by_complaints.fast_max(rounded(complained) / base);
    }
    let greatest = |rates: f32x4| rates.to_array().into_iter().fold(0.0, f32::max);
    let lanes = |sums: i32x4| sums.to_array().map(i32::unsigned_abs).into_iter();
    BlockSummary {
        bounced_by_delivered: greatest(by_bounces),
        complained_by_delivered: greatest(by_complaints),
        most_complained: lanes(complaints).fold(0, u32::max),
        most_processed: lanes(most).fold(0, u32::max),
        least_processed: lanes(least).fold(u32::MAX, u32::min),
    }
}

#[cfg(test)]
mod tests;
