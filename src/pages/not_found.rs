//! An address that leads nowhere.

use crate::components::{Empty, PageHead};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use poolkeeper_view::routes::PageRoute;

#[component]
pub(crate) fn NotFound() -> impl IntoView {
    let path = use_location().pathname;
    let links = PageRoute::NAVIGATION
        .into_iter()
        .map(|page| view! { <a class="button" href=page.href(&[])>{page.title()}</a> })
        .collect_view();
    view! {
        <PageHead title="Page not found" lead=move || view! { "No page at " <code>{move || path.get()}</code> "." } />
        <Empty title="The link may be out of date" hint="Go to one of these pages:">
            {links}
        </Empty>
    }
}
