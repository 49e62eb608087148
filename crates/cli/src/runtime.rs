//! The one thread that a command's requests, timers and connections run on.

use crate::Failure;
use tokio::runtime::{Builder, Runtime};

/// A runtime on this thread.
///
/// # Errors
/// [`Failure`] when the system gives no means to wait.
pub(crate) fn on_this_thread() -> Result<Runtime, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::of("starting", error))
}
