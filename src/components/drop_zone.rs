//! A place to drop a file on.

use super::icon::Icon;
use leptos::html;
use leptos::prelude::*;
use web_sys::{DragEvent, File, FileList};

/// Takes one file, dropped or chosen.
#[component]
pub(crate) fn DropZone(
    /// What is wanted: `Drop a CSV of daily counts here`.
    #[prop(into)]
    label: String,
    /// A word on what it may be.
    #[prop(into, optional)]
    hint: String,
    /// Its words beside the icon instead of below it.
    #[prop(optional)]
    is_row: bool,
    /// The endings to offer: `.csv,.tsv,.txt`.
    #[prop(into)]
    accept: String,
    /// Called with the file.
    #[prop(into)]
    on_file: UnsyncCallback<File>,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    let take = move |files: Option<FileList>| {
        if let Some(file) = files.and_then(|files| files.get(0)) {
            on_file.run(file);
        }
    };
    view! {
        <label
            class="drop-zone"
            class:drop-zone-row=is_row
            class:drop-zone-over=move || over.get()
            on:dragover=move |event: DragEvent| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event: DragEvent| {
                event.prevent_default();
                over.set(false);
                take(event.data_transfer().and_then(|data| data.files()));
            }
        >
            {Icon::Upload.view()}
            <span>
                {label} <span class="muted">" or " <span class="link">"choose a file"</span></span>
            </span>
            {(!hint.is_empty()).then(|| view! { <span class="muted drop-hint">{hint}</span> })}
            <input
                type="file"
                class="hidden"
                accept=accept
                node_ref=input
                on:change=move |_| {
                    if let Some(input) = input.get_untracked() {
                        take(input.files());
                        // The same file may be chosen again.
                        input.set_value("");
                    }
                }
            />
        </label>
    }
}
