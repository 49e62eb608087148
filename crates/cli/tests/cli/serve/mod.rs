//! `poolkeeper serve` as a client meets it: the program itself, over real connections.
//!
//! - `access`: host names, pages of other sites, the controls' header.
//! - `contract`: the whole contract suite, each case against a server of its own.
//! - `face`: authentication, CORS, forms of every kind, the rate limit, faults, the clock.
//! - `keeping`: the state over `kill -9`, a full disk, a second server, the clean stop, traffic from a CSV.
//! - `passing`: the clock beside requests.

#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

mod access;
mod contract;
mod face;
pub mod http;
pub mod keeping;
mod passing;
pub mod process;
