//! What-if.

use crate::ui::components::{Empty, PageHead};
use leptos::prelude::*;

/// The page.
#[component]
pub fn WhatIf() -> impl IntoView {
    view! {
        <PageHead title="What-if" />
        <Empty title="This page is being built" />
    }
    .into_any()
}
