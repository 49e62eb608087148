//! The URL of the worker's script: one of two builds, by what the browser supports.

use js_sys::{Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::JsCast;
use web_sys::HtmlMetaElement;

/// A wasm module with a function that returns a 128-bit vector. It is valid only if the browser supports SIMD.
const SIMD_MODULE: [u8; 29] = [
    0, b'a', b's', b'm', 1, 0, 0, 0, // what every module begins with
    1, 5, 1, 0x60, 0, 1, 0x7b, // one type: () -> v128
    3, 2, 1, 0, // one function, of that type
    10, 8, 1, 6, 0, 0x41, 0, 0xfd, 15, 0x0b, // its code: i32.const 0, i8x16.splat, end
];

/// The script's URL, relative to the page's base.
///
/// # Errors
/// Why no worker can be started.
pub(super) fn script_url() -> Result<String, &'static str> {
    let window = web_sys::window().ok_or("this is not a page")?;
    if !Reflect::has(&window, &"Worker".into()).unwrap_or(false) {
        return Err("this browser has none");
    }
    // A page from a file can't start workers, and trying throws.
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
    let kind = if supports_simd() { "simd" } else { "scalar" };
    Ok(format!("lab-{kind}-{}.js", built.content()))
}

fn supports_simd() -> bool {
    WebAssembly::validate(&Uint8Array::from(SIMD_MODULE.as_slice()).into()).unwrap_or(false)
}

/// How many workers can run in parallel.
pub(super) fn cores() -> usize {
    let cores = web_sys::window().map_or(1.0, |window| window.navigator().hardware_concurrency());
    // Browsers may report nothing, or a number below the real one.
    (1..=64).rev().find(|count| f64::from(*count) <= cores).unwrap_or(1) as usize
}
