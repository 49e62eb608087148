//! Counter-based noise: a value is a pure function of what it is for, so nothing has to be stored or drawn in order.

/// SplitMix64's finalizer: a bijection on 64 bits that looks random.
#[must_use]
pub(super) const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// 64 bits for the `index`th use of a key.
#[must_use]
pub(super) const fn hash(key: u64, index: u64) -> u64 {
    mix(mix(key) ^ index.wrapping_mul(0xd6e8_feb8_6659_fd93))
}

/// The upper 53 bits as a fraction in `[0, 1)`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
pub(super) const fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// A number with mean 0 and variance 1 from 64 bits: four 16-bit uniforms added up, within ±3.47. Close enough to normal
/// for daily jitter and free of transcendental functions.
#[must_use]
pub(super) fn normal(bits: u64) -> f64 {
    let sum: u64 = (0..4).map(|part| (bits >> (16 * part)) & 0xffff).sum();
    // Four uniforms on 0..=65535: mean 131 070, variance 4 × (65536² − 1) / 12.
    #[expect(clippy::cast_precision_loss, reason = "at most 262 140")]
    let centred = sum as f64 - 131_070.0;
    centred * (1.0 / 37_837.2)
}
