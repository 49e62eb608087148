//! What a button opens under itself, in the browser's top layer. The browser closes it on Escape, on a click elsewhere and
//! when another one opens.

use crate::browser;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A button with `popovertarget` and the panel with `popover` that it names.
#[derive(Clone, Copy, Default)]
pub(crate) struct Popup {
    pub(crate) button: NodeRef<html::Button>,
    pub(crate) panel: NodeRef<html::Div>,
    /// Whether the panel is open, so that its content is built for that time only.
    pub(crate) is_open: RwSignal<bool>,
}

impl Popup {
    /// Follows the panel's `beforetoggle`. Not every browser has CSS anchors, so the panel's place is set here, before it
    /// is drawn: under the button, and from there towards the middle of the page, with which it scrolls.
    pub(crate) fn toggle(self, event: &web_sys::Event) {
        let is_opening = event
            .dyn_ref::<web_sys::ToggleEvent>()
            .is_some_and(|event| event.new_state() == "open");
        self.is_open.set(is_opening);
        let (Some(button), Some(panel)) = (self.button.get_untracked(), self.panel.get_untracked()) else {
            return;
        };
        if is_opening && let Some(page) = document().document_element() {
            let (at, page) = (button.get_bounding_client_rect(), page.get_bounding_client_rect());
            let (left, right) = (at.left() - page.left(), page.right() - at.right());
            let (side, unused, distance) = if left > right {
                ("right", "left", right)
            } else {
                ("left", "right", left)
            };
            let style = web_sys::HtmlElement::style(&panel);
            // Setting a legal length cannot fail.
            let _ = style.set_property("top", &format!("{}px", at.bottom() - page.top()));
            let _ = style.set_property(side, &format!("{distance}px"));
            let _ = style.remove_property(unused);
        } else if panel.contains(document().active_element().as_deref()) {
            // Safari does not focus a button that is clicked, so it would not give the focus back.
            browser::focus(&button);
        }
    }

    /// Whether a node is in the button or the panel.
    #[must_use]
    pub(crate) fn contains(self, node: &web_sys::Node) -> bool {
        let node = Some(node);
        self.button.get_untracked().is_some_and(|button| button.contains(node))
            || self.panel.get_untracked().is_some_and(|panel| panel.contains(node))
    }

    /// Closes the panel.
    pub(crate) fn close(self) {
        if let Some(panel) = self.panel.get_untracked() {
            // It fails only where the panel is closed already.
            let _ = panel.hide_popover();
        }
    }
}
