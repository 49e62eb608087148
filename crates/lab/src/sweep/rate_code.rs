//! Rates as 16-bit codes, which are exact enough to prove that most checks change nothing.
//!
//! A code is a rate rounded down to one of 2,048 values per doubling. Codes keep the order: a rate whose code is above
//! a threshold's code is above the threshold. Two rates with the same code may be in any order.

/// A rate's code.
pub(super) type RateCode = i16;

/// Below every rate's code.
pub(super) const ALWAYS: RateCode = RateCode::MIN;
/// A window without events: below every threshold, because 0 events are good for any base.
pub(super) const NO_EVENTS: RateCode = ALWAYS + 1;
/// Above every rate's code.
pub(super) const NEVER: RateCode = RateCode::MAX;

/// 11 of the 23 mantissa bits are kept.
const DROPPED_BITS: u32 = 12;
/// The rate with code 0 is 2⁻⁸. Codes range from 2⁻²³, below one part per million, to 2⁷.
const ZERO: i32 = (127 - 8) << (23 - DROPPED_BITS);

/// The code of a rate that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "20 bits are an `i32`, and what `clamp` gives is a `Code`"
)]
#[inline(always)]
pub(super) fn code(rate: f32) -> RateCode {
    let steps = (rate.to_bits() >> DROPPED_BITS) as i32 - ZERO;
    steps.clamp(NO_EVENTS as i32 + 1, NEVER as i32 - 1) as RateCode
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_lie_between_the_marks() {
        for rate in [0.0, f32::MIN_POSITIVE, 1e-6, 0.5, 1.0, 1e30, f32::INFINITY] {
            let code = code(rate);
            assert!(ALWAYS < NO_EVENTS && NO_EVENTS < code && code < NEVER, "{rate}");
        }
    }

    proptest! {
        #[test]
        fn codes_keep_the_order_and_tell_rates_apart(one in 1e-6_f32..2.0, more in 0.0_f32..1.0) {
            prop_assert!(code(one) <= code(one + more));
            prop_assert!(code(one) < code(one * 1.001));
        }
    }
}
