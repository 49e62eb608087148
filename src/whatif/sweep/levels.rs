//! Where a rate stands among ascending thresholds.

use super::code::{Code, NO_EVENTS, code};
use super::windows::RATE_ERROR;
use crate::health::PPM;
use std::cmp::Ordering;

/// How many thresholds a rate passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// Thresholds below the rate.
    pub below: usize,
    /// Thresholds at or below the rate.
    pub at_or_below: usize,
}

/// Ascending thresholds, ready to be asked.
///
/// A code's leading bits pick a bucket. Most buckets hold no threshold, and a rate in them is placed by one look. In the
/// others a comparison of codes decides, and only where a threshold may have the rate's own are whole numbers compared.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    /// The different thresholds, in parts per million.
    distinct: Vec<u32>,
    /// How many thresholds come before each different one, and at the end their number.
    before: Vec<usize>,
    /// A code above this is of a rate above the threshold.
    sure_above: Vec<Code>,
    /// A code below this is of a rate below the threshold.
    sure_below: Vec<Code>,
    /// Per bucket of rates: the different thresholds below all of it, and [`MIXED`] where more may be below some of it.
    buckets: Vec<u16>,
}

/// Marks a bucket with a threshold in it. A scale has at most 10 000 thresholds, so the bit is free.
const MIXED: u16 = 1 << 15;

/// Codes in a bucket: each doubling is split into 128.
const BUCKET_BITS: u32 = 4;
const BUCKETS: u16 = 1 << (16 - BUCKET_BITS);

#[expect(clippy::cast_sign_loss, reason = "flipping the sign bit makes the least code 0")]
#[inline(always)]
fn bucket(code: Code) -> usize {
    usize::from((code ^ Code::MIN) as u16 >> BUCKET_BITS)
}

/// A code above this is surely of a rate above a threshold.
pub(super) fn surely_above(threshold_ppm: u32) -> Code {
    code(near(threshold_ppm, 1.0 + RATE_ERROR))
}

/// A code below this is surely of a rate below a threshold.
pub(super) fn surely_below(threshold_ppm: u32) -> Code {
    code(near(threshold_ppm, 1.0 - RATE_ERROR))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding to `f32` is within what `RATE_ERROR` leaves room for"
)]
fn near(threshold_ppm: u32, factor: f64) -> f32 {
    (f64::from(threshold_ppm) / f64::from(PPM) * factor) as f32
}

impl Scale {
    /// Thresholds in ascending order, each at most [`PPM`].
    pub fn new(thresholds: impl Iterator<Item = u32>) -> Self {
        let (mut distinct, mut before) = (Vec::new(), Vec::new());
        let mut count = 0;
        for threshold in thresholds {
            if distinct.last() != Some(&threshold) {
                distinct.push(threshold);
                before.push(count);
            }
            count += 1;
        }
        before.push(count);
        let sure_above: Vec<Code> = distinct.iter().map(|ppm| surely_above(*ppm)).collect();
        let sure_below: Vec<Code> = distinct.iter().map(|ppm| surely_below(*ppm)).collect();
        let mut buckets = vec![0_u16; usize::from(BUCKETS)];
        for (slot, codes) in buckets
            .iter_mut()
            .zip((Code::MIN..=Code::MAX).step_by(1 << BUCKET_BITS))
        {
            let last = codes | ((1 << BUCKET_BITS) - 1);
            let passed = sure_above.partition_point(|above| *above < codes);
            let is_mixed = sure_below.get(passed).is_some_and(|below| *below <= last);
            *slot = u16::try_from(passed).unwrap_or(0) | if is_mixed { MIXED } else { 0 };
        }
        Self {
            buckets,
            distinct,
            before,
            sure_above,
            sure_below,
        }
    }

    /// Where a rate stands, by its code. `compare` compares a threshold with the rate itself, exactly; it is asked only
    /// when the code cannot tell.
    #[inline(always)]
    pub fn level(&self, code: Code, compare: impl Fn(u32) -> Ordering) -> Level {
        let mut at = 0;
        if code > NO_EVENTS {
            let entry = self.buckets.get(bucket(code)).copied().unwrap_or(MIXED);
            at = usize::from(entry & !MIXED);
            if entry & MIXED != 0 {
                while self.sure_above.get(at).is_some_and(|above| *above < code) {
                    at += 1;
                }
                if self.sure_below.get(at).is_some_and(|below| *below <= code) {
                    return self.level_between(at, code, compare);
                }
            }
        }
        let count = self.before(at);
        Level {
            below: count,
            at_or_below: count,
        }
    }

    #[inline(always)]
    fn before(&self, distinct: usize) -> usize {
        self.before.get(distinct).copied().unwrap_or(0)
    }

    #[cold]
    fn level_between(&self, from: usize, code: Code, compare: impl Fn(u32) -> Ordering) -> Level {
        let (mut below, mut at_or_below) = (from, from);
        let unsure = self.distinct.iter().zip(&self.sure_below).skip(from);
        for (threshold, _) in unsure.take_while(|(_, below)| **below <= code) {
            match compare(*threshold) {
                Ordering::Less => {
                    below += 1;
                    at_or_below += 1;
                }
                Ordering::Equal => at_or_below += 1,
                Ordering::Greater => break,
            }
        }
        Level {
            below: self.before(below),
            at_or_below: self.before(at_or_below),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(scale: &Scale, events: u64, base: u64) -> Level {
        let kept = if events == 0 {
            NO_EVENTS
        } else {
            code(events as f32 / base as f32)
        };
        scale.level(kept, |ppm| (u64::from(ppm) * base).cmp(&(events * u64::from(PPM))))
    }

    #[test]
    fn levels_are_exact_at_and_beside_every_threshold() {
        let thresholds: Vec<u32> = [0, 0, 1, 2, 3, 999, 1_000, 1_000, 1_001, 50_000, 333_333, 999_999, PPM].into();
        let scale = Scale::new(thresholds.iter().copied());
        for base in [1_u64, 2, 3, 7, 1_000_000, 12_345_678, 1 << 39] {
            for ppm in &thresholds {
                let edge = u64::from(*ppm) * base / u64::from(PPM);
                for events in edge.saturating_sub(1).max(1)..=edge + 2 {
                    let reaches = |ppm: u32| (u64::from(ppm) * base).cmp(&(events * u64::from(PPM)));
                    let expected = Level {
                        below: thresholds.iter().filter(|ppm| reaches(**ppm) == Ordering::Less).count(),
                        at_or_below: thresholds
                            .iter()
                            .filter(|ppm| reaches(**ppm) != Ordering::Greater)
                            .count(),
                    };
                    assert_eq!(level(&scale, events, base), expected, "{events} of {base}");
                }
            }
        }
    }

    #[test]
    fn many_close_thresholds_and_rates_beyond_one() {
        let scale = Scale::new(0..5_000);
        assert_eq!(level(&scale, 4_321, 1_000_000).below, 4_321);
        assert_eq!(level(&scale, 4_321, 1_000_000).at_or_below, 4_322);
        assert_eq!(level(&scale, 5, 1).at_or_below, 5_000);
        assert_eq!(scale.level(code(f32::INFINITY), |_| Ordering::Less).below, 5_000);
        assert_eq!(
            level(&scale, 1, 1 << 39),
            Level {
                below: 1,
                at_or_below: 1
            }
        );
    }
}
