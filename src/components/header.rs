//! The bar at the top: name, navigation, where the data comes from, the virtual date, search, requests, theme.

use super::background_work::BackgroundWork;
use super::icon::Icon;
use super::menu::Menu;
use crate::browser;
use crate::state::simulator::use_simulated;
use crate::state::theme::Theme;
use crate::state::{use_account, use_live, use_overlays, use_theme};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use poolkeeper_core::text;
use poolkeeper_view::routes::PageRoute;

#[component]
pub(crate) fn Header(
    /// The choice of an account.
    #[prop(into)]
    account_menu: ViewFn,
) -> impl IntoView {
    let overlays = use_overlays();
    view! {
        <header class="top-bar">
            <a class="logo" href=PageRoute::Overview.href(&[]) aria-label="Poolkeeper, to the overview">
                <span class="logo-mark" aria-hidden="true"></span>
                <span>"Poolkeeper"</span>
            </a>
            <button
                type="button"
                id="navigation-button"
                class="icon-button plain nav-button"
                aria-label="Navigation"
                aria-controls="navigation"
                aria-expanded=move || overlays.navigation.get().to_string()
                on:click=move |_| overlays.navigation.update(|open| *open = !*open)
            >
                {move || if overlays.navigation.get() { Icon::Close.view() } else { Icon::Menu.view() }}
            </button>
            <Navigation />
            <div class="top-end">
                <BackgroundWork />
                <Clock />
                <Connection />
                {account_menu.run()}
                <button
                    type="button"
                    class="plain search-button"
                    title="Search and commands (Ctrl K)"
                    aria-keyshortcuts="Control+K Meta+K"
                    on:click=move |_| overlays.palette.set(true)
                >
                    {Icon::Search.view()} <span class="hidden">"Search and commands"</span>
                </button>
                <button
                    type="button"
                    class="icon-button plain"
                    aria-label="Requests"
                    title="Requests and responses"
                    on:click=move |_| overlays.requests.set(true)
                >
                    {Icon::Requests.view()}
                </button>
                <button
                    type="button"
                    class="icon-button plain"
                    aria-label="Help"
                    title="Help and terms (?)"
                    aria-keyshortcuts="?"
                    on:click=move |_| overlays.help.set(true)
                >
                    {Icon::Help.view()}
                </button>
                <ThemeMenu />
            </div>
        </header>
    }
}

#[component]
fn Navigation() -> impl IntoView {
    let overlays = use_overlays();
    let path = use_location().pathname;
    let links = PageRoute::NAVIGATION
        .into_iter()
        .map(|page| {
            let current = move || (PageRoute::at(&path.get()) == Some(page)).then_some("page");
            view! {
                <a href=page.href(&[]) aria-current=current on:click=move |_| overlays.navigation.set(false)>
                    {page.title()}
                </a>
            }
        })
        .collect_view();
    let is_open = overlays.navigation;
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && is_open.get_untracked() {
            is_open.set(false);
            browser::focus_id("navigation-button");
        }
    });
    on_cleanup(move || listener.remove());
    view! {
        <nav id="navigation" aria-label="Pages" class:nav-open=move || is_open.get()>
            {links}
        </nav>
        // Takes the tap beside it, which would press something on the page.
        <Show when=move || is_open.get()>
            <div class="nav-scrim" on:click=move |_| is_open.set(false)></div>
        </Show>
    }
}

#[component]
fn Connection() -> impl IntoView {
    let (account, live) = (use_account(), use_live());
    let class = move || {
        if account.source().is_simulator() {
            "connection"
        } else {
            "connection connection-live"
        }
    };
    view! {
        <a
            class=class
            href=PageRoute::Settings.href(&[])
            title=move || format!("{}. Change the connection in Settings", account.source().label())
        >
            <span class="connection-dot" aria-hidden="true"></span>
            <span class="connection-words">{move || account.source().label()}</span>
            <Show when=move || account.source().may_change_live()>
                <span class="connection-badge">"changes allowed"</span>
            </Show>
            <Show when=move || !account.source().is_simulator() && !live.pending().is_reachable()>
                <span class="connection-badge connection-badge-down">"not reachable"</span>
            </Show>
        </a>
    }
}

#[component]
fn Clock() -> impl IntoView {
    let account = use_account();
    let simulated = use_simulated();
    let today = move || simulated.today().map(text::day);
    let weekday = move || simulated.today().map(|day| format!("{} ", text::weekday(day)));
    let play_label = move || {
        if simulated.is_playing() {
            "Pause"
        } else {
            "Play: one day per second"
        }
    };
    view! {
        <Show when=move || account.source().is_simulator()>
            <div
                class="clock"
                class:clock-restoring=move || simulated.today().is_none()
                role="group"
                aria-label="Virtual date"
            >
                <span class="clock-date" title="The simulator's date, UTC">
                    <span class="clock-weekday">{weekday}</span>
                    {today}
                </span>
                <Show when=move || simulated.is_saving()>
                    <span class="clock-saving">"Saving…"</span>
                </Show>
                <button
                    type="button"
                    class="icon-button plain"
                    aria-label="Step a day"
                    title="Step a day"
                    on:click=move |_| simulated.step(1)
                >
                    {Icon::Step.view()}
                </button>
                <button
                    type="button"
                    class="icon-button plain"
                    aria-label=move || if simulated.is_playing() { "Pause" } else { "Play" }
                    title=play_label
                    on:click=move |_| simulated.play(!simulated.is_playing())
                >
                    {move || if simulated.is_playing() { Icon::Pause.view() } else { Icon::Play.view() }}
                </button>
            </div>
        </Show>
    }
}

#[component]
fn ThemeMenu() -> impl IntoView {
    let theme = use_theme();
    let items = move || {
        Theme::ALL
            .into_iter()
            .map(|choice| {
                view! {
                    <button
                        type="button"
                        role="menuitemradio"
                        aria-checked=move || (theme.get() == choice).to_string()
                        on:click=move |_| theme.set(choice)
                    >
                        {choice.label()}
                    </button>
                }
            })
            .collect_view()
            .into_any()
    };
    view! { <Menu label="Theme" icon=Icon::Theme is_icon_only=true items=items /> }
}
