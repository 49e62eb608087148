//! A chart as a picture file: its SVG with the styles written into it.

use crate::browser;
use crate::state::toasts::Toasts;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, Element, HtmlCanvasElement, HtmlImageElement, SvgElement, XmlSerializer};

/// A kind of picture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageFormat {
    /// Lines and text.
    Svg,
    /// Pixels, twice as many as on screen.
    Png,
}

/// What makes a chart look as it does. Read from the page, written into the copy.
const STYLES: [&str; 11] = [
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linejoin",
    "stroke-linecap",
    "opacity",
    "font-family",
    "font-size",
    "font-weight",
];

/// Saves a chart's picture; says so, or why not.
pub(crate) fn picture(svg: &SvgElement, name: &str, how: ImageFormat, toasts: Toasts) {
    let result = standalone(svg).and_then(|text| match how {
        ImageFormat::Svg => browser::download_text(&format!("{name}.svg"), "image/svg+xml", &text),
        ImageFormat::Png => png(svg, &text, format!("{name}.png"), toasts),
    });
    if let Err(problem) = result {
        toasts.failed(format!("The picture could not be saved: {problem}"));
    }
}

fn standalone(svg: &SvgElement) -> Result<String, String> {
    let copy = svg
        .clone_node_with_deep(true)
        .map_err(browser::js_error_message)?
        .unchecked_into::<Element>();
    copy.set_attribute("xmlns", "http://www.w3.org/2000/svg")
        .map_err(browser::js_error_message)?;
    inline_styles(svg, &copy)?;
    let paper = window()
        .get_computed_style(&document().document_element().ok_or("no document")?)
        .map_err(browser::js_error_message)?
        .ok_or("no style")?
        .get_property_value("background-color")
        .map_err(browser::js_error_message)?;
    // Not as an attribute: the page's policy takes no styles from attributes.
    copy.unchecked_ref::<SvgElement>()
        .style()
        .set_property("background", &paper)
        .map_err(browser::js_error_message)?;
    let serializer = XmlSerializer::new().map_err(browser::js_error_message)?;
    serializer.serialize_to_string(&copy).map_err(browser::js_error_message)
}

/// Writes the styles of an element and all below it into its copy, which has the same shape.
fn inline_styles(original: &Element, copy: &Element) -> Result<(), String> {
    let pairs = [original, copy].map(|element| element.query_selector_all("*"));
    let [Ok(from), Ok(to)] = pairs else {
        return Err("the picture could not be read".to_owned());
    };
    for at in 0..from.length().min(to.length()) {
        let (Some(from), Some(to)) = (from.item(at), to.item(at)) else {
            continue;
        };
        let (from, to) = (from.unchecked_into::<Element>(), to.unchecked_into::<Element>());
        let Some(style) = window().get_computed_style(&from).map_err(browser::js_error_message)? else {
            continue;
        };
        for name in STYLES {
            let value = style.get_property_value(name).map_err(browser::js_error_message)?;
            to.set_attribute(name, &value).map_err(browser::js_error_message)?;
        }
        to.remove_attribute("class").map_err(browser::js_error_message)?;
    }
    Ok(())
}

fn png(svg: &SvgElement, text: &str, file: String, toasts: Toasts) -> Result<(), String> {
    const PIXELS: f64 = 2.0;
    let bounds = svg.get_bounding_client_rect();
    let (width, height) = (bounds.width() * PIXELS, bounds.height() * PIXELS);
    let image = HtmlImageElement::new().map_err(browser::js_error_message)?;
    let drawn = image.clone();
    let loaded = Closure::once_into_js(move || {
        if let Err(problem) = canvas_png(&drawn, width, height, file, toasts) {
            toasts.failed(format!("The picture could not be saved: {problem}"));
        }
    });
    image.set_onload(Some(loaded.unchecked_ref()));
    let encoded = String::from(js_sys::encode_uri_component(text));
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{encoded}"));
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixel sizes, small and positive"
)]
fn canvas_png(image: &HtmlImageElement, width: f64, height: f64, file: String, toasts: Toasts) -> Result<(), String> {
    let canvas = document()
        .create_element("canvas")
        .map_err(browser::js_error_message)?
        .unchecked_into::<HtmlCanvasElement>();
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = canvas
        .get_context("2d")
        .map_err(browser::js_error_message)?
        .ok_or("no canvas")?
        .unchecked_into::<web_sys::CanvasRenderingContext2d>();
    context
        .draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width, height)
        .map_err(browser::js_error_message)?;
    canvas_file(&canvas, file, toasts)
}

/// Saves a canvas as a PNG.
///
/// # Errors
/// The browser's own words when it refuses at once; a later refusal is a toast.
pub(crate) fn canvas_file(canvas: &HtmlCanvasElement, file: String, toasts: Toasts) -> Result<(), String> {
    let done = Closure::once_into_js(move |blob: JsValue| {
        let saved = blob
            .dyn_into::<Blob>()
            .map_err(browser::js_error_message)
            .and_then(|blob| browser::download_blob(&file, &blob));
        if let Err(problem) = saved {
            toasts.failed(format!("The picture could not be saved: {problem}"));
        }
    });
    canvas.to_blob(done.unchecked_ref()).map_err(browser::js_error_message)
}
