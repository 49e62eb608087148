//! Files in and out of the section.

use super::ShownCalibration;
use crate::browser;
use crate::components::{Icon, Menu};
use crate::state::use_toasts;
use leptos::html as elements;
use leptos::prelude::*;
use poolkeeper_lab::JobResult;
use poolkeeper_lab::calibrate::Calibration;
use poolkeeper_lab::report::{LabReport, html};
use std::sync::Arc;
use web_sys::File;

/// A button that takes a file.
pub(crate) fn file_button(label: &'static str, accept: &'static str, on_file: impl Fn(File) + 'static) -> AnyView {
    let input = NodeRef::<elements::Input>::new();
    let take = move |_| {
        let Some(input) = input.get_untracked() else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            on_file(file);
        }
        // The same file may be chosen again.
        input.set_value("");
    };
    view! {
        <label class="button file-button">
            {Icon::Upload.view()}
            {label}
            <input type="file" class="hidden" accept=accept node_ref=input on:change=take />
        </label>
    }
    .into_any()
}

/// A menu that saves the observations, in the format the command line reads, and the result as a report.
#[component]
pub(crate) fn SaveMenu(
    /// The observations.
    seen: Arc<ShownCalibration>,
    /// What they come to.
    found: Calibration,
) -> impl IntoView {
    let toasts = use_toasts();
    let save = move |name: &str, media_type: &str, text: Option<String>| {
        let saved = text
            .ok_or_else(|| "it could not be written".to_owned())
            .and_then(|text| browser::download_text(name, media_type, &text));
        match saved {
            Ok(()) => toasts.done(format!("{name} saved")),
            Err(problem) => toasts.failed(format!("{name} could not be saved: {problem}")),
        }
    };
    let report = StoredValue::new(LabReport::calibration(&JobResult::Calibrate(Box::new(found))));
    let observations = move |_| {
        let text = serde_json::to_string_pretty(&seen.observations).ok();
        save("poolkeeper-observations.json", "application/json", text);
    };
    let observations = StoredValue::new_local(observations);
    let items = move || {
        view! {
            <button type="button" role="menuitem" on:click=move |event| observations.with_value(|save| save(event))>
                "Observations (JSON)"
            </button>
            <button
                type="button"
                role="menuitem"
                on:click=move |_| {
                    let text = report.with_value(|report| report.as_ref().map(LabReport::to_json));
                    save("poolkeeper-calibration.json", "application/json", text);
                }
            >
                "Report (JSON)"
            </button>
            <button
                type="button"
                role="menuitem"
                on:click=move |_| {
                    let text = report.with_value(|report| report.as_ref().map(html));
                    save("poolkeeper-calibration.html", "text/html", text);
                }
            >
                "Report (HTML)"
            </button>
        }
        .into_any()
    };
    view! { <Menu label="Save" icon=Icon::Save items=items /> }
}
