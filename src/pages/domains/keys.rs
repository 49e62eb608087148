//! From the search into the list by keyboard.

use crate::browser;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Whether a key was pressed in a search field.
#[must_use]
pub(crate) fn is_search(event: &web_sys::KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
    target.is_some_and(|input| input.type_() == "search")
}

/// Focuses the page's list; `false` when there is none to focus.
#[must_use]
pub(crate) fn focus_list() -> bool {
    let list = document().query_selector(".domains-page [role=grid]").ok().flatten();
    let Some(list) = list.and_then(|list| list.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return false;
    };
    browser::focus(&list);
    true
}
