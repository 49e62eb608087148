//! Saving a filtered view as a file.

use super::icon::Icon;
use super::menu::Menu;
use crate::browser;
use crate::state::use_toasts;
use leptos::prelude::*;
use poolkeeper_view::export::Sheet;

/// A menu that saves the view as CSV or JSON. Cells a spreadsheet would take for formulas are made safe.
#[component]
pub(crate) fn ExportMenu(
    /// The file's name without its ending: `domains`.
    #[prop(into)]
    name: String,
    /// The view as it is filtered and sorted now, made when chosen.
    #[prop(into)]
    sheet: Callback<(), Sheet>,
) -> impl IntoView {
    let toasts = use_toasts();
    let save = move |name: &str, ending: &str, media_type: &str, text: String, rows: usize| match browser::download_text(
        &format!("{name}.{ending}"),
        media_type,
        &text,
    ) {
        Ok(()) => toasts.done(format!("Saved {}", poolkeeper_core::text::counted(rows as u64, "row"))),
        Err(problem) => toasts.failed(format!("The file could not be saved: {problem}")),
    };
    let name = StoredValue::new(name);
    let csv = move |_| {
        let sheet = sheet.run(());
        name.with_value(|name| save(name, "csv", "text/csv;charset=utf-8", sheet.csv(), sheet.rows.len()));
    };
    let json = move |_| {
        let sheet = sheet.run(());
        name.with_value(|name| save(name, "json", "application/json", sheet.json(), sheet.rows.len()));
    };
    let items = move || {
        view! {
            <button type="button" role="menuitem" on:click=csv>
                "CSV"
            </button>
            <button type="button" role="menuitem" on:click=json>
                "JSON"
            </button>
        }
        .into_any()
    };
    view! { <Menu label="Export" icon=Icon::Save items=items /> }
}
