//! A simulated account that obeys the rules R1–R13.
//!
//! A [`Sim`] holds everything: accounts, IPs, pools, domains, the policy, the clock, history. It is changed by
//! [`Sim::apply`] and a [`Command`] alone; a command that breaks a rule is refused whole, with a [`Refusal`] that says
//! what is wrong, where, and what to do. [`Sim::dry_run`] says what a command would do. The clock and the seed come in
//! as arguments: the same seed and the same commands give the same account, to the byte.
//!
//! | rule | kept in |
//! | --- | --- |
//! | R1, R7, R8, R10 | `enrolment.rs`, `job.rs` |
//! | R2–R6 | `pools.rs` |
//! | R9, R12 | `clock.rs` |
//! | R13 | `ip_commands.rs` |
//! | R11 | `preview.rs` |

mod apply;
mod build;
mod clock;
mod command;
mod directory;
mod enrolment;
mod generator;
mod history;
mod ids;
mod import;
mod ip_commands;
mod ips;
mod job;
mod log;
mod noise;
mod per_band;
mod pools;
mod preview;
mod reads;
mod records;
mod refusal;
mod scenario;
mod snapshot;
mod state;

pub use build::AccountBuilder;
pub use command::{
    Actor, Command, CommandResult, DomainChange, DomainPlacement, Effects, EnrolmentReplacement, IpChange,
    MAX_ADVANCE_SECONDS, RemovalReplacement,
};
pub use ids::{AccountIx, DomainIx, PersonIx};
pub use import::{AccountImport, AccountInventory, ImportNotes};
pub use ips::{IpProblem, WARM_UP_STAGE_SECONDS, WARM_UP_STAGES, may_join, may_link, may_replace};
pub use per_band::PerBand;
pub use preview::PreviewVerdict;
pub use records::{DomainEvent, DomainEventKind, HistoryFilter, MoveReason, MoveRecord, PolicyChange, RecordView};
pub use refusal::{Refusal, RefusalKind, RefusalSubject, Rule};
pub use scenario::{MAX_PAST_DAYS, MAX_SIZE, ScenarioKind, ScenarioSpec};
pub use snapshot::SnapshotError;
pub use state::{
    AccountIp, AccountOrigin, AccountPool, AccountStatus, DayMoves, DayTotals, DomainView, EnrollAllJob, Enrolment,
    JOB_SECONDS_PER_DOMAIN, LastCheck, SendsFrom, Sim, SimAccount,
};
