//! What a person enters to reach a live account.

use mailgun_pools::transport::{ApiKey, BaseUrl};
use poolkeeper_core::model::AccountId;

/// Which of Mailgun's regions, or somewhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    /// Mailgun's servers in the US.
    Us,
    /// Mailgun's servers in the EU.
    Eu,
    /// Another address: a proxy elsewhere, a simulator's server.
    Other,
}

impl Region {
    /// In the order they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::Us, Self::Eu, Self::Other];

    /// One word, for storage and the header.
    #[must_use]
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Us => "US",
            Self::Eu => "EU",
            Self::Other => "Other",
        }
    }

    /// The region with an identifier.
    #[must_use]
    pub(crate) fn by_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|region| region.id() == id)
    }

    /// Where a reverse proxy on the page's own origin passes it on, as `docs/hosting.md` sets it up.
    #[must_use]
    pub(crate) const fn usual_address(self) -> &'static str {
        match self {
            Self::Us => "/mailgun/us/",
            Self::Eu => "/mailgun/eu/",
            Self::Other => "http://127.0.0.1:8025",
        }
    }
}

/// What a person entered, ready to be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectionForm {
    pub(crate) region: Region,
    /// Where requests go.
    pub(crate) base: BaseUrl,
    /// The key; empty where the proxy adds its own.
    pub(crate) key: ApiKey,
    /// The subaccount acted for.
    pub(crate) acts_for: Option<AccountId>,
}

impl ConnectionForm {
    /// What the header calls the account.
    pub(super) fn place(&self) -> String {
        match self.region {
            Region::Other => self.base.host().to_owned(),
            region => region.id().to_owned(),
        }
    }
}
