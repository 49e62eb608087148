//! The three reputation bands and the names of their pools in the API.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A reputation band. Each enrolled domain is in one, and each band has one dynamic IP pool.
///
/// Ordered from worst to best: `Poor < New < Good`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Band {
    /// High bounce or complaint rates.
    Poor = 0,
    /// Too little mail to judge yet.
    New = 1,
    /// Rates within the good thresholds.
    Good = 2,
}

impl Band {
    /// All bands in the order people read them: good, poor, new.
    pub const ALL: [Self; 3] = [Self::Good, Self::Poor, Self::New];

    /// The pool's name in the API: `dynamic_good`, `dynamic_poor`, `dynamic_new`.
    #[must_use]
    pub const fn pool_name(self) -> &'static str {
        match self {
            Self::Good => "dynamic_good",
            Self::Poor => "dynamic_poor",
            Self::New => "dynamic_new",
        }
    }

    /// The key under which the pool's IPs are set and listed: `good_reputation`, `poor_reputation`, `new_senders`.
    #[must_use]
    pub const fn reputation_key(self) -> &'static str {
        match self {
            Self::Good => "good_reputation",
            Self::Poor => "poor_reputation",
            Self::New => "new_senders",
        }
    }

    /// One word, lower case: `good`, `poor`, `new`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Poor => "poor",
            Self::New => "new",
        }
    }

    /// The band of a pool name as the API spells it.
    #[must_use]
    pub fn from_pool_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.pool_name() == name)
    }

    /// Position in [`Band::ALL`], for arrays with one entry a band.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Good => 0,
            Self::Poor => 1,
            Self::New => 2,
        }
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A pool name as the service sent it. An unknown name is kept and shown as received.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PoolName {
    /// One of the three dynamic pools.
    Known(Band),
    /// Any other name, as received.
    Unknown(String),
}

impl PoolName {
    /// Reads a name; never fails.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        Band::from_pool_name(name).map_or_else(|| Self::Unknown(name.to_owned()), Self::Known)
    }

    /// The name as the API spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(band) => band.pool_name(),
            Self::Unknown(name) => name,
        }
    }

    /// The band, when the name is known.
    #[must_use]
    pub const fn band(&self) -> Option<Band> {
        match self {
            Self::Known(band) => Some(*band),
            Self::Unknown(_) => None,
        }
    }
}

impl From<Band> for PoolName {
    fn from(band: Band) -> Self {
        Self::Known(band)
    }
}

impl fmt::Display for PoolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for PoolName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for PoolName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self::parse(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_pool_names_survive() {
        for name in ["dynamic_excellent", "", "Dynamic_Good"] {
            assert_eq!(PoolName::parse(name).as_str(), name);
            assert_eq!(PoolName::parse(name).band(), None);
        }
        assert_eq!(PoolName::parse("dynamic_poor").band(), Some(Band::Poor));
    }

    #[test]
    fn bands_are_ordered_worst_to_best() {
        assert!(Band::Poor < Band::New && Band::New < Band::Good);
    }
}
