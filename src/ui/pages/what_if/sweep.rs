//! Ten thousand policies as a map.

use leptos::prelude::*;

/// The section.
#[component]
pub fn SweepMap() -> impl IntoView {
    ().into_any()
}
