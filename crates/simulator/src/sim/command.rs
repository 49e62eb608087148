//! What can be asked of a [`Sim`](super::Sim), and what comes of it.

use super::{AccountIx, DomainIx, EnrollAllJob, RecordView};
use poolkeeper_core::health::Policy;
use poolkeeper_core::model::{AccountId, Band, DomainName, Ip, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account acted for: the parent or a subaccount.
    pub account: AccountIx,
    /// The person's e-mail address, as history shows it.
    pub by: String,
}

impl Actor {
    /// A person acting for the parent account.
    #[must_use]
    pub fn parent(by: &str) -> Self {
        Self {
            account: AccountIx::PARENT,
            by: by.to_owned(),
        }
    }
}

/// Where an enrolled domain's mail goes when enrolment takes its IPs, as the service documents it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolmentReplacement {
    /// One IP.
    Ip(Ip),
    /// The word `shared`.
    Shared,
}

/// Where a domain that leaves the dynamic pools sends from (R7).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovalReplacement {
    /// One IP, or several dedicated ones.
    Ips(Vec<Ip>),
    /// The shared IPs, where the account may use them.
    Shared,
    /// A dedicated pool, by identifier.
    Pool(String),
}

/// Everything that can be asked. Nothing else changes a simulated account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Sets the IPs of all three pools; what they held is replaced (R2–R5).
    SetPools {
        /// For the good pool.
        good: Vec<Ip>,
        /// For the poor pool.
        poor: Vec<Ip>,
        /// For the new pool.
        new: Vec<Ip>,
    },
    /// Removes all three pools (R6).
    RemovePools,
    /// Adds IPs to a pool and removes others, both or neither (R2–R4).
    ChangePool {
        /// The pool.
        pool: Band,
        /// IPs to add.
        add: Vec<Ip>,
        /// IPs to remove.
        remove: Vec<Ip>,
    },
    /// Enrolls one domain (R1); its first pool comes from a health check.
    Enroll {
        /// The domain.
        domain: DomainName,
        /// Checked as a replacement would be, otherwise without effect.
        replacement_ip: Option<EnrolmentReplacement>,
    },
    /// Takes a domain out (R7).
    Unenroll {
        /// The domain.
        domain: DomainName,
        /// Where it sends from then on.
        replacement: RemovalReplacement,
    },
    /// Starts the job that enrolls every domain (R8).
    EnrollAll {
        /// Whether the domains of subaccounts are meant too.
        include_subaccounts: bool,
    },
    /// Pins a domain's pool (R10).
    SetOverride {
        /// The domain.
        domain: DomainName,
        /// The pool.
        pool: Band,
    },
    /// Unpins a domain's pool (R10).
    ClearOverride {
        /// The domain.
        domain: DomainName,
    },
    /// Ends an IP's warm-up: it counts as warm from then on (R3).
    CancelWarmUp {
        /// The IP.
        ip: Ip,
    },
    /// Links IPs to subaccounts and unlinks others, after the rules' check (R13). Links are not kept: nothing here depends on them.
    LinkIps {
        /// The subaccounts; `None` for all.
        subaccounts: Option<Vec<AccountId>>,
        /// IPs to link.
        link: Vec<Ip>,
        /// IPs to unlink.
        unlink: Vec<Ip>,
    },
    /// Changes what health checks go by, from the next check on. The simulator's own control.
    SetPolicy(Policy),
    /// Moves the clock on; checks and the job run on the way. The simulator's own control.
    Advance {
        /// Seconds, 1 to [`MAX_ADVANCE_SECONDS`].
        seconds: u64,
    },
}

/// The longest single step of the clock: 366 days.
pub const MAX_ADVANCE_SECONDS: u64 = 366 * 86_400;

/// What an accepted command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandResult {
    /// Positions in history of the records it wrote.
    pub records: Range<u32>,
    /// Domains the job it started will work through.
    pub job_total: Option<u32>,
}

/// Where a domain stands: its pool, and whether that is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DomainPlacement {
    /// The band, and so the pool.
    pub band: Band,
    /// Whether an override pins it.
    pub is_overridden: bool,
}

/// A domain that a command changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainChange {
    /// The domain.
    pub ix: DomainIx,
    /// Its name.
    pub name: DomainName,
    /// Where it stands; `None` when not enrolled.
    pub from: Option<DomainPlacement>,
    /// Where it would stand; `None` when not enrolled.
    pub to: Option<DomainPlacement>,
}

/// An IP that a command moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpChange {
    /// The IP.
    pub ip: Ip,
    /// The dynamic pool it is in.
    pub from: Option<Band>,
    /// The dynamic pool it would be in.
    pub to: Option<Band>,
}

/// What a command would do: the difference between the state and a copy on which it was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects {
    /// Domains whose band, override or enrolment changes, in order of position.
    pub domains: Vec<DomainChange>,
    /// IPs that enter, leave or change dynamic pools, in the order the account lists them.
    pub ips: Vec<IpChange>,
    /// IPs whose warm-up would end, in the order the account lists them.
    pub warmed: Vec<Ip>,
    /// History records that would be written, oldest first.
    pub records: Vec<RecordView>,
    /// The policy it would set, where that differs.
    pub policy: Option<Policy>,
    /// The job it would start. The domains and records are then those of the finished job, as if it took no time.
    pub job: Option<EnrollAllJob>,
    /// The instant the clock would show.
    pub now: Timestamp,
}
