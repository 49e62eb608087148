//! The map's pixels and lines.

use crate::charts::SeriesColor;
use poolkeeper_core::model::Band;
use poolkeeper_lab::sweep::{EdgeLine, SweepOutcome, borders, plateaus};
use std::fmt::Write as _;

/// A colour, eight bits each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// Reads a colour as a browser reports it: `rgb(10, 110, 92)`, with or without an opacity at the end.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.trim().strip_prefix("rgb")?.trim_start_matches('a');
        let inner = inner.strip_prefix('(')?.strip_suffix(')')?;
        let mut parts = inner.split([',', ' ', '/']).filter(|part| !part.is_empty());
        let mut next = || parts.next()?.parse::<u8>().ok();
        Some(Self(next()?, next()?, next()?))
    }

    /// Mixes in `share` of 255 parts of another colour.
    #[must_use]
    fn towards(self, other: Self, share: u8) -> Self {
        let mix = |from: u8, to: u8| {
            let (from, to, share) = (u32::from(from), u32::from(to), u32::from(share));
            u8::try_from((from * (255 - share) + to * share + 127) / 255).unwrap_or(u8::MAX)
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
}

/// The map's pixels, one for each cell, four bytes each. The last row comes first, as in an image. `scale`: the counts
/// that get the first and the last colour.
#[must_use]
pub fn pixels(plane: &[u64], columns: usize, scale: (u64, u64), low: Rgb, high: Rgb) -> Vec<u8> {
    let ramp: [Rgb; 256] = std::array::from_fn(|share| low.towards(high, u8::try_from(share).unwrap_or(u8::MAX)));
    let span = scale.1.saturating_sub(scale.0).max(1);
    let colour = |count: &u64| {
        let above = count.saturating_sub(scale.0).min(span);
        // Browsers divide 128-bit numbers slowly, and 64 bits are enough for all realistic counts.
        let share = above.checked_mul(255).map_or_else(
            || u128::from(above) * 255 / u128::from(span),
            |scaled| u128::from(scaled / span),
        );
        let Rgb(red, green, blue) = usize::try_from(share)
            .ok()
            .and_then(|share| ramp.get(share))
            .copied()
            .unwrap_or(high);
        [red, green, blue, u8::MAX]
    };
    plane
        .chunks_exact(columns.max(1))
        .rev()
        .flatten()
        .flat_map(colour)
        .collect()
}

/// The lines around plateaus of at least `least_cells` cells. Smaller ones have no lines, as these would hide the
/// colours.
#[must_use]
pub fn outline(plane: &[u64], columns: usize, least_cells: usize) -> Vec<EdgeLine> {
    let found = plateaus(plane, columns);
    let is_large = |label: u32| {
        let plateau = found.plateaus.get(label as usize);
        plateau.is_some_and(|plateau| plateau.cells >= least_cells)
    };
    // All small plateaus share the label zero, so that there are no lines between them.
    let labels: Vec<u64> = found
        .of_cell
        .iter()
        .map(|label| if is_large(*label) { u64::from(*label) + 1 } else { 0 })
        .collect();
    borders(&labels, columns)
}

/// Lines as an SVG path. `cell`: a cell's size in the path's units. Rows run upwards from `rows`. Coordinates are
/// rounded and moved by half a unit, so that a line one unit wide is sharp.
#[must_use]
pub fn outline_path(lines: &[EdgeLine], rows: usize, cell: (f64, f64)) -> String {
    let mut path = String::with_capacity(lines.len() * 24);
    let rows = u32::try_from(rows).unwrap_or(u32::MAX);
    let across = |x: u32| libm::round(f64::from(x) * cell.0) + 0.5;
    let down = |y: u32| libm::round(f64::from(rows.saturating_sub(y)) * cell.1) + 0.5;
    for line in lines {
        // Writing to a string cannot fail.
        let _ = write!(
            path,
            "M{} {}L{} {}",
            across(line.x0),
            down(line.y0),
            across(line.x1),
            down(line.y1)
        );
    }
    path
}

/// Counts along an axis as an SVG step line, `length` long and `height` high at most. `is_upright`: it runs upwards
/// along the left edge, otherwise along the lower edge.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "pixels")]
pub fn strip_path(counts: &[u64], length: f64, height: f64, scale: (u64, u64), is_upright: bool) -> String {
    let span = scale.1.saturating_sub(scale.0).max(1) as f64;
    let step = length / counts.len().max(1) as f64;
    let mut path = String::new();
    for (at, count) in counts.iter().enumerate() {
        let size = (count.saturating_sub(scale.0) as f64 / span).min(1.0) * height;
        let ends = [at as f64 * step, (at + 1) as f64 * step];
        let letter = if at == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = if is_upright {
            let [from, to] = ends.map(|end| length - end);
            write!(path, "{letter}{size:.1} {from:.1}V{to:.1}")
        } else {
            let (y, [from, to]) = (height - size, ends);
            write!(path, "{letter}{from:.1} {y:.1}H{to:.1}")
        };
    }
    path
}

/// The colour of an outcome's heatmap: the band's if it counts a band, otherwise the accent.
#[must_use]
pub const fn heatmap_color(outcome: SweepOutcome) -> SeriesColor {
    match outcome {
        SweepOutcome::Ending(Band::Good) | SweepOutcome::Days(Band::Good) => SeriesColor::Good,
        SweepOutcome::Ending(Band::Poor) | SweepOutcome::Days(Band::Poor) | SweepOutcome::PoorMessages => {
            SeriesColor::Poor
        }
        SweepOutcome::Ending(Band::New) | SweepOutcome::Days(Band::New) => SeriesColor::New,
        SweepOutcome::Moves | SweepOutcome::Flaps | SweepOutcome::EndingDiffers => SeriesColor::Accent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: Rgb = Rgb(255, 255, 255);
    const INK: Rgb = Rgb(0, 55, 155);

    #[test]
    fn colours_are_read_as_browsers_report_them() {
        assert_eq!(Rgb::parse("rgb(10, 110, 92)"), Some(Rgb(10, 110, 92)));
        assert_eq!(Rgb::parse("rgba(0, 55, 155, 0.5)"), Some(INK));
        assert_eq!(Rgb::parse("rgb(0 55 155 / 50%)"), Some(INK));
        assert_eq!((Rgb::parse("#fff"), Rgb::parse("rgb(1, 2)")), (None, None));
    }

    #[test]
    fn the_ends_of_the_scale_get_the_ends_of_the_ramp_and_rows_run_upwards() {
        let made = pixels(&[10, 20, 15, 99], 2, (10, 20), WHITE, INK);
        let cells: Vec<_> = made.chunks_exact(4).collect();
        // The second row comes first. Halfway is 127 of 255: 255 · 128 / 255 = 128; (255·128 + 55·127) / 255 = 155.4;
        // (255·128 + 155·127) / 255 = 205.2.
        assert_eq!(
            cells,
            [[128, 155, 205, 255], [0, 55, 155, 255], [255; 4], [0, 55, 155, 255]]
        );
        assert_eq!(
            pixels(&[7, 7], 2, (7, 7), WHITE, INK),
            [255; 8],
            "one count has the first colour"
        );
    }

    #[test]
    fn only_large_plateaus_are_outlined() {
        // 1 1 2
        // 1 1 3
        let plane = [1, 1, 2, 1, 1, 3];
        let between = EdgeLine {
            x0: 2,
            y0: 0,
            x1: 2,
            y1: 2,
        };
        assert_eq!(outline(&plane, 3, 4), [between]);
        assert_eq!(outline(&plane, 3, 5), []);
        assert_eq!(outline(&plane, 3, 1).len(), 2, "with small ones, 2 and 3 are apart too");
        assert_eq!(outline_path(&[between], 2, (10.0, 5.2)), "M20.5 10.5L20.5 0.5");
    }

    #[test]
    fn strips_step_along_their_axis() {
        assert_eq!(
            strip_path(&[0, 10, 5], 30.0, 20.0, (0, 10), false),
            "M0.0 20.0H10.0L10.0 0.0H20.0L20.0 10.0H30.0"
        );
        assert_eq!(
            strip_path(&[0, 10], 30.0, 20.0, (0, 10), true),
            "M0.0 30.0V15.0L20.0 15.0V0.0"
        );
        assert_eq!(strip_path(&[], 30.0, 20.0, (0, 0), true), "");
    }
}
