//! An address that leads nowhere.

use crate::components::{Empty, PageHead};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use poolkeeper_view::routes::PageRoute;

/// The page.
#[component]
pub fn NotFound() -> impl IntoView {
    let path = use_location().pathname;
    let links = PageRoute::NAVIGATION
        .into_iter()
        .map(|page| view! { <a class="button" href=page.href(&[])>{page.title()}</a> })
        .collect_view();
    view! {
        <PageHead title="No such page" lead=move || view! { "There is nothing at " <code>{move || path.get()}</code> "." } />
        <Empty title="The link may be old or mistyped" hint="These pages are here:">
            {links}
        </Empty>
    }
    .into_any()
}
