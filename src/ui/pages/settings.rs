//! Settings.

use crate::ui::components::{Empty, PageHead};
use leptos::prelude::*;

/// The page.
#[component]
pub fn Settings() -> impl IntoView {
    view! {
        <PageHead title="Settings" />
        <Empty title="This page is being built" />
    }
    .into_any()
}
