//! Finds how many ascending thresholds a rate passes.

use super::rate_code::{RateCode, code};
use super::windows::RATE_ERROR;
use poolkeeper_core::health::PPM;
use std::cmp::Ordering;

/// How many thresholds a rate passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ThresholdsPassed {
    /// Thresholds below the rate.
    pub below: usize,
    /// Thresholds at or below the rate.
    pub at_or_below: usize,
}

/// A look-up table of ascending thresholds.
///
/// Most codes are looked up. Exact integers are compared only if a threshold may have the rate's own code.
#[derive(Clone, Debug)]
pub(super) struct ThresholdLookup {
    /// The distinct thresholds, in parts per million.
    distinct: Vec<u32>,
    /// How many thresholds come before each distinct one; the last entry is the number of thresholds.
    before: Vec<usize>,
    /// A higher code means a rate above the threshold.
    sure_above: Vec<RateCode>,
    /// A lower code means a rate below the threshold.
    sure_below: Vec<RateCode>,
    /// For each code from one below all thresholds to one above them: how many thresholds it passes, or [`UNSURE`].
    counts: Vec<u16>,
    /// The code of the first entry of `counts`.
    first: i32,
}

/// Marks a code that a threshold may have. There are at most 10 000 thresholds, so no count is as high.
const UNSURE: u16 = u16::MAX;

/// A higher code means a rate certainly above the threshold.
pub(super) fn surely_above(threshold_ppm: u32) -> RateCode {
    code(near(threshold_ppm, 1.0 + RATE_ERROR))
}

/// A lower code means a rate certainly below the threshold.
pub(super) fn surely_below(threshold_ppm: u32) -> RateCode {
    code(near(threshold_ppm, 1.0 - RATE_ERROR))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`RATE_ERROR` allows for rounding to `f32`"
)]
fn near(threshold_ppm: u32, factor: f64) -> f32 {
    (f64::from(threshold_ppm) / f64::from(PPM) * factor) as f32
}

impl ThresholdLookup {
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
        let sure_above: Vec<RateCode> = distinct.iter().map(|ppm| surely_above(*ppm)).collect();
        let sure_below: Vec<RateCode> = distinct.iter().map(|ppm| surely_below(*ppm)).collect();
        let first = sure_below.first().map_or(0, |below| i32::from(*below) - 1);
        let last = sure_above.last().map_or(0, |above| i32::from(*above) + 1);
        let mut passed = 0;
        let counts = (first..=last).map(|code| {
            while sure_above.get(passed).is_some_and(|above| i32::from(*above) < code) {
                passed += 1;
            }
            if sure_below.get(passed).is_some_and(|below| i32::from(*below) <= code) {
                return UNSURE;
            }
            before
                .get(passed)
                .and_then(|count| u16::try_from(*count).ok())
                .unwrap_or(UNSURE)
        });
        Self {
            counts: counts.collect(),
            first,
            distinct,
            before,
            sure_above,
            sure_below,
        }
    }

    /// How many thresholds a rate passes, by its code. `compare` compares a threshold with the rate exactly; it is
    /// called only if the code is not enough.
    #[inline(always)]
    pub fn lookup(&self, code: RateCode, compare: impl Fn(u32) -> Ordering) -> ThresholdsPassed {
        // Clamp: codes outside the table use the first or last entry.
        let at = usize::try_from(i32::from(code) - self.first).unwrap_or(0);
        let count = self.counts.get(at).or(self.counts.last()).copied().unwrap_or(UNSURE);
        if count == UNSURE {
            return self.lookup_exactly(code, compare);
        }
        ThresholdsPassed {
            below: usize::from(count),
            at_or_below: usize::from(count),
        }
    }

    fn before(&self, distinct: usize) -> usize {
        self.before.get(distinct).copied().unwrap_or(0)
    }

    #[cold]
    fn lookup_exactly(&self, code: RateCode, compare: impl Fn(u32) -> Ordering) -> ThresholdsPassed {
        let from = self.sure_above.partition_point(|above| *above < code);
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
        ThresholdsPassed {
            below: self.before(below),
            at_or_below: self.before(at_or_below),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::rate_code::NO_EVENTS;

    fn level(scale: &ThresholdLookup, events: u64, base: u64) -> ThresholdsPassed {
        let kept = if events == 0 {
            NO_EVENTS
        } else {
            code(events as f32 / base as f32)
        };
        scale.lookup(kept, |ppm| (u64::from(ppm) * base).cmp(&(events * u64::from(PPM))))
    }

    #[test]
    fn levels_are_exact_at_and_beside_every_threshold() {
        let thresholds: Vec<u32> = [0, 0, 1, 2, 3, 999, 1_000, 1_000, 1_001, 50_000, 333_333, 999_999, PPM].into();
        let scale = ThresholdLookup::new(thresholds.iter().copied());
        for base in [1_u64, 2, 3, 7, 1_000_000, 12_345_678, 1 << 39] {
            for ppm in &thresholds {
                let edge = u64::from(*ppm) * base / u64::from(PPM);
                for events in edge.saturating_sub(1).max(1)..=edge + 2 {
                    let reaches = |ppm: u32| (u64::from(ppm) * base).cmp(&(events * u64::from(PPM)));
                    let expected = ThresholdsPassed {
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
        let scale = ThresholdLookup::new(0..5_000);
        assert_eq!(level(&scale, 4_321, 1_000_000).below, 4_321);
        assert_eq!(level(&scale, 4_321, 1_000_000).at_or_below, 4_322);
        assert_eq!(level(&scale, 5, 1).at_or_below, 5_000);
        assert_eq!(scale.lookup(code(f32::INFINITY), |_| Ordering::Less).below, 5_000);
        assert_eq!(
            level(&scale, 1, 1 << 39),
            ThresholdsPassed {
                below: 1,
                at_or_below: 1
            }
        );
    }
}
