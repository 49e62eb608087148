//! Domains.

use crate::ui::components::{Empty, PageHead};
use leptos::prelude::*;

/// The page.
#[component]
pub fn Domains() -> impl IntoView {
    view! {
        <PageHead title="Domains" />
        <Empty title="This page is being built" />
    }
    .into_any()
}
