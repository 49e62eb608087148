//! Holdout: choose a policy on one part of the days, and score it on the rest.

use super::{Grid, InvalidSweep, Sweep, SweepError, SweepInput, SweepOutcome, sweep};
use serde::{Deserialize, Serialize};

/// One sweep, counted over the days before a split and over the days after it.
///
/// Both parts replay every policy from the table's first day. So the second starts from the bands at the split, not
/// from new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holdout {
    /// The first day of the second part, as a position from the table's first.
    pub split_day: u32,
    /// Counts before the split, to choose by.
    pub chosen_on: Grid,
    /// Counts from the split on, to score the choice.
    pub scored_on: Grid,
}

/// One cell of a holdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldoutCell {
    /// The cell's column.
    pub x: usize,
    /// The cell's row.
    pub y: usize,
    /// Its count before the split.
    pub chosen_on: u64,
    /// Its count from the split on.
    pub scored_on: u64,
    /// The lowest count of any cell from the split on.
    pub best_after: u64,
}

/// Sweeps the days before `split_day` and from it on. [`SweepOutcome::EndingDiffers`] is refused, because it needs the
/// current policy's bands at both ends; sweep the parts separately with [`Sweep::days`].
///
/// # Errors
/// As [`sweep`]; also when the split is not inside the sweep's days or the outcome needs bands at two ends.
pub fn holdout(input: SweepInput<'_>, whole: &Sweep, split_day: u32) -> Result<Holdout, SweepError> {
    let days = whole.counted_days(input.table.day_count());
    if !(days.start < split_day && split_day < days.end) {
        let problem = format!("{split_day} is not inside the days {} to {}", days.start, days.end);
        return Err(InvalidSweep::new("split_day", problem).into());
    }
    if whole.outcomes.has(SweepOutcome::EndingDiffers) {
        let problem = "comparing final bands needs the current policy's at each part's end; sweep the parts apart";
        return Err(InvalidSweep::new("outcomes", problem).into());
    }
    let part = |days| {
        let part = Sweep {
            days: Some(days),
            ..whole.clone()
        };
        sweep(input, &part)
    };
    Ok(Holdout {
        split_day,
        chosen_on: part(days.start..split_day)?,
        scored_on: part(split_day..days.end)?,
    })
}

impl Holdout {
    /// The cell with the lowest count before the split (the first of equals), and its count after it. `None` when the
    /// outcome was not counted.
    #[must_use]
    pub fn fewest(&self, outcome: SweepOutcome) -> Option<HoldoutCell> {
        let (before, after) = (self.chosen_on.plane(outcome)?, self.scored_on.plane(outcome)?);
        let (cell, count) = before.iter().enumerate().min_by_key(|(_, count)| **count)?;
        let width = self.chosen_on.totals.width();
        Some(HoldoutCell {
            x: cell % width,
            y: cell / width,
            chosen_on: *count,
            scored_on: *after.get(cell)?,
            best_after: *after.iter().min()?,
        })
    }
}
