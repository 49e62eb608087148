//! A CSV a person dropped, read as it streams, in slices.

use super::long_task::TaskHandle;
use crate::browser::{self, Slices};
use poolkeeper_ingest::{ImportLimits, Imported, Ingest};
use wasm_bindgen::JsCast;
use web_sys::File;

/// Streams a file through the reader; `None` when cancelled.
///
/// # Errors
/// Why the file can't be read, in words.
pub(crate) async fn read(file: &File, task: TaskHandle) -> Result<Option<Imported>, String> {
    let total = file.size();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a file's size is a whole number"
    )]
    let total = Some(total as u64);
    let reader: web_sys::ReadableStreamDefaultReader = file.stream().get_reader().unchecked_into();
    let mut ingest = Ingest::new(ImportLimits::default());
    let mut slices = Slices::new();
    loop {
        let chunk = wasm_bindgen_futures::JsFuture::from(reader.read())
            .await
            .map_err(browser::js_error_message)?;
        let is_done = js_sys::Reflect::get(&chunk, &"done".into())
            .map_err(browser::js_error_message)?
            .is_truthy();
        if is_done {
            break;
        }
        let bytes: js_sys::Uint8Array = js_sys::Reflect::get(&chunk, &"value".into())
            .map_err(browser::js_error_message)?
            .unchecked_into();
        // Pieces small enough that none takes longer than a slice.
        for piece in bytes.to_vec().chunks(256 * 1024) {
            ingest.feed(piece).map_err(|problem| problem.to_string())?;
            if slices.is_over() {
                if !task.yield_now("Reading bytes", ingest.progress().bytes, total).await {
                    // The file's own stream ends with its reader.
                    let _ = reader.cancel();
                    return Ok(None);
                }
                slices = Slices::new();
            }
        }
    }
    let mut building = ingest.into_table_builder().map_err(|problem| problem.to_string())?;
    loop {
        let is_built = building.step(4_000_000);
        if !task.yield_now("Sorting rows by domain and day", 0, None).await {
            return Ok(None);
        }
        if is_built {
            return Ok(Some(building.finish()));
        }
    }
}
