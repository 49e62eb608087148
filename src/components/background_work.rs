//! Long work in the header, with a link to the page that began it.

use crate::state::long_task::LongTask;
use crate::state::use_background;
use leptos::prelude::*;
use poolkeeper_view::routes::PageRoute;

/// Each piece that is under way, in a few words.
#[component]
pub(crate) fn BackgroundWork() -> impl IntoView {
    let background = use_background();
    let pieces = [
        (background.fork.work, "Copying the account", PageRoute::Settings),
        (background.traffic.work, "Reading daily counts", PageRoute::WhatIf),
        (
            background.calibration.work,
            "Collecting observations",
            PageRoute::WhatIf,
        ),
        (background.undo, "Undoing", PageRoute::Record),
    ];
    pieces.map(|(work, words, page)| piece(work, words, page)).into_any()
}

fn piece(work: LongTask, words: &'static str, page: PageRoute) -> AnyView {
    let is_on = Memo::new(move |_| work.current().is_some());
    let percent = move || {
        let work = work.current()?;
        let total = work.total.filter(|total| *total > 0)?;
        Some(format!(" {} %", work.done.min(total) * 100 / total))
    };
    view! {
        <Show when=move || is_on.get()>
            <a class="background-work" href=page.href(&[]) title=words>
                <span class="background-words">{words}</span>
                {percent}
            </a>
        </Show>
    }
    .into_any()
}
