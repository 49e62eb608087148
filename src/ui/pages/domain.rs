//! Domain.

use crate::ui::components::{Empty, PageHead};
use leptos::prelude::*;

/// The page.
#[component]
pub fn Domain() -> impl IntoView {
    view! {
        <PageHead title="Domain" />
        <Empty title="This page is being built" />
    }
    .into_any()
}
