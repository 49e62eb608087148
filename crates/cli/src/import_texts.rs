//! What the terminal shows of how a file was read, and of the names in it.

use poolkeeper_core::text::{counted, marked_name, name_warning};
use poolkeeper_core::traffic::Table;
use poolkeeper_ingest::ImportReport;

/// Rejected rows, and warnings, printed.
const MAX_PRINTED: usize = 5;

/// What a person should know of how a file was read.
pub(crate) fn import_texts(report: &ImportReport) -> Vec<String> {
    let listed = |title: String, shown: Vec<String>| {
        let title = format!("{title}; the first:");
        std::iter::once(title).chain(shown).collect::<Vec<_>>().join("\n")
    };
    let mut texts: Vec<String> = report.notes.iter().map(ToString::to_string).collect();
    if report.rejected.count > 0 {
        let shown = report.rejected.shown.iter().take(MAX_PRINTED).map(ToString::to_string);
        texts.push(listed(
            format!("{} rejected", counted(report.rejected.count, "row")),
            shown.collect(),
        ));
    }
    if report.warnings.count > 0 {
        let shown = report.warnings.shown.iter().take(MAX_PRINTED).map(ToString::to_string);
        texts.push(listed(counted(report.warnings.count, "warning"), shown.collect()));
    }
    texts
}

/// The domains whose names may be taken for others; `None` if there are none.
pub(crate) fn deceptive_names_text(table: &Table) -> Option<String> {
    let names = table.domains().iter().map(|domain| domain.name.as_str());
    let deceptive: Vec<&str> = names
        .filter(|name| name_warning(name).is_some_and(|warning| warning.is_deceptive()))
        .collect();
    if deceptive.is_empty() {
        return None;
    }
    let shown: Vec<String> = deceptive
        .iter()
        .take(MAX_PRINTED)
        .map(|name| marked_name(name))
        .collect();
    Some(format!(
        "{} may be taken for others; the first:\n{}",
        counted(deceptive.len() as u64, "name"),
        shown.join("\n")
    ))
}
