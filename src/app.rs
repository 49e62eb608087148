//! The shell round the pages.

use crate::components::SkeletonRows;
use crate::components::domain_name::NameMark;
use crate::components::header::Header;
use crate::components::small::{RevealOnScroll, types_text};
use crate::components::term::TermCard;
use crate::components::toasts::ToastStack;
use crate::lazy::{self, LazyView};
use crate::pages::Overview;
use crate::state::Overlays;
use crate::{browser, state};
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;
use poolkeeper_simulator::server::Simulator;
use poolkeeper_view::routes::{self, PageRoute};

/// One line while requests wait for the service.
#[component]
fn WaitingLine() -> impl IntoView {
    let live = state::use_live();
    view! {
        <p class="waiting-line" role="status">
            {move || live.waiting()}
        </p>
    }
}

/// One line while a request is not answered, with a count of its seconds and a way to end it.
#[component]
fn SlowLine() -> impl IntoView {
    let pending = state::use_live().pending();
    let is_slow = Memo::new(move |_| pending.seconds().is_some());
    let words = move || {
        let seconds = pending.seconds().unwrap_or_default();
        let most = state::live::TIMEOUT_MS / 1_000;
        format!("No answer yet: waiting {seconds} s of at most {most} s.")
    };
    view! {
        <Show when=move || is_slow.get()>
            <div class="unfinished-line" role="group" aria-label="Slow request">
                <span>{words}</span>
                <button type="button" on:click=move |_| pending.cancel()>
                    "Cancel request"
                </button>
            </div>
        </Show>
    }
}

/// One line while a change of the account is left in the middle.
#[component]
fn UnfinishedLine() -> impl IntoView {
    let record = state::use_account().record();
    view! {
        <div role="status">
            <Show when=move || !record.unfinished().is_empty()>
                <p class="unfinished-line">
                    <span>{move || record.unfinished()}</span>
                    <a href=PageRoute::Record.href(&[("outcome", "unfinished")])>"Open the record"</a>
                </p>
            </Show>
        </div>
    }
}

/// Shows the app in place of what `index.html` shows until then.
pub async fn start() {
    if state::console_program::is_present() {
        // Its account is shown first, and needs this.
        lazy::fetch_live();
    }
    let simulator = state::simulator::initial().await;
    leptos::mount::mount_to_body(move || view! { <App simulator=simulator /> });
    browser::remove_id("shell");
}

/// The whole app.
#[component]
fn App(
    /// The simulated account until what was kept has been restored.
    simulator: Simulator,
) -> impl IntoView {
    routes::set_base(&browser::base_path());
    // Before the router, which shows the page that Back leads to.
    browser::note_ways_back();
    state::provide(simulator, lazy::simulator_chunks(), lazy::new_live_transport);
    let overlays = state::use_overlays();
    open_by_key(overlays);
    let is_touring = Memo::new(move |_| overlays.tour.get().is_some()).into();
    let (simulated, live) = (state::simulator::use_simulated(), state::use_live());
    let can_switch_account = Memo::new(move |_| live.can_switch_account()).into();
    provide_context(RevealOnScroll(StoredValue::new(0)));
    provide_context(TermCard(lazy::term_card));
    provide_context(NameMark(lazy::name_mark));
    view! {
        <Router base=routes::base()>
            <a
                class="skip-link"
                href="#main"
                on:click=|event| {
                    event.prevent_default();
                    browser::focus_id("main");
                }
            >
                "Skip to main content"
            </a>
            <Header account_menu=move || lazy::on_demand(can_switch_account, LazyView::AccountMenu) />
            <WaitingLine />
            <SlowLine />
            <UnfinishedLine />
            <main id="main" tabindex="-1">
                <Show when=move || live.is_ready() && (simulated.is_restored() || live.connected().is_some()) fallback=|| view! { <SkeletonRows rows=8 /> }>
                <FlatRoutes fallback=|| lazy::page(LazyView::NotFound)>
                    <Route path=path!("/") view=|| view! { <Overview live_view=|| lazy::page(LazyView::LiveOverview) held_view=|| lazy::at_idle(LazyView::HeldPools) /> } />
                    <Route path=path!("/pools") view=|| lazy::page(LazyView::Pools) />
                    <Route path=path!("/domains") view=|| lazy::page(LazyView::Domains) />
                    <Route path=path!("/domain") view=|| lazy::page(LazyView::Domain) />
                    <Route path=path!("/history") view=|| lazy::page(LazyView::History) />
                    <Route path=path!("/changes") view=|| lazy::page(LazyView::WhatChanged) />
                    <Route path=path!("/record") view=|| lazy::page(LazyView::Record) />
                    <Route path=path!("/what-if") view=|| lazy::page(LazyView::WhatIf) />
                    <Route path=path!("/settings") view=|| lazy::page(LazyView::Settings) />
                </FlatRoutes>
                </Show>
            </main>
            {lazy::overlay(overlays.palette, LazyView::Palette)}
            {lazy::overlay(overlays.requests, LazyView::Drawer)}
            {lazy::overlay(overlays.help, LazyView::Help)}
            {lazy::on_demand(is_touring, LazyView::Tour)}
            <ToastStack />
        </Router>
    }
}

/// `Ctrl K` or `⌘ K` opens and closes the palette anywhere; `?` opens the help where no text is typed.
fn open_by_key(overlays: Overlays) {
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            overlays.palette.update(|open| *open = !*open);
        } else if event.key() == "?" && !types_text(&event) {
            event.prevent_default();
            overlays.help.set(true);
        }
    });
    on_cleanup(move || listener.remove());
}
