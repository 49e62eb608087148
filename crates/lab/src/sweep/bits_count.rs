//! Counts bits per policy over many domains. Sums are bit planes, added with carry.

use super::plan::SweepPlan;
use super::timeline::EnrolledDays;
use super::{PartialGrid, SweepOutcome, SweepOutcomes};
use poolkeeper_core::model::Band;

/// Bit planes of a counter.
const PLANES: usize = 24;

/// One count per policy. Plane `i` of a word has bit `i` of its 64 counts.
pub(super) struct BitCounter {
    /// `PLANES` per word; empty when this is not counted.
    planes: Vec<[u64; PLANES]>,
}

impl BitCounter {
    fn new(words: usize, is_counted: bool) -> Self {
        Self {
            planes: vec![[0; PLANES]; if is_counted { words } else { 0 }],
        }
    }

    /// Adds `weight` to the counts of the word's policies in `mask`.
    #[inline]
    pub fn add(&mut self, word: usize, mask: u64, mut weight: u32) {
        let Some(planes) = self.planes.get_mut(word) else {
            return;
        };
        while weight != 0 && mask != 0 {
            let mut carry = mask;
            for plane in planes.iter_mut().skip(weight.trailing_zeros() as usize) {
                let both = *plane & carry;
                *plane ^= carry;
                carry = both;
                if carry == 0 {
                    break;
                }
            }
            weight &= weight - 1;
        }
    }

    /// The count of a policy's bit in a word.
    fn count(&self, word: usize, bit: usize) -> u64 {
        let planes = self.planes.get(word);
        planes.map_or(0, |planes| {
            planes
                .iter()
                .rev()
                .fold(0, |count, plane| count << 1 | plane >> bit & 1)
        })
    }
}

/// All counts, for a number of domains small enough that no counter overflows.
pub(super) struct BitTotals {
    pub poor_days: BitCounter,
    pub good_days: BitCounter,
    pub poor_ends: BitCounter,
    pub good_ends: BitCounter,
    pub moves: BitCounter,
    pub flaps: BitCounter,
    pub differs: BitCounter,
    /// Per bit of each word; empty when not counted.
    poor_messages: Vec<u64>,
    domains: u64,
    /// Counted days of all domains while enrolled.
    enrolled_days: u64,
    /// Domains that are enrolled at the end.
    enrolled_at_end: u64,
    max_domains: u64,
}

impl BitTotals {
    pub fn new(plan: &SweepPlan, outcomes: SweepOutcomes, words: usize) -> Self {
        let counter_of = |asked: &[SweepOutcome]| BitCounter::new(words, outcomes.has_any(asked));
        let counts_messages = outcomes.has(SweepOutcome::PoorMessages);
        let day_count = u64::from(plan.days.end - plan.days.start).max(1);
        Self {
            poor_days: counter_of(&[SweepOutcome::Days(Band::Poor), SweepOutcome::Days(Band::New)]),
            good_days: counter_of(&[SweepOutcome::Days(Band::Good), SweepOutcome::Days(Band::New)]),
            poor_ends: counter_of(&[SweepOutcome::Ending(Band::Poor), SweepOutcome::Ending(Band::New)]),
            good_ends: counter_of(&[SweepOutcome::Ending(Band::Good), SweepOutcome::Ending(Band::New)]),
            moves: counter_of(&[SweepOutcome::Moves]),
            flaps: counter_of(&[SweepOutcome::Flaps]),
            differs: counter_of(&[SweepOutcome::EndingDiffers]),
            poor_messages: vec![0; if counts_messages { words * 64 } else { 0 }],
            domains: 0,
            enrolled_days: 0,
            enrolled_at_end: 0,
            // A domain moves at most once a day, so no count of a domain exceeds the days.
            max_domains: ((1 << PLANES) - 1) / day_count,
        }
    }

    /// Adds days to the counts of the bands that a word's policies were in.
    #[inline]
    pub fn add_days(&mut self, word: usize, days: u32, poor: u64, good: u64) {
        self.poor_days.add(word, poor, days);
        self.good_days.add(word, good, days);
    }

    /// Adds `weight` to the messages of the word's policies in `mask`. It wraps, so it may be negative.
    pub fn add_messages(&mut self, word: usize, mut mask: u64, weight: u64) {
        while mask != 0 {
            let at = word * 64 + mask.trailing_zeros() as usize;
            if let Some(count) = self.poor_messages.get_mut(at) {
                *count = count.wrapping_add(weight);
            }
            mask &= mask - 1;
        }
    }

    pub fn end_domain(&mut self, enrolled: EnrolledDays) {
        self.domains += 1;
        self.enrolled_days += u64::from(enrolled.count);
        self.enrolled_at_end += u64::from(enrolled.is_at_end);
    }

    /// Whether the counters must be emptied before another domain.
    pub const fn is_full(&self) -> bool {
        self.domains >= self.max_domains
    }

    /// Moves all counts into `partial`.
    pub fn empty_into(&mut self, plan: &SweepPlan, partial: &mut PartialGrid) {
        for outcome in partial.outcomes().iter() {
            let Some(plane) = partial.plane_mut(outcome) else {
                continue;
            };
            for u in 0..plan.u_len {
                for v in 0..plan.v_len {
                    let (word, bit) = (u / 64 * plan.v_len + v, u % 64);
                    let count = match outcome {
                        SweepOutcome::Days(Band::Poor) => self.poor_days.count(word, bit),
                        SweepOutcome::Days(Band::Good) => self.good_days.count(word, bit),
                        SweepOutcome::Days(Band::New) => {
                            self.enrolled_days - self.poor_days.count(word, bit) - self.good_days.count(word, bit)
                        }
                        SweepOutcome::Ending(Band::Poor) => self.poor_ends.count(word, bit),
                        SweepOutcome::Ending(Band::Good) => self.good_ends.count(word, bit),
                        SweepOutcome::Ending(Band::New) => {
                            self.enrolled_at_end - self.poor_ends.count(word, bit) - self.good_ends.count(word, bit)
                        }
                        SweepOutcome::Moves => self.moves.count(word, bit),
                        SweepOutcome::Flaps => self.flaps.count(word, bit),
                        SweepOutcome::EndingDiffers => self.differs.count(word, bit),
                        SweepOutcome::PoorMessages => self.poor_messages.get(word * 64 + bit).copied().unwrap_or(0),
                    };
                    if let Some(cell) = plane.get_mut(plan.cell(u, v)) {
                        *cell = cell.wrapping_add(count);
                    }
                }
            }
        }
        partial.add_domains(self.domains);
        (self.domains, self.enrolled_days, self.enrolled_at_end) = (0, 0, 0);
        let counters = [
            &mut self.poor_days,
            &mut self.good_days,
            &mut self.poor_ends,
            &mut self.good_ends,
            &mut self.moves,
            &mut self.flaps,
            &mut self.differs,
        ];
        for counter in counters {
            counter.planes.fill([0; PLANES]);
        }
        self.poor_messages.fill(0);
    }
}
