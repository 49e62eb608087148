//! What the benchmarks share: made traffic, and the sweeps they time.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "code of tests and benchmarks: a panic is how it reports"
)]

pub mod sweep_bench;
pub mod traffic;
