//! One thing that a person may want to hear.

use chrono::{DateTime, Utc};
use poolkeeper_core::checked_lines::fnv;
use poolkeeper_core::model::{Band, Rate};
use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A domain moved to a worse pool.
    Fell,
    /// A domain moved to a better pool.
    Rose,
    /// A domain moves to a worse pool soon, if it goes on as in its latest days.
    AboutToFall,
    /// A domain's rate is far above its usual one.
    Unusual,
    /// A pool's IPs carry far more than usual, or more than the limit.
    PoolOverload,
    /// A pool has one IP left that is not warming up, or none.
    LastWarmIp,
    /// An override ends soon, or has ended.
    OverrideEnds,
    /// An IP is warm.
    WarmUpFinished,
    /// The service disabled a domain.
    DomainDisabled,
    /// A check moved a domain although the policy says otherwise.
    Contradiction,
    /// The service does not answer.
    ServiceAway,
}

impl NoticeKind {
    /// All kinds, in the order in which a message lists them.
    pub const ALL: [Self; 11] = [
        Self::ServiceAway,
        Self::Fell,
        Self::AboutToFall,
        Self::DomainDisabled,
        Self::LastWarmIp,
        Self::PoolOverload,
        Self::Unusual,
        Self::OverrideEnds,
        Self::Contradiction,
        Self::Rose,
        Self::WarmUpFinished,
    ];

    /// Its word in files: `about_to_fall`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fell => "fell",
            Self::Rose => "rose",
            Self::AboutToFall => "about_to_fall",
            Self::Unusual => "unusual",
            Self::PoolOverload => "pool_overload",
            Self::LastWarmIp => "last_warm_ip",
            Self::OverrideEnds => "override_ends",
            Self::WarmUpFinished => "warm_up_finished",
            Self::DomainDisabled => "domain_disabled",
            Self::Contradiction => "contradiction",
            Self::ServiceAway => "service_away",
        }
    }

    /// A heading for several of them.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Fell => "Fell",
            Self::Rose => "Rose",
            Self::AboutToFall => "About to fall",
            Self::Unusual => "Far above the usual rate",
            Self::PoolOverload => "IPs with too much mail",
            Self::LastWarmIp => "Last warm IP",
            Self::OverrideEnds => "Overrides that end",
            Self::WarmUpFinished => "Warm-ups finished",
            Self::DomainDisabled => "Disabled by Mailgun",
            Self::Contradiction => "Moved against the policy",
            Self::ServiceAway => "Mailgun does not answer",
        }
    }
}

/// The figures of a notice, for programs. What is not known or does not apply is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeFacts {
    /// The band before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Band>,
    /// The band after, or the one to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Band>,
    /// The reason, in the service's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The bounce rate, a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounce_rate: Option<Rate>,
    /// The complaint rate, a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaint_rate: Option<Rate>,
    /// Messages processed in the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processed_count: Option<u64>,
    /// Days until the check that moves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Days without events until it is good again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clean_days: Option<u32>,
    /// The day that did the most, such as `2026-07-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
}

/// A notice: what happened, to what, and what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchNotice {
    /// Its identifier: the same for the same event, however often it is sent.
    pub id: String,
    /// What it is about.
    pub kind: NoticeKind,
    /// The account, by its name in the file of accounts.
    pub account: String,
    /// When it happened, or was first seen.
    pub at: DateTime<Utc>,
    /// The domain, pool, IP or account.
    pub subject: String,
    /// The subaccount that the domain belongs to, by name or identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subaccount: Option<String>,
    /// One sentence without a full stop.
    pub title: String,
    /// More sentences.
    pub lines: Vec<String>,
    /// Its figures.
    pub facts: NoticeFacts,
}

impl WatchNotice {
    /// Title and sentences as one text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.title.clone();
        for line in &self.lines {
            text.push_str("\n  ");
            text.push_str(line);
        }
        text
    }
}

/// A rate with few digits, so that it is the same after it was written and read.
pub(crate) fn short_rate(rate: Rate) -> Rate {
    Rate((rate.0 * 1e9).round() / 1e9)
}

/// An identifier of what these parts name.
#[must_use]
pub fn notice_id(parts: &[&str]) -> String {
    format!("{:016x}", fnv(parts.join("\n").as_bytes()))
}
