//! The unchanging part of the domains, and finding one by name.

use super::{AccountIx, DomainIx};
use poolkeeper_core::model::{DomainName, Timestamp};

/// One domain's unchanging part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DirectoryEntry {
    pub(super) name: DomainName,
    pub(super) account: AccountIx,
    pub(super) registered_at: Timestamp,
}

/// All domains by position and by name. Follows from the traffic's source, so it is never saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DomainDirectory {
    listings: Vec<DirectoryEntry>,
    by_name: Vec<DomainIx>,
}

impl DomainDirectory {
    pub(super) fn new(listings: Vec<DirectoryEntry>) -> Self {
        let mut by_name: Vec<(&str, DomainIx)> = (0..)
            .zip(&listings)
            .map(|(ix, listing)| (listing.name.as_str(), DomainIx(ix)))
            .collect();
        by_name.sort_unstable();
        let by_name = by_name.into_iter().map(|(_, ix)| ix).collect();
        Self { listings, by_name }
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.listings.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn get(&self, ix: DomainIx) -> Option<&DirectoryEntry> {
        self.listings.get(ix.0 as usize)
    }

    /// Positions in the order of names.
    pub(super) fn by_name(&self) -> &[DomainIx] {
        &self.by_name
    }

    pub(super) fn find(&self, name: &DomainName) -> Option<DomainIx> {
        let at = self
            .by_name
            .binary_search_by(|ix| self.get(*ix).map(|listing| &listing.name).cmp(&Some(name)))
            .ok()?;
        self.by_name.get(at).copied()
    }
}
