//! The link, the report, and opening one.

mod opened;
mod save;

use super::calibrate::file_button;
use crate::browser;
use crate::components::CopyButton;
use leptos::prelude::*;
use leptos::task::spawn_local;
use opened::OpenedReport;
use poolkeeper_lab::report::LabReport;
use save::SaveReport;
use std::sync::Arc;
use web_sys::File;

/// The largest report that is opened: 20 000 affected domains take some 30 MB.
const MOST_BYTES: f64 = 200e6;

/// A file that was opened: its name, and the report or why it is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReportFile {
    /// The file's name.
    pub(crate) name: String,
    pub(crate) report: Result<Arc<LabReport>, String>,
}

/// The buttons in the page's head.
#[component]
pub(crate) fn Share() -> impl IntoView {
    let opened = RwSignal::new(None::<ReportFile>);
    // The address carries policies and settings, never data.
    let link = Callback::new(move |()| window().location().href().unwrap_or_default());
    let open = move |file: File| {
        spawn_local(async move {
            let name = file.name();
            let report = read(&file).await.map(Arc::new);
            opened.try_set(Some(ReportFile { name, report }));
        });
    };
    view! {
        <CopyButton label="Copy link" text=link />
        <SaveReport />
        {file_button("Open report", ".json,application/json", open)}
        <OpenedReport opened=opened />
    }
}

async fn read(file: &File) -> Result<LabReport, String> {
    if file.size() > MOST_BYTES {
        return Err("it is larger than 200 MB".to_owned());
    }
    let bytes = browser::read_bytes(file).await?;
    let text = String::from_utf8(bytes).map_err(|_| "this is not a Poolkeeper report: it is not text".to_owned())?;
    LabReport::from_json(&text).map_err(|error| error.to_string())
}
