//! One domain under both policies.

use leptos::prelude::*;

/// The section.
#[component]
pub fn DomainUnderBoth() -> impl IntoView {
    ().into_any()
}
