//! Rates in 16 bits, which is enough to say what most checks would change: nothing.
//!
//! A code is a rate rounded down to one of 2,048 values in each doubling. Coding keeps the order, so a rate whose code is
//! above a threshold's is above the threshold; of two with the same code nothing is known.

/// A rate's code.
pub(super) type RateCode = i16;

/// Below every rate's code.
pub(super) const ALWAYS: RateCode = RateCode::MIN;
/// A window without events: below every threshold, because nothing is good whatever it is divided by.
pub(super) const NO_EVENTS: RateCode = ALWAYS + 1;
/// Above every rate's code.
pub(super) const NEVER: RateCode = RateCode::MAX;

/// What is left of a rate's 23 bits below its power of two are 11.
const DROPPED_BITS: u32 = 12;
/// 2⁻⁸, the rate with code 0: codes reach down to 2⁻²³, below one part per million, and up to 2⁷.
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
