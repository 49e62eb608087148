//! The list of domains that are not enrolled, and the same as a file.

use super::NotEnrolledTab;
use super::previews::PreviewState;
use crate::components::{BandChip, PhoneColumn, TableColumn, VirtualTable, domain_name};
use leptos::prelude::*;
use poolkeeper_view::export::Sheet;
use poolkeeper_view::verdict;

pub(super) fn table(tab: NotEnrolledTab) -> AnyView {
    let columns = vec![
        TableColumn::text("name", "Domain", "minmax(170px, 1.4fr)").on_phone(PhoneColumn::Title),
        TableColumn::text("account", "Account", "minmax(110px, 1fr)"),
        TableColumn::text("preview", "Would be in", "minmax(190px, 1.4fr)").on_phone(PhoneColumn::Aside),
        TableColumn::text("actions", "Actions", "190px").on_phone(PhoneColumn::Hidden),
    ];
    let cells = Callback::new(move |row: usize| cells(tab, row));
    let open = Callback::new(move |row: usize| {
        if let Some(item) = untrack(|| tab.get(row)) {
            tab.enroll(vec![item.name]);
        }
    });
    let key = Callback::new(move |row: usize| tab.get(row).map(|item| item.name.to_string()).unwrap_or_default());
    view! {
        <VirtualTable
            label="Domains that are not enrolled"
            columns=columns
            count=Signal::derive(move || tab.count())
            row_key=key
            cells=cells
            selection=tab.selection
            on_open=open
        />
    }
    .into_any()
}

fn cells(tab: NotEnrolledTab, row: usize) -> Vec<AnyView> {
    let Some(item) = tab.get(row) else {
        return Vec::new();
    };
    let (name, account) = (item.name.clone(), item.account_id);
    let asked = item.name.clone();
    let (to_preview, to_enroll) = (item.name.clone(), item.name.clone());
    vec![
        view! { <span class="clip">{domain_name(name.as_str())}</span> }.into_any(),
        view! { <span class="clip">{move || tab.account_name(&account)}</span> }.into_any(),
        (move || preview_cell(tab.previews.of(&asked))).into_any(),
        view! {
            <span class="row-actions">
                <button
                    type="button"
                    class="quiet"
                    tabindex="-1"
                    aria-label=format!("Preview {name}")
                    on:click=move |_| tab.previews.ask(vec![to_preview.clone()])
                >
                    "Preview"
                </button>
                <button
                    type="button"
                    class="quiet"
                    tabindex="-1"
                    aria-label=format!("Enroll {name}")
                    disabled=move || !tab.why_not().is_empty()
                    on:click=move |_| tab.enroll(vec![to_enroll.clone()])
                >
                    "Enroll"
                </button>
            </span>
        }
        .into_any(),
    ]
}

fn preview_cell(asked: Option<PreviewState>) -> AnyView {
    match asked {
        None => view! { <span class="muted not-asked">"–"</span> }.into_any(),
        Some(PreviewState::Waiting) => view! { <span class="muted">"…"</span> }.into_any(),
        Some(PreviewState::Failed(problem)) => {
            let hint = problem.clone();
            view! { <span class="field-problem clip" title=hint>{problem}</span> }.into_any()
        }
        Some(PreviewState::Said(preview)) => {
            let brief = verdict::brief(&preview);
            view! {
                <span class="preview-said">
                    {preview.pool.map(|pool| view! { <BandChip pool=pool /> })} <span class="muted clip preview-brief">{brief}</span>
                </span>
            }
            .into_any()
        }
    }
}

/// The list as a file, with what previews said.
pub(super) fn sheet(tab: NotEnrolledTab) -> Sheet {
    let mut sheet = Sheet::new(&["name", "account", "account_id", "would_be_in"]);
    let list = tab.list.value_untracked().unwrap_or_default();
    let accounts = tab.accounts.get_untracked();
    sheet.rows = list
        .iter()
        .map(|item| {
            let pool = match untrack(|| tab.previews.of(&item.name)) {
                Some(PreviewState::Said(preview)) => preview.pool.map(|pool| pool.to_string()).unwrap_or_default(),
                _ => String::new(),
            };
            vec![
                item.name.to_string(),
                accounts.get(&item.account_id).cloned().unwrap_or_default(),
                item.account_id.to_string(),
                pool,
            ]
        })
        .collect();
    sheet
}
