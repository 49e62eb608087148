//! How far the reading of a long list is, and the rest of one that was stopped.

use super::icon::Icon;
use super::progress::ProgressBar;
use crate::state::WorkProgress;
use leptos::prelude::*;
use poolkeeper_core::text::count;
use poolkeeper_view::paged_list::{ListPhase, ListStatus};

/// A bar while it takes long; that the list is incomplete, and a button for the rest, where it was stopped.
#[component]
pub(crate) fn ListProgress(
    /// Where the reading stands.
    #[prop(into)]
    status: Signal<ListStatus>,
    /// How far it is, while that is to be shown.
    #[prop(into)]
    work: Signal<Option<WorkProgress>>,
    #[prop(into)] on_stop: Callback<()>,
    /// Goes on where it was stopped.
    #[prop(into)]
    on_resume: Callback<()>,
) -> impl IntoView {
    let is_long = Memo::new(move |_| work.with(Option::is_some));
    let shown = Signal::derive(move || work.get().unwrap_or_default());
    // Where it was stopped does not change while it is.
    let stopped = Memo::new(move |_| {
        status.with(|status| {
            let of = status.total.map(|total| format!(" of {}", count(total)));
            let words = || format!("Stopped at {}{}", count(status.done), of.unwrap_or_default());
            (status.phase == ListPhase::Stopped).then(words)
        })
    });
    view! {
        {move || is_long.get().then(|| view! { <ProgressBar work=shown on_cancel=on_stop /> })}
        {move || {
            stopped
                .get()
                .map(|words| {
                    view! {
                        <div class="notice" role="note">
                            {Icon::Warn.view()} <p>{format!("{words}. This list is incomplete.")}</p>
                            <button type="button" on:click=move |_| on_resume.run(())>
                                "Load the rest"
                            </button>
                        </div>
                    }
                })
        }}
    }
}
