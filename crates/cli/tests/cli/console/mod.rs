//! The console server as a browser and an attacker meet it: the program itself, over real connections.
//!
//! - `attacks`: what must be refused, noted, and never reach the service.
//! - `passing`: what passes, and what of it.
//! - `accounts`: where accounts and keys come from.
//! - `record`: the record of changes.
//! - `bulk`: many changes over a service that fails, with the program killed in the middle.
//! - `page`: the page's files, and the headers of every answer.

#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

mod accounts;
mod attacks;
mod bulk;
mod page;
mod passing;
pub mod program;
pub mod raw;
pub mod record;
pub mod service;
