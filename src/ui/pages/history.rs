//! History.

use crate::ui::components::{Empty, PageHead};
use leptos::prelude::*;

/// The page.
#[component]
pub fn History() -> impl IntoView {
    view! {
        <PageHead title="History" />
        <Empty title="This page is being built" />
    }
    .into_any()
}
