//! Views of a list, saved by name in this browser.

use super::icon::Icon;
use super::popover::Popover;
use crate::browser;
use crate::state::use_toasts;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use poolkeeper_view::routes::PageRoute;
use poolkeeper_view::saved_views::{LONGEST_NAME, SavedView, SavedViews};

const KEY: &str = "poolkeeper.views";

/// A button with the page's saved views, and a field to save what is shown.
#[component]
pub(crate) fn SavedViewsMenu(page: PageRoute) -> impl IntoView {
    let views = RwSignal::new(SavedViews::parse(&browser::local_get(KEY).unwrap_or_default()));
    let query = use_location().search;
    let current = Signal::derive(move || {
        let shown = query.get();
        let shown = shown.trim_start_matches('?');
        views.with(|views| {
            let is_shown = |view: &&SavedView| view.query == shown;
            let found = views.of_page(page.path()).find(is_shown);
            found.map(|view| view.name.clone()).unwrap_or_default()
        })
    });
    let panel = move || view! { <SavedViewsPanel page=page views=views /> };
    view! { <Popover label="Views" chosen=current panel=panel /> }
}

/// Stores the views as another tab has them, changed.
///
/// # Errors
/// Why the browser does not store them; nothing is changed then.
fn change<R>(views: RwSignal<SavedViews>, change: impl FnOnce(&mut SavedViews) -> R) -> Result<R, String> {
    let mut stored = SavedViews::parse(&browser::local_get(KEY).unwrap_or_default());
    let result = change(&mut stored);
    browser::store(KEY, &stored.to_json())?;
    views.set(stored);
    Ok(result)
}

#[component]
fn SavedViewsPanel(page: PageRoute, views: RwSignal<SavedViews>) -> impl IntoView {
    let toasts = use_toasts();
    let query = use_location().search;
    let name = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let (typed, query) = (name.get_untracked(), query.get_untracked());
        match change(views, |views| views.save(page.path(), &typed, &query)).flatten() {
            Ok(()) => {
                toasts.done(format!("Saved the view {}", typed.trim()));
                name.set(String::new());
                problem.set(String::new());
            }
            Err(said) => problem.set(said),
        }
    };
    let row = move |view: SavedView| {
        let href = format!("{}?{}", page.href(&[]), view.query);
        let (own, label) = (view.name.clone(), format!("Delete the view {}", view.name));
        let remove = move |_| {
            if let Err(said) = change(views, |views| views.remove(page.path(), &own)) {
                problem.set(said);
            }
        };
        view! {
            <li class="saved-view">
                <a class="clip" href=href>
                    {view.name}
                </a>
                <button
                    type="button"
                    class="icon-button plain"
                    aria-label=label
                    on:click=remove
                >
                    {Icon::Remove.view()}
                </button>
            </li>
        }
    };
    let rows = move || {
        let saved: Vec<SavedView> = views.with(|views| views.of_page(page.path()).cloned().collect());
        if saved.is_empty() {
            return view! { <p class="muted">"No saved views yet. They are kept in this browser."</p> }.into_any();
        }
        view! { <ul class="saved-views">{saved.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        {rows}
        <form class="save-view" on:submit=save>
            <input
                type="text"
                aria-label="Name of this view"
                placeholder="Name of this view"
                maxlength=LONGEST_NAME
                prop:value=move || name.get()
                on:input=move |event| name.set(event_target_value(&event))
            />
            <button type="submit">"Save"</button>
        </form>
        <p class="field-problem" role="alert">
            {move || problem.get()}
        </p>
    }
}
