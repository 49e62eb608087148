//! Where the lab's traffic was taken from, so that a page one comes back to takes up what is there.

use leptos::prelude::*;
use poolkeeper_view::url_state::StudyTraffic;

/// What the lab's traffic is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LoadedTraffic {
    /// The choice it was taken by.
    pub(crate) source: StudyTraffic,
    /// The account's revision it was taken at, where it is the simulator's past; the connection's number, where it is a live
    /// account's.
    pub(crate) revision: u64,
    /// How the service's own base of rates differs, where it does.
    pub(crate) other_base: Option<String>,
}

/// A handle. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct TrafficSummary(RwSignal<Option<LoadedTraffic>>);

impl TrafficSummary {
    /// What the lab's traffic is; `None` while there is none. Reactive.
    #[must_use]
    pub(crate) fn get(&self) -> Option<LoadedTraffic> {
        self.0.get()
    }

    /// Notes what was put into the lab.
    pub(crate) fn set(&self, held: LoadedTraffic) {
        self.0.set(Some(held));
    }
}

#[must_use]
pub(crate) fn use_loaded_traffic() -> TrafficSummary {
    expect_context()
}

/// Provides it to the views below the caller.
pub(super) fn provide() {
    provide_context(TrafficSummary(RwSignal::new(None)));
}
