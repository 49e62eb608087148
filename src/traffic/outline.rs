//! What is known of a table whatever is asked of it: worked out where it is first needed, and kept.
//!
//! For each domain and block of days, the greatest rates of a single day and the least mail; for each domain, its mail; for
//! each day, the mail of some domains together. So whoever looks for days on which a rate is past a threshold reads a few
//! numbers a block instead of all counts.

use super::DomainColumns;
use bytemuck::cast;
use std::ops::Range;
use std::sync::OnceLock;
use wide::{f32x4, i32x4, u32x4};

/// Days in a block, counted from the table's first.
pub const BLOCK_DAYS: usize = 16;

/// Domains whose outlines are worked out together.
pub const CHUNK_DOMAINS: usize = 256;

/// Counts from here on are not compared: their blocks claim the worst.
const LARGE: u32 = 1 << 30;

/// Whether there are vectors to look at four days at a time with.
const HAS_VECTORS: bool = cfg!(any(not(target_family = "wasm"), target_feature = "simd128"));

/// What a block of one domain's days holds at most.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Block {
    /// The most bounces of a day for each message delivered on it: two counts and a quotient, each rounded once.
    pub bounced_by_delivered: f32,
    /// The most complaints of a day for each message delivered on it, rounded likewise.
    pub complained_by_delivered: f32,
    /// The fewest messages that a day processed.
    pub least_processed: u32,
}

/// Outlines of [`CHUNK_DOMAINS`] domains that lie side by side.
#[derive(Clone, Debug)]
pub struct Chunk {
    blocks: Vec<Block>,
    blocks_per_domain: usize,
    /// Each domain's processed messages.
    processed: Vec<u64>,
    /// Each day's processed messages.
    processed_by_day: Vec<u64>,
}

impl Chunk {
    fn of<'a>(domains: impl Iterator<Item = DomainColumns<'a>>, day_count: usize) -> Self {
        let mut chunk = Self {
            blocks: Vec::with_capacity(CHUNK_DOMAINS * day_count.div_ceil(BLOCK_DAYS)),
            blocks_per_domain: day_count.div_ceil(BLOCK_DAYS),
            processed: Vec::with_capacity(CHUNK_DOMAINS),
            processed_by_day: vec![0; day_count],
        };
        for columns in domains {
            push_blocks(&columns, &mut chunk.blocks);
            let mut sum = 0;
            for (day, count) in chunk.processed_by_day.iter_mut().zip(columns.processed) {
                *day += u64::from(*count);
                sum += u64::from(*count);
            }
            chunk.processed.push(sum);
        }
        chunk
    }

    /// The blocks of a domain, by its position in the table.
    pub fn blocks(&self, domain: usize) -> &[Block] {
        let first = domain % CHUNK_DOMAINS * self.blocks_per_domain;
        self.blocks.get(first..first + self.blocks_per_domain).unwrap_or(&[])
    }

    /// The processed messages of a domain, by its position in the table.
    pub fn processed(&self, domain: usize) -> u64 {
        self.processed.get(domain % CHUNK_DOMAINS).copied().unwrap_or(0)
    }

    /// The processed messages of each day, of all domains of the chunk.
    pub fn processed_by_day(&self) -> &[u64] {
        &self.processed_by_day
    }
}

/// A table's outlines.
#[derive(Clone, Debug, Default)]
pub(super) struct Outlines(OnceLock<Vec<OnceLock<Chunk>>>);

impl Outlines {
    pub fn chunk<'a, C: Iterator<Item = DomainColumns<'a>>>(
        &self,
        domain: usize,
        (domains, days): (usize, usize),
        columns: impl Fn(Range<usize>) -> C,
    ) -> Option<&Chunk> {
        let chunks = || (0..domains.div_ceil(CHUNK_DOMAINS)).map(|_| OnceLock::new()).collect();
        let at = domain / CHUNK_DOMAINS;
        let chunk = self.0.get_or_init(chunks).get(at)?;
        let covers = at * CHUNK_DOMAINS..domains.min((at + 1) * CHUNK_DOMAINS);
        Some(chunk.get_or_init(|| Chunk::of(columns(covers), days)))
    }

    /// Forgets a domain's: its counts change.
    pub fn forget(&mut self, domain: usize) {
        let chunks = self.0.get_mut();
        if let Some(chunk) = chunks.and_then(|chunks| chunks.get_mut(domain / CHUNK_DOMAINS)) {
            chunk.take();
        }
    }
}

/// Tables are equal whatever has been worked out about them.
impl PartialEq for Outlines {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Outlines {}

/// Puts a domain's blocks at the end.
pub fn push_blocks(columns: &DomainColumns<'_>, blocks: &mut Vec<Block>) {
    let all = [
        columns.processed,
        columns.delivered,
        columns.bounced,
        columns.complained,
    ];
    let [(processed, _), (delivered, _), (bounced, _), (complained, _)] = all.map(<[u32]>::as_chunks::<BLOCK_DAYS>);
    let whole = processed.iter().zip(delivered).zip(bounced.iter().zip(complained));
    blocks.extend(whole.map(|((processed, delivered), (bounced, complained))| {
        if HAS_VECTORS {
            by_fours([processed, delivered, bounced, complained])
        } else {
            one_by_one([processed, delivered, bounced, complained])
        }
    }));
    let rest = columns.processed.len() % BLOCK_DAYS;
    if rest > 0 {
        blocks.push(one_by_one(
            all.map(|column| column.get(column.len() - rest..).unwrap_or(&[])),
        ));
    }
}

#[inline(always)]
fn by_fours([processed, delivered, bounced, complained]: [&[u32; BLOCK_DAYS]; 4]) -> Block {
    let fours = |column: &[u32; BLOCK_DAYS]| {
        let [a, b, c, d] = *column.as_chunks::<4>().0 else {
            return [u32x4::ZERO; 4];
        };
        [a, b, c, d].map(u32x4::new)
    };
    let [processed, delivered, bounced, complained] = [processed, delivered, bounced, complained].map(fours);
    let mut bits = u32x4::ZERO;
    let mut least: i32x4 = i32x4::splat(i32::MAX);
    let (mut bounces, mut complaints) = (f32x4::ZERO, f32x4::ZERO);
    let days = processed.iter().zip(delivered).zip(bounced.iter().zip(complained));
    for ((processed, delivered), (bounced, complained)) in days {
        bits |= *processed | delivered | *bounced | complained;
        least = least.min(cast(*processed));
        let [base, bounced, complained] =
            [delivered, *bounced, complained].map(|counts| f32x4::from_i32x4(cast(counts)));
        // Nothing of nothing is not a number and above nothing.
        let (bounced, complained) = (bounced / base, complained / base);
        bounces = bounced.simd_gt(bounces).bitselect(bounced, bounces);
        complaints = complained.simd_gt(complaints).bitselect(complained, complaints);
    }
    let most = |vector: f32x4| vector.to_array().into_iter().fold(0.0, f32::max);
    let bits = bits.to_array().into_iter().fold(0, |bits, more| bits | more);
    if bits >= LARGE {
        return WORST;
    }
    let least = least.to_array().into_iter().fold(i32::MAX, i32::min);
    Block {
        bounced_by_delivered: most(bounces),
        complained_by_delivered: most(complaints),
        least_processed: u32::try_from(least).unwrap_or(0),
    }
}

/// What a block claims whose counts are too large to compare.
const WORST: Block = Block {
    bounced_by_delivered: f32::INFINITY,
    complained_by_delivered: f32::INFINITY,
    least_processed: 0,
};

fn one_by_one([processed, delivered, bounced, complained]: [&[u32]; 4]) -> Block {
    let mut bits = 0;
    let mut block = Block {
        least_processed: i32::MAX.unsigned_abs(),
        ..Block::default()
    };
    let days = processed.iter().zip(delivered).zip(bounced.iter().zip(complained));
    for ((processed, delivered), (bounced, complained)) in days {
        bits |= *processed | *delivered | *bounced | *complained;
        block.least_processed = block.least_processed.min(*processed);
        let base = rounded(*delivered);
        let (bounces, complaints) = (rounded(*bounced) / base, rounded(*complained) / base);
        if bounces > block.bounced_by_delivered {
            block.bounced_by_delivered = bounces;
        }
        if complaints > block.complained_by_delivered {
            block.complained_by_delivered = complaints;
        }
    }
    if bits >= LARGE { WORST } else { block }
}

#[expect(clippy::cast_precision_loss, reason = "an outline is rounded, and says so")]
const fn rounded(count: u32) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With vectors and without, a block is the same, and is what its days say one by one.
    #[test]
    fn a_block_is_its_days() {
        let mut seed = 11_u32;
        let mut next = |end: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % end
        };
        let (mut worst, mut empty) = (0, 0);
        for round in 0..3_000_u32 {
            let ends = match round % 3 {
                0 => [4, 3, 2, 2],
                1 => [4, 3, 1, 2],
                _ => [1 << 20, 1 << 20, 1 << 17, 1 << 9],
            };
            let mut days = ends.map(|end| [(); BLOCK_DAYS].map(|()| next(end)));
            if round % 10 == 0 {
                days[round as usize / 10 % 4][round as usize % BLOCK_DAYS] = LARGE + round;
            }
            let [processed, delivered, bounced, complained] = &days;
            let block = by_fours([processed, delivered, bounced, complained]);
            assert_eq!(block, one_by_one([processed, delivered, bounced, complained]));
            if round % 10 == 0 {
                assert_eq!(block, WORST);
                worst += 1;
                continue;
            }
            assert_eq!(Some(&block.least_processed), processed.iter().min());
            for (most, events) in [
                (block.bounced_by_delivered, bounced),
                (block.complained_by_delivered, complained),
            ] {
                let rates = events.iter().zip(delivered).filter(|(events, _)| **events > 0);
                let rates: Vec<f64> = rates
                    .map(|(events, base)| f64::from(*events) / f64::from(*base))
                    .collect();
                let expected = rates.iter().copied().fold(0.0, f64::max);
                empty += u32::from(rates.is_empty());
                let most = f64::from(most);
                assert!(
                    most == expected || (most - expected).abs() <= expected * 2.0_f64.powi(-22),
                    "{most} for {expected}"
                );
            }
        }
        assert!(worst == 300 && empty > 0);
    }
}
