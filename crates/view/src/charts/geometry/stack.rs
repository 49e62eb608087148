//! Stacked series.

/// One layer of a stack: its start and end value at each position.
pub type Layer = Vec<(f64, f64)>;

/// Stacks series, the first at the bottom. Series with `true` are stacked downwards from zero. Missing values count as
/// zero. Every layer is as long as the longest series.
#[must_use]
pub fn stack(series: &[(&[Option<f64>], bool)]) -> Vec<Layer> {
    let count = series.iter().map(|(values, _)| values.len()).max().unwrap_or(0);
    let mut above = vec![0.0; count];
    let mut below = vec![0.0; count];
    series
        .iter()
        .map(|(values, is_below)| {
            let (tops, sign) = if *is_below {
                (&mut below, -1.0)
            } else {
                (&mut above, 1.0)
            };
            tops.iter_mut()
                .enumerate()
                .map(|(at, top)| {
                    let from = *top;
                    *top += sign * values.get(at).copied().flatten().unwrap_or(0.0);
                    (from, *top)
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_stack_up_and_down_from_zero() {
        let up = [Some(1.0), Some(2.0)];
        let more = [Some(3.0), None];
        let down = [Some(4.0)];
        assert_eq!(
            stack(&[(&up, false), (&more, false), (&down, true)]),
            [
                vec![(0.0, 1.0), (0.0, 2.0)],
                vec![(1.0, 4.0), (2.0, 2.0)],
                vec![(0.0, -4.0), (0.0, 0.0)],
            ]
        );
        assert!(stack(&[]).is_empty());
    }
}
