//! Plateaus of cells with equal counts, and the lines between cells that differ.

use serde::{Deserialize, Serialize};

/// Adjacent cells (horizontally or vertically) with the same count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Plateau {
    /// Their count.
    pub count: u64,
    /// How many cells.
    pub cells: usize,
}

/// Every cell's plateau.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plateaus {
    /// The plateaus, in the order of their first cells.
    pub plateaus: Vec<Plateau>,
    /// Per cell, row by row, the position of its plateau.
    pub of_cell: Vec<u32>,
}

/// A line along the edges of cells, from corner to corner; corner (0, 0) is that of the first cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EdgeLine {
    /// Where it starts, in cells from the left.
    pub x0: u32,
    /// Where it starts, in rows from the first.
    pub y0: u32,
    /// Where it ends; at least `x0`.
    pub x1: u32,
    /// Where it ends; at least `y0`.
    pub y1: u32,
}

/// Finds the plateaus of a plane of rows of `width` cells.
#[must_use]
pub fn plateaus(plane: &[u64], width: usize) -> Plateaus {
    const NONE: u32 = u32::MAX;
    let mut found = Plateaus {
        plateaus: Vec::new(),
        of_cell: vec![NONE; plane.len()],
    };
    let width = width.max(1);
    let mut open = Vec::new();
    for (first, count) in plane.iter().enumerate() {
        if found.of_cell.get(first).is_some_and(|label| *label != NONE) {
            continue;
        }
        let label = u32::try_from(found.plateaus.len()).unwrap_or(NONE - 1);
        let mut cells = 0;
        open.push(first);
        while let Some(cell) = open.pop() {
            let is_same = plane.get(cell) == Some(count);
            let Some(slot) = found.of_cell.get_mut(cell).filter(|slot| is_same && **slot == NONE) else {
                continue;
            };
            *slot = label;
            cells += 1;
            let (x, down) = (cell % width, cell + width);
            open.extend((x > 0).then(|| cell - 1));
            open.extend((x + 1 < width).then_some(cell + 1));
            open.extend(cell.checked_sub(width));
            open.extend((down < plane.len()).then_some(down));
        }
        found.plateaus.push(Plateau { count: *count, cells });
    }
    found
}

/// The lines between cells that differ. Each line is as long as it is straight.
#[must_use]
pub fn borders(plane: &[u64], width: usize) -> Vec<EdgeLine> {
    lines(plane, width, |one, other| one != other)
}

/// The lines between cells below a level and cells at or above it.
#[must_use]
pub fn contour(plane: &[u64], width: usize, level: u64) -> Vec<EdgeLine> {
    lines(plane, width, |one, other| (one < level) != (other < level))
}

/// At most `count` levels that split the range of a plane's counts evenly; none if all counts are equal.
#[must_use]
pub fn levels(plane: &[u64], count: usize) -> Vec<u64> {
    let (Some(least), Some(most)) = (plane.iter().min(), plane.iter().max()) else {
        return Vec::new();
    };
    let span = u128::from(most - least);
    let at = |step: usize| {
        let part = (span * (step as u128 + 1)).div_ceil(count as u128 + 1);
        least + u64::try_from(part).unwrap_or(0)
    };
    let mut levels: Vec<u64> = (0..count).map(at).filter(|level| level > least).collect();
    levels.dedup();
    levels
}

fn lines(plane: &[u64], width: usize, is_between: impl Fn(u64, u64) -> bool) -> Vec<EdgeLine> {
    let width = width.max(1);
    let height = plane.len() / width;
    let at = |x: usize, y: usize| plane.get(y * width + x).copied().unwrap_or(0);
    let mut lines = Vec::new();
    for x in 1..width {
        straight(
            height,
            |y| is_between(at(x - 1, y), at(x, y)),
            |y0, y1| {
                lines.push(line((x, y0), (x, y1)));
            },
        );
    }
    for y in 1..height {
        straight(
            width,
            |x| is_between(at(x, y - 1), at(x, y)),
            |x0, x1| {
                lines.push(line((x0, y), (x1, y)));
            },
        );
    }
    lines
}

fn line(from: (usize, usize), to: (usize, usize)) -> EdgeLine {
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    EdgeLine {
        x0: narrow(from.0),
        y0: narrow(from.1),
        x1: narrow(to.0),
        y1: narrow(to.1),
    }
}

/// Calls `found` with the start and end of each run of positions below `end` for which `is_in` is true.
fn straight(end: usize, is_in: impl Fn(usize) -> bool, mut found: impl FnMut(usize, usize)) {
    let mut start = None;
    for at in 0..=end {
        let is_in = at < end && is_in(at);
        match (start, is_in) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                found(from, at);
                start = None;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 1 1 2
    // 1 3 2
    // 3 3 1
    const PLANE: [u64; 9] = [1, 1, 2, 1, 3, 2, 3, 3, 1];

    fn at(x0: u32, y0: u32, x1: u32, y1: u32) -> EdgeLine {
        EdgeLine { x0, y0, x1, y1 }
    }

    #[test]
    fn plateaus_are_connected_cells_of_one_count() {
        let found = plateaus(&PLANE, 3);
        let counts: Vec<_> = found.plateaus.iter().map(|each| (each.count, each.cells)).collect();
        assert_eq!(counts, [(1, 3), (2, 2), (3, 3), (1, 1)]);
        assert_eq!(found.of_cell, [0, 0, 1, 0, 2, 1, 2, 2, 3]);
        assert_eq!(plateaus(&[], 5), Plateaus::default());
        assert_eq!(plateaus(&[7; 6], 2).plateaus, [Plateau { count: 7, cells: 6 }]);
    }

    #[test]
    fn borders_run_straight_between_cells_that_differ() {
        let mut lines = borders(&PLANE, 3);
        lines.sort();
        assert_eq!(
            lines,
            [
                at(0, 2, 1, 2),
                at(1, 1, 1, 2),
                at(1, 1, 2, 1),
                at(2, 0, 2, 3),
                at(2, 2, 3, 2)
            ]
        );
        assert_eq!(borders(&[4; 9], 3), []);
    }

    #[test]
    fn a_contour_parts_counts_below_its_level_from_the_others() {
        let mut lines = contour(&PLANE, 3, 3);
        lines.sort();
        assert_eq!(lines, [at(0, 2, 1, 2), at(1, 1, 1, 2), at(1, 1, 2, 1), at(2, 1, 2, 3)]);
        assert_eq!(contour(&PLANE, 3, 1), []);
    }

    #[test]
    fn levels_lie_inside_the_range() {
        assert_eq!(levels(&[0, 100], 3), [25, 50, 75]);
        assert_eq!(levels(&[5, 6], 4), [6], "levels that tell the same cells apart are one");
        assert_eq!(levels(&[5, 5], 4), Vec::<u64>::new());
        assert_eq!(levels(&[], 4), Vec::<u64>::new());
        assert_eq!(levels(&[0, u64::MAX], 1), [1 << 63]);
    }
}
