//! Where the worker's script is: which of its two builds this browser can run, if there is one at all.

use js_sys::{Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::JsCast;
use web_sys::HtmlMetaElement;

/// A module with one function, which makes a 128-bit vector: valid only where those are known.
const VECTORS: [u8; 29] = [
    0, b'a', b's', b'm', 1, 0, 0, 0, // what every module begins with
    1, 5, 1, 0x60, 0, 1, 0x7b, // one type: () -> v128
    3, 2, 1, 0, // one function, of that type
    10, 8, 1, 6, 0, 0x41, 0, 0xfd, 15, 0x0b, // its code: i32.const 0, i8x16.splat, end
];

/// The script's address, relative to the page's base.
///
/// # Errors
/// Why there is none.
pub(super) fn address() -> Result<String, &'static str> {
    let window = web_sys::window().ok_or("this is not a page")?;
    if !Reflect::has(&window, &"Worker".into()).unwrap_or(false) {
        return Err("this browser has none");
    }
    // A page from a file may start none, and asking throws.
    if !window
        .location()
        .protocol()
        .is_ok_and(|protocol| protocol.starts_with("http"))
    {
        return Err("the page does not come from a web server");
    }
    let built = window
        .document()
        .and_then(|document| document.query_selector("meta[name=lab-worker]").ok().flatten())
        .and_then(|meta| meta.dyn_into::<HtmlMetaElement>().ok())
        .ok_or("none was built with this page")?;
    let kind = if knows_vectors() { "simd" } else { "scalar" };
    Ok(format!("lab-{kind}-{}.js", built.content()))
}

fn knows_vectors() -> bool {
    WebAssembly::validate(&Uint8Array::from(VECTORS.as_slice()).into()).unwrap_or(false)
}

/// How many workers can run side by side.
pub(super) fn cores() -> usize {
    let cores = web_sys::window().map_or(1.0, |window| window.navigator().hardware_concurrency());
    // Browsers may say nothing, or lie within limits.
    (1..=64).rev().find(|count| f64::from(*count) <= cores).unwrap_or(1) as usize
}
