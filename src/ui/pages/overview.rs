//! Overview.

use crate::ui::components::{Empty, PageHead};
use leptos::prelude::*;

/// The page.
#[component]
pub fn Overview() -> impl IntoView {
    view! {
        <PageHead title="Overview" />
        <Empty title="This page is being built" />
    }
    .into_any()
}
