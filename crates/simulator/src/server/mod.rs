//! The simulator's HTTP face: decode → command or read → encode, nothing else. No rule is decided here.
//!
//! A [`Simulator`] holds a [`Sim`](crate::sim::Sim) and answers requests of the contract, in the page through
//! [`Simulator::transport`] and natively through [`Simulator::handle`]. What is not part of the contract (the clock, the
//! policy, another account, reads for charts) is asked of the same handle directly.

mod cache;
mod commands;
mod domains;
mod history;
mod metric_names;
mod metrics;
mod metrics_filter;
mod metrics_rows;
mod name_pattern;
mod pages;
mod read_context;
mod reads;
mod reject;
mod scope;
mod senders;
mod simulator;
mod support;

pub use reject::Rejection;
pub use simulator::{ChangeJournal, Simulator, SimulatorChange, Subscription};
