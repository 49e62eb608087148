//! The contract, from both sides.
//!
//! - `requests`, `answers`, `errors`, `walks`: the client against canned answers written by hand from the published
//!   contract: what it sends, and that every shape the service has been seen to answer reads as it should.
//! - `suite`: every operation, parameter and rule, over any transport; `embedded` runs it over the simulator in the same
//!   process.
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
mod embedded;
mod errors;
mod requests;
mod round_trip;
mod simulator;
mod walks;
