//! What the terminal shows of how a file was read.

use poolkeeper_core::text::counted;
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
