//! The record for the page: its latest lines, and what the page adds.

use super::file::{ChangeRecordFile, now};
use crate::console::accounts::AccountConfig;
use crate::console::answer::{Answer, message, with_body};
use crate::console::gate::{ConsoleUser, RequestRefusal, UserRole};
use crate::console::request_parts::{acts_for, whole_body};
use crate::console::upstream::Upstream;
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::request::Parts;
use poolkeeper_account::record::{RecordAccount, RecordEntry};
use poolkeeper_core::model::AccountId;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The largest change announces an item for each of an account's domains.
const LARGEST_BODY_BYTES: usize = 16_000_000;

/// What the page asks of the record.
pub(in crate::console) struct RecordApi {
    file: Option<Arc<ChangeRecordFile>>,
    /// One at a time: each may hold the largest body or answer.
    turn: Semaphore,
}

impl RecordApi {
    /// `file` is `None` where nothing may be changed.
    pub(in crate::console) fn new(file: Option<Arc<ChangeRecordFile>>) -> Self {
        Self {
            file,
            turn: Semaphore::new(1),
        }
    }

    /// The latest lines.
    pub(in crate::console) async fn read(&self) -> Answer {
        let Some(file) = self.file.clone() else {
            return with_body(StatusCode::OK, "text/plain; charset=utf-8", "");
        };
        let _turn = self.turn.acquire().await;
        match tokio::task::spawn_blocking(move || file.latest()).await {
            Ok(Ok(lines)) => with_body(StatusCode::OK, "text/plain; charset=utf-8", lines),
            Ok(Err(error)) => message(
                StatusCode::INTERNAL_SERVER_ERROR,
                &format!("The record of changes can't be read: {error}"),
            ),
            Err(_) => message(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The record of changes can't be read.",
            ),
        }
    }

    /// Appends what the page says about changes of an account.
    pub(in crate::console) async fn append(
        &self,
        upstream: &Upstream,
        user: &ConsoleUser,
        parts: &Parts,
        body: &mut Body,
    ) -> Result<Answer, RequestRefusal> {
        let account = upstream.config();
        let Some(file) = self.file.clone().filter(|_| account.may_change) else {
            let text = "This account is read-only here, so nothing is recorded.";
            return Err(RequestRefusal::new(
                StatusCode::FORBIDDEN,
                "record while read-only",
                text,
            ));
        };
        if user.role != UserRole::Operator {
            let text = "You may read this account, not change it.";
            return Err(RequestRefusal::new(StatusCode::FORBIDDEN, "record by a viewer", text));
        }
        let _turn = self.turn.acquire().await;
        let body = whole_body(&parts.headers, body, LARGEST_BODY_BYTES).await?;
        let bad = || {
            RequestRefusal::new(
                StatusCode::BAD_REQUEST,
                "no record entries",
                "These are no entries of the record.",
            )
        };
        let text = String::from_utf8(body.into()).map_err(|_| bad())?;
        let mut entries: Vec<RecordEntry> = serde_json::from_str(&upstream.redacted(text)).map_err(|_| bad())?;
        for entry in &mut entries {
            // Only this program says that something was sent.
            if matches!(entry, RecordEntry::Sent { .. }) || !entry.is_bounded() {
                return Err(bad());
            }
            stamp(entry, account, user)?;
        }
        match tokio::task::spawn_blocking(move || file.append(&entries)).await {
            Ok(Ok(())) => Ok(with_body(StatusCode::OK, "application/json", "{}")),
            Ok(Err(error)) => Ok(not_recorded(&error)),
            Err(_) => Ok(message(
                StatusCode::INSUFFICIENT_STORAGE,
                "The record of changes stopped.",
            )),
        }
    }
}

/// Puts in what the page has no say in: when, who, and which account.
fn stamp(entry: &mut RecordEntry, of: &AccountConfig, user: &ConsoleUser) -> Result<(), RequestRefusal> {
    match entry {
        RecordEntry::Intended(intent) => {
            let asked = intent.account.on_behalf_of.take();
            let on_behalf_of = acts_for(of, asked.as_ref().map(|id| id.0.as_str()))?;
            intent.at = now();
            intent.who.clone_from(&user.name);
            intent.account = record_account(of, on_behalf_of);
        }
        RecordEntry::Sent { at, .. } | RecordEntry::Answered { at, .. } | RecordEntry::Ended { at, .. } => *at = now(),
    }
    Ok(())
}

/// An account as the record names it.
pub(in crate::console) fn record_account(of: &AccountConfig, on_behalf_of: Option<String>) -> RecordAccount {
    RecordAccount {
        name: of.name.clone(),
        address: of.base.as_str().to_owned(),
        on_behalf_of: on_behalf_of.map(AccountId),
    }
}

/// The answer where an entry is not on disk.
pub(in crate::console) fn not_recorded(error: &std::io::Error) -> Answer {
    message(
        StatusCode::INSUFFICIENT_STORAGE,
        &format!(
            "The record of changes could not be written: {error}. Nothing was sent. Free some space or repair the disk, then \
             send it again."
        ),
    )
}
