//! A sweep's counts as heatmaps, as self-contained SVG.

use crate::sweep::{Axis, Grid, SweepOutcome};
use maud::{Markup, html};
use poolkeeper_core::text::count;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 96.0;
const BOTTOM: f64 = 40.0;

/// Shades of a heatmap.
const SHADES: u64 = 24;

fn value(axis: &Axis, value: Option<&u64>) -> String {
    axis.knob.param().value_text(value.copied().unwrap_or(0))
}

/// The heatmaps of all outcomes. `grids` are of one sweep, each with a suffix for its titles.
pub(super) fn maps(grids: &[(&str, &Grid)]) -> Markup {
    let outcomes = grids.first().map(|(_, first)| first.totals.outcomes());
    html! {
        @for outcome in outcomes.iter().flat_map(|outcomes| outcomes.iter()) {
            @for (part, grid) in grids {
                (map(&format!("{}{part}", outcome.name()), grid, outcome))
            }
        }
    }
}

/// The heatmap of one outcome: darker is more. Rows run upwards. Adjacent cells of one shade are one rectangle.
#[expect(clippy::cast_precision_loss, reason = "pixels")]
fn map(title: &str, grid: &Grid, outcome: SweepOutcome) -> Markup {
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
    let cells = |y: usize, row: &[u64]| {
        let top = format!("{:.1}", HEIGHT - (y + 1) as f64 * cell_height);
        // Runs of one shade, each with its first column.
        let runs = row
            .chunk_by(|one, next| shade(*one) == shade(*next))
            .scan(0, |end, run| {
                let start = *end;
                *end += run.len();
                Some((start, run))
            });
        html! {
            @for (x, run) in runs {
                @let opacity = run.first().map_or(0, |count| shade(*count)) as f64 / SHADES as f64;
                @let left = LEFT + x as f64 * cell_width;
                rect x=(format!("{left:.1}")) y=(top) width=(format!("{:.1}", run.len() as f64 * cell_width))
                    height=(format!("{cell_height:.1}")) fill-opacity=(format!("{opacity:.2}")) {}
            }
        }
    };
    let (across, up) = (&grid.x, &grid.y);
    html! {
        figure {
            figcaption { (title) ": " (count(least)) " to " (count(most)) }
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT + BOTTOM) } role="img"
                aria-label={ (title) ": from " (count(least)) " to " (count(most)) } {
                @for (y, row) in plane.chunks_exact(width).enumerate() { (cells(y, row)) }
                text x=(LEFT) y=(HEIGHT + 16.0) { (value(across, across.values.first())) }
                text x=(WIDTH) y=(HEIGHT + 16.0) class="end" { (value(across, across.values.last())) }
                text x=(LEFT - 6.0) y=(HEIGHT) class="end" { (value(up, up.values.first())) }
                text x=(LEFT - 6.0) y="12" class="end" { (value(up, up.values.last())) }
            }
            figcaption { "Across: " (across.knob.name()) ". Up: " (up.knob.name()) "." }
        }
    }
}
