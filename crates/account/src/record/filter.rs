//! Which changes a person looks for.

use super::{ChangeOutcome, ItemRequest, RecordedChange};
use chrono::{DateTime, Utc};
use mailgun_pools::api::Write;

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Overrides, set or cleared.
    Overrides,
    /// Enrollment, of some domains or of all.
    Enrollment,
    /// Domains taken out of the pools.
    Removal,
    /// The pools' IPs, their warm-ups and links.
    Pools,
    /// A request that came to the program without being announced.
    Other,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Overrides,
        Self::Enrollment,
        Self::Removal,
        Self::Pools,
        Self::Other,
    ];

    /// For people and addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overrides => "overrides",
            Self::Enrollment => "enrollment",
            Self::Removal => "removal",
            Self::Pools => "pools",
            Self::Other => "other",
        }
    }

    /// What a change is about, by its first item.
    #[must_use]
    pub fn of(change: &RecordedChange) -> Self {
        match change.intent.items.first().map(|item| &item.request) {
            Some(ItemRequest::Write(write)) => match write {
                Write::SetOverride { .. } | Write::RemoveOverride { .. } => Self::Overrides,
                Write::Enroll { .. } | Write::EnrollAll { .. } => Self::Enrollment,
                Write::RemoveDomain { .. } => Self::Removal,
                Write::SetPools(_)
                | Write::RemovePools
                | Write::AddIp { .. }
                | Write::ChangePool { .. }
                | Write::CancelWarmUp { .. }
                | Write::LinkIps { .. } => Self::Pools,
            },
            Some(ItemRequest::Other(_)) | None => Self::Other,
        }
    }
}

/// What to look for. What is `None` or empty does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// Part of a domain's name.
    pub domain: String,
    /// What it is about.
    pub kind: Option<ChangeKind>,
    /// What it came to.
    pub outcome: Option<ChangeOutcome>,
    /// Not before this.
    pub from: Option<DateTime<Utc>>,
    /// Before this.
    pub until: Option<DateTime<Utc>>,
}

impl RecordFilter {
    /// Whether a change is looked for.
    #[must_use]
    pub fn fits(&self, change: &RecordedChange) -> bool {
        let wanted = self.domain.trim().to_ascii_lowercase();
        let is_named = |name: &str| name.to_ascii_lowercase().contains(&wanted);
        let is_of_domain = || {
            change.intent.items.iter().any(|item| match &item.request {
                ItemRequest::Write(write) => write.domain().is_some_and(|name| is_named(name.as_str())),
                ItemRequest::Other(request) => is_named(&request.path),
            })
        };
        self.kind.is_none_or(|kind| ChangeKind::of(change) == kind)
            && self.outcome.is_none_or(|outcome| change.outcome() == outcome)
            && self.from.is_none_or(|from| change.intent.at >= from)
            && self.until.is_none_or(|until| change.intent.at < until)
            && (wanted.is_empty() || is_of_domain())
    }
}
