//! Made traffic and slow models that tests of several crates share.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "code of tests and benchmarks: a panic is how it reports"
)]

pub mod domains;
pub mod random;
pub mod records;
pub mod slow_model;
pub mod sweep_case;
pub mod sweep_naive;
pub mod sweep_slow;
pub mod traffic;
pub mod virtual_service;
pub mod virtual_time;
