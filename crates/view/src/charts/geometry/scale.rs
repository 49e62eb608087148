//! From values to pixels and back.

/// A linear scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearScale {
    /// The values at both ends.
    pub values: (f64, f64),
    /// The pixels at both ends.
    pub pixels: (f64, f64),
}

impl LinearScale {
    /// A scale from values to pixels.
    #[must_use]
    pub const fn new(values: (f64, f64), pixels: (f64, f64)) -> Self {
        Self { values, pixels }
    }

    /// The pixel of a value; the first pixel when both ends have the same value.
    #[must_use]
    pub fn at(&self, value: f64) -> f64 {
        let span = self.values.1 - self.values.0;
        if span == 0.0 {
            return self.pixels.0;
        }
        self.pixels.0 + (value - self.values.0) / span * (self.pixels.1 - self.pixels.0)
    }
}

/// The index of the point nearest to a pixel; `None` when `count` is zero. The points are evenly spaced from pixel
/// `first` to pixel `last`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clamped to the points there are, which are far below 2^52"
)]
pub fn nearest_index(pixel: f64, first: f64, last: f64, count: usize) -> Option<usize> {
    let gaps = count.checked_sub(1)?;
    let span = last - first;
    if gaps == 0 || span <= 0.0 {
        return Some(0);
    }
    let at = libm::round((pixel - first) / span * gaps as f64);
    Some(at.clamp(0.0, gaps as f64) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_map_to_pixels_upside_down_too() {
        let scale = LinearScale::new((0.0, 400.0), (200.0, 0.0));
        assert!((scale.at(0.0) - 200.0).abs() < 1e-9);
        assert!((scale.at(100.0) - 150.0).abs() < 1e-9);
        assert!((LinearScale::new((5.0, 5.0), (3.0, 9.0)).at(5.0) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn the_nearest_point_is_found_and_kept_within_the_ends() {
        assert_eq!(nearest_index(0.0, 0.0, 100.0, 0), None);
        assert_eq!(nearest_index(70.0, 0.0, 100.0, 1), Some(0));
        assert_eq!(nearest_index(-20.0, 0.0, 100.0, 11), Some(0));
        assert_eq!(nearest_index(44.0, 0.0, 100.0, 11), Some(4));
        assert_eq!(nearest_index(46.0, 0.0, 100.0, 11), Some(5));
        assert_eq!(nearest_index(900.0, 0.0, 100.0, 11), Some(10));
    }
}
