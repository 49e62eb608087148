//! Drawing a map: cells on one canvas, a pixel each, which the browser enlarges; plateaus, axes and marks on another over it. A
//! slider changes the cells alone as a rule. A saved picture has both.

use crate::browser;
use leptos::prelude::*;
use poolkeeper_view::charts::threshold_map::{AxisTick, PlotArea, Rgb, outline, outline_path, pixels};
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement, ImageData, Path2d};

/// Room left of the cells, for the numbers of the y axis.
pub(crate) const LEFT: f64 = 58.0;
/// Room above them, for its name.
pub(crate) const TOP: f64 = 22.0;
/// Room below them, for the x axis.
pub(crate) const BOTTOM: f64 = 40.0;
/// Room on their right, for half a mark.
pub(crate) const RIGHT: f64 = 12.0;
/// A mark's radius.
const MARK: f64 = 9.0;
/// Marks nearer than this are drawn as one.
const TOGETHER: f64 = 12.0;
/// Plateaus with at least this share of the cells are outlined.
const OUTLINED_PER_MILLE: usize = 3;
/// A saved picture's pixels a CSS pixel.
const SAVED_RATIO: f64 = 2.0;
/// Room for its title and legend.
const CAPTION: f64 = 28.0;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CellLayer {
    /// The counts, row by row from the bottom.
    pub(crate) plane: Vec<u64>,
    /// Cells in a row.
    pub(crate) columns: usize,
    /// The counts with the first and the last colour.
    pub(crate) scale: (u64, u64),
}

/// What stands around and over the cells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OverlayLayer {
    /// Where the cells are.
    pub(crate) plot: PlotArea,
    /// The numbers of the axes, and their names.
    pub(crate) x: (Vec<(AxisTick, String)>, String),
    /// The same, upwards.
    pub(crate) y: (Vec<(AxisTick, String)>, String),
    /// The policies: name, place in cells, whether it is off the map.
    pub(crate) marks: Vec<(&'static str, (f64, f64), bool)>,
}

impl OverlayLayer {
    /// Width and height of the whole in CSS pixels.
    #[must_use]
    pub(crate) fn size(&self) -> (f64, f64) {
        let plot = &self.plot;
        (plot.left + plot.width + RIGHT, plot.top + plot.height + BOTTOM)
    }
}

/// The colours a canvas is drawn with, read from its own style, where the style sheet puts its tokens.
#[derive(Clone, Debug)]
pub(crate) struct MapPalette {
    low: Rgb,
    high: Rgb,
    ink: String,
    quiet: String,
    paper: String,
    line: String,
    font: String,
}

impl MapPalette {
    fn of(style: &CssStyleDeclaration) -> Self {
        let read = |name: &str| style.get_property_value(name).unwrap_or_default();
        Self {
            low: Rgb::parse(&read("outline-color")).unwrap_or_default(),
            high: Rgb::parse(&read("color")).unwrap_or_default(),
            ink: read("border-top-color"),
            quiet: read("border-right-color"),
            paper: read("border-bottom-color"),
            line: read("border-left-color"),
            font: read("font-family"),
        }
    }

    /// Those of a canvas on the page.
    #[must_use]
    pub(crate) fn read(canvas: &HtmlCanvasElement) -> Option<Self> {
        window()
            .get_computed_style(canvas)
            .ok()
            .flatten()
            .map(|style| Self::of(&style))
    }
}

/// Draws the cells on a canvas of their own, a pixel each.
pub(crate) fn draw_cells(canvas: &HtmlCanvasElement, cells: &CellLayer, palette: &MapPalette) {
    // Fails for a picture without pixels only: then there is nothing to see.
    let _ = put_cells(canvas, cells, palette);
}

/// Draws what is around and over them; with the cells given, lines around their plateaus.
pub(crate) fn draw_frame(
    canvas: &HtmlCanvasElement,
    frame: &OverlayLayer,
    palette: &MapPalette,
    outlined: Option<&CellLayer>,
) {
    let ratio = window().device_pixel_ratio().max(1.0);
    let (width, height) = frame.size();
    set_size(canvas, width * ratio, height * ratio);
    if let Some(context) = context_of(canvas) {
        context.clear_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
        // As above.
        let _ = paint(&context, frame, palette, outlined, ratio);
    }
}

/// A map as a picture of its own, with its title and its legend. `seen`: the canvas on the page.
///
/// # Errors
/// The browser's own words.
pub(crate) fn saved(
    seen: &HtmlCanvasElement,
    cells: &CellLayer,
    frame: &OverlayLayer,
    title: &str,
    legend: (&str, &str),
) -> Result<HtmlCanvasElement, String> {
    let palette = MapPalette::read(seen).ok_or("no style")?;
    let canvas = new_canvas()?;
    let ratio = SAVED_RATIO;
    let (width, height) = frame.size();
    set_size(&canvas, width * ratio, CAPTION.mul_add(2.0, height) * ratio);
    let context = context_of(&canvas).ok_or("no canvas")?;
    context.set_fill_style_str(&palette.paper);
    context.fill_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
    context.scale(ratio, ratio).map_err(browser::js_error_message)?;
    context.set_fill_style_str(&palette.ink);
    context.set_font(&format!("600 14px {}", palette.font));
    let text = |words: &str, x: f64, y: f64| context.fill_text(words, x, y).map_err(browser::js_error_message);
    text(title, 8.0, 20.0)?;
    let foot = CAPTION + height + 14.0;
    let (from, to) = (LEFT + 40.0, width - 110.0);
    context.set_font(&format!("12px {}", palette.font));
    context.set_text_align("right");
    text(legend.0, from - 8.0, foot)?;
    context.set_text_align("left");
    text(legend.1, to + 8.0, foot)?;
    let Rgb(r, g, b) = palette.low;
    let Rgb(red, green, blue) = palette.high;
    let ramp = context.create_linear_gradient(from, 0.0, to, 0.0);
    ramp.add_color_stop(0.0, &format!("rgb({r},{g},{b})"))
        .map_err(browser::js_error_message)?;
    ramp.add_color_stop(1.0, &format!("rgb({red},{green},{blue})"))
        .map_err(browser::js_error_message)?;
    context.set_fill_style_canvas_gradient(&ramp);
    context.fill_rect(from, foot - 9.0, to - from, 8.0);
    context
        .set_transform(1.0, 0.0, 0.0, 1.0, 0.0, CAPTION * ratio)
        .map_err(browser::js_error_message)?;
    let small = new_canvas()?;
    put_cells(&small, cells, &palette).map_err(browser::js_error_message)?;
    let ([x, y], [width, height]) = on_pixels(&frame.plot, ratio);
    context.set_image_smoothing_enabled(false);
    context
        .draw_image_with_html_canvas_element_and_dw_and_dh(&small, x, y, width, height)
        .map_err(browser::js_error_message)?;
    paint(&context, frame, &palette, Some(cells), ratio).map_err(browser::js_error_message)?;
    Ok(canvas)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixel sizes, small and positive"
)]
fn set_size(canvas: &HtmlCanvasElement, width: f64, height: f64) {
    let (width, height) = (libm::round(width) as u32, libm::round(height) as u32);
    // Setting a size clears the canvas and costs time, even where it is the same.
    if canvas.width() != width {
        canvas.set_width(width);
    }
    if canvas.height() != height {
        canvas.set_height(height);
    }
}

fn new_canvas() -> Result<HtmlCanvasElement, String> {
    let made = document().create_element("canvas").map_err(browser::js_error_message)?;
    Ok(made.unchecked_into())
}

fn context_of(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    Some(canvas.get_context("2d").ok().flatten()?.unchecked_into())
}

/// Where the cells are in pixels of a canvas, `ratio` of them a CSS pixel: left and top, width and height.
fn on_pixels(plot: &PlotArea, ratio: f64) -> ([f64; 2], [f64; 2]) {
    let whole = |at: f64| libm::round(at * ratio);
    (
        [whole(plot.left), whole(plot.top)],
        [whole(plot.width), whole(plot.height)],
    )
}

/// Draws the frame from the context's origin, which it leaves where it was.
fn paint(
    context: &CanvasRenderingContext2d,
    frame: &OverlayLayer,
    palette: &MapPalette,
    outlined: Option<&CellLayer>,
    ratio: f64,
) -> Result<(), wasm_bindgen::JsValue> {
    context.save();
    if let Some(cells) = outlined {
        let ([left, top], size) = on_pixels(&frame.plot, ratio);
        context.translate(left, top)?;
        outlines(context, palette, cells, size, ratio)?;
        context.translate(-left, -top)?;
    }
    context.scale(ratio, ratio)?;
    axes(context, palette, frame)?;
    marks(context, palette, frame)?;
    context.restore();
    Ok(())
}

fn put_cells(canvas: &HtmlCanvasElement, cells: &CellLayer, palette: &MapPalette) -> Result<(), wasm_bindgen::JsValue> {
    let columns = cells.columns.max(1);
    let size = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (width, height) = (size(columns), size(cells.plane.len() / columns));
    let bytes = pixels(&cells.plane, columns, cells.scale, palette.low, palette.high);
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&bytes), width, height)?;
    set_size(canvas, f64::from(width), f64::from(height));
    match context_of(canvas) {
        Some(context) => context.put_image_data(&image, 0.0, 0.0),
        None => Ok(()),
    }
}

fn outlines(
    context: &CanvasRenderingContext2d,
    palette: &MapPalette,
    cells: &CellLayer,
    [width, height]: [f64; 2],
    ratio: f64,
) -> Result<(), wasm_bindgen::JsValue> {
    let columns = cells.columns.max(1);
    let rows = cells.plane.len() / columns;
    #[expect(clippy::cast_precision_loss, reason = "a grid's size")]
    let cell = (width / columns as f64, height / rows.max(1) as f64);
    let least = cells.plane.len() * OUTLINED_PER_MILLE / 1_000;
    let lines = outline(&cells.plane, columns, least.max(2));
    context.set_stroke_style_str(&palette.line);
    context.set_line_width(libm::round(ratio).max(1.0));
    context.stroke_with_path(&Path2d::new_with_path_string(&outline_path(&lines, rows, cell))?);
    Ok(())
}

fn axes(
    context: &CanvasRenderingContext2d,
    palette: &MapPalette,
    frame: &OverlayLayer,
) -> Result<(), wasm_bindgen::JsValue> {
    let plot = &frame.plot;
    let (right, bottom) = (plot.left + plot.width, plot.top + plot.height);
    context.set_fill_style_str(&palette.quiet);
    context.set_stroke_style_str(&palette.quiet);
    context.set_line_width(1.0);
    context.set_font(&format!("11px {}", palette.font));
    context.set_text_align("center");
    context.begin_path();
    for (tick, label) in &frame.x.0 {
        let (x, _) = plot.at(tick.at, 0.0);
        context.move_to(x, bottom);
        context.line_to(x, bottom + 4.0);
        // Labels at the right end stay inside the frame.
        let half = context.measure_text(label).map_or(0.0, |size| size.width() / 2.0);
        context.fill_text(label, x.min(right + RIGHT - half), bottom + 16.0)?;
    }
    context.set_text_align("right");
    for (tick, label) in &frame.y.0 {
        let (_, y) = plot.at(0.0, tick.at);
        context.move_to(plot.left - 4.0, y);
        context.line_to(plot.left, y);
        context.fill_text(label, plot.left - 7.0, y + 4.0)?;
    }
    context.stroke();
    context.set_fill_style_str(&palette.ink);
    context.set_text_align("left");
    context.fill_text_with_max_width(&format!("↑ {}", frame.y.1), plot.left, plot.top - 8.0, plot.width)?;
    context.set_text_align("right");
    context.fill_text_with_max_width(&format!("{} →", frame.x.1), right, bottom + 33.0, plot.width)
}

fn marks(
    context: &CanvasRenderingContext2d,
    palette: &MapPalette,
    frame: &OverlayLayer,
) -> Result<(), wasm_bindgen::JsValue> {
    let place = |at: (f64, f64)| frame.plot.at(at.0, at.1);
    context.set_text_align("center");
    context.set_font(&format!("700 11px {}", palette.font));
    context.set_line_width(2.0);
    let together = match frame.marks.as_slice() {
        [(_, a, false), (_, b, false)] => {
            let (a, b) = (place(*a), place(*b));
            (a.0 - b.0).abs() < TOGETHER && (a.1 - b.1).abs() < TOGETHER
        }
        _ => false,
    };
    for (name, at, is_off) in &frame.marks {
        let (x, y) = place(*at);
        // Together they are one mark, drawn where B is.
        let (name, half) = match (together, *name) {
            (true, "A") => continue,
            (true, _) => ("A B", 7.0),
            (false, name) => (name, 0.0),
        };
        context.begin_path();
        context.arc(
            x - half,
            y,
            MARK,
            std::f64::consts::FRAC_PI_2,
            3.0 * std::f64::consts::FRAC_PI_2,
        )?;
        context.arc(
            x + half,
            y,
            MARK,
            -std::f64::consts::FRAC_PI_2,
            std::f64::consts::FRAC_PI_2,
        )?;
        context.close_path();
        context.set_fill_style_str(&palette.paper);
        context.fill();
        context.set_stroke_style_str(if *is_off { &palette.quiet } else { &palette.ink });
        context.stroke();
        context.set_fill_style_str(&palette.ink);
        context.fill_text(name, x, y + 4.0)?;
    }
    Ok(())
}
