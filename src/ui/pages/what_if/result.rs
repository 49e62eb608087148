//! What moves between A and B.

use leptos::prelude::*;

/// The section.
#[component]
pub fn Compared() -> impl IntoView {
    ().into_any()
}
