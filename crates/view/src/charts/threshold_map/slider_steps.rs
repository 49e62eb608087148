//! The steps of the slider beside the map that sets B's minimum.

/// The steps within a power of ten, in tenths of it.
const TENTHS: [u64; 10] = [10, 12, 15, 20, 25, 30, 40, 50, 60, 80];

/// The number of powers of ten that the steps cover, from one on.
const POWERS: u32 = 5;

/// Minimums of processed messages: zero, then ten round steps for each power of ten up to 100,000.
#[must_use]
pub fn minimums() -> Vec<u64> {
    let steps = (0..POWERS).flat_map(|power| TENTHS.map(|tenths| tenths * 10_u64.pow(power) / 10));
    let mut all: Vec<u64> = std::iter::once(0).chain(steps).chain([10_u64.pow(POWERS)]).collect();
    // 1, 1.2 and 1.5 all become 1.
    all.dedup();
    all
}

/// The index of the nearest of ascending values; the lower of two that are equally near.
#[must_use]
pub fn nearest(values: &[u64], value: u64) -> usize {
    let distances = values.iter().map(|known| known.abs_diff(value)).enumerate();
    distances.min_by_key(|(_, distance)| *distance).map_or(0, |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minimums_rise_in_round_steps_from_none() {
        let all = minimums();
        assert_eq!(all[..9], [0, 1, 2, 3, 4, 5, 6, 8, 10]);
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
        for round in [100, 250, 1_000, 1_500, 10_000, 100_000] {
            assert!(all.contains(&round), "{round}");
        }
        assert_eq!(all.last(), Some(&100_000));
    }

    #[test]
    fn the_nearest_of_two_as_near_is_the_lower() {
        let values = [0, 10, 20, 40];
        assert_eq!(
            [0, 4, 6, 15, 31, 999].map(|value| nearest(&values, value)),
            [0, 0, 1, 1, 3, 3]
        );
        assert_eq!(nearest(&[], 7), 0);
    }
}
