//! The columns of a file, and their separators.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CsvColumn {
    /// `date`
    Date,
    /// `domain`
    Domain,
    /// `processed`
    Processed,
    /// `delivered`
    Delivered,
    /// `bounced`
    Bounced,
    /// `complained`
    Complained,
    /// `account`, the only one that may be missing.
    Account,
}

impl CsvColumn {
    /// The required columns, in the documented order.
    pub const NEEDED: [Self; 6] = [
        Self::Date,
        Self::Domain,
        Self::Processed,
        Self::Delivered,
        Self::Bounced,
        Self::Complained,
    ];

    /// The columns with counts.
    pub const COUNTS: [Self; 4] = [Self::Processed, Self::Delivered, Self::Bounced, Self::Complained];

    /// Its name in the header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Domain => "domain",
            Self::Processed => "processed",
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Account => "account",
        }
    }

    /// Names of the column in the exports of services and programs, the preferred one first.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Date => &[
                "date",
                "day",
                "time",
                "ts",
                "timestamp",
                "datetime",
                "send_date",
                "datum",
            ],
            Self::Domain => &[
                "domain",
                "sending_domain",
                "domain_name",
                "from_domain",
                "sender_domain",
                "email_identity",
                "sending_identity",
                "identity",
                "absenderdomain",
                "versanddomain",
            ],
            Self::Processed => &[
                "processed",
                "processed_count",
                "count_sent",
                "sent",
                "sent_count",
                "sends",
                "send",
                "emails_sent",
                "messages_sent",
                "total_sent",
                "requests",
                "accepted_outgoing",
                "gesendet",
                "versendet",
            ],
            Self::Delivered => &[
                "delivered",
                "delivered_count",
                "deliveries",
                "count_accepted",
                "delivery",
                "emails_delivered",
                "delivered_total",
                "zugestellt",
            ],
            Self::Bounced => &[
                "bounced",
                "bounced_count",
                "bounces",
                "count_bounce",
                "bounce",
                "bounce_count",
                "total_bounces",
                "failed_permanent_bounce",
                "unzustellbar",
            ],
            Self::Complained => &[
                "complained",
                "complained_count",
                "complaints",
                "spam_reports",
                "spam_complaints",
                "count_spam_complaint",
                "complaint",
                "complaint_count",
                "complaints_count",
                "spamreports",
                "spam_report",
                "complained_total",
                "beschwerden",
                "spam_beschwerden",
            ],
            Self::Account => &["account", "subaccount"],
        }
    }

    /// The column of a name, and the name's rank; 0 is the preferred name.
    pub(super) fn of(name: &str) -> Option<(Self, usize)> {
        let name = normal_name(name);
        let mut all = Self::NEEDED.into_iter().chain([Self::Account]);
        all.find_map(|column| {
            let rank = column.names().iter().position(|known| *known == name)?;
            Some((column, rank))
        })
    }
}

/// Pairs of columns with hard and soft bounces, which are bounced messages together.
pub(super) const BOUNCE_PAIRS: [[&str; 2]; 8] = [
    ["hard_bounces", "soft_bounces"],
    ["hardbounces", "softbounces"],
    ["hard_bounces_count", "soft_bounces_count"],
    ["hard_bounced", "soft_bounced"],
    ["hard_bounce", "soft_bounce"],
    ["permanent_bounces", "transient_bounces"],
    ["permanent_bounce", "transient_bounce"],
    ["bounces_hard", "bounces_soft"],
];

impl fmt::Display for CsvColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The separator of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Pipe,
}

impl Separator {
    pub(super) const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe];

    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Pipe => "pipe",
        })
    }
}

/// A column's name without regard to case, and with `_` for spaces and other marks.
pub(super) fn normal_name(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace([' ', '-', '.'], "_")
}
