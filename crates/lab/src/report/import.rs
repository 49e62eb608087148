//! How a file became traffic, as a part of the HTML page.

use maud::{Markup, html};
use poolkeeper_core::text::{count, counted};
use poolkeeper_core::traffic::ImportSummary;

/// How the file was read.
pub(super) fn html(import: &ImportSummary) -> Markup {
    let list = |title: &str, all: u64, shown: &[String]| {
        html! {
            @if all > 0 {
                p { (title) " (" (count(all)) "):" }
                ul {
                    @for line in shown { li { (line) } }
                    @if all > shown.len() as u64 { li { "and " (count(all - shown.len() as u64)) " more" } }
                }
            }
        }
    };
    html! {
        h2 { "How the file was read" }
        p {
            (counted(import.rows, "row")) " imported, " (count(import.added)) " of them added to another of their domain and day. "
            (count(import.repeated)) " repeat an earlier one. " (count(import.rejected)) " rejected."
        }
        @if !import.notes.is_empty() {
            ul { @for note in &import.notes { li { (note) } } }
        }
        (list("Rejected rows", import.rejected, &import.rejected_rows))
        (list("Warnings", import.warnings, &import.warned_rows))
    }
}
