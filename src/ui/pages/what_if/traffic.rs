//! The traffic at hand, and what it covers and lacks.

use leptos::prelude::*;

/// The section.
#[component]
pub fn Traffic() -> impl IntoView {
    ().into_any()
}
