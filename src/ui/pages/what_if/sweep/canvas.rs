//! Drawing a map on a canvas: cells, plateaus, axes, marks. The same for the page and for a saved picture.

use crate::ui::browser;
use crate::ui::charts::map::{Plot, Rgb, Tick, outline, outline_path, pixels};
use leptos::prelude::*;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement, ImageData, Path2d};

/// Room left of the cells, for the numbers of the y axis.
pub const LEFT: f64 = 52.0;
/// Room above them, for its name.
pub const TOP: f64 = 22.0;
/// Room below them, for the x axis.
pub const BOTTOM: f64 = 40.0;
/// Room on their right, for half a mark.
pub const RIGHT: f64 = 12.0;
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

thread_local! {
    /// Cells before they are enlarged: one for all maps, as a new canvas takes longer than drawing on it.
    static SMALL: Result<HtmlCanvasElement, String> = new_canvas();
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The counts, row by row from the bottom.
    pub plane: Vec<u64>,
    /// Where the cells are.
    pub plot: Plot,
    /// The counts with the first and the last colour.
    pub scale: (u64, u64),
    /// The numbers of the axes, and their names.
    pub x: (Vec<(Tick, String)>, String),
    /// The same, upwards.
    pub y: (Vec<(Tick, String)>, String),
    /// The policies: name, place in cells, whether it is off the map.
    pub marks: Vec<(&'static str, (f64, f64), bool)>,
}

/// Whether plateaus are outlined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// Not yet.
    Left,
    /// They are.
    Outlined,
}

/// The colours a canvas is drawn with, read from its own style, where the style sheet puts its tokens.
#[derive(Clone, Debug)]
pub struct Inks {
    low: Rgb,
    high: Rgb,
    ink: String,
    quiet: String,
    paper: String,
    line: String,
    font: String,
}

impl Inks {
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
    pub fn read(canvas: &HtmlCanvasElement) -> Option<Self> {
        window()
            .get_computed_style(canvas)
            .ok()
            .flatten()
            .map(|style| Self::of(&style))
    }
}

/// Draws a map of `width` by `height` CSS pixels on its canvas.
pub fn draw(canvas: &HtmlCanvasElement, picture: &Picture, inks: &Inks, lines: Lines, (width, height): (f64, f64)) {
    let ratio = window().device_pixel_ratio().max(1.0);
    set_size(canvas, width * ratio, height * ratio);
    if let Some(context) = context_of(canvas) {
        // Drawing fails for a picture without pixels only: then there is nothing to see.
        let _ = paint(&context, inks, picture, lines, ratio);
    }
}

/// A map as a picture of its own, with its title and its legend. `seen`: the canvas on the page.
///
/// # Errors
/// The browser's own words.
pub fn saved(
    seen: &HtmlCanvasElement,
    picture: &Picture,
    (width, height): (f64, f64),
    title: &str,
    legend: (&str, &str),
) -> Result<HtmlCanvasElement, String> {
    let inks = Inks::read(seen).ok_or("no style")?;
    let canvas = new_canvas()?;
    let ratio = SAVED_RATIO;
    set_size(&canvas, width * ratio, CAPTION.mul_add(2.0, height) * ratio);
    let context = context_of(&canvas).ok_or("no canvas")?;
    context.set_fill_style_str(&inks.paper);
    context.fill_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
    context.scale(ratio, ratio).map_err(browser::worded)?;
    context.set_fill_style_str(&inks.ink);
    context.set_font(&format!("600 14px {}", inks.font));
    let text = |words: &str, x: f64, y: f64| context.fill_text(words, x, y).map_err(browser::worded);
    text(title, 8.0, 20.0)?;
    let foot = CAPTION + height + 14.0;
    let (from, to) = (LEFT + 40.0, width - 110.0);
    context.set_font(&format!("12px {}", inks.font));
    context.set_text_align("right");
    text(legend.0, from - 8.0, foot)?;
    context.set_text_align("left");
    text(legend.1, to + 8.0, foot)?;
    let Rgb(r, g, b) = inks.low;
    let Rgb(red, green, blue) = inks.high;
    let ramp = context.create_linear_gradient(from, 0.0, to, 0.0);
    ramp.add_color_stop(0.0, &format!("rgb({r},{g},{b})"))
        .map_err(browser::worded)?;
    ramp.add_color_stop(1.0, &format!("rgb({red},{green},{blue})"))
        .map_err(browser::worded)?;
    context.set_fill_style_canvas_gradient(&ramp);
    context.fill_rect(from, foot - 9.0, to - from, 8.0);
    context
        .set_transform(1.0, 0.0, 0.0, 1.0, 0.0, CAPTION * ratio)
        .map_err(browser::worded)?;
    paint(&context, &inks, picture, Lines::Outlined, ratio).map_err(browser::worded)?;
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
    let made = document().create_element("canvas").map_err(browser::worded)?;
    Ok(made.unchecked_into())
}

fn context_of(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    Some(canvas.get_context("2d").ok().flatten()?.unchecked_into())
}

/// Draws from the context's origin, which it leaves where it was; `ratio`: its pixels a CSS pixel.
fn paint(
    context: &CanvasRenderingContext2d,
    inks: &Inks,
    picture: &Picture,
    lines: Lines,
    ratio: f64,
) -> Result<(), wasm_bindgen::JsValue> {
    let plot = &picture.plot;
    let whole = |at: f64| libm::round(at * ratio);
    let (left, top) = (whole(plot.left), whole(plot.top));
    let (width, height) = (whole(plot.width), whole(plot.height));
    context.save();
    let (all_width, all_height) = (
        whole(plot.left + plot.width + RIGHT),
        whole(plot.top + plot.height + BOTTOM),
    );
    context.set_fill_style_str(&inks.paper);
    context.fill_rect(0.0, 0.0, all_width, all_height);
    context.translate(left, top)?;
    cells(context, inks, picture, width, height)?;
    if lines == Lines::Outlined {
        outlines(context, inks, picture, (width, height), ratio)?;
    }
    context.translate(-left, -top)?;
    context.scale(ratio, ratio)?;
    axes(context, inks, picture)?;
    marks(context, inks, picture)?;
    context.restore();
    Ok(())
}

/// The cells, one pixel each, put on a small canvas and enlarged without smoothing.
fn cells(
    context: &CanvasRenderingContext2d,
    inks: &Inks,
    picture: &Picture,
    width: f64,
    height: f64,
) -> Result<(), wasm_bindgen::JsValue> {
    let plot = &picture.plot;
    let size = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let bytes = pixels(&picture.plane, plot.columns, picture.scale, inks.low, inks.high);
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&bytes), size(plot.columns), size(plot.rows))?;
    SMALL.with(|small| {
        let small = small
            .as_ref()
            .map_err(|problem| wasm_bindgen::JsValue::from_str(problem))?;
        set_size(small, f64::from(size(plot.columns)), f64::from(size(plot.rows)));
        if let Some(context) = context_of(small) {
            context.put_image_data(&image, 0.0, 0.0)?;
        }
        context.set_image_smoothing_enabled(false);
        context.draw_image_with_html_canvas_element_and_dw_and_dh(small, 0.0, 0.0, width, height)
    })
}

fn outlines(
    context: &CanvasRenderingContext2d,
    inks: &Inks,
    picture: &Picture,
    (width, height): (f64, f64),
    ratio: f64,
) -> Result<(), wasm_bindgen::JsValue> {
    let plot = &picture.plot;
    #[expect(clippy::cast_precision_loss, reason = "a grid's size")]
    let cell = (width / plot.columns.max(1) as f64, height / plot.rows.max(1) as f64);
    let least = picture.plane.len() * OUTLINED_PER_MILLE / 1_000;
    let lines = outline(&picture.plane, plot.columns, least.max(2));
    context.set_stroke_style_str(&inks.line);
    context.set_line_width(libm::round(ratio).max(1.0));
    context.stroke_with_path(&Path2d::new_with_path_string(&outline_path(&lines, plot.rows, cell))?);
    Ok(())
}

fn axes(context: &CanvasRenderingContext2d, inks: &Inks, picture: &Picture) -> Result<(), wasm_bindgen::JsValue> {
    let plot = &picture.plot;
    let (right, bottom) = (plot.left + plot.width, plot.top + plot.height);
    context.set_fill_style_str(&inks.quiet);
    context.set_stroke_style_str(&inks.quiet);
    context.set_line_width(1.0);
    context.set_font(&format!("11px {}", inks.font));
    context.set_text_align("center");
    context.begin_path();
    for (tick, label) in &picture.x.0 {
        let (x, _) = plot.at(tick.at, 0.0);
        context.move_to(x, bottom);
        context.line_to(x, bottom + 4.0);
        // Labels at the right end stay inside the picture.
        let half = context.measure_text(label).map_or(0.0, |size| size.width() / 2.0);
        context.fill_text(label, x.min(right + RIGHT - half), bottom + 16.0)?;
    }
    context.set_text_align("right");
    for (tick, label) in &picture.y.0 {
        let (_, y) = plot.at(0.0, tick.at);
        context.move_to(plot.left - 4.0, y);
        context.line_to(plot.left, y);
        context.fill_text(label, plot.left - 7.0, y + 4.0)?;
    }
    context.stroke();
    context.set_fill_style_str(&inks.ink);
    context.set_text_align("left");
    context.fill_text_with_max_width(&format!("↑ {}", picture.y.1), plot.left, plot.top - 8.0, plot.width)?;
    context.set_text_align("right");
    context.fill_text_with_max_width(&format!("{} →", picture.x.1), right, bottom + 33.0, plot.width)
}

fn marks(context: &CanvasRenderingContext2d, inks: &Inks, picture: &Picture) -> Result<(), wasm_bindgen::JsValue> {
    let place = |at: (f64, f64)| picture.plot.at(at.0, at.1);
    context.set_text_align("center");
    context.set_font(&format!("700 11px {}", inks.font));
    context.set_line_width(2.0);
    let together = match picture.marks.as_slice() {
        [(_, a, false), (_, b, false)] => {
            let (a, b) = (place(*a), place(*b));
            (a.0 - b.0).abs() < TOGETHER && (a.1 - b.1).abs() < TOGETHER
        }
        _ => false,
    };
    for (name, at, is_off) in &picture.marks {
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
        context.set_fill_style_str(&inks.paper);
        context.fill();
        context.set_stroke_style_str(if *is_off { &inks.quiet } else { &inks.ink });
        context.stroke();
        context.set_fill_style_str(&inks.ink);
        context.fill_text(name, x, y + 4.0)?;
    }
    Ok(())
}
