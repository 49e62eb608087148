//! The curves at the map's edges: the outcome along one threshold, the other where one looks.

use crate::ui::charts::map::{Plot, strip_path};
use leptos::prelude::*;

/// Thickness of a strip in pixels.
pub const STRIP: f64 = 52.0;
/// Room beside its steps, for the marks.
const ROOM: f64 = 8.0;

/// What a strip shows.
#[derive(Clone, PartialEq)]
pub struct Strip {
    /// The counts along it.
    pub counts: Vec<u64>,
    /// The counts at its ends, the map's.
    pub scale: (u64, u64),
    /// Where A and B stand along it, in cells.
    pub marks: Vec<(&'static str, f64)>,
    /// The cell looked at.
    pub at: Option<usize>,
}

/// The curve along the x axis, above the map.
pub fn across(strip: &Strip, plot: &Plot) -> AnyView {
    let path = strip_path(&strip.counts, plot.width, STRIP - ROOM, strip.scale, false);
    let mark = |place: f64| plot.at(place, 0.0).0 - plot.left;
    let marks = strip
        .marks
        .iter()
        .map(|(name, place)| {
            view! {
                <line class="mark" x1=mark(*place) x2=mark(*place) y1=ROOM y2=STRIP />
                <text class="mark-name" x=mark(*place) y=ROOM text-anchor="middle">
                    {*name}
                </text>
            }
        })
        .collect_view();
    let cursor = strip.at.map(|at| {
        let x = mark(middle(at));
        view! { <line class="cursor" x1=x x2=x y1=ROOM y2=STRIP /> }
    });
    view! {
        <svg
            class="strip across"
            aria-hidden="true"
            width=plot.width
            height=STRIP
            viewBox=format!("0 0 {} {STRIP}", plot.width)
        >
            <g transform=format!("translate(0 {ROOM})")>
                <path class="fill" d=closed(&path, &format!("V{}H0Z", STRIP - ROOM)) />
                <path class="line" d=path />
            </g>
            {marks}
            {cursor}
        </svg>
    }
    .into_any()
}

/// The curve along the y axis, at the map's right edge.
pub fn upwards(strip: &Strip, plot: &Plot) -> AnyView {
    let path = strip_path(&strip.counts, plot.height, STRIP - ROOM, strip.scale, true);
    let mark = |place: f64| plot.at(0.0, place).1 - plot.top;
    let marks = strip
        .marks
        .iter()
        .map(|(name, place)| {
            view! {
                <line class="mark" x1="0" x2=STRIP - ROOM - 4.0 y1=mark(*place) y2=mark(*place) />
                <text class="mark-name" x=STRIP y=mark(*place) + 4.0 text-anchor="end">
                    {*name}
                </text>
            }
        })
        .collect_view();
    let cursor = strip.at.map(|at| {
        let y = mark(middle(at));
        view! { <line class="cursor" x1="0" x2=STRIP - ROOM y1=y y2=y /> }
    });
    view! {
        <svg
            class="strip upwards"
            aria-hidden="true"
            width=STRIP
            height=plot.height
            viewBox=format!("0 0 {STRIP} {}", plot.height)
        >
            <path class="fill" d=closed(&path, &format!("H0V{}Z", plot.height)) />
            <path class="line" d=path />
            {marks}
            {cursor}
        </svg>
    }
    .into_any()
}

/// The steps closed into an area; nothing of no steps.
fn closed(path: &str, end: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!("{path}{end}")
    }
}

#[expect(clippy::cast_precision_loss, reason = "a cell's position")]
fn middle(cell: usize) -> f64 {
    cell as f64 + 0.5
}
