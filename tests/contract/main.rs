//! The contract, from both sides.
//!
//! - `requests`, `answers`, `errors`, `walks`: the client against canned answers written by hand from the published
//!   contract: what it sends, and that every shape the service has been seen to answer reads as it should.
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
mod errors;
mod requests;
mod round_trip;
mod walks;
