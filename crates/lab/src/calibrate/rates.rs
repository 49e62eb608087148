//! Observed rates: fractions that may have been rounded.

use super::ObservedPreview;
use poolkeeper_core::health::PPM;
use poolkeeper_core::model::{PreviewMetric, Rate};

/// A rate with at least this many decimals counts as a quotient in full precision.
const FULL_DECIMALS: usize = 15;

/// The relative error of a quotient in full precision: some units in the last place.
const FULL_PRECISION: f64 = 1e-15;

/// The most decimals of one metric's rates so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Digits {
    max_decimals: usize,
}

impl Digits {
    pub fn add(&mut self, rate: f64) {
        if !rate.is_finite() || self.max_decimals >= FULL_DECIMALS {
            return;
        }
        let text = rate.to_string();
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        self.max_decimals = self.max_decimals.max(decimals);
    }

    /// The precision of rates from one source: as many decimals as the longest has. Rounding or truncation is then
    /// within one unit.
    pub fn precision(self) -> Precision {
        let unit = if self.max_decimals >= FULL_DECIMALS {
            0.0
        } else {
            (0..self.max_decimals).fold(1.0, |unit, _| unit / 10.0)
        };
        Precision { unit }
    }
}

/// How exact the rates of one metric are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Precision {
    /// The unit of the last decimal; 0 for full precision.
    unit: f64,
}

impl Precision {
    /// The interval of the true rate; `None` if the value is not a rate.
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
fn clamp_ppm(value: f64) -> u64 {
    value.clamp(0.0, f64::from(PPM) + 1.0) as u64
}

impl RateInterval {
    /// The lowest whole ppm that may be at or above the rate.
    pub fn at_least_ppm(self) -> u64 {
        clamp_ppm(libm::ceil(self.low * f64::from(PPM) * (1.0 - FULL_PRECISION)))
    }

    /// The highest whole ppm that may be at or below the rate.
    pub fn at_most_ppm(self) -> u64 {
        clamp_ppm(libm::floor(self.high * f64::from(PPM) * (1.0 + FULL_PRECISION)))
    }

    /// The highest whole ppm that may be below the rate; `None` when there is none.
    pub fn below_ppm(self) -> Option<u64> {
        clamp_ppm(libm::ceil(self.high * f64::from(PPM) * (1.0 + FULL_PRECISION))).checked_sub(1)
    }

    /// Whether some whole number of events, of `messages`, has this rate; `None` if the rate is too coarse to exclude any.
    pub fn is_whole_of(self, messages: u64) -> Option<bool> {
        #[expect(clippy::cast_precision_loss, reason = "far below 2⁵³ messages")]
        let (least, most) = (self.low * messages as f64, self.high * messages as f64);
        // A rate of half a message's width is whole by chance every second time.
        (most - least < 0.01).then(|| libm::ceil(least * (1.0 - FULL_PRECISION)) <= most * (1.0 + FULL_PRECISION))
    }

    /// Whether fewer than `events` events, of any number of messages, can give this rate.
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
        // A larger minimum is not realistic. Then the answer is "maybe", without a long loop.
        events > 10_000 || (1..events).any(makes)
    }
}

/// Finds the precision of each metric's rates, over all observations.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PrecisionScan {
    bounce: Digits,
    complaint: Digits,
}

impl PrecisionScan {
    pub fn preview(&mut self, observed: &ObservedPreview) {
        let rate = |metric: &Option<PreviewMetric>| metric.as_ref().and_then(|metric| metric.value).map(Rate);
        let preview = &observed.preview;
        self.rates(rate(&preview.bounce_rate), rate(&preview.complaint_rate));
    }

    /// The precision of bounce rates and of complaint rates.
    pub fn precisions(&self) -> (Precision, Precision) {
        (self.bounce.precision(), self.complaint.precision())
    }

    pub fn rates(&mut self, bounce: Option<Rate>, complaint: Option<Rate>) {
        if let Some(rate) = bounce {
            self.bounce.add(rate.0);
        }
        if let Some(rate) = complaint {
            self.complaint.add(rate.0);
        }
    }
}

/// A count that was sent as a floating-point number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number below 2⁵³"
)]
pub(super) fn whole(value: Option<f64>) -> Option<u64> {
    value
        .filter(|value| (0.0..9e15).contains(value) && libm::floor(*value) == *value)
        .map(|value| value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn precision_of(rates: &[f64]) -> Precision {
        let mut digits = Digits::default();
        rates.iter().for_each(|rate| digits.add(*rate));
        digits.precision()
    }

    #[test]
    fn a_rate_stands_for_what_its_digits_allow() {
        let two = precision_of(&[0.25, 0.04]);
        let rate = two.rate(0.04).unwrap();
        assert_eq!((rate.at_least_ppm(), rate.at_most_ppm()), (30_000, 50_000));
        let full = precision_of(&[1.0 / 3.0, 0.04]);
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
        let full = precision_of(&[1.0 / 3.0]);
        // 1 of 250 and 2 of 501, but not 3 of 700.
        assert!(full.rate(0.004).unwrap().may_be_fewer_than(3));
        assert!(full.rate(2.0 / 501.0).unwrap().may_be_fewer_than(3));
        assert!(!full.rate(2.0 / 501.0).unwrap().may_be_fewer_than(2));
        assert!(!full.rate(3.0 / 700.0).unwrap().may_be_fewer_than(3));
        assert!(!full.rate(0.004).unwrap().may_be_fewer_than(1));
        assert!(full.rate(0.0).unwrap().may_be_fewer_than(1));
        // Rounded to four decimals, 0.0040 may be anything from 1 of 244 on.
        assert!(precision_of(&[0.0041]).rate(0.004).unwrap().may_be_fewer_than(2));
    }
}
