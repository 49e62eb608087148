//! At most one piece of work at a time: a newer one ends it, and so does the end of what began it.

use futures::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The place of one piece of work. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct TaskSlot(StoredValue<Option<AbortHandle>>);

impl TaskSlot {
    /// Nothing under way. What will be ends with the view that calls this.
    #[must_use]
    pub(crate) fn new() -> Self {
        let slot = Self(StoredValue::new(None));
        on_cleanup(move || slot.abort());
        slot
    }

    /// Begins a piece of work; one that is under way is dropped where it waits.
    pub(crate) fn run(&self, work: impl Future<Output = ()> + 'static) {
        let (work, handle) = abortable(work);
        self.abort();
        self.0.set_value(Some(handle));
        spawn_local(async move {
            // Whether it was aborted concerns nobody.
            let _ = work.await;
        });
    }

    /// Drops what is under way where it waits.
    pub(crate) fn abort(&self) {
        if let Some(handle) = self.0.try_update_value(Option::take).flatten() {
            handle.abort();
        }
    }
}
