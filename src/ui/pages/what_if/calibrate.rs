//! What the account shows about the service's unpublished thresholds.

use leptos::prelude::*;

/// The section.
#[component]
pub fn Calibrate() -> impl IntoView {
    ().into_any()
}
