//! Positions on the map: cells, policies and ticks of the axes. Rows run upwards.

use crate::charts::geometry::nice_ticks;
use poolkeeper_core::health::{Policy, PolicyParam};
use poolkeeper_lab::sweep::{Grid, Sweep};

/// The rectangle of the cells, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlotArea {
    /// The left edge.
    pub left: f64,
    /// The upper edge.
    pub top: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// The number of cells in a row.
    pub columns: usize,
    /// The number of rows.
    pub rows: usize,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a grid has some thousand cells a side at most"
)]
impl PlotArea {
    /// The pixel of a position in cells from the left and rows from the bottom.
    #[must_use]
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let right = x / self.columns.max(1) as f64 * self.width;
        let up = y / self.rows.max(1) as f64 * self.height;
        (self.left + right, self.top + self.height - up)
    }

    /// The size of a cell.
    #[must_use]
    pub fn cell(&self) -> (f64, f64) {
        (
            self.width / self.columns.max(1) as f64,
            self.height / self.rows.max(1) as f64,
        )
    }

    /// The cell under a pixel; `None` outside the cells.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "inside the plot by the check before"
    )]
    pub fn cell_at(&self, x: f64, y: f64) -> Option<(usize, usize)> {
        let (right, up) = ((x - self.left) / self.width, 1.0 - (y - self.top) / self.height);
        let is_inside = (0.0..1.0).contains(&right) && (0.0..1.0).contains(&up);
        is_inside.then_some(((right * self.columns as f64) as usize, (up * self.rows as f64) as usize))
    }
}

/// The position of a value among ascending ones, in cells. It is the middle of the first cell with this value, or a
/// point between the middles of its two neighbours. `None` below the first and above the last value.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a place for display")]
pub fn place(values: &[u64], value: u64) -> Option<f64> {
    let at = values.partition_point(|known| *known < value);
    let above = *values.get(at)?;
    if above == value {
        return Some(at as f64 + 0.5);
    }
    let below = *values.get(at.checked_sub(1)?)?;
    Some(at as f64 - 0.5 + (value - below) as f64 / (above - below) as f64)
}

/// A policy's position on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyMark {
    /// Its position in cells from the left and rows from the bottom; at the edge when it is outside the map.
    pub at: (f64, f64),
    /// The cell nearest to it.
    pub cell: (usize, usize),
    /// The axes whose range its value is outside, with that value.
    pub outside: Vec<(PolicyParam, u64)>,
    /// Whether the cell's policy equals this one in every parameter.
    pub is_exact: bool,
}

/// A policy's position; `None` if a metric that an axis shows is off in it. `base`: the policy whose other parameters
/// the map uses.
#[must_use]
pub fn mark(policy: &Policy, grid: &Grid, base: &Policy) -> Option<PolicyMark> {
    let mut outside = Vec::new();
    let mut along = |param: PolicyParam, values: &[u64]| {
        let value = param.get(policy)?;
        let (first, last) = (*values.first()?, *values.last()?);
        let at = place(values, value.clamp(first, last))?;
        if !(first..=last).contains(&value) {
            outside.push((param, value));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0.5 and the number of values"
        )]
        let cell = at as usize;
        Some((at, cell.min(values.len() - 1)))
    };
    let x = along(grid.x.knob.param(), &grid.x.values)?;
    let y = along(grid.y.knob.param(), &grid.y.values)?;
    let sweep = Sweep {
        base: base.clone(),
        x: grid.x.clone(),
        y: grid.y.clone(),
        outcomes: grid.totals.outcomes(),
        days: None,
    };
    Some(PolicyMark {
        at: (x.0, y.0),
        cell: (x.1, y.1),
        is_exact: sweep.policy_at(x.1, y.1).as_ref() == Some(policy),
        outside,
    })
}

/// A tick of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AxisTick {
    /// Its position in cells.
    pub at: f64,
    /// Its value.
    pub value: u64,
}

/// The ends of an axis and round values between them. No two are nearer than `apart`, a share of the axis.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "parts per million and counts of messages, far below 2^52"
)]
pub fn ticks(values: &[u64], apart: f64) -> Vec<AxisTick> {
    let (Some(first), Some(last)) = (values.first().copied(), values.last().copied()) else {
        return Vec::new();
    };
    let middle = values.get(values.len() / 2).copied().unwrap_or(first) as f64;
    let (arithmetic, geometric) = (
        f64::midpoint(first as f64, last as f64),
        libm::sqrt(first as f64 * last as f64),
    );
    let is_logarithmic = first > 0 && (middle - geometric).abs() < (middle - arithmetic).abs();
    let round: Vec<u64> = if is_logarithmic {
        (0..12_u32)
            .flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)))
            .collect()
    } else {
        let all = nice_ticks(first as f64, last as f64, 5);
        all.into_iter()
            .filter(|tick| *tick >= 0.0)
            .map(|tick| tick as u64)
            .collect()
    };
    let count = values.len() as f64;
    let mut kept: Vec<AxisTick> = Vec::new();
    for value in [first, last].into_iter().chain(round) {
        let Some(at) = place(values, value) else { continue };
        if kept.iter().all(|other| (other.at - at).abs() / count >= apart) {
            kept.push(AxisTick { at, value });
        }
    }
    kept.sort_by_key(|tick| tick.value);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::health::Metric;
    use poolkeeper_lab::sweep::{Axis, AxisParam, PartialGrid};

    const PLOT: PlotArea = PlotArea {
        left: 40.0,
        top: 10.0,
        width: 200.0,
        height: 100.0,
        columns: 10,
        rows: 5,
    };

    #[test]
    fn rows_run_upwards() {
        assert_eq!(PLOT.at(0.0, 0.0), (40.0, 110.0));
        assert_eq!(PLOT.at(10.0, 5.0), (240.0, 10.0));
        assert_eq!(PLOT.cell(), (20.0, 20.0));
        assert_eq!(PLOT.cell_at(41.0, 109.0), Some((0, 0)));
        assert_eq!(PLOT.cell_at(239.0, 11.0), Some((9, 4)));
        assert_eq!(PLOT.cell_at(100.0, 50.0), Some((3, 3)));
        for beside in [(39.0, 50.0), (240.0, 50.0), (100.0, 9.0), (100.0, 111.0)] {
            assert_eq!(PLOT.cell_at(beside.0, beside.1), None, "{beside:?}");
        }
    }

    #[test]
    fn values_have_the_middle_of_their_cell_and_others_a_place_between() {
        let values = [10, 20, 20, 40];
        assert_eq!(place(&values, 10), Some(0.5));
        assert_eq!(place(&values, 20), Some(1.5));
        assert_eq!(place(&values, 30), Some(3.0));
        assert_eq!(place(&values, 40), Some(3.5));
        assert_eq!(
            (place(&values, 9), place(&values, 41), place(&[], 1)),
            (None, None, None)
        );
    }

    fn grid(bounce: Vec<u64>, minimum: Vec<u64>) -> Grid {
        let metric = Metric::BounceRate;
        let (width, height) = (bounce.len(), minimum.len());
        Grid {
            x: Axis {
                knob: AxisParam::GoodAtMost { metric },
                values: bounce,
            },
            y: Axis {
                knob: AxisParam::MinimumProcessed,
                values: minimum,
            },
            totals: PartialGrid::empty([].into_iter().collect(), width, height),
        }
    }

    #[test]
    fn a_policy_has_a_cell_and_lists_axes_it_is_outside_of() {
        let policy = Policy::default();
        let on = grid(vec![20_000, 50_000, 80_000], vec![500, 1_000]);
        let expected = PolicyMark {
            at: (1.5, 1.5),
            cell: (1, 1),
            outside: vec![],
            is_exact: true,
        };
        assert_eq!(mark(&policy, &on, &policy), Some(expected));
        let other_base = Policy {
            window_days: 30,
            ..policy.clone()
        };
        assert!(mark(&policy, &on, &other_base).is_some_and(|mark| !mark.is_exact));
        let outside = mark(&policy, &grid(vec![20_000, 30_000], vec![2_000, 3_000]), &policy).unwrap();
        assert_eq!((outside.at, outside.cell), ((1.5, 0.5), (1, 0)));
        assert_eq!(
            outside.outside,
            [
                (PolicyParam::GoodAtMost(Metric::BounceRate), 50_000),
                (PolicyParam::MinimumProcessed, 1_000)
            ]
        );
        let without = Policy { bounce: None, ..policy };
        assert_eq!(mark(&without, &on, &without), None);
    }

    #[test]
    fn ticks_are_round_between_the_ends_and_do_not_crowd() {
        let values = |ticks: Vec<AxisTick>| ticks.into_iter().map(|tick| tick.value).collect::<Vec<_>>();
        let even: Vec<u64> = (0..=100).map(|step| step * 1_000).collect();
        assert_eq!(values(ticks(&even, 0.1)), [0, 20_000, 40_000, 60_000, 80_000, 100_000]);
        assert_eq!(values(ticks(&even, 0.5)), [0, 100_000]);
        let powers: Vec<u64> = (0..=8).map(|step| 25_000 * 2_u64.pow(step) / 16).collect();
        assert_eq!(
            values(ticks(&powers, 0.1)),
            [1_562, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 400_000]
        );
        assert_eq!(values(ticks(&[7], 0.1)), [7]);
        assert!(ticks(&[], 0.1).is_empty());
    }
}
