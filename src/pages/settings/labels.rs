//! Customers, owners and tags of domains, as a file.

use crate::browser;
use crate::components::{Card, DropZone, Icon};
use crate::state::{LabelStore, use_toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use poolkeeper_core::text::counted;
use poolkeeper_view::labels::Labels;
use std::rc::Rc;
use web_sys::File;

/// The largest file that is read, bytes: what a browser lets a page store.
const LARGEST_FILE: f64 = 4_000_000.0;

#[component]
pub(super) fn LabelsCard() -> impl IntoView {
    let toasts = use_toasts();
    let store = LabelStore::stored();
    let problems = RwSignal::new(Vec::<String>::new());
    let replace = move |labels: Labels, said: String| {
        let before = untrack(|| store.get());
        match store.replace(labels) {
            Ok(()) => {
                let undo = Rc::new(move || {
                    if let Err(problem) = store.replace(before.clone()) {
                        toasts.failed(format!("Not undone: {problem}"));
                    }
                });
                toasts.done_with_undo(said, undo);
            }
            Err(problem) => problems.set(vec![format!("Nothing was changed: {problem}")]),
        }
    };
    let open = UnsyncCallback::new(move |file: File| {
        problems.set(Vec::new());
        spawn_local(async move {
            let name = file.name();
            if file.size() > LARGEST_FILE {
                problems.set(vec![format!(
                    "{name} is larger than 4 MB, which this browser can’t store"
                )]);
                return;
            }
            let text = browser::read_bytes(&file).await;
            let labels = text.map_err(|reason| vec![reason]).and_then(|bytes| {
                let text = String::from_utf8(bytes)
                    .map_err(|_| vec!["The file is not UTF-8: save it as CSV UTF-8".to_owned()])?;
                Labels::parse_csv(&text)
            });
            match labels {
                Ok(labels) => {
                    let rows = counted(labels.len() as u64, "row");
                    replace(labels, format!("{name} opened: {rows} of notes"));
                }
                Err(said) => problems.set(said),
            }
        });
    });
    let save = move |_| {
        let csv = untrack(|| store.with(Labels::csv));
        match browser::download_text("domain-notes.csv", "text/csv;charset=utf-8", &csv) {
            Ok(()) => toasts.done("Notes saved as a file"),
            Err(reason) => toasts.failed(format!("The file could not be saved: {reason}")),
        }
    };
    let note = move || store.with(|labels| counted(labels.len() as u64, "row"));
    let is_empty = Memo::new(move |_| store.with(Labels::is_empty));
    view! {
        <Card title="Customers, owners, tags" note=note>
            <p>
                "Notes on domains, kept in this browser. A row is for a domain, for names with a " <code>"*"</code>
                ", or for an account. Domains and What changed can be filtered by them."
            </p>
            <div class="actions settings-actions">
                <button type="button" on:click=save>
                    {Icon::Save.view()}
                    "Save notes as CSV"
                </button>
                <button
                    type="button"
                    disabled=move || is_empty.get()
                    on:click=move |_| replace(Labels::default(), "All notes deleted".to_owned())
                >
                    {Icon::Remove.view()}
                    "Delete all notes"
                </button>
            </div>
            <DropZone
                label="Open a CSV of notes"
                hint="Columns: applies_to, customer, owner, tags, note, override_reason, override_until. It replaces the notes here; you can undo this."
                accept=".csv"
                on_file=open
            />
            <ul class="label-problems" role="alert">
                {move || {
                    let lines = problems.get().into_iter().map(|line| view! { <li class="field-problem">{line}</li> });
                    lines.collect_view()
                }}
            </ul>
        </Card>
    }
}
