//! A chart's content as SVG, for a size in pixels.

use leptos::prelude::*;
use poolkeeper_core::text;
use poolkeeper_view::charts::data::{ChartData, ChartKind, ChartSeries, SeriesColor, XAxis, band_of};
use poolkeeper_view::charts::geometry::{Layer, LinearScale, PointRun, area_path, label_sides, line_path, runs, stack};

/// Room round the plot, in pixels.
const LEFT: f64 = 44.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 24.0;
/// A label inside an area needs this much height.
const LABEL_PX: f64 = 18.0;
/// Two threshold labels at one end need this much between their lines.
const BETWEEN_LABELS: f64 = 14.0;
/// A row of bands, and what lies between two.
const ROW: f64 = 22.0;
const BETWEEN_ROWS: f64 = 6.0;
/// A band's word needs this much width in a row, its shape alone this much.
const WORD_PX: f64 = 52.0;
const SHAPE_PX: f64 = 13.0;

/// Where a chart of a size has its plot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ChartFrame {
    /// The picture's width.
    pub(crate) width: f64,
    /// The picture's height.
    pub(crate) height: f64,
    /// From position to pixel.
    pub(crate) x: LinearScale,
    /// From value to pixel.
    pub(crate) y: LinearScale,
    levels: Vec<f64>,
    count: usize,
}

impl ChartFrame {
    /// The frame for a chart.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixel sizes and positions, small and positive"
    )]
    pub(crate) fn new(data: &ChartData, width: f64, height: f64) -> Self {
        let levels = data.levels((height / 48.0) as usize);
        let low = levels.first().copied().unwrap_or(0.0);
        let high = levels.last().copied().unwrap_or(1.0);
        let count = data.count();
        let last = count.saturating_sub(1) as f64;
        // A day is a cell: half a step at both ends. So charts of the same days under each other share one time axis.
        let (inset, ends) = match (data.kind, &data.across) {
            (ChartKind::Bars | ChartKind::Bands, _) | (ChartKind::Lines, XAxis::Days(_)) => {
                ((width - LEFT - RIGHT) / count.max(1) as f64 / 2.0, last)
            }
            (ChartKind::Stacked | ChartKind::Lines, _) => (0.0, last),
        };
        Self {
            width,
            height,
            x: LinearScale::new((0.0, ends), (LEFT + inset, width - RIGHT - inset)),
            y: LinearScale::new((low, high), (height - BOTTOM, TOP)),
            levels,
            count,
        }
    }

    /// The pixel of a position.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "positions are far below 2^52")]
    pub(crate) fn across(&self, at: usize) -> f64 {
        self.x.at(at as f64)
    }
}

/// The axes, the grid and the labels.
pub(crate) fn axes(data: &ChartData, frame: &ChartFrame) -> AnyView {
    let right = frame.width - RIGHT;
    let levels = frame
        .levels
        .iter()
        .map(|level| {
            let y = frame.y.at(*level);
            view! {
                <line class="chart-grid" x1=LEFT x2=right y1=y y2=y />
                <text class="chart-axis" x=LEFT - 8.0 y=y + 4.0 text-anchor="end">
                    {data.unit.tick(*level)}
                </text>
            }
        })
        .collect_view();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number of labels"
    )]
    let most = (frame.width / 90.0).max(2.0) as usize;
    let marks = data
        .marks(most)
        .into_iter()
        .map(|(at, label)| {
            let x = frame.across(at);
            // Labels near an edge keep inside the picture.
            let anchor = if x < LEFT + 16.0 {
                "start"
            } else if x > right - 16.0 {
                "end"
            } else {
                "middle"
            };
            view! {
                <text class="chart-axis" x=x y=frame.height - 6.0 text-anchor=anchor>
                    {label}
                </text>
            }
        })
        .collect_view();
    let rows = (data.kind == ChartKind::Bands).then(|| {
        data.series
            .iter()
            .enumerate()
            .map(|(row, series)| {
                let y = row_top(row) + ROW / 2.0 + 4.0;
                view! {
                    <text class="chart-axis" x=LEFT - 8.0 y=y text-anchor="end">
                        {series.name.clone()}
                    </text>
                }
            })
            .collect_view()
    });
    view! { <g>{levels} {rows} {marks}</g> }.into_any()
}

#[expect(clippy::cast_precision_loss, reason = "a few rows")]
fn row_top(row: usize) -> f64 {
    TOP + row as f64 * (ROW + BETWEEN_ROWS)
}

pub(crate) fn series(data: &ChartData, frame: &ChartFrame) -> AnyView {
    match data.kind {
        ChartKind::Lines => data
            .series
            .iter()
            .map(|series| line(series, frame))
            .collect_view()
            .into_any(),
        ChartKind::Bands => data
            .series
            .iter()
            .enumerate()
            .map(|(row, series)| strip(row, series, frame))
            .collect_view()
            .into_any(),
        ChartKind::Stacked | ChartKind::Bars => {
            let parts = data
                .series
                .iter()
                .map(|series| (series.values.as_slice(), series.is_below))
                .collect::<Vec<_>>();
            stack(&parts)
                .iter()
                .zip(&data.series)
                .map(|(layer, series)| match data.kind {
                    ChartKind::Bars => bars(layer, series, frame, data.start),
                    _ => area(layer, series, frame),
                })
                .collect_view()
                .into_any()
        }
    }
}

fn line(series: &ChartSeries, frame: &ChartFrame) -> AnyView {
    let points = series.values.iter().enumerate();
    let path = line_path(points.map(|(at, value)| value.map(|value| (frame.across(at), frame.y.at(value)))));
    view! { <path class=format!("chart-line chart-stroke {}", series.tone.class()) d=path /> }.into_any()
}

/// A row of bands: colour, and where there is room shape and word.
fn strip(row: usize, series: &ChartSeries, frame: &ChartFrame) -> AnyView {
    #[expect(clippy::cast_precision_loss, reason = "positions are far below 2^52")]
    let cells = |count: usize| (frame.width - LEFT - RIGHT) / frame.count.max(1) as f64 * count as f64;
    let y = row_top(row);
    let piece = |run: PointRun| {
        let band = band_of(run.value)?;
        let tone = SeriesColor::from(band);
        let (x, width) = (frame.across(run.from) - cells(1) / 2.0, cells(run.to - run.from));
        let words = match width {
            room if room >= WORD_PX => format!("{} {band}", tone.shape()),
            room if room >= SHAPE_PX => tone.shape().to_owned(),
            _ => String::new(),
        };
        Some(view! {
            <g class=tone.class()>
                <rect class="chart-fill" x=format!("{x:.1}") y=y width=format!("{width:.1}") height=ROW />
                <text class="chart-label" x=format!("{:.1}", x + width / 2.0) y=y + ROW / 2.0 + 4.0 text-anchor="middle">
                    {words}
                </text>
            </g>
        })
    };
    runs(&series.values)
        .into_iter()
        .filter_map(piece)
        .collect_view()
        .into_any()
}

fn area(layer: &Layer, series: &ChartSeries, frame: &ChartFrame) -> AnyView {
    let edges = layer
        .iter()
        .enumerate()
        .map(|(at, (from, to))| (frame.across(at), frame.y.at(*from), frame.y.at(*to)))
        .collect::<Vec<_>>();
    // The label stands where there is room for it, towards the right end, where the present is.
    let spot = edges
        .iter()
        .rev()
        .skip(edges.len() / 12)
        .take(edges.len() / 3 + 1)
        .max_by(|a, b| (a.1 - a.2).total_cmp(&(b.1 - b.2)));
    let label = spot
        .filter(|(_, lower, upper)| lower - upper >= LABEL_PX)
        .map(|(x, lower, upper)| {
            let x = x.min(frame.width - RIGHT - 48.0);
            view! {
                <text class="chart-label" x=x y=f64::midpoint(*lower, *upper) + 4.0 text-anchor="middle">
                    {format!("{} {}", series.tone.shape(), series.name)}
                </text>
            }
        });
    view! {
        <g class=series.tone.class()>
            <path class="chart-area chart-fill" d=area_path(&edges) />
            {label}
        </g>
    }
    .into_any()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bars are counts, whole and far below 2^52"
)]
fn count(of_bar: f64) -> String {
    text::count(of_bar.abs() as u64)
}

fn bars(layer: &Layer, series: &ChartSeries, frame: &ChartFrame, start: usize) -> AnyView {
    #[expect(clippy::cast_precision_loss, reason = "positions are far below 2^52")]
    let step = (frame.width - LEFT - RIGHT) / frame.count.max(1) as f64;
    let width = (step * 0.72).max(1.0);
    let bars = layer
        .iter()
        .enumerate()
        .filter(|(_, (from, to))| (to - from).abs() > f64::EPSILON)
        .map(|(at, (from, to))| {
            let (a, b) = (frame.y.at(*from), frame.y.at(*to).clamp(TOP, frame.height - BOTTOM));
            let is_cut = at >= start && (frame.y.at(*to) - b).abs() > 1.0;
            // A bar beyond the axis says its number, on the side where there is room.
            let number = is_cut.then(|| {
                let is_left = frame.across(at) < frame.width / 2.0;
                let side = if is_left { width / 2.0 + 4.0 } else { -width / 2.0 - 4.0 };
                let y = if b < a { b + 10.0 } else { b - 4.0 };
                view! {
                    <text
                        class="chart-number"
                        x=format!("{:.1}", frame.across(at) + side)
                        y=format!("{y:.1}")
                        text-anchor=if is_left { "start" } else { "end" }
                    >
                        {format!("{} {}", count(to - from), if b < a { "↑" } else { "↓" })}
                    </text>
                }
            });
            view! {
                {number}
                <rect
                    class="chart-fill"
                    x=format!("{:.1}", frame.across(at) - width / 2.0)
                    width=format!("{width:.1}")
                    y=format!("{:.1}", a.min(b))
                    height=format!("{:.1}", (a - b).abs())
                />
            }
        })
        .collect_view();
    view! { <g class=series.tone.class()>{bars}</g> }.into_any()
}

/// What dims the start.
pub(crate) fn start(data: &ChartData, frame: &ChartFrame) -> Option<AnyView> {
    let last = data.start.min(frame.count).checked_sub(1)?;
    let half_a_step = (frame.across(1) - frame.across(0)) / 2.0;
    let end = (frame.across(last) + half_a_step).min(frame.width - RIGHT);
    let (width, height) = ((end - LEFT).max(0.0), frame.height - BOTTOM - TOP);
    Some(view! { <rect class="chart-start" x=LEFT y=TOP width=format!("{width:.1}") height=height /> }.into_any())
}

/// The threshold lines with their names.
pub(crate) fn thresholds(data: &ChartData, frame: &ChartFrame) -> AnyView {
    let right = frame.width - RIGHT;
    let lines: Vec<f64> = data.thresholds.iter().map(|line| frame.y.at(line.value)).collect();
    data.thresholds
        .iter()
        .zip(label_sides(&lines, BETWEEN_LABELS))
        .zip(&lines)
        .map(|((line, is_right), y)| {
            let (y, x) = (*y, if is_right { right } else { LEFT + 2.0 });
            let anchor = if is_right { "end" } else { "start" };
            view! {
                <g class=line.tone.class()>
                    <line class="chart-threshold" x1=LEFT x2=right y1=y y2=y />
                    <text class="chart-threshold-label" x=x y=y - 4.0 text-anchor=anchor>
                        {line.name.clone()}
                    </text>
                </g>
            }
        })
        .collect_view()
        .into_any()
}

/// The line and the points under the cursor.
pub(crate) fn cursor(data: &ChartData, frame: &ChartFrame, at: usize) -> AnyView {
    let x = frame.across(at);
    let points = (data.kind == ChartKind::Lines).then(|| {
        data.series
            .iter()
            .filter_map(|series| {
                let value = series.values.get(at).copied().flatten()?;
                let class = format!("chart-point chart-fill {}", series.tone.class());
                Some(view! { <circle class=class cx=x cy=frame.y.at(value) r="4" /> })
            })
            .collect_view()
    });
    view! {
        <line class="chart-cursor" x1=x x2=x y1=TOP y2=frame.height - BOTTOM />
        {points}
    }
    .into_any()
}
