//! The map's numbers as a table.

use crate::export::Sheet;
use poolkeeper_core::health::PolicyParam;
use poolkeeper_lab::sweep::Grid;

/// One row for each cell: both thresholds, then each outcome. `parts` names the grids when there are several.
#[must_use]
pub fn sheet(grids: &[&Grid], parts: &[&str]) -> Sheet {
    let Some(first) = grids.first() else {
        return Sheet::default();
    };
    let mut names = vec![column(first.x.knob), column(first.y.knob)];
    let mut planes = Vec::new();
    for (at, grid) in grids.iter().enumerate() {
        for outcome in grid.totals.outcomes().iter() {
            let name = outcome.name();
            names.push(match parts.get(at) {
                Some(part) => format!("{name}, {part}"),
                None => name,
            });
            planes.push(grid.plane(outcome).unwrap_or(&[]));
        }
    }
    let cells = first
        .y
        .values
        .iter()
        .flat_map(|y| first.x.values.iter().map(move |x| (x, y)));
    let rows = cells.enumerate().map(|(at, (x, y))| {
        let counts = planes
            .iter()
            .map(|plane| plane.get(at).copied().unwrap_or(0).to_string());
        let thresholds = [file_value(first.x.knob, *x), file_value(first.y.knob, *y)];
        thresholds.into_iter().chain(counts).collect()
    });
    Sheet {
        rows: rows.collect(),
        columns: names,
    }
}

fn column(knob: poolkeeper_lab::sweep::AxisParam) -> String {
    let param = knob.param();
    let unit = if param == PolicyParam::MinimumProcessed {
        "messages"
    } else {
        "percent"
    };
    format!("{} ({unit})", param.label())
}

/// A value without its unit, as files have it.
fn file_value(knob: poolkeeper_lab::sweep::AxisParam, number: u64) -> String {
    let param = knob.param();
    if param == PolicyParam::MinimumProcessed {
        return number.to_string();
    }
    param.value_text(number).trim_end_matches(" %").to_owned()
}

/// About `most` of `count` positions, evenly spaced and ascending, with the last and `required` among them.
#[must_use]
pub fn sampled(count: usize, most: usize, required: &[usize]) -> Vec<usize> {
    let step = count.div_ceil(most.max(1)).max(1);
    let mut at: Vec<usize> = (0..count).step_by(step).collect();
    at.extend(count.checked_sub(1));
    at.extend(required.iter().copied().filter(|at| *at < count));
    at.sort_unstable();
    at.dedup();
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::health::Metric;
    use poolkeeper_core::model::Band;
    use poolkeeper_lab::sweep::{Axis, AxisParam, PartialGrid, SweepOutcome};

    #[test]
    fn every_cell_is_a_row_with_bare_numbers() {
        let grid = Grid {
            x: Axis {
                knob: AxisParam::GoodAtMost {
                    metric: Metric::ComplaintRate,
                },
                values: vec![500, 1_000],
            },
            y: Axis {
                knob: AxisParam::MinimumProcessed,
                values: vec![1_000, 20_000],
            },
            totals: PartialGrid::empty(
                [SweepOutcome::Ending(Band::Poor), SweepOutcome::Moves]
                    .into_iter()
                    .collect(),
                2,
                2,
            ),
        };
        let made = sheet(&[&grid], &[]);
        assert_eq!(
            made.columns,
            [
                "Complaint rate, good at most (percent)",
                "Minimum processed (messages)",
                "Domains that end in poor",
                "Moves"
            ]
        );
        assert_eq!(made.rows.len(), 4);
        assert_eq!(made.rows[1], ["0.1", "1000", "0", "0"]);
        assert_eq!(made.rows[2], ["0.05", "20000", "0", "0"]);
        let halves = sheet(&[&grid, &grid], &["before", "after"]);
        assert_eq!(halves.columns[5], "Moves, after");
        assert_eq!(sheet(&[], &[]), Sheet::default());
    }

    #[test]
    fn samples_keep_the_ends_and_what_is_marked() {
        assert_eq!(
            sampled(100, 10, &[42, 120]),
            [0, 10, 20, 30, 40, 42, 50, 60, 70, 80, 90, 99]
        );
        assert_eq!(sampled(3, 10, &[1]), [0, 1, 2]);
        assert!(sampled(0, 10, &[0]).is_empty());
    }
}
