//! The result of a sweep.

use super::{Axis, PartialGrid, Sweep, SweepOutcome};
use serde::{Deserialize, Serialize};

/// One count per outcome and cell, with the axes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// The columns, left to right.
    pub x: Axis,
    /// The rows, from the first on.
    pub y: Axis,
    /// The counts.
    pub totals: PartialGrid,
}

impl Grid {
    /// The result of a sweep from the merged counts of all its parts.
    #[must_use]
    pub fn new(sweep: &Sweep, totals: PartialGrid) -> Self {
        Self {
            x: sweep.x.clone(),
            y: sweep.y.clone(),
            totals,
        }
    }

    /// Whether it matches a sweep by its axes, outcomes and size. A grid from a file may not.
    #[must_use]
    pub fn is_of(&self, sweep: &Sweep) -> bool {
        (&self.x, &self.y, self.totals.outcomes()) == (&sweep.x, &sweep.y, sweep.outcomes)
            && (self.totals.width(), self.totals.height()) == (self.x.values.len(), self.y.values.len())
            && self.totals.is_whole()
            && sweep.cells() > 0
    }

    /// One outcome's counts, row by row; `None` when it was not counted.
    #[must_use]
    pub fn plane(&self, outcome: SweepOutcome) -> Option<&[u64]> {
        self.totals.plane(outcome)
    }

    /// The count in column `x` and row `y`.
    #[must_use]
    pub fn at(&self, outcome: SweepOutcome, x: usize, y: usize) -> Option<u64> {
        let row = self.plane(outcome)?.chunks_exact(self.totals.width()).nth(y)?;
        row.get(x).copied()
    }

    /// One outcome along the x axis, in row `y`.
    #[must_use]
    pub fn along_x(&self, outcome: SweepOutcome, y: usize) -> Option<&[u64]> {
        self.plane(outcome)?.chunks_exact(self.totals.width()).nth(y)
    }

    /// One outcome along the y axis, in column `x`.
    #[must_use]
    pub fn along_y(&self, outcome: SweepOutcome, x: usize) -> Option<Vec<u64>> {
        let rows = self.plane(outcome)?.chunks_exact(self.totals.width());
        rows.map(|row| row.get(x).copied()).collect()
    }
}
