//! Pools.

use crate::ui::components::{Empty, PageHead};
use leptos::prelude::*;

/// The page.
#[component]
pub fn Pools() -> impl IntoView {
    view! {
        <PageHead title="Pools" />
        <Empty title="This page is being built" />
    }
    .into_any()
}
