//! The map one can point at and step through, one of it or two beside each other.

use super::canvas::{self, BOTTOM, CellLayer, LEFT, MapPalette, OverlayLayer, RIGHT, TOP};
use super::marginals::{MapEdge, MarginalCurve, Strip};
use super::numbers::Tools;
use super::{MapState, asked_of, grids_of};
use crate::browser;
use crate::charts::save::canvas_file;
use crate::state::toasts::Toasts;
use crate::state::{use_lab, use_theme, use_toasts};
use leptos::html;
use leptos::prelude::*;
use poolkeeper_core::text;
use poolkeeper_lab::sweep::Axis;
use poolkeeper_view::charts::threshold_map::{
    AxisTick, PlotArea, PolicyMark, heatmap_color, lower, outcome_unit, readout, ticks,
};
use std::time::Duration;

/// How long a map rests before its plateaus are outlined: finding them takes longer than drawing it.
const OUTLINED_AFTER: Duration = Duration::from_millis(120);

/// Cells a page key goes.
const PAGE: usize = 10;

/// The map, or with days held out two of them, in the same colours; what the cell looked at counts; and the numbers.
#[component]
pub(crate) fn Figures(state: MapState) -> impl IntoView {
    let lab = use_lab();
    let count = Memo::new(move |_| state.answered.with(|answered| grids_of(answered.as_deref()).len()));
    let scale = Memo::new(move |_| {
        let outcome = state.outcome.get();
        state.answered.with(|answered| {
            let grids = grids_of(answered.as_deref());
            let planes = grids.iter().filter_map(|grid| grid.plane(outcome));
            let ends = planes.fold((u64::MAX, 0), |ends, plane| {
                let widened = |(least, most): (u64, u64), count: &u64| (least.min(*count), most.max(*count));
                plane.iter().fold(ends, widened)
            });
            if ends.0 > ends.1 { (0, 0) } else { ends }
        })
    });
    let parts = Memo::new(move |_| {
        let split = state
            .answered
            .with(|answered| asked_of(answered.as_deref()).and_then(|(_, split)| split));
        let (Some(split), Some(traffic)) = (split, lab.traffic()) else {
            return Vec::new();
        };
        let first = traffic.table.first_day().plus(i32::try_from(split).unwrap_or(i32::MAX));
        vec![
            format!("To {}", text::day(first.plus(-1))),
            format!("Held out, from {}", text::day(first)),
        ]
    });
    let figures = move || {
        (0..count.get())
            .map(|at| view! { <Figure state=state at=at scale=scale parts=parts /> })
            .collect_view()
    };
    let tone = move || heatmap_color(state.outcome.get()).class();
    let read = move || {
        let cell = state.looked_at.get()?;
        let outcome = state.outcome.get();
        let parts = parts.with(|parts| parts.iter().map(|part| format!("{}:", lower(part))).collect::<Vec<_>>());
        state
            .answered
            .with(|answered| readout(&grids_of(answered.as_deref()), &parts, cell, outcome))
    };
    let whose = move || if state.cursor.get().is_some() { "Cell" } else { "B" };
    view! {
        <div class=move || format!("sweep-maps {}", tone())>{figures}</div>
        <div class="sweep-foot">
            <div class=move || format!("sweep-legend {}", tone())>
                <span>{move || text::count(scale.get().0)}</span>
                <span class="sweep-ramp" aria-hidden="true"></span>
                <span>{move || format!("{} {}", text::count(scale.get().1), outcome_unit(state.outcome.get()))}</span>
            </div>
            <p class="hint">
                "Outlines mark large areas with the same count. The edge curves show the row and column of the selected cell."
            </p>
        </div>
        <p class="sweep-read" role="status">
            <b>{whose}</b>
            " · "
            {read}
        </p>
        <Tools state=state parts=parts />
    }
}

/// The cells' rectangle for a picture of a width.
fn plot_of(x: &Axis, y: &Axis, width: f64) -> PlotArea {
    let inner = (width - LEFT - RIGHT).max(80.0);
    PlotArea {
        left: LEFT,
        top: TOP,
        width: inner,
        height: (inner * 0.62).clamp(180.0, 420.0),
        columns: x.values.len(),
        rows: y.values.len(),
    }
}

fn labelled(axis: &Axis, length: f64, room: f64) -> (Vec<(AxisTick, String)>, String) {
    let param = axis.knob.param();
    let ticks = ticks(&axis.values, room / length);
    let label = |tick: AxisTick| (tick, param.value_text(tick.value));
    (ticks.into_iter().map(label).collect(), axis.knob.name())
}

/// Both policies that have a place.
fn marks(state: &MapState) -> Vec<(&'static str, PolicyMark)> {
    let marks = [("A", state.a_mark.get()), ("B", state.b_mark.get())];
    marks
        .into_iter()
        .filter_map(|(name, mark)| Some((name, mark?)))
        .collect()
}

/// The cells of one of the answer's grids.
fn cell_layer(state: MapState, at: usize, scale: Memo<(u64, u64)>) -> Memo<Option<CellLayer>> {
    Memo::new(move |_| {
        let outcome = state.outcome.get();
        state.answered.with(|answered| {
            let grids = grids_of(answered.as_deref());
            let grid = grids.get(at)?;
            Some(CellLayer {
                plane: grid.plane(outcome)?.to_vec(),
                columns: grid.totals.width(),
                scale: scale.get(),
            })
        })
    })
}

/// What is drawn over and beside the cells, for the width there is.
fn overlay_layer(state: MapState, axes: Memo<Option<(Axis, Axis)>>, width: Signal<f64>) -> Memo<Option<OverlayLayer>> {
    Memo::new(move |_| {
        let width = width.get().max(280.0);
        axes.with(|axes| {
            let (x, y) = axes.as_ref()?;
            let plot = plot_of(x, y, width);
            Some(OverlayLayer {
                x: labelled(x, plot.width, 48.0),
                y: labelled(y, plot.height, 18.0),
                marks: marks(&state)
                    .into_iter()
                    .map(|(name, mark)| (name, mark.at, !mark.outside.is_empty()))
                    .collect(),
                plot,
            })
        })
    })
}

/// The curve at an edge: the row or the column of the cell that is looked at.
fn marginal_curve(state: MapState, at: usize, scale: Memo<(u64, u64)>, edge: MapEdge) -> Memo<Option<MarginalCurve>> {
    Memo::new(move |_| {
        let (x, y) = state.looked_at.get()?;
        let counts = state.answered.with(|answered| {
            let grids = grids_of(answered.as_deref());
            let (grid, outcome) = (grids.get(at)?, state.outcome.get());
            match edge {
                MapEdge::Upper => grid.along_x(outcome, y).map(<[u64]>::to_vec),
                MapEdge::Right => grid.along_y(outcome, x),
            }
        })?;
        let pick = |(across, up): (f64, f64)| if edge == MapEdge::Upper { across } else { up };
        Some(MarginalCurve {
            counts,
            scale: scale.get(),
            marks: marks(&state)
                .iter()
                .map(|(name, mark)| (*name, pick(mark.at)))
                .collect(),
            at: state.cursor.get().map(|_| if edge == MapEdge::Upper { x } else { y }),
        })
    })
}

/// The canvas of the cells with that of everything over them, and what they show.
#[derive(Clone, Copy)]
struct MapCanvases {
    small: NodeRef<html::Canvas>,
    canvas: NodeRef<html::Canvas>,
    cells: Memo<Option<CellLayer>>,
    frame: Memo<Option<OverlayLayer>>,
    /// Read again when the colours change, and whenever the map rests: asking for a style costs time.
    palette: StoredValue<Option<MapPalette>>,
    is_outlined: StoredValue<bool>,
}

impl MapCanvases {
    fn with_palette(self, draw: &dyn Fn(&MapPalette)) {
        if self.palette.with_value(Option::is_none) {
            let canvas = self.canvas.get_untracked();
            self.palette
                .set_value(canvas.and_then(|canvas| MapPalette::read(&canvas)));
        }
        self.palette.with_value(|palette| palette.as_ref().map(draw));
    }

    fn draw_frame(self, outlines: bool) {
        let Some(canvas) = self.canvas.try_get_untracked().flatten() else {
            return;
        };
        self.is_outlined.set_value(outlines);
        self.with_palette(&|palette| {
            self.cells.with_untracked(|cells| {
                self.frame.with_untracked(|frame| {
                    if let Some(frame) = frame {
                        canvas::draw_frame(&canvas, frame, palette, cells.as_ref().filter(|_| outlines));
                    }
                });
            });
        });
    }

    /// Draws again when the look, the cells or the frame change; the plateaus are outlined once the map rests.
    fn draw_on_change<T>(self, look: Memo<T>)
    where
        T: Copy + PartialEq + Send + Sync + 'static,
    {
        let outline = StoredValue::new_local(debounce(OUTLINED_AFTER, move |()| {
            self.palette.try_set_value(None);
            self.draw_frame(true);
        }));
        let outline_at_rest = move || outline.update_value(|outline| outline(()));
        Effect::new(move |before: Option<T>| {
            let look = look.get();
            if before != Some(look) {
                self.palette.set_value(None);
            }
            let Some(small) = self.small.get() else { return look };
            self.cells.with(|cells| {
                if let Some(cells) = cells {
                    self.with_palette(&|palette| canvas::draw_cells(&small, cells, palette));
                }
            });
            // The outlines on screen belong to the previous cells.
            if self.is_outlined.get_value() {
                self.draw_frame(false);
            }
            outline_at_rest();
            look
        });
        Effect::new(move |_| {
            look.track();
            self.frame.track();
            self.canvas.track();
            self.draw_frame(false);
            outline_at_rest();
        });
    }

    /// Saves the map as a picture; `None` before it is drawn.
    fn save(self, title: &str, legend: (&str, &str), file: &str, toasts: Toasts) -> Option<Result<(), String>> {
        let picture = self.cells.with_untracked(|cells| {
            self.frame.with_untracked(|frame| {
                let (canvas, cells, frame) = (self.canvas.get_untracked()?, cells.as_ref()?, frame.as_ref()?);
                Some(canvas::saved(&canvas, cells, frame, title, legend))
            })
        })?;
        Some(picture.and_then(|picture| canvas_file(&picture, file.to_owned(), toasts)))
    }
}

#[component]
fn Figure(
    state: MapState,
    /// Which of the answer's grids.
    at: usize,
    scale: Memo<(u64, u64)>,
    parts: Memo<Vec<String>>,
) -> impl IntoView {
    let holder = NodeRef::<html::Div>::new();
    let (small, canvas) = (NodeRef::<html::Canvas>::new(), NodeRef::<html::Canvas>::new());
    let width = browser::use_width(holder);
    let theme = use_theme();
    let is_dark = browser::use_media("(prefers-color-scheme: dark)");
    let cells = cell_layer(state, at, scale);
    let axes = Memo::new(move |_| {
        state.answered.with(|answered| {
            let grids = grids_of(answered.as_deref());
            grids.get(at).map(|grid| (grid.x.clone(), grid.y.clone()))
        })
    });
    let frame = overlay_layer(state, axes, width);
    let plot = Memo::new(move |_| frame.with(|frame| frame.as_ref().map(|frame| frame.plot)));
    let maps = MapCanvases {
        small,
        canvas,
        cells,
        frame,
        palette: StoredValue::new(None),
        is_outlined: StoredValue::new(false),
    };
    maps.draw_on_change(Memo::new(move |_| (theme.get(), is_dark.get(), state.outcome.get())));
    let title = Memo::new(move |_| {
        let name = state.outcome.get().name();
        let part = parts.with(|parts| parts.get(at).cloned());
        part.map_or(name.clone(), |part| format!("{name}. {part}"))
    });
    let toasts = use_toasts();
    let save = move |_| {
        let (least, most) = scale.get_untracked();
        let unit = outcome_unit(state.outcome.get_untracked());
        let ends = (text::count(least), format!("{} {unit}", text::count(most)));
        let file = if at == 0 { "sweep.png" } else { "sweep-held-out.png" };
        if let Some(Err(problem)) = maps.save(&title.get_untracked(), (&ends.0, &ends.1), file, toasts) {
            toasts.failed(format!("The picture could not be saved: {problem}"));
        }
    };
    let described = move || {
        let (least, most) = scale.get();
        let unit = outcome_unit(state.outcome.get());
        axes.with(|axes| {
            axes.as_ref().map(|(x, y)| {
                format!(
                    "{}: {} to {} {unit}. Across: {}. Up: {}.",
                    title.get(),
                    text::count(least),
                    text::count(most),
                    x.knob.name(),
                    y.knob.name()
                )
            })
        })
    };
    let curve = move |edge: MapEdge| marginal_curve(state, at, scale, edge);
    let (upper, right) = (curve(MapEdge::Upper), curve(MapEdge::Right));
    let pixels_of = move |of: fn(&PlotArea) -> f64| plot.get().map(|plot| format!("{}px", of(&plot)));
    view! {
        <figure class="sweep-map">
            <figcaption>{move || title.get()}</figcaption>
            <button type="button" class="quiet" on:click=save>
                "Save as PNG"
            </button>
            <div class="sweep-plot" node_ref=holder>
                <Strip edge=MapEdge::Upper curve=upper plot=plot />
                <Pointed state=state plot=plot name=title>
                    <canvas
                        class="map-cells"
                        node_ref=small
                        aria-hidden="true"
                        style:width=move || pixels_of(|plot| plot.width)
                        style:height=move || pixels_of(|plot| plot.height)
                    ></canvas>
                    <canvas class="map-canvas" node_ref=canvas role="img" aria-label=described></canvas>
                </Pointed>
                <Strip edge=MapEdge::Right curve=right plot=plot />
            </div>
        </figure>
    }
}

/// The canvas with a cell cursor over it: pointer, keys, click.
#[component]
fn Pointed(state: MapState, plot: Memo<Option<PlotArea>>, name: Memo<String>, children: Children) -> impl IntoView {
    let holder = NodeRef::<html::Div>::new();
    let cell_at = move |x: i32, y: i32| {
        let bounds = holder.get_untracked()?.get_bounding_client_rect();
        let plot = plot.get_untracked()?;
        plot.cell_at(f64::from(x) - bounds.left(), f64::from(y) - bounds.top())
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let (Some(plot), Some((x, y))) = (plot.get_untracked(), state.looked_at.get_untracked()) else {
            return;
        };
        let (right, up) = (plot.columns.saturating_sub(1), plot.rows.saturating_sub(1));
        let far = if event.shift_key() { PAGE } else { 1 };
        let to = match event.key().as_str() {
            "ArrowRight" => (x + far, y),
            "ArrowLeft" => (x.saturating_sub(far), y),
            "ArrowUp" => (x, y + far),
            "ArrowDown" => (x, y.saturating_sub(far)),
            "PageUp" => (x, y + PAGE),
            "PageDown" => (x, y.saturating_sub(PAGE)),
            "Home" => (0, y),
            "End" => (right, y),
            "Enter" | " " => {
                event.prevent_default();
                state.take((x, y));
                return;
            }
            "Escape" => {
                state.cursor.set(None);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        state.cursor.set(Some((to.0.min(right), to.1.min(up))));
    };
    let over = move || {
        let plot = plot.get()?;
        let (x, y) = state.cursor.get()?;
        #[expect(clippy::cast_precision_loss, reason = "a cell's position")]
        let (left, top) = plot.at(x as f64, y as f64 + 1.0);
        let (width, height) = plot.cell();
        Some(view! {
            <svg
                class="map-over"
                aria-hidden="true"
                width=plot.left + plot.width + RIGHT
                height=plot.top + plot.height + BOTTOM
            >
                <rect x=left - 1.5 y=top - 1.5 width=width + 3.0 height=height + 3.0 />
            </svg>
        })
    };
    view! {
        <div
            class="map-pointed"
            node_ref=holder
            role="application"
            tabindex="0"
            aria-label=move || format!("{}: arrow keys move from policy to policy, Enter takes one as B", name.get())
            on:pointermove=move |event| {
                let now = cell_at(event.client_x(), event.client_y());
                if state.cursor.get_untracked() != now {
                    state.cursor.set(now);
                }
            }
            on:pointerleave=move |_| state.cursor.set(None)
            on:blur=move |_| state.cursor.set(None)
            on:click=move |event| {
                if let Some(cell) = cell_at(event.client_x(), event.client_y()) {
                    state.take(cell);
                }
            }
            on:keydown=keys
        >
            {children()}
            {over}
        </div>
    }
}
