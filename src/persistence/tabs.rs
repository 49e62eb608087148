//! News between tabs.

use gloo_events::EventListener;
use poolkeeper_simulator::persistence::KnownState;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

const CHANNEL: &str = "poolkeeper-record";

/// The channel to the other tabs. Where the browser has none, they notice when they next write or come to the front.
/// leptos-use's channel puts messages into a signal, where a second one can hide the first.
pub(super) struct TabChannel {
    channel: Option<BroadcastChannel>,
    _listeners: [Option<EventListener>; 2],
}

impl TabChannel {
    /// Listens; `heard` gets what another tab has stored, or `None` when this one is shown or hidden, so that news it
    /// slept through is not missed.
    pub(super) fn open(heard: impl Fn(Option<KnownState>) + 'static) -> Self {
        let heard = Rc::new(heard);
        let channel = BroadcastChannel::new(CHANNEL).ok();
        let on_message = channel.as_ref().map(|channel| {
            let heard = Rc::clone(&heard);
            EventListener::new(channel, "message", move |event| {
                let seen = event
                    .dyn_ref::<MessageEvent>()
                    .and_then(|event| serde_json::from_str(&event.data().as_string()?).ok());
                if let Some(seen) = seen {
                    heard(Some(seen));
                }
            })
        });
        let on_visible = web_sys::window()
            .and_then(|window| window.document())
            .map(|document| EventListener::new(&document, "visibilitychange", move |_| heard(None)));
        Self {
            channel,
            _listeners: [on_message, on_visible],
        }
    }

    /// Tells the other tabs what is stored now.
    pub(super) fn notify(&self, seen: &KnownState) {
        if let (Some(channel), Ok(text)) = (&self.channel, serde_json::to_string(seen)) {
            // A channel that is closed has nobody to tell.
            let _ = channel.post_message(&JsValue::from_str(&text));
        }
    }
}

impl Drop for TabChannel {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}
