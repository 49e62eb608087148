//! Rates as they come: fractions, perhaps rounded.

use poolkeeper_core::health::PPM;

/// From so many decimals on a rate is taken as a quotient in full precision.
const FULL_DECIMALS: usize = 15;

/// How far a quotient in full precision may be from the true one, relatively: some units in the last place.
const FULL_PRECISION: f64 = 1e-15;

/// The decimals of the rates of one metric seen so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Digits {
    most: usize,
}

impl Digits {
    pub fn see(&mut self, rate: f64) {
        if !rate.is_finite() || self.most >= FULL_DECIMALS {
            return;
        }
        let text = rate.to_string();
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        self.most = self.most.max(decimals);
    }

    /// The precision of rates that came from one place: as many decimals as the longest of them has. Rounding to any
    /// number of decimals, or cutting there, is then within one unit.
    pub fn precision(self) -> Precision {
        let unit = if self.most >= FULL_DECIMALS {
            0.0
        } else {
            (0..self.most).fold(1.0, |unit, _| unit / 10.0)
        };
        Precision { unit }
    }
}

/// How exact the rates of one metric are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Precision {
    /// The unit of the last decimal any of them has; 0 for full precision.
    unit: f64,
}

impl Precision {
    /// A rate with what it may stand for; `None` for what is not a rate.
    pub fn rate(self, value: f64) -> Option<RateInterval> {
        if !value.is_finite() || value < 0.0 {
            return None;
        }
        let slack = self.unit * (1.0 + FULL_PRECISION) + value * FULL_PRECISION;
        let is_exact_zero = value == 0.0 && self.unit == 0.0;
        Some(RateInterval {
            low: (value - slack).max(0.0),
            high: if is_exact_zero { 0.0 } else { value + slack },
        })
    }
}

/// A rate, known to lie between two values.
#[derive(Clone, Copy, Debug)]
pub(super) struct RateInterval {
    low: f64,
    high: f64,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rounded value inside 0..=PPM + 1"
)]
fn whole_ppm(value: f64) -> u64 {
    value.clamp(0.0, f64::from(PPM) + 1.0) as u64
}

impl RateInterval {
    /// The least whole ppm that is no less than the rate may have been.
    pub fn at_least_ppm(self) -> u64 {
        whole_ppm(libm::ceil(self.low * f64::from(PPM) * (1.0 - FULL_PRECISION)))
    }

    /// The largest whole ppm that is no more than the rate may have been.
    pub fn at_most_ppm(self) -> u64 {
        whole_ppm(libm::floor(self.high * f64::from(PPM) * (1.0 + FULL_PRECISION)))
    }

    /// The largest whole ppm below what the rate may have been; `None` when there is none.
    pub fn below_ppm(self) -> Option<u64> {
        whole_ppm(libm::ceil(self.high * f64::from(PPM) * (1.0 + FULL_PRECISION))).checked_sub(1)
    }

    /// Whether fewer than `events` events, out of whatever number of messages, may make this rate.
    pub fn may_be_fewer_than(self, events: u64) -> bool {
        if self.low <= 0.0 {
            return events > 0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a few events")]
        let makes = |count: u64| {
            // Some whole number of messages from count ÷ high to count ÷ low.
            let (least, most) = (count as f64 / self.high, count as f64 / self.low);
            libm::ceil(least * (1.0 - FULL_PRECISION)) <= most * (1.0 + FULL_PRECISION)
        };
        // More than this many are never asked for in earnest; then nothing is sure.
        events > 10_000 || (1..events).any(makes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rates: &[f64]) -> Precision {
        let mut digits = Digits::default();
        rates.iter().for_each(|rate| digits.see(*rate));
        digits.precision()
    }

    #[test]
    fn a_rate_stands_for_what_its_digits_allow() {
        let two = of(&[0.25, 0.04]);
        let rate = two.rate(0.04).unwrap();
        assert_eq!((rate.at_least_ppm(), rate.at_most_ppm()), (30_000, 50_000));
        let full = of(&[1.0 / 3.0, 0.04]);
        let rate = full.rate(0.04).unwrap();
        // Exactly at a threshold of 4 %: good allows 40 000, poor too.
        assert_eq!((rate.at_least_ppm(), rate.at_most_ppm()), (40_000, 40_000));
        let third = full.rate(1.0 / 3.0).unwrap();
        assert_eq!((third.at_least_ppm(), third.at_most_ppm()), (333_334, 333_333));
        assert_eq!(third.below_ppm(), Some(333_333));
        assert!(full.rate(f64::NAN).is_none() && full.rate(-0.1).is_none());
    }

    #[test]
    fn few_events_are_told_from_many_where_digits_allow() {
        let full = of(&[1.0 / 3.0]);
        // 1 of 250 and 2 of 501, but not 3 of 700.
        assert!(full.rate(0.004).unwrap().may_be_fewer_than(3));
        assert!(full.rate(2.0 / 501.0).unwrap().may_be_fewer_than(3));
        assert!(!full.rate(2.0 / 501.0).unwrap().may_be_fewer_than(2));
        assert!(!full.rate(3.0 / 700.0).unwrap().may_be_fewer_than(3));
        assert!(!full.rate(0.004).unwrap().may_be_fewer_than(1));
        assert!(full.rate(0.0).unwrap().may_be_fewer_than(1));
        // Rounded to four decimals, 0.0040 may be anything from 1 of 244 on.
        assert!(of(&[0.0041]).rate(0.004).unwrap().may_be_fewer_than(2));
    }
}
