//! Values that an axis leaves out.

/// How much higher than all others the one bar has to be that the axis leaves out.
const OUTLIER: f64 = 4.0;

/// The values without one that is far beyond all others, above and below zero: an axis that showed it would flatten the rest.
/// Its bar is cut, and its number is beside it.
pub fn without_outlier(mut values: Vec<f64>) -> Vec<f64> {
    for sign in [1.0, -1.0] {
        // The value farthest from zero on this side, and the next.
        let (mut most, mut next, mut at) = (0.0, 0.0, 0);
        for (here, value) in values.iter().enumerate() {
            let value = value * sign;
            if value > most {
                (most, next, at) = (value, most, here);
            } else if value > next {
                next = value;
            }
        }
        if next > 0.0 && most > OUTLIER * next {
            values.remove(at);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_far_beyond_the_others_does_not_set_the_axis() {
        // 123 is more than four times 5; 12 is not. Below zero the same.
        assert_eq!(without_outlier(vec![123.0, 2.0, 5.0, 0.0]), [2.0, 5.0, 0.0]);
        assert_eq!(without_outlier(vec![12.0, 2.0, 5.0]), [12.0, 2.0, 5.0]);
        assert_eq!(without_outlier(vec![3.0, -2.0, -40.0]), [3.0, -2.0]);
        assert_eq!(without_outlier(vec![-3.0, 7.0]), [-3.0, 7.0]);
        // Alone it is all there is to show.
        assert_eq!(without_outlier(vec![123.0, 0.0]), [123.0, 0.0]);
        assert_eq!(without_outlier(vec![123.0]), [123.0]);
        assert!(without_outlier(Vec::new()).is_empty());
    }
}
