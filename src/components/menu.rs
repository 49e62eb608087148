//! A button with a menu under it.

use super::dialog::unique;
use super::icon::Icon;
use crate::browser;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// A menu. Its items are `<button role="menuitem">` or `menuitemradio`; choosing one closes it. Arrow keys, Home, End
/// and Escape work.
#[component]
pub fn Menu(
    /// What the button says.
    #[prop(into)]
    label: String,
    /// The button's icon.
    icon: Icon,
    /// Show the icon alone; the label is still its name.
    #[prop(optional)]
    is_icon_only: bool,
    /// The items, built when the menu opens.
    #[prop(into)]
    items: ViewFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Div>::new();
    let list = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let id = format!("menu-{}", unique());
    Effect::new(move |_| {
        if open.get()
            && let Some(list) = list.get()
        {
            focus_item(&list, 0);
        }
    });
    let close = move || {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            browser::focus(&button);
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let Some(list) = list.get_untracked() else { return };
        let step = match event.key().as_str() {
            "ArrowDown" => focused(&list).map_or(0, |at| at + 1),
            "ArrowUp" => focused(&list).map_or(-1, |at| at - 1),
            "Home" => 0,
            "End" => -1,
            "Escape" | "Tab" => {
                close();
                return;
            }
            _ => return,
        };
        event.prevent_default();
        focus_item(&list, step);
    };
    // Clicks and focus outside close it.
    let left = move |event: web_sys::FocusEvent| {
        let inside = event
            .related_target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok())
            .is_some_and(|node| root.get_untracked().is_some_and(|root| root.contains(Some(&node))));
        if !inside {
            open.set(false);
        }
    };
    let controls = id.clone();
    let name = label.clone();
    view! {
        <div class="menu" node_ref=root on:focusout=left>
            <button
                type="button"
                node_ref=button
                class=if is_icon_only { "icon-button plain" } else { "" }
                aria-haspopup="menu"
                aria-controls=controls
                aria-expanded=move || open.get().to_string()
                aria-label=is_icon_only.then(|| name.clone())
                title=is_icon_only.then_some(name)
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {icon.view()}
                {(!is_icon_only).then_some(label.clone())}
            </button>
            <div id=id>
                {move || {
                    open.get()
                        .then(|| {
                            view! {
                                <div
                                    class="menu-list"
                                    role="menu"
                                    aria-label=label.clone()
                                    node_ref=list
                                    on:keydown=keys
                                    on:click=move |_| close()
                                >
                                    {items.run()}
                                </div>
                            }
                        })
                }}
            </div>
        </div>
    }
    .into_any()
}

fn items_of(list: &HtmlElement) -> Vec<HtmlElement> {
    let Ok(nodes) = list.query_selector_all("[role^=menuitem]:not([disabled])") else {
        return Vec::new();
    };
    (0..nodes.length())
        .filter_map(|at| nodes.item(at)?.dyn_into().ok())
        .collect()
}

fn focused(list: &HtmlElement) -> Option<i32> {
    let active = document().active_element()?;
    let at = items_of(list).iter().position(|item| **item == active)?;
    i32::try_from(at).ok()
}

/// Focuses an item, counting round from either end.
fn focus_item(list: &HtmlElement, at: i32) {
    let items = items_of(list);
    let Ok(count) = i32::try_from(items.len()) else { return };
    if count > 0
        && let Some(item) = usize::try_from(at.rem_euclid(count)).ok().and_then(|at| items.get(at))
    {
        browser::focus(item);
    }
}
