//! Why a command was refused, in words and for machines.

use poolkeeper_core::model::{Band, DomainName, Ip};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// What sort of refusal it is; each has its HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// 400: the request itself makes no sense.
    BadInput,
    /// 403: a feature or role is missing.
    Forbidden,
    /// 404: no such domain, pool or IP.
    NotFound,
    /// 409: it makes sense, but not in the state the account is in.
    Conflict,
    /// 507: the change could not be stored.
    NotStored,
}

impl RefusalKind {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadInput => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::NotStored => 507,
        }
    }
}

/// A rule of the service, as `docs/simulator-differences.md` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rule {
    /// All three pools hold IPs before any domain is enrolled.
    R1,
    /// Every IP in a dynamic pool is dedicated and belongs to the account.
    R2,
    /// Each dynamic pool holds at least one IP that is not warming, after every change.
    R3,
    /// One IP is in at most one dynamic pool.
    R4,
    /// Setting all pools replaces whatever they held.
    R5,
    /// Removing all pools needs every domain to be out first.
    R6,
    /// Leaving needs exactly one replacement, and its IPs are in no dedicated and no dynamic pool.
    R7,
    /// Enrolling all domains is a background job for users of the parent account.
    R8,
    /// A periodic health check assigns each enrolled domain's pool.
    R9,
    /// An override pins the pool until it is removed.
    R10,
    /// A preview changes nothing.
    R11,
    /// Every change of band leaves a history record.
    R12,
    /// An IP in a dynamic pool can't be linked to a subaccount.
    R13,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What a refusal is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalSubject {
    /// An IP.
    Ip(Ip),
    /// A dynamic pool.
    Pool(Band),
    /// A dedicated pool, by identifier.
    DedicatedPool(String),
    /// A domain.
    Domain(DomainName),
    /// An account, by name.
    Account(String),
    /// A field of the request or the policy, by name.
    Field(String),
    /// The enrol-all job.
    Job,
}

/// A command that was refused; the state is as it was before.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Refusal {
    /// What sort.
    pub kind: RefusalKind,
    /// The rule that stands against it, where one does.
    pub rule: Option<Rule>,
    /// Everything the refusal is about: every offending IP of a request, not just the first.
    pub subjects: Vec<RefusalSubject>,
    /// What is wrong, where, and what to do, for people.
    pub message: String,
}

impl Refusal {
    pub(super) fn new(
        kind: RefusalKind,
        rule: Option<Rule>,
        subject: RefusalSubject,
        message: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            rule,
            subjects: vec![subject],
            message: message.into(),
        }
    }

    /// A change that could not be stored, and so was not made.
    #[must_use]
    pub fn not_stored(message: impl Into<String>) -> Self {
        Self {
            kind: RefusalKind::NotStored,
            rule: None,
            subjects: Vec::new(),
            message: message.into(),
        }
    }

    pub(super) fn field(name: &str, message: impl Into<String>) -> Self {
        Self::new(
            RefusalKind::BadInput,
            None,
            RefusalSubject::Field(name.to_owned()),
            message,
        )
    }
}
