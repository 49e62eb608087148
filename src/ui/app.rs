//! The shell round the pages.

use crate::ui::components::SkeletonRows;
use crate::ui::components::drawer::RequestDrawer;
use crate::ui::components::header::Header;
use crate::ui::components::palette::Palette;
use crate::ui::components::small::Arrivals;
use crate::ui::components::toasts::ToastStack;
use crate::ui::routes;
use crate::ui::{browser, pages, state};
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

/// One line while requests wait for the service.
#[component]
fn WaitingLine() -> impl IntoView {
    let live = state::use_live();
    view! {
        <p class="waiting" role="status">
            {move || live.waiting()}
        </p>
    }
    .into_any()
}

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    routes::set_base(&browser::base_path());
    state::provide();
    let restored = state::simulator::use_restored();
    provide_context(Arrivals(StoredValue::new(0)));
    view! {
        <Router base=routes::base()>
            <a
                class="skip"
                href="#main"
                on:click=|event| {
                    event.prevent_default();
                    browser::focus_id("main");
                }
            >
                "Skip to the page"
            </a>
            <Header />
            <WaitingLine />
            <main id="main" tabindex="-1">
                <Show when=move || restored.get() fallback=|| view! { <SkeletonRows rows=8 /> }>
                <FlatRoutes fallback=|| pages::NotFound().into_any()>
                    <Route path=path!("/") view=pages::Overview />
                    <Route path=path!("/pools") view=pages::Pools />
                    <Route path=path!("/domains") view=pages::Domains />
                    <Route path=path!("/domain") view=pages::Domain />
                    <Route path=path!("/history") view=pages::History />
                    <Route path=path!("/what-if") view=pages::WhatIf />
                    <Route path=path!("/settings") view=pages::Settings />
                </FlatRoutes>
                </Show>
            </main>
            <Palette />
            <RequestDrawer />
            <ToastStack />
        </Router>
    }
}
