//! Changes as tables to export.

use crate::export::Sheet;
use mailgun_pools::api::Write;
use poolkeeper_account::record::{ItemAnswer, ItemState, RecordedChange, SentRequest};
use poolkeeper_account::sending::ChangeResult;

/// What came of a change, a row for each request.
#[must_use]
pub fn result_sheet(result: &ChangeResult) -> Sheet {
    let mut sheet = Sheet::new(&["domain", "request", "outcome", "reason"]);
    let tried = result
        .steps
        .iter()
        .map(|tried| (&tried.step.write, ItemState::Answered(ItemAnswer::from(&tried.outcome))));
    let left = result.left.iter().map(|step| (&step.write, ItemState::Waiting));
    for (write, state) in tried.chain(left) {
        let domain = write.domain().map(ToString::to_string).unwrap_or_default();
        sheet
            .rows
            .push(vec![domain, line(write), state.word().to_owned(), reason(&state)]);
    }
    sheet
}

/// Changes of the record, a row for each request.
#[must_use]
pub fn record_sheet<'a>(changes: impl Iterator<Item = &'a RecordedChange>) -> Sheet {
    let mut sheet = Sheet::new(&[
        "time",
        "change",
        "who",
        "account",
        "on_behalf_of",
        "title",
        "forecast",
        "domain",
        "request",
        "outcome",
        "reason",
        "undoes",
        "undone_by",
    ]);
    for change in changes {
        let intent = &change.intent;
        let undone_by: Vec<&str> = change
            .undone_by
            .iter()
            .map(poolkeeper_account::record::ChangeId::as_str)
            .collect();
        for (item, state) in change.items() {
            sheet.rows.push(vec![
                intent.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                intent.id.to_string(),
                intent.who.clone().unwrap_or_default(),
                intent.account.address.clone(),
                intent
                    .account
                    .on_behalf_of
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                intent.title.clone(),
                intent.forecast.join("; "),
                item.domain().map(ToString::to_string).unwrap_or_default(),
                item.sent().map(|request| request.line()).unwrap_or_default(),
                state.word().to_owned(),
                reason(state),
                intent.undoes.as_ref().map(ToString::to_string).unwrap_or_default(),
                undone_by.join(" "),
            ]);
        }
    }
    sheet
}

fn line(write: &Write) -> String {
    write
        .request()
        .map_or_else(|_| String::new(), |request| SentRequest::of(&request).line())
}

fn reason(state: &ItemState) -> String {
    match state {
        ItemState::Answered(answer) => answer.reason().unwrap_or_default().to_owned(),
        ItemState::Waiting | ItemState::Sent => String::new(),
    }
}
