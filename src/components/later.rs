//! Parts of a page that are built one after another.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What is inside is built in a task of its own, so that a slow phone draws and answers in between.
#[component]
pub(crate) fn Later(
    /// How many such parts come before it.
    after: u32,
    /// What is inside.
    children: Children,
) -> impl IntoView {
    let is_due = RwSignal::new(false);
    spawn_local(async move {
        for _ in 0..=after {
            TimeoutFuture::new(0).await;
        }
        is_due.try_set(true);
    });
    let children = StoredValue::new_local(Some(children));
    move || {
        if !is_due.get() {
            return view! { <span class="hidden" role="status" aria-label="Loading"></span> }.into_any();
        }
        let children = children.try_update_value(Option::take).flatten();
        children.map(|children| children()).into_any()
    }
}
