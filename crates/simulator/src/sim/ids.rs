//! Positions inside a [`Sim`](super::Sim) and the identifiers the outside sees.

use super::noise::hash;
use serde::{Deserialize, Serialize};

/// A domain's position in the simulated account, from 0. Never reused, never reordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DomainIx(pub u32);

/// An account's position: 0 is the parent, the others are its subaccounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountIx(pub u32);

impl AccountIx {
    /// The parent account.
    pub const PARENT: Self = Self(0);

    /// Whether this is the parent account.
    #[must_use]
    pub const fn is_parent(self) -> bool {
        self.0 == 0
    }
}

/// A person's position in the list of people who acted; 0 is the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonIx(pub u32);

impl PersonIx {
    /// The service itself: scheduled checks.
    pub const SYSTEM: Self = Self(0);
}

/// What an identifier belongs to; part of what it is derived from, so that no two kinds collide.
#[derive(Clone, Copy, Debug)]
pub(super) enum IdKind {
    Account = 1,
    Domain = 2,
    Record = 3,
    DynamicPool = 4,
    DedicatedPool = 5,
}

/// The 24 hexadecimal digits of the `index`th thing of a kind.
pub(super) fn id24(seed: u64, kind: IdKind, index: u64) -> String {
    let high = hash(seed ^ (0x1d00 + kind as u64), index);
    let low = hash(high, index) >> 32;
    format!("{high:016x}{low:08x}")
}
