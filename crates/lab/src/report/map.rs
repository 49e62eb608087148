//! A sweep's counts as maps that need nothing but themselves.

use crate::number_format::{count, ppm};
use crate::sweep::{Axis, GoodThreshold, Grid, Knob, SweepOutcome};
use poolkeeper_core::health::Metric;
use std::fmt::Write as _;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 96.0;
const BOTTOM: f64 = 40.0;

/// Shades of a map.
const SHADES: u64 = 24;

fn knob(axis: &Axis) -> String {
    let metric = |metric: Metric| match metric {
        Metric::BounceRate => "Bounce",
        Metric::ComplaintRate => "Complaint",
    };
    match axis.knob {
        Knob::PoorAtLeast {
            metric: of,
            good: GoodThreshold::Fixed,
        } => format!("{} rate, poor at least", metric(of)),
        Knob::PoorAtLeast {
            metric: of,
            good: GoodThreshold::Tied { share_ppm },
        } => format!(
            "{} rate, poor at least (good at most {} of it)",
            metric(of),
            ppm(share_ppm)
        ),
        Knob::GoodAtMost { metric: of } => format!("{} rate, good at most", metric(of)),
        Knob::MinimumProcessed => "Minimum processed".to_owned(),
    }
}

fn value(axis: &Axis, value: Option<&u64>) -> String {
    let value = value.copied().unwrap_or(0);
    match axis.knob {
        Knob::MinimumProcessed => count(value),
        Knob::PoorAtLeast { .. } | Knob::GoodAtMost { .. } => ppm(u32::try_from(value).unwrap_or(u32::MAX)),
    }
}

fn name(outcome: SweepOutcome) -> String {
    match outcome {
        SweepOutcome::Ending(band) => format!("Domains that end in {band}"),
        SweepOutcome::Days(band) => format!("Domain-days in {band}"),
        SweepOutcome::Moves => "Moves".to_owned(),
        SweepOutcome::Flaps => "Moves back within 14 days".to_owned(),
        SweepOutcome::PoorMessages => "Messages sent while poor".to_owned(),
        SweepOutcome::EndingDiffers => "Domains that end elsewhere than under A".to_owned(),
    }
}

/// The maps of all outcomes; grids of one sweep side by side, each with what to add to its names.
pub(super) fn maps(grids: &[(&str, &Grid)]) -> String {
    let mut text = String::new();
    let Some((_, first)) = grids.first() else { return text };
    for outcome in first.totals.outcomes().iter() {
        for (part, grid) in grids {
            text.push_str(&map(&format!("{}{part}", name(outcome)), grid, outcome));
        }
    }
    text
}

/// One outcome: darker is more. Rows run upwards; cells of a row with one shade are one rectangle.
#[expect(clippy::cast_precision_loss, reason = "pixels")]
fn map(title: &str, grid: &Grid, outcome: SweepOutcome) -> String {
    let plane = grid.plane(outcome).unwrap_or(&[]);
    let (width, height) = (grid.totals.width().max(1), grid.totals.height().max(1));
    let (least, most) = (
        plane.iter().min().copied().unwrap_or(0),
        plane.iter().max().copied().unwrap_or(0),
    );
    let shade = |count: u64| {
        let above = u128::from(count - least) * u128::from(SHADES);
        u64::try_from(above.checked_div(u128::from(most - least)).unwrap_or(0)).unwrap_or(SHADES)
    };
    let (cell_width, cell_height) = ((WIDTH - LEFT) / width as f64, HEIGHT / height as f64);
    let mut svg = format!(
        "<figure><figcaption>{title}: {} to {}</figcaption><svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" \
         aria-label=\"{title}: from {} to {}\">",
        count(least),
        count(most),
        HEIGHT + BOTTOM,
        count(least),
        count(most)
    );
    for (y, row) in plane.chunks_exact(width).enumerate() {
        let top = HEIGHT - (y + 1) as f64 * cell_height;
        let mut x = 0;
        for run in row.chunk_by(|one, next| shade(*one) == shade(*next)) {
            let opacity = run.first().map_or(0, |count| shade(*count)) as f64 / SHADES as f64;
            // Writing to a string cannot fail.
            let _ = write!(
                svg,
                "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{cell_height:.1}\" fill-opacity=\"{opacity:.2}\"/>",
                LEFT + x as f64 * cell_width,
                run.len() as f64 * cell_width
            );
            x += run.len();
        }
    }
    let (across, up) = (&grid.x, &grid.y);
    let _ = write!(
        svg,
        "<text x=\"{LEFT}\" y=\"{0}\">{1}</text><text x=\"{WIDTH}\" y=\"{0}\" class=\"end\">{2}</text>\
         <text x=\"{3}\" y=\"{HEIGHT}\" class=\"end\">{4}</text><text x=\"{3}\" y=\"12\" class=\"end\">{5}</text>\
         </svg><figcaption>Across: {6}. Up: {7}.</figcaption></figure>",
        HEIGHT + 16.0,
        value(across, across.values.first()),
        value(across, across.values.last()),
        LEFT - 6.0,
        value(up, up.values.first()),
        value(up, up.values.last()),
        knob(across),
        knob(up)
    );
    svg
}
