//! How a file of daily counts was read: what went in, what did not and why.

use super::Icon;
use leptos::prelude::*;
use poolkeeper_core::model::Day;
use poolkeeper_core::text;
use poolkeeper_ingest::ImportReport;

/// Above so many lines a list of them is folded.
const MOST_OPEN: u64 = 20;

/// The numbers of an import.
#[must_use]
pub(crate) fn import_numbers(report: &ImportReport) -> AnyView {
    let numbers = [
        ("Rows in", text::count(report.rows)),
        ("Domains", text::count(report.domains)),
        ("Days", span(report.first_day, report.last_day)),
        ("Domain-days without a row", text::count(report.gaps)),
        ("Duplicate rows merged", text::count(report.added_up)),
        ("Rows rejected", text::count(report.rejected.count)),
        ("Warnings", text::count(report.warnings.count)),
    ];
    let numbers = numbers
        .map(|(label, value)| view! { <dt>{label}</dt> <dd>{value}</dd> })
        .collect_view();
    view! { <dl class="pairs import-numbers">{numbers}</dl> }.into_any()
}

/// What was left out or is odd, line by line; nothing where all went in.
#[must_use]
pub(crate) fn import_lines(report: &ImportReport) -> AnyView {
    let notes = report
        .notes
        .iter()
        .map(|note| view! { <li>{note.to_string()}</li> })
        .collect_view();
    let notes = (!report.notes.is_empty()).then(|| view! { <ul class="import-notes">{notes}</ul> });
    let rejected = lines(
        "Rejected rows",
        report.rejected.count,
        report.rejected.shown.iter().map(ToString::to_string),
    );
    let warned = lines(
        "Warnings",
        report.warnings.count,
        report.warnings.shown.iter().map(ToString::to_string),
    );
    let ignored = (!report.ignored_columns.is_empty())
        .then(|| view! { <p class="muted">{format!("Columns not read: {}", report.ignored_columns.join(", "))}</p> });
    view! {
        {ignored}
        {notes}
        {rejected}
        {warned}
    }
    .into_any()
}

/// A file that could not be read at all.
#[component]
pub(crate) fn NotRead(
    /// The file's name.
    #[prop(into)]
    name: String,
    /// Why, in words.
    #[prop(into)]
    reason: String,
    /// What is as it was before.
    #[prop(into)]
    stays: String,
) -> impl IntoView {
    view! {
        <div class="state state-failed" role="alert">
            {Icon::Warn.view()}
            <div>
                <p class="state-title">{format!("{name} can't be read")}</p>
                <p>{reason}</p>
                <p class="muted">{stays}</p>
            </div>
        </div>
    }
}

/// `1 Apr 2026 to 29 Jul 2026`.
fn span(first: Option<Day>, last: Option<Day>) -> String {
    match (first, last) {
        (Some(first), Some(last)) => format!("{} to {}", text::day(first), text::day(last)),
        _ => "no days".to_owned(),
    }
}

fn lines(title: &'static str, count: u64, shown: impl Iterator<Item = String>) -> Option<AnyView> {
    if count == 0 {
        return None;
    }
    let shown: Vec<String> = shown.collect();
    let rest = count.saturating_sub(shown.len() as u64);
    let more = (rest > 0).then(|| view! { <li class="muted">{format!("and {} more", text::count(rest))}</li> });
    let items = shown.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    let is_open = count <= MOST_OPEN;
    Some(
        view! {
            <details class="import-lines" open=is_open>
                <summary>{format!("{title} ({})", text::count(count))}</summary>
                <ul>{items} {more}</ul>
            </details>
        }
        .into_any(),
    )
}
