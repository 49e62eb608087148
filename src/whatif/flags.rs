//! Days on which a domain's own rates could be poor, as bits: four days at a time where there are vectors.
//!
//! Rates are compared in `f32`, where one within 2⁻²⁰ of a threshold counts as past it. So a flag says that a day *may* be
//! poor; that it is not is certain.

use crate::health::{BelowMinimum, Metric, PPM, Policy};
use crate::traffic::{BLOCK_DAYS, Block, DomainColumns};
use bytemuck::cast;
use wide::{f32x4, i32x4, u32x4};

/// Blocks of days whose flags share a word.
const BLOCKS_PER_WORD: usize = 64 / BLOCK_DAYS;

/// Whether there are vectors to look at four at a time with.
const HAS_VECTORS: bool = cfg!(any(not(target_family = "wasm"), target_feature = "simd128"));

/// How far, relatively, a comparison in `f32` may be off: two counts, their quotient in an outline, a threshold and a product
/// are each rounded once, by at most 2⁻²⁴.
const SLACK: f64 = 1.0 / 1_048_576.0;

/// A policy's flags of one domain.
pub(super) struct Flags {
    goes_back: bool,
    thresholds: Thresholds,
    words: Vec<u64>,
}

/// What a day is compared with: the most delivered messages for one event with which the rate may still be poor.
#[derive(Clone, Copy)]
struct Thresholds {
    /// Bounces are part of what they are divided by: at a threshold of 10 % nine.
    bounce: f32x4,
    complaint: f32x4,
    /// A day with no more processed messages may leave its windows below the minimum.
    too_few: i32x4,
}

impl Thresholds {
    /// One bit a day: whether a window with it may be poor, or below the minimum. Notes all bits any count has.
    #[inline(always)]
    fn flagged<const GOES_BACK: bool>(&self, block: [&[u32; BLOCK_DAYS]; 4], bits: &mut u32x4) -> u32 {
        if HAS_VECTORS {
            self.flagged_by_fours::<GOES_BACK>(block, bits)
        } else {
            self.flagged_one_by_one::<GOES_BACK>(block)
        }
    }

    #[inline(always)]
    fn flagged_one_by_one<const GOES_BACK: bool>(&self, block: [&[u32; BLOCK_DAYS]; 4]) -> u32 {
        let first = |vector: f32x4| vector.to_array()[0];
        let (bounce, complaint) = (first(self.bounce), first(self.complaint));
        let [too_few, ..] = self.too_few.to_array();
        let [processed, delivered, bounced, complained] = block.map(|column| column.iter());
        let days = processed.zip(delivered).zip(bounced.zip(complained)).enumerate();
        days.fold(0, |flagged, (at, ((processed, delivered), (bounced, complained)))| {
            let base = rounded(*delivered);
            let poor = (rounded(*bounced) * bounce > base) | (rounded(*complained) * complaint > base);
            let too_few = GOES_BACK && i64::from(*processed) <= i64::from(too_few);
            flagged | u32::from(poor | too_few) << at
        })
    }

    #[inline(always)]
    fn flagged_by_fours<const GOES_BACK: bool>(&self, block: [&[u32; BLOCK_DAYS]; 4], bits: &mut u32x4) -> u32 {
        let [processed, delivered, bounced, complained] = block.map(|column| column.as_chunks::<4>().0.iter());
        let fours = processed.zip(delivered).zip(bounced.zip(complained)).enumerate();
        fours.fold(0, |flagged, (at, ((processed, delivered), (bounced, complained)))| {
            let four = [processed, delivered, bounced, complained].map(|counts| u32x4::new(*counts));
            flagged | self.flagged_of_four::<GOES_BACK>(four, bits) << (4 * at)
        })
    }

    #[inline(always)]
    fn flagged_of_four<const GOES_BACK: bool>(&self, four: [u32x4; 4], bits: &mut u32x4) -> u32 {
        let [processed, delivered, bounced, complained] = four;
        *bits |= delivered | bounced | complained;
        let [base, bounces, complaints] =
            [delivered, bounced, complained].map(|counts| f32x4::from_i32x4(cast(counts)));
        // Nothing times infinity is not a number and above nothing: without an event no day is poor.
        let poor = (bounces * self.bounce).simd_gt(base) | (complaints * self.complaint).simd_gt(base);
        if !GOES_BACK {
            return poor.to_bitmask();
        }
        let is_enough: f32x4 = cast(cast::<u32x4, i32x4>(processed).simd_gt(self.too_few));
        (poor | !is_enough).to_bitmask()
    }
}

#[expect(clippy::cast_precision_loss, reason = "the loss is part of `SLACK`")]
const fn rounded(count: u32) -> f32 {
    count as f32
}

#[expect(clippy::cast_possible_truncation, reason = "the loss is part of `SLACK`")]
fn delivered_for_one(metric: Metric, policy: &Policy) -> f32x4 {
    let most = metric.policy(policy).map_or(0.0, |on| {
        let rate = f64::from(on.poor_at_least_ppm) / f64::from(PPM) * (1.0 - SLACK);
        match metric {
            Metric::BounceRate => (1.0 - rate) / rate,
            Metric::ComplaintRate => 1.0 / rate,
        }
    });
    f32x4::splat(most as f32)
}

impl Flags {
    pub fn new(policy: &Policy, day_count: usize) -> Self {
        // Days that each process their share of the minimum make windows that process all of it. Windows that the table's
        // first days fill only grow: a domain that was good in one stays above the minimum.
        let share = policy.minimum_processed.div_ceil(u64::from(policy.window_days.max(1)));
        let too_few = i32::try_from(share).unwrap_or(i32::MAX) - 1;
        Self {
            goes_back: policy.below_minimum == BelowMinimum::New,
            thresholds: Thresholds {
                bounce: delivered_for_one(Metric::BounceRate, policy),
                complaint: delivered_for_one(Metric::ComplaintRate, policy),
                too_few: i32x4::splat(too_few),
            },
            words: vec![0; day_count.div_ceil(64)],
        }
    }

    /// Flags a domain's days. Only blocks whose outline says that one of their days may be flagged are looked at.
    pub fn load(&mut self, columns: &DomainColumns<'_>, blocks: &[Block]) {
        self.words.fill(0);
        for (at, block) in blocks.iter().enumerate() {
            if self.may_be_flagged(block) {
                let flagged = u64::from(self.look(columns, at));
                if let Some(word) = self.words.get_mut(at / BLOCKS_PER_WORD) {
                    *word |= flagged << (at % BLOCKS_PER_WORD * BLOCK_DAYS);
                }
            }
        }
    }

    /// Whether a day of a block may be flagged. The quotient's rounding fits into `SLACK` too.
    #[inline]
    fn may_be_flagged(&self, block: &Block) -> bool {
        let first = |vector: f32x4| vector.to_array()[0];
        let [too_few, ..] = self.thresholds.too_few.to_array();
        // Nothing times infinity, and infinity times nothing, is not a number and above nothing.
        (block.bounced_by_delivered * first(self.thresholds.bounce) > 1.0)
            | (block.complained_by_delivered * first(self.thresholds.complaint) > 1.0)
            | (self.goes_back && i64::from(block.least_processed) <= i64::from(too_few))
    }

    /// One bit for each day of a block.
    fn look(&self, columns: &DomainColumns<'_>, at: usize) -> u32 {
        let all = [
            columns.processed,
            columns.delivered,
            columns.bounced,
            columns.complained,
        ];
        let days = all.map(|column| column.get(at * BLOCK_DAYS..).unwrap_or(&[]));
        let [Some(processed), Some(delivered), Some(bounced), Some(complained)] = days.map(<[u32]>::first_chunk) else {
            let [processed, delivered, bounced, complained] = days.map(|days| {
                let mut block = [0; BLOCK_DAYS];
                block.iter_mut().zip(days).for_each(|(slot, count)| *slot = *count);
                block
            });
            let flagged = self.look_at([&processed, &delivered, &bounced, &complained]);
            let [days, ..] = days;
            return flagged & ((1 << days.len()) - 1);
        };
        self.look_at([processed, delivered, bounced, complained])
    }

    #[inline(always)]
    fn look_at(&self, block: [&[u32; BLOCK_DAYS]; 4]) -> u32 {
        let mut bits = u32x4::ZERO;
        let flagged = if self.goes_back {
            self.thresholds.flagged::<true>(block, &mut bits)
        } else {
            self.thresholds.flagged::<false>(block, &mut bits)
        };
        let bits = bits.to_array().into_iter().fold(0, |bits, more| bits | more);
        // More than is compared here.
        if bits >= 1 << 30 {
            (1 << BLOCK_DAYS) - 1
        } else {
            flagged
        }
    }

    /// The first flagged day from a day on.
    #[inline]
    pub fn next(&self, from: usize) -> Option<usize> {
        let mut open = u64::MAX << (from % 64);
        for (at, word) in self.words.iter().enumerate().skip(from / 64) {
            let bits = word & open;
            if bits != 0 {
                return Some(at * 64 + bits.trailing_zeros() as usize);
            }
            open = u64::MAX;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::MetricPolicy;
    use crate::traffic::push_blocks;

    fn outlined(columns: &DomainColumns<'_>) -> Vec<Block> {
        let mut blocks = Vec::new();
        push_blocks(columns, &mut blocks);
        blocks
    }

    /// Every day whose own rate is poor is flagged, right at the threshold too; one a thousandth below it is not.
    #[test]
    fn poor_days_are_flagged_and_others_are_not() {
        let ppms = [0, 1, 300, 3_000, 99_999, 100_000, 333_333, 999_999, PPM];
        let bases = [
            0_u64,
            1,
            2,
            9,
            999,
            1_000,
            12_345,
            1 << 20,
            (1 << 24) + 1,
            (1 << 29) + 7,
        ];
        let mut flagged_somewhere = 0;
        for (poor_at_least_ppm, delivered) in ppms.iter().flat_map(|ppm| bases.map(|base| (*ppm, base))) {
            let metric = Some(MetricPolicy {
                good_at_most_ppm: 0,
                poor_at_least_ppm,
                poor_min_events: 1,
            });
            let (poor, million) = (u64::from(poor_at_least_ppm), u64::from(PPM));
            let edges = [
                poor * delivered / million,
                (poor * delivered).checked_div(million - poor).unwrap_or(3),
            ];
            let events = edges
                .into_iter()
                .flat_map(|edge| [edge / 1_000 * 999, edge.saturating_sub(1), edge, edge + 1]);
            let events = events.filter(|events| *events <= u64::from(u32::MAX));
            for (events, is_bounce) in events.flat_map(|events| [(events, true), (events, false)]) {
                let base = if is_bounce { delivered + events } else { delivered };
                let is_poor = events > 0 && events * million >= poor * base;
                let is_far_below = events * million * 1_001 < poor * base * 1_000 || events == 0;
                let (bounce, complaint) = if is_bounce { (metric, None) } else { (None, metric) };
                let policy = Policy {
                    bounce,
                    complaint,
                    ..Policy::default()
                };
                let count = |count: u64| [u32::try_from(count).unwrap()];
                let (delivered, events, none) = (count(delivered), count(events), [0]);
                let columns = DomainColumns {
                    processed: &delivered,
                    delivered: &delivered,
                    bounced: if is_bounce { &events } else { &none },
                    complained: if is_bounce { &none } else { &events },
                    present: &[1],
                };
                let mut flags = Flags::new(&policy, 1);
                flags.load(&columns, &outlined(&columns));
                let is_flagged = flags.next(0) == Some(0);
                assert!(
                    is_flagged || !is_poor,
                    "{events:?} of {delivered:?} at {poor_at_least_ppm}"
                );
                // Beyond what is compared, every day is flagged.
                let is_large = (delivered[0] | events[0]) >= 1 << 30;
                assert!(
                    !is_flagged || !is_far_below || is_large,
                    "{events:?} of {delivered:?} at {poor_at_least_ppm}"
                );
                flagged_somewhere += u32::from(is_flagged);
            }
        }
        assert!(flagged_somewhere > 200);
    }

    /// Without vectors the flags are the same.
    #[test]
    fn one_by_one_is_as_by_fours() {
        let mut seed = 7_u32;
        let mut next = |end: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % end
        };
        let goes_back = Policy {
            below_minimum: BelowMinimum::New,
            ..Policy::default()
        };
        let flags = Flags::new(&goes_back, 1);
        let mut flagged = 0;
        for _ in 0..500 {
            let [processed, delivered, bounced, complained] =
                [300, 1_000, 120, 4].map(|end| [(); BLOCK_DAYS].map(|()| next(end)));
            let block = [&processed, &delivered, &bounced, &complained];
            let fours = flags
                .thresholds
                .flagged_by_fours::<true>(block, &mut u32x4::ZERO.clone());
            assert_eq!(flags.thresholds.flagged_one_by_one::<true>(block), fours);
            let fours = flags
                .thresholds
                .flagged_by_fours::<false>(block, &mut u32x4::ZERO.clone());
            assert_eq!(flags.thresholds.flagged_one_by_one::<false>(block), fours);
            flagged += fours.count_ones();
        }
        assert!((500..7_500).contains(&flagged), "{flagged} of 8 000");
    }

    /// A flag is a day's, wherever it stands among blocks and words.
    #[test]
    fn flags_stand_where_their_days_do() {
        let days = 150;
        let delivered = vec![100; days];
        for bad in 0..days {
            let mut bounced = vec![0; days];
            bounced[bad] = 50;
            let columns = DomainColumns {
                processed: &delivered,
                delivered: &delivered,
                bounced: &bounced,
                complained: &vec![0; days],
                present: &[u64::MAX; 3],
            };
            let mut flags = Flags::new(&Policy::default(), days);
            flags.load(&columns, &outlined(&columns));
            assert_eq!(
                (flags.next(0), flags.next(bad), flags.next(bad + 1)),
                (Some(bad), Some(bad), None)
            );
        }
    }
}
