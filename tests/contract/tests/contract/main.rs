//! The contract, from both sides.
//!
//! - `requests`, `answers`, `errors`, `walks`: the client against canned answers written by hand from the published
//!   contract: what it sends, and that every shape the service has been seen to answer reads as it should.
//! - `suite`: every operation, parameter and rule, over any transport; `embedded` runs it over the simulator in the same
//!   process.
//! - `described`, `openapi`: what the client sends and the simulator answers, against the description in `openapi.json`.
//! - `native`: the sender for programs against servers that misbehave.
//! - `simulator`: the handle beside the contract.
//! - `round_trip`: what the simulator writes, the client reads back unchanged.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

mod answers;
mod canned;
mod described;
mod embedded;
mod errors;
mod native;
mod openapi;
mod requests;
mod round_trip;
mod simulator;
mod walks;
