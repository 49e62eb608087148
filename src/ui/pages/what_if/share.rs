//! The link, the report, and opening one.

use leptos::prelude::*;

/// The section.
#[component]
pub fn Share() -> impl IntoView {
    ().into_any()
}
