//! The entries, as they are stored.

use crate::change::{ChangeStep, Proposal};
use crate::former_senders::FormerSenders;
use crate::sending::StepOutcome;
use chrono::{DateTime, Utc};
use mailgun_pools::api::Write;
use mailgun_pools::transport::{Body, Method, Request};
use poolkeeper_core::model::{AccountId, DomainName};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Items of a change at most; an account of 100,000 domains changes them all in two.
pub const MOST_ITEMS: usize = 50_000;

/// Characters of a reason that are kept.
const MOST_REASON_CHARS: usize = 300;

/// What names a change in the record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChangeId(String);

impl ChangeId {
    /// A name that no other change has, from the time and a random number.
    #[must_use]
    pub fn new(at: DateTime<Utc>, random: u64) -> Self {
        Self(format!("{}-{random:016x}", at.format("%Y%m%dT%H%M%S")))
    }

    /// As text: digits, letters and `-`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_valid(&self) -> bool {
        let may_be = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=64).contains(&self.0.len()) && self.0.bytes().all(may_be)
    }
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for ChangeId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// The account that a change is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAccount {
    /// Its name for people: `EU`, or its name in the program's file.
    pub name: String,
    /// Where its requests go.
    pub address: String,
    /// The subaccount acted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<AccountId>,
}

impl RecordAccount {
    /// Whether both are the same account. Its name is only for people.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let address = |account: &Self| account.address.trim_end_matches('/').to_owned();
        address(self) == address(other) && self.on_behalf_of == other.on_behalf_of
    }
}

/// A request as it went through the program, without headers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SentRequest {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// Query pairs, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// Form fields, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
}

impl SentRequest {
    /// What the client is about to send.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self {
            method: request.method,
            path: request.path.clone(),
            query: request.query.clone(),
            fields: match &request.body {
                Body::Form(fields) => fields.clone(),
                _ => Vec::new(),
            },
        }
    }

    /// One line for people: `PUT /v1/… pool=dynamic_good`.
    #[must_use]
    pub fn line(&self) -> String {
        let pairs = self.query.iter().chain(&self.fields);
        let pairs = pairs.map(|(key, value)| format!(" {key}={value}")).collect::<String>();
        format!("{} {}{pairs}", self.method, self.path)
    }
}

/// What an item asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemRequest {
    /// A change that this client knows.
    Write(Write),
    /// A request that came to the program without being announced.
    Other(SentRequest),
}

/// One request of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedItem {
    /// The request.
    pub request: ItemRequest,
    /// What takes it back, where the API can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Write>,
    /// The account of its domain, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The account it is sent on behalf of, where that is another than the one acted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<AccountId>,
}

impl RecordedItem {
    /// The domain that it changes, where it is one.
    #[must_use]
    pub const fn domain(&self) -> Option<&DomainName> {
        match &self.request {
            ItemRequest::Write(write) => write.domain(),
            ItemRequest::Other(_) => None,
        }
    }

    /// The change, where this client knows it.
    #[must_use]
    pub const fn write(&self) -> Option<&Write> {
        match &self.request {
            ItemRequest::Write(write) => Some(write),
            ItemRequest::Other(_) => None,
        }
    }

    /// The request as it is sent; `None` where a name can't be part of a path.
    #[must_use]
    pub fn sent(&self) -> Option<SentRequest> {
        match &self.request {
            ItemRequest::Write(write) => write.request().ok().map(|request| SentRequest::of(&request)),
            ItemRequest::Other(request) => Some(request.clone()),
        }
    }

    /// The step that sends it, where this client knows it.
    #[must_use]
    pub fn step(&self) -> Option<ChangeStep> {
        Some(ChangeStep {
            write: self.write()?.clone(),
            undo: self.undo.clone(),
            account: self.account.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
        })
    }
}

impl From<&ChangeStep> for RecordedItem {
    fn from(step: &ChangeStep) -> Self {
        Self {
            request: ItemRequest::Write(step.write.clone()),
            undo: step.undo.clone(),
            account: step.account.clone(),
            on_behalf_of: step.on_behalf_of.clone(),
        }
    }
}

/// A change that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeIntent {
    /// Its name in the record.
    pub id: ChangeId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, where the program knows people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Of which account.
    pub account: RecordAccount,
    /// What it is called: what its button said.
    pub title: String,
    /// What was expected of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forecast: Vec<String>,
    /// Whether each item stands for itself.
    #[serde(default)]
    pub is_bulk: bool,
    /// The change that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<ChangeId>,
    /// What the domains that it enrolls sent from before.
    #[serde(default, skip_serializing_if = "FormerSenders::is_empty")]
    pub former_senders: Box<FormerSenders>,
    /// Its requests, in order.
    pub items: Vec<RecordedItem>,
}

impl ChangeIntent {
    /// A proposal that is about to be sent.
    #[must_use]
    pub fn of(
        proposal: &Proposal,
        id: ChangeId,
        at: DateTime<Utc>,
        account: RecordAccount,
        forecast: Vec<String>,
    ) -> Self {
        Self {
            id,
            at,
            who: None,
            account,
            title: proposal.confirm.clone(),
            forecast,
            is_bulk: proposal.is_bulk,
            undoes: None,
            former_senders: Box::default(),
            items: proposal.steps.iter().map(RecordedItem::from).collect(),
        }
    }
}

/// How an item ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemAnswer {
    /// The service made it.
    Made,
    /// The dry run refused it, so it was not sent; why.
    Refused(String),
    /// The service did not make it; why.
    Failed(String),
    /// The answer does not say whether it was made; why.
    Unknown(String),
    /// Its answer is lost, and the account shows that it was not made.
    NotMade,
}

impl ItemAnswer {
    /// By an answer's status. `reason` is what it says, or why there is none.
    #[must_use]
    pub fn of_status(status: u16, reason: &str) -> Self {
        let reason = if reason.is_empty() {
            format!("status {status}")
        } else {
            format!("{status}: {reason}")
        };
        match status {
            200..=299 => Self::Made,
            300..=499 => Self::Failed(clipped(&reason)),
            _ => Self::Unknown(clipped(&reason)),
        }
    }

    /// Why it was not made, or is not known to be.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Made | Self::NotMade => None,
            Self::Refused(why) | Self::Failed(why) | Self::Unknown(why) => Some(why),
        }
    }
}

impl From<&StepOutcome> for ItemAnswer {
    fn from(outcome: &StepOutcome) -> Self {
        let why = || clipped(&outcome.problem().map(|advice| advice.happened).unwrap_or_default());
        match outcome {
            StepOutcome::Done => Self::Made,
            StepOutcome::Refused(_) => Self::Refused(why()),
            StepOutcome::Failed(_) => Self::Failed(why()),
            StepOutcome::Unknown(_) => Self::Unknown(why()),
        }
    }
}

fn clipped(reason: &str) -> String {
    reason.chars().take(MOST_REASON_CHARS).collect()
}

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordEntry {
    /// A change is about to be sent.
    Intended(ChangeIntent),
    /// An item of it is about to be sent.
    Sent {
        /// The change.
        change: ChangeId,
        /// The item, from 0.
        item: usize,
        /// When.
        at: DateTime<Utc>,
    },
    /// An item of it has an outcome.
    Answered {
        /// The change.
        change: ChangeId,
        /// The item, from 0.
        item: usize,
        /// When.
        at: DateTime<Utc>,
        /// The outcome.
        answer: ItemAnswer,
    },
    /// No more of it is sent: it is over, or a person left it as it is.
    Ended {
        /// The change.
        change: ChangeId,
        /// When.
        at: DateTime<Utc>,
    },
}

impl RecordEntry {
    /// The change that it belongs to.
    #[must_use]
    pub const fn change(&self) -> &ChangeId {
        match self {
            Self::Intended(intent) => &intent.id,
            Self::Sent { change, .. } | Self::Answered { change, .. } | Self::Ended { change, .. } => change,
        }
    }

    /// When it was written.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Intended(intent) => intent.at,
            Self::Sent { at, .. } | Self::Answered { at, .. } | Self::Ended { at, .. } => *at,
        }
    }

    /// Whether it keeps its bounds, where it comes from elsewhere.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        let is_short = match self {
            Self::Intended(intent) => (1..=MOST_ITEMS).contains(&intent.items.len()),
            Self::Answered { answer, .. } => answer
                .reason()
                .is_none_or(|why| why.chars().count() <= MOST_REASON_CHARS),
            Self::Sent { .. } | Self::Ended { .. } => true,
        };
        is_short && self.change().is_valid()
    }
}
