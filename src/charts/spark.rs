//! A line the size of a word.

use leptos::prelude::*;
use poolkeeper_view::charts::geometry::{LinearScale, area_path, line_path};

/// A spark line in the text's colour, without axes; its meaning stands in words beside it.
#[component]
pub(crate) fn Spark(
    /// The values, oldest first.
    #[prop(into)]
    values: Signal<Vec<f64>>,
    /// What it shows, for assistive technology: `264 domains, 241 thirty days ago`.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let paths = move || {
        values.with(|values| {
            #[expect(clippy::cast_precision_loss, reason = "some dozens of points")]
            let last = values.len().saturating_sub(1).max(1) as f64;
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // A line that hardly moves should look so.
            let room = ((high - low) * 0.1).max(high.abs() * 0.04).max(0.5);
            let x = LinearScale::new((0.0, last), (0.0, 100.0));
            let y = LinearScale::new((low - room, high + room), (32.0, 0.0));
            #[expect(clippy::cast_precision_loss, reason = "some dozens of points")]
            let points = values
                .iter()
                .enumerate()
                .map(|(at, value)| (x.at(at as f64), y.at(*value)))
                .collect::<Vec<_>>();
            let edges = points.iter().map(|(x, y)| (*x, 32.0, *y)).collect::<Vec<_>>();
            (area_path(&edges), line_path(points.into_iter().map(Some)))
        })
    };
    view! {
        <svg class="spark" viewBox="0 0 100 32" preserveAspectRatio="none" role="img" aria-label=move || label.get()>
            <path class="spark-area" d=move || paths().0 />
            <path class="spark-line" d=move || paths().1 />
        </svg>
    }
}
