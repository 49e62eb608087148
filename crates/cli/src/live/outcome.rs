//! What a change would do, and what came of it, as text and as JSON.

use super::listing::{OutputFormat, json_text, print};
use crate::Failure;
use poolkeeper_account::change::Proposal;
use poolkeeper_account::forecast::Forecast;
use poolkeeper_account::record::ChangeId;
use poolkeeper_account::sending::{ChangeResult, StepOutcome};
use poolkeeper_core::model::escape_unprintable;
use poolkeeper_core::text::{count, counted};
use serde_json::json;

/// Lines of a forecast, or of what was not made, that a terminal gets.
const MOST_LINES: usize = 40;

/// What came of a change that was sent.
pub(super) struct RecordedResult {
    /// Its name in the record.
    pub(super) change: ChangeId,
    pub(super) result: ChangeResult,
}

/// What it would do, for people.
pub(super) fn forecast_text(proposal: &Proposal, forecast: &Forecast) -> String {
    let mut lines = proposal.summary.clone();
    match forecast {
        Forecast::Changes(changes) => lines.extend(changes.iter().cloned()),
        Forecast::Bulk(bulk) => {
            lines.extend(bulk.changes.iter().cloned());
            lines.extend(bulk.refused.iter().map(|(domain, why)| match domain {
                Some(domain) => format!("Refused by the dry run: {domain}: {why}"),
                None => format!("Refused by the dry run: {why}"),
            }));
        }
        Forecast::Refused { reason, rule } => {
            lines.push(format!("Refused by the dry run: {reason}"));
            lines.extend(rule.clone());
        }
        Forecast::Untried(why) => lines.push(format!("It could not be tried: {why}")),
        Forecast::Trying => {}
    }
    shown(&lines)
}

/// Lines for a terminal. Of many, the first.
fn shown(lines: &[String]) -> String {
    let more = lines.len().saturating_sub(MOST_LINES);
    let first = lines.iter().take(MOST_LINES);
    let mut text: String = first.map(|line| format!("{}\n", escape_unprintable(line))).collect();
    if more > 0 {
        text += &format!("and {} more; --json lists them all\n", counted(more as u64, "line"));
    }
    text
}

pub(super) fn print_result(
    format: OutputFormat,
    proposal: &Proposal,
    forecast: Option<&Forecast>,
    sent: Option<&RecordedResult>,
) -> Result<(), Failure> {
    if format != OutputFormat::Table {
        return print(&json_text(&result_json(proposal, forecast, sent)));
    }
    let text = match (forecast, sent) {
        (None, _) => "Nothing to change.\n".to_owned(),
        (Some(forecast), None) => format!("{}Nothing was sent.\n", forecast_text(proposal, forecast)),
        (Some(_), Some(sent)) => sent_text(proposal, sent),
    };
    print(&text)
}

fn sent_text(proposal: &Proposal, sent: &RecordedResult) -> String {
    let result = &sent.result;
    let mut lines = Vec::new();
    if result.is_complete() {
        lines.push(format!("Done: {}.", proposal.done));
    } else {
        lines.push(format!(
            "{} of {} made.",
            count(result.done().count() as u64),
            counted(result.total() as u64, "request")
        ));
    }
    for (what, why) in problems(result) {
        lines.push(format!("Not made: {what}: {why}"));
    }
    if let Some(reason) = &result.stopped_by {
        let advice = reason.advice();
        lines.push(format!("Stopped: {}. {}", advice.happened, advice.to_do));
    }
    format!("{}Recorded as {}\n", shown(&lines), sent.change)
}

/// What was not made, each with the reason.
fn problems(result: &ChangeResult) -> impl Iterator<Item = (String, String)> {
    result.steps.iter().filter_map(|step| {
        let problem = step.outcome.problem()?;
        let what = step
            .step
            .write
            .domain()
            .map_or_else(|| step.step.write.operation().method().to_string(), ToString::to_string);
        let unknown = if matches!(step.outcome, StepOutcome::Unknown(_)) {
            "it may have been made: "
        } else {
            ""
        };
        let account = step.other_account.as_ref().map_or_else(String::new, |account| {
            format!(". It belongs to another account: try --on-behalf-of {account}")
        });
        Some((what, format!("{unknown}{}{account}", problem.happened)))
    })
}

fn result_json(proposal: &Proposal, forecast: Option<&Forecast>, sent: Option<&RecordedResult>) -> serde_json::Value {
    let (changes, refused) = match forecast {
        Some(Forecast::Changes(changes)) => (changes.clone(), Vec::new()),
        Some(Forecast::Bulk(bulk)) => (
            bulk.changes.clone(),
            bulk.refused
                .iter()
                .map(|(domain, why)| json!({ "domain": domain.as_ref().map(ToString::to_string), "reason": why }))
                .collect(),
        ),
        Some(Forecast::Refused { reason, .. } | Forecast::Untried(reason)) => {
            (Vec::new(), vec![json!({ "domain": null, "reason": reason })])
        }
        Some(Forecast::Trying) | None => Default::default(),
    };
    let sent = sent.map(|sent| {
        let not_made = problems(&sent.result).map(|(what, why)| json!({ "request": what, "reason": why }));
        json!({
            "change": sent.change.as_str(),
            "made": sent.result.done().count(),
            "not_made": not_made.collect::<Vec<_>>(),
            "not_sent": sent.result.left.len(),
            "stopped": sent.result.stopped_by.as_ref().map(|reason| reason.advice().happened),
        })
    });
    json!({
        "requests": proposal.steps.len(),
        "summary": proposal.summary,
        "forecast": changes,
        "refused": refused,
        "sent": sent,
    })
}
