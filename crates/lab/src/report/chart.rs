//! A stacked chart of domains by band per day, as self-contained SVG.

use crate::compare::Summary;
use maud::{Markup, html};
use poolkeeper_core::model::{Band, Day};
use poolkeeper_core::text::{count, counted};
use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 160.0;
const LEFT: f64 = 56.0;
const BOTTOM: f64 = 22.0;

/// The stacking order, from the bottom up.
const STACK: [Band; 3] = [Band::Poor, Band::New, Band::Good];

/// The chart as SVG, with a text alternative. Empty without days.
#[expect(clippy::cast_precision_loss, reason = "pixels")]
pub(super) fn stacked_chart(title: &str, first_day: Day, summary: &Summary) -> Markup {
    let by_day = &summary.domains_by_day;
    let days = by_day.good.len();
    let at = |band: Band, day: usize| by_day.get(band).get(day).copied().unwrap_or(0);
    let total = |day: usize| STACK.iter().map(|band| u64::from(at(*band, day))).sum::<u64>();
    let most = (0..days).map(total).max().unwrap_or(0).max(1);
    let Some(last) = days.checked_sub(1) else {
        return html! {};
    };
    let x = |edge: usize| LEFT + (WIDTH - LEFT) * edge as f64 / days as f64;
    let y = |height: u64| HEIGHT - (HEIGHT - 8.0) * height as f64 / most as f64;
    let ends: Vec<String> = STACK
        .iter()
        .rev()
        .map(|band| format!("{} {band}", count(u64::from(at(*band, last)))))
        .collect();
    let mut below = vec![0_u64; days];
    let areas = STACK.map(|band| {
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
        (band.word(), upper + &lower)
    });
    let last_day = first_day.plus(i32::try_from(last).unwrap_or(i32::MAX));
    let alternative = format!(
        "{title}: the last of {} ends with {}",
        counted(days as u64, "day"),
        ends.join(", ")
    );
    let bottom = HEIGHT + BOTTOM - 6.0;
    let start = (summary.startup_days as usize).min(days);
    html! {
        figure {
            figcaption {
                (title)
                @if start > 0 { " (dimmed: the start of the replay, " (counted(start as u64, "day")) ")" }
            }
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT + BOTTOM) } role="img" aria-label=(alternative) {
                @for (class, points) in areas { polygon class=(class) points=(points) {} }
                @if start > 0 {
                    rect class="start" x=(LEFT) y="0" width=(format!("{:.1}", x(start) - LEFT)) height=(HEIGHT) {}
                }
                text x=(LEFT - 6.0) y="16" class="end" { (count(most)) }
                text x=(LEFT - 6.0) y=(HEIGHT) class="end" { "0" }
                text x=(LEFT) y=(bottom) { (first_day.to_string()) }
                text x=(WIDTH) y=(bottom) class="end" { (last_day.to_string()) }
            }
        }
    }
}
