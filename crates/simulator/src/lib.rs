//! An account of Mailgun's Dynamic IP Pools, simulated.
//!
//! - [`sim`]: the account itself: a closed set of commands, a clock, a seed;
//! - [`persistence`]: what is kept of an account, so that a reload, a crash or a second tab loses nothing;
//! - [`server`]: its HTTP face, which answers the published contract.

pub mod persistence;
pub mod server;
pub mod sim;
