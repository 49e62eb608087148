//! A button with a menu under it.

use super::dialog::unique;
use super::icon::Icon;
use super::popup::Popup;
use crate::browser;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// A menu. Its items are `<button role="menuitem">` or `menuitemradio`; choosing one closes it. Arrow keys, Home and End
/// move between them.
#[component]
pub(crate) fn Menu(
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
    let popup = Popup::default();
    let id = format!("menu-{}", unique());
    let focus_first = move |_| {
        if let Some(list) = popup.panel.get_untracked().filter(|_| popup.is_open.get_untracked()) {
            focus_item(&list, 0);
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let Some(list) = popup.panel.get_untracked() else {
            return;
        };
        let step = match event.key().as_str() {
            "ArrowDown" => focused(&list).map_or(0, |at| at + 1),
            "ArrowUp" => focused(&list).map_or(-1, |at| at - 1),
            "Home" => 0,
            "End" => -1,
            "Tab" => {
                popup.close();
                return;
            }
            _ => return,
        };
        event.prevent_default();
        focus_item(&list, step);
    };
    let name = label.clone();
    view! {
        <button
            type="button"
            node_ref=popup.button
            class=if is_icon_only { "icon-button plain" } else { "" }
            popovertarget=id.clone()
            aria-haspopup="menu"
            aria-controls=id.clone()
            aria-expanded=move || popup.is_open.get().to_string()
            aria-label=is_icon_only.then(|| name.clone())
            title=is_icon_only.then_some(name)
        >
            {icon.view()}
            {(!is_icon_only).then_some(label.clone())}
        </button>
        <div
            id=id
            popover="auto"
            class="menu-list"
            role="menu"
            aria-label=label
            node_ref=popup.panel
            on:beforetoggle=move |event| popup.toggle(&event)
            on:toggle=focus_first
            on:keydown=keys
            on:click=move |_| popup.close()
        >
            {move || popup.is_open.get().then(|| items.run())}
        </div>
    }
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
