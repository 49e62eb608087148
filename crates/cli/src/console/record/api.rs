//! The record for the page: its latest lines, and what the page adds.

use crate::accounts::AccountConfig;
use crate::clock::now_utc;
use crate::console::answer::{Answer, message, with_body};
use crate::console::gate::{ConsoleUser, RequestRefusal, UserRole};
use crate::console::request_parts::{acts_for, query_value, whole_body};
use crate::console::upstream::Upstream;
use crate::record::{ChangeRecordFile, LONGEST_NAME_BYTES, written_elsewhere};
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::request::Parts;
use poolkeeper_account::record::{ChangeId, RecordAccount, RecordEntry};
use poolkeeper_core::model::AccountId;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The largest change announces an item for each of an account's domains.
const LARGEST_BODY_BYTES: usize = 16_000_000;

/// Where the record is.
pub(in crate::console) enum RecordSource {
    /// A file that this process writes.
    Written(Arc<ChangeRecordFile>),
    /// What another process wrote, where nothing may be changed. There may be none.
    ReadOnly(Option<PathBuf>),
}

/// What the page asks of the record.
pub(in crate::console) struct RecordApi {
    source: RecordSource,
    /// One at a time: each may hold the largest body or answer.
    turn: Semaphore,
}

impl RecordApi {
    pub(in crate::console) fn new(source: RecordSource) -> Self {
        Self {
            source,
            turn: Semaphore::new(1),
        }
    }

    /// The latest lines.
    pub(in crate::console) async fn read(&self) -> Answer {
        let _turn = self.turn.acquire().await;
        let read = match &self.source {
            RecordSource::Written(file) => {
                let file = Arc::clone(file);
                tokio::task::spawn_blocking(move || file.latest()).await
            }
            RecordSource::ReadOnly(path) => {
                let path = path.clone();
                tokio::task::spawn_blocking(move || {
                    path.map_or_else(|| Ok(Vec::new()), |path| written_elsewhere(&path))
                })
                .await
            }
        };
        match read {
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

    /// The file, for a person who may change the account.
    fn file_of(&self, account: &AccountConfig, user: &ConsoleUser) -> Result<Arc<ChangeRecordFile>, RequestRefusal> {
        let (RecordSource::Written(file), true) = (&self.source, account.may_change) else {
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
        Ok(Arc::clone(file))
    }

    /// Lets the page go on with a change, unless another page sends it.
    pub(in crate::console) fn take_turn(
        &self,
        account: &AccountConfig,
        user: &ConsoleUser,
        parts: &Parts,
    ) -> Result<Answer, RequestRefusal> {
        let file = self.file_of(account, user)?;
        let change = ChangeId::from(&*name(parts, "change")?);
        if file.take_turn(&change, &name(parts, "sender")?) {
            return Ok(with_body(StatusCode::OK, "application/json", "{}"));
        }
        Ok(message(StatusCode::CONFLICT, "Another page is sending this change."))
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
        let file = self.file_of(account, user)?;
        let sender = name(parts, "sender")?;
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
        match tokio::task::spawn_blocking(move || file.append(&entries, &sender)).await {
            Ok(Ok(())) => Ok(with_body(StatusCode::OK, "application/json", "{}")),
            Ok(Err(error)) => Ok(not_recorded(&error)),
            Err(_) => Ok(message(
                StatusCode::INSUFFICIENT_STORAGE,
                "The record of changes stopped.",
            )),
        }
    }
}

/// A name that the page gave: of itself, or of a change.
fn name(parts: &Parts, parameter: &str) -> Result<String, RequestRefusal> {
    let name = query_value(parts.uri.query().unwrap_or_default(), parameter).unwrap_or_default();
    if name.len() > LONGEST_NAME_BYTES {
        let text = format!("The parameter {parameter} is too long.");
        return Err(RequestRefusal::new(StatusCode::BAD_REQUEST, "a long name", text));
    }
    Ok(name)
}

/// Puts in what the page has no say in: when, who, and which account.
fn stamp(entry: &mut RecordEntry, of: &AccountConfig, user: &ConsoleUser) -> Result<(), RequestRefusal> {
    match entry {
        RecordEntry::Intended(intent) => {
            let asked = intent.account.on_behalf_of.take();
            let on_behalf_of = acts_for(of, asked.as_ref().map(|id| id.0.as_str()))?;
            intent.at = now_utc();
            intent.who.clone_from(&user.name);
            intent.account = record_account(of, on_behalf_of);
        }
        RecordEntry::Sent { at, .. } | RecordEntry::Answered { at, .. } | RecordEntry::Ended { at, .. } => {
            *at = now_utc()
        }
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
