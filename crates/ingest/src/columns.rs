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

    pub(super) fn of(name: &str) -> Option<Self> {
        let mut all = Self::NEEDED.into_iter().chain([Self::Account]);
        all.find(|column| name.eq_ignore_ascii_case(column.name()))
    }
}

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
}

impl Separator {
    pub(super) const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
        })
    }
}
