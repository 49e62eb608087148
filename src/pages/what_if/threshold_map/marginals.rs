//! The curves at the map's edges: the outcome along one threshold, the other where one looks.

use leptos::prelude::*;
use poolkeeper_view::charts::threshold_map::{PlotArea, strip_path};

/// Thickness of a strip in pixels.
const STRIP: f64 = 52.0;
/// Room beside its steps, for the marks.
const ROOM: f64 = 8.0;

/// Room that a mark's name takes.
const NAME: f64 = 10.0;

/// What a strip shows.
#[derive(Clone, PartialEq)]
pub(crate) struct MarginalCurve {
    /// The counts along it.
    pub(crate) counts: Vec<u64>,
    /// The counts at its ends, the map's.
    pub(crate) scale: (u64, u64),
    /// Where A and B stand along it, in cells.
    pub(crate) marks: Vec<(&'static str, f64)>,
    /// The cell looked at.
    pub(crate) at: Option<usize>,
}

/// Which edge a strip is at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MapEdge {
    /// Along the x axis, above the map.
    Upper,
    /// Along the y axis, at its right.
    Right,
}

impl MapEdge {
    const fn length(self, plot: &PlotArea) -> f64 {
        match self {
            Self::Upper => plot.width,
            Self::Right => plot.height,
        }
    }

    /// Pixels from the strip's start, of a place in cells.
    fn along(self, plot: &PlotArea, place: f64) -> f64 {
        match self {
            Self::Upper => plot.at(place, 0.0).0 - plot.left,
            Self::Right => plot.at(0.0, place).1 - plot.top,
        }
    }

    /// A line across the strip at so many pixels: `x1, x2, y1, y2`.
    const fn line(self, at: f64, shortened_by: f64) -> [f64; 4] {
        match self {
            Self::Upper => [at, at, ROOM, STRIP],
            Self::Right => [0.0, STRIP - ROOM - shortened_by, at, at],
        }
    }
}

/// A strip. Its parts stay while the counts change: only what differs is written, as the map is drawn many times a second.
#[component]
pub(crate) fn Strip(
    /// Where it is.
    edge: MapEdge,
    /// What it shows; nothing until there is a map.
    curve: Memo<Option<MarginalCurve>>,
    /// The map's cells.
    plot: Memo<Option<PlotArea>>,
) -> impl IntoView {
    let path = Memo::new(move |_| {
        let length = edge.length(&plot.get()?);
        curve.with(|curve| {
            let curve = curve.as_ref()?;
            let is_upright = edge == MapEdge::Right;
            Some(strip_path(&curve.counts, length, STRIP - ROOM, curve.scale, is_upright))
        })
    });
    let filled = move || {
        let end = match edge {
            MapEdge::Upper => format!("V{}H0Z", STRIP - ROOM),
            MapEdge::Right => format!("H0V{}Z", plot.get()?.height),
        };
        path.with(|path| {
            path.as_ref()
                .filter(|path| !path.is_empty())
                .map(|path| format!("{path}{end}"))
        })
    };
    let marks = Memo::new(move |_| {
        curve
            .with(|curve| curve.as_ref().map(|curve| curve.marks.clone()))
            .unwrap_or_default()
    });
    let marks = move || {
        let plot = plot.get()?;
        let along = |place| edge.along(&plot, place);
        let marks = marks.get();
        let (names, shortened_by) = match *marks {
            // Names that would lie over one another are written as one.
            [(_, a), (_, b)] if (along(a) - along(b)).abs() < NAME => {
                (vec![("A B", along(f64::midpoint(a, b)))], 2.0 * NAME)
            }
            ref marks => {
                let names = marks.iter().map(|(name, place)| (*name, along(*place)));
                (names.collect(), 4.0)
            }
        };
        let lines = marks.into_iter().map(|(_, place)| {
            let [x1, x2, y1, y2] = edge.line(along(place), shortened_by);
            view! { <line class="strip-mark" x1=x1 x2=x2 y1=y1 y2=y2 /> }
        });
        let names = names.into_iter().map(|(name, at)| mark_name(edge, at, name));
        Some((lines.collect_view(), names.collect_view()))
    };
    let looked_at = Memo::new(move |_| curve.with(|curve| curve.as_ref()?.at));
    let cursor = move || {
        let at = edge.along(&plot.get()?, middle(looked_at.get()?));
        let [x1, x2, y1, y2] = edge.line(at, 0.0);
        Some(view! { <line class="strip-cursor" x1=x1 x2=x2 y1=y1 y2=y2 /> })
    };
    let (class, moved) = match edge {
        MapEdge::Upper => ("strip strip-across", format!("translate(0 {ROOM})")),
        MapEdge::Right => ("strip strip-upwards", String::new()),
    };
    let size = move || {
        let length = plot.get().map_or(0.0, |plot| edge.length(&plot));
        match edge {
            MapEdge::Upper => (length, STRIP),
            MapEdge::Right => (STRIP, length),
        }
    };
    view! {
        <svg
            class=class
            aria-hidden="true"
            width=move || size().0
            height=move || size().1
            viewBox=move || format!("0 0 {} {}", size().0, size().1)
        >
            <g transform=moved>
                <path class="strip-fill" d=filled />
                <path class="strip-line" d=move || path.get() />
            </g>
            {marks}
            {cursor}
        </svg>
    }
}

fn mark_name(edge: MapEdge, at: f64, name: &'static str) -> impl IntoView {
    let (x, y, anchor) = match edge {
        MapEdge::Upper => (at, ROOM, "middle"),
        MapEdge::Right => (STRIP, at + 4.0, "end"),
    };
    view! {
        <text class="strip-mark-name" x=x y=y text-anchor=anchor>
            {name}
        </text>
    }
}

#[expect(clippy::cast_precision_loss, reason = "a cell's position")]
fn middle(cell: usize) -> f64 {
    cell as f64 + 0.5
}
