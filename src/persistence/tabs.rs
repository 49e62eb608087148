//! News between tabs.

use poolkeeper_simulator::persistence::KnownState;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

const CHANNEL: &str = "poolkeeper-record";

/// The channel to the other tabs. Where the browser has none, they notice when they next write or come to the front.
pub(super) struct TabChannel {
    channel: Option<BroadcastChannel>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    on_visible: Closure<dyn Fn()>,
}

impl TabChannel {
    /// Listens; `heard` gets what another tab has stored, or `None` when this one is shown or hidden, so that news it
    /// slept through is not missed.
    pub(super) fn open(heard: impl Fn(Option<KnownState>) + 'static) -> Self {
        let heard = Rc::new(heard);
        let on_message = {
            let heard = Rc::clone(&heard);
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let seen = event
                    .data()
                    .as_string()
                    .and_then(|text| serde_json::from_str(&text).ok());
                if let Some(seen) = seen {
                    heard(Some(seen));
                }
            })
        };
        let on_visible = Closure::<dyn Fn()>::new(move || heard(None));
        let channel = BroadcastChannel::new(CHANNEL).ok();
        if let Some(channel) = &channel {
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        }
        if let Some(document) = document() {
            // Listening for a plain event cannot fail.
            let _ = document.add_event_listener_with_callback("visibilitychange", on_visible.as_ref().unchecked_ref());
        }
        Self {
            channel,
            _on_message: on_message,
            on_visible,
        }
    }

    /// Tells the other tabs what is stored now.
    pub(super) fn tell(&self, seen: &KnownState) {
        if let (Some(channel), Ok(text)) = (&self.channel, serde_json::to_string(seen)) {
            // A channel that is closed has nobody to tell.
            let _ = channel.post_message(&JsValue::from_str(&text));
        }
    }
}

impl Drop for TabChannel {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.set_onmessage(None);
            channel.close();
        }
        if let Some(document) = document() {
            let _ = document
                .remove_event_listener_with_callback("visibilitychange", self.on_visible.as_ref().unchecked_ref());
        }
    }
}

fn document() -> Option<web_sys::Document> {
    web_sys::window()?.document()
}
