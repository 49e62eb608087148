//! Results read from the map: the plateau around a cell, and how the best plateau does on the days held out.

use poolkeeper_core::model::Band;
use poolkeeper_lab::sweep::{Grid, SweepOutcome, plateaus};

/// The grids of a sweep's result: one, or two with a holdout, before and after the split. Other jobs have none.
#[must_use]
pub fn grids(outcome: &poolkeeper_lab::JobResult) -> Vec<&Grid> {
    match outcome {
        poolkeeper_lab::JobResult::Sweep(grid) => vec![grid],
        poolkeeper_lab::JobResult::Holdout(halves) => vec![&halves.chosen_on, &halves.scored_on],
        _ => Vec::new(),
    }
}

/// The cells around a cell that have the same count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbourhood {
    /// The count.
    pub count: u64,
    /// The first and the last column of the run in the cell's row.
    pub columns: (usize, usize),
    /// The first and the last row of the run in the cell's column.
    pub rows: (usize, usize),
    /// The number of cells of its plateau.
    pub cells: usize,
}

/// The cells with the same count around a cell; `None` outside the grid.
#[must_use]
pub fn around(plane: &[u64], columns: usize, cell: (usize, usize)) -> Option<Neighbourhood> {
    let columns = columns.max(1);
    let (x, y) = cell;
    if x >= columns {
        return None;
    }
    let at = y * columns + x;
    let count = *plane.get(at)?;
    let row: Vec<u64> = plane.chunks_exact(columns).nth(y)?.to_vec();
    let column: Vec<u64> = plane
        .chunks_exact(columns)
        .filter_map(|row| row.get(x).copied())
        .collect();
    let found = plateaus(plane, columns);
    let label = *found.of_cell.get(at)?;
    Some(Neighbourhood {
        count,
        columns: run(&row, x),
        rows: run(&column, y),
        cells: found.plateaus.get(label as usize)?.cells,
    })
}

/// The ends of the run of equal counts around a position.
fn run(counts: &[u64], at: usize) -> (usize, usize) {
    let own = counts.get(at);
    let is_same = |count: &u64| Some(count) == own;
    let before = counts.iter().take(at).rev().take_while(|count| is_same(count)).count();
    let after = counts.iter().skip(at + 1).take_while(|count| is_same(count)).count();
    (at - before, at + after)
}

/// Whether more of an outcome is better.
#[must_use]
pub const fn wants_most(outcome: SweepOutcome) -> bool {
    matches!(
        outcome,
        SweepOutcome::Ending(Band::Good) | SweepOutcome::Days(Band::Good)
    )
}

/// The largest plateau with the best count before a split, and the counts of its cells after the split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BestCells {
    /// The best count before the split.
    pub count: u64,
    /// The number of cells of the plateau.
    pub cells: usize,
    /// The lowest and the highest count of its cells after the split.
    pub after: (u64, u64),
    /// The best count of any cell after the split.
    pub best_after: u64,
}

/// Finds the best cells; `None` if the planes are empty or differ in size. `wants_most`: more is better.
#[must_use]
pub fn best(before: &[u64], after: &[u64], columns: usize, wants_most: bool) -> Option<BestCells> {
    if before.len() != after.len() {
        return None;
    }
    let best_of = |plane: &[u64]| {
        let counts = plane.iter().copied();
        if wants_most { counts.max() } else { counts.min() }
    };
    let count = best_of(before)?;
    let found = plateaus(before, columns);
    let plateaus = found
        .plateaus
        .iter()
        .enumerate()
        .filter(|(_, plateau)| plateau.count == count);
    // The first of equally large ones.
    let (label, plateau) = plateaus.rev().max_by_key(|(_, plateau)| plateau.cells)?;
    let scored = after
        .iter()
        .zip(&found.of_cell)
        .filter(|(_, of)| **of as usize == label)
        .map(|(count, _)| *count);
    Some(BestCells {
        count,
        cells: plateau.cells,
        after: (scored.clone().min()?, scored.max()?),
        best_after: best_of(after)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Rows from the bottom:
    // 4 4 4 7
    // 4 5 4 4
    // 9 5 5 4
    const PLANE: [u64; 12] = [4, 4, 4, 7, 4, 5, 4, 4, 9, 5, 5, 4];

    #[test]
    fn around_a_cell_the_runs_along_both_axes_and_the_plateau() {
        let found = around(&PLANE, 4, (2, 0)).unwrap();
        assert_eq!(
            (found.count, found.columns, found.rows, found.cells),
            (4, (0, 2), (0, 1), 7)
        );
        let alone = around(&PLANE, 4, (3, 0)).unwrap();
        assert_eq!((alone.columns, alone.rows, alone.cells), ((3, 3), (0, 0), 1));
        assert_eq!((around(&PLANE, 4, (4, 0)), around(&PLANE, 4, (0, 3))), (None, None));
    }

    #[test]
    fn the_best_plateau_is_scored_on_the_days_held_out() {
        // Fewest before are the 4s: 7 side by side. After the split the same cells have 1, 2, 3, 5, 6, 7 and 11.
        let after = [1, 2, 3, 0, 5, 90, 6, 7, 90, 90, 90, 11];
        let fewest = best(&PLANE, &after, 4, false).unwrap();
        assert_eq!(
            (fewest.count, fewest.cells, fewest.after, fewest.best_after),
            (4, 7, (1, 11), 0)
        );
        // Most before is the 9, alone.
        let most = best(&PLANE, &after, 4, true).unwrap();
        assert_eq!(
            (most.count, most.cells, most.after, most.best_after),
            (9, 1, (90, 90), 90)
        );
        assert_eq!((best(&PLANE, &[], 4, false), best(&[], &[], 4, false)), (None, None));
    }

    #[test]
    fn of_plateaus_with_the_best_count_the_largest_is_taken() {
        // 1 9 1 1: two plateaus of ones.
        let found = best(&[1, 9, 1, 1], &[50, 0, 3, 4], 4, false).unwrap();
        assert_eq!((found.cells, found.after, found.best_after), (2, (3, 4), 0));
    }
}
