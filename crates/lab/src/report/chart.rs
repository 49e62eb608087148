//! Domains by band per day, stacked, as a picture that needs nothing but itself.

use crate::PerBand;
use crate::number_format::{count, counted};
use poolkeeper_core::model::{Band, Day};
use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 160.0;
const LEFT: f64 = 56.0;
const BOTTOM: f64 = 22.0;

/// From the bottom up.
const STACK: [Band; 3] = [Band::Poor, Band::New, Band::Good];

/// The chart as SVG, with its numbers in words for those who cannot see it. Empty without days.
#[expect(clippy::cast_precision_loss, reason = "pixels")]
pub(super) fn stacked(title: &str, first_day: Day, by_day: &PerBand<Vec<u32>>) -> String {
    let days = by_day.good.len();
    let at = |band: Band, day: usize| by_day.get(band).get(day).copied().unwrap_or(0);
    let total = |day: usize| STACK.iter().map(|band| u64::from(at(*band, day))).sum::<u64>();
    let most = (0..days).map(total).max().unwrap_or(0).max(1);
    let Some(last) = days.checked_sub(1) else {
        return String::new();
    };
    let x = |edge: usize| LEFT + (WIDTH - LEFT) * edge as f64 / days as f64;
    let y = |height: u64| HEIGHT - (HEIGHT - 8.0) * height as f64 / most as f64;
    let ends: Vec<String> = STACK
        .iter()
        .rev()
        .map(|band| format!("{} {band}", count(u64::from(at(*band, last)))))
        .collect();
    let mut svg = format!(
        "<figure><figcaption>{title}</figcaption><svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{title}: the \
         last of {} ends with {}\">",
        HEIGHT + BOTTOM,
        counted(days as u64, "day"),
        ends.join(", ")
    );
    let mut below = vec![0_u64; days];
    for band in STACK {
        let mut upper = String::new();
        let mut lower = String::new();
        for (day, base) in below.iter_mut().enumerate() {
            let top = *base + u64::from(at(band, day));
            // Writing to a string cannot fail.
            let _ = write!(upper, "{:.1},{:.1} {:.1},{:.1} ", x(day), y(top), x(day + 1), y(top));
            lower = format!(
                "{:.1},{:.1} {:.1},{:.1} {lower}",
                x(day + 1),
                y(*base),
                x(day),
                y(*base)
            );
            *base = top;
        }
        let _ = write!(svg, "<polygon class=\"{}\" points=\"{upper}{lower}\"/>", band.word());
    }
    let last_day = first_day.plus(i32::try_from(last).unwrap_or(i32::MAX));
    let _ = write!(
        svg,
        "<text x=\"{0}\" y=\"16\" class=\"end\">{1}</text><text x=\"{0}\" y=\"{HEIGHT}\" class=\"end\">0</text>\
         <text x=\"{LEFT}\" y=\"{2}\">{first_day}</text><text x=\"{WIDTH}\" y=\"{2}\" class=\"end\">{last_day}</text>\
         </svg></figure>",
        LEFT - 6.0,
        count(most),
        HEIGHT + BOTTOM - 6.0
    );
    svg
}
