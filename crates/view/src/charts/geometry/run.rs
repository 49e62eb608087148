//! Runs of equal values, and where lines are labelled.

/// Consecutive positions with the same value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointRun {
    /// The value they share.
    pub value: f64,
    /// The first position.
    pub from: usize,
    /// The position after the last.
    pub to: usize,
}

/// The runs of equal values, in order. Gaps belong to no run.
#[must_use]
pub fn runs(values: &[Option<f64>]) -> Vec<PointRun> {
    let mut at = 0;
    let mut runs = Vec::new();
    for same in values.chunk_by(|one, next| one == next) {
        let to = at + same.len();
        if let Some(value) = same.first().copied().flatten() {
            runs.push(PointRun { value, from: at, to });
        }
        at = to;
    }
    runs
}

/// The end of each line where its label goes; `true` is the right end.
///
/// `lines`: their pixels from the top. A label goes right unless another one there is nearer than `room`. Then it goes
/// to the end with more space.
#[must_use]
pub fn label_sides(lines: &[f64], room: f64) -> Vec<bool> {
    let mut placed: Vec<(f64, bool)> = Vec::new();
    for y in lines {
        let free = |side: bool| {
            let near = placed.iter().filter(|(_, on)| *on == side);
            near.map(|(other, _)| (other - y).abs()).fold(f64::INFINITY, f64::min)
        };
        let is_right = free(true) >= room || free(true) >= free(false);
        placed.push((*y, is_right));
    }
    placed.into_iter().map(|(_, is_right)| is_right).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbours_are_one_run_and_gaps_are_none() {
        let values = [Some(1.0), Some(1.0), None, Some(1.0), Some(0.0)];
        let run = |value, from, to| PointRun { value, from, to };
        assert_eq!(runs(&values), [run(1.0, 0, 2), run(1.0, 3, 4), run(0.0, 4, 5)]);
        assert!(runs(&[None, None]).is_empty() && runs(&[]).is_empty());
    }

    #[test]
    fn labels_that_would_overlap_go_to_the_other_end() {
        assert_eq!(label_sides(&[10.0, 40.0], 14.0), [true, true]);
        assert_eq!(label_sides(&[10.0, 15.0, 60.0, 62.0], 14.0), [true, false, true, false]);
        // The third is near both: it goes where the nearer neighbour is further.
        assert_eq!(label_sides(&[10.0, 15.0, 18.0], 14.0), [true, false, true]);
    }
}
