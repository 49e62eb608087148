//! Poolkeeper: a console, simulator and what-if lab for Mailgun's Dynamic IP Pools.
//!
//! Modules in reading order; each may use those above it as the list in `ARCHITECTURE.md` says, never one below:
//!
//! 1. [`model`] — values: bands, pools, days, counts, records. No clock, no I/O.
//! 2. [`health`] — the banding rule: policy, votes, the latch, and what a verdict would take to change.
//! 3. [`traffic`] — daily counts of many domains, in columns.
//! 4. [`ingest`] — a CSV of daily counts, streamed into a traffic table.
//! 5. [`sim`] — an account that obeys the rules: pools, enrolment, traffic, scheduled checks, history.
//! 6. [`record`] — what is kept of a simulated account, so that a reload, a crash or a second tab loses nothing.
//! 7. [`whatif`] — the lab: what another policy would have done to the same traffic.
//! 8. [`transport`] — requests, responses, and the seam everything remote goes through.
//! 9. [`wire`] — the published contract: paths, queries, bodies, dates, paging, error shapes.
//! 10. [`server`] — the simulator's HTTP face, and the controls beside it.
//! 11. [`api`] — the client: one method an operation, one error type.
//! 12. [`fork`] — a live account, copied into the simulator.
//! 13. [`worker`] — the lab off the page's thread: messages, the traffic's way, whose turn it is; both ends.
//! 14. [`ui`] — the app: texts and geometry always, the rest with the `ui` feature.

pub mod api;
#[cfg(feature = "cli")]
pub mod cli;
pub mod fork;
pub mod health;
pub mod ingest;
pub mod model;
pub mod record;
pub mod server;
pub mod sim;
pub mod traffic;
pub mod transport;
pub mod ui;
pub mod whatif;
pub mod wire;
pub mod worker;
