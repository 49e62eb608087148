//! Notices, routing and warnings, on simulated accounts.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod conditions;
mod scores;
