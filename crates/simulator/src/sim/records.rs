//! History records and domain events: compact entries in append-only logs.

use super::{AccountIx, DomainIx, PersonIx};
use poolkeeper_core::health::{Check, Metric, Policy};
use poolkeeper_core::model::{Band, Counts, Day, Timestamp};
use serde::{Deserialize, Serialize};

/// Why a domain's band was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MoveReason {
    /// It was enrolled.
    Enrolled,
    /// A person pinned it.
    OverrideSet,
    /// One metric alone decided.
    Metric(Metric),
    /// Several metrics agreed.
    Multiple,
    /// It processed too little, and the policy sends such domains back to new.
    BelowMinimum,
}

impl MoveReason {
    /// The reason a check gives, when it voted for a band.
    #[must_use]
    pub fn of(check: &Check) -> Self {
        let mut deciding = check.deciding();
        match (deciding.next(), deciding.next()) {
            (None, _) => Self::BelowMinimum,
            (Some(metric), None) => Self::Metric(metric),
            (Some(_), Some(_)) => Self::Multiple,
        }
    }

    /// The reason in the service's words.
    #[must_use]
    pub fn text(self, new_band: Band) -> String {
        match self {
            Self::Enrolled => "Enrolled".to_owned(),
            Self::OverrideSet => "Override set".to_owned(),
            Self::Metric(metric) => format!("{} in {} threshold", metric.wire_name(), new_band.word()),
            Self::Multiple => format!("Multiple metrics in {} threshold", new_band.word()),
            Self::BelowMinimum => "processed_count below minimum".to_owned(),
        }
    }
}

/// One history record (R12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveRecord {
    /// When.
    pub at: Timestamp,
    /// The domain.
    pub domain: DomainIx,
    /// The band it left; `None` for an enrolment.
    pub prev_band: Option<Band>,
    /// The band it went to.
    pub new_band: Band,
    /// Why.
    pub reason: MoveReason,
    /// The window's counts at that time.
    pub counts: Counts,
    /// Who.
    pub by: PersonIx,
}

impl MoveRecord {
    /// The UTC day the record belongs to: a scheduled check's is the day it closed, though it runs as that day ends.
    #[must_use]
    pub fn day(&self) -> Day {
        let back = if self.is_by_check() { -1 } else { 0 };
        self.at.plus_seconds(back).day()
    }

    /// Whether a scheduled check made it.
    #[must_use]
    pub const fn is_by_check(&self) -> bool {
        match self.reason {
            MoveReason::Enrolled | MoveReason::OverrideSet => false,
            MoveReason::Metric(_) | MoveReason::Multiple | MoveReason::BelowMinimum => true,
        }
    }

    /// Whether the domain changed band; an enrolment is no move.
    #[must_use]
    pub const fn is_move(&self) -> bool {
        self.prev_band.is_some()
    }
}

/// A record with its position in history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordView {
    /// Its position, 0 the oldest.
    pub ix: u32,
    /// The record.
    pub record: MoveRecord,
}

/// What history is narrowed to; an empty filter lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// One domain's records only.
    pub domain: Option<DomainIx>,
    /// Records of domains of these accounts only; `None` for all.
    pub accounts: Option<Vec<AccountIx>>,
    /// Only records before this instant.
    pub before: Option<Timestamp>,
    /// Only records after this instant.
    pub after: Option<Timestamp>,
    /// Only moves to this band.
    pub moved_to: Option<Band>,
    /// Only moves from this band.
    pub moved_from: Option<Band>,
}

/// Something that happened to a domain from outside the health checks: what a replay has to honour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainEvent {
    /// When. A check at the same instant ran before it.
    pub at: Timestamp,
    /// What.
    pub kind: DomainEventKind,
}

/// What happened to a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainEventKind {
    /// It was enrolled into a band.
    Enrolled {
        /// The band.
        band: Band,
    },
    /// It was taken out.
    Unenrolled,
    /// An override pinned it to a band.
    Pinned {
        /// The band.
        band: Band,
    },
    /// The override was removed.
    Unpinned,
}

/// The policy from an instant on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyChange {
    /// When. A check at the same instant still went by the policy before.
    pub at: Timestamp,
    /// The policy from then on.
    pub policy: Policy,
}
